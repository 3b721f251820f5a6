//! One row: what is wrong with it, or the conversion that it tells.

use std::fmt;

use chrono::{DateTime, NaiveDateTime};
use serde::{Deserialize, Serialize};
use stratum_core::money::MAX_MINOR;
use stratum_core::time::{DAY_MS, MINUTE_MS};
use stratum_core::{Currency, Timestamp, enumeration};

use super::columns::{Columns, OfflineColumn};
use super::policy::{OfflinePolicy, OfflineSource};
use crate::conversion::common;
use crate::conversion::{
    ActionSource, AdConsent, AdDecision, ConversionEvent, ConversionProperties, ConversionUser,
    RawIdentifier, StandardEvent,
};
use crate::decimal::Decimal;
use crate::identifier::{CleaningPolicy, Identifier, IdentifierType, trim};

/// Older than this, a row gets a warning: Meta takes nothing older, and attribution fades.
const OLD_AFTER_MS: i64 = 7 * DAY_MS;
/// How far ahead of `now` a row may lie before it is disbelieved.
const AHEAD_MS: i64 = 5 * MINUTE_MS;
/// The most characters of an id.
const MOST_ID_CHARS: usize = 128;
/// The most characters of a click id.
const MOST_CLICK_CHARS: usize = 512;
/// The most characters of an event's name.
const MOST_NAME_CHARS: usize = 255;

enumeration! {
    /// What became of a row.
    pub enum RowStatus "row status" {
        /// It is a conversion.
        Accepted = "accepted",
        /// It is not: see its problems.
        Refused = "refused",
        /// The same order and event came before.
        Duplicate = "duplicate",
    }
}

enumeration! {
    /// What is wrong with a row, or worth knowing of it.
    pub enum RowCode "row code" {
        /// It has more or fewer cells than the header.
        WrongColumnCount = "wrong_column_count",
        /// It is longer than 64 KiB.
        TooLong = "too_long",
        /// It is not UTF-8.
        NotUtf8 = "not_utf8",
        /// It has no order id.
        MissingExternalRef = "missing_external_ref",
        /// A text is too long, or has a control character.
        InvalidText = "invalid_text",
        /// It does not say when.
        MissingTime = "missing_time",
        /// When cannot be read.
        InvalidTime = "invalid_time",
        /// When has no time zone, so it could be any of 38 hours.
        TimeWithoutZone = "time_without_zone",
        /// It lies more than five minutes ahead.
        InFuture = "in_future",
        /// What it is worth cannot be read: a plain decimal, 0 or more.
        InvalidValue = "invalid_value",
        /// A purchase without a value, or a value without a currency.
        MissingValueOrCurrency = "missing_value_or_currency",
        /// The currency is none.
        InvalidCurrency = "invalid_currency",
        /// A decision about ads is neither `granted` nor `denied`.
        InvalidConsent = "invalid_consent",
        /// Nothing by which a person can be told.
        NoIdentifiers = "no_identifiers",
        /// An identifier cannot be read, or stands for nobody (`unknown`, `noreply@…`), and was left out.
        IdentifierInvalid = "identifier_invalid",
        /// It is older than seven days.
        OlderThan7Days = "older_than_7_days",
    }
}

/// What is wrong, and in which column.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct RowProblem {
    /// What.
    pub code: RowCode,
    /// In which column; nothing where it is about the row.
    pub column: Option<OfflineColumn>,
}

/// What became of one row.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct OfflineRow {
    /// The line of the file on which it begins, from 1; the header is one, too.
    pub line: u64,
    /// What became of it.
    pub status: RowStatus,
    /// Everything that is wrong with it.
    pub problems: Vec<RowProblem>,
    /// What is worth knowing of one that is right.
    pub warnings: Vec<RowProblem>,
    /// What it is worth, in minor units of the event's currency.
    pub value_cents: Option<i64>,
    /// The conversion that it tells; its `event_id` is the file's hash and the line, so that a file that is sent twice counts once.
    pub event: Option<ConversionEvent>,
}

impl fmt::Debug for OfflineRow {
    /// Without the conversion: it names a person.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OfflineRow")
            .field("line", &self.line)
            .field("status", &self.status)
            .field("problems", &self.problems)
            .field("warnings", &self.warnings)
            .finish_non_exhaustive()
    }
}

impl OfflineRow {
    pub(super) fn refused(line: u64, problems: Vec<RowProblem>) -> Self {
        Self {
            line,
            status: RowStatus::Refused,
            problems,
            warnings: Vec::new(),
            value_cents: None,
            event: None,
        }
    }

    pub(super) const fn duplicate(line: u64) -> Self {
        Self {
            line,
            status: RowStatus::Duplicate,
            problems: Vec::new(),
            warnings: Vec::new(),
            value_cents: None,
            event: None,
        }
    }
}

pub(super) const fn about_row(code: RowCode) -> RowProblem {
    RowProblem { code, column: None }
}

const fn about(column: OfflineColumn, code: RowCode) -> RowProblem {
    RowProblem { code, column: Some(column) }
}

/// The cells of a row.
pub(super) struct Cells<'a> {
    pub(super) columns: &'a Columns,
    pub(super) texts: Vec<&'a str>,
}

impl<'a> Cells<'a> {
    /// What a cell says; `None` if it is blank or there is no such column. The apostrophe that keeps a spreadsheet from taking
    /// a text for a formula is no part of it.
    fn given(&self, column: OfflineColumn) -> Option<&'a str> {
        let text = trim(self.texts.get(self.columns.place(column)?)?);
        let bare = text.strip_prefix('\'').filter(|rest| crate::spreadsheet::is_formula(rest));
        Some(bare.unwrap_or(text)).filter(|text| !text.is_empty())
    }
}

/// Reads a row: the conversion, or everything that is wrong.
pub(super) fn read(line: u64, cells: &Cells<'_>, policy: &OfflinePolicy) -> OfflineRow {
    let mut problems = Vec::new();
    let mut warnings = Vec::new();
    let external_ref = id(cells, OfflineColumn::ExternalRef, MOST_ID_CHARS)
        .and_then(|id| id.ok_or(about(OfflineColumn::ExternalRef, RowCode::MissingExternalRef)));
    let external_ref = keep(external_ref, &mut problems);
    let event_name = keep(id(cells, OfflineColumn::EventName, MOST_NAME_CHARS), &mut problems).flatten();
    let event_name = standard(event_name.unwrap_or(OfflinePolicy::DEFAULT_EVENT));
    let time = keep(occurred_at(cells, policy.now), &mut problems);
    let currency = currency(cells, policy);
    let purchase = event_name.eq_ignore_ascii_case(OfflinePolicy::DEFAULT_EVENT);
    let value = match &currency {
        Ok(currency) => keep(value(cells, *currency, purchase), &mut problems).flatten(),
        // In which unit the value is nobody knows.
        Err(_) => None,
    };
    let currency = keep(currency, &mut problems).flatten();
    let consent = keep(consent(cells), &mut problems).unwrap_or_default();

    let mut event = ConversionEvent {
        event_id: String::new(),
        event_name: event_name.to_owned(),
        event_time: time.unwrap_or(policy.now),
        action_source: action_source(policy.source),
        event_source_url: None,
        identifiers: Vec::new(),
        user: ConversionUser::default(),
        app: None,
        properties: ConversionProperties {
            value: value.zip(currency).and_then(|(minor, currency)| common::major(minor, currency)),
            currency: value.and(currency).map(|currency| currency.to_string()),
            order_id: external_ref.map(str::to_owned),
            ..ConversionProperties::default()
        },
        consent,
        test_event_code: None,
    };
    if !identify(cells, policy, &mut event, &mut warnings) {
        problems.push(about_row(RowCode::NoIdentifiers));
    }
    if !problems.is_empty() {
        return OfflineRow::refused(line, problems);
    }
    if policy.now.millis_since(event.event_time) > OLD_AFTER_MS {
        warnings.push(about(OfflineColumn::OccurredAt, RowCode::OlderThan7Days));
    }
    OfflineRow {
        line,
        status: RowStatus::Accepted,
        problems,
        warnings,
        value_cents: value,
        event: Some(event),
    }
}

/// What was read, or `None` with the problem noted.
fn keep<T>(part: Result<T, RowProblem>, problems: &mut Vec<RowProblem>) -> Option<T> {
    part.map_err(|problem| problems.push(problem)).ok()
}

/// The standard name where a name is one but for its case: else a PURCHASE would be checked as one and sent as something else.
fn standard(name: &str) -> &str {
    if StandardEvent::named(name).is_some() { name } else { StandardEvent::spelled(name).unwrap_or(name) }
}

/// A text that is an id or a name.
fn id<'a>(cells: &Cells<'a>, column: OfflineColumn, most: usize) -> Result<Option<&'a str>, RowProblem> {
    let Some(text) = cells.given(column) else { return Ok(None) };
    if is_plain(text, most) { Ok(Some(text)) } else { Err(about(column, RowCode::InvalidText)) }
}

fn occurred_at(cells: &Cells<'_>, now: Timestamp) -> Result<Timestamp, RowProblem> {
    let problem = |code| about(OfflineColumn::OccurredAt, code);
    let text = cells.given(OfflineColumn::OccurredAt).ok_or(problem(RowCode::MissingTime))?;
    let at = instant(text).map_err(problem)?;
    if at > now.plus_millis(AHEAD_MS) { Err(problem(RowCode::InFuture)) } else { Ok(at) }
}

/// RFC 3339, or the same with a space in the middle and the zone as `+02:00`, ` +02:00` or `+0200`.
fn instant(text: &str) -> Result<Timestamp, RowCode> {
    if let Ok(at) = text.parse() {
        return Ok(at);
    }
    let zoned =
        ["%Y-%m-%d %H:%M:%S%.f%z", "%Y-%m-%d %H:%M:%S%.f %z", "%Y-%m-%dT%H:%M:%S%.f%z", "%Y-%m-%d %H:%M%z"];
    if let Some(at) = zoned.iter().find_map(|form| DateTime::parse_from_str(text, form).ok()) {
        return Timestamp::from_millis(at.timestamp_millis()).map_err(|_| RowCode::InvalidTime);
    }
    let local = ["%Y-%m-%d %H:%M:%S%.f", "%Y-%m-%dT%H:%M:%S%.f", "%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M"];
    let is_local = local.iter().any(|form| NaiveDateTime::parse_from_str(text, form).is_ok());
    Err(if is_local { RowCode::TimeWithoutZone } else { RowCode::InvalidTime })
}

fn currency(cells: &Cells<'_>, policy: &OfflinePolicy) -> Result<Option<Currency>, RowProblem> {
    match cells.given(OfflineColumn::Currency) {
        Some(text) => {
            text.parse().map(Some).map_err(|_| about(OfflineColumn::Currency, RowCode::InvalidCurrency))
        }
        None => Ok(policy.currency),
    }
}

/// Minor units: those of the file, else from its major units by the exponent of the currency.
fn value(cells: &Cells<'_>, currency: Option<Currency>, purchase: bool) -> Result<Option<i64>, RowProblem> {
    let cents = cells.given(OfflineColumn::ValueCents).map(|text| (OfflineColumn::ValueCents, text));
    let given = cents.or_else(|| cells.given(OfflineColumn::Value).map(|text| (OfflineColumn::Value, text)));
    let Some((column, text)) = given else {
        let missing = about(OfflineColumn::Value, RowCode::MissingValueOrCurrency);
        return if purchase { Err(missing) } else { Ok(None) };
    };
    let currency = currency.ok_or(about(OfflineColumn::Currency, RowCode::MissingValueOrCurrency))?;
    let invalid = about(column, RowCode::InvalidValue);
    let per_unit = if column == OfflineColumn::ValueCents { 1 } else { currency.minor_per_major() };
    if column == OfflineColumn::ValueCents && text.contains('.') {
        return Err(invalid);
    }
    let minor = Decimal::of_text(text).map(|amount| amount.units(per_unit)).ok_or(invalid)?;
    i64::try_from(minor).ok().filter(|minor| (0..=MAX_MINOR).contains(minor)).map(Some).ok_or(invalid)
}

fn consent(cells: &Cells<'_>) -> Result<AdConsent, RowProblem> {
    let decision = |column| match cells.given(column) {
        None => Ok(None),
        Some(text) => {
            text.parse::<AdDecision>().map(Some).map_err(|_| about(column, RowCode::InvalidConsent))
        }
    };
    Ok(AdConsent {
        ad_user_data: decision(OfflineColumn::AdUserData)?,
        ad_personalization: decision(OfflineColumn::AdPersonalization)?,
    })
}

/// Adds what tells whose it is; `false` if nothing does. What cannot be read, and what stands for nobody under every policy of
/// cleaning, is left out with a warning: no platform would be told of it.
fn identify(
    cells: &Cells<'_>,
    policy: &OfflinePolicy,
    event: &mut ConversionEvent,
    warnings: &mut Vec<RowProblem>,
) -> bool {
    let mut found = false;
    let mut accept = |column, value: Option<String>| {
        if value.is_none() {
            warnings.push(about(column, RowCode::IdentifierInvalid));
        }
        found |= value.is_some();
        value
    };
    let cleaning = CleaningPolicy::standard().with_default_region(policy.default_region);
    let known = [
        (OfflineColumn::Email, IdentifierType::Email),
        (OfflineColumn::Phone, IdentifierType::Phone),
        (OfflineColumn::ExternalId, IdentifierType::ExternalId),
    ];
    for (column, kind) in known {
        let Some(text) = cells.given(column) else { continue };
        let fits = column != OfflineColumn::ExternalId || is_plain(text, MOST_ID_CHARS);
        let clean = Identifier::clean(kind, text, &cleaning).ok().filter(|_| fits);
        if let Some(value) = accept(column, clean.map(Identifier::into_value)) {
            event.identifiers.push(RawIdentifier { kind, value });
        }
    }
    let mut click = |column| cells.given(column).and_then(|text| accept(column, click_id(text)));
    let user = &mut event.user;
    user.gclid = click(OfflineColumn::Gclid);
    user.gbraid = click(OfflineColumn::Gbraid);
    user.wbraid = click(OfflineColumn::Wbraid);
    user.fbclid = click(OfflineColumn::Fbclid);
    user.ttclid = click(OfflineColumn::Ttclid);
    user.sccid = click(OfflineColumn::Sclid);
    found
}

fn is_plain(text: &str, most: usize) -> bool {
    text.chars().count() <= most && !text.chars().any(char::is_control)
}

/// Click ids are what platforms put into URLs: visible ASCII.
fn click_id(text: &str) -> Option<String> {
    let fits = text.len() <= MOST_CLICK_CHARS && text.bytes().all(|byte| byte.is_ascii_graphic());
    fits.then(|| text.to_owned())
}

const fn action_source(source: OfflineSource) -> ActionSource {
    match source {
        OfflineSource::Crm | OfflineSource::Api => ActionSource::SystemGenerated,
        OfflineSource::Pos => ActionSource::PhysicalStore,
        OfflineSource::CallCenter => ActionSource::PhoneCall,
        OfflineSource::Manual | OfflineSource::CsvUpload => ActionSource::Other,
    }
}

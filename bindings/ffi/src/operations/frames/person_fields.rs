//! `person.normalize` over a column for each field.

use serde::Deserialize;
use serde_json::Value;
use stratum_cdp::person::{PersonContext, PersonField, PersonValue};
use stratum_core::problem::Problems;
use stratum_core::time::Date;
use stratum_core::vocabulary::Platform;

use crate::batch::{
    Batch, ColumnKind, ColumnSpec, Columns, Output, Run, Table, TextColumn, Texts, policy_of,
};

pub(super) const FIRST_NAME: ColumnSpec =
    ColumnSpec::optional("first_name", ColumnKind::Text, "Given names, or the SHA-256 of them.");
pub(super) const LAST_NAME: ColumnSpec =
    ColumnSpec::optional("last_name", ColumnKind::Text, "Family names, or the SHA-256 of them.");
pub(super) const CITY: ColumnSpec = ColumnSpec::optional("city", ColumnKind::Text, "Cities.");
pub(super) const STATE: ColumnSpec =
    ColumnSpec::optional("state", ColumnKind::Text, "States, provinces or emirates.");
pub(super) const ZIP: ColumnSpec = ColumnSpec::optional("zip", ColumnKind::Text, "Postal codes.");
pub(super) const COUNTRY: ColumnSpec = ColumnSpec::optional(
    "country",
    ColumnKind::Text,
    "Countries, by code or English name; state and postal code of the row are read as its own.",
);
pub(super) const DATE_OF_BIRTH: ColumnSpec =
    ColumnSpec::optional("date_of_birth", ColumnKind::Text, "Days of birth.");
pub(super) const GENDER: ColumnSpec = ColumnSpec::optional("gender", ColumnKind::Text, "Genders.");

/// What is known of persons as it was typed, a column for each field. For each column `x` that is there the answer has `x` (the
/// text that Meta, TikTok and Snapchat take; null where nothing usable was there, or a hash), `x_refusal` (why there is nothing;
/// null where nothing was given) and, for each platform that is asked for, `x_meta`, …: what goes to it.
pub static BATCH: Batch = Batch {
    columns: &[FIRST_NAME, LAST_NAME, CITY, STATE, ZIP, COUNTRY, DATE_OF_BIRTH, GENDER],
    further: None,
    run: Run::Rows(run),
};

/// For whom the values are.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Options {
    platforms: Vec<Platform>,
    /// The last day on which a person can be born.
    latest_birth: Option<Date>,
}

fn run(policy: &Value, columns: &Columns<'_>) -> Result<Table, Problems> {
    let options: Options = policy_of(policy)?;
    Ok(normalize(Table::default(), columns, &options.platforms, options.latest_birth))
}

/// The table with what each platform wants of each field that is there.
pub(super) fn normalize(
    table: Table,
    columns: &Columns<'_>,
    platforms: &[Platform],
    latest_birth: Option<Date>,
) -> Table {
    let context = latest_birth
        .map_or_else(PersonContext::default, |day| PersonContext::default().with_latest_birth(day));
    let countries = columns.texts("country");
    PersonField::ALL.iter().fold(table, |table, &field| match columns.texts(field.as_str()) {
        Some(texts) => {
            let depends = matches!(field, PersonField::State | PersonField::Zip);
            column(table, field, &texts, countries.filter(|_| depends), context, platforms)
        }
        None => table,
    })
}

/// The context of each row. Rows of one country often stand together, and their country is read once.
struct Contexts<'a> {
    context: PersonContext,
    countries: Option<Texts<'a>>,
    last: Option<(&'a str, PersonContext)>,
}

impl Contexts<'_> {
    fn of(&mut self, row: usize) -> PersonContext {
        let Some(country) = self.countries.and_then(|countries| countries.get(row)) else {
            return self.context;
        };
        match self.last {
            Some((same, context)) if same == country => context,
            _ => {
                let context = self.context.with_country(country);
                self.last = Some((country, context));
                context
            }
        }
    }
}

fn column(
    table: Table,
    field: PersonField,
    texts: &Texts<'_>,
    countries: Option<Texts<'_>>,
    context: PersonContext,
    platforms: &[Platform],
) -> Table {
    let rows = texts.len();
    let mut contexts = Contexts { context, countries, last: None };
    let mut normal = TextColumn::with_capacity(rows, 12);
    let mut refusal = TextColumn::with_capacity(rows, 0);
    let mut sent: Vec<(Platform, TextColumn)> =
        platforms.iter().map(|platform| (*platform, TextColumn::with_capacity(rows, 64))).collect();
    for (row, raw) in texts.iter().enumerate() {
        let value = match raw {
            Some(raw) if PersonField::is_too_long(raw) => Err(Some("too_long")),
            Some(raw) => Ok(field.normalize(raw, &contexts.of(row))),
            None => Err(None),
        };
        refusal.push(match &value {
            Ok(value) => value.is_empty().then_some("nothing_usable"),
            Err(why) => *why,
        });
        let value = value.ok();
        normal.push(value.as_ref().and_then(PersonValue::meta));
        for (platform, column) in &mut sent {
            let goes = value.as_ref().and_then(|value| value.for_platform(*platform));
            column.push(goes.as_ref().map(|goes| goes.value.as_str()));
        }
    }
    let name = field.as_str();
    let table =
        table.with(name, Output::Texts(normal)).with(format!("{name}_refusal"), Output::Texts(refusal));
    sent.into_iter().fold(table, |table, (platform, column)| {
        table.with(format!("{name}_{}", platform.as_str().to_ascii_lowercase()), Output::Texts(column))
    })
}

//! From a record as the provider sends it to a contact or a deal.

use std::borrow::Cow;

use serde_json::Value;
use stratum_core::money::MAX_MINOR;
use stratum_core::problem::{Problem, ProblemCollector, Problems};
use stratum_core::{Currency, Timestamp};

use super::fields::{ContactField, CrmProvider, DealField, of_contact, of_deal};
use super::record::{CrmClickIds, CrmContact, CrmDeal, CrmUtm, CrmWarning};
use super::stages::{CrmSettings, DealStage};
use crate::decimal::Decimal;
use crate::identifier::{CleaningPolicy, Identifier, IdentifierType, trim};

/// A record that was read, and what of it was left out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mapped<T> {
    /// The record.
    pub record: T,
    /// What of it could not be read.
    pub warnings: Vec<CrmWarning>,
}

/// Reads the records of one provider by a tenant's settings.
#[derive(Debug, Clone)]
pub struct CrmReader {
    provider: CrmProvider,
    settings: CrmSettings,
    cleaning: CleaningPolicy,
}

impl CrmSettings {
    /// What reads the provider's records.
    #[must_use]
    pub fn reader(&self, provider: CrmProvider) -> CrmReader {
        CrmReader { provider, settings: self.clone(), cleaning: self.cleaning.policy() }
    }
}

impl CrmReader {
    /// A contact of HubSpot, or a contact or lead of Salesforce or Zoho.
    ///
    /// # Errors
    /// `wrong_type` if the record is no object, `missing_field` without an id or without the time of its last change: what
    /// cannot be told from an older state never overwrites a newer one.
    pub fn contact(&self, record: &Value) -> Result<Mapped<CrmContact>, Problems> {
        let mut fields = Fields::of(record)?;
        let at = |field: ContactField| {
            self.paths(self.settings.contact_fields.get(&field), of_contact(self.provider, field))
        };
        let id = fields.id(self.provider);
        let updated_at = fields.time(&at(ContactField::UpdatedAt));
        let lifecycle_stage = fields.text(&at(ContactField::Stage));
        let mut text = |field| fields.text(&at(field));
        let mut contact = CrmContact {
            provider: self.provider,
            id: String::new(),
            email: None,
            phone: None,
            first_name: text(ContactField::FirstName),
            last_name: text(ContactField::LastName),
            company: text(ContactField::Company),
            company_domain: text(ContactField::CompanyDomain).and_then(|website| domain(&website)),
            stage: lifecycle_stage.as_deref().map(|stage| self.settings.contact_stage(self.provider, stage)),
            lifecycle_stage,
            owner: text(ContactField::Owner),
            external_id: text(ContactField::ExternalId),
            client_id: text(ContactField::ClientId),
            click_ids: CrmClickIds {
                gclid: text(ContactField::Gclid),
                fbclid: text(ContactField::Fbclid),
                ttclid: text(ContactField::Ttclid),
                sclid: text(ContactField::Sclid),
            },
            utm: CrmUtm {
                source: text(ContactField::UtmSource),
                medium: text(ContactField::UtmMedium),
                campaign: text(ContactField::UtmCampaign),
                term: text(ContactField::UtmTerm),
                content: text(ContactField::UtmContent),
            },
            archived: fields.archived(self.provider),
            created_at: fields.time(&at(ContactField::CreatedAt)),
            updated_at: EPOCH,
            last_sync: fields.time(&at(ContactField::LastSync)),
        };
        contact.email = fields.identifier(IdentifierType::Email, &at(ContactField::Email), &self.cleaning);
        contact.phone = fields.identifier(IdentifierType::Phone, &at(ContactField::Phone), &self.cleaning);
        (contact.id, contact.updated_at) = named(id, updated_at)?;
        Ok(Mapped { record: contact, warnings: fields.warnings })
    }

    /// A deal of HubSpot or Zoho, or an opportunity of Salesforce.
    ///
    /// # Errors
    /// As for a [contact](Self::contact).
    pub fn deal(&self, record: &Value) -> Result<Mapped<CrmDeal>, Problems> {
        let mut fields = Fields::of(record)?;
        let at = |field: DealField| {
            self.paths(self.settings.deal_fields.get(&field), of_deal(self.provider, field))
        };
        let id = fields.id(self.provider);
        let updated_at = fields.time(&at(DealField::UpdatedAt));
        let pipeline = fields.text(&at(DealField::Pipeline));
        let deal_stage = fields.text(&at(DealField::Stage));
        let mapped = self.settings.deal_stage(
            self.provider,
            pipeline.as_deref().unwrap_or_default(),
            deal_stage.as_deref().unwrap_or_default(),
        );
        let currency = fields.currency(&at(DealField::Currency), self.settings.currency);
        let mut deal = CrmDeal {
            provider: self.provider,
            id: String::new(),
            name: fields.text(&at(DealField::Name)),
            pipeline,
            deal_stage,
            stage: if mapped == DealStage::Unmapped { fields.outcome(self.provider) } else { mapped },
            // An amount whose currency nobody knows is no amount.
            amount_cents: fields.amount(&at(DealField::Amount), currency),
            currency,
            closed_at: fields.time(&at(DealField::ClosedAt)),
            contact_ids: fields.ids(&at(DealField::Contacts)),
            owner: fields.text(&at(DealField::Owner)),
            archived: fields.archived(self.provider),
            created_at: fields.time(&at(DealField::CreatedAt)),
            updated_at: EPOCH,
            last_sync: fields.time(&at(DealField::LastSync)),
        };
        (deal.id, deal.updated_at) = named(id, updated_at)?;
        Ok(Mapped { record: deal, warnings: fields.warnings })
    }

    /// The tenant's property, then the provider's own.
    fn paths<'a>(&self, own: Option<&'a String>, shipped: &'static [&'static str]) -> Vec<Cow<'a, str>> {
        let own = own.map(|own| match self.provider {
            CrmProvider::Hubspot => Cow::Owned(format!("properties.{own}")),
            CrmProvider::Salesforce | CrmProvider::Zoho => Cow::Borrowed(own.as_str()),
        });
        own.into_iter().chain(shipped.iter().map(|&path| Cow::Borrowed(path))).collect()
    }
}

/// Stands until the time of the last change is known to be there.
const EPOCH: Timestamp = Timestamp::EPOCH;

fn named(id: Option<String>, updated_at: Option<Timestamp>) -> Result<(String, Timestamp), Problems> {
    let mut found = ProblemCollector::new();
    if id.is_none() {
        found.push(Problem::new("/id", "missing_field", "a record has an id"));
    }
    if updated_at.is_none() {
        let text = "without the time of its last change a record cannot be told from an older state";
        found.push(
            Problem::new("/updated_at", "missing_field", text)
                .help("ask the provider for it: updatedAt, SystemModstamp or Modified_Time"),
        );
    }
    match (id, updated_at) {
        (Some(id), Some(updated_at)) => found.into_result((id, updated_at)),
        _ => found.into_result((String::new(), EPOCH)),
    }
}

/// A record while it is read.
struct Fields<'a> {
    record: &'a Value,
    warnings: Vec<CrmWarning>,
}

impl<'a> Fields<'a> {
    fn of(record: &'a Value) -> Result<Self, Problems> {
        if record.is_object() {
            Ok(Self { record, warnings: Vec::new() })
        } else {
            let help = "give it as the provider's API answers it";
            Err(Problem::new("", "wrong_type", "a record is an object").help(help).into())
        }
    }

    /// The first of the places that holds something.
    fn find<P: AsRef<str>>(&self, paths: &'_ [P]) -> Option<(&'a Value, String)> {
        paths.iter().map(AsRef::as_ref).find_map(|path| {
            let value = path.split('.').try_fold(self.record, |value, step| value.get(step))?;
            let is_empty = match value {
                Value::Null => true,
                Value::String(text) => trim(text).is_empty(),
                _ => false,
            };
            (!is_empty).then(|| (value, format!("/{}", path.replace('.', "/"))))
        })
    }

    fn warn(&mut self, path: String, code: &'static str, message: impl Into<String>) {
        self.warnings.push(CrmWarning { path, code: code.into(), message: message.into() });
    }

    fn text<P: AsRef<str>>(&mut self, paths: &[P]) -> Option<String> {
        let (value, path) = self.find(paths)?;
        let text = plain(value);
        if text.is_none() {
            self.warn(path, "wrong_type", "this is neither a text nor a number");
        }
        text
    }

    fn time<P: AsRef<str>>(&mut self, paths: &[P]) -> Option<Timestamp> {
        let (value, path) = self.find(paths)?;
        let time = plain(value).and_then(|text| instant(&text));
        if time.is_none() {
            self.warn(path, "time_unreadable", "this is neither an instant nor a date");
        }
        time
    }

    fn identifier<P: AsRef<str>>(
        &mut self,
        kind: IdentifierType,
        paths: &[P],
        cleaning: &CleaningPolicy,
    ) -> Option<String> {
        let (value, path) = self.find(paths)?;
        match Identifier::clean(kind, &plain(value).unwrap_or_default(), cleaning) {
            Ok(identifier) => Some(identifier.into_value()),
            Err(refusal) => {
                let code = match kind {
                    IdentifierType::Phone => "phone_invalid",
                    _ => "email_invalid",
                };
                self.warn(path, code, refusal.to_string());
                None
            }
        }
    }

    /// The currency that the record names, else the tenant's; nothing where what it names cannot be read.
    fn currency<P: AsRef<str>>(&mut self, paths: &[P], tenant: Option<Currency>) -> Option<Currency> {
        let Some((value, path)) = self.find(paths) else { return tenant };
        let currency = value.as_str().and_then(|text| trim(text).parse().ok());
        if currency.is_none() {
            self.warn(path, "currency_unreadable", "a currency is an ISO 4217 code of three letters");
        }
        currency
    }

    fn amount<P: AsRef<str>>(&mut self, paths: &[P], currency: Option<Currency>) -> Option<i64> {
        let (value, path) = self.find(paths)?;
        let Some(currency) = currency else {
            self.warn(path, "currency_missing", "the amount's currency is not known; say it in the settings");
            return None;
        };
        let minor = Decimal::of(value)
            .and_then(|amount| i64::try_from(amount.units(currency.minor_per_major())).ok())
            .filter(|minor| (-MAX_MINOR..=MAX_MINOR).contains(minor));
        if minor.is_none() {
            self.warn(path, "amount_unreadable", "an amount is a plain decimal such as 1200.50");
        }
        minor
    }

    /// The ids in a text, or in the objects of a list.
    fn ids<P: AsRef<str>>(&mut self, paths: &[P]) -> Vec<String> {
        let Some((value, path)) = self.find(paths) else { return Vec::new() };
        let of_one = |value: &Value| {
            plain(value).or_else(|| ["id", "ContactId"].iter().find_map(|key| plain(value.get(key)?)))
        };
        let all =
            value.as_array().map_or_else(|| vec![of_one(value)], |list| list.iter().map(of_one).collect());
        if all.iter().any(Option::is_none) {
            self.warn(path, "wrong_type", "this holds something that is no id");
        }
        let mut ids: Vec<String> = all.into_iter().flatten().collect();
        ids.sort_unstable();
        ids.dedup();
        ids
    }

    fn id(&mut self, provider: CrmProvider) -> Option<String> {
        match provider {
            CrmProvider::Hubspot | CrmProvider::Zoho => self.text(&["id"]),
            CrmProvider::Salesforce => self.text(&["Id"]),
        }
    }

    fn archived(&self, provider: CrmProvider) -> bool {
        match provider {
            CrmProvider::Hubspot => self.says("archived"),
            CrmProvider::Salesforce => self.says("IsDeleted"),
            CrmProvider::Zoho => self.find(&["deleted_time"]).is_some(),
        }
    }

    /// Won or lost, where the provider keeps that beside the stage's name.
    fn outcome(&self, provider: CrmProvider) -> DealStage {
        let (won, closed) = match provider {
            CrmProvider::Hubspot => ("properties.hs_is_closed_won", "properties.hs_is_closed"),
            CrmProvider::Salesforce => ("IsWon", "IsClosed"),
            CrmProvider::Zoho => return DealStage::Unmapped,
        };
        if self.says(won) {
            DealStage::Won
        } else if self.says(closed) {
            DealStage::Lost
        } else {
            DealStage::Unmapped
        }
    }

    /// Whether a flag is set; HubSpot writes flags as texts.
    fn says(&self, path: &str) -> bool {
        self.find(&[path]).is_some_and(|(value, _)| match value {
            Value::Bool(flag) => *flag,
            Value::String(text) => trim(text).eq_ignore_ascii_case("true"),
            _ => false,
        })
    }
}

fn plain(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(trim(text).to_owned()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

/// RFC 3339, the same without a colon in the offset (Salesforce), a date, or milliseconds since 1970 (HubSpot).
fn instant(text: &str) -> Option<Timestamp> {
    if text.bytes().all(|byte| byte.is_ascii_digit()) {
        return Timestamp::from_millis(text.parse().ok()?).ok();
    }
    if text.len() == "2026-03-01".len() {
        return format!("{text}T00:00:00Z").parse().ok();
    }
    let with_colon = text
        .split_at_checked(text.len().saturating_sub(4))
        .filter(|(before, digits)| {
            before.ends_with(['+', '-']) && digits.bytes().all(|byte| byte.is_ascii_digit())
        })
        .and_then(|(before, digits)| digits.split_at_checked(2).map(|(h, m)| format!("{before}{h}:{m}")));
    with_colon.as_deref().unwrap_or(text).parse().ok()
}

/// The host of a website, without `www.`, in lower case.
fn domain(website: &str) -> Option<String> {
    let host = website.split_once("://").map_or(website, |(_, rest)| rest);
    let host = host.split(['/', '?', '#', ':']).next().unwrap_or_default().to_lowercase();
    let host = host.strip_prefix("www.").unwrap_or(&host);
    (host.contains('.') && !host.contains(char::is_whitespace)).then(|| host.to_owned())
}

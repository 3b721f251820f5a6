//! A contact and a deal, whichever system they come from.

use std::borrow::Cow;
use std::fmt;

use serde::{Deserialize, Serialize};
use stratum_core::{Currency, Timestamp};

use super::fields::CrmProvider;
use super::stages::DealStage;

/// The ids that ad platforms put into a link.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default)]
pub struct CrmClickIds {
    /// Google's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub gclid: Option<String>,
    /// Meta's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fbclid: Option<String>,
    /// TikTok's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ttclid: Option<String>,
    /// Snapchat's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sclid: Option<String>,
}

impl CrmClickIds {
    /// The ids that are there, each with its name.
    pub fn iter(&self) -> impl Iterator<Item = (&'static str, &str)> {
        [("gclid", &self.gclid), ("fbclid", &self.fbclid), ("ttclid", &self.ttclid), ("sclid", &self.sclid)]
            .into_iter()
            .filter_map(|(name, id)| Some((name, id.as_deref()?)))
    }
}

/// What the link said about the campaign.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default)]
pub struct CrmUtm {
    /// Where the visitor came from.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
    /// By what kind of link.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub medium: Option<String>,
    /// Of which campaign.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub campaign: Option<String>,
    /// For which search term.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub term: Option<String>,
    /// Which of several links.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub content: Option<String>,
}

impl fmt::Debug for CrmClickIds {
    /// Which there are: a click is a person's.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.iter().map(|(name, _)| name)).finish()
    }
}

impl fmt::Debug for CrmUtm {
    /// Nothing: a term is what somebody searched for.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CrmUtm").finish_non_exhaustive()
    }
}

/// A person, as a CRM knows them.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct CrmContact {
    /// Whose record it is.
    pub provider: CrmProvider,
    /// The record's id there.
    pub id: String,
    /// The e-mail address in its normal form.
    pub email: Option<String>,
    /// The phone number as E.164.
    pub phone: Option<String>,
    /// The given name, as it stands there.
    pub first_name: Option<String>,
    /// The family name.
    pub last_name: Option<String>,
    /// The company's name.
    pub company: Option<String>,
    /// The company's domain, in lower case.
    pub company_domain: Option<String>,
    /// Where the contact stands, in the provider's words.
    pub lifecycle_stage: Option<String>,
    /// Which stage that is; nothing where the record says none.
    pub stage: Option<DealStage>,
    /// The id of who looks after the contact.
    pub owner: Option<String>,
    /// The tenant's own id of the person.
    pub external_id: Option<String>,
    /// The analytics client id.
    pub client_id: Option<String>,
    /// What ad platforms put into the links that the person followed.
    pub click_ids: CrmClickIds,
    /// What those links said about the campaign.
    pub utm: CrmUtm,
    /// Whether the record was deleted there.
    pub archived: bool,
    /// When the record was made.
    pub created_at: Option<Timestamp>,
    /// When it was last changed.
    pub updated_at: Timestamp,
    /// When we last wrote to it.
    pub last_sync: Option<Timestamp>,
}

impl fmt::Debug for CrmContact {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CrmContact")
            .field("provider", &self.provider)
            .field("id", &self.id)
            .field("stage", &self.stage)
            .field("updated_at", &self.updated_at)
            .finish_non_exhaustive()
    }
}

/// A sale that may come or came, as a CRM knows it.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct CrmDeal {
    /// Whose record it is.
    pub provider: CrmProvider,
    /// The record's id there.
    pub id: String,
    /// What the deal is called; it may name a person.
    pub name: Option<String>,
    /// The pipeline's id or name.
    pub pipeline: Option<String>,
    /// Where the deal stands, in the provider's words.
    pub deal_stage: Option<String>,
    /// Which stage that is.
    pub stage: DealStage,
    /// What the deal is worth, in minor units; nothing where the record does not say, or says what is no amount.
    pub amount_cents: Option<i64>,
    /// The currency of that; nothing where nobody knows it.
    pub currency: Option<Currency>,
    /// When it closed, or is to close: a date is its first instant in UTC.
    pub closed_at: Option<Timestamp>,
    /// The ids of the contacts whose deal it is, in order, each once.
    pub contact_ids: Vec<String>,
    /// The id of who looks after the deal.
    pub owner: Option<String>,
    /// Whether the record was deleted there.
    pub archived: bool,
    /// When the record was made.
    pub created_at: Option<Timestamp>,
    /// When it was last changed.
    pub updated_at: Timestamp,
    /// When we last wrote to it.
    pub last_sync: Option<Timestamp>,
}

impl fmt::Debug for CrmDeal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CrmDeal")
            .field("provider", &self.provider)
            .field("id", &self.id)
            .field("stage", &self.stage)
            .field("amount_cents", &self.amount_cents)
            .field("currency", &self.currency)
            .field("updated_at", &self.updated_at)
            .finish_non_exhaustive()
    }
}

/// Something of a record that was left out, and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct CrmWarning {
    /// Where it stands: a JSON pointer into the record.
    pub path: String,
    /// What is wrong with it: `email_invalid`, `phone_invalid`, `amount_unreadable`, `currency_unreadable`,
    /// `currency_missing`, `time_unreadable`, `wrong_type`.
    pub code: Cow<'static, str>,
    /// The same in words. Never holds the value.
    pub message: String,
}

//! Where a contact or a deal stands: the stages, and which of a provider's own stages is which.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use stratum_core::{Currency, enumeration};

use super::fields::{ContactField, CrmObject, CrmProvider, DealField};
use crate::identifier::CleaningSettings;

enumeration! {
    /// Where a contact or a deal stands on the way to a sale.
    pub enum DealStage "deal stage" {
        /// Somebody who may become a customer.
        Lead = "LEAD",
        /// A lead that marketing hands over.
        Mql = "MQL",
        /// A lead that sales takes.
        Sql = "SQL",
        /// There is a deal to be made.
        Opportunity = "OPPORTUNITY",
        /// An offer is out.
        Proposal = "PROPOSAL",
        /// The terms are being settled.
        Negotiation = "NEGOTIATION",
        /// Sold.
        Won = "WON",
        /// Not sold.
        Lost = "LOST",
        /// The provider's stage is in no map.
        Unmapped = "UNMAPPED",
    }
}

impl DealStage {
    /// The stages from the first contact to the sale, in order.
    pub const ON_THE_WAY: [Self; 7] =
        [Self::Lead, Self::Mql, Self::Sql, Self::Opportunity, Self::Proposal, Self::Negotiation, Self::Won];

    /// How far along the way the stage is, from 0; nothing for `LOST` and `UNMAPPED`, which are not on it.
    #[must_use]
    pub const fn place(self) -> Option<usize> {
        match self {
            Self::Lost | Self::Unmapped => None,
            on_the_way => Some(on_the_way.index()),
        }
    }

    /// Whether nothing more will come of it.
    #[must_use]
    pub const fn is_closed(self) -> bool {
        matches!(self, Self::Won | Self::Lost)
    }
}

/// How a tenant's CRM is read.
///
/// The maps win over the shipped ones, stage by stage and field by field.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default)]
#[non_exhaustive]
pub struct CrmSettings {
    /// The currency of amounts that name none. Without it such an amount is none: whose it is nobody knows.
    pub currency: Option<Currency>,
    /// For each pipeline, by its id or name as the provider sends it, which of its stages is which. The pipeline `*` stands
    /// for every other.
    pub stage_map: BTreeMap<String, BTreeMap<String, DealStage>>,
    /// Which of the contacts' own stages is which.
    pub contact_stage_map: BTreeMap<String, DealStage>,
    /// The property that holds a contact's field, where it is not the provider's own. Dots lead into objects.
    pub contact_fields: BTreeMap<ContactField, String>,
    /// The property that holds a deal's field.
    pub deal_fields: BTreeMap<DealField, String>,
    /// How e-mail addresses and phone numbers are cleaned.
    pub cleaning: CleaningSettings,
}

/// Every pipeline that is not named.
const ANY_PIPELINE: &str = "*";

impl CrmSettings {
    /// Which stage a provider's stage is: by the tenant's map of that pipeline, else of every pipeline, else by the shipped map.
    #[must_use]
    pub fn deal_stage(&self, provider: CrmProvider, pipeline: &str, stage: &str) -> DealStage {
        [pipeline, ANY_PIPELINE]
            .into_iter()
            .find_map(|pipeline| named(self.stage_map.get(pipeline)?, stage))
            .or_else(|| shipped(provider, CrmObject::Deal, stage))
            .unwrap_or(DealStage::Unmapped)
    }

    /// Which stage a contact's own stage is.
    #[must_use]
    pub fn contact_stage(&self, provider: CrmProvider, stage: &str) -> DealStage {
        named(&self.contact_stage_map, stage)
            .or_else(|| shipped(provider, CrmObject::Contact, stage))
            .unwrap_or(DealStage::Unmapped)
    }
}

fn named(map: &BTreeMap<String, DealStage>, stage: &str) -> Option<DealStage> {
    map.get(stage).copied()
}

/// The stages that providers ship. HubSpot's are internal ids and lower case; those of Salesforce and Zoho are the words of
/// their standard picklists, whose order says how far each is.
fn shipped(provider: CrmProvider, object: CrmObject, stage: &str) -> Option<DealStage> {
    let map: &[(&str, DealStage)] = match (provider, object) {
        (CrmProvider::Hubspot, CrmObject::Contact) => &[
            ("subscriber", DealStage::Lead),
            ("lead", DealStage::Lead),
            ("marketingqualifiedlead", DealStage::Mql),
            ("salesqualifiedlead", DealStage::Sql),
            ("opportunity", DealStage::Opportunity),
            ("customer", DealStage::Won),
        ],
        (CrmProvider::Hubspot, CrmObject::Deal) => &[
            ("appointmentscheduled", DealStage::Sql),
            ("qualifiedtobuy", DealStage::Sql),
            ("presentationscheduled", DealStage::Opportunity),
            ("decisionmakerboughtin", DealStage::Proposal),
            ("contractsent", DealStage::Negotiation),
            ("closedwon", DealStage::Won),
            ("closedlost", DealStage::Lost),
        ],
        (CrmProvider::Salesforce, CrmObject::Deal) => &[
            ("Prospecting", DealStage::Sql),
            ("Qualification", DealStage::Sql),
            ("Needs Analysis", DealStage::Opportunity),
            ("Value Proposition", DealStage::Opportunity),
            ("Id. Decision Makers", DealStage::Opportunity),
            ("Perception Analysis", DealStage::Opportunity),
            ("Proposal/Price Quote", DealStage::Proposal),
            ("Negotiation/Review", DealStage::Negotiation),
            ("Closed Won", DealStage::Won),
            ("Closed Lost", DealStage::Lost),
        ],
        (CrmProvider::Zoho, CrmObject::Deal) => &[
            ("Qualification", DealStage::Sql),
            ("Needs Analysis", DealStage::Opportunity),
            ("Value Proposition", DealStage::Opportunity),
            ("Identify Decision Makers", DealStage::Opportunity),
            ("Proposal/Price Quote", DealStage::Proposal),
            ("Negotiation/Review", DealStage::Negotiation),
            ("Closed Won", DealStage::Won),
            ("Closed Lost", DealStage::Lost),
            ("Closed Lost to Competition", DealStage::Lost),
        ],
        // What these ship does not say how far somebody is.
        (CrmProvider::Salesforce | CrmProvider::Zoho, CrmObject::Contact) | (_, CrmObject::Lead) => &[],
    };
    map.iter().find(|(name, _)| *name == stage).map(|&(_, stage)| stage)
}

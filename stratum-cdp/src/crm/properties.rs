//! The properties that Stratum writes into a CRM: their names, types and labels. Nothing else is ever written.

use serde::{Deserialize, Serialize};
use stratum_core::enumeration;

use super::fields::{CrmObject, CrmProvider};

enumeration! {
    /// A property that Stratum writes.
    pub enum WritebackProperty "writeback property" {
        /// The platform that the contact came from.
        AdPlatform = "stratum_ad_platform",
        /// The campaign's id there.
        CampaignId = "stratum_campaign_id",
        /// The campaign's name.
        CampaignName = "stratum_campaign_name",
        /// The ad set's id.
        AdsetId = "stratum_adset_id",
        /// The ad's id.
        AdId = "stratum_ad_id",
        /// The channel of the first touchpoint.
        FirstTouchSource = "stratum_first_touch_source",
        /// The channel of the last touchpoint.
        LastTouchSource = "stratum_last_touch_source",
        /// How sure the attribution is, 0 to 1.
        AttributionConfidence = "stratum_attribution_confidence",
        /// What advertising to the contact cost, in major units.
        TotalAdSpend = "stratum_total_ad_spend",
        /// The platform that the deal is credited to.
        AttributedPlatform = "stratum_attributed_platform",
        /// The campaign's name.
        AttributedCampaign = "stratum_attributed_campaign",
        /// The campaign's id.
        AttributedCampaignId = "stratum_attributed_campaign_id",
        /// The model that gave the credit.
        AttributionModel = "stratum_attribution_model",
        /// What the credited advertising cost, in major units.
        AttributedSpend = "stratum_attributed_spend",
        /// Revenue for one unit of it.
        RevenueRoas = "stratum_revenue_roas",
        /// Net profit for one unit of it.
        ProfitRoas = "stratum_profit_roas",
        /// The cost of the goods, in major units.
        Cogs = "stratum_cogs",
        /// Revenue less that, in major units.
        GrossProfit = "stratum_gross_profit",
        /// What remains after advertising, in major units.
        NetProfit = "stratum_net_profit",
        /// Days from the making of the deal to its closing.
        DaysToClose = "stratum_days_to_close",
        /// How many touchpoints there were.
        TouchpointsCount = "stratum_touchpoints_count",
        /// When Stratum last wrote to the record.
        LastSync = "stratum_last_sync",
    }
}

enumeration! {
    /// What a property holds.
    pub enum CrmPropertyType "CRM property type" {
        /// A text.
        Text = "TEXT",
        /// A number.
        Number = "NUMBER",
        /// An instant.
        Time = "TIME",
    }
}

use WritebackProperty as P;

impl WritebackProperty {
    /// The properties of an object, in the order of the contract.
    #[must_use]
    pub const fn of(object: CrmObject) -> &'static [Self] {
        match object {
            CrmObject::Contact | CrmObject::Lead => &[
                P::AdPlatform,
                P::CampaignId,
                P::CampaignName,
                P::AdsetId,
                P::AdId,
                P::FirstTouchSource,
                P::LastTouchSource,
                P::AttributionConfidence,
                P::TotalAdSpend,
                P::TouchpointsCount,
                P::LastSync,
            ],
            CrmObject::Deal => &[
                P::AttributedPlatform,
                P::AttributedCampaign,
                P::AttributedCampaignId,
                P::AttributionModel,
                P::AttributedSpend,
                P::RevenueRoas,
                P::ProfitRoas,
                P::Cogs,
                P::GrossProfit,
                P::NetProfit,
                P::DaysToClose,
                P::TouchpointsCount,
                P::LastSync,
            ],
        }
    }

    /// What the property holds.
    #[must_use]
    pub const fn kind(self) -> CrmPropertyType {
        match self {
            P::LastSync => CrmPropertyType::Time,
            P::AttributionConfidence
            | P::TotalAdSpend
            | P::AttributedSpend
            | P::RevenueRoas
            | P::ProfitRoas
            | P::Cogs
            | P::GrossProfit
            | P::NetProfit
            | P::DaysToClose
            | P::TouchpointsCount => CrmPropertyType::Number,
            _ => CrmPropertyType::Text,
        }
    }

    /// The property's name there: fields of the customer's own end in `__c` in Salesforce.
    #[must_use]
    pub fn name_in(self, provider: CrmProvider) -> String {
        match provider {
            CrmProvider::Salesforce => format!("{self}__c"),
            CrmProvider::Hubspot | CrmProvider::Zoho => self.as_str().to_owned(),
        }
    }

    /// The name for people: `Stratum campaign id`.
    #[must_use]
    pub fn label(self) -> String {
        let words = self.as_str().replace('_', " ");
        words.strip_prefix("stratum ").map_or_else(|| words.clone(), |rest| format!("Stratum {rest}"))
    }
}

/// Which properties are asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct PropertiesRequest {
    /// Where they are made.
    pub provider: CrmProvider,
    /// Of which object.
    pub object_type: CrmObject,
}

/// A property as it has to be made before it can be written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct CrmProperty {
    /// Which property it is.
    pub property: WritebackProperty,
    /// Its name there.
    pub name: String,
    /// Its name for people.
    pub label: String,
    /// The group that it stands in.
    pub group: String,
    /// What it holds.
    pub kind: CrmPropertyType,
}

/// The properties that a writeback needs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct PropertiesResponse {
    /// In the order of the contract.
    pub properties: Vec<CrmProperty>,
}

/// The group of all of them.
const GROUP: &str = "stratumroas";

impl PropertiesRequest {
    /// The properties that have to be made.
    #[must_use]
    pub fn properties(&self) -> PropertiesResponse {
        let made = |&property: &WritebackProperty| CrmProperty {
            property,
            name: property.name_in(self.provider),
            label: property.label(),
            group: GROUP.to_owned(),
            kind: property.kind(),
        };
        PropertiesResponse { properties: WritebackProperty::of(self.object_type).iter().map(made).collect() }
    }
}

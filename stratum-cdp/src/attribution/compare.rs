//! The models side by side, over the same conversions.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use stratum_core::math::{amount, round9};
use stratum_core::problem::{Problem, ProblemCollector, Problems};

use super::credit_totals::{CreditLevel, CreditTotals};
use super::request::{all_models, check, converted, unusable};
use super::{RuleModel, RuleSettings};
use crate::journey::Journey;

/// Journeys to be credited by several models.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct AttributionComparisonRequest {
    /// The models; all of them if left out.
    #[serde(default = "all_models")]
    pub models: Vec<RuleModel>,
    /// What the others are compared with; one of the models.
    #[serde(default = "last_touch")]
    pub baseline: RuleModel,
    /// What a tenant may choose about the models.
    #[serde(default)]
    pub settings: RuleSettings,
    /// Whether campaigns are told apart.
    #[serde(default)]
    pub by: CreditLevel,
    /// The journeys, as `journey.build` gives them; those that did not convert are passed over.
    pub journeys: Vec<Journey>,
}

const fn last_touch() -> RuleModel {
    RuleModel::LastTouch
}

/// The models side by side.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct AttributionComparison {
    /// How many journeys converted, refunds not counted.
    pub conversions: u64,
    /// What they were worth, refunds taken off, in minor units: the sum of each model's credits.
    pub value_cents: i64,
    /// The channels in order of their names; what no touch led to stands last, with no channel.
    pub channels: Vec<ComparedChannel>,
}

/// What the models say of one channel or campaign.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct ComparedChannel {
    /// The channel; `null` for conversions that no touch led to.
    pub channel: Option<String>,
    /// The campaign, where campaigns are told apart.
    pub campaign: Option<String>,
    /// What each model says, in the order of the request.
    pub credits: Vec<ComparedCredit>,
}

/// What one model says of one channel.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct ComparedCredit {
    /// The model.
    pub model: RuleModel,
    /// Conversions, with fractions, to nine decimals.
    pub conversions: f64,
    /// Value, in minor units.
    pub value_cents: i64,
    /// By how many per cent that is more than the baseline says; not defined where the baseline says 0.
    pub difference_pct: Option<f64>,
}

impl AttributionComparisonRequest {
    /// Credits the journeys by each model.
    ///
    /// # Errors
    /// Every problem at once: as [`super::AttributionRequest::attribute`], and `unknown_value` for a baseline that is not among
    /// the models.
    pub fn compare(&self) -> Result<AttributionComparison, Problems> {
        let mut found = ProblemCollector::new();
        let rules = check(&self.models, &self.settings, &self.journeys, &mut found);
        if !self.models.contains(&self.baseline) {
            let text = format!("the baseline {} is none of the models", self.baseline);
            found.push(Problem::new("/baseline", "unknown_value", text).help("add it to the models"));
        }
        let (Some(rules), true) = (rules, found.is_empty()) else {
            return Err(found.into_problems().unwrap_or_else(unusable));
        };
        let mut totals = CreditTotals::new();
        for journey in &self.journeys {
            totals.add(&rules, &self.models, self.by, journey);
        }
        let by_model: Vec<_> = self.models.iter().map(|&model| (model, totals.of_model(model))).collect();
        let baseline = totals.of_model(self.baseline);
        let places: BTreeMap<_, ()> =
            by_model.iter().flat_map(|(_, credits)| credits.keys().map(|&place| (place, ()))).collect();
        let channels = places
            .into_keys()
            .map(|place| {
                let base = baseline.get(&place).map_or(0, |credit| credit.cents());
                let credit = |(model, credits): &(RuleModel, BTreeMap<_, super::credit_totals::Credit>)| {
                    let credit = credits.get(&place).copied().unwrap_or_default();
                    ComparedCredit {
                        model: *model,
                        conversions: credit.conversions(),
                        value_cents: credit.cents(),
                        difference_pct: difference_pct(credit.cents(), base),
                    }
                };
                ComparedChannel {
                    channel: (!place.0).then(|| place.1.to_owned()),
                    campaign: place.2.map(str::to_owned),
                    credits: by_model.iter().map(credit).collect(),
                }
            })
            .collect();
        let (conversions, value_cents) = converted(&self.journeys);
        Ok(AttributionComparison { conversions, value_cents, channels })
    }
}

fn difference_pct(value: i64, base: i64) -> Option<f64> {
    (base != 0).then(|| round9(100.0 * amount(value.saturating_sub(base)) / amount(base)))
}

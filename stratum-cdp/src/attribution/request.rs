//! Credit by rules, as every language asks for it.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use stratum_core::math::{amount, round9};
use stratum_core::money::MAX_MINOR;
use stratum_core::problem::{Problem, ProblemCollector, Problems};

use super::credit_totals::{CreditLevel, CreditTotals, JourneyCredits};
use super::{RuleModel, RuleSettings, Rules};
use crate::journey::Journey;

/// Journeys to be credited.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct AttributionRequest {
    /// The models; all of them if left out.
    #[serde(default = "all_models")]
    pub models: Vec<RuleModel>,
    /// What a tenant may choose about them.
    #[serde(default)]
    pub settings: RuleSettings,
    /// Whether campaigns are told apart.
    #[serde(default)]
    pub by: CreditLevel,
    /// What the channels cost, for the return on ad spend.
    #[serde(default)]
    pub spend: Vec<ChannelSpend>,
    /// Whether the shares of each touch are told as well.
    #[serde(default)]
    pub details: bool,
    /// The journeys, as `journey.build` gives them; those that did not convert are passed over.
    pub journeys: Vec<Journey>,
}

pub(super) fn all_models() -> Vec<RuleModel> {
    RuleModel::ALL.to_vec()
}

/// What a channel or a campaign cost.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ChannelSpend {
    /// The channel.
    pub channel: String,
    /// The campaign, where campaigns are told apart.
    #[serde(default)]
    pub campaign: Option<String>,
    /// In minor units.
    pub spend_cents: i64,
}

/// What journeys were credited.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct AttributionReport {
    /// How many journeys converted, refunds not counted.
    pub conversions: u64,
    /// What they were worth, refunds taken off, in minor units.
    pub value_cents: i64,
    /// What each model says. The credits of a model sum to `conversions` and `value_cents`.
    pub models: Vec<ModelCredits>,
    /// What the touches of each journey get, if that was asked for: by journey, then by model.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub details: Option<Vec<Vec<TouchCredits>>>,
}

/// What one model says.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct ModelCredits {
    /// The model.
    pub model: RuleModel,
    /// The credits in order of channel and campaign; what no touch led to stands last, with no channel.
    pub credits: Vec<ChannelCredit>,
}

/// What one channel or campaign was credited.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct ChannelCredit {
    /// The channel; `null` for conversions that no touch led to.
    pub channel: Option<String>,
    /// The campaign, where campaigns are told apart.
    pub campaign: Option<String>,
    /// Conversions, with fractions, to nine decimals.
    pub conversions: f64,
    /// Value, in minor units.
    pub value_cents: i64,
    /// What the channel cost, if that was said.
    pub spend_cents: Option<i64>,
    /// Value for each unit of spend; not defined without spend.
    pub roas: Option<f64>,
}

/// What the touches of one journey get by one model.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct TouchCredits {
    /// The model.
    pub model: RuleModel,
    /// The weight of each touch up to the conversion, in their order; they sum to 1.
    pub weights: Vec<f64>,
    /// What each gets of the value, in minor units.
    pub value_cents: Vec<i64>,
}

impl AttributionRequest {
    /// Credits the journeys.
    ///
    /// # Errors
    /// Every problem at once: `out_of_range`, `too_short`, `duplicate`, `amount_too_large`, `not_allowed_here` for the spend of a
    /// campaign where campaigns are not told apart.
    pub fn attribute(&self) -> Result<AttributionReport, Problems> {
        let mut found = ProblemCollector::new();
        let rules = check(&self.models, &self.settings, &self.journeys, &mut found);
        self.check_spend(&mut found);
        let (Some(rules), true) = (rules, found.is_empty()) else {
            return Err(found.into_problems().unwrap_or_else(unusable));
        };
        let mut totals = CreditTotals::new();
        let mut details = Vec::new();
        for journey in &self.journeys {
            let mut of_journey = Vec::new();
            for &model in &self.models {
                let Some(credits) = rules.journey_credits(model, journey) else { continue };
                totals.credit(model, self.by, journey, &credits);
                if self.details {
                    let JourneyCredits { weights, value_cents, .. } = credits;
                    of_journey.push(TouchCredits { model, weights, value_cents });
                }
            }
            details.push(of_journey);
        }
        let (conversions, value_cents) = converted(&self.journeys);
        Ok(AttributionReport {
            conversions,
            value_cents,
            models: self.models.iter().map(|&model| self.model_credits(model, &totals)).collect(),
            details: self.details.then_some(details),
        })
    }

    fn check_spend(&self, found: &mut ProblemCollector) {
        let mut seen: BTreeSet<(&str, Option<&str>)> = BTreeSet::new();
        for (position, spend) in self.spend.iter().enumerate() {
            let path = |field: &str| format!("/spend/{position}{field}");
            let place = (spend.channel.as_str(), spend.campaign.as_deref());
            check_name(&spend.channel, path("/channel"), found);
            if !(0..=MAX_MINOR).contains(&spend.spend_cents) {
                let text = format!("spend is 0 to {MAX_MINOR} minor units");
                found.push(Problem::new(path("/spend_cents"), "out_of_range", text));
            }
            if spend.campaign.is_some() && self.by == CreditLevel::Channel {
                let text = "campaigns are not told apart here";
                found.push(
                    Problem::new(path("/campaign"), "not_allowed_here", text)
                        .help("leave it out, or ask for credit by campaign"),
                );
            }
            if !seen.insert(place) {
                let text = "the spend of this channel stands here twice";
                found.push(Problem::new(path(""), "duplicate", text).help("add the two up"));
            }
        }
    }

    fn model_credits(&self, model: RuleModel, totals: &CreditTotals) -> ModelCredits {
        let mut of_model = totals.of_model(model);
        let mut spent: BTreeMap<(&str, Option<&str>), i64> = BTreeMap::new();
        for spend in &self.spend {
            let place = (spend.channel.as_str(), spend.campaign.as_deref());
            spent.insert(place, spend.spend_cents);
            of_model.entry((false, place.0, place.1)).or_default();
        }
        let credits = of_model
            .into_iter()
            .map(|((unattributed, channel, campaign), credit)| {
                let spend_cents = spent.get(&(channel, campaign)).copied().filter(|_| !unattributed);
                ChannelCredit {
                    channel: (!unattributed).then(|| channel.to_owned()),
                    campaign: campaign.map(str::to_owned),
                    conversions: credit.conversions(),
                    value_cents: credit.cents(),
                    spend_cents,
                    roas: spend_cents
                        .filter(|&spend| spend > 0)
                        .map(|spend| round9(amount(credit.cents()) / amount(spend))),
                }
            })
            .collect();
        ModelCredits { model, credits }
    }
}

pub(super) fn unusable() -> Problems {
    Problem::new("", "invalid", "the request cannot be used").into()
}

/// How many journeys converted, and what they were worth.
pub(super) fn converted(journeys: &[Journey]) -> (u64, i64) {
    let conversions = || journeys.iter().filter_map(|journey| journey.conversion.as_ref());
    let count = conversions().filter(|conversion| !conversion.is_refund()).count() as u64;
    (count, conversions().fold(0_i64, |sum, conversion| sum.saturating_add(conversion.value_cents)))
}

/// What every request about journeys has to be checked for.
pub(super) fn check(
    models: &[RuleModel],
    settings: &RuleSettings,
    journeys: &[Journey],
    found: &mut ProblemCollector,
) -> Option<Rules> {
    if models.is_empty() {
        let text = "no model is asked for";
        found.push(Problem::new("/models", "too_short", text).help("leave models out for all of them"));
    }
    for (position, model) in models.iter().enumerate() {
        if models.iter().take(position).any(|earlier| earlier == model) {
            let text = format!("{model} stands here twice");
            found.push(Problem::new(format!("/models/{position}"), "duplicate", text).help("name it once"));
        }
    }
    let rules = found.take("/settings", settings.compile());
    check_journeys(journeys, found);
    rules
}

pub(super) fn check_journeys(journeys: &[Journey], found: &mut ProblemCollector) {
    for (place, journey) in journeys.iter().enumerate() {
        for (position, touch) in journey.touches.iter().enumerate() {
            check_name(&touch.channel, format!("/journeys/{place}/touches/{position}/channel"), found);
        }
        let value = journey.conversion.as_ref().map_or(0, |conversion| conversion.value_cents);
        if !(-MAX_MINOR..=MAX_MINOR).contains(&value) {
            let path = format!("/journeys/{place}/conversion/value_cents");
            let text = format!("an amount is at most {MAX_MINOR} minor units");
            found.push(Problem::new(path, "amount_too_large", text));
        }
    }
    let values = journeys.iter().filter_map(|journey| Some(journey.conversion.as_ref()?.value_cents));
    // One that is too large alone is told at its place.
    if let Some(problem) =
        too_much("/journeys", values.filter(|value| value.unsigned_abs() <= MAX_MINOR.unsigned_abs()))
    {
        found.push(problem);
    }
}

/// Amounts that cannot be added up exactly in every language: together at most 2^53 - 1 minor units, as those taken back. No
/// channel is credited more than that.
pub(super) fn too_much(path: &str, values: impl Iterator<Item = i64>) -> Option<Problem> {
    let (mut earned, mut taken_back) = (0_i128, 0_i128);
    for value in values.map(i128::from) {
        let sum = if value < 0 { &mut taken_back } else { &mut earned };
        *sum = sum.saturating_add(value);
    }
    let limit = i128::from(MAX_MINOR);
    (earned > limit || taken_back < limit.saturating_neg()).then(|| {
        let text = format!("the amounts add up to more than {MAX_MINOR} minor units");
        Problem::new(path, "amount_too_large", text).help("ask about a shorter period")
    })
}

fn check_name(name: &str, path: String, found: &mut ProblemCollector) {
    if name.trim().is_empty() || name.len() > 255 {
        let code = if name.len() > 255 { "too_long" } else { "too_short" };
        found.push(Problem::new(path, code, "a channel has a name of 1 to 255 bytes"));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_that_do_not_add_up_exactly_are_refused() {
        let codes = |values: &[i64]| -> Vec<String> {
            let journey = |value: &i64| {
                serde_json::json!({"touches": [],
                "conversion": {"converted_at": "2026-01-02T00:00:00.000Z", "value_cents": value}})
            };
            let journeys: Vec<_> = values.iter().map(journey).collect();
            let request = serde_json::json!({"models": ["linear"], "journeys": journeys});
            let request: AttributionRequest = serde_json::from_value(request).unwrap();
            let problems = request.attribute().err();
            problems
                .iter()
                .flat_map(Problems::iter)
                .map(|problem| format!("{} {}", problem.path, problem.code))
                .collect()
        };
        assert!(codes(&[MAX_MINOR, -MAX_MINOR]).is_empty());
        assert_eq!(codes(&[MAX_MINOR, 1]), ["/journeys amount_too_large"]);
        assert_eq!(codes(&[-MAX_MINOR, 5, -1]), ["/journeys amount_too_large"]);
    }

    #[test]
    fn a_channel_whose_spend_stands_twice_is_told_wherever_it_stands() {
        let spend = |channel: &str| serde_json::json!({"channel": channel, "spend_cents": 1});
        let request: AttributionRequest = serde_json::from_value(
            serde_json::json!({"journeys": [], "spend": [spend("a"), spend("b"), spend("a")]}),
        )
        .unwrap();
        let problems = request.attribute().unwrap_err();
        let told: Vec<_> =
            problems.iter().map(|problem| (problem.path.as_ref(), problem.code.as_ref())).collect();
        assert_eq!(told, [("/spend/2", "duplicate")]);
    }
}

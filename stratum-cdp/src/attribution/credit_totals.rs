//! What journeys were credited, day by day: a partial state that merges.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use stratum_core::Timestamp;
use stratum_core::math::{amount, round9};
use stratum_core::time::{DAY_MS, Date};

use super::{CONVERSION_PARTS, ColumnCredits, RuleModel, Rules};
use crate::journey::Journey;

/// By what credit is told apart beside the model.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum CreditLevel {
    /// By channel.
    #[default]
    Channel,
    /// By channel and campaign.
    Campaign,
}

/// The place of a credit.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Place {
    /// Days since 1970-01-01.
    pub(super) day: i32,
    pub(super) model: RuleModel,
    /// What no touch led to stands behind all channels.
    pub(super) unattributed: bool,
    pub(super) channel: String,
    pub(super) campaign: Option<String>,
}

/// Whole numbers alone, so that any order of additions comes to the same bits.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Credit {
    /// In billionths.
    pub(super) conversions: i128,
    pub(super) value_cents: i128,
}

/// What journeys were credited, by day, model, channel and campaign: a partial state that merges.
///
/// Only whole numbers are added up, so the merged parts are what one part would have been, to the bit, however the journeys were
/// divided. A new day is merged to the days before it; a refund counts on its own day.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CreditTotals {
    pub(super) credits: BTreeMap<Place, Credit>,
}

/// What one channel was credited by one model on one day.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct DailyCredit {
    /// The day, in UTC.
    pub date: Date,
    /// The model.
    pub model: RuleModel,
    /// The channel; `null` for conversions that no touch led to.
    pub channel: Option<String>,
    /// The campaign, where campaigns are told apart.
    pub campaign: Option<String>,
    /// Conversions, with fractions, to nine decimals.
    pub conversions: f64,
    /// Value, in minor units.
    pub value_cents: i64,
}

impl CreditTotals {
    /// Nothing yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds what a journey gives by each of these models; a journey that did not convert gives nothing.
    pub fn add(&mut self, rules: &Rules, models: &[RuleModel], level: CreditLevel, journey: &Journey) {
        for &model in models {
            let Some(credits) = rules.journey_credits(model, journey) else { continue };
            self.credit(model, level, journey, &credits);
        }
    }

    pub(super) fn credit(
        &mut self,
        model: RuleModel,
        level: CreditLevel,
        journey: &Journey,
        credits: &JourneyCredits,
    ) {
        let Some(conversion) = &journey.conversion else { return };
        let day = day_of(conversion.counts_at());
        if credits.value_cents.is_empty() {
            let place = Place { day, model, unattributed: true, channel: String::new(), campaign: None };
            let conversions = if conversion.is_refund() { 0 } else { i128::from(CONVERSION_PARTS) };
            self.at(place).add(conversions, i128::from(conversion.value_cents));
        }
        let shares = credits.conversion_parts.iter().zip(&credits.value_cents);
        for (&touch, (&parts, &cents)) in credits.touches.iter().zip(shares) {
            let Some(touch) = journey.touches.get(touch) else { continue };
            if parts == 0 && cents == 0 {
                continue;
            }
            let campaign = touch.campaign.clone().filter(|_| level == CreditLevel::Campaign);
            let place = Place { day, model, unattributed: false, channel: touch.channel.clone(), campaign };
            self.at(place).add(i128::from(parts), i128::from(cents));
        }
    }

    /// Adds what columns of journeys were credited, all of which count at this instant's day; `name` gives the channel, and the
    /// campaign where campaigns are told apart, of a number of the columns.
    pub fn add_columns<'n>(
        &mut self,
        counts_at: Timestamp,
        credits: &ColumnCredits,
        name: impl Fn(usize) -> Option<(&'n str, Option<&'n str>)>,
    ) {
        let day = day_of(counts_at);
        for credit in credits.iter() {
            let (channel, campaign) = credit.channel.and_then(&name).unwrap_or_default();
            let place = Place {
                day,
                model: credit.model,
                unattributed: credit.channel.is_none(),
                channel: channel.to_owned(),
                campaign: campaign.map(str::to_owned),
            };
            self.at(place).add(i128::from(credit.conversion_parts), i128::from(credit.value_cents));
        }
    }

    /// How many credits there are: days by models, channels and campaigns.
    #[must_use]
    pub fn len(&self) -> usize {
        self.credits.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.credits.is_empty()
    }

    fn at(&mut self, place: Place) -> &mut Credit {
        self.credits.entry(place).or_default()
    }

    /// Adds another part; no conversion may be in both.
    pub fn merge(&mut self, other: Self) {
        for (place, credit) in other.credits {
            self.at(place).add(credit.conversions, credit.value_cents);
        }
    }

    /// The credits in order of day, model, channel and campaign.
    #[must_use]
    pub fn finish(self) -> Vec<DailyCredit> {
        self.credits
            .into_iter()
            .map(|(place, credit)| DailyCredit {
                date: date_of(place.day),
                model: place.model,
                channel: (!place.unattributed).then_some(place.channel),
                campaign: place.campaign,
                conversions: credit.conversions(),
                value_cents: credit.cents(),
            })
            .collect()
    }

    /// The credits of one model over all days, in order of channel and campaign, what no touch led to last.
    pub(super) fn of_model(&self, model: RuleModel) -> BTreeMap<(bool, &str, Option<&str>), Credit> {
        let mut found: BTreeMap<(bool, &str, Option<&str>), Credit> = BTreeMap::new();
        for (place, credit) in self.credits.iter().filter(|(place, _)| place.model == model) {
            let key = (place.unattributed, place.channel.as_str(), place.campaign.as_deref());
            found.entry(key).or_default().add(credit.conversions, credit.value_cents);
        }
        found
    }
}

impl Credit {
    pub(super) fn add(&mut self, conversions: i128, value_cents: i128) {
        self.conversions = self.conversions.saturating_add(conversions);
        self.value_cents = self.value_cents.saturating_add(value_cents);
    }

    pub(super) fn conversions(self) -> f64 {
        let parts = clamped(self.conversions);
        round9(amount(parts) / amount(CONVERSION_PARTS))
    }

    pub(super) fn cents(self) -> i64 {
        clamped(self.value_cents)
    }
}

/// What is too small for 64 bits is the least, not the most.
fn clamped(wide: i128) -> i64 {
    let limit = if wide < 0 { i64::MIN } else { i64::MAX };
    i64::try_from(wide).unwrap_or(limit)
}

/// What the touches of one journey get by one model.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct JourneyCredits {
    /// The positions of the touches that count.
    pub touches: Vec<usize>,
    /// The weight of each of them.
    pub weights: Vec<f64>,
    /// What each gets of the value, in minor units.
    pub value_cents: Vec<i64>,
    /// What each gets of the conversion, in billionths; all 0 for a refund.
    pub conversion_parts: Vec<i64>,
}

impl Rules {
    /// What the touches of a journey get; `None` if it did not convert, and nothing where no touch led to the conversion.
    ///
    /// Touches after the conversion do not count.
    #[must_use]
    pub fn journey_credits(&self, model: RuleModel, journey: &Journey) -> Option<JourneyCredits> {
        let conversion = journey.conversion.as_ref()?;
        let touches = journey.touches_until_conversion();
        let at_ms: Vec<i64> = touches
            .iter()
            .filter_map(|&touch| Some(journey.touches.get(touch)?.touched_at.millis()))
            .collect();
        let lead = journey.lead_touch.and_then(|lead| usize::try_from(lead).ok());
        let shares = self.shares(model, &at_ms, lead);
        let mut conversion_parts = shares.conversion_parts();
        if conversion.is_refund() {
            conversion_parts.fill(0);
        }
        Some(JourneyCredits {
            touches,
            weights: shares.weights().collect(),
            value_cents: if at_ms.is_empty() { Vec::new() } else { shares.credits(conversion.value_cents) },
            conversion_parts,
        })
    }
}

fn day_of(at: Timestamp) -> i32 {
    i32::try_from(at.millis().div_euclid(DAY_MS)).unwrap_or_default()
}

fn date_of(day: i32) -> Date {
    Date::default().checked_add_signed(chrono::TimeDelta::days(i64::from(day))).unwrap_or_default()
}

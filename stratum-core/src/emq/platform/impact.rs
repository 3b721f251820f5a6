//! What a low match rate costs: an estimate, labelled as one.

use serde::{Deserialize, Serialize};

use super::driver::EmqDriver;
use crate::math::{amount, round9};
use crate::money::{Currency, Money, round_minor};
use crate::problem::{Problem, ProblemCollector, Problems};
use crate::score::Ratio;

/// At most this fraction of the attributed revenue counts as recoverable.
pub const MAX_RECOVERABLE_FRAC: f64 = 0.5;
/// Below this match rate the estimate is not defined.
const MIN_MATCH_FRAC: f64 = 0.2;

/// What a platform earned and cost in one period and currency.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct RoasFacts {
    /// Revenue that the platform attributes to itself, in minor units, at least 0.
    pub attributed_revenue_cents: i64,
    /// Spend, in minor units, at least 0.
    pub spend_cents: i64,
    /// Of both.
    pub currency: Currency,
}

impl RoasFacts {
    /// Notes every amount that cannot be one.
    pub(super) fn check(&self) -> Result<(), Problems> {
        let mut found = ProblemCollector::new();
        for (path, minor) in
            [("/attributed_revenue_cents", self.attributed_revenue_cents), ("/spend_cents", self.spend_cents)]
        {
            if minor < 0 {
                found.push(Problem::new(path, "below_minimum", format!("this is at least 0, not {minor}")));
            }
            found.take(path, Money::new(minor, self.currency));
        }
        found.into_result(())
    }
}

/// What a better match rate might bring. An estimate, never a measurement.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct RoasImpact {
    /// Always true: says so wherever the figures are shown.
    pub is_estimate: bool,
    /// The match rate that it rests on, 0.2 to 1.
    pub match_rate_frac: Ratio,
    /// At most this fraction of the attributed revenue counts as recoverable.
    pub cap_frac: f64,
    /// Whether the cap was reached.
    pub capped: bool,
    /// Revenue that matching at the good limit might add, in minor units.
    pub recoverable_revenue_cents: i64,
    /// (attributed + recoverable revenue) / spend; `None` without spend.
    pub estimated_roas: Option<f64>,
    /// Of the amounts.
    pub currency: Currency,
}

/// Revenue · (0.85 / match rate − 1), at most half of the revenue, and 0 from a match rate of 0.85; `None` if the match rate
/// is not known or below 0.2, where the estimate would be a guess.
#[must_use]
pub fn roas_impact(match_frac: Option<f64>, facts: &RoasFacts) -> Option<RoasImpact> {
    let good = EmqDriver::EventMatchRate.good_limit() / 100.0;
    let exact = match_frac?;
    // Limits compare the rounded rate; the amount comes from the exact one and is rounded once.
    let rate = Ratio::clamped(exact)?;
    if rate.get() < MIN_MATCH_FRAC {
        return None;
    }
    let revenue = amount(facts.attributed_revenue_cents);
    let share = if rate.get() >= good { 0.0 } else { good / exact - 1.0 };
    let recoverable = round_minor(round9(revenue * share.min(MAX_RECOVERABLE_FRAC)))?;
    let spend = amount(facts.spend_cents);
    Some(RoasImpact {
        is_estimate: true,
        match_rate_frac: rate,
        cap_frac: MAX_RECOVERABLE_FRAC,
        capped: round9(share) > MAX_RECOVERABLE_FRAC,
        recoverable_revenue_cents: recoverable,
        estimated_roas: (spend > 0.0).then(|| round9((revenue + amount(recoverable)) / spend)),
        currency: facts.currency,
    })
}

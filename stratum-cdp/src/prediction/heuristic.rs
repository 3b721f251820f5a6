//! The heuristic: one customer's rhythm, the days since the last purchase, and what purchases have brought.

use serde::{Deserialize, Serialize};
use stratum_core::math::{amount, count, pow, round9};
use stratum_core::money::{MAX_MINOR, round_minor};
use stratum_core::{Currency, Timestamp};

use super::{ChurnBand, GapSource, LtvClass};

/// What is known of a customer's purchases.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct PredictionFacts {
    /// How many purchases there were. With none there is no prediction.
    pub purchases: u64,
    /// Days since the last one, with fractions.
    pub days_since_last_purchase: f64,
    /// What they brought, refunds subtracted, in minor units.
    pub revenue_cents: i64,
    /// The median of the days between them; used from three purchases on.
    #[serde(default)]
    pub median_gap_days: Option<f64>,
    /// Days since the first one; BG/NBD needs it.
    #[serde(default)]
    pub days_since_first_purchase: Option<f64>,
    /// What the purchases after the first brought; Gamma-Gamma needs it.
    #[serde(default)]
    pub repeat_revenue_cents: Option<i64>,
}

impl PredictionFacts {
    /// What every model needs.
    #[must_use]
    pub const fn new(purchases: u64, days_since_last_purchase: f64, revenue_cents: i64) -> Self {
        Self {
            purchases,
            days_since_last_purchase,
            revenue_cents,
            median_gap_days: None,
            days_since_first_purchase: None,
            repeat_revenue_cents: None,
        }
    }
}

/// The median of the days between purchases, in any order; none for fewer than two.
#[must_use]
pub fn median_gap_days(purchases: &[Timestamp]) -> Option<f64> {
    let mut sorted = purchases.to_vec();
    sorted.sort_unstable();
    let mut gaps: Vec<f64> = sorted
        .iter()
        .zip(sorted.iter().skip(1))
        .map(|(earlier, later)| later.hours_since(*earlier) / 24.0)
        .collect();
    gaps.sort_unstable_by(f64::total_cmp);
    let half = gaps.len() / 2;
    let upper = *gaps.get(half)?;
    if gaps.len().is_multiple_of(2) {
        Some((gaps.get(half.checked_sub(1)?)? + upper) / 2.0)
    } else {
        Some(upper)
    }
}

/// What is known of all customers of a tenant.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Base {
    currency: Currency,
    gap_days: Option<f64>,
    average_order_cents: Option<f64>,
}

/// What a model says of a customer.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub struct Prediction {
    /// The chance to have left, to nine decimals.
    pub churn_probability: f64,
    /// The word for it.
    pub churn_band: ChurnBand,
    /// What the next 365 days will bring, in minor units.
    pub ltv_365_cents: i64,
    /// The word for it.
    pub ltv_class: LtvClass,
    /// The days between purchases that were reckoned with, and whose they are; nothing for another model.
    pub gap: Option<(f64, GapSource)>,
}

/// Fewer purchases than this have no rhythm.
const OWN_RHYTHM: u64 = 3;
/// Fewer customers who came back than this have no common rhythm.
const COMMON_RHYTHM: u64 = 30;
/// Where nothing is known, a customer buys four times a year.
const DEFAULT_GAP: f64 = 90.0;
/// So many purchases of an average customer are mixed into everyone's own.
const PRIOR_PURCHASES: f64 = 3.0;
pub(super) const YEAR: f64 = 365.0;

impl Base {
    /// A tenant of whom nothing is known yet.
    #[must_use]
    pub const fn new(currency: Currency) -> Self {
        Self { currency, gap_days: None, average_order_cents: None }
    }

    /// With the median of the days between purchases of those who came back; fewer than thirty of them are not heard.
    #[must_use]
    pub fn with_gap(mut self, median_days: f64, repeat_customers: u64) -> Self {
        self.gap_days = (repeat_customers >= COMMON_RHYTHM).then_some(median_days).filter(|days| *days > 0.0);
        self
    }

    /// With the mean amount of a purchase.
    #[must_use]
    pub fn with_average_order(mut self, cents: i64) -> Self {
        self.average_order_cents = Some(amount(cents));
        self
    }

    /// The days between two purchases of a customer, and whose they are. Purchases at one instant are no rhythm.
    #[must_use]
    pub fn gap(&self, facts: &PredictionFacts) -> (f64, GapSource) {
        let own = facts.median_gap_days.filter(|days| facts.purchases >= OWN_RHYTHM && *days > 0.0);
        match (own, self.gap_days) {
            (Some(days), _) => (days, GapSource::Own),
            (None, Some(days)) => (days, GapSource::Tenant),
            (None, None) => (DEFAULT_GAP, GapSource::Default),
        }
    }

    /// What the heuristic says; nothing of a customer without a purchase.
    #[must_use]
    pub fn predict(&self, facts: &PredictionFacts) -> Option<Prediction> {
        if facts.purchases == 0 {
            return None;
        }
        let (gap, source) = self.gap(facts);
        let missed = facts.days_since_last_purchase / gap;
        let left = if missed <= 1.0 { 0.0 } else { 1.0 - pow(0.5, missed - 1.0) };
        let n = count(facts.purchases);
        let own = amount(facts.revenue_cents);
        let order = match self.average_order_cents {
            Some(tenant) => (own + PRIOR_PURCHASES * tenant) / (n + PRIOR_PURCHASES),
            None => own / n,
        };
        Some(self.prediction(left, order * (YEAR / gap) * (1.0 - left), Some((gap, source))))
    }

    pub(super) fn prediction(&self, left: f64, ltv_cents: f64, gap: Option<(f64, GapSource)>) -> Prediction {
        let most = amount(MAX_MINOR);
        let cents = round_minor(ltv_cents.clamp(-most, most)).unwrap_or_default();
        Prediction {
            churn_probability: round9(left),
            churn_band: ChurnBand::of(left),
            ltv_365_cents: cents,
            ltv_class: LtvClass::of(cents, self.currency),
            gap,
        }
    }
}

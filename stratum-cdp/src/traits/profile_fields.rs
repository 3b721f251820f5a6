//! What a formula can read of a profile besides its traits.

use serde::{Deserialize, Serialize};
use stratum_core::Timestamp;
use stratum_core::math::amount;
use stratum_core::money::round_minor_ratio;
use stratum_core::time::DAY_MS;

use super::formula::Operand;

/// The names that a formula can read besides traits.
pub(super) const FIELDS: &[&str] = &[
    "profile.total_events",
    "profile.total_sessions",
    "profile.total_revenue_cents",
    "profile.first_seen_at",
    "profile.last_seen_at",
    "total_purchases",
    "days_since_last_activity",
    "average_order_value",
    "ltv",
    "first_purchase_at",
    "last_purchase_at",
    "rfm.recency_days",
    "rfm.frequency",
    "rfm.monetary_cents",
    "rfm.recency_score",
    "rfm.frequency_score",
    "rfm.monetary_score",
    "rfm.rfm_score",
];

pub(super) fn is_field(name: &str) -> bool {
    FIELDS.contains(&name)
}

/// What is known of a profile besides its events. What is left out is not known.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default)]
#[non_exhaustive]
pub struct ProfileFields {
    /// How many track events.
    pub total_events: Option<i64>,
    /// How many sessions.
    pub total_sessions: Option<i64>,
    /// How many purchases.
    pub total_purchases: Option<i64>,
    /// Revenue net of refunds, in minor units.
    pub total_revenue_cents: Option<i64>,
    /// The first event.
    pub first_seen_at: Option<Timestamp>,
    /// The last event.
    pub last_seen_at: Option<Timestamp>,
    /// The first purchase.
    pub first_purchase_at: Option<Timestamp>,
    /// The last purchase.
    pub last_purchase_at: Option<Timestamp>,
    /// What the person is expected to spend in the next 365 days, in minor units.
    pub ltv_365_cents: Option<i64>,
    /// Days since the last purchase.
    pub recency_days: Option<i64>,
    /// Purchases in the window of RFM.
    pub frequency: Option<i64>,
    /// Spent in the window of RFM, in minor units.
    pub monetary_cents: Option<i64>,
    /// 1 to 5.
    pub recency_score: Option<i64>,
    /// 1 to 5.
    pub frequency_score: Option<i64>,
    /// 1 to 5.
    pub monetary_score: Option<i64>,
    /// The mean of the three scores.
    pub rfm_score: Option<f64>,
}

impl ProfileFields {
    /// The value of a field by the name that a formula uses.
    pub(super) fn value(&self, name: &str, now: Timestamp) -> Operand {
        let whole = |value: Option<i64>| value.map_or(Operand::Null, |value| Operand::Number(amount(value)));
        let time = |value: Option<Timestamp>| value.map_or(Operand::Null, Operand::Time);
        match name {
            "profile.total_events" => whole(self.total_events),
            "profile.total_sessions" => whole(self.total_sessions),
            "profile.total_revenue_cents" => whole(self.total_revenue_cents),
            "profile.first_seen_at" => time(self.first_seen_at),
            "profile.last_seen_at" => time(self.last_seen_at),
            "total_purchases" => whole(self.total_purchases),
            "days_since_last_activity" => {
                whole(self.last_seen_at.map(|at| now.millis_since(at).div_euclid(DAY_MS)))
            }
            "average_order_value" => whole(self.average_order_value()),
            "ltv" => whole(self.ltv_365_cents),
            "first_purchase_at" => time(self.first_purchase_at),
            "last_purchase_at" => time(self.last_purchase_at),
            "rfm.recency_days" => whole(self.recency_days),
            "rfm.frequency" => whole(self.frequency),
            "rfm.monetary_cents" => whole(self.monetary_cents),
            "rfm.recency_score" => whole(self.recency_score),
            "rfm.frequency_score" => whole(self.frequency_score),
            "rfm.monetary_score" => whole(self.monetary_score),
            "rfm.rfm_score" => {
                self.rfm_score.filter(|score| score.is_finite()).map_or(Operand::Null, Operand::Number)
            }
            _ => Operand::Null,
        }
    }

    /// Revenue for each purchase, in minor units, half away from zero.
    fn average_order_value(&self) -> Option<i64> {
        let purchases = self.total_purchases.filter(|&purchases| purchases > 0)?;
        round_minor_ratio(i128::from(self.total_revenue_cents?), i128::from(purchases))
    }
}

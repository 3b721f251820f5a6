//! What was measured on a platform: the facts that the component formulas read.
//!
//! Every part is optional. A part that is left out was not measured, and what was not measured counts nothing: nothing is
//! imputed. Zero is a measurement. NaN and infinities count as not measured, wherever they stand.

use serde::{Deserialize, Serialize};

use super::components;
use crate::problem::{ProblemCollector, Problems};
use crate::time::{Date, Timestamp};
use crate::vocabulary::{HealthComponent, IncidentKind, IncidentSeverity};

/// The measurements of one platform of one tenant, each over the window that its part names.
///
/// ```
/// use stratum_core::health::{ApiCalls, EmqReading, Measurements};
/// # let now: stratum_core::Timestamp = "2026-03-01T12:00:00Z".parse().unwrap();
/// let mut measured = Measurements::default();
/// measured.emq = vec![EmqReading::rating(8.0, now)];
/// measured.api = Some(ApiCalls { requests: 100.0, failures: 102.0, credentials_valid: Some(true) });
/// let problems = measured.check().unwrap_err();
/// assert_eq!(problems.iter().next().unwrap().path, "/api/failures");
/// ```
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default)]
#[non_exhaustive]
pub struct Measurements {
    /// Event match quality of the platform: its own ratings, or the five-driver score. Readings older than 48 hours
    /// count nothing; of each event name the newest counts.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub emq: Vec<EmqReading>,
    /// Calls of the platform's API in the last 60 minutes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub api: Option<ApiCalls>,
    /// Events in the last 24 hours.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub event_loss: Option<EventTotals>,
    /// Synchronisation in the last 24 hours, EMQ of the last 7 days, open incidents.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub platform_stability: Option<StabilityFacts>,
    /// Records in the last 24 hours.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub data_quality: Option<RecordTotals>,
    /// The instant of the newest platform data.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub platform_data_at: Option<Timestamp>,
    /// Daily figures of the platform and of the independent reference.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub daily: Option<DailyMetrics>,
    /// The mean event EMQ of the tenant's own events of the last 24 hours, 0 to 100.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cdp_emq: Option<f64>,
}

/// One reading of event match quality. Exactly one of `score` and `rating` is given.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct EmqReading {
    /// 0 to 100.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub score: Option<f64>,
    /// The platform's own rating, 0 to 10.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rating: Option<f64>,
    /// How many events it stands for. The mean is weighted by volume when every volume is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub volume: Option<f64>,
    /// When the platform gave it.
    pub observed_at: Timestamp,
    /// Of which event; absent for a reading of the platform as a whole.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub event_name: Option<String>,
}

impl EmqReading {
    /// A score of 0 to 100 for the platform as a whole.
    #[must_use]
    pub const fn score(score: f64, observed_at: Timestamp) -> Self {
        Self { score: Some(score), rating: None, volume: None, observed_at, event_name: None }
    }

    /// A platform's own rating of 0 to 10, for the platform as a whole.
    #[must_use]
    pub const fn rating(rating: f64, observed_at: Timestamp) -> Self {
        Self { score: None, rating: Some(rating), volume: None, observed_at, event_name: None }
    }

    /// The same reading, of one event with its volume.
    #[must_use]
    pub fn of_event(mut self, event_name: impl Into<String>, volume: Option<f64>) -> Self {
        self.event_name = Some(event_name.into());
        self.volume = volume;
        self
    }
}

/// Calls of the platform's API in the last 60 minutes.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ApiCalls {
    /// Requests sent: a whole number.
    pub requests: f64,
    /// Of these, answered by 5xx, 429, a time-out or an authentication error.
    pub failures: f64,
    /// Whether the credentials are valid; absent if nobody looked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub credentials_valid: Option<bool>,
}

/// Events of the last 24 hours.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct EventTotals {
    /// Events that should have arrived: a whole number, absent if unknown.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expected: Option<f64>,
    /// Events that did arrive: a whole number. More than expected is no loss.
    pub received: f64,
}

/// What the stability of a platform is judged by.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct StabilityFacts {
    /// Synchronisation runs of the last 24 hours that succeeded: a whole number.
    pub sync_ok: f64,
    /// Synchronisation runs of the last 24 hours that failed: a whole number.
    pub sync_failed: f64,
    /// The EMQ of each of the last 7 days, 0 to 100, `null` for a day without one.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub daily_emq: Vec<Option<f64>>,
    /// The platform's open incidents.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub open_incidents: Vec<OpenIncident>,
}

/// An open incident of the platform.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "StabilityIncident"))]
#[serde(deny_unknown_fields)]
pub struct OpenIncident {
    /// What it is about.
    pub kind: IncidentKind,
    /// How bad it is.
    pub severity: IncidentSeverity,
}

/// Records of the last 24 hours.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct RecordTotals {
    /// All records: a whole number.
    pub total: f64,
    /// Of these, valid.
    pub valid: f64,
    /// Of these, with all required fields.
    pub complete: f64,
    /// Of these, duplicates of another.
    pub duplicate: f64,
}

/// Daily figures, from which variance (7 days) and the anomaly component (15 days) take their windows.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct DailyMetrics {
    /// The last complete day of the tenant's calendar: yesterday. Later days are left alone, they are not complete.
    #[cfg_attr(feature = "schema", schemars(with = "String", extend("format" = "date")))]
    pub last_complete_day: Date,
    /// At most one row for each day, in any order.
    pub days: Vec<DailyRow>,
}

/// The figures of one day. A figure that is absent was not measured.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct DailyRow {
    /// The tenant's calendar day.
    #[cfg_attr(feature = "schema", schemars(with = "String", extend("format" = "date")))]
    pub date: Date,
    /// Spend, in minor units.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub spend_cents: Option<f64>,
    /// Conversions as the platform counts them; a share of one is possible.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub conversions: Option<f64>,
    /// Revenue as the platform counts it, in minor units.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub revenue_cents: Option<f64>,
    /// The currency of the platform's money (ISO 4217).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub currency: Option<crate::Currency>,
    /// Conversions as GA4 counts them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ga4_conversions: Option<f64>,
    /// Revenue as GA4 counts it, in minor units.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ga4_revenue_cents: Option<f64>,
    /// The currency of GA4's money; absent: the platform's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ga4_currency: Option<crate::Currency>,
}

impl DailyRow {
    /// A day of which nothing is known yet.
    #[must_use]
    pub const fn new(date: Date) -> Self {
        Self {
            date,
            spend_cents: None,
            conversions: None,
            revenue_cents: None,
            currency: None,
            ga4_conversions: None,
            ga4_revenue_cents: None,
            ga4_currency: None,
        }
    }
}

impl Measurements {
    /// Whether the measurements are possible: no count below zero, no part larger than its whole.
    ///
    /// # Errors
    /// Every problem at once, with its JSON pointer: `below_minimum`, `out_of_range`, `not_whole`, `exceeds_total`,
    /// `exactly_one`, `duplicate_day`, `too_many`.
    pub fn check(&self) -> Result<(), Problems> {
        let mut found = ProblemCollector::new();
        components::check(self, &mut found);
        found.into_result(())
    }

    /// Whether there is a part that feeds this component, be it enough for a score or not.
    #[must_use]
    pub fn feeds(&self, component: HealthComponent) -> bool {
        let any_day =
            |has: fn(&DailyRow) -> bool| self.daily.as_ref().is_some_and(|daily| daily.days.iter().any(has));
        match component {
            HealthComponent::Emq => !self.emq.is_empty(),
            HealthComponent::ApiHealth => self.api.is_some(),
            HealthComponent::EventLoss => self.event_loss.is_some(),
            HealthComponent::PlatformStability => self.platform_stability.is_some(),
            HealthComponent::DataQuality => self.data_quality.is_some(),
            HealthComponent::Freshness => self.platform_data_at.is_some(),
            HealthComponent::Variance => {
                any_day(|row| row.ga4_conversions.is_some() || row.ga4_revenue_cents.is_some())
            }
            HealthComponent::Anomaly => any_day(|row| row.spend_cents.is_some()),
            HealthComponent::CdpEmq => self.cdp_emq.is_some(),
        }
    }
}

//! What is known of one profile.

use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use stratum_core::Timestamp;

use super::condition::{EventWindow, Scalar};
use super::field::{EventFactKind, EventField, Field, FixedField};
use super::number::{Number, amount_of};
use crate::consent::ConsentType;
use crate::identifier::IdentifierType;

/// What the rules of a segment can ask of one profile. What is left out is not known: null, and 0 for totals.
#[derive(Clone, PartialEq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default)]
pub struct ProfileFacts {
    /// The profile's id, as the caller writes it.
    pub id: String,
    /// `anonymous`, `known`, `lead`, `customer`, `active`, `at_risk` or `churned`.
    pub lifecycle_stage: Option<String>,
    /// How many events.
    pub total_events: i64,
    /// How many sessions.
    pub total_sessions: i64,
    /// How many purchases.
    pub total_purchases: i64,
    /// Revenue in minor units.
    pub total_revenue_cents: i64,
    /// The first event.
    pub first_seen_at: Option<Timestamp>,
    /// The last event.
    pub last_seen_at: Option<Timestamp>,
    /// The id in the tenant's own system.
    pub external_id: Option<String>,
    /// Attributes that the tenant sent.
    pub data: Map<String, Value>,
    /// Computed traits by name; times as RFC 3339 text.
    pub traits: Map<String, Value>,
    /// Recency, frequency and value, for those who bought.
    pub rfm: Option<ProfileRfm>,
    /// What is expected of them.
    pub predictions: Option<ProfilePredictions>,
    /// The types of identifier that the profile has.
    pub identifiers: Vec<IdentifierType>,
    /// What the person effectively consents to. What is not listed is denied; where the tenant's legal basis keeps
    /// undecided people in `analytics`, the caller lists it.
    pub consents: Vec<ConsentType>,
    /// The segments that the profile is a member of.
    pub segment_ids: Vec<String>,
    /// The track events, in any order. Those after the instant of an evaluation do not count.
    pub events: Vec<SegmentEvent>,
}

/// Recency, frequency and value as the API writes them.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default)]
pub struct ProfileRfm {
    /// Days since the last purchase.
    pub recency_days: Option<i64>,
    /// Purchases in the window.
    pub frequency: Option<i64>,
    /// Spent in the window, in minor units.
    pub monetary_cents: Option<i64>,
    /// 1 to 5.
    pub recency_score: Option<i64>,
    /// 1 to 5.
    pub frequency_score: Option<i64>,
    /// 1 to 5.
    pub monetary_score: Option<i64>,
    /// The three scores as digits.
    pub rfm_cell: Option<String>,
    /// Their mean, to two decimals.
    pub rfm_score: Option<f64>,
    /// `champions`, `loyal_customers`, …
    pub segment: Option<String>,
    /// The window in days.
    pub analysis_window_days: Option<i64>,
    /// When it was computed.
    pub calculated_at: Option<Timestamp>,
}

/// Predictions as the API writes them.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default)]
pub struct ProfilePredictions {
    /// How likely the customer is gone, 0 to 1.
    pub churn_probability: Option<f64>,
    /// `LOW`, `MEDIUM`, `HIGH` or `CRITICAL`.
    pub churn_band: Option<String>,
    /// Expected revenue of the next 365 days, in minor units.
    pub ltv_365_cents: Option<i64>,
    /// `VIP`, `HIGH`, `MEDIUM` or `LOW`.
    pub ltv_class: Option<String>,
}

/// One track event, as far as segments look at it.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct SegmentEvent {
    /// Its name.
    pub name: String,
    /// When it happened.
    pub time: Timestamp,
    /// Its id; of two events of one instant the later is the one with the larger id.
    #[serde(default)]
    pub id: String,
    /// Its properties.
    #[serde(default)]
    pub properties: Map<String, Value>,
}

impl fmt::Debug for ProfileFacts {
    /// The id alone: the rest may name a person.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ProfileFacts").field("id", &self.id).finish_non_exhaustive()
    }
}

impl fmt::Debug for SegmentEvent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SegmentEvent")
            .field("name", &self.name)
            .field("time", &self.time)
            .finish_non_exhaustive()
    }
}

impl ProfileFacts {
    /// The value of a field; the events in the window count.
    pub(crate) fn value(&self, field: &Field, window: EventWindow) -> Scalar<'_> {
        match field {
            Field::Fixed(fixed) => self.fixed(*fixed),
            Field::Data(path) => Scalar::of(at_path(&self.data, path)),
            Field::Trait(name) => Scalar::of(self.traits.get(name)),
            Field::Identifier(kind) => Scalar::Boolean(self.identifiers.contains(kind)),
            Field::Consent(kind) => Scalar::Boolean(self.consents.contains(kind)),
            Field::Segment(id) => Scalar::Boolean(self.segment_ids.contains(id)),
            Field::Event(event) => self.event(event, window),
        }
    }

    fn fixed(&self, field: FixedField) -> Scalar<'_> {
        use FixedField as F;
        let rfm = self.rfm.as_ref();
        let predicted = self.predictions.as_ref();
        match field {
            F::LifecycleStage => text(self.lifecycle_stage.as_ref()),
            F::TotalEvents => whole(Some(self.total_events)),
            F::TotalSessions => whole(Some(self.total_sessions)),
            F::TotalPurchases => whole(Some(self.total_purchases)),
            F::TotalRevenueCents => whole(Some(self.total_revenue_cents)),
            F::FirstSeenAt => time(self.first_seen_at),
            F::LastSeenAt => time(self.last_seen_at),
            F::ExternalId => text(self.external_id.as_ref()),
            F::RecencyDays => whole(rfm.and_then(|rfm| rfm.recency_days)),
            F::Frequency => whole(rfm.and_then(|rfm| rfm.frequency)),
            F::MonetaryCents => whole(rfm.and_then(|rfm| rfm.monetary_cents)),
            F::RecencyScore => whole(rfm.and_then(|rfm| rfm.recency_score)),
            F::FrequencyScore => whole(rfm.and_then(|rfm| rfm.frequency_score)),
            F::MonetaryScore => whole(rfm.and_then(|rfm| rfm.monetary_score)),
            F::RfmCell => text(rfm.and_then(|rfm| rfm.rfm_cell.as_ref())),
            F::RfmScore => real(rfm.and_then(|rfm| rfm.rfm_score)),
            F::RfmSegment => text(rfm.and_then(|rfm| rfm.segment.as_ref())),
            F::AnalysisWindowDays => whole(rfm.and_then(|rfm| rfm.analysis_window_days)),
            F::CalculatedAt => time(rfm.and_then(|rfm| rfm.calculated_at)),
            F::ChurnProbability => real(predicted.and_then(|predicted| predicted.churn_probability)),
            F::ChurnBand => text(predicted.and_then(|predicted| predicted.churn_band.as_ref())),
            F::Ltv365Cents => whole(predicted.and_then(|predicted| predicted.ltv_365_cents)),
            F::LtvClass => text(predicted.and_then(|predicted| predicted.ltv_class.as_ref())),
        }
    }

    fn event(&self, field: &EventField, window: EventWindow) -> Scalar<'_> {
        let mut events =
            self.events.iter().filter(|event| event.name == field.name && window.holds(event.time.millis()));
        match &field.fact {
            EventFactKind::Count => {
                Scalar::Number(Number::Integer(i128::try_from(events.count()).unwrap_or(i128::MAX)))
            }
            EventFactKind::Exists => Scalar::Boolean(events.next().is_some()),
            EventFactKind::First => time(events.map(|event| event.time).min()),
            EventFactKind::Last => time(events.map(|event| event.time).max()),
            EventFactKind::Sum(path) => Scalar::Number(Number::Sum(
                events
                    .filter_map(|event| at_path(&event.properties, path).and_then(amount_of))
                    .fold(0, i128::saturating_add),
            )),
            EventFactKind::Property(path) => events
                .map(|event| (event, Scalar::of(at_path(&event.properties, path))))
                .filter(|(_, value)| !value.is_null())
                .max_by(|(a, _), (b, _)| (a.time, &a.id).cmp(&(b.time, &b.id)))
                .map_or(Scalar::Null, |(_, value)| value),
        }
    }
}

/// What stands at a path of keys; lists have no keys.
pub(crate) fn at_path<'a>(map: &'a Map<String, Value>, path: &[String]) -> Option<&'a Value> {
    let (first, rest) = path.split_first()?;
    rest.iter().try_fold(map.get(first)?, |value, key| value.as_object()?.get(key))
}

fn text(value: Option<&String>) -> Scalar<'_> {
    value.map_or(Scalar::Null, |value| Scalar::Text(value))
}

fn whole<'a>(value: Option<i64>) -> Scalar<'a> {
    value.map_or(Scalar::Null, |value| Scalar::Number(Number::Integer(i128::from(value))))
}

/// NaN and infinities count as missing.
fn real<'a>(value: Option<f64>) -> Scalar<'a> {
    value.filter(|value| value.is_finite()).map_or(Scalar::Null, |value| Scalar::Number(Number::Real(value)))
}

fn time<'a>(value: Option<Timestamp>) -> Scalar<'a> {
    value.map_or(Scalar::Null, |value| Scalar::Time(value.millis()))
}

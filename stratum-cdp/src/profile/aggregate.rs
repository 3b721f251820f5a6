//! A profile of a list of events, as every language asks for it.

use std::collections::BTreeSet;
use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use stratum_core::problem::{ProblemCollector, Problems};
use stratum_core::{Currency, Timestamp};

use super::state::ProfileState;
use crate::event::Event;
use crate::identifier::CleaningSettings;

/// The events of one person.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ProfileRequest {
    /// The tenant's currency: what an amount without one is in, and what revenue is in.
    pub currency: Currency,
    /// The events, in any order. One that is there twice, by its id or its content, counts once.
    #[cfg_attr(feature = "schema", schemars(with = "Vec<Event>"))]
    pub events: Vec<Value>,
    /// How their identifiers are cleaned.
    #[serde(default)]
    pub settings: CleaningSettings,
}

impl fmt::Debug for ProfileRequest {
    /// Only how many events there are: they may name a person.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ProfileRequest").field("events", &self.events.len()).finish_non_exhaustive()
    }
}

/// What the events of a person add up to.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct ProfileMetrics {
    /// How many `track` events.
    pub total_events: u64,
    /// How many visits: distinct session ids, and runs without a gap of more than 30 minutes of the events without one.
    pub total_sessions: u64,
    /// How many purchases.
    pub total_purchases: u64,
    /// Purchases less refunds, in minor units of the tenant's currency.
    pub total_revenue_cents: i64,
    /// How many amounts were in another currency and are not in the revenue.
    pub other_currency_amounts: u64,
    /// The earliest event of any kind.
    pub first_seen_at: Option<Timestamp>,
    /// The latest event of any kind.
    pub last_seen_at: Option<Timestamp>,
    /// The earliest purchase.
    pub first_purchase_at: Option<Timestamp>,
    /// The latest purchase.
    pub last_purchase_at: Option<Timestamp>,
    /// For each attribute the value of the latest event that has one.
    pub attributes: Map<String, Value>,
}

impl fmt::Debug for ProfileMetrics {
    /// Without the attributes: they may name a person.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ProfileMetrics")
            .field("total_events", &self.total_events)
            .field("total_purchases", &self.total_purchases)
            .field("first_seen_at", &self.first_seen_at)
            .field("last_seen_at", &self.last_seen_at)
            .finish_non_exhaustive()
    }
}

/// Adds up the events of a person.
///
/// # Errors
/// Every problem of every event, below `/events` and its position.
pub fn aggregate(request: &ProfileRequest) -> Result<ProfileMetrics, Problems> {
    let mut found = ProblemCollector::new();
    let mut state = ProfileState::new();
    let mut known = BTreeSet::new();
    let policy = request.settings.policy();
    for (position, event) in request.events.iter().enumerate() {
        let read = Event::from_json(event.clone(), &policy).and_then(|event| Ok((event.key()?, event)));
        if let Some((key, event)) = found.take(&format!("/events/{position}"), read)
            && known.insert(key.clone())
        {
            state.add(&event, &key, request.currency);
        }
    }
    found.into_result(state.finish())
}

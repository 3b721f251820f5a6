//! Counters, times and attributes, in any order and any number of parts.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use stratum_core::{Currency, Timestamp};

use super::aggregate::ProfileMetrics;
use crate::event::{Event, EventKind, count_sessions};

/// The name of the events that buy.
const PURCHASE: &str = "Purchase";
/// The name of the events that give back.
const REFUND: &str = "Refund";

/// What some events of a person add up to. An event is added once: events are deduplicated where they come in.
#[derive(Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct ProfileState {
    events: u64,
    sessions: BTreeSet<String>,
    /// Without a session id. Two events of one instant are one visit, so a set is enough.
    times_without_session: BTreeSet<Timestamp>,
    purchases: u64,
    revenue: i64,
    other_currency: u64,
    seen: Option<(Timestamp, Timestamp)>,
    bought: Option<(Timestamp, Timestamp)>,
    attributes: BTreeMap<String, Attribute>,
}

/// The newest value of an attribute.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
struct Attribute {
    at: Timestamp,
    event: String,
    value: Value,
}

impl Attribute {
    /// The later event, and of one instant the one with the larger id.
    fn is_newer_than(&self, other: &Self) -> bool {
        (self.at, &self.event) > (other.at, &other.event)
    }
}

impl ProfileState {
    /// Nothing happened yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds an event under the key by which it is deduplicated. Amounts in another currency than the tenant's are counted and
    /// not added.
    pub fn add(&mut self, event: &Event, key: &str, tenant: Currency) {
        let at = event.event_time();
        widen(&mut self.seen, at);
        for (name, value) in event.traits().iter().filter(|(_, value)| !value.is_null()) {
            let attribute = Attribute { at, event: key.to_owned(), value: value.clone() };
            set(&mut self.attributes, name, attribute);
        }
        if event.kind() != EventKind::Track {
            return;
        }
        self.events = self.events.saturating_add(1);
        match &event.context().session_id {
            Some(session) => {
                self.sessions.insert(session.clone());
            }
            None => {
                self.times_without_session.insert(at);
            }
        }
        let name = event.event_name().unwrap_or_default();
        if name == PURCHASE {
            self.purchases = self.purchases.saturating_add(1);
            widen(&mut self.bought, at);
        }
        if name == PURCHASE || name == REFUND {
            let amount = event.revenue(tenant).unwrap_or(0);
            let amount = if name == REFUND { amount.saturating_neg() } else { amount };
            self.revenue = self.revenue.saturating_add(amount);
            self.other_currency =
                self.other_currency.saturating_add(u64::from(event.has_other_currency(tenant)));
        }
    }

    /// Adds what happened to a profile that turns out to be the same person.
    pub fn merge(&mut self, other: Self) {
        self.events = self.events.saturating_add(other.events);
        self.sessions.extend(other.sessions);
        self.times_without_session.extend(other.times_without_session);
        self.purchases = self.purchases.saturating_add(other.purchases);
        self.revenue = self.revenue.saturating_add(other.revenue);
        self.other_currency = self.other_currency.saturating_add(other.other_currency);
        for (span, other) in [(&mut self.seen, other.seen), (&mut self.bought, other.bought)] {
            if let Some((first, last)) = other {
                widen(span, first);
                widen(span, last);
            }
        }
        for (name, attribute) in other.attributes {
            set(&mut self.attributes, &name, attribute);
        }
    }

    /// What it adds up to.
    #[must_use]
    pub fn finish(&self) -> ProfileMetrics {
        let unnamed = count_sessions(self.times_without_session.iter().map(|&at| (at, None)));
        let named = u64::try_from(self.sessions.len()).unwrap_or(u64::MAX);
        let attributes = self.attributes.iter();
        let attributes: Map<String, Value> =
            attributes.map(|(name, attribute)| (name.clone(), attribute.value.clone())).collect();
        ProfileMetrics {
            total_events: self.events,
            total_sessions: named.saturating_add(unnamed),
            total_purchases: self.purchases,
            total_revenue_cents: self.revenue,
            other_currency_amounts: self.other_currency,
            first_seen_at: self.seen.map(|(first, _)| first),
            last_seen_at: self.seen.map(|(_, last)| last),
            first_purchase_at: self.bought.map(|(first, _)| first),
            last_purchase_at: self.bought.map(|(_, last)| last),
            attributes,
        }
    }
}

impl fmt::Debug for ProfileState {
    /// Only the counters: attributes and sessions may name a person.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ProfileState")
            .field("events", &self.events)
            .field("purchases", &self.purchases)
            .field("seen", &self.seen)
            .finish_non_exhaustive()
    }
}

fn widen(span: &mut Option<(Timestamp, Timestamp)>, at: Timestamp) {
    *span = Some(span.map_or((at, at), |(first, last)| (first.min(at), last.max(at))));
}

fn set(attributes: &mut BTreeMap<String, Attribute>, name: &str, attribute: Attribute) {
    match attributes.get_mut(name) {
        Some(known) if attribute.is_newer_than(known) => *known = attribute,
        Some(_) => {}
        None => {
            attributes.insert(name.to_owned(), attribute);
        }
    }
}

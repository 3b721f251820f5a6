//! The traits of one person: events in any order, merges, any later instant.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use stratum_core::Timestamp;

use super::accumulator::{Contribution, EventKey};
use super::profile_fields::ProfileFields;
use super::set::TraitSet;
use super::tally::{Span, TraitTally};

/// What the events of one person give to each trait, for as long as they can count. An event is there once, by its time and
/// id.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TraitState(BTreeMap<String, Kept>);

/// What events give to a trait, and under which definition: under another one it means nothing.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Kept {
    definition: String,
    #[serde(with = "as_list")]
    events: BTreeMap<EventKey, Contribution>,
}

/// JSON has texts for keys only, so the events are stored as a list.
mod as_list {
    use super::{BTreeMap, Contribution, Deserialize, EventKey};

    pub(super) fn serialize<S: serde::Serializer>(
        events: &BTreeMap<EventKey, Contribution>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(events)
    }

    pub(super) fn deserialize<'de, D: serde::Deserializer<'de>>(
        deserializer: D,
    ) -> Result<BTreeMap<EventKey, Contribution>, D::Error> {
        Ok(Vec::deserialize(deserializer)?.into_iter().collect())
    }
}

impl fmt::Debug for TraitState {
    /// The names of the traits: values may name a person.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
}

impl TraitState {
    /// Nothing happened yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds an event.
    pub fn add(
        &mut self,
        set: &TraitSet,
        event_id: &str,
        event_name: &str,
        event_time: Timestamp,
        properties: &Map<String, Value>,
    ) {
        for one in &set.traits {
            let Some(contribution) = one.contribution(event_name, properties) else { continue };
            let empty = || Kept { definition: one.digest.clone(), events: BTreeMap::new() };
            let kept = self.0.entry(one.definition.name.clone()).or_insert_with(empty);
            // A definition that changed begins anew: what was kept for the other is of no use to it.
            if kept.definition != one.digest {
                *kept = empty();
            }
            kept.events.insert((event_time.millis(), event_id.to_owned()), contribution);
        }
    }

    /// Adds what happened to a profile that turns out to be the same person.
    pub fn merge(&mut self, other: Self) {
        for (name, other) in other.0 {
            match self.0.get_mut(&name) {
                // Two definitions: one side was kept for an older one, so neither is known to be whole.
                Some(own) if own.definition != other.definition => {
                    self.0.remove(&name);
                }
                Some(own) => own.events.extend(other.events),
                None => {
                    self.0.insert(name, other);
                }
            }
        }
    }

    /// Forgets events that count no more, now or later: those before their window, and all of more than 13 calendar months
    /// ago.
    pub fn prune(&mut self, set: &TraitSet, now: Timestamp) {
        for one in &set.traits {
            let span = Span::of(one, now);
            if let Some(kept) = self.0.get_mut(&one.definition.name) {
                kept.events.retain(|(at_ms, _), _| !span.is_over(*at_ms));
            }
        }
    }

    /// The traits at an instant, and how many values each could not read. Events after the instant do not count.
    #[must_use]
    pub fn finish(
        &self,
        set: &TraitSet,
        profile: &ProfileFields,
        now: Timestamp,
    ) -> (Map<String, Value>, BTreeMap<String, u64>) {
        let (at, mut tally) = (set.at(now), TraitTally::default());
        for (number, one) in set.traits.iter().enumerate() {
            let kept = self.0.get(&one.definition.name).filter(|kept| kept.definition == one.digest);
            at.count_kept(&mut tally, number, kept.into_iter().flat_map(|kept| &kept.events));
        }
        at.finish(&tally, profile)
    }
}

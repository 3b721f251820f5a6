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
    /// Whether events that came before are not in it.
    #[serde(default, skip_serializing_if = "is_false")]
    rebuild: bool,
    #[serde(with = "as_list")]
    events: BTreeMap<EventKey, Contribution>,
}

impl Kept {
    const fn new(definition: String, rebuild: bool) -> Self {
        Self { definition, rebuild, events: BTreeMap::new() }
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands over a reference")]
const fn is_false(flag: &bool) -> bool {
    !*flag
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

    /// Adds an event. A trait whose definition changed begins anew, and needs a rebuild ([`Self::needs_rebuild`]).
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
            let empty = |rebuild| Kept::new(one.digest.clone(), rebuild);
            let kept = self.0.entry(one.definition.name.clone()).or_insert_with(|| empty(false));
            // A definition that changed begins anew: what was kept for the other is of no use to it.
            if kept.definition != one.digest {
                *kept = empty(true);
            }
            kept.events.insert((event_time.millis(), event_id.to_owned()), contribution);
        }
    }

    /// Adds what happened to a profile that turns out to be the same person. A trait that the two sides kept under different
    /// definitions needs a rebuild ([`Self::needs_rebuild`]).
    pub fn merge(&mut self, other: Self) {
        for (name, other) in other.0 {
            match self.0.get_mut(&name) {
                // Two definitions: one side was kept for an older one, so neither is known to be whole.
                Some(own) if own.definition != other.definition => *own = Kept::new(String::new(), true),
                Some(own) => {
                    own.events.extend(other.events);
                    own.rebuild |= other.rebuild;
                }
                None => {
                    self.0.insert(name, other);
                }
            }
        }
    }

    /// Forgets what counts no more, now or later: events before their window, all of more than 13 calendar months ago, what was
    /// kept for traits that are not in the set, or under another definition of one that is. The traits that need a rebuild are
    /// answered, as by [`Self::needs_rebuild`].
    pub fn prune<'s>(&mut self, set: &'s TraitSet, now: Timestamp) -> Vec<&'s str> {
        let mut kept_before = std::mem::take(&mut self.0);
        for one in &set.traits {
            let span = Span::of(one, now);
            let name = &one.definition.name;
            let Some(mut kept) = kept_before.remove(name) else { continue };
            if kept.definition == one.digest {
                kept.events.retain(|(at_ms, _), _| !span.is_over(*at_ms));
            } else {
                kept = Kept::new(one.digest.clone(), true);
            }
            self.0.insert(name.clone(), kept);
        }
        self.needs_rebuild(set)
    }

    /// The traits that events are missing of, because their definition changed after the events had come: until they are computed
    /// from all events in a new state, they count what came since.
    #[must_use]
    pub fn needs_rebuild<'s>(&self, set: &'s TraitSet) -> Vec<&'s str> {
        let incomplete = |kept: &Kept, digest: &str| kept.rebuild || kept.definition != digest;
        set.traits
            .iter()
            .filter(|one| self.0.get(&one.definition.name).is_some_and(|kept| incomplete(kept, &one.digest)))
            .map(|one| one.definition.name.as_str())
            .collect()
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

//! The traits of one person: events in any order, merges, any later instant.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Number, Value};
use stratum_core::Timestamp;
use stratum_core::time::DAY_MS;

use super::accumulator::{Accumulator, Contribution, EventKey};
use super::definition::TraitType;
use super::formula::Operand;
use super::profile_fields::ProfileFields;
use super::set::{CompiledTrait, TraitSet, has_type};

/// What the events of one person come to, by trait. An event is added once: events are deduplicated where they come in.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TraitState(BTreeMap<String, Kept>);

/// What events come to, and for which definition: under another one it means nothing.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Kept {
    definition: String,
    parts: Parts,
}

#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
enum Parts {
    /// Of all time: what events come to is kept, not the events.
    Whole(Box<Accumulator>),
    /// Of a window: each event that can still lie in it is kept.
    Window(#[serde(with = "as_list")] BTreeMap<EventKey, Contribution>),
}

/// JSON has texts for keys only, so the events of a window are stored as a list.
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
        let key = (event_time.millis(), event_id.to_owned());
        for one in &set.traits {
            let Some(contribution) = one.contribution(event_name, properties) else { continue };
            let definition = &one.definition;
            let empty = || Kept {
                definition: one.digest.clone(),
                parts: match definition.source_config.time_window_days {
                    None => Parts::Whole(Box::default()),
                    Some(_) => Parts::Window(BTreeMap::new()),
                },
            };
            let kept = self.0.entry(definition.name.clone()).or_insert_with(empty);
            // A definition that changed begins anew: what was kept for the other is of no use to it.
            if kept.definition != one.digest {
                *kept = empty();
            }
            match &mut kept.parts {
                Parts::Whole(whole) => whole.add(definition.trait_type, &key, &contribution),
                Parts::Window(events) => {
                    events.insert(key.clone(), contribution);
                }
            }
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
                Some(own) => match (&mut own.parts, other.parts) {
                    (Parts::Whole(own), Parts::Whole(other)) => own.merge(*other),
                    (Parts::Window(own), Parts::Window(other)) => own.extend(other),
                    _ => {}
                },
                None => {
                    self.0.insert(name, other);
                }
            }
        }
    }

    /// Forgets events that lie in no window any more, now or later.
    pub fn prune(&mut self, set: &TraitSet, now: Timestamp) {
        for one in &set.traits {
            let kept = self.0.get_mut(&one.definition.name).map(|kept| &mut kept.parts);
            let (Some(days), Some(Parts::Window(events))) =
                (one.definition.source_config.time_window_days, kept)
            else {
                continue;
            };
            let start = now.millis().saturating_sub(DAY_MS.saturating_mul(i64::from(days)));
            events.retain(|(at, _), _| *at > start);
        }
    }

    /// The traits at an instant, and how many values each could not read. Events after the instant do not lie in a window.
    #[must_use]
    pub fn finish(
        &self,
        set: &TraitSet,
        profile: &ProfileFields,
        now: Timestamp,
    ) -> (Map<String, Value>, BTreeMap<String, u64>) {
        let (mut values, mut skipped) = (Map::new(), BTreeMap::new());
        for one in set.traits.iter().filter(|one| one.formula.is_none()) {
            let total = self.total(one, now);
            let definition = &one.definition;
            if total.skipped() > 0 {
                skipped.insert(definition.name.clone(), total.skipped());
            }
            let value = total.finish(definition.trait_type);
            let value = value.filter(|value| has_type(value, definition.output_type));
            values.insert(definition.name.clone(), or_default(value, one));
        }
        for one in set.formulas.iter().filter_map(|&at| set.traits.get(at)) {
            let Some(formula) = &one.formula else { continue };
            let value_of = |name: &str| match values.get(name.strip_prefix("trait.").unwrap_or(name)) {
                Some(value) => operand(value),
                None => profile.value(name, now),
            };
            let value = json(formula.evaluate(now, &value_of));
            let value = value.filter(|value| has_type(value, one.definition.output_type));
            values.insert(one.definition.name.clone(), or_default(value, one));
        }
        (values, skipped)
    }

    fn total(&self, one: &CompiledTrait, now: Timestamp) -> Accumulator {
        let definition = &one.definition;
        let kept = self.0.get(&definition.name).filter(|kept| kept.definition == one.digest);
        match (kept.map(|kept| &kept.parts), definition.source_config.time_window_days) {
            (Some(Parts::Whole(whole)), None) => (**whole).clone(),
            (Some(Parts::Window(events)), Some(days)) => {
                let start = now.millis().saturating_sub(DAY_MS.saturating_mul(i64::from(days)));
                let mut total = Accumulator::default();
                let inside = events.iter().filter(|((at, _), _)| *at > start && *at <= now.millis());
                inside.for_each(|(key, contribution)| total.add(definition.trait_type, key, contribution));
                total
            }
            _ => Accumulator::default(),
        }
    }
}

impl CompiledTrait {
    /// What an event gives to this trait; `None` if it is none of its events.
    fn contribution(&self, event_name: &str, properties: &Map<String, Value>) -> Option<Contribution> {
        let source = &self.definition.source_config;
        if self.definition.trait_type == TraitType::Formula
            || source.event_name.as_ref().is_some_and(|name| name != event_name)
            || !self.filters.iter().all(|filter| filter.holds(properties))
        {
            return None;
        }
        if self.path.is_none() {
            return Some(Contribution::Event);
        }
        self.property(properties).map(|value| Contribution::of(self.definition.trait_type, value))
    }
}

fn or_default(value: Option<Value>, one: &CompiledTrait) -> Value {
    value.or_else(|| one.definition.default_value.clone()).unwrap_or(Value::Null)
}

fn operand(value: &Value) -> Operand {
    match value {
        Value::Number(number) => number.as_f64().map_or(Operand::Null, Operand::Number),
        Value::Bool(flag) => Operand::Boolean(*flag),
        Value::String(text) => text.parse().map_or_else(|_| Operand::Text(text.clone()), Operand::Time),
        Value::Null | Value::Array(_) | Value::Object(_) => Operand::Null,
    }
}

/// A whole number up to 2^53 is written as one, like any sum.
fn json(value: Operand) -> Option<Value> {
    match value {
        Operand::Null => None,
        Operand::Number(number) if number.fract() == 0.0 && number.abs() < 9e15 => {
            number.to_string().parse::<i64>().ok().map(Value::from)
        }
        Operand::Number(number) => Number::from_f64(number).map(Value::Number),
        Operand::Text(text) => Some(Value::String(text)),
        Operand::Boolean(flag) => Some(Value::Bool(flag)),
        Operand::Time(at) => Some(Value::String(at.to_string())),
    }
}

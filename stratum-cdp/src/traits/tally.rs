//! Traits at an instant: what the events that count at it come to.

use std::collections::BTreeMap;

use serde_json::{Map, Number, Value};
use stratum_core::Timestamp;
use stratum_core::time::DAY_MS;

use super::accumulator::{Accumulator, Contribution};
use super::definition::TraitType;
use super::formula::Operand;
use super::profile_fields::ProfileFields;
use super::set::{CompiledTrait, TraitSet, has_type};
use crate::event::oldest_kept;

/// The instants whose events count for a trait: up to now, of the last days of its window, and never longer back than events
/// are kept. What was dropped from a store and what is still in one then makes no difference.
#[derive(Debug, Clone, Copy)]
pub(super) struct Span {
    /// The first and the last instant that counts.
    from_ms: i64,
    to_ms: i64,
}

impl Span {
    pub(super) fn of(one: &CompiledTrait, now: Timestamp) -> Self {
        let kept_ms = oldest_kept(now).map_or(i64::MIN, Timestamp::millis);
        // A window begins after the instant of so many days ago.
        let window_ms = one.definition.source_config.time_window_days.map_or(i64::MIN, |days| {
            let length = DAY_MS.saturating_mul(i64::from(days));
            now.millis().saturating_sub(length).saturating_add(1)
        });
        Self { from_ms: kept_ms.max(window_ms), to_ms: now.millis() }
    }

    pub(super) const fn holds(self, at_ms: i64) -> bool {
        self.from_ms <= at_ms && at_ms <= self.to_ms
    }

    /// Whether an event can count now, or at any later instant.
    pub(super) const fn is_over(self, at_ms: i64) -> bool {
        at_ms < self.from_ms
    }
}

/// Traits at an instant, ready for the events of many people.
#[derive(Debug, Clone)]
pub struct TraitsAt<'s> {
    set: &'s TraitSet,
    now: Timestamp,
    spans: Vec<Span>,
}

/// What the events of one person come to at an instant. Nothing but that is kept of them.
#[derive(Debug, Clone, Default)]
pub struct TraitTally(Vec<Accumulator>);

impl TraitSet {
    /// The traits at an instant: events after it do not count, nor those of more than 13 calendar months before it.
    #[must_use]
    pub fn at(&self, now: Timestamp) -> TraitsAt<'_> {
        TraitsAt { set: self, now, spans: self.traits.iter().map(|one| Span::of(one, now)).collect() }
    }
}

impl TraitsAt<'_> {
    /// Adds an event of a person, in any order. An event is added once.
    pub fn add(
        &self,
        tally: &mut TraitTally,
        event_id: &str,
        event_name: &str,
        event_time: Timestamp,
        properties: &Map<String, Value>,
    ) {
        let at_ms = event_time.millis();
        for (number, (one, span)) in self.set.traits.iter().zip(&self.spans).enumerate() {
            if span.holds(at_ms)
                && let Some(contribution) = one.contribution(event_name, properties)
            {
                self.count(tally, number, (at_ms, event_id), &contribution);
            }
        }
    }

    /// Adds what one event gives to the trait at a position.
    fn count(&self, tally: &mut TraitTally, number: usize, key: (i64, &str), contribution: &Contribution) {
        if tally.0.is_empty() {
            tally.0.resize_with(self.set.traits.len(), Accumulator::default);
        }
        if let (Some(total), Some(one)) = (tally.0.get_mut(number), self.set.traits.get(number)) {
            total.add(one.definition.trait_type, key, contribution);
        }
    }

    /// Adds those of the events that were kept for the trait at a position which count.
    pub(super) fn count_kept<'e>(
        &self,
        tally: &mut TraitTally,
        number: usize,
        events: impl Iterator<Item = (&'e (i64, String), &'e Contribution)>,
    ) {
        let Some(span) = self.spans.get(number) else { return };
        for ((at_ms, id), contribution) in events.filter(|((at_ms, _), _)| span.holds(*at_ms)) {
            self.count(tally, number, (*at_ms, id), contribution);
        }
    }

    /// The traits of a person, formulas included, and how many values each could not read.
    #[must_use]
    pub fn finish(
        &self,
        tally: &TraitTally,
        profile: &ProfileFields,
    ) -> (Map<String, Value>, BTreeMap<String, u64>) {
        let (mut values, mut skipped) = (Map::new(), BTreeMap::new());
        let nothing = Accumulator::default();
        for (number, one) in self.set.traits.iter().enumerate().filter(|(_, one)| one.formula.is_none()) {
            let total = tally.0.get(number).unwrap_or(&nothing);
            let definition = &one.definition;
            if total.skipped() > 0 {
                skipped.insert(definition.name.clone(), total.skipped());
            }
            let value = total.finish(definition.trait_type);
            let value = value.filter(|value| has_type(value, definition.output_type));
            values.insert(definition.name.clone(), or_default(value, one));
        }
        for one in self.set.formulas.iter().filter_map(|&at| self.set.traits.get(at)) {
            let Some(formula) = &one.formula else { continue };
            let value_of = |name: &str| match values.get(name.strip_prefix("trait.").unwrap_or(name)) {
                Some(value) => operand(value),
                None => profile.value(name, self.now),
            };
            let value = json(formula.evaluate(self.now, &value_of));
            let value = value.filter(|value| has_type(value, one.definition.output_type));
            values.insert(one.definition.name.clone(), or_default(value, one));
        }
        (values, skipped)
    }
}

impl CompiledTrait {
    /// What an event gives to this trait; `None` if it is none of its events.
    pub(super) fn contribution(
        &self,
        event_name: &str,
        properties: &Map<String, Value>,
    ) -> Option<Contribution> {
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

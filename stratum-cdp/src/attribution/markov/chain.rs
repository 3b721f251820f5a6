//! The chain that journeys make: its states, and how often each step was taken.

use std::collections::BTreeMap;

use super::super::path_counts::{CanonicalPaths, PathOutcome};

/// Where a step leads.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Target {
    Channel(u16),
    Conversion,
    Null,
}

/// The last channels of a journey, 16 bits each: the position of a channel plus one, the latest one lowest. Nothing is
/// the start.
pub(super) type History = u64;

const START: History = 0;
const BITS: u32 = 16;

/// How often each step was taken, from each of the last `order` channels.
#[derive(Debug, PartialEq)]
pub(super) struct Steps {
    order: u8,
    counts: BTreeMap<(History, Target), u64>,
}

impl Steps {
    /// No steps yet; of the orders 1 to 4.
    pub(super) const fn new(order: u8) -> Self {
        Self { order, counts: BTreeMap::new() }
    }

    /// Counts the steps of the journeys of a path.
    pub(super) fn add(&mut self, path: &[u16], outcome: &PathOutcome) {
        let mut at = START;
        for &channel in path {
            self.step(at, Target::Channel(channel), outcome.journeys());
            at = after(at, channel, self.order);
        }
        self.step(at, Target::Conversion, outcome.conversions);
        self.step(at, Target::Null, outcome.nulls);
    }

    /// Adds the steps from one channel, or from the start, in a chain of order 1: to conversion, to null, and onward.
    pub(super) fn of_order_one(
        &mut self,
        from: Option<u16>,
        ends: &[u64],
        onward: impl Iterator<Item = (u16, u64)>,
    ) {
        let from = from.map_or(START, |channel| after(START, channel, 1));
        for (target, &count) in [Target::Conversion, Target::Null].into_iter().zip(ends) {
            self.step(from, target, count);
        }
        onward.for_each(|(channel, count)| self.step(from, Target::Channel(channel), count));
    }

    fn step(&mut self, from: History, to: Target, count: u64) {
        if count > 0 {
            let known = self.counts.entry((from, to)).or_default();
            *known = known.saturating_add(count);
        }
    }
}

/// The history of a journey after one channel more.
fn after(at: History, channel: u16, order: u8) -> History {
    let kept = (u64::BITS).saturating_sub(u32::from(order.clamp(1, 4)).saturating_mul(BITS));
    let longer = (at << BITS) | u64::from(channel).wrapping_add(1);
    (longer << kept) >> kept
}

/// A state of the chain.
#[derive(Debug, Default, PartialEq)]
pub(super) struct State {
    /// The last channels of the journeys that are here.
    pub(super) history: History,
    /// How often they went on to which state.
    pub(super) next: Vec<(usize, u64)>,
    pub(super) conversions: u64,
    pub(super) nulls: u64,
}

impl State {
    /// The latest channel; none at the start.
    pub(super) fn channel(&self) -> Option<u16> {
        newest(self.history)
    }

    /// Whether one of its channels is this one.
    pub(super) fn contains(&self, channel: u16) -> bool {
        let mut history = self.history;
        while let Some(newest) = newest(history) {
            if newest == channel {
                return true;
            }
            history >>= BITS;
        }
        false
    }
}

fn newest(history: History) -> Option<u16> {
    u16::try_from(history & u64::from(u16::MAX)).ok()?.checked_sub(1)
}

/// An absorbing chain: a start, states, and the two ends, conversion and null.
#[derive(Debug, PartialEq)]
pub(super) struct Chain<'a> {
    pub(super) order: u8,
    /// The names of the channels, sorted.
    pub(super) channels: Vec<&'a str>,
    /// The start, then the others in the order of their histories. Empty without a journey.
    pub(super) states: Vec<State>,
    /// How many different steps there are.
    pub(super) transitions: usize,
}

impl<'a> Chain<'a> {
    /// The chain of the paths that have a channel.
    pub(super) fn of(canonical: &CanonicalPaths<'a>, order: u8) -> Self {
        let mut steps = Steps::new(order);
        for (path, outcome) in
            canonical.paths.iter().filter(|(path, outcome)| !path.is_empty() && outcome.journeys() > 0)
        {
            steps.add(path, outcome);
        }
        Self::new(canonical.channels.clone(), &steps)
    }

    pub(super) fn new(channels: Vec<&'a str>, steps: &Steps) -> Self {
        let mut states: Vec<State> = Vec::new();
        for &(history, _) in steps.counts.keys() {
            if states.last().is_none_or(|last| last.history != history) {
                states.push(State { history, ..State::default() });
            }
        }
        // Every state has a step out of it, since every journey has an end.
        let histories: Vec<History> = states.iter().map(|state| state.history).collect();
        let mut at = 0_usize;
        for (&(history, target), &count) in &steps.counts {
            while histories.get(at).is_some_and(|&here| here != history) {
                at = at.saturating_add(1);
            }
            let Some(state) = states.get_mut(at) else { break };
            match target {
                Target::Conversion => state.conversions = count,
                Target::Null => state.nulls = count,
                Target::Channel(channel) => {
                    let next = histories.binary_search(&after(history, channel, steps.order));
                    state.next.extend(next.ok().map(|next| (next, count)));
                }
            }
        }
        Self { order: steps.order, channels, states, transitions: steps.counts.len() }
    }
}

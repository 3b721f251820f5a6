//! Steps in any order: how many can be taken, each by an event of its own.

use super::attempt::{Attempt, StepEvent};
use super::definition::{CompiledFunnel, MAX_STEPS, bit};

impl CompiledFunnel<'_> {
    pub(super) fn best_unordered(&self, events: &[StepEvent]) -> Option<Attempt> {
        let all = (0..self.len()).fold(0, |all, step| all | bit(step));
        let places = Places::of(events, self.len());
        let mut best: Option<Attempt> = None;
        for (start, first) in events.iter().enumerate().filter(|(_, event)| event.steps & all != 0) {
            let attempt = self.unordered_from(start, first, events, &places);
            if best.is_none_or(|best| attempt.reached > best.reached) {
                best = Some(attempt);
            }
            if attempt.reached == self.len() {
                break;
            }
        }
        best
    }

    /// The attempt that an event begins: each next step is taken by the earliest event with which one more is taken.
    fn unordered_from(
        &self,
        start: usize,
        first: &StepEvent,
        events: &[StepEvent],
        places: &Places,
    ) -> Attempt {
        let mut assignment = Assignment { holders: [0; MAX_STEPS], steps: self.len() };
        let mut attempt = Attempt { reached: 0, at_ms: [first.at_ms; MAX_STEPS], first_row: first.row };
        let (mut from, mut last_ms) = (start, first.at_ms);
        for at_ms in attempt.at_ms.iter_mut().take(self.len()) {
            let Some((position, event)) = places.next(events, assignment.open(), from) else { break };
            if !self.in_time(first.at_ms, last_ms, event.at_ms) {
                break;
            }
            assignment.take(event.steps, &mut 0);
            (from, last_ms, *at_ms) = (position.saturating_add(1), event.at_ms, event.at_ms);
            attempt.reached = attempt.reached.saturating_add(1);
        }
        attempt
    }
}

/// Which event takes which step.
///
/// An event is taken where one step more can be taken with it, others changing their steps if need be (augmenting paths; Berge
/// 1957). Offered in order of time, the k-th event is then taken as early as any k steps can be (the sets of events that can
/// take steps are independent in a matroid, for which greed is right; Edmonds and Fulkerson 1965).
struct Assignment {
    /// For each step the steps that the event which takes it can meet; 0 for a free step.
    holders: [u32; MAX_STEPS],
    steps: usize,
}

impl Assignment {
    fn holders(&self) -> impl Iterator<Item = (usize, u32)> {
        self.holders.iter().copied().enumerate().take(self.steps)
    }

    /// The steps of which an event must meet one for one step more to be taken: those that are free, and those whose event
    /// can move on to one of these.
    fn open(&self) -> u32 {
        let free = self.holders().filter(|&(_, holder)| holder == 0);
        let mut open = free.fold(0, |open, (step, _)| open | bit(step));
        loop {
            let movable = self.holders().filter(|&(_, holder)| holder & open != 0);
            let more = movable.fold(open, |open, (step, _)| open | bit(step));
            if more == open {
                return open;
            }
            open = more;
        }
    }

    /// Gives the event a step, if there is one for it; `tried` are the steps that were asked already.
    fn take(&mut self, event: u32, tried: &mut u32) -> bool {
        for step in 0..self.steps {
            if event & bit(step) & !*tried == 0 {
                continue;
            }
            *tried |= bit(step);
            let holder = self.holders.get(step).copied().unwrap_or_default();
            if holder == 0 || self.take(holder, tried) {
                if let Some(place) = self.holders.get_mut(step) {
                    *place = event;
                }
                return true;
            }
        }
        false
    }
}

/// Where the events of each step stand, of a person with so many that looking through them for every attempt would show.
struct Places(Vec<Vec<usize>>);

/// So few events are looked through.
const FEW: usize = 64;

impl Places {
    fn of(events: &[StepEvent], steps: usize) -> Self {
        if events.len() <= FEW {
            return Self(Vec::new());
        }
        let standing = |step| {
            let all = events.iter().enumerate();
            all.filter(|(_, event)| event.steps & bit(step) != 0).map(|(position, _)| position).collect()
        };
        Self((0..steps).map(standing).collect())
    }

    /// The first event from a position on that meets one of the steps.
    fn next<'e>(&self, events: &'e [StepEvent], steps: u32, from: usize) -> Option<(usize, &'e StepEvent)> {
        let position = if self.0.is_empty() {
            let mut rest = events.iter().enumerate().skip(from);
            rest.find(|(_, event)| event.steps & steps != 0)?.0
        } else {
            let asked = self.0.iter().enumerate().filter(|&(step, _)| steps & bit(step) != 0);
            let first = |places: &Vec<usize>| places.get(places.partition_point(|&at| at < from)).copied();
            asked.filter_map(|(_, places)| first(places)).min()?
        };
        Some((position, events.get(position)?))
    }
}

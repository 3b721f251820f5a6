//! How far one person got: the best of the attempts.

use super::definition::{CompiledFunnel, MAX_STEPS, StepOrder, bit};

/// An event that may meet a step.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct StepEvent {
    /// When it happened, in milliseconds.
    pub at_ms: i64,
    /// The steps that it can meet: bit `i` for the step at position `i`.
    pub steps: u32,
    /// The position of the event where it came from.
    pub row: u32,
}

/// The best attempt of a person.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Attempt {
    /// How many steps were taken; at least one.
    pub reached: usize,
    /// When each of them was taken, in milliseconds; the first `reached` count.
    pub(super) at_ms: [i64; MAX_STEPS],
    /// The row of the event that took the first step.
    pub first_row: u32,
}

impl Attempt {
    /// When each step was taken, in milliseconds.
    #[must_use]
    pub fn times_ms(&self) -> &[i64] {
        self.at_ms.get(..self.reached).unwrap_or(&self.at_ms)
    }
}

impl CompiledFunnel<'_> {
    /// The best attempt among the events of one person, which are in order of time, then id.
    ///
    /// `None` if no event meets the first step (of an unordered funnel: any step).
    #[must_use]
    pub fn best_attempt(&self, events: &[StepEvent]) -> Option<Attempt> {
        match self.funnel.order {
            StepOrder::Ordered => self.best_ordered(events),
            StepOrder::Unordered => self.best_unordered(events),
        }
    }

    fn best_ordered(&self, events: &[StepEvent]) -> Option<Attempt> {
        // Where each step is found next. Attempts begin later and later, so no position is looked at twice for a step.
        let mut cursors = [0_usize; MAX_STEPS];
        let mut times = [0_i64; MAX_STEPS];
        let mut best: Option<Attempt> = None;
        // Beyond so many steps no later attempt comes: the next one has no event left.
        let mut most = self.len();
        for (start, first) in events.iter().enumerate().filter(|(_, event)| event.steps & 1 != 0) {
            let mut reached = 1_usize;
            let (mut last, mut last_ms) = (start, first.at_ms);
            for (step, (cursor, at_ms)) in
                cursors.iter_mut().zip(&mut times).enumerate().take(self.len()).skip(1)
            {
                let from = (*cursor).max(last.saturating_add(1));
                let Some((position, event)) = next(events, from, step) else {
                    *cursor = events.len();
                    most = most.min(step);
                    break;
                };
                *cursor = position;
                if !self.in_time(first.at_ms, last_ms, event.at_ms) {
                    break;
                }
                (last, last_ms, *at_ms) = (position, event.at_ms, event.at_ms);
                reached = reached.saturating_add(1);
            }
            let so_far = best.map_or(0, |best| best.reached);
            if reached > so_far {
                let mut at_ms = [first.at_ms; MAX_STEPS];
                for (at_ms, &time) in at_ms.iter_mut().zip(&times).take(reached).skip(1) {
                    *at_ms = time;
                }
                best = Some(Attempt { reached, at_ms, first_row: first.row });
            }
            if reached.max(so_far) >= most {
                break;
            }
        }
        best
    }

    pub(super) const fn in_time(&self, first_ms: i64, previous_ms: i64, at_ms: i64) -> bool {
        at_ms.saturating_sub(first_ms) <= self.window_ms
            && at_ms.saturating_sub(previous_ms) <= self.timeout_ms
    }
}

/// The first event from a position on that can meet a step.
fn next(events: &[StepEvent], from: usize, step: usize) -> Option<(usize, &StepEvent)> {
    let bit = bit(step);
    let rest = events.get(from..)?;
    let ahead = rest.iter().position(|event| event.steps & bit != 0)?;
    Some((from.saturating_add(ahead), rest.get(ahead)?))
}

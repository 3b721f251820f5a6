//! A funnel over columns: a row for each event, in any order.

use stratum_core::problem::{Problem, Problems};

use super::attempt::StepEvent;
use super::counts::FunnelCounts;
use super::definition::CompiledFunnel;

/// Events as columns of equal length.
#[derive(Debug, Clone, Copy)]
pub struct FunnelColumns<'a> {
    /// Whose event it is: a number below `people`.
    pub people: u32,
    /// For each event the number of its person.
    pub person: &'a [u32],
    /// For each event its instant, in milliseconds.
    pub at_ms: &'a [i64],
    /// For each event the steps that it can meet: bit `i` for the step at position `i`; 0 for the others.
    pub steps: &'a [u32],
}

impl FunnelColumns<'_> {
    /// Adds up the best attempts of all people. Events of one instant count in the order of their rows.
    ///
    /// The events that meet a step are dealt out to their people (two passes over the columns), and each person's few are
    /// sorted by themselves: no sort of everything. `progress` hears how many people are done and says whether to go on.
    ///
    /// # Errors
    /// `length_mismatch`, `too_many_rows` from 2^32 on, `out_of_range` for a person beyond `people`, `cancelled`.
    pub fn evaluate(
        &self,
        funnel: &CompiledFunnel<'_>,
        mut progress: impl FnMut(usize) -> bool,
    ) -> Result<FunnelCounts, Problems> {
        let (mut ends, mut dealt) = self.deal()?;
        let mut counts = FunnelCounts::new();
        let mut start = 0_usize;
        for (person, end) in ends.drain(..).enumerate() {
            let end = usize::try_from(end).unwrap_or(start);
            if person % 65_536 == 65_535 && !progress(person.saturating_add(1)) {
                return Err(Problem::new("", "cancelled", "the work was stopped").into());
            }
            let events = dealt.get_mut(start..end).unwrap_or_default();
            start = end;
            if events.is_empty() {
                continue;
            }
            if !events.is_sorted_by_key(|event| (event.at_ms, event.row)) {
                events.sort_unstable_by_key(|event| (event.at_ms, event.row));
            }
            if let Some(attempt) = funnel.best_attempt(events) {
                counts.add(funnel, &attempt, None);
            }
        }
        Ok(counts)
    }

    /// The events that meet a step, those of one person beside each other, and where each person's end.
    fn deal(&self) -> Result<(Vec<u32>, Vec<StepEvent>), Problems> {
        let rows = self.person.len();
        for (path, other) in [("/at_ms", self.at_ms.len()), ("/steps", self.steps.len())] {
            if other != rows {
                let text = format!("this has {other} rows, /person has {rows}");
                return Err(Problem::new(path, "length_mismatch", text).into());
            }
        }
        if u32::try_from(rows).is_err() {
            return Err(Problem::new("", "too_many_rows", "at most 4294967295 events at once")
                .help("deal people out to several parts and merge their counts")
                .into());
        }
        let mut cursors = vec![0_u32; usize::try_from(self.people).unwrap_or_default()];
        for (&person, &steps) in self.person.iter().zip(self.steps) {
            match cursors.get_mut(usize::try_from(person).unwrap_or(usize::MAX)) {
                Some(events) => *events = events.saturating_add(u32::from(steps != 0)),
                None => {
                    let text = format!("a person is a number below {}", self.people);
                    return Err(Problem::new("/person", "out_of_range", text).into());
                }
            }
        }
        let mut total = 0_u32;
        for cursor in &mut cursors {
            let events = *cursor;
            *cursor = total;
            total = total.saturating_add(events);
        }
        let empty = StepEvent { at_ms: 0, steps: 0, row: 0 };
        let mut dealt = vec![empty; usize::try_from(total).unwrap_or_default()];
        let columns = self.person.iter().zip(self.at_ms).zip(self.steps);
        for (row, ((&person, &at_ms), &steps)) in (0_u32..).zip(columns) {
            if steps == 0 {
                continue;
            }
            if let Some(cursor) = cursors.get_mut(usize::try_from(person).unwrap_or(usize::MAX)) {
                if let Some(place) = dealt.get_mut(usize::try_from(*cursor).unwrap_or(usize::MAX)) {
                    *place = StepEvent { at_ms, steps, row };
                }
                *cursor = cursor.saturating_add(1);
            }
        }
        Ok((cursors, dealt))
    }
}

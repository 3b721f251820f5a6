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
        self.check()?;
        match Packing::of(self) {
            // Half as many bytes to deal out.
            Some(packing) => self.counted(
                funnel,
                |at_ms, steps, _| packing.packed(at_ms, steps),
                |packed| packing.unpacked(packed),
                |packed| packed >> packing.step_bits,
                &mut progress,
            ),
            None => self.counted(
                funnel,
                |at_ms, steps, row| StepEvent { at_ms, steps, row },
                |event| event,
                |event| event.at_ms,
                &mut progress,
            ),
        }
    }

    fn counted<E: Copy + Default, T: Ord>(
        &self,
        funnel: &CompiledFunnel<'_>,
        pack: impl Fn(i64, u32, u32) -> E,
        unpack: impl Fn(E) -> StepEvent,
        time: impl Fn(E) -> T,
        progress: &mut impl FnMut(usize) -> bool,
    ) -> Result<FunnelCounts, Problems> {
        let (ends, mut dealt) = self.deal(pack)?;
        let mut counts = FunnelCounts::new();
        let mut events: Vec<StepEvent> = Vec::new();
        let mut start = 0_usize;
        for (person, end) in ends.into_iter().enumerate() {
            let end = usize::try_from(end).unwrap_or(start);
            if person % 65_536 == 65_535 && !progress(person.saturating_add(1)) {
                return Err(Problem::new("", "cancelled", "the work was stopped").into());
            }
            let theirs = dealt.get_mut(start..end).unwrap_or_default();
            start = end;
            in_order(theirs, &time);
            events.clear();
            events.extend(theirs.iter().map(|&event| unpack(event)));
            if let Some(attempt) = funnel.best_attempt(&events) {
                counts.add(funnel, &attempt, None);
            }
        }
        Ok(counts)
    }

    fn check(&self) -> Result<(), Problems> {
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
        Ok(())
    }

    /// The events that meet a step, those of one person beside each other in the order of their rows, and where each
    /// person's end.
    fn deal<E: Copy + Default>(
        &self,
        pack: impl Fn(i64, u32, u32) -> E,
    ) -> Result<(Vec<u32>, Vec<E>), Problems> {
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
        let mut dealt = vec![E::default(); usize::try_from(total).unwrap_or_default()];
        let columns = self.person.iter().zip(self.at_ms).zip(self.steps);
        for (row, ((&person, &at_ms), &steps)) in (0_u32..).zip(columns) {
            if steps == 0 {
                continue;
            }
            if let Some(cursor) = cursors.get_mut(usize::try_from(person).unwrap_or(usize::MAX)) {
                if let Some(place) = dealt.get_mut(usize::try_from(*cursor).unwrap_or(usize::MAX)) {
                    *place = pack(at_ms, steps, row);
                }
                *cursor = cursor.saturating_add(1);
            }
        }
        Ok((cursors, dealt))
    }
}

/// An event in eight bytes: the milliseconds since the first event, and the steps in the lowest bits. Of its row nothing is
/// left: events are dealt out in the order of their rows, and sorting keeps that of events of one instant.
struct Packing {
    first_ms: i64,
    step_bits: u32,
}

impl Packing {
    /// None where the events lie too far apart.
    fn of(columns: &FunnelColumns<'_>) -> Option<Self> {
        let steps = columns.steps.iter().fold(0, |all, &steps| all | steps);
        let step_bits = u32::BITS.saturating_sub(steps.leading_zeros());
        let (first_ms, last_ms) = columns
            .at_ms
            .iter()
            .fold((i64::MAX, i64::MIN), |(first, last), &at_ms| (first.min(at_ms), last.max(at_ms)));
        let span = u64::try_from(last_ms.checked_sub(first_ms)?).ok()?;
        (span.leading_zeros() >= step_bits).then_some(Self { first_ms, step_bits })
    }

    fn packed(&self, at_ms: i64, steps: u32) -> u64 {
        let since = at_ms.wrapping_sub(self.first_ms).cast_unsigned();
        (since << self.step_bits) | u64::from(steps)
    }

    fn unpacked(&self, packed: u64) -> StepEvent {
        let at_ms = self.first_ms.wrapping_add((packed >> self.step_bits).cast_signed());
        let steps = packed & (1_u64 << self.step_bits).wrapping_sub(1);
        StepEvent { at_ms, steps: u32::try_from(steps).unwrap_or_default(), row: 0 }
    }
}

/// Puts the events of a person in the order of time; those of one instant stay as they stand. Most people have few.
fn in_order<E: Copy, T: Ord>(events: &mut [E], time: impl Fn(E) -> T) {
    const FEW: usize = 24;
    if events.len() > FEW {
        return events.sort_by_key(|&event| time(event));
    }
    for next in 1..events.len() {
        let Some((slot, before)) = events.get_mut(..=next).and_then(<[E]>::split_last_mut) else { return };
        // All that are later move one place on: without a branch, as times follow each other at random.
        let (mut moving, own) = (*slot, time(*slot));
        for event in before {
            let later = time(*event) > own;
            (*event, moving) = if later { (moving, *event) } else { (*event, moving) };
        }
        *slot = moving;
    }
}

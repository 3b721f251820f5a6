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
                &mut progress,
            ),
            None => self.counted(
                funnel,
                |at_ms, steps, row| StepEvent { at_ms, steps, row },
                |event| event,
                &mut progress,
            ),
        }
    }

    fn counted<E: Copy + Default>(
        &self,
        funnel: &CompiledFunnel<'_>,
        pack: impl Fn(i64, u32, u32) -> E,
        unpack: impl Fn(E) -> StepEvent,
        progress: &mut impl FnMut(usize) -> bool,
    ) -> Result<FunnelCounts, Problems> {
        let (ends, dealt) = self.deal(pack)?;
        let mut counts = FunnelCounts::new();
        let mut events: Vec<StepEvent> = Vec::new();
        let mut start = 0_usize;
        for (person, end) in ends.into_iter().enumerate() {
            let end = usize::try_from(end).unwrap_or(start);
            if person % 65_536 == 65_535 && !progress(person.saturating_add(1)) {
                return Err(Problem::new("", "cancelled", "the work was stopped").into());
            }
            events.clear();
            events.extend(dealt.get(start..end).unwrap_or_default().iter().map(|&event| unpack(event)));
            start = end;
            in_order(&mut events);
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
fn in_order(events: &mut [StepEvent]) {
    const FEW: usize = 24;
    if events.len() > FEW {
        return events.sort_by_key(|event| event.at_ms);
    }
    for next in 1..events.len() {
        let Some((&event, before)) = events.get(..=next).and_then(<[StepEvent]>::split_last) else { return };
        // How many of those before are later: counted without a branch, as times follow each other at random.
        let later = before.iter().filter(|other| other.at_ms > event.at_ms).count();
        let place = next.saturating_sub(later);
        if later > 0 {
            events.copy_within(place..next, place.saturating_add(1));
            if let Some(slot) = events.get_mut(place) {
                *slot = event;
            }
        }
    }
}

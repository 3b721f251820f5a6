//! Events of many people as they come, dealt out to parts of the people, so that each part can be counted by itself.

use stratum_core::problem::{Problem, Problems};

use super::attempt::StepEvent;
use super::counts::FunnelCounts;
use super::definition::CompiledFunnel;

/// People are dealt out by the lowest bits of their numbers: what is counted together then fits the nearest caches.
const PART_BITS: u32 = 6;
/// How many parts there are.
const PARTS: usize = 1 << PART_BITS;

/// What is kept of the row that an event came from: nothing, or a number.
pub trait Tag: Copy + Default {
    /// The number, 0 for nothing.
    fn number(self) -> u32;
}

impl Tag for () {
    fn number(self) -> u32 {
        0
    }
}

impl Tag for u32 {
    fn number(self) -> u32 {
        self
    }
}

/// Whose event it is, when it was and which steps it can meet (eight bytes for both), and the tag.
type Entry<T> = (u64, u64, T);

/// Events that can meet a step of a funnel, of people who are told apart by any numbers.
#[derive(Debug, Clone)]
pub struct DealtEvents<T = ()> {
    packing: Packing,
    /// For each part the entries in the order in which they came, in one or more lists.
    parts: Vec<Vec<Vec<Entry<T>>>>,
}

impl<T: Tag> DealtEvents<T> {
    /// No events yet, with room for so many.
    #[must_use]
    pub fn new(funnel: &CompiledFunnel<'_>, expected: usize) -> Self {
        let room = expected.checked_shr(PART_BITS).unwrap_or(0);
        // A little more, as no two parts are equal.
        let room = room.saturating_add(room >> 4);
        let parts = (0..PARTS).map(|_| vec![Vec::with_capacity(room)]).collect();
        Self { packing: Packing::of(funnel.len()), parts }
    }

    /// Adds an event; those of one instant count in the order in which they are added. One that meets no step is left out.
    ///
    /// # Errors
    /// `out_of_range` for an instant that lies too far from 1970: more than 278 years for a funnel of twenty steps, far more
    /// for one of fewer.
    #[inline]
    pub fn add(&mut self, person: u64, at_ms: i64, steps: u32, tag: T) -> Result<(), Problem> {
        let Some(packed) = self.packing.packed(at_ms, steps) else { return Err(too_far()) };
        let part = usize::try_from(person & (PARTS as u64).wrapping_sub(1)).unwrap_or_default();
        if let Some(list) = self.parts.get_mut(part).and_then(|lists| lists.last_mut())
            && steps != 0
        {
            list.push((person >> PART_BITS, packed, tag));
        }
        Ok(())
    }

    /// Adds the events of another, all of which came later.
    pub fn append(&mut self, later: Self) {
        for (lists, more) in self.parts.iter_mut().zip(later.parts) {
            lists.extend(more);
        }
    }

    /// Into how many parts the people are dealt out.
    #[must_use]
    pub const fn parts(&self) -> usize {
        self.parts.len()
    }

    /// Adds up the best attempts of the people of one part. `group` makes of the tag of the event that took the first step
    /// the value that breaks the funnel down, where there is one.
    #[must_use]
    pub fn count_part<'g>(
        &self,
        part: usize,
        funnel: &CompiledFunnel<'_>,
        group: impl Fn(u32) -> Option<Option<&'g str>>,
    ) -> FunnelCounts {
        let mut counts = FunnelCounts::new();
        let mut events: Vec<StepEvent> = Vec::new();
        let lists = self.parts.get(part).map(Vec::as_slice).unwrap_or_default();
        each_person(lists, |theirs| {
            in_order(theirs, |(packed, _)| packed >> self.packing.step_bits);
            events.clear();
            events.extend(theirs.iter().map(|&(packed, tag)| self.packing.unpacked(packed, tag.number())));
            if let Some(attempt) = funnel.best_attempt(&events) {
                counts.add(funnel, &attempt, group(attempt.first_row));
            }
        });
        counts
    }
}

impl DealtEvents {
    /// Adds up the best attempts of all people. `progress` hears how many parts are done and says whether to go on.
    ///
    /// # Errors
    /// `cancelled`.
    pub fn count(
        &self,
        funnel: &CompiledFunnel<'_>,
        mut progress: impl FnMut(usize) -> bool,
    ) -> Result<FunnelCounts, Problems> {
        let mut counts = FunnelCounts::new();
        for part in 0..self.parts() {
            if !progress(part) {
                return Err(Problem::new("", "cancelled", "the work was stopped").into());
            }
            counts.merge(self.count_part(part, funnel, |_| None));
        }
        Ok(counts)
    }
}

fn too_far() -> Problem {
    Problem::new("", "out_of_range", "an instant lies too far from 1970 for a funnel of so many steps")
        .help("are these milliseconds?")
}

/// Hands over the events of each person, in the order in which they came.
fn each_person<T: Tag>(lists: &[Vec<Entry<T>>], mut hand_over: impl FnMut(&mut [(u64, T)])) {
    let all = || lists.iter().flatten();
    let (least, most) =
        all().fold((u64::MAX, 0), |(least, most), entry| (least.min(entry.0), most.max(entry.0)));
    let events: usize = lists.iter().map(Vec::len).sum();
    let people = most.checked_sub(least).and_then(|span| usize::try_from(span).ok()?.checked_add(1));
    // A list of all numbers that there could be, unless most of them are nobody's.
    let Some(people) = people.filter(|&people| people <= events.saturating_mul(4).saturating_add(1 << 16))
    else {
        let mut sorted: Vec<Entry<T>> = all().copied().collect();
        sorted.sort_by_key(|entry| entry.0);
        let mut theirs = Vec::new();
        for person in sorted.chunk_by(|a, b| a.0 == b.0) {
            theirs.clear();
            theirs.extend(person.iter().map(|&(_, packed, tag)| (packed, tag)));
            hand_over(&mut theirs);
        }
        return;
    };
    // Where the next event of each person goes: first how many there are, then behind those of the people before.
    let mut cursors = vec![0_usize; people];
    let place = |person: u64| usize::try_from(person.wrapping_sub(least)).unwrap_or(usize::MAX);
    for entry in all() {
        if let Some(count) = cursors.get_mut(place(entry.0)) {
            *count = count.saturating_add(1);
        }
    }
    let mut before = 0_usize;
    for cursor in &mut cursors {
        before = before.saturating_add(std::mem::replace(cursor, before));
    }
    let mut dealt = vec![(0_u64, T::default()); events];
    for &(person, packed, tag) in all() {
        let Some(cursor) = cursors.get_mut(place(person)) else { continue };
        if let Some(place) = dealt.get_mut(*cursor) {
            *place = (packed, tag);
        }
        *cursor = cursor.saturating_add(1);
    }
    // Now each cursor stands at the end of its person.
    let mut start = 0_usize;
    for end in cursors {
        match dealt.get_mut(start..end) {
            Some(theirs) if !theirs.is_empty() => hand_over(theirs),
            _ => {}
        }
        start = end;
    }
}

/// When an event was and which steps it can meet, in eight bytes: the steps in the lowest bits, above them the milliseconds,
/// counted so that the earliest instant is zero.
#[derive(Debug, Clone, Copy)]
struct Packing {
    step_bits: u32,
    /// Added to the milliseconds since 1970: half of what there is room for.
    bias: i64,
}

impl Packing {
    fn of(steps: usize) -> Self {
        let step_bits = u32::try_from(steps).unwrap_or(u32::MAX).min(u32::BITS);
        Self { step_bits, bias: 1_i64.checked_shl(63_u32.saturating_sub(step_bits)).unwrap_or(0) }
    }

    const fn all_steps(self) -> u64 {
        (1_u64 << self.step_bits).wrapping_sub(1)
    }

    #[inline]
    fn packed(self, at_ms: i64, steps: u32) -> Option<u64> {
        let since = at_ms.wrapping_add(self.bias).cast_unsigned();
        let packed = since << self.step_bits;
        (packed >> self.step_bits == since).then_some(packed | (u64::from(steps) & self.all_steps()))
    }

    #[inline]
    fn unpacked(self, packed: u64, row: u32) -> StepEvent {
        let at_ms = (packed >> self.step_bits).cast_signed().wrapping_sub(self.bias);
        let steps = packed & self.all_steps();
        StepEvent { at_ms, steps: u32::try_from(steps).unwrap_or_default(), row }
    }
}

/// Puts the events of a person in the order of time; those of one instant stay as they stand. Most people have few.
fn in_order<E: Copy, K: Ord>(events: &mut [E], time: impl Fn(E) -> K) {
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

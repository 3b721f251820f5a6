//! A state as bytes, for the way from one worker to another. States that have counted the same give the same bytes.

use super::path_counts::{CountFault, PathCounts, PathOutcome};

/// What the bytes begin with; the digit is the version.
const BEGINNING: &[u8; 4] = b"SPC1";

/// Why bytes are no state.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PathStateFault {
    /// They begin otherwise, so they are something else or of another version.
    #[error("these bytes are no counts of paths of this version")]
    Foreign,
    /// They end in the middle, or hold what no state holds.
    #[error("the counts of paths are cut off or damaged")]
    Damaged,
}

impl From<CountFault> for PathStateFault {
    fn from(_: CountFault) -> Self {
        Self::Damaged
    }
}

impl PathCounts {
    /// The state as bytes: the channels by name, then the paths in their order.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let canonical = self.canonical();
        let mut bytes = BEGINNING.to_vec();
        write(&mut bytes, canonical.channels.len() as u64);
        for channel in &canonical.channels {
            write(&mut bytes, channel.len() as u64);
            bytes.extend_from_slice(channel.as_bytes());
        }
        write(&mut bytes, canonical.paths.len() as u64);
        for (path, outcome) in &canonical.paths {
            write(&mut bytes, path.len() as u64);
            path.iter().for_each(|&channel| write(&mut bytes, u64::from(channel)));
            write(&mut bytes, outcome.conversions);
            write(&mut bytes, outcome.nulls);
            write(&mut bytes, folded(outcome.value_cents));
        }
        bytes
    }

    /// The state that [`PathCounts::to_bytes`] wrote.
    ///
    /// # Errors
    /// [`PathStateFault`]. Bytes that another order of the same counts would have given are damaged, too: there is one way to
    /// write a state.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, PathStateFault> {
        let mut rest = bytes.strip_prefix(BEGINNING).ok_or(PathStateFault::Foreign)?;
        let mut state = Self::new();
        let mut last_name = "";
        for number in 0..read(&mut rest)? {
            let length = usize::try_from(read(&mut rest)?).map_err(|_| PathStateFault::Damaged)?;
            let (name, after) = rest.split_at_checked(length).ok_or(PathStateFault::Damaged)?;
            let name = str::from_utf8(name).map_err(|_| PathStateFault::Damaged)?;
            if name <= last_name || u64::from(state.number(name)?) != number {
                return Err(PathStateFault::Damaged);
            }
            (rest, last_name) = (after, name);
        }
        let (mut path, mut last_path) = (Vec::new(), None);
        for _ in 0..read(&mut rest)? {
            path.clear();
            for _ in 0..read(&mut rest)? {
                path.push(u16::try_from(read(&mut rest)?).map_err(|_| PathStateFault::Damaged)?);
            }
            let outcome = PathOutcome {
                conversions: read(&mut rest)?,
                nulls: read(&mut rest)?,
                value_cents: unfolded(read(&mut rest)?),
            };
            if last_path.as_ref().is_some_and(|last| *last >= path) || outcome == PathOutcome::default() {
                return Err(PathStateFault::Damaged);
            }
            state.add_numbered(&path, outcome)?;
            last_path = Some(path.clone());
        }
        // A name that no path has is none that a state writes.
        let named = state.channels().len() == state.names();
        if rest.is_empty() && named { Ok(state) } else { Err(PathStateFault::Damaged) }
    }
}

/// A whole number with its sign in the lowest bit, so that small ones are short.
fn folded(value: i64) -> u64 {
    let size = value.unsigned_abs().wrapping_mul(2);
    if value < 0 { size.wrapping_sub(1) } else { size }
}

fn unfolded(bits: u64) -> i64 {
    let half = i64::try_from(bits >> 1).unwrap_or(i64::MAX);
    if bits & 1 == 0 { half } else { half.saturating_neg().saturating_sub(1) }
}

/// Seven bits a byte, the lowest first.
fn write(bytes: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        bytes.push(low_bits(value) | 0x80);
        value >>= 7;
    }
    bytes.push(low_bits(value));
}

fn low_bits(value: u64) -> u8 {
    (value & 0x7f) as u8
}

fn read(bytes: &mut &[u8]) -> Result<u64, PathStateFault> {
    let mut value = 0_u64;
    for shift in (0..64).step_by(7) {
        let (&byte, rest) = bytes.split_first().ok_or(PathStateFault::Damaged)?;
        *bytes = rest;
        let bits = u64::from(byte & 0x7f);
        // No more than 64 bits, and no byte that says nothing.
        if (shift == 63 && bits > 1) || (shift > 0 && byte == 0) {
            return Err(PathStateFault::Damaged);
        }
        value |= bits << shift;
        if byte < 0x80 {
            return Ok(value);
        }
    }
    Err(PathStateFault::Damaged)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::{markov, shapley};
    use super::*;

    type Row = (Vec<u8>, u64, u64, i64);

    fn rows() -> impl Strategy<Value = Vec<Row>> {
        let row = (prop::collection::vec(0_u8..5, 0..6), 0_u64..5, 0_u64..5, -900_i64..900);
        prop::collection::vec(row, 0..30)
    }

    fn counted<'r>(rows: impl IntoIterator<Item = &'r Row>) -> PathCounts {
        let mut counts = PathCounts::new();
        for (path, conversions, nulls, value_cents) in rows {
            let outcome = PathOutcome { conversions: *conversions, nulls: *nulls, value_cents: *value_cents };
            let names =
                path.iter().map(|&channel| ["display", "email", "مرحبا", "a", ">"][usize::from(channel)]);
            counts.add(names, outcome).unwrap();
        }
        counts
    }

    #[test]
    fn what_is_not_counted_uses_no_number_of_a_channel() {
        let mut counts = counted(&[(vec![0], 1, 0, 5)]);
        let other = counted(&[(vec![1, 2], 1, 0, 5)]);
        assert_eq!(counts.take(["unknown"], PathOutcome::null()), Err(CountFault::NotCounted));
        assert_eq!(counts.subtract(&other), Err(CountFault::NotCounted));
        let most = stratum_core::money::MAX_MINOR;
        assert_eq!(counts.add(["new"], PathOutcome::conversion(most)), Err(CountFault::TooMany));
        assert_eq!(counts.names(), 1);
        counts.merge(&other).unwrap();
        counts.subtract(&other).unwrap();
        assert_eq!(counts, counted(&[(vec![0], 1, 0, 5)]));
    }

    proptest! {
        #[test]
        fn parts_in_any_order_merge_to_the_same_bytes_and_the_same_answers(rows in rows(), cuts in (0_usize..30, 0_usize..30)) {
            let whole = counted(&rows);
            let (first, rest) = rows.split_at(cuts.0.min(rows.len()));
            let (second, third) = rest.split_at(cuts.1.min(rest.len()));
            let parts = [counted(third.iter().rev()), counted(first), counted(second.iter().rev())];
            let read = |part: &PathCounts| PathCounts::from_bytes(&part.to_bytes()).unwrap();
            // (3 + 1) + 2, and 3 + (1 + 2).
            let mut left = read(&parts[0]);
            left.merge(&parts[1]).unwrap();
            left.merge(&read(&parts[2])).unwrap();
            let mut right = parts[1].clone();
            right.merge(&parts[2]).unwrap();
            let mut other = parts[0].clone();
            other.merge(&right).unwrap();
            prop_assert_eq!(left.to_bytes(), whole.to_bytes());
            prop_assert_eq!(&other, &whole);
            prop_assert_eq!(markov(&left, 2).unwrap(), markov(&whole, 2).unwrap());
            prop_assert_eq!(shapley(&other), shapley(&whole));
            // And a part that is taken away leaves what the others make.
            left.subtract(&parts[1]).unwrap();
            let mut without = parts[2].clone();
            without.merge(&parts[0]).unwrap();
            prop_assert_eq!(left.to_bytes(), without.to_bytes());
        }

        #[test]
        fn any_bytes_are_a_state_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..60)) {
            for bytes in [bytes.clone(), [BEGINNING.as_slice(), &bytes].concat()] {
                if let Ok(state) = PathCounts::from_bytes(&bytes) {
                    prop_assert_eq!(state.to_bytes(), bytes);
                }
            }
        }

        #[test]
        fn a_state_that_is_cut_off_is_refused(rows in rows(), cut in 0_usize..400) {
            let bytes = counted(&rows).to_bytes();
            prop_assume!(cut < bytes.len());
            let fault = PathCounts::from_bytes(&bytes[..cut]).unwrap_err();
            prop_assert_eq!(fault, if cut < 4 { PathStateFault::Foreign } else { PathStateFault::Damaged });
        }
    }

    #[test]
    fn what_was_never_counted_is_not_taken_away() {
        let mut counts = PathCounts::new();
        counts.add(["a"], PathOutcome { conversions: 2, nulls: 3, value_cents: 10 }).unwrap();
        counts.add(["a", "b"], PathOutcome::null()).unwrap();
        let before = counts.clone();
        let mut other = PathCounts::new();
        other.add(["a"], PathOutcome { conversions: 1, nulls: 0, value_cents: 4 }).unwrap();
        other.add(["b", "a"], PathOutcome::null()).unwrap();
        assert_eq!(counts.subtract(&other), Err(CountFault::NotCounted));
        assert_eq!(counts, before);
        assert_eq!(counts.take(["a", "b"], PathOutcome::conversion(1)), Err(CountFault::NotCounted));
        assert_eq!(counts.add([""], PathOutcome::null()), Err(CountFault::Unnamed));
        let most = PathOutcome { conversions: u64::MAX, nulls: 0, value_cents: 0 };
        assert_eq!(counts.add(["a"], most), Err(CountFault::TooMany));
        assert_eq!(counts, before);
        counts.take(["a", "b"], PathOutcome::null()).unwrap();
        assert_eq!(counts.channels(), ["a"]);
    }
}

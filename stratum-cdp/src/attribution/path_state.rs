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

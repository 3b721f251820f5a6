//! A number for each text of a column, where few different texts come again and again.

use super::text::{Form, Texts};

/// Texts up to here are told apart without looking anything up.
const SHORT: usize = 16;
/// Places for texts that were seen; names of events are a handful.
const PLACE_BITS: u32 = 8;
const PLACES: usize = 1 << PLACE_BITS;
const PLACE_SHIFT: u32 = u64::BITS - PLACE_BITS;

/// What stands for a text: sixteen bytes, and its length.
type Key = (u128, usize);

/// The numbers of the texts seen last, each at the place that its key leads to.
struct Seen([(Key, u32); PLACES]);

impl Seen {
    /// A length that no text has.
    const NONE: (Key, u32) = ((0, usize::MAX), 0);

    fn number(&mut self, key: Key, read: impl FnOnce() -> u32) -> u32 {
        let Some(seen) = self.0.get_mut(place(key)) else { return read() };
        if seen.0 != key {
            *seen = (key, read());
        }
        seen.1
    }
}

/// The upper bits of a product depend on all bits of its factors.
fn place((bytes, length): Key) -> usize {
    const FACTOR: u64 = 0x9e37_79b9_7f4a_7c15;
    let half = |shift: u32| u64::try_from((bytes >> shift) & u128::from(u64::MAX)).unwrap_or_default();
    let mixed = (half(0) ^ half(64).rotate_left(23) ^ (length as u64)).wrapping_mul(FACTOR);
    usize::try_from(mixed >> PLACE_SHIFT).unwrap_or_default()
}

impl<'a> Texts<'a> {
    /// Adds the number of each text to `codes`. `code` is asked once for a text that comes again and again, so it must
    /// answer the same each time.
    pub(crate) fn coded(&self, codes: &mut Vec<u32>, code: impl Fn(Option<&'a str>) -> u32) {
        let missing = code(None);
        let mut seen = Seen([Seen::NONE; PLACES]);
        match self.form {
            Form::Dictionary(positions, values) => {
                let known: Vec<u32> = values.iter().map(|value| code(*value)).collect();
                let at = |&position: &u32| {
                    usize::try_from(position).ok().and_then(|at| known.get(at)).copied().unwrap_or(missing)
                };
                codes.extend(positions.iter().map(at));
            }
            Form::Views(views, _) => {
                // Equal views are equal texts: the bytes themselves, or where they stand.
                let (views, _) = views.as_chunks::<16>();
                codes.extend(views.iter().enumerate().map(|(row, view)| {
                    if !self.holds(row) {
                        return missing;
                    }
                    seen.number((u128::from_le_bytes(*view), 0), || code(self.get(row)))
                }));
            }
            Form::Short(offsets, bytes) => {
                let base = offsets.first().map_or(0, |&base| i64::from(base));
                let ends = offsets.iter().zip(offsets.iter().skip(1));
                codes.extend(ends.enumerate().map(|(row, (&from, &to))| {
                    let key =
                        key(bytes, i64::from(from).saturating_sub(base), i64::from(to).saturating_sub(base));
                    self.number(row, key, &mut seen, missing, &code)
                }));
            }
            Form::Long(offsets, bytes) => {
                let base = offsets.first().copied().unwrap_or(0);
                let ends = offsets.iter().zip(offsets.iter().skip(1));
                codes.extend(ends.enumerate().map(|(row, (&from, &to))| {
                    let key = key(bytes, from.saturating_sub(base), to.saturating_sub(base));
                    self.number(row, key, &mut seen, missing, &code)
                }));
            }
        }
    }

    fn number(
        &self,
        row: usize,
        key: Option<Key>,
        seen: &mut Seen,
        missing: u32,
        code: impl Fn(Option<&'a str>) -> u32,
    ) -> u32 {
        if !self.holds(row) {
            return missing;
        }
        match key {
            Some(key) => seen.number(key, || code(self.get(row))),
            None => code(self.get(row)),
        }
    }
}

/// What stands for a short text; none for a long one, and for the few at the end of the bytes.
fn key(bytes: &str, from: i64, to: i64) -> Option<Key> {
    let (from, to) = (usize::try_from(from).ok()?, usize::try_from(to).ok()?);
    let length = to.checked_sub(from).filter(|&length| length <= SHORT)?;
    let bytes = bytes.as_bytes().get(from..)?.first_chunk::<SHORT>()?;
    // Sixteen bytes read at once; those that belong to the texts behind are cleared.
    let unused = u32::try_from(SHORT.saturating_sub(length)).ok()?.saturating_mul(8);
    let mask = u128::MAX.checked_shr(unused).unwrap_or(0);
    Some((u128::from_le_bytes(*bytes) & mask, length))
}

#[cfg(test)]
#[expect(clippy::arithmetic_side_effects, reason = "the numbers are small")]
mod tests {
    use super::super::Validity;
    use super::*;

    const WORDS: [Option<&str>; 9] = [
        Some("view"),
        Some("purchase"),
        None,
        Some(""),
        Some("exactly-sixteen!"),
        Some("longer than sixteen bytes"),
        Some("view"),
        Some("vie"),
        Some("longer than sixteen bytez"),
    ];

    /// A number of its own for each of the words.
    fn code(text: Option<&str>) -> u32 {
        text.map_or(7, |text| text.bytes().fold(11, |code, byte| code * 31 % 100_003 + u32::from(byte)))
    }

    #[test]
    fn every_layout_gives_the_number_of_each_text() {
        let rows: Vec<Option<&str>> = WORDS.into_iter().cycle().take(300).collect();
        let expected: Vec<u32> = rows.iter().map(|text| code(*text)).collect();
        let mut bytes = String::from("--");
        let (mut long, mut views, mut valid) = (vec![2_i64], Vec::new(), vec![0_u8; 40]);
        for (row, text) in rows.iter().enumerate() {
            let start = u32::try_from(bytes.len()).unwrap();
            bytes.push_str(text.unwrap_or_default());
            long.push(i64::try_from(bytes.len()).unwrap());
            if text.is_some() {
                valid[row / 8] |= 1 << (row % 8);
            }
            let text = text.unwrap_or_default().as_bytes();
            let mut view = [0_u8; 16];
            view[..4].copy_from_slice(&u32::try_from(text.len()).unwrap().to_le_bytes());
            if text.len() <= 12 {
                view[4..4 + text.len()].copy_from_slice(text);
            } else {
                view[4..8].copy_from_slice(&text[..4]);
                view[12..].copy_from_slice(&start.to_le_bytes());
            }
            views.extend(view);
        }
        let short: Vec<i32> = long.iter().map(|&end| i32::try_from(end).unwrap()).collect();
        let positions: Vec<u32> = (0..300).map(|row| if row % 9 == 2 { 99 } else { row % 9 }).collect();
        let valid = Some(Validity { bits: &valid, offset: 0 });
        let buffers = [bytes.as_bytes()];
        for texts in [
            Texts::new(&short, bytes.as_bytes(), valid).unwrap(),
            Texts::long(&long, bytes.as_bytes(), valid).unwrap(),
            Texts::views(&views, &buffers, valid),
            Texts::dictionary(&positions, &WORDS),
        ] {
            let mut codes = Vec::new();
            texts.coded(&mut codes, code);
            assert_eq!(codes, expected);
            codes.clear();
            texts.slice(5..290).coded(&mut codes, code);
            assert_eq!(codes, expected[5..290]);
        }
    }
}

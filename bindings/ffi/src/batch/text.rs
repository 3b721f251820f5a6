//! Columns of texts: read where they stand, written into one buffer.

use std::ops::Range;

use stratum_core::Digest;
use stratum_core::problem::Problem;

/// Which rows hold a value: a bit for each, the lowest of a byte first, as Arrow has them.
#[derive(Debug, Clone, Copy)]
pub struct Validity<'a> {
    /// The bits.
    pub bits: &'a [u8],
    /// The bit of the first row.
    pub offset: usize,
}

impl Validity<'_> {
    fn holds(&self, row: usize) -> bool {
        let bit = self.offset.saturating_add(row);
        self.bits.get(bit >> 3).is_some_and(|byte| byte >> (bit & 7) & 1 == 1)
    }
}

/// Where the bytes of the texts stand.
#[derive(Debug, Clone, Copy)]
pub(super) enum Form<'a> {
    /// Row `n` goes from `offsets[n]` to `offsets[n + 1]`.
    Short(&'a [i32], &'a str),
    /// The same for more than 2 GiB.
    Long(&'a [i64], &'a str),
    /// Sixteen bytes for each row: the length and, up to twelve bytes, the text itself; else where it stands.
    Views(&'a [u8], &'a [&'a [u8]]),
    /// Positions in a list of the texts that there are.
    Dictionary(&'a [u32], &'a [Option<&'a str>]),
}

/// A column of texts, borrowed from whoever hands it in, in one of Arrow's layouts.
#[derive(Debug, Clone, Copy)]
pub struct Texts<'a> {
    pub(super) form: Form<'a>,
    valid: Option<Validity<'a>>,
}

impl<'a> Texts<'a> {
    /// Texts one behind the other: row `n` goes from `offsets[n]` to `offsets[n + 1]`.
    ///
    /// # Errors
    /// `invalid_text` where the bytes are no UTF-8, or an offset lies outside of them.
    pub fn new(offsets: &'a [i32], bytes: &'a [u8], valid: Option<Validity<'a>>) -> Result<Self, Problem> {
        let bytes = used(offsets.first().copied(), offsets.last().copied(), bytes)?;
        Ok(Self { form: Form::Short(offsets, bytes), valid })
    }

    /// The same with offsets of 64 bits.
    ///
    /// # Errors
    /// As [`Texts::new`].
    pub fn long(offsets: &'a [i64], bytes: &'a [u8], valid: Option<Validity<'a>>) -> Result<Self, Problem> {
        let bytes = used(offsets.first().copied(), offsets.last().copied(), bytes)?;
        Ok(Self { form: Form::Long(offsets, bytes), valid })
    }

    /// Texts of the view layout: sixteen bytes for each row, and the buffers that they point into. A row that is no UTF-8
    /// reads as missing.
    #[must_use]
    pub const fn views(views: &'a [u8], buffers: &'a [&'a [u8]], valid: Option<Validity<'a>>) -> Self {
        Self { form: Form::Views(views, buffers), valid }
    }

    /// Texts of a dictionary: a position in `values` for each row; a position outside of them is missing.
    #[must_use]
    pub const fn dictionary(positions: &'a [u32], values: &'a [Option<&'a str>]) -> Self {
        Self { form: Form::Dictionary(positions, values), valid: None }
    }

    /// The positions and the texts of a dictionary.
    #[must_use]
    pub const fn as_dictionary(&self) -> Option<(&'a [u32], &'a [Option<&'a str>])> {
        match self.form {
            Form::Dictionary(positions, values) => Some((positions, values)),
            Form::Short(..) | Form::Long(..) | Form::Views(..) => None,
        }
    }

    /// How many rows there are.
    #[must_use]
    pub const fn len(&self) -> usize {
        match self.form {
            Form::Short(offsets, _) => offsets.len().saturating_sub(1),
            Form::Long(offsets, _) => offsets.len().saturating_sub(1),
            Form::Views(views, _) => views.len() >> 4,
            Form::Dictionary(positions, _) => positions.len(),
        }
    }

    /// Whether there are none.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The text of a row; `None` where it is missing.
    #[must_use]
    pub fn get(&self, row: usize) -> Option<&'a str> {
        if !self.holds(row) {
            return None;
        }
        match self.form {
            Form::Short(offsets, bytes) => {
                let base = *offsets.first()?;
                let at = |row: usize| usize::try_from(offsets.get(row)?.checked_sub(base)?).ok();
                bytes.get(at(row)?..at(row.checked_add(1)?)?)
            }
            Form::Long(offsets, bytes) => {
                let base = *offsets.first()?;
                let at = |row: usize| usize::try_from(offsets.get(row)?.checked_sub(base)?).ok();
                bytes.get(at(row)?..at(row.checked_add(1)?)?)
            }
            Form::Views(views, buffers) => viewed(views, buffers, row),
            Form::Dictionary(positions, values) => {
                *values.get(usize::try_from(*positions.get(row)?).ok()?)?
            }
        }
    }

    /// Whether a row is marked as one that has a text.
    pub(super) fn holds(&self, row: usize) -> bool {
        self.valid.is_none_or(|valid| valid.holds(row))
    }

    /// The text of each row.
    pub fn iter(&self) -> impl Iterator<Item = Option<&'a str>> + '_ {
        (0..self.len()).map(|row| self.get(row))
    }

    /// The rows of a range.
    #[must_use]
    pub(crate) fn slice(&self, rows: Range<usize>) -> Self {
        let ends = rows.start..rows.end.saturating_add(1);
        let form = match self.form {
            // The bytes begin with the first offset, so they are cut where the offsets are.
            Form::Short(offsets, bytes) => {
                let from = distance(offsets.first(), offsets.get(rows.start));
                Form::Short(offsets.get(ends).unwrap_or_default(), bytes.get(from..).unwrap_or_default())
            }
            Form::Long(offsets, bytes) => {
                let from = distance(offsets.first(), offsets.get(rows.start));
                Form::Long(offsets.get(ends).unwrap_or_default(), bytes.get(from..).unwrap_or_default())
            }
            Form::Views(views, buffers) => {
                let bytes = rows.start.saturating_mul(16)..rows.end.saturating_mul(16);
                Form::Views(views.get(bytes).unwrap_or_default(), buffers)
            }
            Form::Dictionary(positions, values) => {
                Form::Dictionary(positions.get(rows.clone()).unwrap_or_default(), values)
            }
        };
        let valid = self
            .valid
            .map(|valid| Validity { bits: valid.bits, offset: valid.offset.saturating_add(rows.start) });
        Self { form, valid }
    }
}

fn distance<T: Copy + Into<i64>>(from: Option<&T>, to: Option<&T>) -> usize {
    let at = |offset: Option<&T>| offset.map_or(0, |&offset| offset.into());
    usize::try_from(at(to).saturating_sub(at(from))).unwrap_or(0)
}

/// The part of the bytes that the offsets use, once known to be UTF-8.
fn used<T: TryInto<usize>>(from: Option<T>, to: Option<T>, bytes: &[u8]) -> Result<&str, Problem> {
    let (Some(from), Some(to)) = (from, to) else { return Ok("") };
    let wrong = || Problem::new("", "invalid_text", "the offsets of this column lie outside of its bytes");
    let from = from.try_into().map_err(|_| wrong())?;
    let to = to.try_into().map_err(|_| wrong())?;
    str::from_utf8(bytes.get(from..to).ok_or_else(wrong)?)
        .map_err(|_| Problem::new("", "invalid_text", "the texts of this column are no UTF-8"))
}

fn viewed<'a>(views: &'a [u8], buffers: &'a [&'a [u8]], row: usize) -> Option<&'a str> {
    let from = row.checked_mul(16)?;
    let view = views.get(from..from.checked_add(16)?)?;
    let part = |at: usize| {
        let bytes = view.get(at..at.checked_add(4)?)?.try_into().ok()?;
        usize::try_from(u32::from_le_bytes(bytes)).ok()
    };
    let length = part(0)?;
    let bytes = if length <= 12 {
        view.get(4..4_usize.checked_add(length)?)?
    } else {
        let at = part(12)?;
        buffers.get(part(8)?)?.get(at..at.checked_add(length)?)?
    };
    str::from_utf8(bytes).ok()
}

/// Texts of an answer, one behind the other; each row has a text or none.
#[derive(Debug, Clone)]
pub struct TextColumn {
    text: String,
    offsets: Vec<i64>,
    /// A bit for each row, once there is a row without a text.
    valid: Vec<u8>,
}

impl Default for TextColumn {
    fn default() -> Self {
        Self { text: String::new(), offsets: vec![0], valid: Vec::new() }
    }
}

impl TextColumn {
    /// A column with room for so many rows of so many bytes each.
    #[must_use]
    pub fn with_capacity(rows: usize, bytes: usize) -> Self {
        let mut offsets = Vec::with_capacity(rows.saturating_add(1));
        offsets.push(0);
        Self { text: String::with_capacity(rows.saturating_mul(bytes)), offsets, valid: Vec::new() }
    }

    /// Adds a row.
    pub fn push(&mut self, text: Option<&str>) {
        if let Some(text) = text {
            self.text.push_str(text);
        }
        self.end(text.is_some());
    }

    /// Adds a row that `write` writes at the end of the buffer.
    pub fn push_with(&mut self, write: impl FnOnce(&mut String)) {
        write(&mut self.text);
        self.end(true);
    }

    /// Adds a row with the hex digits of a digest, or none.
    pub fn push_digest(&mut self, digest: Option<&Digest>) {
        // Digits above nine are letters, which stand 39 places behind.
        let digit = |half: u8| (half | b'0').wrapping_add(if half > 9 { 39 } else { 0 });
        let mut text = [0_u8; 64];
        let Some(digest) = digest else { return self.end(false) };
        for (pair, byte) in text.as_chunks_mut::<2>().0.iter_mut().zip(digest.as_bytes()) {
            *pair = [digit(byte >> 4), digit(byte & 15)];
        }
        self.push(str::from_utf8(&text).ok());
    }

    fn end(&mut self, present: bool) {
        let row = self.len();
        self.offsets.push(i64::try_from(self.text.len()).unwrap_or(i64::MAX));
        if !present || !self.valid.is_empty() {
            self.mark(row, present);
        }
    }

    /// Notes whether a row has a text; every row before it has one, unless it was noted otherwise.
    fn mark(&mut self, row: usize, present: bool) {
        let byte = row >> 3;
        if self.valid.len() <= byte {
            self.valid.resize(byte.saturating_add(1), u8::MAX);
        }
        if let (Some(bits), false) = (self.valid.get_mut(byte), present) {
            *bits &= !(1 << (row & 7));
        }
    }

    fn validity(&self) -> Option<Validity<'_>> {
        (!self.valid.is_empty()).then_some(Validity { bits: &self.valid, offset: 0 })
    }

    /// How many rows there are.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.offsets.len().saturating_sub(1)
    }

    /// Whether there are none.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The texts, as a column that can be read.
    #[must_use]
    pub fn get(&self, row: usize) -> Option<&str> {
        self.as_texts().get(row)
    }

    /// The texts to be read again; what is missing reads as missing.
    #[must_use]
    pub fn as_texts(&self) -> Texts<'_> {
        Texts { form: Form::Long(&self.offsets, &self.text), valid: self.validity() }
    }

    /// Offsets, bytes, and a bit for each row that says whether it holds a text (empty: all do).
    #[must_use]
    pub fn into_parts(self) -> (Vec<i64>, String, Vec<u8>) {
        (self.offsets, self.text, self.valid)
    }

    /// Offsets, bytes, and a bit for each row that says whether it holds a text (empty: all do).
    #[must_use]
    pub fn parts(&self) -> (&[i64], &str, &[u8]) {
        (&self.offsets, &self.text, &self.valid)
    }

    pub(crate) fn append(&mut self, more: &Self) {
        if !self.valid.is_empty() || !more.valid.is_empty() {
            let before = self.len();
            let valid = more.validity();
            for row in 0..more.len() {
                self.mark(before.saturating_add(row), valid.is_none_or(|valid| valid.holds(row)));
            }
        }
        let base = i64::try_from(self.text.len()).unwrap_or(i64::MAX);
        self.text.push_str(&more.text);
        self.offsets.extend(more.offsets.iter().skip(1).map(|end| end.saturating_add(base)));
    }
}

impl<'a> FromIterator<Option<&'a str>> for TextColumn {
    fn from_iter<I: IntoIterator<Item = Option<&'a str>>>(texts: I) -> Self {
        let mut column = Self::default();
        texts.into_iter().for_each(|text| column.push(text));
        column
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const WORDS: &[u8] = "…ab€c".as_bytes();

    #[test]
    fn a_slice_of_texts_reads_as_those_rows_in_every_layout() {
        let offsets = [3, 4, 5, 5, 8, 9];
        let long = offsets.map(i64::from);
        let valid = Some(Validity { bits: &[0b1011_1000], offset: 3 });
        let expected = [Some("a"), Some("b"), Some(""), None, Some("c")];
        for texts in [Texts::new(&offsets, WORDS, valid).unwrap(), Texts::long(&long, WORDS, valid).unwrap()]
        {
            assert_eq!(texts.iter().collect::<Vec<_>>(), expected);
            assert_eq!(texts.slice(1..5).slice(1..4).iter().collect::<Vec<_>>(), &expected[2..5]);
        }
        let values = [Some("x"), None];
        let coded = Texts::dictionary(&[0, 1, 2, 0], &values).slice(1..4);
        assert_eq!(coded.iter().collect::<Vec<_>>(), [None, None, Some("x")]);
    }

    #[test]
    fn bytes_that_are_no_text_are_refused_or_missing_and_never_read_as_one() {
        assert_eq!(Texts::new(&[0, 2], &[0xff, 0xfe], None).unwrap_err().code, "invalid_text");
        assert_eq!(Texts::new(&[0, 9], b"short", None).unwrap_err().code, "invalid_text");
        assert_eq!(Texts::new(&[-1, 2], b"short", None).unwrap_err().code, "invalid_text");
        // An offset within a character, and one that goes back.
        assert_eq!(Texts::new(&[0, 1, 9], WORDS, None).unwrap().get(0), None);
        assert_eq!(Texts::new(&[3, 2, 4], WORDS, None).unwrap().get(0), None);
        let mut view = [0_u8; 16];
        view[0] = 2;
        view[4..6].copy_from_slice(&[0xff, 0xfe]);
        assert_eq!(Texts::views(&view, &[], None).get(0), None);
    }

    #[test]
    fn a_view_holds_a_short_text_itself_and_points_to_a_long_one() {
        let mut views = [0_u8; 32];
        views[0] = 5;
        views[4..9].copy_from_slice(b"short");
        views[16] = 13;
        views[28] = 2;
        let buffer: &[u8] = b"--thirteen byte--";
        let buffers = [buffer];
        let texts = Texts::views(&views, &buffers, None);
        assert_eq!(texts.iter().collect::<Vec<_>>(), [Some("short"), Some("thirteen byte")]);
        assert_eq!(texts.slice(1..2).get(0), Some("thirteen byte"));
    }

    #[test]
    fn a_digest_is_written_as_its_hex_digits() {
        let mut column = TextColumn::default();
        column.push_digest(None);
        column.push_digest(Some(&Digest::of(b"abc")));
        // FIPS 180-4, the example of one block.
        let expected = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        assert_eq!((column.get(0), column.get(1)), (None, Some(expected)));
    }

    #[test]
    fn columns_of_an_answer_append_with_their_gaps() {
        let mut whole: TextColumn = [Some("a"), Some("")].into_iter().collect();
        whole.append(&[None, Some("b")].into_iter().collect());
        whole.append(&[Some("c")].into_iter().collect());
        let read: Vec<_> = (0..5).map(|row| whole.get(row)).collect();
        assert_eq!(read, [Some("a"), Some(""), None, Some("b"), Some("c")]);
    }
}

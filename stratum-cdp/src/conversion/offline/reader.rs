//! A file, chunk by chunk.

use std::collections::BTreeSet;

use sha2::{Digest as _, Sha256};
use stratum_core::Digest;
use stratum_core::problem::{Problem, Problems};

use super::columns::Columns;
use super::policy::OfflinePolicy;
use super::row::{Cells, OfflineRow, RowCode, RowStatus, about_row, read};

/// A row is refused beyond this many bytes.
const MOST_BYTES: usize = 65_536;
/// The most cells of a row.
const MOST_CELLS: usize = 512;
const BOM: &[u8] = b"\xef\xbb\xbf";

/// Reads a file of any size with the memory of one row, and of the orders that it has seen.
///
/// Quoting is that of RFC 4180; lines end with LF, CRLF or CR; blank lines are passed over.
pub struct OfflineReader {
    policy: OfflinePolicy,
    csv: csv_core::Reader,
    digest: Sha256,
    /// The first bytes of the file, until it is known whether they are a byte order mark.
    head: Option<Vec<u8>>,
    columns: Option<Columns>,
    seen: BTreeSet<(String, String)>,
    row: RowBytes,
    lines: Lines,
    /// Whether the parser has had a byte.
    parsing: bool,
}

/// The bytes of the row that is being read.
struct RowBytes {
    bytes: Vec<u8>,
    filled: usize,
    ends: Vec<usize>,
    cells: usize,
    overflow: Option<RowCode>,
    /// Whether no byte of the row has come yet.
    fresh: bool,
    line: u64,
}

impl RowBytes {
    fn new() -> Self {
        Self {
            bytes: vec![0; 1024],
            filled: 0,
            ends: vec![0; MOST_CELLS],
            cells: 0,
            overflow: None,
            fresh: true,
            line: 1,
        }
    }

    const fn clear(&mut self) {
        (self.filled, self.cells, self.overflow, self.fresh) = (0, 0, None, true);
    }

    /// Makes room; beyond the limit what was read is dropped, and the row refused when its end is found.
    fn grow(&mut self) {
        if self.overflow.is_none() && self.bytes.len() < MOST_BYTES {
            self.bytes.resize(self.bytes.len().saturating_mul(2), 0);
        } else {
            self.drop_as(RowCode::TooLong);
        }
    }

    fn drop_as(&mut self, code: RowCode) {
        self.overflow = self.overflow.or(Some(code));
        (self.filled, self.cells) = (0, 0);
    }

    fn texts(&self) -> Result<Vec<&str>, RowCode> {
        if let Some(code) = self.overflow {
            return Err(code);
        }
        let mut from = 0;
        let mut texts = Vec::with_capacity(self.cells);
        for end in self.ends.iter().take(self.cells) {
            let bytes = self.bytes.get(from..*end).unwrap_or_default();
            texts.push(std::str::from_utf8(bytes).map_err(|_| RowCode::NotUtf8)?);
            from = *end;
        }
        Ok(texts)
    }
}

/// Counts lines, of which a CR and an LF after it end one together.
struct Lines {
    line: u64,
    after_cr: bool,
}

impl Lines {
    fn pass(&mut self, bytes: &[u8]) {
        for byte in bytes {
            let ends = *byte == b'\r' || (*byte == b'\n' && !self.after_cr);
            self.line = self.line.saturating_add(u64::from(ends));
            self.after_cr = *byte == b'\r';
        }
    }
}

impl OfflineReader {
    /// A reader at the start of a file.
    #[must_use]
    pub fn new(policy: OfflinePolicy) -> Self {
        Self {
            csv: csv_core::ReaderBuilder::new().delimiter(policy.delimiter).build(),
            policy,
            digest: Sha256::new(),
            head: Some(Vec::new()),
            columns: None,
            seen: BTreeSet::new(),
            row: RowBytes::new(),
            lines: Lines { line: 1, after_cr: false },
            parsing: false,
        }
    }

    /// Tells the reader of an order and event that came before, in another file of the same source.
    pub fn known(&mut self, external_ref: &str, event_name: &str) {
        self.seen.insert(natural_key(external_ref, event_name));
    }

    /// Reads the next bytes of the file and adds the rows that end in them. The rows have no `event_id` yet.
    ///
    /// # Errors
    /// `missing_column`, `duplicate_column`: the header cannot be used, and nothing else is read.
    pub fn read(&mut self, chunk: &[u8], rows: &mut Vec<OfflineRow>) -> Result<(), Problems> {
        self.digest.update(chunk);
        let Some(mut head) = self.head.take() else { return self.bytes(chunk, rows) };
        head.extend_from_slice(chunk);
        if head.len() < BOM.len() && BOM.starts_with(&head) {
            self.head = Some(head);
            return Ok(());
        }
        self.bytes(head.strip_prefix(BOM).unwrap_or(&head), rows)
    }

    /// Ends the file: adds its last row, and gives the hash of the whole.
    ///
    /// # Errors
    /// As [`OfflineReader::read`], and `missing_column` for a file without a header.
    pub fn finish(mut self, rows: &mut Vec<OfflineRow>) -> Result<Digest, Problems> {
        if let Some(head) = self.head.take() {
            self.bytes(&head, rows)?;
        }
        loop {
            match self.step(&[]).0 {
                csv_core::ReadRecordResult::Record => self.end_row(rows)?,
                csv_core::ReadRecordResult::End => break,
                _ => {}
            }
        }
        if self.columns.is_none() {
            let problem = Problem::new("/csv", "missing_column", "the file is empty");
            return Err(problem.help("the first line names the columns").into());
        }
        Ok(Digest::from_bytes(self.digest.finalize().into()))
    }

    /// The places, from 0, of the columns that are not read; empty before the header was.
    #[must_use]
    pub fn ignored_columns(&self) -> &[u64] {
        self.columns.as_ref().map_or(&[], |columns| &columns.ignored)
    }

    fn bytes(&mut self, mut input: &[u8], rows: &mut Vec<OfflineRow>) -> Result<(), Problems> {
        while let Some(first) = input.first() {
            if self.row.fresh {
                if matches!(first, b'\r' | b'\n') {
                    let (end, rest) = input.split_at(1);
                    self.lines.pass(end);
                    input = rest;
                    continue;
                }
                self.row.fresh = false;
                self.row.line = self.lines.line;
            }
            let (result, taken) = self.step(input);
            let (passed, rest) = input.split_at(taken.min(input.len()));
            self.lines.pass(passed);
            input = rest;
            if result == csv_core::ReadRecordResult::Record {
                self.end_row(rows)?;
            }
        }
        Ok(())
    }

    /// Lets the parser take what it can of the input.
    fn step(&mut self, input: &[u8]) -> (csv_core::ReadRecordResult, usize) {
        let row = &mut self.row;
        let output = row.bytes.get_mut(row.filled..).unwrap_or_default();
        let ends = row.ends.get_mut(row.cells..).unwrap_or_default();
        // Alone the first byte is no BOM: the parser would take one away behind empty lines too, unless a chunk ended in it.
        let input = if self.parsing { input } else { input.get(..1).unwrap_or(input) };
        self.parsing = true;
        let (result, taken, written, ended) = self.csv.read_record(input, output, ends);
        row.filled = row.filled.saturating_add(written);
        row.cells = row.cells.saturating_add(ended);
        match result {
            csv_core::ReadRecordResult::OutputFull => row.grow(),
            csv_core::ReadRecordResult::OutputEndsFull => row.drop_as(RowCode::WrongColumnCount),
            _ => {}
        }
        (result, taken)
    }

    fn end_row(&mut self, rows: &mut Vec<OfflineRow>) -> Result<(), Problems> {
        let line = self.row.line;
        let texts = self.row.texts();
        let Some(columns) = &self.columns else {
            let header =
                texts.map_err(|code| Problem::new("/csv", code.as_str(), "the header cannot be read"))?;
            self.columns = Some(Columns::read(header.into_iter())?);
            self.row.clear();
            return Ok(());
        };
        let read = match texts {
            Ok(texts) if texts.len() == columns.width => read(line, &Cells { columns, texts }, &self.policy),
            Ok(_) => OfflineRow::refused(line, vec![about_row(RowCode::WrongColumnCount)]),
            Err(code) => OfflineRow::refused(line, vec![about_row(code)]),
        };
        self.row.clear();
        rows.push(self.first_of_its_order(read));
        Ok(())
    }

    /// A row that is right is the first of its order and event, or a duplicate. One that was refused stands in nobody's way.
    fn first_of_its_order(&mut self, row: OfflineRow) -> OfflineRow {
        let key = match &row.event {
            Some(event) if row.status == RowStatus::Accepted => {
                natural_key(event.properties.order_id.as_deref().unwrap_or_default(), &event.event_name)
            }
            _ => return row,
        };
        if self.seen.insert(key) { row } else { OfflineRow::duplicate(row.line) }
    }
}

impl std::fmt::Debug for OfflineReader {
    /// Without the row that is being read.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("OfflineReader").field("line", &self.lines.line).finish_non_exhaustive()
    }
}

/// Orders and events are one whatever the case of the event's name: `purchase` and `Purchase` are the same.
fn natural_key(external_ref: &str, event_name: &str) -> (String, String) {
    (external_ref.to_owned(), event_name.to_lowercase())
}

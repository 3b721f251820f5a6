//! Events, a few thousand rows at a time, and of these only the rows whose names are asked for.
//!
//! What is written for a block is read again before the next one comes, so it stays in the nearest caches; and a row that
//! nobody asks for is never written elsewhere.

use stratum_core::problem::{ProblemCollector, Problems};

use crate::batch::{Column, Columns, People, Progress, missing};

/// Rows of a block.
const BLOCK: usize = 8_192;

/// The rows of a block that are asked for, and all its columns.
pub(super) struct Block<'b, 'a> {
    pub(super) columns: &'b Columns<'a>,
    /// The rows that are asked for, in their order.
    pub(super) rows: &'b [u32],
    /// How many rows of all blocks will be asked for, if they are as those of this one.
    pub(super) expected: usize,
    /// Of the rows that are asked for.
    person: &'b [u32],
    /// Of all rows, where they are whole numbers.
    ids: &'b [i64],
    codes: &'b [u32],
    times: &'b [i64],
}

impl Block<'_, '_> {
    /// Whose event each is.
    pub(super) fn person(&self) -> impl Iterator<Item = u32> {
        self.person.iter().copied()
    }

    /// Whose event each is, by ids that are whole numbers.
    pub(super) fn ids(&self) -> impl Iterator<Item = i64> {
        self.rows.iter().map(|&row| one(self.ids, row))
    }

    /// What its name stands for.
    pub(super) fn codes(&self) -> impl Iterator<Item = u32> {
        self.rows.iter().map(|&row| one(self.codes, row))
    }

    /// When it was.
    pub(super) fn times(&self) -> impl Iterator<Item = i64> {
        self.rows.iter().map(|&row| one(self.times, row))
    }
}

/// The value of a row.
#[inline]
pub(super) fn one<V: Copy + Default>(values: &[V], row: u32) -> V {
    usize::try_from(row).ok().and_then(|row| values.get(row)).copied().unwrap_or_default()
}

/// Goes through the events of all pieces: each row's person is numbered, each name is looked up by `code`, and the rows whose
/// code is not `none` are taken.
pub(super) fn each_block<'a>(
    pieces: &[Columns<'a>],
    people: &mut People<'a>,
    none: u32,
    code: impl Fn(&str) -> u32,
    progress: &Progress<'_>,
    mut take: impl FnMut(&Block<'_, 'a>) -> Result<(), Problems>,
) -> Result<(), Problems> {
    let (mut everyone, mut person) = (Vec::new(), Vec::new());
    each_whole(pieces, 0, none, code, progress, |block| {
        person.clear();
        if let Some(ids) = block.columns.get("profile_id") {
            everyone.clear();
            people.read("profile_id", ids, &mut everyone)?;
            person.extend(block.rows.iter().map(|&row| one(&everyone, row)));
        }
        take(&Block { person: &person, ..*block })
    })
}

/// The same without numbers for people: ids that are whole numbers stand for themselves. `before` rows stand in earlier pieces.
pub(super) fn each_whole<'a>(
    pieces: &[Columns<'a>],
    mut before: usize,
    none: u32,
    code: impl Fn(&str) -> u32,
    progress: &Progress<'_>,
    mut take: impl FnMut(&Block<'_, 'a>) -> Result<(), Problems>,
) -> Result<(), Problems> {
    let (mut codes, mut chosen) = (Vec::new(), vec![0_u32; BLOCK]);
    let all: usize = pieces.iter().map(Columns::rows).sum();
    for piece in pieces {
        let mut done = 0_usize;
        while done < piece.rows() {
            let end = done.saturating_add(BLOCK).min(piece.rows());
            let columns = piece.slice(&(done..end));
            let times = columns.integers("event_time").unwrap_or_default();
            let ids = match columns.get("profile_id") {
                Some(Column::Integers(ids)) => ids,
                _ => &[],
            };
            let mut found = ProblemCollector::new();
            found.take("", missing("event_time", times, before));
            found.take("", missing("profile_id", ids, before));
            found.into_result(())?;
            codes.clear();
            if let Some(names) = columns.texts("event_name") {
                names.coded(&mut codes, |name| name.map_or(none, &code));
            }
            let count = choose(&codes, none, &mut chosen);
            let rows = chosen.get(..count).unwrap_or_default();
            let expected = count.saturating_mul(all.div_ceil(columns.rows()));
            take(&Block { columns: &columns, rows, expected, person: &[], ids, codes: &codes, times })?;
            before = before.saturating_add(columns.rows());
            progress.advance(columns.rows())?;
            done = end;
        }
    }
    Ok(())
}

/// Writes the rows that have a code. Without a branch: names follow each other at random.
fn choose(codes: &[u32], none: u32, chosen: &mut [u32]) -> usize {
    let mut count = 0_usize;
    for (row, &code) in (0_u32..).zip(codes) {
        if let Some(place) = chosen.get_mut(count) {
            *place = row;
        }
        count = count.saturating_add(usize::from(code != none));
    }
    count
}

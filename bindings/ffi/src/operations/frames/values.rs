//! The values of a column as a segment reads them: where they stand, or those of chosen rows one behind the other.

use std::collections::HashMap;

use stratum_cdp::segment::{Column as Values, NULL_CODE};

use super::events::one;
use crate::batch::{Column, Texts};

/// The values of one column.
pub(super) enum Joined<'a> {
    Numbers(Vec<f64>),
    Integers(Vec<i64>),
    Times(Vec<i64>),
    Flags(Vec<u8>),
    Text(Coded<'a>),
    /// Where they stand.
    Here(Values<'a>),
}

impl<'a> Joined<'a> {
    /// All values of a column.
    pub(super) fn of(column: Column<'a>) -> Self {
        match column {
            Column::Numbers(values) => Self::Here(Values::Numbers(values)),
            Column::Integers(values) => Self::Here(Values::Integers(values)),
            Column::Instants(values) => Self::Here(Values::Times(values)),
            Column::Codes(values) => Self::Here(Values::Flags(values)),
            Column::Texts(texts) => {
                let mut coded = Coded::default();
                texts.iter().for_each(|text| coded.push(text));
                Self::Text(coded)
            }
        }
    }

    /// Instants where they stand.
    pub(super) const fn times(values: &'a [i64]) -> Self {
        Self::Here(Values::Times(values))
    }

    /// No values yet, of the kind that a column has.
    pub(super) fn like(column: Option<Column<'_>>) -> Self {
        match column {
            Some(Column::Texts(_)) => Self::Text(Coded::default()),
            Some(Column::Integers(_)) => Self::Integers(Vec::new()),
            Some(Column::Instants(_)) => Self::Times(Vec::new()),
            Some(Column::Codes(_)) => Self::Flags(Vec::new()),
            Some(Column::Numbers(_)) | None => Self::Numbers(Vec::new()),
        }
    }

    /// Adds the values of chosen rows; there will be about as many as `expected` in all.
    pub(super) fn add(&mut self, column: Column<'a>, rows: &[u32], expected: usize) {
        match (self, column) {
            (Self::Numbers(all), Column::Numbers(more)) => chosen(all, more, rows, expected),
            (Self::Integers(all), Column::Integers(more)) | (Self::Times(all), Column::Instants(more)) => {
                chosen(all, more, rows, expected);
            }
            (Self::Flags(all), Column::Codes(more)) => chosen(all, more, rows, expected),
            (Self::Text(coded), Column::Texts(texts)) => coded.add(&texts, rows),
            // All pieces of a frame have columns of the same kinds.
            _ => {}
        }
    }

    pub(super) fn values(&self) -> Values<'_> {
        match self {
            Self::Numbers(values) => Values::Numbers(values),
            Self::Integers(values) => Values::Integers(values),
            Self::Times(values) => Values::Times(values),
            Self::Flags(values) => Values::Flags(values),
            Self::Text(Coded { codes, dictionary, .. }) => Values::Text { codes, dictionary },
            Self::Here(values) => *values,
        }
    }
}

fn chosen<V: Copy + Default>(all: &mut Vec<V>, more: &[V], rows: &[u32], expected: usize) {
    if all.is_empty() {
        all.reserve(expected);
    }
    all.extend(rows.iter().map(|&row| one(more, row)));
}

/// Texts as positions in a list of those that there are.
#[derive(Default)]
pub(super) struct Coded<'a> {
    codes: Vec<u32>,
    dictionary: Vec<String>,
    #[expect(clippy::disallowed_types, reason = "only the place in the table is random")]
    known: HashMap<&'a str, u32, std::hash::RandomState>,
}

impl<'a> Coded<'a> {
    fn add(&mut self, texts: &Texts<'a>, rows: &[u32]) {
        for &row in rows {
            self.push(usize::try_from(row).ok().and_then(|row| texts.get(row)));
        }
    }

    fn push(&mut self, text: Option<&'a str>) {
        let Some(text) = text else {
            self.codes.push(NULL_CODE);
            return;
        };
        let next = u32::try_from(self.dictionary.len()).unwrap_or(NULL_CODE);
        let code = *self.known.entry(text).or_insert(next);
        if code == next {
            self.dictionary.push(text.to_owned());
        }
        self.codes.push(code);
    }
}

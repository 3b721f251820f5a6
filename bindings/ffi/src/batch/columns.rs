//! The columns that are handed in.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::ops::Range;

use super::{ColumnSpec, Texts};

/// One column that is handed in.
#[derive(Debug, Clone, Copy)]
pub enum Column<'a> {
    /// Numbers; NaN is missing.
    Numbers(&'a [f64]),
    /// Whole numbers, and instants in milliseconds; [`super::NO_INTEGER`] is missing.
    Integers(&'a [i64]),
    /// Instants in milliseconds, where they stand for themselves; [`super::NO_INTEGER`] is missing.
    Instants(&'a [i64]),
    /// Positions in a vocabulary, and flags.
    Codes(&'a [u8]),
    /// Texts.
    Texts(Texts<'a>),
}

impl Column<'_> {
    /// How many rows it has.
    #[must_use]
    pub const fn len(&self) -> usize {
        match self {
            Self::Numbers(values) => values.len(),
            Self::Integers(values) | Self::Instants(values) => values.len(),
            Self::Codes(values) => values.len(),
            Self::Texts(texts) => texts.len(),
        }
    }

    /// Whether it has none.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.len() == 0
    }

    fn slice(&self, rows: Range<usize>) -> Self {
        match self {
            Self::Numbers(values) => Self::Numbers(values.get(rows).unwrap_or_default()),
            Self::Integers(values) => Self::Integers(values.get(rows).unwrap_or_default()),
            Self::Instants(values) => Self::Instants(values.get(rows).unwrap_or_default()),
            Self::Codes(values) => Self::Codes(values.get(rows).unwrap_or_default()),
            Self::Texts(texts) => Self::Texts(texts.slice(rows)),
        }
    }
}

/// The columns that are handed in.
#[derive(Debug, Clone, Default)]
pub struct Columns<'a>(pub(super) BTreeMap<Cow<'static, str>, Column<'a>>);

impl<'a> Columns<'a> {
    /// Adds a column under the name of its specification.
    pub fn insert(&mut self, spec: &ColumnSpec, column: Column<'a>) {
        self.0.insert(spec.name.clone(), column);
    }

    /// The column of this name, if it was handed in.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<Column<'a>> {
        self.0.get(name).copied()
    }

    /// The numbers of a column, if it was handed in.
    #[must_use]
    pub fn numbers(&self, name: &str) -> Option<&'a [f64]> {
        match self.0.get(name) {
            Some(Column::Numbers(values)) => Some(values),
            _ => None,
        }
    }

    /// The whole numbers or instants of a column, if it was handed in; [`super::NO_INTEGER`] is missing.
    #[must_use]
    pub fn integers(&self, name: &str) -> Option<&'a [i64]> {
        match self.0.get(name) {
            Some(Column::Integers(values) | Column::Instants(values)) => Some(values),
            _ => None,
        }
    }

    /// The codes or flags of a column, if it was handed in.
    #[must_use]
    pub fn codes(&self, name: &str) -> Option<&'a [u8]> {
        match self.0.get(name) {
            Some(Column::Codes(values)) => Some(values),
            _ => None,
        }
    }

    /// The texts of a column, if it was handed in.
    #[must_use]
    pub fn texts(&self, name: &str) -> Option<Texts<'a>> {
        match self.0.get(name) {
            Some(Column::Texts(texts)) => Some(*texts),
            _ => None,
        }
    }

    /// How many rows there are.
    #[must_use]
    pub fn rows(&self) -> usize {
        self.0.values().next().map_or(0, Column::len)
    }

    pub(crate) fn slice(&self, rows: &Range<usize>) -> Self {
        Self(self.0.iter().map(|(name, column)| (name.clone(), column.slice(rows.clone()))).collect())
    }
}

//! What an operation over columns answers.

use std::borrow::Cow;

use super::{TextColumn, Vocabulary};

/// The name of a column of an answer.
pub type Name = Cow<'static, str>;

/// One column of an answer.
#[derive(Debug, Clone)]
pub enum Output {
    /// Numbers; NaN is missing.
    Numbers(Vec<f64>),
    /// Whole numbers; [`super::NO_INTEGER`] is missing.
    Integers(Vec<i64>),
    /// Milliseconds since 1970-01-01T00:00:00Z; [`super::NO_INTEGER`] is missing.
    Instants(Vec<i64>),
    /// 0 or 1; [`super::NO_CODE`] is missing.
    Flags(Vec<u8>),
    /// Texts.
    Texts(TextColumn),
    /// Positions in a vocabulary; [`super::NO_CODE`] is none.
    Codes(Vec<u8>, Vocabulary),
    /// Sets of a vocabulary, one bit for each position.
    Sets(Vec<u16>, Vocabulary),
}

impl Output {
    /// How many rows it has.
    #[must_use]
    pub const fn len(&self) -> usize {
        match self {
            Self::Numbers(values) => values.len(),
            Self::Integers(values) | Self::Instants(values) => values.len(),
            Self::Texts(texts) => texts.len(),
            Self::Flags(codes) | Self::Codes(codes, _) => codes.len(),
            Self::Sets(sets, _) => sets.len(),
        }
    }

    /// Whether it has none.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.len() == 0
    }

    fn append(&mut self, more: Self) {
        match (self, more) {
            (Self::Numbers(values), Self::Numbers(more)) => values.extend(more),
            (Self::Integers(values), Self::Integers(more))
            | (Self::Instants(values), Self::Instants(more)) => values.extend(more),
            (Self::Flags(codes), Self::Flags(more)) | (Self::Codes(codes, _), Self::Codes(more, _)) => {
                codes.extend(more);
            }
            (Self::Texts(texts), Self::Texts(more)) => texts.append(&more),
            (Self::Sets(sets, _), Self::Sets(more, _)) => sets.extend(more),
            // One operation answers with the same columns every time.
            _ => {}
        }
    }
}

/// Columns of equal length.
#[derive(Debug, Clone, Default)]
pub struct Table(pub Vec<(Name, Output)>);

impl Table {
    /// Adds a column.
    #[must_use]
    pub fn with(mut self, name: impl Into<Name>, column: Output) -> Self {
        self.0.push((name.into(), column));
        self
    }

    /// How many rows there are.
    #[must_use]
    pub fn rows(&self) -> usize {
        self.0.first().map_or(0, |(_, column)| column.len())
    }

    pub(crate) fn append(&mut self, more: Self) {
        for ((_, column), (_, more)) in self.0.iter_mut().zip(more.0) {
            column.append(more);
        }
    }
}

/// What an operation over columns answers: a table, of as many rows as the operation says, and further ones by name.
#[derive(Debug, Clone, Default)]
pub struct Answer {
    /// The table that was asked for.
    pub table: Table,
    /// What else there is to say.
    pub further: Vec<(&'static str, Table)>,
}

impl From<Table> for Answer {
    fn from(table: Table) -> Self {
        Self { table, further: Vec::new() }
    }
}

impl Answer {
    /// Adds a further table.
    #[must_use]
    pub fn and(mut self, name: &'static str, table: Table) -> Self {
        self.further.push((name, table));
        self
    }
}

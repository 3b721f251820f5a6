//! Columns in, columns out: what a language's data frames and typed arrays are converted to.
//!
//! Slices, never Arrow types: Node and WebAssembly hand in typed arrays, Python hands in Arrow buffers. A missing number is
//! NaN, a missing or unknown code is 255.

use std::collections::BTreeMap;

use serde::de::DeserializeOwned;
use serde_json::Value;
use stratum_core::problem::{Problem, ProblemCollector, Problems, pointer_step};

/// The code of a value that is missing or not in the vocabulary.
pub const NO_CODE: u8 = u8::MAX;

/// The batch form of an operation.
#[derive(Debug)]
pub struct Batch {
    /// The columns that it reads; other columns of a frame are left alone.
    pub columns: &'static [ColumnSpec],
    pub(crate) run: Run,
}

type Run = fn(&Value, &Columns<'_>) -> Result<Vec<(&'static str, Output)>, Problems>;

/// A column that an operation reads.
#[derive(Debug)]
pub struct ColumnSpec {
    /// Its name, read in any case.
    pub name: &'static str,
    /// What it holds, with its unit.
    pub doc: &'static str,
    /// Of what kind its values are.
    pub kind: ColumnKind,
    /// Whether the operation cannot do without it.
    pub required: bool,
}

/// Of what kind the values of a column are.
#[derive(Debug, Clone, Copy)]
pub enum ColumnKind {
    /// A number; NaN is missing.
    Number,
    /// A text of a closed vocabulary, handed in as its position.
    Code(Vocabulary),
    /// 0 or 1.
    Flag,
}

/// A closed list of texts.
#[derive(Debug, Clone, Copy)]
pub struct Vocabulary {
    /// The texts, in the order of their codes.
    pub names: fn() -> Vec<&'static str>,
    /// The code of a text in any case, aliases included.
    pub code: fn(&str) -> Option<u8>,
}

/// The vocabulary of an enumeration of the wire.
macro_rules! vocabulary {
    ($enumeration:ty) => {
        $crate::batch::Vocabulary {
            names: || <$enumeration>::ALL.iter().map(|value| value.as_str()).collect(),
            code: |text| text.parse::<$enumeration>().ok().and_then(|value| u8::try_from(value.index()).ok()),
        }
    };
}
pub(crate) use vocabulary;

/// One column that is handed in.
#[derive(Debug, Clone, Copy)]
pub enum Column<'a> {
    /// Of a [`ColumnKind::Number`].
    Numbers(&'a [f64]),
    /// Of a [`ColumnKind::Code`] or [`ColumnKind::Flag`].
    Codes(&'a [u8]),
}

impl Column<'_> {
    fn len(&self) -> usize {
        match self {
            Self::Numbers(values) => values.len(),
            Self::Codes(values) => values.len(),
        }
    }
}

/// The columns that are handed in.
#[derive(Debug, Default)]
pub struct Columns<'a>(BTreeMap<&'static str, Column<'a>>);

impl<'a> Columns<'a> {
    /// Adds a column under the name of its specification.
    pub fn insert(&mut self, spec: &ColumnSpec, column: Column<'a>) {
        self.0.insert(spec.name, column);
    }

    /// The numbers of a column, if it was handed in.
    #[must_use]
    pub fn numbers(&self, name: &str) -> Option<&'a [f64]> {
        match self.0.get(name) {
            Some(Column::Numbers(values)) => Some(values),
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

    /// How many rows there are.
    #[must_use]
    pub fn rows(&self) -> usize {
        self.0.values().next().map_or(0, Column::len)
    }
}

/// One column of an answer.
#[derive(Debug, Clone)]
pub enum Output {
    /// Numbers; NaN is missing.
    Numbers(Vec<f64>),
    /// Positions in a vocabulary.
    Codes(Vec<u8>, Vocabulary),
    /// Sets of a vocabulary, one bit for each position.
    Sets(Vec<u16>, Vocabulary),
}

impl Batch {
    /// Runs the operation over columns of equal length.
    ///
    /// # Errors
    /// Every problem at once: `missing_column`, `wrong_type`, `length_mismatch`, those of the policy (under `/policy`) and
    /// of the operation.
    pub fn run(
        &self,
        name: &str,
        policy: &Value,
        columns: &Columns<'_>,
    ) -> Result<Vec<(&'static str, Output)>, Problems> {
        crate::guard(name, || {
            self.check(columns)?;
            (self.run)(policy, columns)
        })
    }

    fn check(&self, columns: &Columns<'_>) -> Result<(), Problems> {
        let mut found = ProblemCollector::new();
        for spec in self.columns {
            let path = pointer_step(spec.name);
            match (columns.0.get(spec.name), spec.kind) {
                (None, _) if spec.required => found.push(
                    Problem::new(path, "missing_column", format!("the column {} is missing", spec.name))
                        .help(spec.doc),
                ),
                (Some(Column::Codes(_)), ColumnKind::Number)
                | (Some(Column::Numbers(_)), ColumnKind::Code(_) | ColumnKind::Flag) => found.push(
                    Problem::new(
                        path,
                        "wrong_type",
                        format!("the values of {} are of another kind", spec.name),
                    )
                    .help(spec.doc),
                ),
                (Some(column), _) if column.len() != columns.rows() => found.push(Problem::new(
                    path,
                    "length_mismatch",
                    format!(
                        "{} has {} rows, the first column has {}",
                        spec.name,
                        column.len(),
                        columns.rows()
                    ),
                )),
                _ => {}
            }
        }
        if columns.0.is_empty() && found.is_empty() {
            let names: Vec<&str> = self.columns.iter().map(|spec| spec.name).collect();
            found.push(
                Problem::new("", "missing_column", "none of the columns that this reads is there")
                    .help(format!("name at least one column as one of: {}", names.join(", "))),
            );
        }
        found.into_result(())
    }
}

/// The policy that a batch was given; `null` stands for the defaults.
pub(crate) fn policy_of<P: DeserializeOwned + Default>(policy: &Value) -> Result<P, Problems> {
    match policy {
        Value::Null => Ok(P::default()),
        given => crate::request::part(given, "/policy"),
    }
}

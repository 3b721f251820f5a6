//! Columns in, columns out: what a language's data frames and typed arrays are converted to.
//!
//! Slices, never Arrow types: Node and WebAssembly hand in typed arrays, Python hands in Arrow buffers. A missing number is
//! NaN, a missing whole number or instant is [`NO_INTEGER`], a missing or unknown code is 255.
//!
//! An operation reads each row by itself, and answers with a row for each; or it reads all rows together (every event of a
//! profile), in as many pieces as they come, and answers with tables of other lengths.

mod coerce;
mod columns;
mod output;
#[cfg(feature = "customer")]
mod people;
mod progress;
mod text;
#[cfg(feature = "customer")]
mod text_codes;

use std::borrow::Cow;

use serde::de::DeserializeOwned;
use serde_json::Value;
use stratum_core::problem::{Problem, ProblemCollector, Problems, pointer_step};

pub use columns::{Column, Columns};
pub use output::{Answer, Name, Output, Table};
#[cfg(feature = "customer")]
pub(crate) use people::{People, missing, missing_at};
pub use progress::{Progress, ROWS_AT_ONCE, Workers};
pub use text::{TextColumn, Texts, Validity};

/// The code of a value that is missing or not in the vocabulary.
pub const NO_CODE: u8 = u8::MAX;

/// The whole number or instant of a value that is missing.
pub const NO_INTEGER: i64 = i64::MIN;

/// The batch form of an operation.
#[derive(Debug)]
pub struct Batch {
    /// The columns that it reads; other columns of a frame are left alone.
    pub columns: &'static [ColumnSpec],
    /// The further columns that its policy names, where there are such.
    pub further: Option<Further>,
    /// How it runs.
    pub run: Run,
}

/// Columns that a policy names.
pub type Further = fn(&Value) -> Result<Vec<ColumnSpec>, Problems>;

/// How an operation runs over columns, under its policy.
#[derive(Debug)]
pub enum Run {
    /// Each row by itself, with a row of the answer for each.
    Rows(fn(&Value, &Columns<'_>) -> Result<Table, Problems>),
    /// All rows together, in as many pieces as they come; the answer may be of another length.
    Whole(fn(&Value, &[Columns<'_>], &Progress<'_>) -> Result<Answer, Problems>),
}

/// A column that an operation reads.
#[derive(Debug, Clone)]
pub struct ColumnSpec {
    /// Its name, read in any case.
    pub name: Cow<'static, str>,
    /// What it holds, with its unit.
    pub doc: Cow<'static, str>,
    /// Of what kind its values are.
    pub kind: ColumnKind,
    /// Whether the operation cannot do without it.
    pub required: bool,
}

impl ColumnSpec {
    /// A column that the operation cannot do without.
    #[must_use]
    pub const fn required(name: &'static str, kind: ColumnKind, doc: &'static str) -> Self {
        Self { name: Cow::Borrowed(name), doc: Cow::Borrowed(doc), kind, required: true }
    }

    /// A column that may be left out.
    #[must_use]
    pub const fn optional(name: &'static str, kind: ColumnKind, doc: &'static str) -> Self {
        Self { name: Cow::Borrowed(name), doc: Cow::Borrowed(doc), kind, required: false }
    }
}

/// Of what kind the values of a column are.
#[derive(Debug, Clone, Copy)]
pub enum ColumnKind {
    /// A number; NaN is missing.
    Number,
    /// A whole number; [`NO_INTEGER`] is missing.
    Integer,
    /// Milliseconds since 1970-01-01T00:00:00Z, or an RFC 3339 text; [`NO_INTEGER`] is missing.
    Instant,
    /// A text.
    Text,
    /// What tells whose a row is: a text or a whole number.
    Id,
    /// Whatever the column holds: numbers, whole numbers, instants, texts or flags.
    Any,
    /// A text of a closed vocabulary, handed in as its position or as a text.
    Code(Vocabulary),
    /// 0 or 1.
    Flag,
}

impl ColumnKind {
    /// What JSON calls the values.
    #[must_use]
    pub const fn json_type(&self) -> &'static str {
        match self {
            Self::Number => "number",
            Self::Integer => "integer",
            Self::Instant => "instant",
            Self::Text | Self::Code(_) => "string",
            Self::Id => "id",
            Self::Any => "any",
            Self::Flag => "boolean",
        }
    }

    /// What to give, for people.
    #[must_use]
    pub const fn wanted(&self) -> &'static str {
        match self {
            Self::Number => "a column of numbers",
            Self::Integer => "a column of whole numbers",
            Self::Instant => "a column of instants, of milliseconds since 1970, or of RFC 3339 texts",
            Self::Text | Self::Code(_) => "a column of texts",
            Self::Id => "a column of texts or of whole numbers",
            Self::Any => "a column of numbers, instants, texts or booleans",
            Self::Flag => "a column of booleans",
        }
    }

    const fn takes(&self, column: &Column<'_>) -> bool {
        matches!(
            (self, column),
            (Self::Number, Column::Numbers(_))
                | (Self::Integer | Self::Instant, Column::Integers(_))
                | (Self::Code(_) | Self::Flag, Column::Codes(_))
                | (Self::Text, Column::Texts(_))
                | (Self::Instant, Column::Instants(_))
                | (Self::Id, Column::Texts(_) | Column::Integers(_))
                | (Self::Any, _)
        )
    }
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

impl Batch {
    /// Whether each row is read by itself, so that rows may be handed in a few at a time.
    #[must_use]
    pub const fn is_row_by_row(&self) -> bool {
        matches!(self.run, Run::Rows(_))
    }

    /// Whether the policy names further columns.
    #[must_use]
    pub const fn reads_what_the_policy_names(&self) -> bool {
        self.further.is_some()
    }

    /// The columns that it reads under this policy.
    ///
    /// # Errors
    /// Those of the policy.
    pub fn specs(&self, policy: &Value) -> Result<Cow<'static, [ColumnSpec]>, Problems> {
        let Some(further) = self.further else { return Ok(Cow::Borrowed(self.columns)) };
        let mut specs = self.columns.to_vec();
        specs.extend(further(policy)?);
        Ok(Cow::Owned(specs))
    }

    /// Runs the operation over columns of equal length, which come in one or more pieces.
    ///
    /// # Errors
    /// Every problem at once: `missing_column`, `wrong_type`, `length_mismatch`, those of the policy (under `/policy`) and
    /// of the operation; `cancelled` if `progress` called it off.
    pub fn run(
        &self,
        name: &str,
        policy: &Value,
        pieces: &[Columns<'_>],
        progress: &Progress<'_>,
    ) -> Result<Answer, Problems> {
        // Rows that come a few at a time are counted where they are told of.
        self.read_after(progress.done(), name, policy, pieces, |pieces| match self.run {
            Run::Whole(run) => run(policy, pieces, progress),
            Run::Rows(run) => row_by_row(run, policy, pieces, progress).map(Answer::from),
        })
    }

    /// Hands the columns to `read` in the form in which the operation reads them: for what is no answer in columns, such as a
    /// state that merges.
    ///
    /// # Errors
    /// Those of the columns, as [`Batch::run`], and of `read`.
    pub fn read<T>(
        &self,
        name: &str,
        policy: &Value,
        pieces: &[Columns<'_>],
        read: impl FnOnce(&[Columns<'_>]) -> Result<T, Problems>,
    ) -> Result<T, Problems> {
        self.read_after(0, name, policy, pieces, read)
    }

    fn read_after<T>(
        &self,
        mut before: usize,
        name: &str,
        policy: &Value,
        pieces: &[Columns<'_>],
        read: impl FnOnce(&[Columns<'_>]) -> Result<T, Problems>,
    ) -> Result<T, Problems> {
        crate::guard(name, || {
            let specs = self.specs(policy)?;
            let mut found = ProblemCollector::new();
            let mut own = Vec::with_capacity(pieces.len());
            for piece in pieces {
                own.push(coerce::converted(&specs, piece, before, &mut found));
                before = before.saturating_add(piece.rows());
            }
            let pieces: Vec<Columns<'_>> =
                pieces.iter().zip(&own).map(|(piece, own)| coerce::with(&specs, piece, own)).collect();
            found.take("", pieces.iter().try_for_each(|piece| check(&specs, piece)));
            found.into_result(())?;
            read(&pieces)
        })
    }
}

fn row_by_row(
    run: fn(&Value, &Columns<'_>) -> Result<Table, Problems>,
    policy: &Value,
    pieces: &[Columns<'_>],
    progress: &Progress<'_>,
) -> Result<Table, Problems> {
    let mut answer: Option<Table> = None;
    for piece in pieces {
        let rows = piece.rows();
        let mut done = 0_usize;
        loop {
            let end = done.saturating_add(ROWS_AT_ONCE).min(rows);
            let part = run(
                policy,
                &if end.wrapping_sub(done) == rows { piece.clone() } else { piece.slice(&(done..end)) },
            )?;
            match &mut answer {
                Some(answer) => answer.append(part),
                none => *none = Some(part),
            }
            progress.advance(end.saturating_sub(done))?;
            done = end;
            if done >= rows {
                break;
            }
        }
    }
    Ok(answer.unwrap_or_default())
}

fn check(specs: &[ColumnSpec], columns: &Columns<'_>) -> Result<(), Problems> {
    let mut found = ProblemCollector::new();
    for spec in specs {
        let path = pointer_step(&spec.name);
        match columns.0.get(&spec.name) {
            None if spec.required => found.push(
                Problem::new(path, "missing_column", format!("the column {} is missing", spec.name))
                    .help(spec.doc.clone()),
            ),
            Some(column) if !spec.kind.takes(column) => found.push(
                Problem::new(path, "wrong_type", format!("the values of {} are of another kind", spec.name))
                    .help(spec.doc.clone()),
            ),
            Some(column) if column.len() != columns.rows() => found.push(Problem::new(
                path,
                "length_mismatch",
                format!("{} has {} rows, the first column has {}", spec.name, column.len(), columns.rows()),
            )),
            _ => {}
        }
    }
    if columns.0.is_empty() && found.is_empty() {
        let names: Vec<&str> = specs.iter().map(|spec| spec.name.as_ref()).collect();
        found.push(
            Problem::new("", "missing_column", "none of the columns that this reads is there")
                .help(format!("name at least one column as one of: {}", names.join(", "))),
        );
    }
    found.into_result(())
}

/// The policy that a batch was given; `null` stands for the defaults.
pub(crate) fn policy_of<P: DeserializeOwned + Default>(policy: &Value) -> Result<P, Problems> {
    match policy {
        Value::Null => Ok(P::default()),
        given => crate::request::part(given, "/policy"),
    }
}

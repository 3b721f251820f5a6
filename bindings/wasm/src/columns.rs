//! Columns in, columns out: JavaScript writes typed arrays into this memory and reads the answer from it.

use std::borrow::Cow;

use serde_json::{Value, json};
use stratum_ffi::batch::{
    Answer, Batch, Column, ColumnKind, ColumnSpec, Columns, NO_INTEGER, Output, Progress, Texts, Validity,
};
use stratum_ffi::stratum_core::math::amount;
use stratum_ffi::stratum_core::problem::{Problem, Problems, pointer_step};
use wasm_bindgen::prelude::*;

use crate::as_json;

/// The columns of one batch, as they come and as they go.
#[wasm_bindgen]
#[derive(Debug)]
pub struct Frame {
    name: &'static str,
    batch: &'static Batch,
    policy: Value,
    specs: Cow<'static, [ColumnSpec]>,
    /// One for each column that the operation reads.
    given: Vec<Given>,
    answer: Vec<Out>,
}

#[derive(Debug)]
enum Given {
    Absent,
    Numbers(Vec<f64>),
    Codes(Vec<u8>),
    Texts(TextParts),
}

/// Texts as Arrow has them: where each begins and ends in the bytes, and a bit for each that is there (empty: all are).
#[derive(Debug, Default)]
struct TextParts {
    offsets: Vec<i32>,
    bytes: Vec<u8>,
    valid: Vec<u8>,
}

/// A column of an answer, in a form that JavaScript has an array for.
#[derive(Debug)]
struct Out {
    /// Empty for the table that was asked for.
    table: &'static str,
    name: Cow<'static, str>,
    column: OutColumn,
}

#[derive(Debug)]
enum OutColumn {
    Numbers(Vec<f64>),
    Flags(Vec<u8>),
    Codes(Vec<u8>, Vec<&'static str>),
    Sets(Vec<u16>, Vec<&'static str>),
    Texts(TextParts),
}

#[wasm_bindgen]
impl Frame {
    /// The batch form of the operation of this name, under a policy.
    ///
    /// # Errors
    /// `unknown_operation`, `no_batch_form`, and those of a policy that names columns.
    #[wasm_bindgen(constructor)]
    pub fn new(operation: &str, policy: &str) -> Result<Frame, String> {
        let (name, batch) = stratum_ffi::find_batch(operation).map_err(|problems| as_json(&problems))?;
        let policy = serde_json::from_str(policy).map_err(|error| {
            let problem = Problem::new("/policy", "invalid_json", format!("the policy is no JSON: {error}"));
            as_json(&problem.into())
        })?;
        let specs = batch.specs(&policy).map_err(|problems| as_json(&problems))?;
        let given = specs.iter().map(|_| Given::Absent).collect();
        Ok(Self { name, batch, policy, specs, given, answer: Vec::new() })
    }

    /// Whether all rows are read together; else they may come a few at a time.
    #[must_use]
    pub fn whole(&self) -> bool {
        !self.batch.is_row_by_row()
    }

    /// What the operation reads: `name`, `doc`, `kind` (`number`, `integer`, `instant`, `text`, `id`, `any`, `flag` or `code`),
    /// `required`, and `values` of a code.
    #[must_use]
    pub fn columns(&self) -> String {
        let specs = self.specs.iter().map(|spec| {
            let (kind, values) = match spec.kind {
                ColumnKind::Number => ("number", None),
                ColumnKind::Integer => ("integer", None),
                ColumnKind::Instant => ("instant", None),
                ColumnKind::Text => ("text", None),
                ColumnKind::Id => ("id", None),
                ColumnKind::Any => ("any", None),
                ColumnKind::Flag => ("flag", None),
                ColumnKind::Code(vocabulary) => ("code", Some((vocabulary.names)())),
            };
            json!({ "name": spec.name, "doc": spec.doc, "kind": kind, "required": spec.required, "values": values })
        });
        specs.collect::<Value>().to_string()
    }

    /// The code of a text in the column at this position, in any case, aliases included; 255 if it is not in the
    /// vocabulary.
    #[must_use]
    pub fn code(&self, column: usize, text: &str) -> u8 {
        match self.specs.get(column).map(|spec| spec.kind) {
            Some(ColumnKind::Code(vocabulary)) => (vocabulary.code)(text),
            _ => None,
        }
        .unwrap_or(stratum_ffi::batch::NO_CODE)
    }

    /// A place for the numbers of the column at this position.
    pub fn numbers(&mut self, column: usize, rows: usize) -> *mut f64 {
        let mut values = match self.take(column) {
            Given::Numbers(values) => values,
            _ => Vec::new(),
        };
        values.resize(rows, f64::NAN);
        let place = values.as_mut_ptr();
        self.put(column, Given::Numbers(values));
        place
    }

    /// A place for the codes or flags of the column at this position.
    pub fn codes(&mut self, column: usize, rows: usize) -> *mut u8 {
        let mut values = match self.take(column) {
            Given::Codes(values) => values,
            _ => Vec::new(),
        };
        values.resize(rows, 0);
        let place = values.as_mut_ptr();
        self.put(column, Given::Codes(values));
        place
    }

    /// Places for the texts of the column at this position: where the offsets, the bytes and the bits of those that are
    /// there go, one behind the other.
    pub fn texts(&mut self, column: usize, rows: usize, bytes: usize, valid: usize) -> Vec<usize> {
        let mut parts = match self.take(column) {
            Given::Texts(parts) => parts,
            _ => TextParts::default(),
        };
        parts.offsets.resize(rows.saturating_add(1), 0);
        parts.bytes.resize(bytes, 0);
        parts.valid.resize(valid, 0);
        let places =
            [parts.offsets.as_ptr().addr(), parts.bytes.as_ptr().addr(), parts.valid.as_ptr().addr()];
        self.put(column, Given::Texts(parts));
        places.to_vec()
    }

    /// Runs the operation over the columns and says where each column of the answer stands: `table`, `name`, `kind`
    /// (`numbers`, `flags`, `codes`, `sets` or `texts`), `at`, `rows`, the `values` that codes and sets stand for, and of
    /// texts the place and length of `bytes` and `valid`.
    ///
    /// # Errors
    /// Those of the operation's batch form.
    pub fn run(&mut self) -> Result<String, String> {
        let answer = self.answer().and_then(columns_of).map_err(|problems| as_json(&problems))?;
        self.answer = answer;
        Ok(self.answer.iter().map(Out::place).collect::<Value>().to_string())
    }
}

impl Out {
    fn place(&self) -> Value {
        let (kind, at, rows, values) = match &self.column {
            OutColumn::Numbers(values) => ("numbers", values.as_ptr().addr(), values.len(), None),
            OutColumn::Flags(flags) => ("flags", flags.as_ptr().addr(), flags.len(), None),
            OutColumn::Codes(codes, values) => ("codes", codes.as_ptr().addr(), codes.len(), Some(values)),
            OutColumn::Sets(sets, values) => ("sets", sets.as_ptr().addr(), sets.len(), Some(values)),
            OutColumn::Texts(TextParts { offsets, bytes, valid }) => {
                return json!({
                    "table": self.table, "name": self.name, "kind": "texts", "at": offsets.as_ptr().addr(),
                    "rows": offsets.len().saturating_sub(1), "bytes": [bytes.as_ptr().addr(), bytes.len()],
                    "valid": [valid.as_ptr().addr(), valid.len()],
                });
            }
        };
        json!({ "table": self.table, "name": self.name, "kind": kind, "at": at, "rows": rows, "values": values })
    }
}

fn columns_of(answer: Answer) -> Result<Vec<Out>, Problems> {
    let mut all = Vec::new();
    for (table, columns) in std::iter::once(("", answer.table)).chain(answer.further) {
        for (name, output) in columns.0 {
            let column = out_column(&name, output)?;
            all.push(Out { table, name, column });
        }
    }
    Ok(all)
}

fn out_column(name: &str, output: Output) -> Result<OutColumn, Problems> {
    Ok(match output {
        Output::Numbers(values) => OutColumn::Numbers(values),
        Output::Integers(values) | Output::Instants(values) => {
            let number = |value| if value == NO_INTEGER { f64::NAN } else { amount(value) };
            OutColumn::Numbers(values.into_iter().map(number).collect())
        }
        Output::Flags(flags) => OutColumn::Flags(flags),
        Output::Codes(codes, vocabulary) => OutColumn::Codes(codes, (vocabulary.names)()),
        Output::Sets(sets, vocabulary) => OutColumn::Sets(sets, (vocabulary.names)()),
        Output::Texts(texts) => {
            let (offsets, text, valid) = texts.into_parts();
            let offsets: Result<Vec<i32>, _> = offsets.into_iter().map(i32::try_from).collect();
            let offsets = offsets.map_err(|_| {
                Problem::new("", "too_long", format!("{name} holds more than 2 GiB of text"))
                    .help("hand in fewer rows at a time")
            })?;
            OutColumn::Texts(TextParts { offsets, bytes: text.into_bytes(), valid })
        }
    })
}

impl Frame {
    fn take(&mut self, column: usize) -> Given {
        self.given.get_mut(column).map_or(Given::Absent, |place| std::mem::replace(place, Given::Absent))
    }

    fn put(&mut self, column: usize, given: Given) {
        if let Some(place) = self.given.get_mut(column) {
            *place = given;
        }
    }

    fn answer(&self) -> Result<Answer, Problems> {
        let mut columns = Columns::default();
        for (spec, given) in self.specs.iter().zip(&self.given) {
            match given {
                Given::Absent => {}
                Given::Numbers(values) => columns.insert(spec, Column::Numbers(values)),
                Given::Codes(values) => columns.insert(spec, Column::Codes(values)),
                Given::Texts(TextParts { offsets, bytes, valid }) => {
                    let valid = (!valid.is_empty()).then_some(Validity { bits: valid, offset: 0 });
                    let texts = Texts::new(offsets, bytes, valid);
                    let texts = texts.map_err(|problem| problem.under(&pointer_step(&spec.name)))?;
                    columns.insert(spec, Column::Texts(texts));
                }
            }
        }
        self.batch.run(self.name, &self.policy, &[columns], &Progress::silent())
    }
}

//! Columns in, columns out: JavaScript writes typed arrays into this memory and reads the answer from it.

use serde_json::{Value, json};
use stratum_ffi::batch::{Batch, Column, ColumnKind, Columns, Output};
use stratum_ffi::stratum_core::problem::{Problem, Problems};
use wasm_bindgen::prelude::*;

use crate::as_json;

/// The columns of one batch, as they come and as they go.
#[wasm_bindgen]
#[derive(Debug)]
pub struct Frame {
    name: &'static str,
    batch: &'static Batch,
    /// One for each column that the operation reads.
    given: Vec<Given>,
    answer: Vec<(&'static str, Output)>,
}

#[derive(Debug)]
enum Given {
    Absent,
    Numbers(Vec<f64>),
    Codes(Vec<u8>),
}

#[wasm_bindgen]
impl Frame {
    /// The batch form of the operation of this name.
    ///
    /// # Errors
    /// `unknown_operation`, `no_batch_form`.
    #[wasm_bindgen(constructor)]
    pub fn new(operation: &str) -> Result<Frame, String> {
        let (name, batch) = stratum_ffi::find_batch(operation).map_err(|problems| as_json(&problems))?;
        let given = batch.columns.iter().map(|_| Given::Absent).collect();
        Ok(Self { name, batch, given, answer: Vec::new() })
    }

    /// What the operation reads: `name`, `doc`, `kind` (`number`, `flag` or `code`), `required`, and `values` of a code.
    #[must_use]
    pub fn columns(&self) -> String {
        let specs = self.batch.columns.iter().map(|spec| {
            let (kind, values) = match spec.kind {
                ColumnKind::Number => ("number", None),
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
        match self.batch.columns.get(column).map(|spec| spec.kind) {
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

    /// Runs the operation over the columns and says where each column of the answer stands: `name`, `kind` (`numbers`,
    /// `codes` or `sets`), `at`, `rows`, and the `values` that codes and sets stand for.
    ///
    /// # Errors
    /// Those of the operation's batch form.
    pub fn run(&mut self, policy: &str) -> Result<String, String> {
        let answer = self.answer(policy).map_err(|problems| as_json(&problems))?;
        self.answer = answer;
        let places = self.answer.iter().map(|(name, output)| match output {
            Output::Numbers(values) => {
                json!({ "name": name, "kind": "numbers", "at": values.as_ptr().addr(), "rows": values.len() })
            }
            Output::Codes(codes, vocabulary) => json!({
                "name": name, "kind": "codes", "at": codes.as_ptr().addr(), "rows": codes.len(),
                "values": (vocabulary.names)(),
            }),
            Output::Sets(sets, vocabulary) => json!({
                "name": name, "kind": "sets", "at": sets.as_ptr().addr(), "rows": sets.len(),
                "values": (vocabulary.names)(),
            }),
        });
        Ok(places.collect::<Value>().to_string())
    }
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

    fn answer(&self, policy: &str) -> Result<Vec<(&'static str, Output)>, Problems> {
        let policy: Value = serde_json::from_str(policy).map_err(|error| {
            Problem::new("/policy", "invalid_json", format!("the policy is no JSON: {error}"))
        })?;
        let mut columns = Columns::default();
        for (spec, given) in self.batch.columns.iter().zip(&self.given) {
            match given {
                Given::Absent => {}
                Given::Numbers(values) => columns.insert(spec, Column::Numbers(values)),
                Given::Codes(values) => columns.insert(spec, Column::Codes(values)),
            }
        }
        self.batch.run(self.name, &policy, &columns)
    }
}

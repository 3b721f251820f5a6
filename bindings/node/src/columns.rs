//! Operations over columns: typed arrays in, typed arrays out.

use napi::Env;
use napi::bindgen_prelude::{Float64ArraySlice, Object, Uint8ArraySlice, Uint16ArraySlice};
use napi_derive::napi;
use serde_json::Value;
use stratum_ffi::batch::{Batch, Column, ColumnKind, Columns, NO_CODE, Output, Vocabulary};
use stratum_ffi::find;
use stratum_ffi::stratum_core::problem::{Problem, Problems};

/// Columns that the operation reads, by their positions in its specification.
#[derive(Debug, Default)]
pub struct Given<'a> {
    pub numbers: Vec<(usize, &'a [f64])>,
    pub codes: Vec<(usize, &'a [u8])>,
}

impl Given<'_> {
    /// The rows of the first column.
    pub fn rows(&self) -> usize {
        let numbers = self.numbers.iter().map(|(position, values)| (*position, values.len()));
        let codes = self.codes.iter().map(|(position, values)| (*position, values.len()));
        numbers.chain(codes).min().map_or(0, |(_, rows)| rows)
    }
}

/// An operation that has a form over columns, and the policy under which it runs.
#[derive(Debug)]
pub struct Work {
    operation: String,
    batch: &'static Batch,
    policy: Value,
}

impl Work {
    pub fn new(operation: String, policy: &str) -> std::result::Result<Self, Problems> {
        let batch = batch_of(&operation)?;
        let policy = serde_json::from_str(policy).map_err(|error| {
            Problem::new("/policy", "invalid_json", format!("the policy is no JSON: {error}"))
        })?;
        Ok(Self { operation, batch, policy })
    }

    pub fn run(&self, given: &Given<'_>) -> std::result::Result<Answer, Problems> {
        let mut columns = Columns::default();
        for (position, values) in &given.numbers {
            if let Some(spec) = self.batch.columns.get(*position) {
                columns.insert(spec, Column::Numbers(values));
            }
        }
        for (position, values) in &given.codes {
            if let Some(spec) = self.batch.columns.get(*position) {
                columns.insert(spec, Column::Codes(values));
            }
        }
        self.batch.run(&self.operation, &self.policy, &columns).map(Answer)
    }
}

fn batch_of(operation: &str) -> std::result::Result<&'static Batch, Problems> {
    find(operation)?.batch.ok_or_else(|| {
        let with: Vec<&str> =
            stratum_ffi::OPERATIONS.iter().filter(|op| op.batch.is_some()).map(|op| op.name).collect();
        Problem::new("", "no_batch_form", format!("{operation} has no form over columns"))
            .help(format!("those that have one are: {}", with.join(", ")))
            .into()
    })
}

/// The columns of an answer.
#[derive(Debug)]
pub struct Answer(Vec<(&'static str, Output)>);

impl Answer {
    /// Puts the rows of another answer of the same work behind these.
    pub fn append(&mut self, more: Self) {
        for ((_, column), (_, rest)) in self.0.iter_mut().zip(more.0) {
            match (column, rest) {
                (Output::Numbers(values), Output::Numbers(rest)) => values.extend(rest),
                (Output::Codes(codes, _), Output::Codes(rest, _)) => codes.extend(rest),
                (Output::Sets(sets, _), Output::Sets(rest, _)) => sets.extend(rest),
                // One operation answers with the same columns every time.
                _ => {}
            }
        }
    }

    /// The object that JavaScript sees. The arrays are JavaScript's own, so that they are freed like any other.
    pub fn object<'env>(&self, env: &'env Env) -> napi::Result<Object<'env>> {
        let mut answer = Object::new(env)?;
        for (name, column) in &self.0 {
            match column {
                Output::Numbers(values) => answer.set(name, Float64ArraySlice::copy_from(env, values)?)?,
                Output::Codes(codes, vocabulary) => {
                    let codes = Uint8ArraySlice::copy_from(env, codes)?;
                    answer.set(name, coded(env, "codes", codes, *vocabulary)?)?;
                }
                Output::Sets(sets, vocabulary) => {
                    let sets = Uint16ArraySlice::copy_from(env, sets)?;
                    answer.set(name, coded(env, "sets", sets, *vocabulary)?)?;
                }
            }
        }
        Ok(answer)
    }
}

fn coded<'env, T: napi::bindgen_prelude::ToNapiValue>(
    env: &'env Env,
    kind: &str,
    positions: T,
    vocabulary: Vocabulary,
) -> napi::Result<Object<'env>> {
    let mut column = Object::new(env)?;
    column.set(kind, positions)?;
    column.set("values", (vocabulary.names)())?;
    Ok(column)
}

pub fn positions(given: &[u32]) -> impl Iterator<Item = usize> {
    given.iter().map(|&position| usize::try_from(position).unwrap_or(usize::MAX))
}

/// The code of a text in a column, in any case, aliases included; 255 if it is not in the vocabulary.
#[napi(catch_unwind)]
pub fn column_code(operation: String, position: u32, text: String) -> u8 {
    let column = positions(&[position]).next();
    let spec = batch_of(&operation).ok().zip(column).and_then(|(batch, column)| batch.columns.get(column));
    match spec.map(|spec| spec.kind) {
        Some(ColumnKind::Code(vocabulary)) => (vocabulary.code)(&text),
        _ => None,
    }
    .unwrap_or(NO_CODE)
}

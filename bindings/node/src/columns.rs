//! Operations over columns: typed arrays in, typed arrays out.

use std::borrow::Cow;

use napi::Env;
use napi::bindgen_prelude::{
    Float64ArraySlice, Int32ArraySlice, Object, ToNapiValue, Uint8ArraySlice, Uint16ArraySlice,
};
use napi_derive::napi;
use serde_json::{Value, json};
use stratum_ffi::batch::{
    self, Batch, Column, ColumnKind, ColumnSpec, Columns, NO_CODE, NO_INTEGER, Output, Progress, Table,
    Texts, Validity, Vocabulary,
};
use stratum_ffi::find;
use stratum_ffi::stratum_core::math::amount;
use stratum_ffi::stratum_core::problem::{Problem, ProblemCollector, Problems, pointer_step};

/// Texts as Arrow has them: where each begins and ends in the bytes, and a bit for each that is there (empty: all are).
#[derive(Debug, Clone, Copy)]
pub struct TextParts<'a> {
    pub offsets: &'a [i32],
    pub bytes: &'a [u8],
    pub valid: &'a [u8],
}

/// Columns that the operation reads, by their positions in its specification.
#[derive(Debug, Default)]
pub struct Given<'a> {
    pub numbers: Vec<(usize, &'a [f64])>,
    pub codes: Vec<(usize, &'a [u8])>,
    pub integers: Vec<(usize, &'a [i64])>,
    pub texts: Vec<(usize, TextParts<'a>)>,
}

/// An operation that has a form over columns, and the policy under which it runs.
#[derive(Debug)]
pub struct Work {
    operation: String,
    batch: &'static Batch,
    policy: Value,
    specs: Cow<'static, [ColumnSpec]>,
}

impl Work {
    pub fn new(operation: String, policy: &str) -> std::result::Result<Self, Problems> {
        let batch = batch_of(&operation)?;
        let policy = serde_json::from_str(policy).map_err(|error| {
            Problem::new("/policy", "invalid_json", format!("the policy is no JSON: {error}"))
        })?;
        let specs = batch.specs(&policy)?;
        Ok(Self { operation, batch, policy, specs })
    }

    /// What it reads under its policy, as the document of the operations says it.
    pub fn columns(&self) -> String {
        let specs = self.specs.iter().map(|spec| {
            let values = match spec.kind {
                ColumnKind::Code(vocabulary) => Some((vocabulary.names)()),
                _ => None,
            };
            json!({ "name": spec.name, "doc": spec.doc, "type": spec.kind.json_type(), "values": values })
        });
        specs.collect::<Value>().to_string()
    }

    pub fn run(
        &self,
        given: &Given<'_>,
        tell: &dyn Fn(usize, usize) -> std::ops::ControlFlow<()>,
    ) -> std::result::Result<Answer, Problems> {
        let mut found = ProblemCollector::new();
        let numbers = given.numbers.iter().map(|(at, values)| (*at, Column::Numbers(values)));
        let codes = given.codes.iter().map(|(at, codes)| (*at, Column::Codes(codes)));
        let integers = given.integers.iter().map(|(at, values)| (*at, Column::Integers(values)));
        let mut all: Vec<(usize, Column<'_>)> = numbers.chain(codes).chain(integers).collect();
        for (position, parts) in &given.texts {
            let valid = (!parts.valid.is_empty()).then_some(Validity { bits: parts.valid, offset: 0 });
            let name = self.specs.get(*position).map_or("", |spec| &spec.name);
            let texts = found.take(&pointer_step(name), Texts::new(parts.offsets, parts.bytes, valid));
            all.extend(texts.map(|texts| (*position, Column::Texts(texts))));
        }
        found.into_result(())?;
        let mut columns = Columns::default();
        for (position, column) in all {
            if let Some(spec) = self.specs.get(position) {
                columns.insert(spec, column);
            }
        }
        let rows = columns.rows();
        let tell = |done| tell(done, rows);
        self.batch.run(&self.operation, &self.policy, &[columns], &Progress::new(&tell)).map(Answer)
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
pub struct Answer(batch::Answer);

impl Answer {
    /// The object that JavaScript sees. The arrays are JavaScript's own, so that they are freed like any other.
    pub fn object<'env>(&self, env: &'env Env) -> napi::Result<Object<'env>> {
        let mut answer = table_object(env, &self.0.table)?;
        if !self.0.further.is_empty() {
            let mut tables = Object::new(env)?;
            for (name, table) in &self.0.further {
                tables.set(name, table_object(env, table)?)?;
            }
            answer.set("tables", tables)?;
        }
        Ok(answer)
    }
}

fn table_object<'env>(env: &'env Env, table: &Table) -> napi::Result<Object<'env>> {
    let mut answer = Object::new(env)?;
    for (name, column) in &table.0 {
        match column {
            Output::Numbers(values) => answer.set(name, Float64ArraySlice::copy_from(env, values)?)?,
            Output::Integers(values) | Output::Instants(values) => {
                let number = |&value: &i64| if value == NO_INTEGER { f64::NAN } else { amount(value) };
                let values: Vec<f64> = values.iter().map(number).collect();
                answer.set(name, Float64ArraySlice::copy_from(env, &values)?)?;
            }
            Output::Flags(flags) => answer.set(name, Uint8ArraySlice::copy_from(env, flags)?)?,
            Output::Texts(texts) => {
                let (offsets, text, valid) = texts.parts();
                let offsets =
                    offsets.iter().map(|&end| i32::try_from(end)).collect::<std::result::Result<Vec<_>, _>>();
                let offsets = offsets.map_err(|_| {
                    let problem =
                        Problem::new("", "too_long", format!("{name} holds more than 2 GiB of text"));
                    crate::errors::refused(&problem.help("hand in fewer rows at a time").into())
                })?;
                let mut column = Object::new(env)?;
                column.set("offsets", Int32ArraySlice::copy_from(env, &offsets)?)?;
                column.set("bytes", Uint8ArraySlice::copy_from(env, text.as_bytes())?)?;
                column.set("valid", Uint8ArraySlice::copy_from(env, valid)?)?;
                answer.set(name, column)?;
            }
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

fn coded<'env, T: ToNapiValue>(
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

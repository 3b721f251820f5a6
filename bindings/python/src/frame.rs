//! The batch form of an operation over a data frame.

use std::borrow::Cow;
use std::sync::Arc;

use arrow_array::builder::{ListBuilder, PrimitiveBuilder};
use arrow_array::cast::AsArray;
use arrow_array::types::{
    ArrowPrimitiveType, Float32Type, Float64Type, Int8Type, Int16Type, Int32Type, Int64Type, UInt8Type,
    UInt16Type, UInt32Type, UInt64Type,
};
use arrow_array::{
    Array, ArrayRef, DictionaryArray, Float64Array, ListArray, RecordBatch, StringArray, UInt8Array,
};
use arrow_schema::{DataType, Field, Schema, SchemaRef};
use pyo3::prelude::*;
use pyo3::types::PyCapsule;
use serde_json::Value;
use stratum_ffi::Batch;
use stratum_ffi::batch::{Column, ColumnKind, ColumnSpec, Columns as Given, NO_CODE, Output, Vocabulary};
use stratum_ffi::stratum_core::problem::{Problem, ProblemCollector, Problems, pointer_step};

use crate::arrow;
use crate::convert::to_json;
use crate::errors::Refused;

/// Columns of an answer, for whichever data frame you use: `polars.DataFrame(columns)`, `pyarrow.table(columns)`,
/// `pandas.DataFrame.from_arrow(columns)`.
#[pyclass(module = "stratum", frozen)]
#[derive(Debug)]
pub(crate) struct Columns {
    schema: SchemaRef,
    batches: Vec<RecordBatch>,
}

#[pymethods]
impl Columns {
    /// The names of the columns.
    #[getter]
    fn names(&self) -> Vec<String> {
        self.schema.fields().iter().map(|field| field.name().clone()).collect()
    }

    /// How many rows there are.
    fn __len__(&self) -> usize {
        self.batches.iter().map(RecordBatch::num_rows).sum()
    }

    /// The Arrow PyCapsule interface; may be asked as often as you like.
    #[pyo3(signature = (requested_schema=None))]
    fn __arrow_c_stream__<'py>(
        &self,
        py: Python<'py>,
        requested_schema: Option<&Bound<'py, PyAny>>,
    ) -> PyResult<Bound<'py, PyCapsule>> {
        // A consumer's wish for other types is one that the interface lets us leave unmet.
        let _ = requested_schema;
        arrow::capsule(py, Arc::clone(&self.schema), self.batches.clone())
    }

    fn __repr__(&self) -> String {
        format!("Columns({} rows: {})", self.__len__(), self.names().join(", "))
    }
}

/// Runs the batch form of an operation over the columns of a data frame that it knows by name; others are left alone.
#[pyfunction]
#[pyo3(signature = (name, frame, policy=None, /))]
pub(crate) fn call_frame(
    py: Python<'_>,
    name: &str,
    frame: &Bound<'_, PyAny>,
    policy: Option<&Bound<'_, PyAny>>,
) -> PyResult<Columns> {
    let op = stratum_ffi::find(name).map_err(Refused::from)?;
    let Some(batch) = op.batch else {
        let problem = Problem::new("", "no_batch_form", format!("{name} has no form over columns"));
        return Err(Refused::from(problem).into());
    };
    let policy = policy.map_or(Ok(Value::Null), to_json)?;
    let rows = arrow::rows(frame)?;
    // Other threads of Python run meanwhile.
    Ok(py.detach(|| over_rows(name, batch, &policy, &rows)).map_err(Refused::from)?)
}

fn over_rows(name: &str, batch: &Batch, policy: &Value, rows: &arrow::Rows) -> Result<Columns, Problems> {
    let empty = [RecordBatch::new_empty(Arc::clone(&rows.schema))];
    let pieces = if rows.batches.is_empty() { &empty[..] } else { &rows.batches };
    let mut answers = Vec::with_capacity(pieces.len());
    for piece in pieces {
        answers.push(over_piece(name, batch, policy, piece)?);
    }
    let schema = answers.first().map_or_else(|| Arc::new(Schema::empty()), RecordBatch::schema);
    Ok(Columns { schema, batches: answers })
}

fn over_piece(
    name: &str,
    batch: &Batch,
    policy: &Value,
    piece: &RecordBatch,
) -> Result<RecordBatch, Problems> {
    let mut found = ProblemCollector::new();
    let mut read: Vec<(&ColumnSpec, Read<'_>)> = Vec::new();
    for spec in batch.columns {
        let schema = piece.schema_ref();
        let position = schema.fields().iter().position(|field| field.name().eq_ignore_ascii_case(spec.name));
        if let Some(column) = position.map(|position| piece.column(position)) {
            read.extend(found.take("", column_of(spec, column)).map(|column| (spec, column)));
        }
    }
    found.into_result(())?;
    let mut given = Given::default();
    for (spec, column) in &read {
        given.insert(spec, column.as_column());
    }
    let outputs = batch.run(name, policy, &given)?;
    let arrays = outputs.into_iter().map(|(name, output)| Ok((name, array_of(output)?)));
    let columns = arrays.collect::<Result<Vec<(&str, ArrayRef)>, Problems>>()?;
    let fields: Vec<Field> =
        columns.iter().map(|(name, array)| Field::new(*name, array.data_type().clone(), true)).collect();
    let arrays = columns.into_iter().map(|(_, array)| array).collect();
    RecordBatch::try_new(Arc::new(Schema::new(fields)), arrays).map_err(|error| internal(&error))
}

fn internal(error: &arrow_schema::ArrowError) -> Problems {
    Problem::new("", "internal", error.to_string()).help("please report this").into()
}

/// A column as the operation reads it: borrowed where its buffer has that form already.
enum Read<'a> {
    Numbers(Cow<'a, [f64]>),
    Codes(Cow<'a, [u8]>),
}

impl Read<'_> {
    fn as_column(&self) -> Column<'_> {
        match self {
            Self::Numbers(values) => Column::Numbers(values),
            Self::Codes(values) => Column::Codes(values),
        }
    }
}

fn column_of<'a>(spec: &ColumnSpec, array: &'a ArrayRef) -> Result<Read<'a>, Problem> {
    let read = match spec.kind {
        ColumnKind::Number => numbers(array).map(Read::Numbers),
        ColumnKind::Code(vocabulary) => codes(array, vocabulary).map(Cow::Owned).map(Read::Codes),
        ColumnKind::Flag => return flags(spec, array).map(Cow::Owned).map(Read::Codes),
    };
    read.ok_or_else(|| wrong_type(spec, array.data_type()))
}

fn wrong_type(spec: &ColumnSpec, found: &DataType) -> Problem {
    let wanted = match spec.kind {
        ColumnKind::Number => "a column of numbers",
        ColumnKind::Code(_) => "a column of texts",
        ColumnKind::Flag => "a column of booleans",
    };
    Problem::new(pointer_step(spec.name), "wrong_type", format!("{} is of the type {found}", spec.name))
        .help(format!("give {wanted}: {}", spec.doc))
}

/// Numbers, with NaN where a value is missing.
fn numbers(array: &ArrayRef) -> Option<Cow<'_, [f64]>> {
    if let (Some(doubles), 0) = (array.as_primitive_opt::<Float64Type>(), array.null_count()) {
        return Some(Cow::Borrowed(doubles.values()));
    }
    let owned = match array.data_type() {
        DataType::Float64 => widened::<Float64Type>(array, |value| value),
        DataType::Float32 => widened::<Float32Type>(array, f64::from),
        DataType::Int8 => widened::<Int8Type>(array, f64::from),
        DataType::Int16 => widened::<Int16Type>(array, f64::from),
        DataType::Int32 => widened::<Int32Type>(array, f64::from),
        DataType::Int64 => widened::<Int64Type>(array, stratum_ffi::stratum_core::math::amount),
        DataType::UInt8 => widened::<UInt8Type>(array, f64::from),
        DataType::UInt16 => widened::<UInt16Type>(array, f64::from),
        DataType::UInt32 => widened::<UInt32Type>(array, f64::from),
        #[expect(
            clippy::cast_precision_loss,
            reason = "a score or an age beyond 2^53 is out of every range anyway"
        )]
        DataType::UInt64 => widened::<UInt64Type>(array, |value| value as f64),
        DataType::Null => Some(vec![f64::NAN; array.len()]),
        _ => None,
    };
    owned.map(Cow::Owned)
}

fn widened<T: ArrowPrimitiveType>(array: &ArrayRef, widen: fn(T::Native) -> f64) -> Option<Vec<f64>> {
    let values = array.as_primitive_opt::<T>()?;
    Some(values.iter().map(|value| value.map_or(f64::NAN, widen)).collect())
}

/// The codes of texts: plain ones, or a categorical's, whose few texts are looked up once.
fn codes(array: &ArrayRef, vocabulary: Vocabulary) -> Option<Vec<u8>> {
    if let Some(categorical) = array.as_any_dictionary_opt() {
        let of_text = codes(categorical.values(), vocabulary)?;
        if of_text.is_empty() {
            return Some(vec![NO_CODE; array.len()]);
        }
        let keys = categorical.normalized_keys();
        let known = keys.iter().enumerate().map(|(row, &key)| {
            if array.is_null(row) { NO_CODE } else { of_text.get(key).copied().unwrap_or(NO_CODE) }
        });
        return Some(known.collect());
    }
    match array.data_type() {
        DataType::Utf8 => Some(looked_up(array.as_string::<i32>().iter(), vocabulary)),
        DataType::LargeUtf8 => Some(looked_up(array.as_string::<i64>().iter(), vocabulary)),
        DataType::Utf8View => Some(looked_up(array.as_string_view().iter(), vocabulary)),
        DataType::Null => Some(vec![NO_CODE; array.len()]),
        _ => None,
    }
}

fn looked_up<'a>(texts: impl Iterator<Item = Option<&'a str>>, vocabulary: Vocabulary) -> Vec<u8> {
    let names = (vocabulary.names)();
    let exact =
        |text: &str| names.iter().position(|name| *name == text).and_then(|code| u8::try_from(code).ok());
    texts
        .map(|text| text.and_then(|text| exact(text).or_else(|| (vocabulary.code)(text))).unwrap_or(NO_CODE))
        .collect()
}

/// Flags; one that is missing is neither true nor false, so it is refused.
fn flags(spec: &ColumnSpec, array: &ArrayRef) -> Result<Vec<u8>, Problem> {
    let Some(booleans) = array.as_boolean_opt() else { return Err(wrong_type(spec, array.data_type())) };
    if let Some(row) = (0..array.len()).find(|&row| array.is_null(row)) {
        return Err(Problem::new(
            format!("{}/{row}", pointer_step(spec.name)),
            "missing_value",
            format!("{} is neither true nor false in row {row}", spec.name),
        )
        .help("fill missing flags with what you know; true is the careful answer"));
    }
    Ok(booleans.values().iter().map(u8::from).collect())
}

fn array_of(output: Output) -> Result<ArrayRef, Problems> {
    match output {
        Output::Numbers(values) if values.iter().any(|value| value.is_nan()) => Ok(Arc::new(
            values.into_iter().map(|value| (!value.is_nan()).then_some(value)).collect::<Float64Array>(),
        )),
        Output::Numbers(values) => Ok(Arc::new(Float64Array::from(values))),
        Output::Codes(codes, vocabulary) => {
            let keys: UInt8Array = if codes.contains(&NO_CODE) {
                codes.into_iter().map(|code| (code != NO_CODE).then_some(code)).collect()
            } else {
                codes.into()
            };
            Ok(Arc::new(categorical(keys, vocabulary)?))
        }
        Output::Sets(sets, vocabulary) => lists(&sets, vocabulary),
    }
}

fn categorical(keys: UInt8Array, vocabulary: Vocabulary) -> Result<DictionaryArray<UInt8Type>, Problems> {
    let texts = Arc::new(StringArray::from((vocabulary.names)()));
    DictionaryArray::try_new(keys, texts).map_err(|error| internal(&error))
}

/// One list of texts for each set of bits, in the order of the vocabulary.
fn lists(sets: &[u16], vocabulary: Vocabulary) -> Result<ArrayRef, Problems> {
    let mut builder = ListBuilder::new(PrimitiveBuilder::<UInt8Type>::with_capacity(sets.len()));
    for &set in sets {
        let mut left = set;
        while left != 0 {
            // At most 15, so it fits.
            builder.values().append_value(u8::try_from(left.trailing_zeros()).unwrap_or(NO_CODE));
            left &= left.wrapping_sub(1);
        }
        builder.append(true);
    }
    let positions = builder.finish();
    let texts = categorical(positions.values().as_primitive::<UInt8Type>().clone(), vocabulary)?;
    let item = Arc::new(Field::new_list_field(texts.data_type().clone(), true));
    let list = ListArray::try_new(item, positions.offsets().clone(), Arc::new(texts), None);
    Ok(Arc::new(list.map_err(|error| internal(&error))?))
}

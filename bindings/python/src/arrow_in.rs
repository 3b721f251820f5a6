//! Columns of Arrow as an operation reads them: borrowed where the buffer has that form already.

use std::borrow::Cow;

use arrow_array::cast::AsArray;
use arrow_array::types::{
    ArrowPrimitiveType, Date32Type, Date64Type, Float32Type, Float64Type, Int8Type, Int16Type, Int32Type,
    Int64Type, TimestampMicrosecondType, TimestampMillisecondType, TimestampNanosecondType,
    TimestampSecondType, UInt8Type, UInt16Type, UInt32Type, UInt64Type,
};
use arrow_array::{Array, ArrayRef, RecordBatch};
use arrow_buffer::NullBuffer;
use arrow_schema::{DataType, TimeUnit};
use stratum_ffi::batch::{
    Column, ColumnKind, ColumnSpec, Columns, NO_CODE, NO_INTEGER, TextColumn, Texts, Validity, Vocabulary,
};
use stratum_ffi::stratum_core::Timestamp;
use stratum_ffi::stratum_core::math::amount;
use stratum_ffi::stratum_core::problem::{Problem, ProblemCollector, Problems, pointer_step};
use stratum_ffi::stratum_core::time::DAY_MS;

/// The columns of a frame that an operation reads, with the names that the caller gave them.
pub(crate) struct Wanted<'s> {
    pub(crate) specs: &'s [ColumnSpec],
    /// What the frame calls a column, where that is not what the operation calls it; `None` for one that is not to be read.
    pub(crate) names: &'s [(String, Option<String>)],
}

/// What was read of one piece.
pub(crate) struct Piece<'a, 's>(Vec<(&'s ColumnSpec, Read<'a>)>);

impl Piece<'_, '_> {
    pub(crate) fn columns(&self) -> Columns<'_> {
        let mut columns = Columns::default();
        for (spec, read) in &self.0 {
            columns.insert(spec, read.as_column());
        }
        columns
    }
}

impl<'s> Wanted<'s> {
    /// The columns of a piece; those that it does not name are left alone.
    pub(crate) fn read<'a>(&self, piece: &'a RecordBatch) -> Result<Piece<'a, 's>, Problems> {
        let mut found = ProblemCollector::new();
        let mut read = Vec::new();
        for spec in self.specs {
            let array = found.take("", self.find(spec, piece)).flatten();
            if let Some(array) = array {
                read.extend(found.take("", column_of(spec, array)).map(|column| (spec, column)));
            }
        }
        found.into_result(Piece(read))
    }

    fn find<'a>(&self, spec: &ColumnSpec, piece: &'a RecordBatch) -> Result<Option<&'a ArrayRef>, Problem> {
        let schema = piece.schema_ref();
        let at = |name: &str| {
            let exact = schema.fields().iter().position(|field| field.name() == name);
            exact.or_else(|| schema.fields().iter().position(|field| field.name().eq_ignore_ascii_case(name)))
        };
        let given = self.names.iter().find(|(ours, _)| *ours == spec.name);
        let position = match given {
            None => at(&spec.name),
            Some((_, None)) => None,
            Some((_, Some(theirs))) => Some(at(theirs).ok_or_else(|| {
                Problem::new(
                    pointer_step(&spec.name),
                    "missing_column",
                    format!("the column {theirs} is missing"),
                )
                .help(spec.doc.clone())
            })?),
        };
        Ok(position.map(|position| piece.column(position)))
    }
}

/// A column as the operation reads it.
enum Read<'a> {
    Numbers(Cow<'a, [f64]>),
    Integers(Cow<'a, [i64]>),
    Instants(Cow<'a, [i64]>),
    Codes(Vec<u8>),
    Texts(Texts<'a>),
    Views(&'a [u8], Vec<&'a [u8]>, Option<Validity<'a>>),
    Dictionary(Vec<u32>, Vec<Option<&'a str>>),
    /// Texts that were written here: ids that are whole numbers.
    Written(TextColumn),
}

impl Read<'_> {
    fn as_column(&self) -> Column<'_> {
        match self {
            Self::Numbers(values) => Column::Numbers(values),
            Self::Integers(values) => Column::Integers(values),
            Self::Instants(values) => Column::Instants(values),
            Self::Codes(codes) => Column::Codes(codes),
            Self::Texts(texts) => Column::Texts(*texts),
            Self::Views(views, buffers, valid) => Column::Texts(Texts::views(views, buffers, *valid)),
            Self::Dictionary(positions, values) => Column::Texts(Texts::dictionary(positions, values)),
            Self::Written(texts) => Column::Texts(texts.as_texts()),
        }
    }
}

fn column_of<'a>(spec: &ColumnSpec, array: &'a ArrayRef) -> Result<Read<'a>, Problem> {
    let read = match spec.kind {
        ColumnKind::Number => numbers(array).map(Read::Numbers),
        ColumnKind::Integer => whole(array),
        ColumnKind::Instant => instants(spec, array)?,
        ColumnKind::Text => texts(spec, array)?,
        ColumnKind::Id if array.data_type().is_integer() => whole(array),
        ColumnKind::Id => texts(spec, array)?,
        ColumnKind::Any => any(spec, array)?,
        ColumnKind::Code(vocabulary) => codes(array, vocabulary).map(Read::Codes),
        ColumnKind::Flag => return flags(spec, array).map(Read::Codes),
    };
    read.ok_or_else(|| wrong_type(spec, array.data_type()))
}

fn wrong_type(spec: &ColumnSpec, found: &DataType) -> Problem {
    Problem::new(pointer_step(&spec.name), "wrong_type", format!("{} is of the type {found}", spec.name))
        .help(format!("give {}: {}", spec.kind.wanted(), spec.doc))
}

/// Numbers, with NaN where a value is missing.
fn numbers(array: &ArrayRef) -> Option<Cow<'_, [f64]>> {
    match array.data_type() {
        DataType::Float64 => made::<Float64Type, _>(array, f64::NAN, |value| value, Some(|values| values)),
        DataType::Float32 => made::<Float32Type, _>(array, f64::NAN, f64::from, None),
        DataType::Int8 => made::<Int8Type, _>(array, f64::NAN, f64::from, None),
        DataType::Int16 => made::<Int16Type, _>(array, f64::NAN, f64::from, None),
        DataType::Int32 => made::<Int32Type, _>(array, f64::NAN, f64::from, None),
        DataType::Int64 => made::<Int64Type, _>(array, f64::NAN, amount, None),
        DataType::UInt8 => made::<UInt8Type, _>(array, f64::NAN, f64::from, None),
        DataType::UInt16 => made::<UInt16Type, _>(array, f64::NAN, f64::from, None),
        DataType::UInt32 => made::<UInt32Type, _>(array, f64::NAN, f64::from, None),
        #[expect(
            clippy::cast_precision_loss,
            reason = "a score or an age beyond 2^53 is out of every range anyway"
        )]
        DataType::UInt64 => made::<UInt64Type, _>(array, f64::NAN, |value| value as f64, None),
        DataType::Null => Some(Cow::Owned(vec![f64::NAN; array.len()])),
        _ => None,
    }
}

/// Values that are what is wanted already.
type Same<N, V> = fn(&[N]) -> &[V];

/// The values of an array, each made into another; borrowed where they are what is wanted and none is missing.
fn made<T: ArrowPrimitiveType, V: Copy>(
    array: &ArrayRef,
    missing: V,
    make: impl Fn(T::Native) -> V,
    same: Option<Same<T::Native, V>>,
) -> Option<Cow<'_, [V]>> {
    let values = array.as_primitive_opt::<T>()?;
    match same {
        Some(same) if values.null_count() == 0 => Some(Cow::Borrowed(same(values.values()))),
        _ => Some(values.iter().map(|value| value.map_or(missing, &make)).collect()),
    }
}

/// Whole numbers; those of a column of floats are looked at later.
fn whole(array: &ArrayRef) -> Option<Read<'_>> {
    let values = match array.data_type() {
        DataType::Int64 => made::<Int64Type, _>(array, NO_INTEGER, |value| value, Some(|values| values)),
        DataType::Int32 => made::<Int32Type, _>(array, NO_INTEGER, i64::from, None),
        DataType::Int16 => made::<Int16Type, _>(array, NO_INTEGER, i64::from, None),
        DataType::Int8 => made::<Int8Type, _>(array, NO_INTEGER, i64::from, None),
        DataType::UInt32 => made::<UInt32Type, _>(array, NO_INTEGER, i64::from, None),
        DataType::UInt16 => made::<UInt16Type, _>(array, NO_INTEGER, i64::from, None),
        DataType::UInt8 => made::<UInt8Type, _>(array, NO_INTEGER, i64::from, None),
        DataType::UInt64 => {
            let values = array.as_primitive_opt::<UInt64Type>()?;
            let read = |value: Option<u64>| value.map_or(Ok(NO_INTEGER), i64::try_from);
            Some(Cow::Owned(values.iter().map(read).collect::<Result<Vec<_>, _>>().ok()?))
        }
        DataType::Null => Some(Cow::Owned(vec![NO_INTEGER; array.len()])),
        DataType::Float64 | DataType::Float32 => return numbers(array).map(Read::Numbers),
        _ => None,
    };
    values.map(Read::Integers)
}

/// Instants in milliseconds. Finer digits are cut off; a timestamp without a time zone is taken as UTC.
fn instants<'a>(spec: &ColumnSpec, array: &'a ArrayRef) -> Result<Option<Read<'a>>, Problem> {
    let times = |times: Option<Cow<'a, [i64]>>| Ok(times.map(Read::Integers));
    match array.data_type() {
        DataType::Timestamp(TimeUnit::Millisecond, _) => {
            times(made::<TimestampMillisecondType, _>(array, NO_INTEGER, |ms| ms, Some(|values| values)))
        }
        DataType::Timestamp(TimeUnit::Second, _) => {
            times(made::<TimestampSecondType, _>(array, NO_INTEGER, |s| s.saturating_mul(1_000), None))
        }
        DataType::Timestamp(TimeUnit::Microsecond, _) => {
            times(made::<TimestampMicrosecondType, _>(array, NO_INTEGER, |us| us.div_euclid(1_000), None))
        }
        DataType::Timestamp(TimeUnit::Nanosecond, _) => {
            times(made::<TimestampNanosecondType, _>(array, NO_INTEGER, |ns| ns.div_euclid(1_000_000), None))
        }
        DataType::Date32 => {
            times(made::<Date32Type, _>(array, NO_INTEGER, |day| i64::from(day).saturating_mul(DAY_MS), None))
        }
        DataType::Date64 => times(made::<Date64Type, _>(array, NO_INTEGER, |ms| ms, Some(|values| values))),
        DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View | DataType::Dictionary(..) => {
            texts(spec, array)
        }
        _ => Ok(whole(array)),
    }
}

/// Whatever the column holds.
fn any<'a>(spec: &ColumnSpec, array: &'a ArrayRef) -> Result<Option<Read<'a>>, Problem> {
    match array.data_type() {
        DataType::Boolean => {
            let flag = |flag: Option<bool>| flag.map_or(NO_CODE, u8::from);
            Ok(Some(Read::Codes(array.as_boolean().iter().map(flag).collect())))
        }
        DataType::Timestamp(..) | DataType::Date32 | DataType::Date64 => {
            let times = instants(spec, array)?;
            Ok(times.map(|times| if let Read::Integers(ms) = times { Read::Instants(ms) } else { times }))
        }
        DataType::Utf8
        | DataType::LargeUtf8
        | DataType::Utf8View
        | DataType::Dictionary(..)
        | DataType::Null => texts(spec, array),
        kind if kind.is_integer() => Ok(whole(array)),
        _ => Ok(numbers(array).map(Read::Numbers)),
    }
}

/// Texts where they stand. Whole numbers, as many tables have their ids, are written as texts, and so are days.
fn texts<'a>(spec: &ColumnSpec, array: &'a ArrayRef) -> Result<Option<Read<'a>>, Problem> {
    let read = match array.data_type() {
        DataType::Utf8 => {
            let array = array.as_string::<i32>();
            Texts::new(array.value_offsets(), array.value_data(), validity(array.nulls())).map(Read::Texts)
        }
        DataType::LargeUtf8 => {
            let array = array.as_string::<i64>();
            Texts::long(array.value_offsets(), array.value_data(), validity(array.nulls())).map(Read::Texts)
        }
        DataType::Utf8View => {
            let array = array.as_string_view();
            let buffers = array.data_buffers().iter().map(|buffer| buffer.as_slice()).collect();
            Ok(Read::Views(array.views().inner().as_slice(), buffers, validity(array.nulls())))
        }
        DataType::Dictionary(..) => return Ok(dictionary(array)),
        DataType::Null => Ok(Read::Dictionary(vec![0; array.len()], Vec::new())),
        DataType::Date32 | DataType::Date64 => {
            return Ok(instants(spec, array)?.and_then(|read| written(&read, day_of)));
        }
        kind if kind.is_integer() => {
            return Ok(whole(array).and_then(|read| written(&read, |value| value.to_string())));
        }
        _ => return Ok(None),
    };
    read.map(Some).map_err(|problem| problem.under(&pointer_step(&spec.name)))
}

fn validity(nulls: Option<&NullBuffer>) -> Option<Validity<'_>> {
    nulls
        .filter(|nulls| nulls.null_count() > 0)
        .map(|nulls| Validity { bits: nulls.validity(), offset: nulls.offset() })
}

/// A categorical: few texts, and a position for each row.
fn dictionary(array: &ArrayRef) -> Option<Read<'_>> {
    let categorical = array.as_any_dictionary_opt()?;
    let values: Vec<Option<&str>> = match categorical.values().data_type() {
        DataType::Utf8 => categorical.values().as_string::<i32>().iter().collect(),
        DataType::LargeUtf8 => categorical.values().as_string::<i64>().iter().collect(),
        DataType::Utf8View => categorical.values().as_string_view().iter().collect(),
        _ => return None,
    };
    if values.is_empty() {
        return Some(Read::Dictionary(vec![0; array.len()], values));
    }
    let keys = categorical.normalized_keys();
    let known = keys.iter().enumerate().map(|(row, &key)| {
        if array.is_null(row) { u32::MAX } else { u32::try_from(key).unwrap_or(u32::MAX) }
    });
    Some(Read::Dictionary(known.collect(), values))
}

/// A day as `1991-02-16`; nothing for one outside of the years 0 to 9999.
fn day_of(ms: i64) -> String {
    Timestamp::from_millis(ms).map_or_else(|_| String::new(), |at| at.utc_date().to_string())
}

fn written<'a>(read: &Read<'a>, write: impl Fn(i64) -> String) -> Option<Read<'a>> {
    let Read::Integers(values) = read else { return None };
    let mut texts = TextColumn::with_capacity(values.len(), 8);
    for &value in values.iter() {
        if value == NO_INTEGER {
            texts.push(None);
        } else {
            texts.push(Some(&write(value)));
        }
    }
    Some(Read::Written(texts))
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
            format!("{}/{row}", pointer_step(&spec.name)),
            "missing_value",
            format!("{} is neither true nor false in row {row}", spec.name),
        )
        .help("fill missing flags with what you know; true is the careful answer"));
    }
    Ok(booleans.values().iter().map(u8::from).collect())
}

//! Columns of an answer as Arrow has them; their buffers change hands, they are not copied.

use std::sync::Arc;

use arrow_array::builder::{ListBuilder, PrimitiveBuilder};
use arrow_array::cast::AsArray;
use arrow_array::types::UInt8Type;
use arrow_array::{
    ArrayRef, BooleanArray, DictionaryArray, Float64Array, Int64Array, LargeStringArray, ListArray,
    RecordBatch, StringArray, TimestampMillisecondArray, UInt8Array,
};
use arrow_buffer::{BooleanBuffer, Buffer, NullBuffer, OffsetBuffer, ScalarBuffer};
use arrow_schema::{ArrowError, Field, Schema};
use stratum_ffi::batch::{NO_CODE, NO_INTEGER, Output, Table, TextColumn, Vocabulary};
use stratum_ffi::stratum_core::problem::{Problem, Problems};

/// The record batch of a table.
pub(crate) fn batch_of(table: Table) -> Result<RecordBatch, Problems> {
    let mut fields = Vec::new();
    let mut arrays = Vec::new();
    for (name, output) in table.0 {
        let array = array_of(output)?;
        fields.push(Field::new(name, arrow_array::Array::data_type(&array).clone(), true));
        arrays.push(array);
    }
    RecordBatch::try_new(Arc::new(Schema::new(fields)), arrays).map_err(|error| internal(&error))
}

fn internal(error: &ArrowError) -> Problems {
    Problem::new("", "internal", error.to_string()).help("please report this").into()
}

fn array_of(output: Output) -> Result<ArrayRef, Problems> {
    match output {
        Output::Numbers(values) => {
            let nulls = nulls(&values, |value| !value.is_nan());
            Ok(Arc::new(Float64Array::new(values.into(), nulls)))
        }
        Output::Integers(values) => {
            let nulls = nulls(&values, |&value| value != NO_INTEGER);
            Ok(Arc::new(Int64Array::new(values.into(), nulls)))
        }
        Output::Instants(values) => {
            let nulls = nulls(&values, |&value| value != NO_INTEGER);
            Ok(Arc::new(TimestampMillisecondArray::new(values.into(), nulls).with_timezone("UTC")))
        }
        Output::Flags(flags) => {
            let nulls = nulls(&flags, |&flag| flag != NO_CODE);
            let set = flags.iter().map(|&flag| flag != 0 && flag != NO_CODE).collect::<BooleanBuffer>();
            Ok(Arc::new(BooleanArray::new(set, nulls)))
        }
        Output::Texts(texts) => texts_of(texts),
        Output::Codes(codes, vocabulary) => {
            let nulls = nulls(&codes, |&code| code != NO_CODE);
            // What stands in the place of a missing position is looked at too.
            let known = |code: u8| if code == NO_CODE { 0 } else { code };
            let keys = if nulls.is_some() { codes.into_iter().map(known).collect() } else { codes };
            Ok(Arc::new(categorical(UInt8Array::new(keys.into(), nulls), vocabulary)?))
        }
        Output::Sets(sets, vocabulary) => lists(&sets, vocabulary),
    }
}

/// Which values are there; `None` where all are.
fn nulls<V>(values: &[V], present: impl Fn(&V) -> bool) -> Option<NullBuffer> {
    // A few at a time, so that no row needs a branch.
    if values.chunks(1_024).all(|values| values.iter().fold(true, |all, value| all & present(value))) {
        return None;
    }
    Some(NullBuffer::new(values.iter().map(present).collect()))
}

fn texts_of(texts: TextColumn) -> Result<ArrayRef, Problems> {
    let (offsets, text, valid) = texts.into_parts();
    let rows = offsets.len().saturating_sub(1);
    let offsets = OffsetBuffer::new(ScalarBuffer::from(offsets));
    let nulls =
        (!valid.is_empty()).then(|| NullBuffer::new(BooleanBuffer::new(Buffer::from_vec(valid), 0, rows)));
    let array = LargeStringArray::try_new(offsets, Buffer::from_vec(text.into_bytes()), nulls);
    Ok(Arc::new(array.map_err(|error| internal(&error))?))
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
    let item = Arc::new(Field::new_list_field(arrow_array::Array::data_type(&texts).clone(), true));
    let list = ListArray::try_new(item, positions.offsets().clone(), Arc::new(texts), None);
    Ok(Arc::new(list.map_err(|error| internal(&error))?))
}

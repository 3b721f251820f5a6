//! The Arrow PyCapsule interface: columns of any data frame in, columns for any data frame out, without depending on one.

use std::ffi::CStr;

use arrow_array::ffi_stream::{ArrowArrayStreamReader, FFI_ArrowArrayStream};
use arrow_array::{RecordBatch, RecordBatchIterator, RecordBatchReader};
use arrow_schema::{ArrowError, SchemaRef};
use pyo3::exceptions::{PyImportError, PyTypeError};
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::PyCapsule;

/// The name that the interface gives to the capsule of a stream.
const STREAM: &CStr = c"arrow_array_stream";

/// What a data frame hands over: its schema, and its rows, piece by piece.
pub(crate) struct Rows {
    pub(crate) schema: SchemaRef,
    pub(crate) reader: ArrowArrayStreamReader,
}

/// The rows of anything with `__arrow_c_stream__`.
pub(crate) fn rows(frame: &Bound<'_, PyAny>) -> PyResult<Rows> {
    let py = frame.py();
    let Some(export) = frame.getattr_opt(intern!(py, "__arrow_c_stream__"))? else {
        let kind = frame.get_type().fully_qualified_name()?;
        return Err(PyTypeError::new_err(format!(
            "{kind} does not offer the Arrow PyCapsule interface: pass a polars DataFrame (collect a LazyFrame first), a \
             pyarrow Table or RecordBatch, a pandas DataFrame, or a duckdb relation"
        )));
    };
    let capsule = export.call0().map_err(|error| without_pyarrow(py, frame, error))?;
    let capsule = capsule.cast::<PyCapsule>()?;
    let stream = capsule.pointer_checked(Some(STREAM))?.cast::<FFI_ArrowArrayStream>();
    // SAFETY: the capsule bears the name that the interface reserves for a pointer to an ArrowArrayStream, and is alive
    // until the end of this function. The reader moves the stream out and leaves a released one behind, as the interface
    // asks of a consumer, so that the capsule's destructor has nothing left to free.
    let reader =
        unsafe { ArrowArrayStreamReader::from_raw(stream.as_ptr()) }.map_err(|error| broken(&error))?;
    let schema = reader.schema();
    Ok(Rows { schema, reader })
}

/// pandas hands over Arrow data with the help of pyarrow, and says little where that is missing.
fn without_pyarrow(py: Python<'_>, frame: &Bound<'_, PyAny>, error: PyErr) -> PyErr {
    if !error.is_instance_of::<PyImportError>(py) {
        return error;
    }
    let kind =
        frame.get_type().fully_qualified_name().map_or_else(|_| "this".to_owned(), |name| name.to_string());
    let better = PyImportError::new_err(format!(
        "{kind} needs pyarrow to hand over its columns: install pyarrow, or pass polars"
    ));
    better.set_cause(py, Some(error));
    better
}

pub(crate) fn broken(error: &ArrowError) -> PyErr {
    PyTypeError::new_err(format!("the Arrow stream of this object cannot be read: {error}"))
}

/// A capsule with a stream of these rows.
pub(crate) fn capsule<'py>(
    py: Python<'py>,
    schema: SchemaRef,
    batches: Vec<RecordBatch>,
) -> PyResult<Bound<'py, PyCapsule>> {
    let reader = RecordBatchIterator::new(batches.into_iter().map(Ok), schema);
    PyCapsule::new_with_value(py, FFI_ArrowArrayStream::new(Box::new(reader)), STREAM)
}

//! The doors to the table of operations, the same in every language.

use pyo3::prelude::*;
use pyo3::types::PyDict;
use serde_json::Value;
use stratum_ffi::stratum_core::problem::Problems;

use crate::convert::{to_json, to_python};
use crate::errors::Refused;

/// Runs an operation by its name: a dict in, a dict out.
#[pyfunction]
#[pyo3(signature = (name, request, /))]
pub(crate) fn call<'py>(
    py: Python<'py>,
    name: &str,
    request: &Bound<'py, PyAny>,
) -> PyResult<Bound<'py, PyAny>> {
    let op = stratum_ffi::find(name).map_err(Refused::from)?;
    let response = op.call_value(&to_json(request)?).map_err(Refused::from)?;
    to_python(py, &response)
}

/// Runs an operation by its name on JSON text.
#[pyfunction]
#[pyo3(signature = (name, body, /))]
pub(crate) fn call_json(py: Python<'_>, name: &str, body: &str) -> PyResult<String> {
    Ok(py.detach(|| stratum_ffi::call_json(name, body)).map_err(Refused::from)?)
}

/// The operations: name, doc, the JSON Schemas of request and response, and the columns of the batch form.
#[pyfunction]
pub(crate) fn operations(py: Python<'_>) -> PyResult<Bound<'_, PyAny>> {
    let document = stratum_ffi::schema::document();
    let listed = document.get("operations").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    to_python(py, &listed.iter().map(|op| with_definitions(document, op)).collect())
}

/// The document with all schemas, as text.
#[pyfunction]
pub(crate) const fn schema_json() -> &'static str {
    stratum_ffi::schema::TEXT
}

/// The operation with schemas that stand by themselves.
fn with_definitions(document: &Value, op: &Value) -> Value {
    let mut op = op.clone();
    for side in ["request", "response"] {
        if let (Some(Value::Object(schema)), Some(definitions)) = (op.get_mut(side), document.get("$defs")) {
            schema.insert("$defs".to_owned(), definitions.clone());
        }
    }
    op
}

/// Panics inside, so that a test can see that no panic crosses the border.
#[pyfunction]
#[pyo3(name = "_panic_for_tests")]
#[expect(clippy::panic, reason = "the test wants one")]
pub(crate) fn panic_for_tests(_py: Python<'_>) -> PyResult<Py<PyDict>> {
    Ok(stratum_ffi::guard("test.panic", || -> Result<Py<PyDict>, Problems> { panic!("asked for by a test") })
        .map_err(Refused::from)?)
}

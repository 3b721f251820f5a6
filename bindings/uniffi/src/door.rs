//! The doors to the table of operations, the same in every language.

use serde_json::Value;
use stratum_ffi::stratum_core::problem::Problems;

use crate::errors::StratumError;

/// An operation that [`call`] knows.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct Operation {
    /// Its name in every language: `gate.evaluate`.
    pub name: String,
    /// What it does, for people.
    pub doc: String,
    /// The JSON Schema of its request, as text. It refers to the `$defs` of [`schema_json`].
    pub request_schema: String,
    /// The JSON Schema of its response, as text.
    pub response_schema: String,
}

/// Runs an operation by its name: JSON text in, JSON text out.
///
/// # Errors
/// Every problem of the request at once.
#[uniffi::export]
pub fn call(name: &str, request: &str) -> Result<String, StratumError> {
    stratum_ffi::guard::keep_guarded_panics_quiet();
    Ok(stratum_ffi::call_json(name, request)?)
}

/// The operations, in a fixed order.
#[uniffi::export]
#[must_use]
pub fn operations() -> Vec<Operation> {
    let listed = stratum_ffi::schema::document().get("operations").and_then(Value::as_array);
    let text = |op: &Value, key: &str| op.get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
    let schema = |op: &Value, key: &str| op.get(key).map(Value::to_string).unwrap_or_default();
    let operation = |op| Operation {
        name: text(op, "name"),
        doc: text(op, "doc"),
        request_schema: schema(op, "request"),
        response_schema: schema(op, "response"),
    };
    listed.into_iter().flatten().map(operation).collect()
}

/// The document with the JSON Schemas of all operations, as text.
#[uniffi::export]
#[must_use]
pub fn schema_json() -> String {
    stratum_ffi::schema::TEXT.to_owned()
}

/// Panics inside, so that a test can see that no panic crosses the border.
///
/// # Errors
/// `internal`, always.
#[uniffi::export]
#[expect(clippy::panic, reason = "the test wants one")]
pub fn panic_for_tests() -> Result<(), StratumError> {
    stratum_ffi::guard::keep_guarded_panics_quiet();
    Ok(stratum_ffi::guard("test.panic", || -> Result<(), Problems> { panic!("asked for by a test") })?)
}

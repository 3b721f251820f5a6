//! The doors to the table of operations, the same in every language.

use napi_derive::napi;
use stratum_ffi::guard;
use stratum_ffi::stratum_core::problem::Problems;

use crate::errors::{Result, refused};

/// Runs an operation by its name on JSON text.
#[napi(catch_unwind)]
pub fn call_json(name: String, body: String) -> Result<String> {
    stratum_ffi::call_json(&name, &body).map_err(|problems| refused(&problems))
}

/// The document with all schemas, as text.
#[napi(catch_unwind)]
pub fn schema_json() -> &'static str {
    stratum_ffi::schema::TEXT
}

/// Does nothing: what a crossing costs by itself.
#[napi(catch_unwind, js_name = "_nothing")]
pub fn nothing() {}

/// Panics inside, so that a test can see that no panic crosses the border.
#[napi(catch_unwind, js_name = "_panicForTests")]
pub fn panic_for_tests() -> Result<()> {
    guard("test.panic", asked_for).map_err(|problems| refused(&problems))
}

#[expect(clippy::panic, reason = "the test wants one")]
fn asked_for() -> std::result::Result<(), Problems> {
    panic!("asked for by a test")
}

/// Panics become exceptions, so the text that Rust prints of them would only alarm: called once when the package loads.
#[napi(catch_unwind, js_name = "_keepPanicsQuiet")]
pub fn keep_panics_quiet() {
    stratum_ffi::guard::keep_guarded_panics_quiet();
}

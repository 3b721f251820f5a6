//! Stratum for the browser: what the hand-written JavaScript of the package `@stratum-trust/wasm` calls.
//!
//! Nothing here is an interface for users. Requests and answers are JSON text in one buffer, an operation is its position
//! in the table, and an error is the list of its problems as JSON text. A panic cannot be caught on this target: it says
//! its message to JavaScript and traps, and the wrapper makes a fresh instance.

pub mod columns;
pub mod decisions;
pub mod panics;
#[cfg(target_arch = "wasm32")]
mod pieces;
pub mod text;

use stratum_ffi::OPERATIONS;
use stratum_ffi::stratum_core::problem::Problems;
use wasm_bindgen::prelude::*;

/// The names of the operations, in the order of their positions.
#[wasm_bindgen(js_name = operationNames)]
#[must_use]
pub fn operation_names() -> Vec<String> {
    OPERATIONS.iter().map(|op| op.name.to_owned()).collect()
}

/// The refusal of a name that no operation has.
#[wasm_bindgen(js_name = refuseName)]
#[must_use]
pub fn refuse_name(name: &str) -> String {
    stratum_ffi::find(name).err().map(|problems| as_json(&problems)).unwrap_or_default()
}

/// The list of problems as JSON text.
pub(crate) fn as_json(problems: &Problems) -> String {
    serde_json::to_string(problems).unwrap_or_else(|_| "[]".to_owned())
}

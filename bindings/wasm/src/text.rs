//! Requests and answers as text, through one buffer that JavaScript writes and reads.
//!
//! The glue's own way for strings copies a character at a time and allocates for each call. Here JavaScript encodes the
//! request right into the buffer, and reads the answer from where it stands.

use std::cell::RefCell;

use stratum_ffi::OPERATIONS;
use wasm_bindgen::prelude::*;

use crate::as_json;

thread_local! {
    static REQUEST: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
    static ANSWER: RefCell<String> = const { RefCell::new(String::new()) };
}

/// The largest buffer that is kept between calls; a larger one is given back after the call. JavaScript knows the same
/// number, and asks again after such a call.
const KEPT: usize = 1 << 20;

/// A place for a request of up to this many bytes. It stays where it is until a larger one is asked for.
#[wasm_bindgen(js_name = requestBuffer)]
#[must_use]
pub fn request_buffer(bytes: usize) -> *mut u8 {
    REQUEST.with_borrow_mut(|request| {
        request.resize(bytes, 0);
        request.as_mut_ptr()
    })
}

/// Runs an operation on the first bytes of the request buffer. The answer stands at [`answer_at`]; its length is given
/// back, negative if it is a list of problems.
#[wasm_bindgen]
#[must_use]
pub fn run(operation: usize, bytes: usize) -> i32 {
    let answered = REQUEST.with_borrow_mut(|request| {
        let body = request.get(..bytes).and_then(|body| std::str::from_utf8(body).ok()).unwrap_or_default();
        let answered = match OPERATIONS.get(operation) {
            Some(op) => op.call_json(body),
            None => stratum_ffi::call_json("", body),
        };
        if request.len() > KEPT {
            *request = Vec::new();
        }
        answered
    });
    let (sign, text) = match answered {
        Ok(text) => (1, text),
        Err(problems) => (-1, as_json(&problems)),
    };
    let length = i32::try_from(text.len()).unwrap_or(i32::MAX);
    ANSWER.set(text);
    length.saturating_mul(sign)
}

/// Where the last answer stands.
#[wasm_bindgen(js_name = answerAt)]
#[must_use]
pub fn answer_at() -> *const u8 {
    ANSWER.with_borrow(|answer| answer.as_ptr())
}

/// The memory that the buffers stand in; it is another object after a trap.
#[wasm_bindgen(js_name = linearMemory)]
#[must_use]
pub fn linear_memory() -> JsValue {
    wasm_bindgen::memory()
}

//! The last words of a panic, and the two deaths that the tests ask for.

use std::hint::black_box;

use stratum_ffi::stratum_core::problem::Problems;
use wasm_bindgen::prelude::*;

#[wasm_bindgen(raw_module = "./panics.js")]
extern "C" {
    /// Keeps the message in JavaScript: the memory of this instance is given up after a trap.
    fn panicked(message: &str);
}

/// Runs in every fresh instance before anything else.
#[wasm_bindgen(start)]
pub fn start() {
    std::panic::set_hook(Box::new(|info| panicked(&info.to_string())));
}

/// Panics inside, so that a test can see what becomes of it.
#[wasm_bindgen(js_name = panicForTests)]
#[expect(clippy::panic, reason = "the test wants one")]
pub fn panic_for_tests() {
    // A binding has nothing to do with the answer, there is none.
    let _: Result<(), Problems> = stratum_ffi::guard("test.panic", || panic!("asked for by a test"));
}

/// Calls itself until the stack is used up, so that a test can see what becomes of it.
#[wasm_bindgen(js_name = overflowForTests)]
#[must_use]
pub fn overflow_for_tests(depth: f64) -> f64 {
    // Without the array on the stack the compiler would make a loop of it.
    let frame = black_box([depth; 64]);
    let deeper = if black_box(true) { overflow_for_tests(depth + 1.0) } else { 0.0 };
    frame.iter().sum::<f64>() + deeper
}

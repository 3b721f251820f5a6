//! The door of every binding: whatever the text, an operation answers with JSON or with problems that have a place, and
//! never breaks inside.
//!
//! The first line of the input names the operation, the rest is the request.
#![no_main]

use libfuzzer_sys::fuzz_target;
use serde_json::Value;

fuzz_target!(|text: &str| {
    let Some((name, request)) = text.split_once('\n') else { return };
    match stratum_ffi::call_json(name, request) {
        Ok(response) => assert!(serde_json::from_str::<Value>(&response).is_ok()),
        Err(problems) => {
            assert!(problems.iter().next().is_some());
            for problem in problems.iter() {
                assert_ne!(problem.code, "internal", "{problem:?}");
                assert!(problem.path.is_empty() || problem.path.starts_with('/'), "{problem:?}");
            }
        }
    }
});

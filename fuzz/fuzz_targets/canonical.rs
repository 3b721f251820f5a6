//! Canonical JSON is a fixed point: what it writes can be read, and writes itself again. A digest stands on this.
#![no_main]

use libfuzzer_sys::fuzz_target;
use serde_json::Value;
use stratum_core::canonical;

fuzz_target!(|text: &[u8]| {
    let Ok(value) = serde_json::from_slice::<Value>(text) else { return };
    let Ok(first) = canonical::write(&value) else { return };
    let read: Value = serde_json::from_str(&first).expect("canonical JSON is JSON");
    assert_eq!(canonical::write(&read).as_deref(), Ok(first.as_str()));
});

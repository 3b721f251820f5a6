//! An event is read or refused with problems; what was read has an identifier, and survives its storage.
#![no_main]

use libfuzzer_sys::fuzz_target;
use serde_json::Value;
use stratum_cdp::event::Event;
use stratum_cdp::identifier::CleaningPolicy;

fuzz_target!(|text: &[u8]| {
    let Ok(value) = serde_json::from_slice::<Value>(text) else { return };
    match Event::from_json(value, &CleaningPolicy::default()) {
        Ok(event) => {
            assert!(!event.identifiers().is_empty());
            let stored = serde_json::to_string(&event).expect("an event can be stored");
            let read: Event = serde_json::from_str(&stored).expect("a stored event can be read");
            assert_eq!(serde_json::to_string(&read).expect("an event can be stored"), stored);
        }
        Err(problems) => assert!(problems.iter().next().is_some()),
    }
});

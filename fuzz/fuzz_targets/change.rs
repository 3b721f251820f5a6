//! A proposed change is refused with problems or checked; taking it back twice changes nothing.
#![no_main]

use libfuzzer_sys::fuzz_target;
use stratum_autopilot::action::Change;
use stratum_core::vocabulary::{ActionType, EntityType};

fuzz_target!(|text: &[u8]| {
    let Ok(change) = serde_json::from_slice::<Change>(text) else { return };
    assert_eq!(change.reversed().reversed(), change);
    for &action in ActionType::ALL {
        for &entity in EntityType::ALL {
            let problems = change.check(action, entity).err();
            assert!(problems.is_none_or(|problems| problems.iter().count() > 0));
        }
    }
});

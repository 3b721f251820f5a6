//! Whatever was measured, health is a number from 0 to 100 or a list of problems, and a snapshot survives its storage.
#![no_main]

use libfuzzer_sys::fuzz_target;
use stratum_core::health::{HealthFacts, HealthSnapshot, evaluate};
use stratum_core::policy::TrustPolicy;
use stratum_core::vocabulary::HealthPreset;

fuzz_target!(|text: &[u8]| {
    let Ok(facts) = serde_json::from_slice::<HealthFacts>(text) else { return };
    for preset in [HealthPreset::Five, HealthPreset::Four] {
        let policy = TrustPolicy::with_preset(preset).compile().expect("the presets compile");
        let Ok(health) = evaluate(&policy, &facts) else { return };
        assert!((0.0..=100.0).contains(&health.score.get()));
        let stored = serde_json::to_string(&health).expect("a snapshot can be stored");
        let read: HealthSnapshot = serde_json::from_str(&stored).expect("a stored snapshot can be read");
        assert_eq!(read, health);
    }
});

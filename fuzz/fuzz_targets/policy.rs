//! A tenant can be stricter than the invariants, never laxer, whatever the policy says.
#![no_main]

use libfuzzer_sys::fuzz_target;
use stratum_core::policy::TrustPolicy;
use stratum_core::vocabulary::GateSubject;

fuzz_target!(|text: &[u8]| {
    let Ok(policy) = serde_json::from_slice::<TrustPolicy>(text) else { return };
    let Ok(compiled) = policy.compile() else { return };
    for &subject in GateSubject::ALL {
        assert!(compiled.threshold(subject) >= 70.0);
    }
    assert!(compiled.block_below() >= 40.0);
});

//! Nothing passes below a health of 70, when frozen, or without data.
#![no_main]

use libfuzzer_sys::fuzz_target;
use stratum_core::gate::{GateFacts, evaluate};
use stratum_core::policy::TrustPolicy;

fuzz_target!(|text: &[u8]| {
    let Ok((policy, facts)) = serde_json::from_slice::<(TrustPolicy, GateFacts)>(text) else { return };
    let Ok(policy) = policy.compile() else { return };
    let decision = evaluate(&policy, &facts);
    assert!(!decision.reasons().is_empty());
    if decision.pass().is_some() {
        assert!(!facts.frozen);
        assert!(!facts.platforms.is_empty());
        for &platform in &facts.platforms {
            let mut of_platform = facts.snapshots.iter().filter(|snapshot| snapshot.platform == platform);
            assert!(of_platform.next().is_some_and(|snapshot| snapshot.score.get() >= 70.0));
        }
    }
});

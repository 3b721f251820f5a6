//! Every decision can be proved later: what was recorded is stored, read back and decided again with the same bytes, and
//! nothing executes that the gate did not pass.
#![no_main]

use libfuzzer_sys::fuzz_target;
use stratum_autopilot::decision::{DecisionRecord, DecisionRequest, replay};
use stratum_core::vocabulary::GateDecision;

fuzz_target!(|text: &[u8]| {
    let Ok(request) = serde_json::from_slice::<DecisionRequest>(text) else { return };
    let Ok((decision, record)) = DecisionRecord::of(&request) else { return };
    assert!(!decision.executes || decision.decision == GateDecision::Pass);
    assert!(!decision.executes || !request.facts.gate.frozen);
    let stored = serde_json::to_string(&record).expect("a record can be stored");
    let read: DecisionRecord = serde_json::from_str(&stored).expect("a stored record can be read");
    let replayed = replay(&read).expect("a record that nobody touched can be replayed");
    assert!(replayed.identical, "{:?}", replayed.first_difference);
});

use stratum_autopilot::action::Action;
use stratum_autopilot::enforcement::Clearance;
use stratum_autopilot::permit::{Permit, PermitBasis};
use stratum_core::Timestamp;
use stratum_core::gate::GatePass;

fn twice(action: &Action, pass: &GatePass, clearance: Clearance, now: Timestamp) {
    let _ = Permit::issue(action, PermitBasis::Gate(pass), clearance, now);
    let _ = Permit::issue(action, PermitBasis::Gate(pass), clearance, now);
}

fn main() {}

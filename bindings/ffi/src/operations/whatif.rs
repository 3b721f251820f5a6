//! `whatif.simulate` and `whatif.roi`.

use stratum_autopilot::whatif::{self, Roi, RoiRequest, Simulation, SimulationRequest};
use stratum_core::problem::Problems;

/// Simulates a change of spend.
///
/// # Errors
/// Every problem of the request.
pub fn simulate(request: &SimulationRequest) -> Result<Simulation, Problems> {
    whatif::simulate(request)
}

/// Estimates what better matching is worth.
///
/// # Errors
/// Every problem of the request.
pub fn roi(request: &RoiRequest) -> Result<Roi, Problems> {
    whatif::roi(request)
}

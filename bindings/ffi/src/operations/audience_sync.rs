//! `audience.difference` and `audience.sync_check`: who is added, who leaves, and whether now.

use stratum_cdp::audience::{DifferenceRequest, DifferenceResponse, SyncCheck, SyncCheckRequest};
use stratum_core::problem::Problems;

/// Compares who is eligible with whom the platform has.
///
/// # Errors
/// Every problem of the request.
pub fn difference(request: &DifferenceRequest) -> Result<DifferenceResponse, Problems> {
    request.difference()
}

/// Says whether a sync may run now.
///
/// # Errors
/// Every problem of the policy and the request.
pub fn check(request: &SyncCheckRequest) -> Result<SyncCheck, Problems> {
    request.check()
}

//! `identity.stitch`.

use stratum_cdp::identity::bulk::{self, StitchRequest, StitchResponse};
use stratum_core::problem::Problems;

/// Makes clusters of links.
///
/// # Errors
/// Every problem of the links and the policy.
pub fn stitch(request: &StitchRequest) -> Result<StitchResponse, Problems> {
    bulk::stitch(request)
}

//! `conversion.offline`: from a file to conversions.

use stratum_cdp::conversion::offline::{OfflineRequest, OfflineResponse};
use stratum_core::problem::Problems;

/// Reads a file of offline conversions.
///
/// # Errors
/// Every problem of the header and the request; what is wrong with a row stands in its result.
pub fn read(request: &OfflineRequest) -> Result<OfflineResponse, Problems> {
    request.read()
}

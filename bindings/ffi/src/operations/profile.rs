//! `profile.aggregate`.

use stratum_cdp::profile::{self, ProfileMetrics, ProfileRequest};
use stratum_core::problem::Problems;

/// Adds up the events of a person.
///
/// # Errors
/// Every problem of every event.
pub fn aggregate(request: &ProfileRequest) -> Result<ProfileMetrics, Problems> {
    profile::aggregate(request)
}

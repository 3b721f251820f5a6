//! `journey.build`.

use stratum_cdp::journey::{self, JourneyReport, JourneyRequest};
use stratum_core::problem::Problems;

/// Makes journeys of events, touches, conversions and refunds.
///
/// # Errors
/// Every problem of the request.
pub fn build(request: &JourneyRequest) -> Result<JourneyReport, Problems> {
    journey::build(request)
}

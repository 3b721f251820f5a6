//! `attribution.rules` and `attribution.compare`.

use stratum_cdp::attribution::{
    AttributionComparison, AttributionComparisonRequest, AttributionReport, AttributionRequest,
};
use stratum_core::problem::Problems;

/// Credits journeys by rules.
///
/// # Errors
/// Every problem of the request.
pub fn rules(request: &AttributionRequest) -> Result<AttributionReport, Problems> {
    request.attribute()
}

/// Sets the models side by side.
///
/// # Errors
/// Every problem of the request.
pub fn compare(request: &AttributionComparisonRequest) -> Result<AttributionComparison, Problems> {
    request.compare()
}

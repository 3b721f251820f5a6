//! `attribution.rules`, `.compare`, `.paths` and `.variance`.

use stratum_cdp::attribution::{
    AttributionComparison, AttributionComparisonRequest, AttributionReport, AttributionRequest, PathAnalysis,
    PathAnalysisRequest, VarianceReport, VarianceRequest,
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

/// Looks at the paths of conversions.
///
/// # Errors
/// Every problem of the request.
pub fn paths(request: &PathAnalysisRequest) -> Result<PathAnalysis, Problems> {
    request.analyse()
}

/// Compares platforms with a reference.
///
/// # Errors
/// Every problem of the request.
pub fn variance(request: &VarianceRequest) -> Result<VarianceReport, Problems> {
    request.compare()
}

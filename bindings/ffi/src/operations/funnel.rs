//! `funnel.evaluate` and `cohort.retention`.

use stratum_cdp::cohort::{self, CohortReport, CohortRequest};
use stratum_cdp::funnel::{self, FunnelEvaluation, FunnelRequest};
use stratum_core::problem::Problems;

/// Runs a funnel on events.
///
/// # Errors
/// Every problem of the funnel, under `/funnel`.
pub fn evaluate(request: &FunnelRequest) -> Result<FunnelEvaluation, Problems> {
    funnel::evaluate(request)
}

/// Makes retention cohorts of events.
///
/// # Errors
/// Every problem of the request.
pub fn retention(request: &CohortRequest) -> Result<CohortReport, Problems> {
    cohort::retention(request)
}

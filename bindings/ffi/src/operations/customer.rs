//! `rfm.score`: what a customer's purchases say.

use stratum_cdp::rfm::{RfmRequest, RfmResponse};
use stratum_core::problem::Problems;

/// Scores customers by recency, frequency and monetary value.
///
/// # Errors
/// Every problem of the policy and the figures.
pub fn rfm_score(request: &RfmRequest) -> Result<RfmResponse, Problems> {
    request.score()
}

//! `delivery.*`: what a platform's answer means, and what is done about it.

use stratum_cdp::delivery::{AnswerRequest, AnswerVerdict};
use stratum_core::problem::Problems;

/// Says what an answer means.
///
/// # Errors
/// Every problem of the request.
pub fn classify(request: &AnswerRequest) -> Result<AnswerVerdict, Problems> {
    request.classify()
}

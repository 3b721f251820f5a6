//! `delivery.*`: what a platform's answer means, and what is done about it.

use stratum_cdp::delivery::{
    AnswerRequest, AnswerVerdict, BreakerRequest, BreakerResponse, BucketRequest, BucketResponse,
    RetryAdvice, RetryRequest,
};
use stratum_core::problem::Problems;

/// Says what an answer means.
///
/// # Errors
/// Every problem of the request.
pub fn classify(request: &AnswerRequest) -> Result<AnswerVerdict, Problems> {
    request.classify()
}

/// Says whether and when something is sent again.
///
/// # Errors
/// Every problem of the request.
pub fn retry(request: &RetryRequest) -> Result<RetryAdvice, Problems> {
    request.advise()
}

/// Takes tokens of a bucket.
///
/// # Errors
/// Every problem of the limits.
pub fn bucket(request: &BucketRequest) -> Result<BucketResponse, Problems> {
    request.take()
}

/// Asks or tells a circuit breaker.
///
/// # Errors
/// Every problem of the limits and the state.
pub fn breaker(request: &BreakerRequest) -> Result<BreakerResponse, Problems> {
    request.step()
}

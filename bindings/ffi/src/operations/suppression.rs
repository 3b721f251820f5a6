//! `suppression.check`, `suppression.add` and `suppression.lift`.

use stratum_cdp::privacy::{
    SuppressionAddRequest, SuppressionChange, SuppressionCheckRequest, SuppressionCheckResponse,
    SuppressionLiftRequest,
};
use stratum_core::problem::Problems;

/// Looks for people on a list.
///
/// # Errors
/// Every problem of the request.
pub fn check(request: &SuppressionCheckRequest) -> Result<SuppressionCheckResponse, Problems> {
    request.check()
}

/// Puts identifiers on a list.
///
/// # Errors
/// Every problem of the request.
pub fn add(request: &SuppressionAddRequest) -> Result<SuppressionChange, Problems> {
    request.add()
}

/// Takes identifiers off a list.
///
/// # Errors
/// Every problem of the request.
pub fn lift(request: &SuppressionLiftRequest) -> Result<SuppressionChange, Problems> {
    request.lift()
}

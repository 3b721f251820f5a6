//! `identity.resolve`, `identity.explain`, `identity.graph`, `identity.compare` and `identity.check`.

use stratum_cdp::identity::{
    self, IdentityCheckRequest, IdentityCheckResponse, IdentityCompareRequest, IdentityComparison,
    IdentityExplainRequest, IdentityExplanation, IdentityGraph, IdentityGraphRequest, IdentityReport,
    IdentityResolveRequest,
};
use stratum_core::problem::Problems;

/// Finds who is one person.
///
/// # Errors
/// Every problem of the policy and the events.
pub fn resolve(request: &IdentityResolveRequest) -> Result<IdentityReport, Problems> {
    identity::resolve(request)
}

/// Tells why two identifiers are one person, or not.
///
/// # Errors
/// Every problem of the request.
pub fn explain(request: &IdentityExplainRequest) -> Result<IdentityExplanation, Problems> {
    identity::explain(request)
}

/// Shows the identifiers around one.
///
/// # Errors
/// Every problem of the request.
pub fn graph(request: &IdentityGraphRequest) -> Result<IdentityGraph, Problems> {
    identity::graph(request)
}

/// Tries a policy beside the one in force.
///
/// # Errors
/// Every problem of both policies and the events.
pub fn compare(request: &IdentityCompareRequest) -> Result<IdentityComparison, Problems> {
    identity::compare(request)
}

/// Checks a policy.
///
/// # Errors
/// Every problem of the policy.
pub fn check(request: &IdentityCheckRequest) -> Result<IdentityCheckResponse, Problems> {
    identity::check(request)
}

//! `traits.validate` and `traits.compute`.

use stratum_cdp::traits::{self, ComputedTraits, TraitRequest, TraitValidation, TraitValidationRequest};
use stratum_core::problem::Problems;

/// Checks traits together.
///
/// # Errors
/// Every problem of the traits, under `/traits`.
pub fn validate(request: &TraitValidationRequest) -> Result<TraitValidation, Problems> {
    traits::validate(request)
}

/// Computes traits.
///
/// # Errors
/// Every problem of the traits, under `/traits`.
pub fn compute(request: &TraitRequest) -> Result<ComputedTraits, Problems> {
    traits::compute(request)
}

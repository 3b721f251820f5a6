//! `attribution.markov`, `attribution.shapley`, `attribution.data_driven` and `attribution.apply`.

use stratum_cdp::attribution::{MarkovAttribution, MarkovRequest};
use stratum_core::problem::Problems;

/// Finds what each channel has earned, by removal effects.
///
/// # Errors
/// Every problem of the request at once.
pub fn markov(request: &MarkovRequest) -> Result<MarkovAttribution, Problems> {
    request.attribute()
}

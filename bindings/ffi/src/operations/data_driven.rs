//! `attribution.markov`, `attribution.shapley`, `attribution.data_driven` and `attribution.apply`.

use stratum_cdp::attribution::{
    DataDrivenCredit, DataDrivenCreditRequest, DataDrivenModel, DataDrivenRequest, MarkovAttribution,
    MarkovRequest, ShapleyAttribution, ShapleyRequest,
};
use stratum_core::problem::Problems;

/// Finds what each channel has earned, by removal effects.
///
/// # Errors
/// Every problem of the request at once.
pub fn markov(request: &MarkovRequest) -> Result<MarkovAttribution, Problems> {
    request.attribute()
}

/// Finds what each channel adds.
///
/// # Errors
/// Every problem of the request at once.
pub fn shapley(request: &ShapleyRequest) -> Result<ShapleyAttribution, Problems> {
    request.attribute()
}

/// Trains a model on journeys.
///
/// # Errors
/// Every problem of the request at once.
pub fn train(request: &DataDrivenRequest) -> Result<DataDrivenModel, Problems> {
    request.train()
}

/// Shares one conversion by a trained model.
///
/// # Errors
/// Every problem of the request at once.
pub fn apply(request: &DataDrivenCreditRequest) -> Result<DataDrivenCredit, Problems> {
    request.credit()
}

//! `rfm.aggregate`, `rfm.score`, `lifecycle.activity`, `lifecycle.evaluate`, `prediction.evaluate`, `bgnbd.*`, `gamma_gamma.fit`, `clv.predict`: what customers' purchases say.

use stratum_cdp::lifecycle::{LifecycleActivityRequest, LifecycleFacts, LifecycleRequest, LifecycleResponse};
use stratum_cdp::lifetime_value::{
    BgNbdFitRequest, BgNbdFitResponse, BgNbdPredictRequest, BgNbdPredictResponse, ClvPredictRequest,
    ClvPredictResponse, GammaGammaFitRequest, GammaGammaFitResponse,
};
use stratum_cdp::prediction::{PredictionRequest, PredictionResponse};
use stratum_cdp::rfm::{RfmAggregateRequest, RfmAggregation, RfmRequest, RfmResponse};
use stratum_core::problem::Problems;

/// Scores customers by recency, frequency and monetary value.
///
/// # Errors
/// Every problem of the policy and the figures.
pub fn rfm_score(request: &RfmRequest) -> Result<RfmResponse, Problems> {
    request.score()
}

/// Adds purchases up.
///
/// # Errors
/// Every problem of the request.
pub fn rfm_aggregate(request: &RfmAggregateRequest) -> Result<RfmAggregation, Problems> {
    request.aggregate()
}

/// Counts what a person did lately.
///
/// # Errors
/// Every problem of the policy.
pub fn lifecycle_activity(request: &LifecycleActivityRequest) -> Result<LifecycleFacts, Problems> {
    request.count()
}

/// Fits BG/NBD to purchases.
///
/// # Errors
/// Every problem of the request.
pub fn bgnbd_fit(request: &BgNbdFitRequest) -> Result<BgNbdFitResponse, Problems> {
    request.fit()
}

/// Predicts purchases.
///
/// # Errors
/// Every problem of the request.
pub fn bgnbd_predict(request: &BgNbdPredictRequest) -> Result<BgNbdPredictResponse, Problems> {
    request.predict()
}

/// Fits Gamma-Gamma to spend.
///
/// # Errors
/// Every problem of the request.
pub fn gamma_gamma_fit(request: &GammaGammaFitRequest) -> Result<GammaGammaFitResponse, Problems> {
    request.fit()
}

/// Predicts what customers will be worth.
///
/// # Errors
/// Every problem of the request.
pub fn clv_predict(request: &ClvPredictRequest) -> Result<ClvPredictResponse, Problems> {
    request.predict()
}

/// Finds where a person stands.
///
/// # Errors
/// Every problem of the policy and the facts.
pub fn lifecycle_evaluate(request: &LifecycleRequest) -> Result<LifecycleResponse, Problems> {
    request.evaluate()
}

/// Predicts who will leave, and what the next year will bring.
///
/// # Errors
/// Every problem of the request.
pub fn prediction_evaluate(request: &PredictionRequest) -> Result<PredictionResponse, Problems> {
    request.predict()
}

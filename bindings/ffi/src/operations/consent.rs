//! `consent.evaluate`, and what follows from a person's rights: `privacy.erasure`, `privacy.export`, `privacy.retention`.

use stratum_cdp::consent::{self, ConsentEvaluation, ConsentRequest};
use stratum_cdp::privacy::{
    self, ErasurePlan, ErasureRequest, ExportPlan, ExportRequest, RetentionPlan, RetentionRequest,
};
use stratum_core::problem::Problems;

/// Folds decisions into what holds.
///
/// # Errors
/// Every problem of the decisions.
pub fn evaluate(request: &ConsentRequest) -> Result<ConsentEvaluation, Problems> {
    consent::evaluate(request)
}

/// Plans how a person is forgotten.
///
/// # Errors
/// `legal_hold`: the data must be kept for now.
pub fn erasure(request: &ErasureRequest) -> Result<ErasurePlan, Problems> {
    privacy::plan_erasure(request)
}

/// Plans what is handed over to a person.
///
/// # Errors
/// None: the request was read.
pub fn export(request: &ExportRequest) -> Result<ExportPlan, Problems> {
    Ok(privacy::plan_export(request))
}

/// Says which events are too old.
///
/// # Errors
/// Every month that is none.
pub fn retention(request: &RetentionRequest) -> Result<RetentionPlan, Problems> {
    privacy::plan_retention(request)
}

//! `decision.evaluate` and `decision.replay`.

use serde::{Deserialize, Serialize};
use stratum_autopilot::decision::{self, Decision, DecisionRecord, DecisionRequest, Replay};
use stratum_core::problem::Problems;

/// What was decided, with the record from which it can be decided again.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct DecisionResponse {
    /// The decision.
    #[serde(flatten)]
    pub decision: Decision,
    /// Facts, policy and outcome with their digests: keep it, and `decision.replay` can prove the decision.
    pub record: DecisionRecord,
}

/// Decides, and makes the record.
///
/// # Errors
/// Every problem of the policy, under `/policy`, and `facts_disagree` where gate and limits are about different changes.
pub fn evaluate(request: &DecisionRequest) -> Result<DecisionResponse, Problems> {
    let (decision, record) = DecisionRecord::of(request)?;
    Ok(DecisionResponse { decision, record })
}

/// What `decision.replay` is asked.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ReplayRequest {
    /// The record, as it was stored.
    pub record: DecisionRecord,
}

/// Decides again, and compares.
///
/// # Errors
/// `digest_mismatch` where the record was changed, `invalid_record` where it cannot be read; under `/record`.
pub fn replay(request: &ReplayRequest) -> Result<Replay, Problems> {
    decision::replay(&request.record).map_err(|problems| problems.under("/record"))
}

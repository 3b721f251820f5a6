//! `decision.evaluate` and `decision.replay`.

use std::sync::LazyLock;

use serde::{Deserialize, Serialize};
use stratum_autopilot::decision::{
    self, Decision, DecisionPolicy, DecisionRecord, DecisionRequest, RecordedPolicy, Replay,
};
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
    let (decision, record) = match default_policy(&request.policy) {
        Some(policy) => DecisionRecord::with_recorded_policy(request.decision_id, policy, &request.facts),
        None => DecisionRecord::of(request),
    }?;
    Ok(DecisionResponse { decision, record })
}

/// The defaults, if they are asked for. Most requests leave the policy out, and then it is compiled and written only once.
fn default_policy(asked: &DecisionPolicy) -> Option<&'static RecordedPolicy> {
    static DEFAULT: LazyLock<(DecisionPolicy, Option<RecordedPolicy>)> = LazyLock::new(|| {
        let policy = DecisionPolicy::default();
        let recorded = policy.compile().and_then(RecordedPolicy::new).ok();
        (policy, recorded)
    });
    let (policy, recorded) = &*DEFAULT;
    recorded.as_ref().filter(|_| policy == asked)
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

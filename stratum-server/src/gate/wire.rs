//! What the gate said, as it goes over the wire. Scores are shown floored to one decimal; decisions use the exact ones.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use stratum_core::Timestamp;
use stratum_core::gate::{self, GateFacts, GateReason};
use stratum_core::id::DecisionId;
use stratum_core::policy::CompiledTrustPolicy;
use stratum_core::vocabulary::{GateDecision, GateSubject, Platform};
use utoipa::ToSchema;
use uuid::Uuid;

/// One evaluation of the gate.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct GateEvaluation {
    /// Under which it is recorded.
    #[schema(value_type = String, format = Uuid)]
    pub id: DecisionId,
    /// PASS, HOLD or BLOCK.
    #[schema(value_type = String, example = "HOLD")]
    pub decision: GateDecision,
    /// The lowest score among the platforms, 0 to 100; null where one has no snapshot.
    pub score: Option<f64>,
    /// The score from which this change passes, 70 to 100.
    pub threshold: f64,
    /// What the change does.
    #[schema(value_type = String, example = "BUDGET_INCREASE")]
    pub action_type: GateSubject,
    /// The platforms that it touches; every one must pass.
    #[schema(value_type = Vec<String>)]
    pub platforms: Vec<Platform>,
    /// What was looked at.
    pub snapshots: Vec<SnapshotUsed>,
    /// Every reason: block before hold.
    pub reasons: Vec<Reason>,
    /// What would help, as sentences.
    pub remedies: Vec<String>,
    /// Whether an admin may execute it by hand all the same.
    pub override_possible: bool,
    /// When.
    #[schema(value_type = String, format = DateTime)]
    pub evaluated_at: Timestamp,
    /// Until when a pass holds: five minutes at most.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub valid_until: Option<Timestamp>,
}

/// A health snapshot that the gate looked at.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct SnapshotUsed {
    /// Of which platform.
    #[schema(value_type = String, example = "META")]
    pub platform: Platform,
    /// Which snapshot.
    pub snapshot_id: Option<Uuid>,
    /// 0 to 100.
    pub score: f64,
    /// When it was taken.
    #[schema(value_type = String, format = DateTime)]
    pub computed_at: Timestamp,
}

/// One reason.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Reason {
    /// The condition that was met.
    #[schema(value_type = String, example = "HEALTH_BELOW_THRESHOLD")]
    pub code: GateReason,
    /// As a sentence.
    pub message: String,
    /// The platform, the component, and the numbers compared.
    #[schema(value_type = Object)]
    pub values: Map<String, Value>,
}

impl From<&gate::Reason> for Reason {
    fn from(reason: &gate::Reason) -> Self {
        let mut values = Map::new();
        let mut put = |name: &str, value: Value| {
            values.insert(name.to_owned(), value);
        };
        put("kind", json!(reason.code.kind()));
        if let Some(platform) = reason.platform {
            put("platform", json!(platform));
        }
        if let Some(component) = reason.component {
            put("component", json!(component));
        }
        if let Some(actual) = reason.actual {
            put("actual", json!(actual));
        }
        if let Some(limit) = reason.limit {
            put("limit", json!(limit));
        }
        if let Some(bound) = reason.code.bound() {
            put("bound", json!(bound));
        }
        Self { code: reason.code, message: reason.message(), values }
    }
}

impl GateEvaluation {
    /// The evaluation with the facts and the policy that it was made of.
    #[must_use]
    pub fn of(
        id: DecisionId,
        policy: &CompiledTrustPolicy,
        facts: &GateFacts,
        evaluation: &gate::GateEvaluation,
    ) -> Self {
        Self {
            id,
            decision: evaluation.decision(),
            score: evaluation.score().map(|score| score.shown()),
            threshold: evaluation.threshold(),
            action_type: facts.action_type,
            platforms: facts.platforms.clone(),
            snapshots: facts
                .snapshots
                .iter()
                .map(|snapshot| SnapshotUsed {
                    platform: snapshot.platform,
                    snapshot_id: snapshot.snapshot_id.map(Uuid::from),
                    score: snapshot.score.shown(),
                    computed_at: snapshot.computed_at,
                })
                .collect(),
            reasons: reasons(evaluation),
            remedies: gate::remedies(policy, facts, evaluation)
                .into_iter()
                .map(|remedy| remedy.message)
                .collect(),
            override_possible: evaluation.override_possible(facts.action_type).is_ok(),
            evaluated_at: evaluation.evaluated_at(),
            valid_until: evaluation.valid_until(),
        }
    }
}

/// The reasons of an evaluation that is not recorded, as they go over the wire.
#[must_use]
pub fn reasons(evaluation: &gate::GateEvaluation) -> Vec<Reason> {
    evaluation.reasons().iter().map(Reason::from).collect()
}

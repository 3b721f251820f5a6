//! Deciding and recording in one step: there is no decision without its record, and no effect before it.

use sqlx::types::Json;
use stratum_autopilot::action::Action;
use stratum_autopilot::audit::{AuditAction, Intervention};
use stratum_autopilot::decision::{CompiledDecisionPolicy, Decision, DecisionFacts, DecisionRecord};
use stratum_core::Timestamp;
use stratum_core::id::{ActionId, DecisionId};
use stratum_core::{Digest, canonical};
use uuid::Uuid;

use super::wire::GateEvaluation;
use crate::audit;
use crate::db::TenantTx;
use crate::http::ApiError;

/// A decision as it was recorded.
#[derive(Debug)]
pub struct Recorded {
    /// Under which it is stored.
    pub id: DecisionId,
    /// What was decided, and why.
    pub decision: Decision,
    /// Facts, policy and outcome with their digests: what [`stratum_autopilot::decision::replay`] takes.
    pub record: DecisionRecord,
    /// Its place in the tenant's audit chain, from 1.
    pub audit_seq: u64,
    /// The hash of that place.
    pub audit_hash: Digest,
    /// What the gate said, as it goes over the wire.
    pub wire: GateEvaluation,
}

/// Decides, appends `GATE_EVALUATED` to the audit chain and stores the decision with all that it was made of.
///
/// `action` is the action that the decision is about, where one exists.
///
/// # Errors
/// Facts that contradict each other are an internal error; the database's. Then nothing may follow from the decision.
pub async fn decide_and_record(
    tx: &mut TenantTx,
    action: Option<&Action>,
    policy: &CompiledDecisionPolicy,
    facts: &DecisionFacts,
) -> Result<Recorded, ApiError> {
    let id = DecisionId::from_uuid(Uuid::now_v7());
    let (decision, record) =
        DecisionRecord::with_policy(Some(id), policy, facts).map_err(ApiError::internal)?;
    let entry = audit::entry(tx, AuditAction::GateEvaluated, "gate_decision")
        .resource_id(id)
        .intervention(intervention(action, facts, &decision, &record));
    let place = audit::append(tx, entry).await?;
    let wire = GateEvaluation::of(id, policy.trust(), &facts.gate, &decision.gate);
    let recorded =
        Recorded { id, decision, record, audit_seq: place.entry.seq, audit_hash: place.hash, wire };
    store(tx, action.map(Action::id), facts, &recorded).await?;
    metrics::counter!("stratum_gate_decisions_total", "decision" => recorded.decision.gate.decision().as_str())
        .increment(1);
    Ok(recorded)
}

fn intervention(
    action: Option<&Action>,
    facts: &DecisionFacts,
    decision: &Decision,
    record: &DecisionRecord,
) -> Intervention {
    let about = action.map_or_else(
        || Intervention {
            action_type: facts.gate.action_type.action_type(),
            platform: facts.gate.platforms.first().copied().filter(|_| facts.gate.platforms.len() == 1),
            entity_type: facts.gate.entity_type,
            entity_id: facts.gate.entity_id.clone(),
            ..Intervention::default()
        },
        Intervention::about,
    );
    let about = about.gate(&decision.gate).details(serde_json::json!({
        "subject": facts.gate.action_type,
        "platforms": facts.gate.platforms,
        "facts_digest": record.facts_digest,
        "policy_digest": record.policy_digest,
        "outcome_digest": record.outcome_digest,
    }));
    match &decision.enforcement {
        Some(check) => about.enforcement(check),
        None => about,
    }
}

async fn store(
    tx: &mut TenantTx,
    action: Option<ActionId>,
    facts: &DecisionFacts,
    recorded: &Recorded,
) -> Result<(), ApiError> {
    let gate = &recorded.decision.gate;
    // The very text whose parts were digested.
    let text = canonical::to_string(&recorded.record).map_err(ApiError::internal)?;
    sqlx::query(
        "INSERT INTO gate_decision (tenant_id, decision_id, action_id, action_type, platforms, decision, score, threshold,
                                    evaluated_at, valid_until, evaluation, record, audit_seq, audit_hash)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12::json, $13, $14)",
    )
    .bind(tx.scope().tenant.as_uuid())
    .bind(recorded.id.as_uuid())
    .bind(action.map(ActionId::as_uuid))
    .bind(facts.gate.action_type.as_str())
    .bind(facts.gate.platforms.iter().map(|platform| platform.as_str()).collect::<Vec<_>>())
    .bind(gate.decision().as_str())
    .bind(gate.score().map(|score| score.get()))
    .bind(gate.threshold())
    .bind(gate.evaluated_at().to_chrono())
    .bind(gate.valid_until().map(Timestamp::to_chrono))
    .bind(Json(&recorded.wire))
    .bind(text)
    .bind(i64::try_from(recorded.audit_seq).map_err(ApiError::internal)?)
    .bind(recorded.audit_hash.as_bytes().as_slice())
    .execute(&mut **tx)
    .await?;
    Ok(())
}

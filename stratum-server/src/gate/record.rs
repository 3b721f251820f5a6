//! Deciding and recording in one step: there is no decision without its record, and no effect before it.

use serde_json::Value;
use stratum_autopilot::action::Action;
use stratum_autopilot::audit::{AuditAction, AuditRecord, Intervention, NewAuditEntry};
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
    let wire = GateEvaluation::of(id, policy.trust(), &facts.gate, &decision.gate);
    let written =
        Written { action: action.map(Action::id), facts, decision: &decision, record: &record, wire: &wire };
    let place = audit::watched(store(tx, id, entry, &written).await)?;
    metrics::counter!("stratum_gate_decisions_total", "decision" => decision.gate.decision().as_str())
        .increment(1);
    Ok(Recorded { id, decision, record, audit_seq: place.entry.seq, audit_hash: place.hash, wire })
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

/// What is stored of a decision.
struct Written<'a> {
    action: Option<ActionId>,
    facts: &'a DecisionFacts,
    decision: &'a Decision,
    record: &'a DecisionRecord,
    wire: &'a GateEvaluation,
}

/// Stores the decision and its audit entry in one statement.
async fn store(
    tx: &mut TenantTx,
    id: DecisionId,
    entry: NewAuditEntry,
    written: &Written<'_>,
) -> Result<AuditRecord, ApiError> {
    let gate = &written.decision.gate;
    // All that can be is worked out before the tenant's chain is locked.
    let record = record_text(written.record)?;
    let evaluation = serde_json::to_string(written.wire).map_err(ApiError::internal)?;
    let platforms: Vec<&str> =
        written.facts.gate.platforms.iter().map(|platform| platform.as_str()).collect();
    let linked = audit::link(tx, entry).await?;
    let statement = sqlx::query(
        "WITH entry AS (
             INSERT INTO audit_entry (tenant_id, seq, entry_id, created_at, action, actor_type, actor_id,
                                      resource_type, resource_id, prev_hash, hash, entry, intervention_no)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12::json, $13)
         ), head AS (
             UPDATE audit_head SET seq = $2, hash = $11, interventions = $14
         )
         INSERT INTO gate_decision (tenant_id, decision_id, action_id, action_type, platforms, decision, score,
                                    threshold, evaluated_at, valid_until, evaluation, record, audit_seq, audit_hash)
         VALUES ($1, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24::jsonb, $25::json, $2, $11)",
    );
    linked
        .bound(statement)
        .bind(id.as_uuid())
        .bind(written.action.map(ActionId::as_uuid))
        .bind(written.facts.gate.action_type.as_str())
        .bind(platforms)
        .bind(gate.decision().as_str())
        .bind(gate.score().map(|score| score.get()))
        .bind(gate.threshold())
        .bind(gate.evaluated_at().to_chrono())
        .bind(gate.valid_until().map(Timestamp::to_chrono))
        .bind(evaluation)
        .bind(record)
        .execute(&mut **tx)
        .await?;
    Ok(linked.record)
}

/// The canonical text of a record, whose parts are the very texts that were digested.
fn record_text(record: &DecisionRecord) -> Result<String, ApiError> {
    let part = |value: &Value| canonical::write(value).map_err(ApiError::internal);
    let id = serde_json::to_string(&record.decision_id).map_err(ApiError::internal)?;
    // The keys in their canonical order; a copy of the whole as one value would cost as much as the decision.
    Ok(format!(
        "{{\"decision_id\":{id},\"facts\":{},\"facts_digest\":\"{}\",\"outcome\":{},\"outcome_digest\":\"{}\",\
         \"policy\":{},\"policy_digest\":\"{}\"}}",
        part(&record.facts)?,
        record.facts_digest,
        part(&record.outcome)?,
        record.outcome_digest,
        part(&record.policy)?,
        record.policy_digest,
    ))
}

#[cfg(test)]
mod tests {
    use stratum_core::Digest;

    use super::*;

    #[test]
    fn the_text_of_a_record_is_its_canonical_json() {
        let record = DecisionRecord {
            decision_id: Some(DecisionId::from_uuid(Uuid::nil())),
            facts: serde_json::json!({"b": 1.5, "a": [null, "ü\n"]}),
            policy: serde_json::json!({"z": 1, "y": {"x": 1e21}}),
            facts_digest: Digest::of(b"facts"),
            policy_digest: Digest::of(b"policy"),
            outcome: serde_json::json!({}),
            outcome_digest: Digest::ZERO,
        };
        assert_eq!(record_text(&record).unwrap(), canonical::to_string(&record).unwrap());
        let unnamed = DecisionRecord { decision_id: None, ..record };
        assert_eq!(record_text(&unnamed).unwrap(), canonical::to_string(&unnamed).unwrap());
    }
}

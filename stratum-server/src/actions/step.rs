//! Recording what happened to an action: the row, its history, the audit chain and the live event, in one transaction.

use serde_json::json;
use stratum_autopilot::action::ActionStatus;
use stratum_autopilot::approval::WaitingFor;
use stratum_autopilot::audit::{AuditAction, Intervention, NewAuditEntry};

use super::StoredAction;
use super::store;
use crate::audit;
use crate::db::TenantTx;
use crate::http::ApiError;
use crate::realtime::Channel;

/// What the tenant saw of an action before a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Seen {
    status: ActionStatus,
    waiting_for: Option<WaitingFor>,
}

impl Seen {
    /// What is seen of the action now.
    #[must_use]
    pub fn of(stored: &StoredAction) -> Self {
        Self { status: stored.action.status(), waiting_for: stored.waiting_for }
    }
}

/// An audit entry about an action.
#[must_use]
pub fn entry(
    tx: &TenantTx,
    stored: &StoredAction,
    action: AuditAction,
    intervention: Intervention,
) -> NewAuditEntry {
    audit::entry(tx, action, "action").resource_id(stored.action.id()).intervention(intervention)
}

/// What is audited about an action beside the action itself: what gate and limits said last.
#[must_use]
pub fn about(stored: &StoredAction) -> Intervention {
    let mut about = Intervention::about(&stored.action);
    about.gate_decision = stored.gate.as_ref().map(|gate| gate.decision);
    about
}

/// Stores an action after a step. `before` is what was seen of it before; nothing for a new action.
///
/// # Errors
/// The database's.
pub async fn record(
    tx: &mut TenantTx,
    stored: &mut StoredAction,
    before: Option<Seen>,
    note: Option<&str>,
    entries: impl IntoIterator<Item = NewAuditEntry>,
) -> Result<(), ApiError> {
    stored.updated_at = tx.now();
    store::save(tx, stored).await?;
    let after = Seen::of(stored);
    if before.map(|before| before.status) != Some(after.status) {
        add_history(tx, stored, before.map(|before| before.status), note).await?;
    }
    for entry in entries {
        audit::append(tx, entry).await?;
    }
    if before != Some(after) {
        let payload = json!({
            "action_id": stored.action.id(),
            "from": before.map(|before| before.status),
            "to": after.status,
            "status_reason": stored.action.status_reason(),
            "waiting_for": stored.waiting_for,
            "gate_decision": stored.gate.as_ref().map(|gate| gate.decision),
            "actor_id": tx.scope().actor.id,
        });
        tx.publish(Channel::Actions, "action_status_update", payload)?;
    }
    Ok(())
}

async fn add_history(
    tx: &mut TenantTx,
    stored: &StoredAction,
    from: Option<ActionStatus>,
    note: Option<&str>,
) -> Result<(), ApiError> {
    sqlx::query(
        "INSERT INTO action_transition (tenant_id, action_id, seq, from_status, to_status, actor_id, at, note)
         SELECT $1, $2, COALESCE(max(seq), 0) + 1, $3, $4, $5, $6, $7 FROM action_transition WHERE action_id = $2",
    )
    .bind(tx.scope().tenant.as_uuid())
    .bind(stored.action.id().as_uuid())
    .bind(from.map(ActionStatus::as_str))
    .bind(stored.action.status().as_str())
    .bind(tx.scope().actor.id)
    .bind(tx.now().to_chrono())
    .bind(note)
    .execute(&mut **tx)
    .await?;
    metrics::counter!("stratum_action_transitions_total", "to" => stored.action.status().as_str())
        .increment(1);
    Ok(())
}

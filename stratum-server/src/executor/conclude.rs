//! Recording the end of a claim: what the platform said, in one transaction with history, audit and live event.

use serde_json::{Value, json};
use stratum_autopilot::action::{
    Action, ActionState, BudgetKind, Change, EntityStatus, Origin, Refusal, Transition,
};
use stratum_autopilot::audit::{AuditAction, Changes, Intervention, NewAuditEntry};
use stratum_autopilot::platform::EntityValue;
use stratum_core::Timestamp;
use stratum_core::id::ActionId;
use stratum_core::vocabulary::EntityType;

use crate::actions::step::{self, Seen};
use crate::actions::store::{self, ActionError};
use crate::actions::{StoredAction, wire};
use crate::db::TenantTx;
use crate::http::ApiError;

/// The least time until a call that changed nothing is made again.
const LEAST_PAUSE_MS: i64 = 5_000;
/// The longest.
const LONGEST_PAUSE_MS: i64 = 5 * 60_000;

/// What the platform told.
#[derive(Debug, Clone, Default)]
pub(super) struct Told {
    /// The platform's own reference of the change.
    pub(super) reference: Option<String>,
    /// Why there is no receipt.
    pub(super) error: Option<ActionError>,
    /// What it shows, where it said so.
    pub(super) observed: Option<EntityValue>,
    /// In how many milliseconds the call may be made again.
    pub(super) retry_after_ms: u64,
}

/// Carries out a transition of the library on the stored action and records it. A claim that somebody else has settled
/// meanwhile is left as it is.
pub(super) async fn conclude(
    tx: &mut TenantTx,
    id: ActionId,
    told: Told,
    transition: impl FnOnce(&mut Action, Timestamp) -> Result<Option<Transition>, Refusal> + Send,
) -> Result<(), ApiError> {
    let mut stored = store::lock(tx, id).await?;
    let before = Seen::of(&stored);
    match transition(&mut stored.action, tx.now()) {
        Ok(Some(_)) => {}
        Ok(None) => {
            tracing::warn!(event_type = "outcome_open", action_id = %id, "the platform is asked when the lease lapses");
            return Ok(());
        }
        Err(refusal) => {
            tracing::warn!(event_type = "claim_lost", action_id = %id, "{refusal}");
            return Ok(());
        }
    }
    stored.error = told.error.clone();
    let (note, entries) = match stored.action.state() {
        ActionState::Applied => (None, applied(tx, &mut stored, &told).await?),
        ActionState::Failed => {
            stored.applied_value = told.observed.map(|value| json!(value));
            let details = json!({ "error": stored.error, "observed": told.observed });
            let about = step::about(&stored).details(details);
            let note = stored.action.status_reason().map(|reason| reason.as_str());
            (note, vec![step::entry(tx, &stored, AuditAction::Failed, about)])
        }
        // Back to approved: the call certainly changed nothing.
        _ => {
            let pause = i64::try_from(told.retry_after_ms).unwrap_or(LONGEST_PAUSE_MS);
            stored.reconsider_at(tx.now().plus_millis(pause.clamp(LEAST_PAUSE_MS, LONGEST_PAUSE_MS)));
            (None, Vec::new())
        }
    };
    step::record(tx, &mut stored, Some(before), note, entries).await
}

/// Notes the new value with the entity, and gives the entries about an applied action.
async fn applied(
    tx: &mut TenantTx,
    stored: &mut StoredAction,
    told: &Told,
) -> Result<Vec<NewAuditEntry>, ApiError> {
    let change = *stored.action.change();
    let after = wire::proposed(&change);
    show_in_entity(tx, &stored.action, &change).await?;
    stored.applied_value = Some(after.clone());
    stored.error = None;
    let mut about = step::about(stored).details(json!({
        "attempt": stored.action.attempts(),
        "reference": told.reference,
    }));
    about.violations = violations(stored);
    let mut entries = vec![
        step::entry(tx, stored, AuditAction::Applied, about.clone())
            .changes(Changes { before: wire::current(&change), after }),
    ];
    if !stored.violations.is_empty() {
        entries.push(step::entry(tx, stored, AuditAction::Warned, about.clone()));
    }
    if stored.action.origin() == Origin::Autopilot && stored.action.action_type().is_pause() {
        entries.push(step::entry(tx, stored, AuditAction::AutoPaused, about));
    }
    if let Some(original) = stored.action.reverts() {
        let original = store::get(tx, original).await?;
        let about = Intervention::about(&original.action).details(json!({ "by": stored.action.id() }));
        entries.push(step::entry(tx, &original, AuditAction::RolledBack, about));
    }
    Ok(entries)
}

fn violations(stored: &StoredAction) -> Vec<Value> {
    stored.violations.iter().map(|violation| json!(violation)).collect()
}

/// The entity shows what was applied without waiting for the next synchronisation.
async fn show_in_entity(tx: &mut TenantTx, action: &Action, change: &Change) -> Result<(), ApiError> {
    let (mut daily, mut lifetime, mut bid, mut status) = (None, None, None, None);
    match *change {
        Change::Budget { kind: BudgetKind::Daily, after_cents, .. } => daily = Some(after_cents),
        Change::Budget { kind: BudgetKind::Lifetime, after_cents, .. } => lifetime = Some(after_cents),
        Change::Bid { after_cents, .. } => bid = Some(after_cents),
        Change::Status { after, .. } => status = Some(after),
    }
    sqlx::query(
        "UPDATE entity SET daily_budget_cents = COALESCE($4, daily_budget_cents),
                lifetime_budget_cents = COALESCE($5, lifetime_budget_cents), bid_cents = COALESCE($6, bid_cents),
                status = COALESCE($7, status), updated_at = $8
         WHERE platform = $1 AND entity_type = $2 AND entity_id = $3",
    )
    .bind(action.platform().as_str())
    .bind(action.entity_type().as_str())
    .bind(action.entity_id())
    .bind(daily)
    .bind(lifetime)
    .bind(bid)
    .bind(status.map(EntityStatus::as_str))
    .bind(tx.now().to_chrono())
    .execute(&mut **tx)
    .await?;
    if let (EntityType::Campaign, Some(status)) = (action.entity_type(), status) {
        sqlx::query(
            "UPDATE campaign SET status = $3, updated_at = $4
             WHERE platform = $1 AND external_id = $2 AND status IN ('ACTIVE', 'PAUSED')",
        )
        .bind(action.platform().as_str())
        .bind(action.entity_id())
        .bind(status.as_str())
        .bind(tx.now().to_chrono())
        .execute(&mut **tx)
        .await?;
    }
    Ok(())
}

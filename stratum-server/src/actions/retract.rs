//! Taking back: an approval, a queued action, or the effect of an applied one.

use stratum_autopilot::action::{ActionState, ActionStatus, NewAction};
use stratum_autopilot::audit::AuditAction;
use stratum_core::id::{ActionId, UserId};
use stratum_core::vocabulary::ActionType;
use uuid::Uuid;

use super::step::{self, Seen, about};
use super::{Queued, StoredAction, queue, refused, store};
use crate::autopilot::Autopilot;
use crate::db::TenantTx;
use crate::http::ApiError;

/// `APPROVED → QUEUED`, as long as nobody executes it.
///
/// # Errors
/// 404, 409, the database's.
pub async fn revoke(tx: &mut TenantTx, id: ActionId, reason: Option<&str>) -> Result<StoredAction, ApiError> {
    let mut stored = store::lock(tx, id).await?;
    let before = Seen::of(&stored);
    stored.action.revoke(tx.now()).map_err(|refusal| refused(&refusal))?;
    // Whoever approves it again looks at the limits again.
    (stored.waiting_for, stored.confirmation) = (None, None);
    // The system does not approve at once again what a person took back.
    stored.reconsider_after(tx.now(), store::RECONSIDER_AFTER_MINUTES);
    take(tx, stored, before, AuditAction::Revoked, reason).await
}

/// `QUEUED → DISMISSED`; works under the kill switch, too.
///
/// # Errors
/// 404, 409, the database's.
pub async fn dismiss(
    tx: &mut TenantTx,
    id: ActionId,
    by: Option<UserId>,
    reason: Option<&str>,
) -> Result<StoredAction, ApiError> {
    let mut stored = store::lock(tx, id).await?;
    let before = Seen::of(&stored);
    stored.action.dismiss(tx.now()).map_err(|refusal| refused(&refusal))?;
    stored.dismissed_by = by;
    take(tx, stored, before, AuditAction::Dismissed, reason).await
}

async fn take(
    tx: &mut TenantTx,
    mut stored: StoredAction,
    before: Seen,
    action: AuditAction,
    reason: Option<&str>,
) -> Result<StoredAction, ApiError> {
    let mut entry = step::entry(tx, &stored, action, about(&stored));
    if let Some(reason) = reason {
        entry = entry.reason(reason);
    }
    step::record(tx, &mut stored, Some(before), reason, [entry]).await?;
    Ok(stored)
}

/// Queues the reverse of an applied action.
///
/// # Errors
/// 404, 409 `INVALID_TRANSITION` or `ALREADY_REVERTED`, the database's.
pub async fn rollback(
    tx: &mut TenantTx,
    id: ActionId,
    by: Option<UserId>,
    reason: String,
) -> Result<Queued, ApiError> {
    // Before the action, as everywhere: what queues takes this lock first.
    let autopilot = Autopilot::lock(tx).await?;
    let stored = store::lock(tx, id).await?;
    let action = &stored.action;
    if action.state() != ActionState::Applied {
        return Err(ApiError::invalid_transition(action.status(), ActionStatus::Queued));
    }
    let reverted: bool = sqlx::query_scalar(
        "SELECT EXISTS (SELECT FROM action WHERE reverts = $1 AND state NOT IN ('FAILED', 'DISMISSED'))",
    )
    .bind(id.as_uuid())
    .fetch_one(&mut **tx)
    .await?;
    if reverted {
        return Err(store::already_reverted());
    }
    let new = NewAction {
        id: ActionId::from_uuid(Uuid::now_v7()),
        tenant_id: action.tenant_id(),
        action_type: reverse_of(action.action_type()),
        platform: action.platform(),
        entity_type: action.entity_type(),
        entity_id: action.entity_id().to_owned(),
        entity_name: action.entity_name().map(str::to_owned),
        change: action.change().reversed(),
        origin: stratum_autopilot::action::Origin::Manual,
        created_by: by,
        reason: Some(reason),
        pair_id: None,
        reverts: Some(id),
        ttl_hours: autopilot.approval.action_ttl_hours,
    };
    queue(tx, new).await
}

/// The action type that takes another one back.
const fn reverse_of(action_type: ActionType) -> ActionType {
    match action_type {
        ActionType::BudgetIncrease => ActionType::BudgetDecrease,
        ActionType::BudgetDecrease => ActionType::BudgetIncrease,
        ActionType::BidIncrease => ActionType::BidDecrease,
        ActionType::BidDecrease => ActionType::BidIncrease,
        ActionType::PauseCampaign => ActionType::EnableCampaign,
        ActionType::PauseAdset => ActionType::EnableAdset,
        ActionType::PauseCreative => ActionType::EnableCreative,
        ActionType::EnableCampaign => ActionType::PauseCampaign,
        ActionType::EnableAdset => ActionType::PauseAdset,
        ActionType::EnableCreative => ActionType::PauseCreative,
    }
}

//! Queueing: a person's proposal, the reversal of an applied action, and the pause that the limits ask for.

use stratum_autopilot::action::{Action, Change, EntityStatus, NewAction, Origin};
use stratum_autopilot::approval::AutopilotMode;
use stratum_autopilot::audit::{AuditAction, Intervention};
use stratum_autopilot::enforcement::{EnforcementMode, check};
use stratum_core::id::ActionId;
use stratum_core::vocabulary::{ActionType, EntityType, GateDecision, Platform};
use uuid::Uuid;

use super::decide::{Question, check_of, decide};
use super::{StoredAction, enforcement_blocked, step};
use crate::audit;
use crate::autopilot::Autopilot;
use crate::autopilot::settings::mode_ceiling;
use crate::db::TenantTx;
use crate::gate::{Recorded, decide_and_record};
use crate::http::ApiError;
use crate::tenant::Tenant;

/// A queued action, or the refusal that was logged. Either way the transaction is to be committed.
pub type Queued = Result<StoredAction, ApiError>;

/// Queues an action. The gate's answer is recorded with it and stops nothing; a hard limit does.
///
/// # Errors
/// 422 with everything that is wrong with it; the database's.
pub async fn queue(tx: &mut TenantTx, new: NewAction) -> Result<Queued, ApiError> {
    // One proposal of a tenant after the other: two raises at once must not both ask for the same pause.
    let autopilot = Autopilot::lock(tx).await?;
    let action = Action::queue(new, tx.now())?;
    let question = Question::about(tx, &action, &autopilot.switches).await?;
    let enforcement = question.policy.enforcement();
    let found = check(enforcement, &(&action).into(), question.known()?);
    if found.mode == EnforcementMode::HardBlock {
        let refusal = log_blocked(tx, &action, &question).await?;
        if let Some(campaign) = &found.propose_pause_of {
            propose_pause(tx, &autopilot, action.platform(), campaign).await?;
        }
        return Ok(Err(refusal));
    }
    let mut stored = StoredAction::new(action, tx.now());
    let recorded = decide(tx, &mut stored, &question).await?;
    let check = check_of(&recorded)?;
    record_queued(tx, &mut stored, &recorded).await?;
    if let Some(campaign) = &check.propose_pause_of {
        propose_pause(tx, &autopilot, stored.action.platform(), campaign).await?;
    }
    Ok(Ok(stored))
}

/// Stores a new action. One that the gate blocks from the start is told so, as it would be later.
async fn record_queued(
    tx: &mut TenantTx,
    stored: &mut StoredAction,
    recorded: &Recorded,
) -> Result<(), ApiError> {
    let gate = &recorded.decision.gate;
    let about = Intervention::about(&stored.action).gate(gate).enforcement(check_of(recorded)?);
    let blocked = (gate.decision() == GateDecision::Block)
        .then(|| step::entry(tx, stored, AuditAction::Blocked, about.clone()));
    let mut queued = step::entry(tx, stored, AuditAction::Queued, about);
    if let Some(reason) = stored.action.reason() {
        queued = queued.reason(reason);
    }
    let note = stored.action.reason().map(str::to_owned);
    step::record(tx, stored, None, note.as_deref(), [queued].into_iter().chain(blocked)).await
}

/// Notes that a hard limit refused an action before there was one.
async fn log_blocked(tx: &mut TenantTx, action: &Action, question: &Question) -> Result<ApiError, ApiError> {
    let recorded = decide_and_record(tx, None, &question.policy, &question.facts).await?;
    let check = check_of(&recorded)?;
    // The refused action is stored nowhere, so nothing names its id.
    let about = Intervention { action_id: None, ..Intervention::about(action) };
    let about = about.gate(&recorded.decision.gate).enforcement(check);
    let entry = audit::entry(tx, AuditAction::Blocked, "action").intervention(about);
    audit::append(tx, entry).await?;
    Ok(enforcement_blocked(check))
}

/// Queues the pause of a campaign whose return is too low, where the mode lets the system queue, the campaign is known to
/// deliver, and no pause of it is open. The caller holds the lock of [`Autopilot::lock`].
///
/// # Errors
/// The database's.
pub async fn propose_pause(
    tx: &mut TenantTx,
    autopilot: &Autopilot,
    platform: Platform,
    campaign: &str,
) -> Result<(), ApiError> {
    let ceiling = mode_ceiling(&Tenant::load(tx).await?);
    if autopilot.approval.mode.min(ceiling) == AutopilotMode::SuggestOnly {
        return Ok(());
    }
    let known: Option<(Option<String>, Option<String>)> = sqlx::query_as(
        "SELECT name, status FROM entity WHERE platform = $1 AND entity_type = 'CAMPAIGN' AND entity_id = $2
             AND NOT EXISTS (SELECT FROM action
                             WHERE platform = $1 AND entity_type = 'CAMPAIGN' AND entity_id = $2
                               AND action_type = 'PAUSE_CAMPAIGN' AND state IN ('QUEUED', 'APPROVED', 'APPLYING'))",
    )
    .bind(platform.as_str())
    .bind(campaign)
    .fetch_optional(&mut **tx)
    .await?;
    let Some((name, Some(status))) = known else { return Ok(()) };
    if status != EntityStatus::Active.as_str() {
        return Ok(());
    }
    let new = NewAction {
        id: ActionId::from_uuid(Uuid::now_v7()),
        tenant_id: tx.scope().tenant,
        action_type: ActionType::PauseCampaign,
        platform,
        entity_type: EntityType::Campaign,
        entity_id: campaign.to_owned(),
        entity_name: name,
        change: Change::Status { before: EntityStatus::Active, after: EntityStatus::Paused },
        origin: Origin::Autopilot,
        created_by: None,
        reason: Some("the campaign's return is below the limit for pausing".to_owned()),
        pair_id: None,
        reverts: None,
        ttl_hours: autopilot.approval.action_ttl_hours,
    };
    // A pause violates no limit that could refuse it; were one to, that is logged like any refusal. It raises nothing,
    // so it never proposes another pause.
    let action = Action::queue(new, tx.now())?;
    let question = Question::about(tx, &action, &autopilot.switches).await?;
    let mut stored = StoredAction::new(action, tx.now());
    let recorded = decide(tx, &mut stored, &question).await?;
    record_queued(tx, &mut stored, &recorded).await
}

//! Queueing: a person's proposal, the reversal of an applied action, and the pause that the limits ask for.

use stratum_autopilot::action::{Action, Change, EntityStatus, NewAction, Origin};
use stratum_autopilot::approval::AutopilotMode;
use stratum_autopilot::audit::{AuditAction, Intervention};
use stratum_autopilot::enforcement::{EnforcementMode, check};
use stratum_core::id::ActionId;
use stratum_core::vocabulary::{ActionType, EntityType, Platform};
use uuid::Uuid;

use super::decide::{Question, check_of, decide};
use super::{StoredAction, enforcement_blocked, step};
use crate::audit;
use crate::autopilot::Autopilot;
use crate::autopilot::settings::mode_ceiling;
use crate::db::TenantTx;
use crate::gate::decide_and_record;
use crate::http::ApiError;
use crate::tenant::Tenant;

/// A queued action, or the refusal that was logged. Either way the transaction is to be committed.
pub type Queued = Result<StoredAction, ApiError>;

/// Queues an action. The gate's answer is recorded with it and stops nothing; a hard limit does.
///
/// # Errors
/// 422 with everything that is wrong with it; the database's.
pub async fn queue(tx: &mut TenantTx, new: NewAction) -> Result<Queued, ApiError> {
    let autopilot = Autopilot::load(tx).await?;
    let action = Action::queue(new, tx.now())?;
    let question = Question::about(tx, &action, &autopilot.switches).await?;
    let enforcement = question.policy.enforcement();
    if check(enforcement, &(&action).into(), question.known()?).mode == EnforcementMode::HardBlock {
        return Ok(Err(log_blocked(tx, &action, &question).await?));
    }
    let mut stored = StoredAction::new(action, tx.now());
    let recorded = decide(tx, &mut stored, &question).await?;
    let check = check_of(&recorded)?;
    let about = Intervention::about(&stored.action).gate(&recorded.decision.gate).enforcement(check);
    let mut entry = step::entry(tx, &stored, AuditAction::Queued, about);
    if let Some(reason) = stored.action.reason() {
        entry = entry.reason(reason);
    }
    let note = stored.action.reason().map(str::to_owned);
    step::record(tx, &mut stored, None, note.as_deref(), [entry]).await?;
    if let Some(campaign) = &check.propose_pause_of {
        propose_pause(tx, &autopilot, stored.action.platform(), campaign).await?;
    }
    Ok(Ok(stored))
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

/// Queues the pause of a campaign whose return is too low, where the mode lets the system queue and the campaign is
/// known to deliver.
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
        "SELECT name, status FROM entity WHERE platform = $1 AND entity_type = 'CAMPAIGN' AND entity_id = $2",
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
    let about =
        Intervention::about(&stored.action).gate(&recorded.decision.gate).enforcement(check_of(&recorded)?);
    let entry = step::entry(tx, &stored, AuditAction::Queued, about)
        .reason("the campaign's return is below the limit for pausing");
    step::record(tx, &mut stored, None, None, [entry]).await
}

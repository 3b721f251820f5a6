//! A person's approval. It never replaces the gate: the action waits until the gate passes, or expires.

use serde_json::json;
use stratum_autopilot::action::{ActionState, Approval, Approver, Refusal, RefusalCode};
use stratum_autopilot::approval::{PersonRefusal, WaitingFor, by_person};
use stratum_autopilot::audit::{AuditAction, Intervention};
use stratum_core::gate::{GateEvaluation, OverrideRefusal};
use stratum_core::id::{ActionId, UserId};

use super::decide::{Question, check_of, decide};
use super::step::{self, Seen};
use super::{StoredAction, enforcement_blocked, kill_switch_active, refused, store};
use crate::audit;
use crate::autopilot::Autopilot;
use crate::db::TenantTx;
use crate::enforcement::confirmation;
use crate::http::ApiError;

/// Who approves, and what they bring along.
#[derive(Debug, Clone)]
pub struct Attempt {
    /// The person.
    pub by: UserId,
    /// Why they execute although the gate does not pass; the caller has checked that they may.
    pub override_reason: Option<String>,
    /// The token of a confirmed soft block.
    pub confirmation_token: Option<String>,
}

/// Approves an action for a person. The inner error is a refusal whose trace is to be committed.
///
/// # Errors
/// 404, and refusals that leave no trace; the database's.
pub async fn approve(
    tx: &mut TenantTx,
    id: ActionId,
    attempt: &Attempt,
) -> Result<Result<StoredAction, ApiError>, ApiError> {
    let autopilot = Autopilot::lock(tx).await?;
    let mut stored = store::lock(tx, id).await?;
    refuse_by_state(&stored, tx)?;
    if autopilot.switches.engaged_for(stored.action.platform()) {
        return Err(kill_switch_active());
    }
    let question = Question::about(tx, &stored.action, &autopilot.switches).await?;
    let before = Seen::of(&stored);
    let recorded = decide(tx, &mut stored, &question).await?;
    let (gate, check) = (&recorded.decision.gate, check_of(&recorded)?);
    let seen = Intervention::about(&stored.action).gate(gate).enforcement(check);

    // Asked first without the confirmation: a kill switch, four eyes and hard limits stop everybody, token or not.
    let allowed = |stored: &StoredAction| {
        let given = stored.confirmation.as_ref();
        by_person(&autopilot.approval, &stored.action, attempt.by, false, check, given)
    };
    match allowed(&stored) {
        Err(PersonRefusal::KillSwitchActive) => return Err(kill_switch_active()),
        Err(PersonRefusal::SelfApproval) => return Err(self_approval()),
        Err(PersonRefusal::EnforcementBlocked) => {
            log_override(tx, &stored, attempt, seen.clone(), false).await?;
            let entry = step::entry(tx, &stored, AuditAction::Blocked, seen);
            audit::append(tx, entry).await?;
            store::save(tx, &stored).await?;
            return Ok(Err(enforcement_blocked(check)));
        }
        Ok(()) | Err(PersonRefusal::ConfirmationRequired) => {}
    }
    if let Err(refusal) = override_allowed(attempt, gate, &stored) {
        log_override(tx, &stored, attempt, seen, false).await?;
        store::save(tx, &stored).await?;
        return Ok(Err(refusal));
    }
    if let Some(token) = &attempt.confirmation_token {
        stored.confirmation = confirmation::attach(tx, token, &stored.action, check).await?;
    }
    if allowed(&stored).is_err() {
        store::save(tx, &stored).await?;
        return Ok(Err(confirmation::require(tx, &stored, check, seen).await?));
    }

    let approval = Approval {
        by: Approver::User(attempt.by),
        at: tx.now(),
        // Where the gate passes there is nothing to override, and nothing is kept for a time when it does not.
        override_reason: attempt.override_reason.clone().filter(|_| gate.pass().is_none()),
    };
    stored.action.approve(approval, tx.now()).map_err(|refusal| refused(&refusal))?;
    stored.waiting_for = waits_for_gate(gate, attempt);
    stored.due_at = tx.now();
    log_override(tx, &stored, attempt, seen.clone(), true).await?;
    let mut entry = step::entry(tx, &stored, AuditAction::Approved, seen);
    if let Some(reason) = &attempt.override_reason {
        entry = entry.reason(reason);
    }
    step::record(tx, &mut stored, Some(before), attempt.override_reason.as_deref(), [entry]).await?;
    Ok(Ok(stored))
}

/// What the state machine would refuse is refused before anything is evaluated.
fn refuse_by_state(stored: &StoredAction, tx: &TenantTx) -> Result<(), ApiError> {
    let refusal = |code| Refusal { code, from: stored.action.state(), to: ActionState::Approved };
    if stored.action.state() != ActionState::Queued {
        return Err(refused(&refusal(RefusalCode::InvalidTransition)));
    }
    if stored.action.is_expired(tx.now()) {
        return Err(refused(&refusal(RefusalCode::ActionExpired)));
    }
    Ok(())
}

fn override_allowed(attempt: &Attempt, gate: &GateEvaluation, stored: &StoredAction) -> Result<(), ApiError> {
    if attempt.override_reason.is_none() {
        return Ok(());
    }
    match gate.override_possible(stored.action.action_type().into()) {
        // A pass needs no override: the reason is logged and not kept.
        Ok(()) | Err(OverrideRefusal::NotNeeded) => Ok(()),
        Err(refusal) => {
            let message = match refusal {
                OverrideRefusal::NotProtective => {
                    "below the block limit only pauses and decreases can be overridden"
                }
                _ => "the gate blocks for a reason that nobody can override",
            };
            let error = ApiError::conflict("OVERRIDE_NOT_ALLOWED", message);
            Err(gate
                .reasons()
                .iter()
                .fold(error, |error, reason| error.detail("", reason.code.as_str(), reason.message())))
        }
    }
}

fn waits_for_gate(gate: &GateEvaluation, attempt: &Attempt) -> Option<WaitingFor> {
    (gate.pass().is_none() && attempt.override_reason.is_none()).then_some(WaitingFor::Gate)
}

fn self_approval() -> ApiError {
    ApiError::forbidden("SELF_APPROVAL", "four eyes are asked for: another person approves what you queued")
}

/// Notes an override that was asked for, whether it was granted or not.
async fn log_override(
    tx: &mut TenantTx,
    stored: &StoredAction,
    attempt: &Attempt,
    seen: Intervention,
    granted: bool,
) -> Result<(), ApiError> {
    let Some(reason) = &attempt.override_reason else { return Ok(()) };
    let about = seen.details(json!({ "granted": granted }));
    let entry = step::entry(tx, stored, AuditAction::OverrideLogged, about).reason(reason);
    audit::append(tx, entry).await?;
    Ok(())
}

//! A person's approval. It never replaces the gate: the action waits until the gate passes, or expires.

use serde_json::json;
use stratum_autopilot::action::{ActionState, Approval, Approver, Refusal, RefusalCode};
use stratum_autopilot::approval::{PersonRefusal, WaitingFor, by_person};
use stratum_autopilot::audit::{AuditAction, Intervention};
use stratum_core::Timestamp;
use stratum_core::gate::{GateEvaluation, OverrideRefusal};
use stratum_core::id::{ActionId, UserId};

use super::decide::{Question, check_of, decide};
use super::step::{self, Seen};
use super::{StoredAction, enforcement_blocked, kill_switch_active, propose_pause, refused, store};
use crate::audit;
use crate::autopilot::Autopilot;
use crate::db::TenantTx;
use crate::enforcement::confirmation;
use crate::gate::Recorded;
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
    if let Err(refusal) = refuse_unasked(&stored, &autopilot, tx.now()) {
        if attempt.override_reason.is_none() {
            return Err(refusal);
        }
        log_override(tx, &stored, attempt, step::about(&stored), Some(&refusal)).await?;
        return Ok(Err(refusal));
    }
    let question = Question::about(tx, &stored.action, &autopilot.switches).await?;
    let before = Seen::of(&stored);
    let recorded = decide(tx, &mut stored, &question).await?;
    let (gate, check) = (&recorded.decision.gate, check_of(&recorded)?);
    let seen = Intervention::about(&stored.action).gate(gate).enforcement(check);
    let answer = rule(tx, &mut stored, &autopilot, attempt, &recorded).await?;
    log_override(tx, &stored, attempt, seen.clone(), answer.as_ref().err()).await?;
    if let Some(campaign) = &check.propose_pause_of {
        propose_pause(tx, &autopilot, stored.action.platform(), campaign).await?;
    }
    if let Err(refusal) = answer {
        store::save(tx, &stored).await?;
        return Ok(Err(refusal));
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
    let mut entry = step::entry(tx, &stored, AuditAction::Approved, seen);
    if let Some(reason) = &attempt.override_reason {
        entry = entry.reason(reason);
    }
    step::record(tx, &mut stored, Some(before), attempt.override_reason.as_deref(), [entry]).await?;
    Ok(Ok(stored))
}

/// Notes an override that somebody asked for whose role does not reach. An action that is not there leaves no trace.
///
/// # Errors
/// The database's.
pub async fn note_forbidden(
    tx: &mut TenantTx,
    id: ActionId,
    attempt: &Attempt,
    refusal: &ApiError,
) -> Result<(), ApiError> {
    match store::get(tx, id).await {
        Ok(stored) => log_override(tx, &stored, attempt, step::about(&stored), Some(refusal)).await,
        Err(error) if error.status() == http::StatusCode::NOT_FOUND => Ok(()),
        Err(error) => Err(error),
    }
}

/// What the state machine or a kill switch refuses is refused before anything is evaluated.
fn refuse_unasked(stored: &StoredAction, autopilot: &Autopilot, now: Timestamp) -> Result<(), ApiError> {
    let refusal = |code| Refusal { code, from: stored.action.state(), to: ActionState::Approved };
    if stored.action.state() != ActionState::Queued {
        return Err(refused(&refusal(RefusalCode::InvalidTransition)));
    }
    if stored.action.is_expired(now) {
        return Err(refused(&refusal(RefusalCode::ActionExpired)));
    }
    if autopilot.switches.engaged_for(stored.action.platform()) {
        return Err(kill_switch_active());
    }
    Ok(())
}

/// Whether this person may approve after what gate and limits said. Uses the confirmation that they bring along.
async fn rule(
    tx: &mut TenantTx,
    stored: &mut StoredAction,
    autopilot: &Autopilot,
    attempt: &Attempt,
    recorded: &Recorded,
) -> Result<Result<(), ApiError>, ApiError> {
    let (gate, check) = (&recorded.decision.gate, check_of(recorded)?);
    let seen = Intervention::about(&stored.action).gate(gate).enforcement(check);
    // Asked first without the confirmation: a kill switch, four eyes and hard limits stop everybody, token or not.
    let allowed = |stored: &StoredAction| {
        let given = stored.confirmation.as_ref();
        by_person(&autopilot.approval, &stored.action, attempt.by, false, check, given)
    };
    match allowed(stored) {
        Err(PersonRefusal::KillSwitchActive) => return Ok(Err(kill_switch_active())),
        Err(PersonRefusal::SelfApproval) => return Ok(Err(self_approval())),
        Err(PersonRefusal::EnforcementBlocked) => {
            let entry = step::entry(tx, stored, AuditAction::Blocked, seen);
            audit::append(tx, entry).await?;
            return Ok(Err(enforcement_blocked(check)));
        }
        Ok(()) | Err(PersonRefusal::ConfirmationRequired) => {}
    }
    if let Err(refusal) = override_allowed(attempt, gate, stored) {
        return Ok(Err(refusal));
    }
    if let Some(token) = &attempt.confirmation_token {
        stored.confirmation = confirmation::attach(tx, token, &stored.action, check).await?;
    }
    if allowed(stored).is_err() {
        return Ok(Err(confirmation::require(tx, stored, check, seen).await?));
    }
    Ok(Ok(()))
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
    refusal: Option<&ApiError>,
) -> Result<(), ApiError> {
    let Some(reason) = &attempt.override_reason else { return Ok(()) };
    let about =
        seen.details(json!({ "granted": refusal.is_none(), "refused_with": refusal.map(ApiError::code) }));
    let entry = step::entry(tx, stored, AuditAction::OverrideLogged, about).reason(reason);
    audit::append(tx, entry).await?;
    Ok(())
}

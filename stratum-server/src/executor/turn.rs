//! One look at one action, in one transaction: what happens to it next.

use serde_json::json;
use stratum_autopilot::action::{Action, ActionState, Approval, Approver};
use stratum_autopilot::approval::{
    AutomaticApproval, AutomaticFacts, AutomaticRefusal, AutopilotMode, automatic,
};
use stratum_autopilot::audit::{AuditAction, Changes, Intervention};
use stratum_autopilot::enforcement::{EnforcementCheck, EnforcementMode};
use stratum_autopilot::engine::{ClaimFacts, ClaimStep, claim};
use stratum_autopilot::permit::{Permit, PermitGround};
use stratum_core::emq::EmqBand;
use stratum_core::gate::GateEvaluation;
use stratum_core::id::ActionId;
use stratum_core::vocabulary::Platform;

use crate::actions::decide::{Question, check_of, decide};
use crate::actions::step::{self, Seen};
use crate::actions::store::{self, ActionError, RECONSIDER_AFTER_MINUTES};
use crate::actions::{StoredAction, propose_pause, wire};
use crate::autopilot::settings::mode_ceiling;
use crate::autopilot::{Autopilot, event_emq_band};
use crate::db::TenantTx;
use crate::gate::Recorded;
use crate::http::ApiError;
use crate::tenant::Tenant;

/// Seconds until another process asks about a lapsed claim, should the one that took it die as well.
const ASK_AGAIN_AFTER_MS: i64 = 30_000;

/// What is to be done outside the transaction.
pub(super) enum Turn {
    /// No action of the tenant is due.
    Nothing,
    /// The action was dealt with.
    Done,
    /// The action is claimed; the platform is to be called.
    Call(Claim),
    /// The claim of this action lapsed; the platform is to be asked what became of the call.
    Ask(Box<Action>),
}

/// A claimed action with the right to apply it.
pub(super) struct Claim {
    pub(super) id: ActionId,
    pub(super) attempt: u32,
    pub(super) permit: Permit,
}

/// Takes the oldest action that is due, leaving out those that would call one of the `full` platforms. Without platforms
/// nothing is claimed or asked.
pub(super) async fn take(tx: &mut TenantTx, may_claim: bool, full: &[Platform]) -> Result<Turn, ApiError> {
    // Before any action is locked: a kill switch turned until now is seen, one turned later waits for this turn.
    let autopilot = Autopilot::lock(tx).await?;
    let due = sqlx::query(
        "SELECT action, waiting_for, violations, gate, confirmation, applied_value, error, dismissed_by, updated_at, due_at
         FROM action WHERE due_at <= $1 AND state IN ('QUEUED', 'APPROVED', 'APPLYING')
           AND (state = 'QUEUED' OR platform <> ALL($2) OR expires_at <= $1)
         ORDER BY created_at, action_id LIMIT 1 FOR UPDATE SKIP LOCKED",
    )
    .bind(tx.now().to_chrono())
    .bind(names(full))
    .fetch_optional(&mut **tx)
    .await?;
    let Some(row) = due else { return Ok(Turn::Nothing) };
    let mut stored = StoredAction::read(&row)?;
    let before = Seen::of(&stored);
    if stored.action.expire(tx.now()).is_some() {
        expired(tx, &mut stored, before).await?;
        return Ok(Turn::Done);
    }
    match stored.action.state() {
        ActionState::Queued => consider_approval(tx, &mut stored, before, &autopilot).await,
        ActionState::Approved if may_claim => consider_claim(tx, &mut stored, before, &autopilot).await,
        ActionState::Applying if may_claim && stored.action.lease_lapsed(tx.now()) => {
            stored.due_at = tx.now().plus_millis(ASK_AGAIN_AFTER_MS);
            store::save(tx, &stored).await?;
            Ok(Turn::Ask(Box::new(stored.action)))
        }
        _ => {
            stored.reconsider_after(tx.now(), RECONSIDER_AFTER_MINUTES);
            store::save(tx, &stored).await?;
            Ok(Turn::Done)
        }
    }
}

/// Puts the action that [`take`] would take next at the end of the line. For one that nothing could be done about: what is
/// wrong with it must not keep the others from their turn. Reads nothing of it but its place in the line.
pub(super) async fn set_aside(tx: &mut TenantTx, full: &[Platform]) -> Result<(), ApiError> {
    sqlx::query(
        "UPDATE action SET due_at = $2 WHERE (tenant_id, action_id) IN (
             SELECT tenant_id, action_id FROM action
             WHERE due_at <= $1 AND state IN ('QUEUED', 'APPROVED', 'APPLYING')
               AND (state = 'QUEUED' OR platform <> ALL($3) OR expires_at <= $1)
             ORDER BY created_at, action_id LIMIT 1 FOR UPDATE SKIP LOCKED)",
    )
    .bind(tx.now().to_chrono())
    .bind(tx.now().plus_minutes(1).to_chrono())
    .bind(names(full))
    .execute(&mut **tx)
    .await?;
    Ok(())
}

fn names(platforms: &[Platform]) -> Vec<&'static str> {
    platforms.iter().map(|platform| platform.as_str()).collect()
}

async fn expired(tx: &mut TenantTx, stored: &mut StoredAction, before: Seen) -> Result<(), ApiError> {
    stored.waiting_for = None;
    if stored.action.state() == ActionState::Failed {
        stored.error = Some(ActionError {
            code: "EXPIRED".to_owned(),
            message: "it could not be executed within four hours of its approval".to_owned(),
        });
    }
    let entry = step::entry(tx, stored, AuditAction::Expired, step::about(stored));
    step::record(tx, stored, Some(before), Some("EXPIRED"), [entry]).await
}

/// Approves a queued action for the system where every condition holds; else it waits for a person.
async fn consider_approval(
    tx: &mut TenantTx,
    stored: &mut StoredAction,
    before: Seen,
    autopilot: &Autopilot,
) -> Result<Turn, ApiError> {
    let ceiling = mode_ceiling(&Tenant::load(tx).await?);
    stored.reconsider_after(tx.now(), RECONSIDER_AFTER_MINUTES);
    // What the mode alone leaves to people is not evaluated every few minutes.
    if autopilot.approval.mode.min(ceiling) != AutopilotMode::GuardedAuto {
        store::save(tx, stored).await?;
        return Ok(Turn::Done);
    }
    // What a person took back, a person approves again.
    if store::was_revoked(tx, stored.action.id()).await? {
        store::save(tx, stored).await?;
        return Ok(Turn::Done);
    }
    let question = Question::about(tx, &stored.action, &autopilot.switches).await?;
    let event_emq_band = event_emq_band(tx).await?;
    let recorded = decide(tx, stored, &question).await?;
    let check = check_of(&recorded)?;
    let answer = ask_automatic(stored, autopilot, &question, &recorded, ceiling, event_emq_band)?;
    if let Some(campaign) = &check.propose_pause_of {
        propose_pause(tx, autopilot, stored.action.platform(), campaign).await?;
    }
    if !answer.approved {
        store::save(tx, stored).await?;
        return Ok(Turn::Done);
    }
    let approval = Approval { by: Approver::System, at: tx.now(), override_reason: None };
    stored.action.approve(approval, tx.now()).map_err(ApiError::internal)?;
    stored.due_at = tx.now();
    let about = seen(stored, &recorded.decision.gate, check)
        .details(json!({ "event_emq_band": event_emq_band, "mode": autopilot.approval.mode }));
    let entry = step::entry(tx, stored, AuditAction::Approved, about);
    step::record(tx, stored, Some(before), None, [entry]).await?;
    Ok(Turn::Done)
}

/// Asks gate and limits again, and claims the action if both say yes.
async fn consider_claim(
    tx: &mut TenantTx,
    stored: &mut StoredAction,
    before: Seen,
    autopilot: &Autopilot,
) -> Result<Turn, ApiError> {
    let question = Question::about(tx, &stored.action, &autopilot.switches).await?;
    let recorded = decide(tx, stored, &question).await?;
    let facts = ClaimFacts {
        trust: question.policy.trust(),
        enforcement: question.policy.enforcement(),
        gate: &question.facts.gate,
        limits: question.known()?,
        confirmation: stored.confirmation.as_ref(),
    };
    let decision = match claim(&stored.action, &facts) {
        Ok(decision) => decision,
        Err(refusal) => {
            // One action that nothing can be decided about must not keep the others from their turn.
            tracing::error!(event_type = "claim_refused", action_id = %stored.action.id(), "{refusal}");
            stored.reconsider_after(tx.now(), RECONSIDER_AFTER_MINUTES);
            store::save(tx, stored).await?;
            return Ok(Turn::Done);
        }
    };
    let about = seen(stored, &recorded.decision.gate, check_of(&recorded)?);
    if let ClaimStep::Execute { .. } = decision.step
        && lost_its_ground(tx, stored, autopilot, &question, &recorded).await?
    {
        stored.action.revoke(tx.now()).map_err(ApiError::internal)?;
        stored.waiting_for = None;
        stored.reconsider_after(tx.now(), RECONSIDER_AFTER_MINUTES);
        let entry = step::entry(tx, stored, AuditAction::Revoked, about);
        step::record(tx, stored, Some(before), Some("AUTOMATION_ENDED"), [entry]).await?;
        return Ok(Turn::Done);
    }
    let turn = match decision.step {
        ClaimStep::Execute { action, permit } => execute(tx, stored, before, *action, *permit, about).await?,
        ClaimStep::Wait { waiting_for, until } => {
            stored.waiting_for = Some(waiting_for);
            match until {
                // What blocks may be freed before, so it is looked at every few minutes all the same.
                Some(until) => {
                    stored.reconsider_at(until.min(tx.now().plus_minutes(RECONSIDER_AFTER_MINUTES)));
                }
                None => stored.reconsider_after(tx.now(), RECONSIDER_AFTER_MINUTES),
            }
            step::record(tx, stored, Some(before), None, None).await?;
            Turn::Done
        }
        ClaimStep::Fail(action) => {
            stored.action = *action;
            stored.waiting_for = None;
            let hard = decision.check.of_mode(EnforcementMode::HardBlock).next();
            stored.error = Some(ActionError {
                code: "ENFORCEMENT_BLOCKED".to_owned(),
                message: hard.map(|violation| violation.message.clone()).unwrap_or_default(),
            });
            let entries = [AuditAction::Blocked, AuditAction::Failed]
                .map(|action| step::entry(tx, stored, action, about.clone()));
            step::record(tx, stored, Some(before), Some("ENFORCEMENT_BLOCKED"), entries).await?;
            Turn::Done
        }
    };
    if let Some(campaign) = &decision.check.propose_pause_of {
        propose_pause(tx, autopilot, stored.action.platform(), campaign).await?;
    }
    Ok(turn)
}

/// Whether the system approved the action under conditions of automation that have ended since: a person must approve it.
async fn lost_its_ground(
    tx: &mut TenantTx,
    stored: &StoredAction,
    autopilot: &Autopilot,
    question: &Question,
    recorded: &Recorded,
) -> Result<bool, ApiError> {
    if stored.action.approval().is_none_or(|approval| approval.by != Approver::System) {
        return Ok(false);
    }
    let ceiling = mode_ceiling(&Tenant::load(tx).await?);
    let band = event_emq_band(tx).await?;
    let answer = ask_automatic(stored, autopilot, question, recorded, ceiling, band)?;
    // Gate and limits were asked by the claim itself, with the confirmation that a person may have given since.
    Ok(answer.reasons.iter().any(|reason| {
        matches!(
            reason,
            AutomaticRefusal::ModeLeavesItToPeople
                | AutomaticRefusal::EnforcementDisabled
                | AutomaticRefusal::TypeNotListed
                | AutomaticRefusal::EmqBandTooLow
        )
    }))
}

/// Whether the system may approve the action on its own.
fn ask_automatic(
    stored: &StoredAction,
    autopilot: &Autopilot,
    question: &Question,
    recorded: &Recorded,
    mode_ceiling: AutopilotMode,
    event_emq_band: EmqBand,
) -> Result<AutomaticApproval, ApiError> {
    Ok(automatic(
        &autopilot.approval,
        &AutomaticFacts {
            action_type: stored.action.action_type(),
            mode_ceiling,
            frozen: question.facts.gate.frozen,
            enforcement_enabled: question.policy.enforcement().settings().enforcement_enabled,
            check: check_of(recorded)?,
            gate: recorded.decision.gate.decision(),
            event_emq_band,
        },
    ))
}

/// Stores the claim with its intent. Only once both are committed is the platform called.
async fn execute(
    tx: &mut TenantTx,
    stored: &mut StoredAction,
    before: Seen,
    claimed: Action,
    permit: Permit,
    about: Intervention,
) -> Result<Turn, ApiError> {
    stored.action = claimed;
    (stored.waiting_for, stored.error) = (None, None);
    if let Some(lease) = stored.action.lease() {
        stored.due_at = lease.until;
    }
    let change = stored.action.change();
    let about = about.details(json!({
        "attempt": permit.attempt(),
        "ground": permit.ground(),
        "permit_expires_at": permit.expires_at(),
    }));
    let mut entries = vec![
        step::entry(tx, stored, AuditAction::Intent, about.clone())
            .changes(Changes { before: wire::current(change), after: wire::proposed(change) }),
    ];
    let reason = stored.action.approval().and_then(|approval| approval.override_reason.as_deref());
    if let (PermitGround::Override, Some(reason)) = (permit.ground(), reason) {
        entries.push(step::entry(tx, stored, AuditAction::Override, about).reason(reason));
    }
    step::record(tx, stored, Some(before), None, entries).await?;
    Ok(Turn::Call(Claim { id: stored.action.id(), attempt: permit.attempt(), permit }))
}

fn seen(stored: &StoredAction, gate: &GateEvaluation, check: &EnforcementCheck) -> Intervention {
    Intervention::about(&stored.action).gate(gate).enforcement(check)
}

//! What an executor does: it looks at every action that is due, and takes each one step further.

use serde_json::json;
use stratum_core::Timestamp;
use stratum_core::id::{ActionId, TenantId};

use super::autopilot::{Subject, TRIES};
use super::claim::failed;
use super::facts::{Gathered, entry};
use super::{
    AfterCall, AfterLapse, Autopilot, ClaimDecision, ClaimStep, EngineError, PairStep, after_call,
    after_lapse, claim, claim_pair, claim_second_half,
};
use crate::action::{Action, ActionState, Origin, Outcome, StatusReason};
use crate::approval::WaitingFor;
use crate::audit::{Actor, AuditAction, Intervention, NewAuditEntry};
use crate::enforcement::{EnforcementCheck, EnforcementMode};
use crate::permit::Permit;
use crate::platform::{AdPlatform, Applied, EntityRef, PlatformError};
use crate::store::{ActionStore, Commit, Moment, SettingsStore, SignalStore, StoreError};
use stratum_core::gate::GateEvaluation;

/// What became of an action that an executor looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Stepped {
    /// Applied on the platform, now or found out now.
    Applied,
    /// Failed, or dismissed because it expired.
    Ended(Option<StatusReason>),
    /// It stays approved.
    Waits {
        /// What it waits for; `None` while the other half of its pair is not ready.
        waiting_for: Option<WaitingFor>,
        /// From when the change limits allow it, where they are all it waits for.
        until: Option<Timestamp>,
    },
    /// The call certainly changed nothing, and may be made again after so many milliseconds.
    Released {
        /// 0 where the platform named no time.
        retry_after_ms: u64,
    },
    /// Nobody knows yet. The platform is asked once the lease has lapsed, or again later.
    Open,
    /// There was nothing to do: somebody else was faster.
    Nothing,
}

/// One action of a run.
#[derive(Debug, Clone, PartialEq)]
pub struct Visit {
    /// Which action.
    pub action_id: ActionId,
    /// What became of it, or why nothing could be done. One action's error does not stop the others.
    pub result: Result<Stepped, EngineError>,
}

/// What a claim hands to the calls after its commit.
enum Claimed {
    Calls(Vec<(Action, Permit)>),
    Over(Stepped),
}

impl<S, G, P> Autopilot<S, G, P>
where
    S: ActionStore + SettingsStore,
    G: SignalStore,
    P: AdPlatform,
{
    /// Looks at every action of the tenant that is due, oldest first, and takes each one step further: expires it, claims
    /// and executes it, or asks the platform about a claim that lapsed.
    ///
    /// Any number of executors may run at once.
    ///
    /// # Errors
    /// `Store`, when the list could not be read.
    pub async fn run_once(&self, tenant_id: TenantId, moment: Moment) -> Result<Vec<Visit>, EngineError> {
        let mut visits = Vec::new();
        for action_id in self.store.due(tenant_id, moment.now).await? {
            let result = self.step(tenant_id, action_id, moment).await;
            visits.push(Visit { action_id, result });
        }
        Ok(visits)
    }

    /// Takes one action one step further.
    ///
    /// # Errors
    /// `NotFound`, `Claim`, `Store`. After an error of the store an action may be claimed; its lease then lapses.
    pub async fn step(
        &self,
        tenant_id: TenantId,
        action_id: ActionId,
        moment: Moment,
    ) -> Result<Stepped, EngineError> {
        let mut tries = 0_usize;
        loop {
            let subject = self.subject(tenant_id, action_id, moment).await?;
            let action = &subject.loaded.action;
            if action.lease_lapsed(moment.now) {
                return self.reconcile(tenant_id, action_id, moment).await;
            }
            let (claimed, commit) = if action.is_expired(moment.now) {
                expired(action, moment)
            } else if action.state() == ActionState::Approved {
                self.decide(&subject, moment).await?
            } else {
                return Ok(Stepped::Nothing);
            };
            // The claim and its intent entry are stored before anything is called. Without them the permits end here.
            if let Some(commit) = commit {
                match self.store.commit(tenant_id, subject.loaded.revision, commit).await {
                    Err(StoreError::Conflict) if tries < TRIES => {
                        tries = tries.saturating_add(1);
                        continue;
                    }
                    result => result?,
                }
            }
            return match claimed {
                Claimed::Over(stepped) => Ok(stepped),
                Claimed::Calls(calls) => self.call(action_id, calls, moment).await,
            };
        }
    }

    /// Asks the platform what became of a call whose executor never reported. See the [room](super).
    ///
    /// # Errors
    /// `NotFound`, `Store`.
    pub async fn reconcile(
        &self,
        tenant_id: TenantId,
        action_id: ActionId,
        moment: Moment,
    ) -> Result<Stepped, EngineError> {
        let loaded = self.store.load(tenant_id, action_id, moment).await?.ok_or(EngineError::NotFound)?;
        let mut action = loaded.action;
        let Some(lease) = action.lease().filter(|_| action.lease_lapsed(moment.now)) else {
            return Ok(Stepped::Nothing);
        };
        let entity = EntityRef::from(&action);
        let answer = self.platform.outcome_of(&entity, action_id, moment.now).await;
        let after = after_lapse(&action, &answer, moment.now);
        if after.record(&mut action, lease.attempt, moment.now)?.is_none() {
            return Ok(Stepped::Open);
        }
        let mut details = json!({ "outcome": answer.as_ref().ok(), "attempt": lease.attempt });
        if action.status_reason() == Some(StatusReason::OutcomeUnknown)
            && let Ok(shown) = self.platform.read(&entity, moment.now).await
            && let Some(details) = details.as_object_mut()
        {
            details.insert("platform_shows".to_owned(), json!(shown));
        }
        let commit = Commit::new(ending(&action, details, moment)).action(action.clone());
        match self.store.commit(tenant_id, loaded.revision, commit).await {
            // Whoever was faster will be seen on the next visit, if anything is left to do.
            Err(StoreError::Conflict) => Ok(Stepped::Open),
            Err(error) => Err(error.into()),
            Ok(()) => Ok(match after {
                AfterLapse::Settle(Outcome::Applied) => Stepped::Applied,
                AfterLapse::Settle(Outcome::Failed(reason)) => Stepped::Ended(Some(reason)),
                AfterLapse::Release => Stepped::Released { retry_after_ms: 0 },
                AfterLapse::AskAgain => Stepped::Open,
            }),
        }
    }

    /// Decides about an approved action and, if it has one, its other half.
    async fn decide(
        &self,
        subject: &Subject,
        moment: Moment,
    ) -> Result<(Claimed, Option<Commit>), EngineError> {
        let Subject { loaded, settings, gathered } = subject;
        let action = &loaded.action;
        let facts = gathered.for_claim(settings, loaded.confirmation.as_ref());
        let Some((other, history)) = &loaded.other_half else {
            if action.pair_id().is_some() {
                return Ok(waits(None, None));
            }
            return Ok(step_of(claim(action, &facts)?, moment));
        };
        match other.state() {
            // The other half went first, as it must; what was released together goes on together.
            ActionState::Applied => {
                return Ok(step_of(claim_second_half(action, other, &facts)?, moment));
            }
            ActionState::Failed => {
                let reason = other.status_reason().unwrap_or(StatusReason::PlatformRefused);
                let ended = failed(action, reason, moment.now)?;
                let entries = ending(&ended, json!({ "other_half": other.id() }), moment);
                let commit = Commit::new(entries).action(ended);
                return Ok((Claimed::Over(Stepped::Ended(Some(reason))), Some(commit)));
            }
            ActionState::Approved if !other.is_expired(moment.now) => {}
            _ => return Ok(waits(None, None)),
        }
        let other_gathered = Gathered::read(
            &self.signals,
            other,
            gathered.gate.platforms.clone(),
            history,
            &loaded.switches,
            settings,
            moment,
        )
        .await?;
        // A confirmation stays with one half; the other is decided without.
        let other_facts = other_gathered.for_claim(settings, None);
        let decision = claim_pair([action, other], [&facts, &other_facts])?;
        Ok(match decision.step {
            PairStep::Wait { waiting_for, until } => waits(Some(waiting_for), until),
            PairStep::Fail(both) => {
                let reason = both.first().and_then(Action::status_reason);
                let mut commit = Commit::default();
                for half in *both {
                    commit.entries.extend(ending(&half, json!({ "pair": true }), moment));
                    commit = commit.action(half);
                }
                (Claimed::Over(Stepped::Ended(reason)), Some(commit))
            }
            PairStep::Execute(both) => {
                let mut commit = Commit::default();
                for ((half, permit), (gate, check)) in both.iter().zip(&decision.halves) {
                    commit.entries.extend(intent(half, permit, gate, check, moment));
                    commit = commit.action(half.clone());
                }
                (Claimed::Calls(Vec::from(*both)), Some(commit))
            }
        })
    }

    /// Makes the calls in their order and records each answer. After a call that did not succeed nothing more is sent.
    async fn call(
        &self,
        asked_about: ActionId,
        calls: Vec<(Action, Permit)>,
        moment: Moment,
    ) -> Result<Stepped, EngineError> {
        let mut stopped: Option<AfterCall> = None;
        let mut answer_about = Stepped::Nothing;
        for (action, permit) in calls {
            let attempt = permit.attempt();
            let (after, answer) = match stopped {
                None => {
                    let answer = self.platform.apply(permit, moment.now).await;
                    (after_call(&answer), Some(answer))
                }
                // This half was certainly not sent. It ends as the first did, or waits with it.
                Some(AfterCall::Settle(outcome)) => (AfterCall::Settle(outcome), None),
                Some(_) => (AfterCall::Release { retry_after_ms: 0 }, None),
            };
            if after != AfterCall::Settle(Outcome::Applied) {
                stopped = Some(after);
            }
            let stepped = self.record(&action, attempt, after, answer.as_ref(), moment).await?;
            if action.id() == asked_about {
                answer_about = stepped;
            }
        }
        Ok(answer_about)
    }

    /// Records an answer on the action as it stands now.
    async fn record(
        &self,
        claimed: &Action,
        attempt: u32,
        after: AfterCall,
        answer: Option<&Result<Applied, PlatformError>>,
        moment: Moment,
    ) -> Result<Stepped, EngineError> {
        let tenant_id = claimed.tenant_id();
        let mut tries = 0_usize;
        loop {
            let loaded =
                self.store.load(tenant_id, claimed.id(), moment).await?.ok_or(EngineError::NotFound)?;
            let mut action = loaded.action;
            match after.record(&mut action, attempt, moment.now) {
                Ok(Some(_)) => {}
                Ok(None) => return Ok(Stepped::Open),
                // Somebody found out first what this executor learnt late.
                Err(_) => return Ok(Stepped::Nothing),
            }
            let details = match answer {
                Some(Ok(receipt)) => json!({ "receipt": receipt, "attempt": attempt }),
                Some(Err(error)) => json!({ "error": error, "attempt": attempt }),
                None => json!({ "not_sent": true, "attempt": attempt }),
            };
            let commit = Commit::new(ending(&action, details, moment)).action(action);
            match self.store.commit(tenant_id, loaded.revision, commit).await {
                Err(StoreError::Conflict) if tries < TRIES => tries = tries.saturating_add(1),
                Err(error) => return Err(error.into()),
                Ok(()) => {
                    return Ok(match after {
                        AfterCall::Settle(Outcome::Applied) => Stepped::Applied,
                        AfterCall::Settle(Outcome::Failed(reason)) => Stepped::Ended(Some(reason)),
                        AfterCall::Release { retry_after_ms } => Stepped::Released { retry_after_ms },
                        AfterCall::LeaveOpen => Stepped::Open,
                    });
                }
            }
        }
    }
}

const fn waits(waiting_for: Option<WaitingFor>, until: Option<Timestamp>) -> (Claimed, Option<Commit>) {
    (Claimed::Over(Stepped::Waits { waiting_for, until }), None)
}

fn expired(action: &Action, moment: Moment) -> (Claimed, Option<Commit>) {
    let mut ended = action.clone();
    ended.expire(moment.now);
    let about = Intervention::about(&ended);
    let entries = [entry(moment, Actor::system(), AuditAction::Expired, &ended, about)];
    let stepped = Stepped::Ended(ended.status_reason());
    (Claimed::Over(stepped), Some(Commit::new(entries).action(ended)))
}

/// What a decision about one action means for it.
fn step_of(decision: ClaimDecision, moment: Moment) -> (Claimed, Option<Commit>) {
    match decision.step {
        ClaimStep::Wait { waiting_for, until } => waits(Some(waiting_for), until),
        ClaimStep::Fail(ended) => {
            let about = Intervention::about(&ended).gate(&decision.gate).enforcement(&decision.check);
            let mut entries = vec![entry(moment, Actor::system(), AuditAction::Blocked, &ended, about)];
            entries.extend(ending(&ended, json!(null), moment));
            let stepped = Stepped::Ended(ended.status_reason());
            (Claimed::Over(stepped), Some(Commit::new(entries).action(*ended)))
        }
        ClaimStep::Execute { action, permit } => {
            let entries = intent(&action, &permit, &decision.gate, &decision.check, moment);
            let commit = Commit::new(entries).action((*action).clone());
            (Claimed::Calls(vec![(*action, *permit)]), Some(commit))
        }
    }
}

/// The entries of a claim: what gate and limits said, a warning where a limit was met, and the intent, last.
fn intent(
    action: &Action,
    permit: &Permit,
    gate: &GateEvaluation,
    check: &EnforcementCheck,
    moment: Moment,
) -> Vec<NewAuditEntry> {
    let about = || Intervention::about(action).gate(gate).enforcement(check);
    let say = |what, details| entry(moment, Actor::system(), what, action, about().details(details));
    let mut entries = vec![say(AuditAction::GateEvaluated, json!(null))];
    if check.of_mode(EnforcementMode::Advisory).next().is_some() {
        entries.push(say(AuditAction::Warned, json!(null)));
    }
    let details =
        json!({ "attempt": permit.attempt(), "ground": permit.ground(), "until": permit.expires_at() });
    entries.push(say(AuditAction::Intent, details));
    entries
}

/// The entries of a result.
fn ending(action: &Action, details: serde_json::Value, moment: Moment) -> Vec<NewAuditEntry> {
    let about = Intervention::about(action).details(details);
    let say = |what, about| entry(moment, Actor::system(), what, action, about);
    match action.state() {
        ActionState::Applied => {
            let mut entries = vec![say(AuditAction::Applied, about)];
            if action.origin() == Origin::Autopilot && action.action_type().is_pause() {
                entries.push(say(AuditAction::AutoPaused, Intervention::about(action)));
            }
            if let Some(original) = action.reverts() {
                entries.push(say(AuditAction::RolledBack, Intervention::about(action)).resource_id(original));
            }
            entries
        }
        ActionState::Failed => vec![say(AuditAction::Failed, about)],
        // A released claim ended nothing: its intent entry stands, and the next attempt writes another.
        _ => Vec::new(),
    }
}

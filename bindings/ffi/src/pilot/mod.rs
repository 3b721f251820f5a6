//! An autopilot in memory for a platform that lives on the other side of the border: JSON in, JSON out.
//!
//! The engine's own platforms are called from Rust. One that is written in JavaScript is called from JavaScript, so here a
//! step stands on each side of the call: [`Pilot::call`] with `claim` decides and gives the message for the platform (made
//! from a permit, which is used up by it), and `settle` records what came back. The action is claimed in between, so
//! nothing is sent twice; a call that is never settled is looked up when its lease has lapsed.
//!
//! | method | what it does |
//! |---|---|
//! | `queue`, `approve`, `dismiss` | as a person does, each noted in the audit chain |
//! | `due` | what is to be done with an action now: `CLAIM`, `LOOK_UP` or nothing; one whose time is over expires |
//! | `claim` | asks gate and limits; `EXECUTE` comes with the `request` for the platform |
//! | `settle`, `looked_up` | what the platform answered to a call, or knows about one whose answer was lost |
//! | `actions`, `action`, `records`, `head` | what is kept |

mod audit;
mod message;

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::{Value, json};
use stratum_autopilot::action::{Action, ActionState, Approval, Approver, Refusal};
use stratum_autopilot::audit::AuditAction;
use stratum_autopilot::decision::{CompiledDecisionPolicy, DecisionPolicy};
use stratum_autopilot::engine::{ClaimFacts, ClaimRefusal, ClaimStep, after_call, after_lapse, claim};
use stratum_autopilot::platform::{ChangeRequest, EntityRef};
use stratum_core::Timestamp;
use stratum_core::gate;
use stratum_core::id::{ActionId, UserId};
use stratum_core::problem::{Problem, Problems};

use crate::operations::GateResponse;
use crate::{guard, request};
use audit::{Chains, Note};
use message::{Answered, Asked, Claimed, LookedUp, Named, OfTenant, Proposed, Step};

/// Actions and audit chains in memory, under one policy.
#[derive(Debug)]
pub struct Pilot {
    policy: CompiledDecisionPolicy,
    actions: BTreeMap<ActionId, Action>,
    chains: Chains,
}

impl Pilot {
    /// An autopilot without actions. The policy is JSON text, `null` for the defaults.
    ///
    /// # Errors
    /// Every problem of the policy.
    pub fn new(policy: &str) -> Result<Self, Problems> {
        guard("autopilot", || {
            let policy: Option<DecisionPolicy> = read(policy)?;
            let policy = policy.unwrap_or_default().compile()?;
            Ok(Self { policy, actions: BTreeMap::new(), chains: Chains::default() })
        })
    }

    /// Does one thing; see the [table](self).
    ///
    /// # Errors
    /// Every problem of the message, and why the action cannot do that step; nothing is changed then.
    pub fn call(&mut self, method: &str, body: &str) -> Result<String, Problems> {
        let answer = guard(&format!("autopilot.{method}"), || self.step(method, body))?;
        Ok(answer.to_string())
    }

    fn step(&mut self, method: &str, body: &str) -> Result<Value, Problems> {
        match method {
            "queue" => self.queue(read(body)?),
            "approve" => self.approve(&read(body)?),
            "dismiss" => self.dismiss(&read(body)?),
            "due" => self.due(&read(body)?),
            "claim" => self.claim(&read(body)?),
            "settle" => self.settle(read(body)?),
            "looked_up" => self.looked_up(read(body)?),
            "actions" => Ok(self.actions.values().map(shown).collect()),
            "action" => self.known(read::<Named>(body)?.id).map(shown),
            "records" => value(&self.chains.records(read::<OfTenant>(body)?.tenant_id)),
            "head" => value(&self.chains.head(read::<OfTenant>(body)?.tenant_id)),
            _ => {
                Err(Problem::new("", "unknown_operation", format!("an autopilot knows no {method:?}")).into())
            }
        }
    }

    fn known(&self, id: ActionId) -> Result<&Action, Problems> {
        self.actions.get(&id).ok_or_else(|| {
            Problem::new("/id", "unknown_action", format!("there is no action {id}"))
                .help("give the id of an action that was queued here")
                .into()
        })
    }

    /// The same id again is the same action, whatever state it is in by now.
    fn queue(&mut self, proposed: Proposed) -> Result<Value, Problems> {
        let now = proposed.now;
        let (by, reason) = (proposed.created_by, proposed.reason.clone());
        let action = Action::queue(proposed.into_new()?, now)?;
        if let Some(known) = self.actions.get(&action.id()) {
            return Ok(shown(known));
        }
        self.chains.note(&Note::new(AuditAction::Queued, &action, now).by(by).reason(reason))?;
        Ok(self.store(action))
    }

    fn approve(&mut self, step: &Step) -> Result<Value, Problems> {
        let Step { id, by, now, override_reason } = step;
        let mut action = self.known(*id)?.clone();
        let by = by.ok_or_else(nobody)?;
        let approval =
            Approval { by: Approver::User(by), at: *now, override_reason: override_reason.clone() };
        action.approve(approval, *now).map_err(refused)?;
        let note = Note::new(AuditAction::Approved, &action, *now);
        self.chains.note(&note.by(Some(by)).reason(override_reason.clone()))?;
        Ok(self.store(action))
    }

    fn dismiss(&mut self, step: &Step) -> Result<Value, Problems> {
        let mut action = self.known(step.id)?.clone();
        let by: UserId = step.by.ok_or_else(nobody)?;
        action.dismiss(step.now).map_err(refused)?;
        self.chains.note(&Note::new(AuditAction::Dismissed, &action, step.now).by(Some(by)))?;
        Ok(self.store(action))
    }

    fn due(&mut self, asked: &Asked) -> Result<Value, Problems> {
        let mut action = self.known(asked.id)?.clone();
        if action.expire(asked.now).is_some() {
            self.chains.note(&Note::new(AuditAction::Expired, &action, asked.now))?;
            self.actions.insert(action.id(), action.clone());
        }
        let next = match action.state() {
            ActionState::Approved => Some("CLAIM"),
            ActionState::Applying if action.lease_lapsed(asked.now) => Some("LOOK_UP"),
            _ => None,
        };
        Ok(json!({ "next": next, "action": shown(&action), "entity": EntityRef::from(&action) }))
    }

    fn claim(&mut self, asked: &Claimed) -> Result<Value, Problems> {
        let action = self.known(asked.id)?;
        let facts = ClaimFacts {
            trust: self.policy.trust(),
            enforcement: self.policy.enforcement(),
            gate: &asked.gate,
            limits: &asked.limits,
            confirmation: None,
        };
        let decision = claim(action, &facts).map_err(|refusal| not_claimed(&refusal))?;
        let remedies = gate::remedies(self.policy.trust(), &asked.gate, &decision.gate);
        let (step, after, waiting_for, until, call) = match decision.step {
            // The permit is used up by the message that is made from it.
            ClaimStep::Execute { action, permit } => {
                ("EXECUTE", *action, None, None, Some(ChangeRequest::from(&*permit)))
            }
            ClaimStep::Wait { waiting_for, until } => {
                ("WAIT", action.clone(), Some(waiting_for.as_str()), until, None)
            }
            ClaimStep::Fail(failed) => ("FAIL", *failed, None, None, None),
        };
        let what = match step {
            "EXECUTE" => AuditAction::Intent,
            "WAIT" => AuditAction::GateEvaluated,
            _ => AuditAction::Blocked,
        };
        // The intent comes first: what cannot be written down is not executed.
        let note = Note::new(what, &after, asked.gate.now);
        self.chains.note(&note.said(&decision.gate, &decision.check))?;
        Ok(json!({
            "step": step,
            "action": self.store(after),
            "waiting_for": waiting_for,
            "until": until,
            "gate": value(&GateResponse { evaluation: decision.gate, remedies })?,
            "enforcement": value(&decision.check)?,
            "request": call,
        }))
    }

    fn settle(&mut self, answered: Answered) -> Result<Value, Problems> {
        let before = self.known(answered.id)?;
        let (attempt, now) = (before.attempts(), answered.now);
        let mut action = before.clone();
        let answer = answered.answer(&action);
        after_call(&answer).record(&mut action, attempt, now).map_err(refused)?;
        let (receipt, error) = match &answer {
            Ok(applied) => (Some(applied), None),
            Err(error) => (None, Some(error)),
        };
        Ok(json!({ "action": self.settled(action, now)?, "receipt": receipt, "error": error }))
    }

    fn looked_up(&mut self, answered: LookedUp) -> Result<Value, Problems> {
        let before = self.known(answered.id)?;
        let (attempt, now) = (before.attempts(), answered.now);
        if !before.lease_lapsed(now) {
            // Its executor has reported after all, or still may.
            return Ok(shown(before));
        }
        let mut action = before.clone();
        let answer = answered.answer();
        after_lapse(&action, &answer, now).record(&mut action, attempt, now).map_err(refused)?;
        self.settled(action, now)
    }

    fn settled(&mut self, action: Action, now: Timestamp) -> Result<Value, Problems> {
        let what = match action.state() {
            ActionState::Applied => Some(AuditAction::Applied),
            ActionState::Failed => Some(AuditAction::Failed),
            _ => None,
        };
        if let Some(what) = what {
            let reason = action.status_reason().map(|reason| reason.as_str().to_owned());
            self.chains.note(&Note::new(what, &action, now).reason(reason))?;
        }
        Ok(self.store(action))
    }

    fn store(&mut self, action: Action) -> Value {
        let shown = shown(&action);
        self.actions.insert(action.id(), action);
        shown
    }
}

/// An action with its status beside its state.
fn shown(action: &Action) -> Value {
    let mut shown = json!(action);
    if let Some(members) = shown.as_object_mut() {
        members.insert("status".to_owned(), json!(action.status()));
        members.insert("expires_at".to_owned(), json!(action.expires_at()));
    }
    shown
}

fn read<Q: serde::de::DeserializeOwned>(body: &str) -> Result<Q, Problems> {
    let value: Value = serde_json::from_str(body)
        .map_err(|error| Problem::new("", "invalid_json", format!("the message is no JSON: {error}")))?;
    request::part(&value, "")
}

fn value<T: Serialize>(answer: &T) -> Result<Value, Problems> {
    serde_json::to_value(answer)
        .map_err(|error| Problem::new("", "not_serializable", error.to_string()).into())
}

fn nobody() -> Problems {
    Problem::new("/by", "missing_field", "nothing says who does this").help("give the id of a person").into()
}

fn refused(refusal: Refusal) -> Problems {
    Problem::new("", refusal.code.as_str().to_ascii_lowercase(), refusal.to_string()).into()
}

fn not_claimed(refusal: &ClaimRefusal) -> Problems {
    let code = match refusal {
        ClaimRefusal::State(refusal) => refusal.code.as_str().to_ascii_lowercase(),
        ClaimRefusal::NotPermitted(refusal) => refusal.as_str().to_ascii_lowercase(),
        ClaimRefusal::HalfOfPair => "half_of_pair".to_owned(),
    };
    Problem::new("", code, refusal.to_string()).into()
}

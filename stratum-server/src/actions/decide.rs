//! Asking gate and limits about a change, on freshly loaded facts.

use serde_json::json;
use stratum_autopilot::action::Action;
use stratum_autopilot::audit::{AuditAction, Intervention};
use stratum_autopilot::decision::{CompiledDecisionPolicy, DecisionFacts};
use stratum_autopilot::enforcement::{CheckSubject, EnforcementCheck, EnforcementFacts};
use stratum_autopilot::kill_switch::KillSwitches;
use stratum_core::id::ActionId;
use stratum_core::vocabulary::{GateDecision, Platform};

use super::{StoredAction, step};
use crate::audit;
use crate::db::TenantTx;
use crate::enforcement::{self, InForce};
use crate::gate::{self, Recorded, decide_and_record};
use crate::http::ApiError;

/// A question to gate and limits, with the policy to decide it by.
#[derive(Debug)]
pub struct Question {
    /// Both policies.
    pub policy: CompiledDecisionPolicy,
    /// What is known.
    pub facts: DecisionFacts,
}

impl Question {
    /// Loads what is known about a change. `platforms` are those whose health counts; `action` makes the change, where it
    /// exists already. `switches` may be newer than what is in force: they are locked before an effect follows.
    ///
    /// # Errors
    /// The database's.
    pub async fn load(
        tx: &mut TenantTx,
        subject: CheckSubject,
        platforms: &[Platform],
        action: Option<ActionId>,
        in_force: InForce,
        switches: &KillSwitches,
    ) -> Result<Self, ApiError> {
        let InForce { policy, calendar, .. } = in_force;
        let entity = Some((subject.entity_type, subject.entity_id.as_str()));
        let gate =
            gate::facts::load_with(tx, subject.action_type.into(), platforms, entity, switches).await?;
        let known =
            enforcement::facts::load(tx, &subject, action, calendar, policy.enforcement().settings()).await?;
        Ok(Self { policy, facts: DecisionFacts::new(gate, subject, known) })
    }

    /// The question about an action.
    ///
    /// # Errors
    /// The database's.
    pub async fn about(
        tx: &mut TenantTx,
        action: &Action,
        switches: &KillSwitches,
    ) -> Result<Self, ApiError> {
        let (platform, kind, id) = (action.platform(), action.entity_type(), action.entity_id());
        let in_force = InForce::load(tx, Some(platform), kind, id).await?;
        Self::load(tx, action.into(), &[platform], Some(action.id()), in_force, switches).await
    }

    /// What the limits are compared with.
    ///
    /// # Errors
    /// An internal one: a question about a change always has them.
    pub fn known(&self) -> Result<&EnforcementFacts, ApiError> {
        let limits = self.facts.limits.as_ref();
        limits.map(|limits| &limits.known).ok_or_else(|| ApiError::internal("the limits were not loaded"))
    }
}

/// Decides about an action and notes the answer with it. The caller stores the action.
///
/// When the gate blocks what it passed or held before, that is told in an entry of its own: once, however often the
/// action is looked at until it is free again.
///
/// # Errors
/// The database's.
pub async fn decide(
    tx: &mut TenantTx,
    stored: &mut StoredAction,
    question: &Question,
) -> Result<Recorded, ApiError> {
    let recorded = decide_and_record(tx, Some(&stored.action), &question.policy, &question.facts).await?;
    let check = check_of(&recorded)?;
    let said = stored.gate.replace(recorded.wire.clone()).map(|gate| gate.decision);
    stored.violations.clone_from(&check.violations);
    let gate = &recorded.decision.gate;
    if said.is_some_and(|said| said != GateDecision::Block) && gate.decision() == GateDecision::Block {
        let about = Intervention::about(&stored.action)
            .gate(gate)
            .enforcement(check)
            .details(json!({ "gate_decision_before": said }));
        let entry = step::entry(tx, stored, AuditAction::Blocked, about);
        audit::append(tx, entry).await?;
    }
    Ok(recorded)
}

/// What the limits said in a recorded decision.
///
/// # Errors
/// An internal one: a decision about a change always checks them.
pub fn check_of(recorded: &Recorded) -> Result<&EnforcementCheck, ApiError> {
    recorded.decision.enforcement.as_ref().ok_or_else(|| ApiError::internal("the limits were not checked"))
}

//! Asking gate and limits about a change, on freshly loaded facts.

use stratum_autopilot::action::Action;
use stratum_autopilot::decision::{CompiledDecisionPolicy, DecisionFacts};
use stratum_autopilot::enforcement::{CheckSubject, EnforcementCheck, EnforcementFacts};
use stratum_autopilot::kill_switch::KillSwitches;
use stratum_core::id::ActionId;
use stratum_core::vocabulary::Platform;

use super::StoredAction;
use crate::db::TenantTx;
use crate::enforcement;
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
    /// exists already.
    ///
    /// # Errors
    /// The database's.
    pub async fn load(
        tx: &mut TenantTx,
        subject: CheckSubject,
        platforms: &[Platform],
        action: Option<ActionId>,
        switches: &KillSwitches,
    ) -> Result<Self, ApiError> {
        let policy = enforcement::store::policy(tx).await?;
        let entity = Some((subject.entity_type, subject.entity_id.as_str()));
        let gate =
            gate::facts::load_with(tx, subject.action_type.into(), platforms, entity, switches).await?;
        let known = enforcement::facts::load(tx, &subject, action, policy.enforcement().settings()).await?;
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
        Self::load(tx, action.into(), &[action.platform()], Some(action.id()), switches).await
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
/// # Errors
/// The database's.
pub async fn decide(
    tx: &mut TenantTx,
    stored: &mut StoredAction,
    question: &Question,
) -> Result<Recorded, ApiError> {
    let recorded = decide_and_record(tx, Some(&stored.action), &question.policy, &question.facts).await?;
    stored.gate = Some(recorded.wire.clone());
    stored.violations = check_of(&recorded)?.violations.clone();
    Ok(recorded)
}

/// What the limits said in a recorded decision.
///
/// # Errors
/// An internal one: a decision about a change always checks them.
pub fn check_of(recorded: &Recorded) -> Result<&EnforcementCheck, ApiError> {
    recorded.decision.enforcement.as_ref().ok_or_else(|| ApiError::internal("the limits were not checked"))
}

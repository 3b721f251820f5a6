//! The one function that decides on gate and limits together.

use serde::Serialize;
use stratum_core::gate::{self, GateEvaluation};
use stratum_core::policy::CompiledTrustPolicy;
use stratum_core::problem::Problems;
use stratum_core::vocabulary::GateDecision;

use super::combine::{Refusals, WouldChange};
use super::{DecisionFacts, DecisionRequest};
use crate::enforcement::{self, CompiledEnforcement, EnforcementCheck, EnforcementMode};

/// What was decided, why, and what would change it.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct Decision {
    /// The strictest answer: the gate's, `BLOCK` for a violated hard limit, `HOLD` for one that needs confirmation.
    pub decision: GateDecision,
    /// Whether all that is asked of this change said yes. An action whose limits were not checked does not execute,
    /// whatever the gate says.
    pub executes: bool,
    /// What the gate said.
    pub gate: GateEvaluation,
    /// What enforcement said; null where the limits were not checked.
    pub enforcement: Option<EnforcementCheck>,
    /// Why it does not execute, in three lists that are never mixed up.
    pub refusals: Refusals,
    /// What would change the answer.
    pub would_change: WouldChange,
}

/// A policy that was found valid. Immutable; share it behind an `Arc` or a reference.
#[derive(Debug, Clone, PartialEq)]
pub struct CompiledDecisionPolicy {
    trust: CompiledTrustPolicy,
    enforcement: CompiledEnforcement,
}

impl CompiledDecisionPolicy {
    /// Puts two compiled policies together.
    #[must_use]
    pub const fn new(trust: CompiledTrustPolicy, enforcement: CompiledEnforcement) -> Self {
        Self { trust, enforcement }
    }

    /// The trust policy.
    #[must_use]
    pub const fn trust(&self) -> &CompiledTrustPolicy {
        &self.trust
    }

    /// The limits.
    #[must_use]
    pub const fn enforcement(&self) -> &CompiledEnforcement {
        &self.enforcement
    }

    /// Decides on facts.
    ///
    /// # Errors
    /// `facts_disagree` where the facts of the gate and those of the limits are about different changes.
    pub fn decide(&self, facts: &DecisionFacts) -> Result<Decision, Problems> {
        decide(&self.trust, &self.enforcement, facts)
    }
}

/// The decision itself, on policies that the caller keeps.
pub(crate) fn decide(
    trust: &CompiledTrustPolicy,
    limits: &CompiledEnforcement,
    facts: &DecisionFacts,
) -> Result<Decision, Problems> {
    facts.check_agreement()?;
    let gate = gate::evaluate(trust, &facts.gate);
    let check = facts.limits.as_ref().map(|asked| enforcement::check(limits, &asked.change, &asked.known));
    let decision = check.as_ref().map_or(gate.decision(), |check| {
        gate.decision().max(match check.mode {
            EnforcementMode::Advisory => GateDecision::Pass,
            EnforcementMode::SoftBlock => GateDecision::Hold,
            EnforcementMode::HardBlock => GateDecision::Block,
        })
    });
    let has_limits = facts.gate.action_type.action_type().is_some();
    let unchecked = has_limits && check.is_none();
    Ok(Decision {
        decision,
        executes: decision == GateDecision::Pass && !unchecked,
        refusals: Refusals::of(&gate, check.as_ref(), unchecked),
        would_change: WouldChange::of(trust, facts, &gate, check.as_ref()),
        gate,
        enforcement: check,
    })
}

/// Decides: the gate, and the limits where the facts hold a change to check. The stricter answer wins.
///
/// # Errors
/// Every problem at once: those of the policy below `/policy`, and `facts_disagree`.
pub fn evaluate(request: &DecisionRequest) -> Result<Decision, Problems> {
    let policy = request.policy.compile().map_err(|problems| problems.under("/policy"))?;
    policy.decide(&request.facts)
}

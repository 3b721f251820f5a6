//! What is decided on: facts and policy, nothing else.

use serde::{Deserialize, Serialize};
use stratum_core::gate::GateFacts;
use stratum_core::id::DecisionId;
use stratum_core::policy::TrustPolicy;
use stratum_core::problem::{Problem, ProblemCollector, Problems};

use crate::enforcement::{CheckSubject, EnforcementFacts, EnforcementSettings};

/// A question to [`super::evaluate`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct DecisionRequest {
    /// Under which the decision is recorded; it decides nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub decision_id: Option<DecisionId>,
    /// What is known.
    pub facts: DecisionFacts,
    /// The tenant's policy; the defaults if absent.
    #[serde(default)]
    pub policy: DecisionPolicy,
}

impl DecisionRequest {
    /// A question without an id.
    #[must_use]
    pub const fn new(facts: DecisionFacts, policy: DecisionPolicy) -> Self {
        Self { decision_id: None, facts, policy }
    }
}

/// What is known about the change, the signals and the limits.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct DecisionFacts {
    /// What the gate looks at.
    pub gate: GateFacts,
    /// What the limits are compared with. Without it they are not checked, and no action executes; an audience sync has no
    /// limits.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limits: Option<LimitFacts>,
}

impl DecisionFacts {
    /// Facts for the gate alone.
    #[must_use]
    pub const fn of_gate(gate: GateFacts) -> Self {
        Self { gate, limits: None }
    }

    /// Facts for the gate and for the tenant's limits.
    #[must_use]
    pub const fn new(gate: GateFacts, change: CheckSubject, known: EnforcementFacts) -> Self {
        Self { gate, limits: Some(LimitFacts { change, known }) }
    }

    /// Both halves must be about one change at one instant.
    pub(super) fn check_agreement(&self) -> Result<(), Problems> {
        let Some(LimitFacts { change, known }) = &self.limits else { return Ok(()) };
        let gate = &self.gate;
        let entity = gate.entity_type.zip(gate.entity_id.as_deref());
        let mut found = ProblemCollector::new();
        for (path, agrees) in [
            ("change/action_type", gate.action_type.action_type() == Some(change.action_type)),
            ("change/platform", change.platform.is_none_or(|platform| gate.platforms.contains(&platform))),
            ("change/entity_type", entity.is_none_or(|(kind, _)| kind == change.entity_type)),
            ("change/entity_id", entity.is_none_or(|(_, id)| id == change.entity_id)),
            ("known/now", known.now == gate.now),
        ] {
            if !agrees {
                found.push(
                    Problem::new(
                        format!("/facts/limits/{path}"),
                        "facts_disagree",
                        "the facts of the gate are about something else",
                    )
                    .help("write what stands in /facts/gate"),
                );
            }
        }
        found.into_result(())
    }
}

/// The change that the tenant's limits are compared with, and what is known about it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct LimitFacts {
    /// The change itself.
    pub change: CheckSubject,
    /// Budgets, returns, exposure and earlier changes.
    pub known: EnforcementFacts,
}

/// The policy of both: what the signals must be like, and how far a change may go.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default)]
#[non_exhaustive]
pub struct DecisionPolicy {
    /// The trust policy of the gate.
    pub trust: TrustPolicy,
    /// The limits of enforcement.
    pub enforcement: EnforcementSettings,
}

impl DecisionPolicy {
    /// A policy of both.
    #[must_use]
    pub const fn new(trust: TrustPolicy, enforcement: EnforcementSettings) -> Self {
        Self { trust, enforcement }
    }

    /// Validates both and gives what decides.
    ///
    /// # Errors
    /// Every problem at once, below `/trust` and `/enforcement`.
    pub fn compile(&self) -> Result<super::CompiledDecisionPolicy, Problems> {
        let mut found = ProblemCollector::new();
        let trust = found.take("/trust", self.trust.compile());
        let enforcement = found.take("/enforcement", self.enforcement.compile());
        match (trust, enforcement) {
            (Some(trust), Some(enforcement)) => Ok(super::CompiledDecisionPolicy::new(trust, enforcement)),
            _ => found
                .into_result(())
                .and_then(|()| Err(Problem::new("", "invalid_policy", "the policy does not compile").into())),
        }
    }
}

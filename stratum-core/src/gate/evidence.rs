//! What may lead to a permit: a pass of the gate, or a person's audited override of a hold.
//!
//! Neither has a public constructor. Code outside this crate cannot make one, so it cannot make a permit either.

use super::{GateEvaluation, GateFacts, GateReason, OVERRIDE_REASON_MIN_CHARS, PASS_VALID_FOR_MS, evaluate};
use crate::enumeration;
use crate::id::{TenantId, UserId};
use crate::policy::CompiledTrustPolicy;
use crate::score::Score;
use crate::time::Timestamp;
use crate::vocabulary::{EntityType, GateDecision, GateSubject, Platform};

/// What a piece of evidence is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EvidenceSubject {
    tenant_id: TenantId,
    action_type: GateSubject,
    platforms: Vec<Platform>,
    entity: Option<(EntityType, String)>,
}

impl EvidenceSubject {
    fn of(facts: &GateFacts) -> Self {
        Self {
            tenant_id: facts.tenant_id,
            action_type: facts.action_type,
            platforms: facts.platforms.clone(),
            entity: facts.entity_type.zip(facts.entity_id.clone()),
        }
    }

    /// Whether the evidence was given for this tenant, change, platform and entity.
    #[must_use]
    pub fn covers(
        &self,
        tenant_id: TenantId,
        action_type: GateSubject,
        platform: Platform,
        entity: Option<(EntityType, &str)>,
    ) -> bool {
        self.tenant_id == tenant_id
            && self.action_type == action_type
            && self.platforms.contains(&platform)
            && self.entity.as_ref().map(|(kind, id)| (*kind, id.as_str())) == entity
    }
}

/// Evidence that the gate passed one change. Made by [`evaluate`] alone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GatePass {
    subject: EvidenceSubject,
    score: Score,
    valid_until: Timestamp,
}

impl GatePass {
    pub(super) fn new(facts: &GateFacts, score: Score, valid_until: Timestamp) -> Self {
        Self { subject: EvidenceSubject::of(facts), score, valid_until }
    }

    /// What passed.
    #[must_use]
    pub const fn subject(&self) -> &EvidenceSubject {
        &self.subject
    }

    /// The score that passed: the lowest among the platforms.
    #[must_use]
    pub const fn score(&self) -> Score {
        self.score
    }

    /// Until when it holds.
    #[must_use]
    pub const fn valid_until(&self) -> Timestamp {
        self.valid_until
    }
}

enumeration! {
    /// Why a person may not override the gate.
    pub enum OverrideRefusal "override refusal" {
        /// The gate passes: there is nothing to override.
        NotNeeded = "NOT_NEEDED",
        /// The reason has fewer than ten characters.
        ReasonTooShort = "REASON_TOO_SHORT",
        /// The gate blocks for something other than low health.
        BlockedByRule = "BLOCKED_BY_RULE",
        /// Below the block limit only pauses and decreases may be executed by hand.
        NotProtective = "NOT_PROTECTIVE",
    }
}

/// Evidence that a person with the right to do so decided to execute despite a hold (or, for pauses and decreases,
/// despite low health). It is manual execution and audited as such.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ManualOverride {
    subject: EvidenceSubject,
    user_id: UserId,
    reason: String,
    valid_until: Timestamp,
}

impl ManualOverride {
    /// A person's decision to execute although the gate does not pass. The caller has checked that the person may.
    ///
    /// The gate is asked here, on the same facts, so an override never rests on an answer given to another question.
    ///
    /// # Errors
    /// Why these facts cannot be overridden: nothing can override a freeze, missing data, a dead API, an expired snapshot
    /// or invalid input.
    pub fn decide(
        policy: &CompiledTrustPolicy,
        facts: &GateFacts,
        user_id: UserId,
        reason: &str,
    ) -> Result<Self, OverrideRefusal> {
        evaluate(policy, facts).override_possible(facts.action_type)?;
        if reason.trim().chars().count() < OVERRIDE_REASON_MIN_CHARS {
            return Err(OverrideRefusal::ReasonTooShort);
        }
        Ok(Self {
            subject: EvidenceSubject::of(facts),
            user_id,
            reason: reason.trim().to_owned(),
            valid_until: facts.now.plus_millis(PASS_VALID_FOR_MS),
        })
    }

    /// What the person decided about.
    #[must_use]
    pub const fn subject(&self) -> &EvidenceSubject {
        &self.subject
    }

    /// Who decided.
    #[must_use]
    pub const fn user_id(&self) -> UserId {
        self.user_id
    }

    /// Why, in the person's words.
    #[must_use]
    pub fn reason(&self) -> &str {
        &self.reason
    }

    /// Until when it holds: as long as a pass at most.
    #[must_use]
    pub const fn valid_until(&self) -> Timestamp {
        self.valid_until
    }
}

impl GateEvaluation {
    /// Whether a person with the permission to override may execute this change by hand: under `HOLD` any change, under
    /// `BLOCK` only pauses and decreases, and only where low health alone blocks.
    ///
    /// # Errors
    /// Why not.
    pub fn override_possible(&self, action_type: GateSubject) -> Result<(), OverrideRefusal> {
        match self.decision() {
            GateDecision::Pass => Err(OverrideRefusal::NotNeeded),
            GateDecision::Hold => Ok(()),
            GateDecision::Block => {
                let other_block = self.reasons().iter().any(|reason| {
                    reason.code.decision() == GateDecision::Block
                        && reason.code != GateReason::HealthUnhealthy
                });
                if other_block {
                    Err(OverrideRefusal::BlockedByRule)
                } else if action_type.action_type().is_some_and(|action| action.is_protective()) {
                    Ok(())
                } else {
                    Err(OverrideRefusal::NotProtective)
                }
            }
        }
    }
}

//! The right to add people to an audience.

use stratum_core::gate::{GateEvaluation, GateFacts, GatePass, PASS_VALID_FOR_MS, evaluate};
use stratum_core::id::{TenantId, UserId};
use stratum_core::policy::CompiledTrustPolicy;
use stratum_core::vocabulary::{GateDecision, GateSubject, Platform};
use stratum_core::{Timestamp, enumeration};

/// An audience at a platform.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct AudienceRef {
    /// Whose audience.
    pub tenant_id: TenantId,
    /// At which platform.
    pub platform: Platform,
    /// Its id there.
    pub audience_id: String,
}

/// Asks the gate whether people may be added to an audience now. The kill switch is not asked: it stops actions, and an
/// audience is none.
#[must_use]
pub fn ask_gate(policy: &CompiledTrustPolicy, facts: GateFacts) -> GateEvaluation {
    evaluate(policy, &sync_facts(facts))
}

/// The facts as they count for a sync.
#[must_use]
pub fn sync_facts(facts: GateFacts) -> GateFacts {
    GateFacts {
        action_type: GateSubject::AudienceSync,
        frozen: false,
        entity_type: None,
        entity_id: None,
        ..facts
    }
}

/// Evidence that a person runs a sync by hand although the gate holds: made by [`ManualSync::decide`] alone, and to be audited.
/// It is for one audience, is not copied, and is used up by the one permit that it gives: the next batch takes the next decision.
/// Nothing of this kind exists while the gate blocks; whoever asks for it says that a person, and no schedule, started the sync.
#[derive(Debug, PartialEq, Eq)]
pub struct ManualSync {
    audience: AudienceRef,
    user_id: UserId,
    valid_until: Timestamp,
}

impl ManualSync {
    /// A person's decision to sync an audience under a hold. The caller has checked that the person may. The gate is asked here, so the
    /// decision never rests on an answer to another question.
    ///
    /// # Errors
    /// `EVIDENCE_MISMATCH` where the facts are not those of the audience's tenant and platform, `NOT_NEEDED` where the gate
    /// passes, `BLOCKED` where it blocks.
    pub fn decide(
        policy: &CompiledTrustPolicy,
        facts: GateFacts,
        audience: AudienceRef,
        user_id: UserId,
    ) -> Result<Self, SyncPermitRefusal> {
        if facts.tenant_id != audience.tenant_id || !facts.platforms.contains(&audience.platform) {
            return Err(SyncPermitRefusal::EvidenceMismatch);
        }
        let facts = sync_facts(facts);
        match evaluate(policy, &facts).decision() {
            GateDecision::Pass => Err(SyncPermitRefusal::NotNeeded),
            GateDecision::Block => Err(SyncPermitRefusal::Blocked),
            GateDecision::Hold => {
                Ok(Self { audience, user_id, valid_until: facts.now.plus_millis(PASS_VALID_FOR_MS) })
            }
        }
    }

    /// For which audience.
    #[must_use]
    pub const fn audience(&self) -> &AudienceRef {
        &self.audience
    }

    /// Who decided.
    #[must_use]
    pub const fn user_id(&self) -> UserId {
        self.user_id
    }
}

/// The evidence on which a permit rests.
#[derive(Debug)]
pub enum SyncBasis<'a> {
    /// The gate passed.
    Gate(&'a GatePass),
    /// It holds, and a person runs the sync by hand.
    Manual(ManualSync),
}

impl SyncBasis<'_> {
    fn is_about(&self, audience: &AudienceRef) -> bool {
        match self {
            Self::Gate(pass) => {
                pass.subject().covers(audience.tenant_id, GateSubject::AudienceSync, audience.platform, None)
            }
            Self::Manual(given) => given.audience == *audience,
        }
    }

    const fn valid_until(&self) -> Timestamp {
        match self {
            Self::Gate(pass) => pass.valid_until(),
            Self::Manual(given) => given.valid_until,
        }
    }
}

enumeration! {
    /// Why no permit was issued, or why it was of no use.
    pub enum SyncPermitRefusal "sync permit refusal" {
        /// The evidence is about something else: another tenant, another platform, another audience, no audience.
        EvidenceMismatch = "EVIDENCE_MISMATCH",
        /// It has expired.
        Expired = "EXPIRED",
        /// The gate passes: nobody has to decide instead.
        NotNeeded = "NOT_NEEDED",
        /// The gate blocks: nobody can decide instead.
        Blocked = "BLOCKED",
    }
}

impl std::error::Error for SyncPermitRefusal {}

/// The right to add one batch to one audience: not constructed, copied or read from anywhere, only issued, and used up by the
/// platform that adds. Removing people needs none.
#[must_use = "a permit that is dropped adds nobody"]
#[derive(Debug)]
pub struct SyncPermit {
    audience: AudienceRef,
    manual: bool,
    expires_at: Timestamp,
}

impl SyncPermit {
    /// Issues the permit for one batch.
    ///
    /// # Errors
    /// That the evidence is about something else, or has expired.
    pub fn issue(
        audience: AudienceRef,
        basis: SyncBasis<'_>,
        now: Timestamp,
    ) -> Result<Self, SyncPermitRefusal> {
        if !basis.is_about(&audience) {
            return Err(SyncPermitRefusal::EvidenceMismatch);
        }
        if now >= basis.valid_until() {
            return Err(SyncPermitRefusal::Expired);
        }
        let manual = matches!(basis, SyncBasis::Manual(_));
        Ok(Self { audience, manual, expires_at: basis.valid_until() })
    }

    /// The audience.
    #[must_use]
    pub const fn audience(&self) -> &AudienceRef {
        &self.audience
    }

    /// Whether a person's decision stands in for the gate's.
    #[must_use]
    pub const fn is_manual(&self) -> bool {
        self.manual
    }

    /// Until when it may be used.
    #[must_use]
    pub const fn expires_at(&self) -> Timestamp {
        self.expires_at
    }

    /// The audience, if it is not too late; this uses the permit up. The first thing that a destination does.
    ///
    /// # Errors
    /// That it has expired.
    pub fn redeem(self, now: Timestamp) -> Result<AudienceRef, SyncPermitRefusal> {
        if now >= self.expires_at { Err(SyncPermitRefusal::Expired) } else { Ok(self.audience) }
    }
}

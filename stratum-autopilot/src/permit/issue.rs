//! The permit and the one way to get it.

use stratum_core::gate::{EvidenceSubject, GatePass, ManualOverride};
use stratum_core::id::{ActionId, TenantId};
use stratum_core::vocabulary::{ActionType, EntityType, Platform};
use stratum_core::{Timestamp, enumeration};

use crate::action::{Action, ActionState, Approver, Change};
use crate::enforcement::Clearance;

/// The evidence on which a permit rests.
#[derive(Debug, Clone, Copy)]
pub enum PermitBasis<'a> {
    /// The gate passed.
    Gate(&'a GatePass),
    /// A person with the right to do so executes although the gate does not pass.
    Override(&'a ManualOverride),
}

impl PermitBasis<'_> {
    fn subject(&self) -> &EvidenceSubject {
        match self {
            Self::Gate(pass) => pass.subject(),
            Self::Override(given) => given.subject(),
        }
    }

    fn valid_until(&self) -> Timestamp {
        match self {
            Self::Gate(pass) => pass.valid_until(),
            Self::Override(given) => given.valid_until(),
        }
    }
}

enumeration! {
    /// On what kind of evidence a permit rests.
    pub enum PermitGround "permit ground" {
        /// A pass of the gate.
        Gate = "GATE",
        /// A person's audited override.
        Override = "OVERRIDE",
    }
}

enumeration! {
    /// Why no permit was issued.
    pub enum PermitRefusal "permit refusal" {
        /// The action is not claimed by an executor.
        NotClaimed = "NOT_CLAIMED",
        /// The claim has run out.
        LeaseLapsed = "LEASE_LAPSED",
        /// Nobody approved the action.
        NotApproved = "NOT_APPROVED",
        /// The evidence is about another tenant, change, platform or entity.
        EvidenceMismatch = "EVIDENCE_MISMATCH",
        /// The evidence has expired.
        EvidenceExpired = "EVIDENCE_EXPIRED",
        /// The person who overrides is not the one whose approval of this action says so.
        OverrideNotApproved = "OVERRIDE_NOT_APPROVED",
        /// The clearance of the limits is about another action or another change.
        ClearanceMismatch = "CLEARANCE_MISMATCH",
        /// The clearance of the limits has expired.
        ClearanceExpired = "CLEARANCE_EXPIRED",
    }
}

impl std::error::Error for PermitRefusal {}

/// The right to apply one action once: not constructed, copied or read from anywhere, only issued, and used up by the
/// platform that applies it.
#[must_use = "a permit that is dropped applies nothing"]
#[derive(Debug)]
pub struct Permit {
    action_id: ActionId,
    tenant_id: TenantId,
    action_type: ActionType,
    platform: Platform,
    entity_type: EntityType,
    entity_id: String,
    change: Change,
    ground: PermitGround,
    attempt: u32,
    issued_at: Timestamp,
    expires_at: Timestamp,
}

impl Permit {
    /// Issues the permit of a claimed action. The clearance is used up.
    ///
    /// # Errors
    /// The first of [`PermitRefusal`] that holds, in the order of its values.
    pub fn issue(
        action: &Action,
        basis: PermitBasis<'_>,
        clearance: Clearance,
        now: Timestamp,
    ) -> Result<Self, PermitRefusal> {
        let (ActionState::Applying, Some(lease)) = (action.state(), action.lease()) else {
            return Err(PermitRefusal::NotClaimed);
        };
        if now >= lease.until {
            return Err(PermitRefusal::LeaseLapsed);
        }
        let Some(approval) = action.approval() else {
            return Err(PermitRefusal::NotApproved);
        };
        let entity = Some((action.entity_type(), action.entity_id()));
        if !basis.subject().covers(action.tenant_id(), action.action_type().into(), action.platform(), entity)
        {
            return Err(PermitRefusal::EvidenceMismatch);
        }
        if now >= basis.valid_until() {
            return Err(PermitRefusal::EvidenceExpired);
        }
        let ground = match basis {
            PermitBasis::Gate(_) => PermitGround::Gate,
            PermitBasis::Override(given) => {
                if approval.by != Approver::User(given.user_id()) || approval.override_reason.is_none() {
                    return Err(PermitRefusal::OverrideNotApproved);
                }
                PermitGround::Override
            }
        };
        if !clearance.covers(action) {
            return Err(PermitRefusal::ClearanceMismatch);
        }
        if now >= clearance.valid_until() {
            return Err(PermitRefusal::ClearanceExpired);
        }
        Ok(Self {
            action_id: action.id(),
            tenant_id: action.tenant_id(),
            action_type: action.action_type(),
            platform: action.platform(),
            entity_type: action.entity_type(),
            entity_id: action.entity_id().to_owned(),
            change: *action.change(),
            ground,
            attempt: lease.attempt,
            issued_at: now,
            expires_at: basis.valid_until().min(lease.until).min(clearance.valid_until()),
        })
    }

    /// The action; also the idempotency key of the platform call.
    #[must_use]
    pub const fn action_id(&self) -> ActionId {
        self.action_id
    }

    /// What the platform call carries so that it takes effect once however often it arrives: the action's id.
    #[must_use]
    pub fn idempotency_key(&self) -> String {
        self.action_id.to_string()
    }

    /// Whose action it is.
    #[must_use]
    pub const fn tenant_id(&self) -> TenantId {
        self.tenant_id
    }

    /// What it does.
    #[must_use]
    pub const fn action_type(&self) -> ActionType {
        self.action_type
    }

    /// On which platform.
    #[must_use]
    pub const fn platform(&self) -> Platform {
        self.platform
    }

    /// To what kind of thing.
    #[must_use]
    pub const fn entity_type(&self) -> EntityType {
        self.entity_type
    }

    /// The platform's id of it.
    #[must_use]
    pub fn entity_id(&self) -> &str {
        &self.entity_id
    }

    /// From which value to which.
    #[must_use]
    pub const fn change(&self) -> &Change {
        &self.change
    }

    /// On what kind of evidence it rests.
    #[must_use]
    pub const fn ground(&self) -> PermitGround {
        self.ground
    }

    /// The number of the claim under which it was issued.
    #[must_use]
    pub const fn attempt(&self) -> u32 {
        self.attempt
    }

    /// When it was issued.
    #[must_use]
    pub const fn issued_at(&self) -> Timestamp {
        self.issued_at
    }

    /// Until when it may be used: the shortest of the evidence, the clearance and the claim.
    #[must_use]
    pub const fn expires_at(&self) -> Timestamp {
        self.expires_at
    }

    /// Whether it is too late to use it.
    #[must_use]
    pub fn is_expired(&self, now: Timestamp) -> bool {
        now >= self.expires_at
    }
}

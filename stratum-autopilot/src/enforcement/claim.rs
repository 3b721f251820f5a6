//! What an executor does with an action when it claims it, as far as the tenant's limits are concerned.

use stratum_core::id::{ActionId, TenantId};
use stratum_core::{Digest, Timestamp};

use super::confirmation::Confirmation;
use super::{
    CheckSubject, CompiledEnforcement, EnforcementCheck, EnforcementFacts, EnforcementMode, Violation,
    ViolationKind, check,
};
use crate::action::{Action, Change, LEASE_MS, StatusReason};
use crate::approval::WaitingFor;

/// What becomes of a claimed action. The check behind it is the same as everywhere; it is kept for the audit.
#[derive(Debug)]
pub struct ClaimRuling {
    /// What was found.
    pub check: EnforcementCheck,
    /// What to do.
    pub verdict: ClaimVerdict,
}

/// What an executor does next.
#[derive(Debug)]
pub enum ClaimVerdict {
    /// Apply it, once the gate passes too. Advisory and confirmed violations are recorded as warnings.
    Apply(Clearance),
    /// Leave it approved.
    Wait {
        /// What it waits for.
        waiting_for: WaitingFor,
        /// From when the change limits allow it; `None` while it waits for a person.
        until: Option<Timestamp>,
    },
    /// Let it fail for this reason.
    Fail(StatusReason),
}

/// Evidence that the tenant's limits allow one action now, with the confirmations it has. Made by [`at_claim`] alone, for
/// one permit: it is neither cloned nor read from anywhere.
#[derive(Debug)]
pub struct Clearance {
    action_id: ActionId,
    tenant_id: TenantId,
    change: Change,
    valid_until: Timestamp,
    settings_digest: Digest,
}

impl Clearance {
    /// Whether it was given for this action and the change that it carries.
    #[must_use]
    pub fn covers(&self, action: &Action) -> bool {
        self.action_id == action.id()
            && self.tenant_id == action.tenant_id()
            && self.change == *action.change()
    }

    /// Until when it holds: as long as a claim.
    #[must_use]
    pub const fn valid_until(&self) -> Timestamp {
        self.valid_until
    }

    /// SHA-256 of the settings that allowed it.
    #[must_use]
    pub const fn settings_digest(&self) -> Digest {
        self.settings_digest
    }
}

/// Checks an action at the moment of its claim, inside the transaction that claims it.
///
/// A hard block fails it. A soft block that no confirmation covers leaves it waiting: for a person, or, where only the two
/// change limits stand against it, until they allow it. Everything else is cleared.
#[must_use]
pub fn at_claim(
    enforcement: &CompiledEnforcement,
    action: &Action,
    facts: &EnforcementFacts,
    confirmation: Option<&Confirmation>,
) -> ClaimRuling {
    let check = check(enforcement, &CheckSubject::from(action), facts);
    let verdict = verdict(enforcement, action, facts, confirmation, &check);
    ClaimRuling { check, verdict }
}

fn verdict(
    enforcement: &CompiledEnforcement,
    action: &Action,
    facts: &EnforcementFacts,
    confirmation: Option<&Confirmation>,
    check: &EnforcementCheck,
) -> ClaimVerdict {
    if check.mode == EnforcementMode::HardBlock {
        return ClaimVerdict::Fail(StatusReason::EnforcementBlocked);
    }
    let open: Vec<&Violation> = check
        .of_mode(EnforcementMode::SoftBlock)
        .filter(|violation| !confirmation.is_some_and(|given| given.covers(action, violation)))
        .collect();
    if open.iter().any(|violation| !violation.passes_with_time()) {
        return ClaimVerdict::Wait { waiting_for: WaitingFor::Confirmation, until: None };
    }
    // Only change limits are left; the one that allows it last says what the action waits for.
    let Some(last) = open.iter().max_by_key(|violation| violation.allowed_from) else {
        return ClaimVerdict::Apply(Clearance {
            action_id: action.id(),
            tenant_id: action.tenant_id(),
            change: *action.change(),
            valid_until: facts.now.plus_millis(LEASE_MS),
            settings_digest: enforcement.digest(),
        });
    };
    let waiting_for = if last.kind == Some(ViolationKind::ChangesPerDay) {
        WaitingFor::ChangesPerDay
    } else {
        WaitingFor::MinInterval
    };
    ClaimVerdict::Wait { waiting_for, until: last.allowed_from }
}

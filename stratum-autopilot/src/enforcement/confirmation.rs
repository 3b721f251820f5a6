//! Confirming a soft block: a person looks at exactly these violations of exactly this action and says that it may run.
//!
//! A check that ends in a soft block gives a token ([`Confirmation::issue`]); presenting it within the hour, with a reason,
//! re-runs every check ([`Confirmation::confirm`]); an approval uses the confirmation within 15 minutes
//! ([`Confirmation::attach`]), and from then on it stays with the action, for those violations and no others
//! ([`Confirmation::covers`]). A hard block never gives a token, and the gate is never softened by one.

use serde::{Deserialize, Serialize};
use stratum_core::id::{ActionId, TenantId, UserId};
use stratum_core::problem::Problem;
use stratum_core::time::MINUTE_MS;
use stratum_core::vocabulary::GateDecision;
use stratum_core::{Digest, Timestamp, canonical, enumeration};

use super::{CheckSubject, EnforcementCheck, EnforcementMode, Violation, ViolationKey};
use crate::action::Action;

/// How long a token may be presented.
pub const TOKEN_VALID_FOR_MS: i64 = 60 * MINUTE_MS;
/// How long after the confirmation an approval may use it.
pub const CONFIRMATION_USABLE_FOR_MS: i64 = 15 * MINUTE_MS;
/// The least and the largest length of the reason, in characters after trimming.
pub const REASON_CHARS: std::ops::RangeInclusive<usize> = 10..=1000;

/// The secret that a person presents: 256 random bits of the caller's, 64 hexadecimal digits as text. Only its SHA-256 is
/// stored, and `Debug` does not show it.
#[derive(Clone, PartialEq, Eq)]
pub struct ConfirmationToken([u8; 32]);

impl ConfirmationToken {
    /// Wraps 32 random bytes.
    #[must_use]
    pub const fn from_random(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The text to hand out.
    #[must_use]
    pub fn reveal(&self) -> String {
        hex::encode(self.0)
    }

    /// SHA-256 of the 32 bytes: what is stored, and looked up.
    #[must_use]
    pub fn digest(&self) -> Digest {
        Digest::of(&self.0)
    }
}

impl std::str::FromStr for ConfirmationToken {
    type Err = Problem;

    fn from_str(text: &str) -> Result<Self, Problem> {
        let mut bytes = [0; 32];
        hex::decode_to_slice(text, &mut bytes).map_err(|_| {
            Problem::new("", "invalid_token", "a confirmation token is 64 hexadecimal digits")
        })?;
        Ok(Self(bytes))
    }
}

impl std::fmt::Debug for ConfirmationToken {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("ConfirmationToken(..)")
    }
}

enumeration! {
    /// Why a confirmation does not take place.
    pub enum ConfirmationRefusal "confirmation refusal" {
        /// No such token for this tenant, action and payload.
        TokenNotFound = "TOKEN_NOT_FOUND",
        /// It was presented before.
        TokenUsed = "TOKEN_USED",
        /// The hour, or after the confirmation the 15 minutes, are over.
        ConfirmationExpired = "CONFIRMATION_EXPIRED",
        /// The kill switch is engaged.
        KillSwitchActive = "KILL_SWITCH_ACTIVE",
        /// A hard limit forbids the change now; nobody can confirm it.
        EnforcementBlocked = "ENFORCEMENT_BLOCKED",
        /// The gate does not pass, and no confirmation softens it.
        GateNotPassed = "GATE_NOT_PASSED",
        /// The change violates something that the token does not name. A new token is needed.
        NewViolation = "NEW_VIOLATION",
        /// The reason has fewer than 10 or more than 1000 characters.
        ReasonLength = "REASON_LENGTH",
        /// The check found no soft block: there is nothing to confirm.
        NothingToConfirm = "NOTHING_TO_CONFIRM",
        /// It has not been confirmed yet.
        NotConfirmed = "NOT_CONFIRMED",
    }
}

/// A person's confirmation, from the token to its use. One record per token; store it whole.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Confirmation {
    token_digest: Digest,
    tenant_id: TenantId,
    action_id: ActionId,
    /// SHA-256 of the change: type, platform, entity and amounts.
    payload_digest: Digest,
    /// SHA-256 of the sorted list of violations.
    violations_digest: Digest,
    violations: Vec<ViolationKey>,
    issued_at: Timestamp,
    expires_at: Timestamp,
    #[serde(default)]
    confirmed: Option<Confirmed>,
    #[serde(default)]
    attached_at: Option<Timestamp>,
}

/// Who confirmed, why and when.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Confirmed {
    /// Who.
    pub user_id: UserId,
    /// Why, in the person's words.
    pub reason: String,
    /// When.
    pub at: Timestamp,
    /// Until when an approval may use it.
    pub valid_until: Timestamp,
}

/// The circumstances under which a token is presented: everything is checked again.
#[derive(Debug, Clone, Copy)]
pub struct ConfirmationAttempt<'a> {
    /// The check made now.
    pub check: &'a EnforcementCheck,
    /// What the gate says now.
    pub gate: GateDecision,
    /// Whether a kill switch is engaged.
    pub frozen: bool,
    /// Who confirms.
    pub user_id: UserId,
    /// Why, 10 to 1000 characters.
    pub reason: &'a str,
    /// The instant.
    pub now: Timestamp,
}

impl Confirmation {
    /// Issues a token for the soft-blocking violations of a check of this action. `token` is fresh and random; what is
    /// returned holds only its digest.
    ///
    /// # Errors
    /// `ENFORCEMENT_BLOCKED` for a hard block, `NOTHING_TO_CONFIRM` without a soft block.
    pub fn issue(
        token: &ConfirmationToken,
        action: &Action,
        check: &EnforcementCheck,
        now: Timestamp,
    ) -> Result<Self, ConfirmationRefusal> {
        match check.mode {
            EnforcementMode::HardBlock => return Err(ConfirmationRefusal::EnforcementBlocked),
            EnforcementMode::Advisory => return Err(ConfirmationRefusal::NothingToConfirm),
            EnforcementMode::SoftBlock => {}
        }
        let mut violations: Vec<ViolationKey> =
            check.of_mode(EnforcementMode::SoftBlock).map(Violation::key).collect();
        violations.sort_by(ViolationKey::compare);
        // A change that has no digest can be bound to nothing.
        let (Ok(payload_digest), Ok(violations_digest)) =
            (payload_digest(action), canonical::digest(&violations))
        else {
            return Err(ConfirmationRefusal::EnforcementBlocked);
        };
        Ok(Self {
            token_digest: token.digest(),
            tenant_id: action.tenant_id(),
            action_id: action.id(),
            payload_digest,
            violations_digest,
            violations,
            issued_at: now,
            expires_at: now.plus_millis(TOKEN_VALID_FOR_MS),
            confirmed: None,
            attached_at: None,
        })
    }

    /// Presents the token. On a refusal nothing changes.
    ///
    /// # Errors
    /// The first of [`ConfirmationRefusal`] that holds, in the order of its values.
    pub fn confirm(
        &mut self,
        token: &ConfirmationToken,
        action: &Action,
        attempt: &ConfirmationAttempt<'_>,
    ) -> Result<&Confirmed, ConfirmationRefusal> {
        if self.token_digest != token.digest() || !self.is_for(action) {
            return Err(ConfirmationRefusal::TokenNotFound);
        }
        if self.confirmed.is_some() {
            return Err(ConfirmationRefusal::TokenUsed);
        }
        if attempt.now >= self.expires_at {
            return Err(ConfirmationRefusal::ConfirmationExpired);
        }
        if attempt.frozen {
            return Err(ConfirmationRefusal::KillSwitchActive);
        }
        if attempt.check.mode == EnforcementMode::HardBlock {
            return Err(ConfirmationRefusal::EnforcementBlocked);
        }
        if attempt.gate != GateDecision::Pass {
            return Err(ConfirmationRefusal::GateNotPassed);
        }
        if !attempt.check.of_mode(EnforcementMode::SoftBlock).all(|violation| self.names(violation)) {
            return Err(ConfirmationRefusal::NewViolation);
        }
        let reason = attempt.reason.trim();
        if !REASON_CHARS.contains(&reason.chars().count()) {
            return Err(ConfirmationRefusal::ReasonLength);
        }
        Ok(self.confirmed.insert(Confirmed {
            user_id: attempt.user_id,
            reason: reason.to_owned(),
            at: attempt.now,
            valid_until: attempt.now.plus_millis(CONFIRMATION_USABLE_FOR_MS),
        }))
    }

    /// Uses the confirmation for an approval; from then on it stays with the action. `check` is made at the approval.
    ///
    /// # Errors
    /// `TOKEN_NOT_FOUND` for another action, `NOT_CONFIRMED`, `TOKEN_USED` by an approval before,
    /// `CONFIRMATION_EXPIRED` after 15 minutes, `ENFORCEMENT_BLOCKED`, `NEW_VIOLATION`.
    pub fn attach(
        &mut self,
        action: &Action,
        check: &EnforcementCheck,
        now: Timestamp,
    ) -> Result<(), ConfirmationRefusal> {
        if !self.is_for(action) {
            return Err(ConfirmationRefusal::TokenNotFound);
        }
        let Some(confirmed) = &self.confirmed else {
            return Err(ConfirmationRefusal::NotConfirmed);
        };
        if self.attached_at.is_some() {
            return Err(ConfirmationRefusal::TokenUsed);
        }
        if now >= confirmed.valid_until {
            return Err(ConfirmationRefusal::ConfirmationExpired);
        }
        if check.mode == EnforcementMode::HardBlock {
            return Err(ConfirmationRefusal::EnforcementBlocked);
        }
        if !check.of_mode(EnforcementMode::SoftBlock).all(|violation| self.names(violation)) {
            return Err(ConfirmationRefusal::NewViolation);
        }
        self.attached_at = Some(now);
        Ok(())
    }

    /// Whether it stays with this action and allows this violation of it.
    #[must_use]
    pub fn covers(&self, action: &Action, violation: &Violation) -> bool {
        self.attached_at.is_some()
            && self.confirmed.is_some()
            && violation.mode != EnforcementMode::HardBlock
            && self.is_for(action)
            && self.names(violation)
    }

    /// SHA-256 of the token: what to look the record up by.
    #[must_use]
    pub const fn token_digest(&self) -> Digest {
        self.token_digest
    }

    /// The action that it is about.
    #[must_use]
    pub const fn action_id(&self) -> ActionId {
        self.action_id
    }

    /// Whose it is.
    #[must_use]
    pub const fn tenant_id(&self) -> TenantId {
        self.tenant_id
    }

    /// The violations that it is about, sorted.
    #[must_use]
    pub fn violations(&self) -> &[ViolationKey] {
        &self.violations
    }

    /// SHA-256 of the canonical JSON of the sorted violations.
    #[must_use]
    pub const fn violations_digest(&self) -> Digest {
        self.violations_digest
    }

    /// SHA-256 of the canonical JSON of the change.
    #[must_use]
    pub const fn payload_digest(&self) -> Digest {
        self.payload_digest
    }

    /// When the token was issued.
    #[must_use]
    pub const fn issued_at(&self) -> Timestamp {
        self.issued_at
    }

    /// Until when the token may be presented.
    #[must_use]
    pub const fn expires_at(&self) -> Timestamp {
        self.expires_at
    }

    /// Who confirmed, why and when; `None` as long as nobody did.
    #[must_use]
    pub const fn confirmed(&self) -> Option<&Confirmed> {
        self.confirmed.as_ref()
    }

    /// When an approval used it.
    #[must_use]
    pub const fn attached_at(&self) -> Option<Timestamp> {
        self.attached_at
    }

    fn is_for(&self, action: &Action) -> bool {
        self.tenant_id == action.tenant_id()
            && self.action_id == action.id()
            && payload_digest(action).is_ok_and(|digest| digest == self.payload_digest)
    }

    fn names(&self, violation: &Violation) -> bool {
        self.violations.contains(&violation.key())
    }
}

fn payload_digest(action: &Action) -> Result<Digest, Problem> {
    canonical::digest(&CheckSubject::from(action))
}

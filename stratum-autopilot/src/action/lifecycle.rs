//! The transitions of an action. Pure: each checks expiry against `now`, then the state, and changes nothing on a refusal.

use serde::{Deserialize, Serialize};
use stratum_core::Timestamp;
use stratum_core::enumeration;
use stratum_core::problem::{Problem, ProblemCollector, Problems};
use stratum_core::time::HOUR_MS;

use super::types::{Action, ActionState, ActionStatus, Approval, Lease, NewAction, StatusReason};
use super::{APPROVED_TTL_MS, LEASE_MS, MAX_TTL_HOURS};

/// One step of an action that took place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Transition {
    /// The state before.
    pub from: ActionState,
    /// The state after.
    pub to: ActionState,
    /// When.
    pub at: Timestamp,
}

enumeration! {
    /// Why a transition did not take place.
    pub enum RefusalCode "refusal" {
        /// The state does not allow it.
        InvalidTransition = "INVALID_TRANSITION",
        /// The action expired before it.
        ActionExpired = "ACTION_EXPIRED",
        /// Another executor holds the claim, or held a later one.
        LeaseLost = "LEASE_LOST",
    }
}

/// A transition that did not take place; nothing was changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Refusal {
    /// Why not.
    pub code: RefusalCode,
    /// The state the action is in.
    pub from: ActionState,
    /// The state asked for.
    pub to: ActionState,
}

impl std::fmt::Display for Refusal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.code {
            RefusalCode::InvalidTransition => write!(f, "{} -> {}", self.from, self.to),
            RefusalCode::ActionExpired => write!(f, "the action expired as {}", self.from),
            RefusalCode::LeaseLost => f.write_str("the claim is held by another executor"),
        }
    }
}

impl std::error::Error for Refusal {}

/// What became of a platform call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// The platform accepted the change.
    Applied,
    /// The change was not made and is not to be tried again.
    Failed(StatusReason),
}

impl Action {
    /// Queues an action.
    ///
    /// # Errors
    /// Everything that is wrong with it, at once: `length` of the entity id, `out_of_range` of the time to live, and what
    /// [`super::Change::check`] finds.
    pub fn queue(new: NewAction, now: Timestamp) -> Result<Self, Problems> {
        let mut found = ProblemCollector::new();
        if !(1..=255).contains(&new.entity_id.chars().count()) {
            found.push(Problem::new("/entity_id", "length", "an entity id has 1 to 255 characters"));
        }
        if !(1..=MAX_TTL_HOURS).contains(&new.ttl_hours) {
            found.push(Problem::new(
                "/ttl_hours",
                "out_of_range",
                "an action waits 1 to 72 hours for approval",
            ));
        }
        found.take("", new.change.check(new.action_type, new.entity_type));
        let mut action = Self {
            id: new.id,
            tenant_id: new.tenant_id,
            action_type: new.action_type,
            platform: new.platform,
            entity_type: new.entity_type,
            entity_id: new.entity_id,
            entity_name: new.entity_name,
            change: new.change,
            origin: new.origin,
            created_by: new.created_by,
            reason: new.reason,
            pair_id: new.pair_id,
            reverts: new.reverts,
            created_at: now,
            state: ActionState::Queued,
            state_since: now,
            expires_at: None,
            ttl_hours: new.ttl_hours,
            approval: None,
            lease: None,
            attempts: 0,
            status_reason: None,
        };
        action.expires_at = action.expiry_of(ActionState::Queued, now);
        found.into_result(action)
    }

    /// Whether the present state has expired: a queued action by its time to live, an approved one after four hours.
    #[must_use]
    pub fn is_expired(&self, now: Timestamp) -> bool {
        self.expires_at.is_some_and(|at| now >= at)
    }

    /// `queued → approved`.
    ///
    /// # Errors
    /// [`Refusal`] from any other state (so never twice), or once it has expired.
    pub fn approve(&mut self, approval: Approval, now: Timestamp) -> Result<Transition, Refusal> {
        self.require(ActionState::Queued, ActionState::Approved)?;
        self.refuse_expired(ActionState::Approved, now)?;
        self.approval = Some(approval);
        Ok(self.enter(ActionState::Approved, now))
    }

    /// `approved → queued`: takes an approval back that is not being executed yet.
    ///
    /// # Errors
    /// [`Refusal`] from any other state, or once it has expired.
    pub fn revoke(&mut self, now: Timestamp) -> Result<Transition, Refusal> {
        self.require(ActionState::Approved, ActionState::Queued)?;
        self.refuse_expired(ActionState::Queued, now)?;
        self.approval = None;
        Ok(self.enter(ActionState::Queued, now))
    }

    /// `queued → dismissed`.
    ///
    /// # Errors
    /// [`Refusal`] from any other state, or once it has expired: then [`Self::expire`] ends it and says so.
    pub fn dismiss(&mut self, now: Timestamp) -> Result<Transition, Refusal> {
        self.require(ActionState::Queued, ActionState::Dismissed)?;
        self.refuse_expired(ActionState::Dismissed, now)?;
        Ok(self.enter(ActionState::Dismissed, now))
    }

    /// Ends an action that waited too long: `queued → dismissed` or `approved → failed`, reason `EXPIRED`. `None` if it has
    /// not expired.
    pub fn expire(&mut self, now: Timestamp) -> Option<Transition> {
        if !self.is_expired(now) {
            return None;
        }
        let to = match self.state {
            ActionState::Queued => ActionState::Dismissed,
            ActionState::Approved => ActionState::Failed,
            _ => return None,
        };
        self.status_reason = Some(StatusReason::Expired);
        Some(self.enter(to, now))
    }

    /// `approved → applying`: one executor claims the action for [`LEASE_MS`].
    ///
    /// # Errors
    /// [`Refusal`] from any other state, or once it has expired.
    pub fn claim(&mut self, now: Timestamp) -> Result<Lease, Refusal> {
        self.require(ActionState::Approved, ActionState::Applying)?;
        self.refuse_expired(ActionState::Applying, now)?;
        self.attempts = self.attempts.saturating_add(1);
        let lease = Lease { attempt: self.attempts, until: now.plus_millis(LEASE_MS) };
        self.lease = Some(lease);
        self.enter(ActionState::Applying, now);
        Ok(lease)
    }

    /// `applying → applied` or `failed`: the holder of the claim records what became of the platform call.
    ///
    /// A result is a fact: it is recorded even when the lease has run out, as long as nobody settled the claim since.
    ///
    /// # Errors
    /// [`Refusal`] from any other state, or if the claim is another's.
    pub fn settle(&mut self, attempt: u32, outcome: Outcome, now: Timestamp) -> Result<Transition, Refusal> {
        let to = match outcome {
            Outcome::Applied => ActionState::Applied,
            Outcome::Failed(_) => ActionState::Failed,
        };
        self.require_claim(attempt, to)?;
        if let Outcome::Failed(reason) = outcome {
            self.status_reason = Some(reason);
        }
        Ok(self.enter(to, now))
    }

    /// `applying → approved`: puts a claim back whose call **certainly** reached no platform, so that it may be claimed
    /// again. The expiry keeps running from the approval.
    ///
    /// # Errors
    /// [`Refusal`] from any other state, or if the claim is another's.
    pub fn release(&mut self, attempt: u32, now: Timestamp) -> Result<Transition, Refusal> {
        self.require_claim(attempt, ActionState::Approved)?;
        Ok(self.enter(ActionState::Approved, now))
    }

    /// Whether the claim has run out without a result. What happened must then be read from the platform.
    #[must_use]
    pub fn lease_lapsed(&self, now: Timestamp) -> bool {
        self.state == ActionState::Applying && self.lease.is_some_and(|lease| now >= lease.until)
    }

    fn require(&self, wanted: ActionState, to: ActionState) -> Result<(), Refusal> {
        if self.state == wanted {
            Ok(())
        } else {
            Err(Refusal { code: RefusalCode::InvalidTransition, from: self.state, to })
        }
    }

    fn require_claim(&self, attempt: u32, to: ActionState) -> Result<(), Refusal> {
        self.require(ActionState::Applying, to)?;
        if self.lease.is_some_and(|lease| lease.attempt == attempt) {
            Ok(())
        } else {
            Err(Refusal { code: RefusalCode::LeaseLost, from: self.state, to })
        }
    }

    fn refuse_expired(&self, to: ActionState, now: Timestamp) -> Result<(), Refusal> {
        if self.is_expired(now) {
            Err(Refusal { code: RefusalCode::ActionExpired, from: self.state, to })
        } else {
            Ok(())
        }
    }

    fn enter(&mut self, to: ActionState, now: Timestamp) -> Transition {
        let transition = Transition { from: self.state, to, at: now };
        if to != ActionState::Applying {
            self.lease = None;
        }
        self.state = to;
        self.state_since = now;
        self.expires_at = self.expiry_of(to, now);
        transition
    }

    fn expiry_of(&self, state: ActionState, now: Timestamp) -> Option<Timestamp> {
        match state {
            ActionState::Queued => {
                // A revoked action goes on waiting from when it was queued first.
                Some(self.created_at.plus_millis(i64::from(self.ttl_hours).saturating_mul(HOUR_MS)))
            }
            ActionState::Approved => {
                let approved_at = self.approval.as_ref().map_or(now, |approval| approval.at);
                Some(approved_at.plus_millis(APPROVED_TTL_MS))
            }
            ActionState::Applying | ActionState::Applied | ActionState::Failed | ActionState::Dismissed => {
                None
            }
        }
    }
}

impl ActionStatus {
    /// Whether a status may follow another, as the tenant sees it.
    #[must_use]
    pub const fn may_become(self, to: Self) -> bool {
        matches!(
            (self, to),
            (Self::Queued, Self::Approved | Self::Dismissed)
                | (Self::Approved, Self::Queued | Self::Applied | Self::Failed)
        )
    }
}

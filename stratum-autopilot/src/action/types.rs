//! What an action is made of.

use serde::{Deserialize, Serialize};
use stratum_core::Timestamp;
use stratum_core::enumeration;
use stratum_core::id::{ActionId, TenantId, UserId};
use stratum_core::vocabulary::{ActionType, EntityType, Platform};

use super::Change;

enumeration! {
    /// The status of an action as its tenant sees it.
    pub enum ActionStatus "action status" {
        /// Waits for approval.
        Queued = "QUEUED",
        /// Approved; waits for the gate, or is being applied.
        Approved = "APPROVED",
        /// Done on the platform.
        Applied = "APPLIED",
        /// Not done, and not to be tried again.
        Failed = "FAILED",
        /// Cancelled before approval, or expired.
        Dismissed = "DISMISSED",
    }
}

enumeration! {
    /// The state of an action inside the engine.
    pub enum ActionState "action state" {
        /// Waits for approval.
        Queued = "QUEUED",
        /// Approved, free to be claimed.
        Approved = "APPROVED",
        /// Claimed by one executor under a lease.
        Applying = "APPLYING",
        /// Done on the platform.
        Applied = "APPLIED",
        /// Not done, and not to be tried again.
        Failed = "FAILED",
        /// Cancelled before approval, or expired.
        Dismissed = "DISMISSED",
    }
}

impl ActionState {
    /// The status shown: a claimed action is shown as approved.
    #[must_use]
    pub const fn status(self) -> ActionStatus {
        match self {
            Self::Queued => ActionStatus::Queued,
            Self::Approved | Self::Applying => ActionStatus::Approved,
            Self::Applied => ActionStatus::Applied,
            Self::Failed => ActionStatus::Failed,
            Self::Dismissed => ActionStatus::Dismissed,
        }
    }

    /// Whether nothing can follow.
    #[must_use]
    pub const fn is_final(self) -> bool {
        matches!(self, Self::Applied | Self::Failed | Self::Dismissed)
    }
}

enumeration! {
    /// Why an action failed or was dismissed.
    pub enum StatusReason "status reason" {
        /// It waited too long.
        Expired = "EXPIRED",
        /// The platform no longer showed the value that the action started from.
        StateChanged = "STATE_CHANGED",
        /// The executor's lease lapsed and the platform cannot tell whether the call arrived. It is never resent.
        OutcomeUnknown = "OUTCOME_UNKNOWN",
        /// A hard limit of the tenant forbade it at the moment of execution.
        EnforcementBlocked = "ENFORCEMENT_BLOCKED",
        /// The platform refused.
        PlatformRefused = "PLATFORM_REFUSED",
    }
}

enumeration! {
    /// Who proposed an action.
    pub enum Origin "origin" {
        /// A person.
        Manual = "MANUAL",
        /// A rule of the tenant.
        Rule = "RULE",
        /// A recommendation.
        Recommendation = "RECOMMENDATION",
        /// The autopilot itself (a pause that enforcement asks for).
        Autopilot = "AUTOPILOT",
    }
}

/// Who approved.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "SCREAMING_SNAKE_CASE", tag = "kind", content = "user_id")]
pub enum Approver {
    /// The engine, under the conditions of automatic approval.
    System,
    /// A person.
    User(UserId),
}

/// An approval: by whom, when, and whether it overrides the gate.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Approval {
    /// Who approved.
    pub by: Approver,
    /// When.
    pub at: Timestamp,
    /// Why a person executes although the gate does not pass; manual execution, audited as such.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub override_reason: Option<String>,
}

/// The claim of one executor on one action.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Lease {
    /// The number of the claim, from 1. Only its holder may record a result.
    pub attempt: u32,
    /// Until when it holds.
    pub until: Timestamp,
}

/// What is needed to queue an action.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewAction {
    /// The id; also the idempotency key of the platform call.
    pub id: ActionId,
    /// Whose action.
    pub tenant_id: TenantId,
    /// What it does.
    pub action_type: ActionType,
    /// Where.
    pub platform: Platform,
    /// To what kind of thing.
    pub entity_type: EntityType,
    /// The platform's id of it, 1 to 255 characters.
    pub entity_id: String,
    /// Its name, for people.
    pub entity_name: Option<String>,
    /// From which value to which, absolutely.
    pub change: Change,
    /// Who proposed it.
    pub origin: Origin,
    /// The person, where one did.
    pub created_by: Option<UserId>,
    /// Why, in the proposer's words.
    pub reason: Option<String>,
    /// The id of the pair of a budget move; both halves are released together.
    pub pair_id: Option<ActionId>,
    /// The applied action that this one reverts.
    pub reverts: Option<ActionId>,
    /// How long it may wait for approval, 1 to 72 hours.
    pub ttl_hours: u32,
}

/// One change on an ad platform with its state. Changed only by the transitions of this room.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Action {
    pub(super) id: ActionId,
    pub(super) tenant_id: TenantId,
    pub(super) action_type: ActionType,
    pub(super) platform: Platform,
    pub(super) entity_type: EntityType,
    pub(super) entity_id: String,
    #[serde(default)]
    pub(super) entity_name: Option<String>,
    pub(super) change: Change,
    pub(super) origin: Origin,
    #[serde(default)]
    pub(super) created_by: Option<UserId>,
    #[serde(default)]
    pub(super) reason: Option<String>,
    #[serde(default)]
    pub(super) pair_id: Option<ActionId>,
    #[serde(default)]
    pub(super) reverts: Option<ActionId>,
    pub(super) created_at: Timestamp,
    pub(super) state: ActionState,
    pub(super) state_since: Timestamp,
    /// When the present state expires; null for a final one and for one that is being applied.
    pub(super) expires_at: Option<Timestamp>,
    pub(super) ttl_hours: u32,
    #[serde(default)]
    pub(super) approval: Option<Approval>,
    #[serde(default)]
    pub(super) lease: Option<Lease>,
    #[serde(default)]
    pub(super) attempts: u32,
    #[serde(default)]
    pub(super) status_reason: Option<StatusReason>,
}

impl Action {
    /// The id; also the idempotency key of the platform call.
    #[must_use]
    pub const fn id(&self) -> ActionId {
        self.id
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

    /// Its name, for people.
    #[must_use]
    pub fn entity_name(&self) -> Option<&str> {
        self.entity_name.as_deref()
    }

    /// From which value to which.
    #[must_use]
    pub const fn change(&self) -> &Change {
        &self.change
    }

    /// Who proposed it.
    #[must_use]
    pub const fn origin(&self) -> Origin {
        self.origin
    }

    /// The person who proposed it, where one did.
    #[must_use]
    pub const fn created_by(&self) -> Option<UserId> {
        self.created_by
    }

    /// Why, in the proposer's words.
    #[must_use]
    pub fn reason(&self) -> Option<&str> {
        self.reason.as_deref()
    }

    /// The id of the pair of a budget move.
    #[must_use]
    pub const fn pair_id(&self) -> Option<ActionId> {
        self.pair_id
    }

    /// The applied action that this one reverts.
    #[must_use]
    pub const fn reverts(&self) -> Option<ActionId> {
        self.reverts
    }

    /// When it was queued first.
    #[must_use]
    pub const fn created_at(&self) -> Timestamp {
        self.created_at
    }

    /// The state inside the engine.
    #[must_use]
    pub const fn state(&self) -> ActionState {
        self.state
    }

    /// Since when it is in this state.
    #[must_use]
    pub const fn state_since(&self) -> Timestamp {
        self.state_since
    }

    /// The status shown to the tenant.
    #[must_use]
    pub const fn status(&self) -> ActionStatus {
        self.state.status()
    }

    /// When the present state expires; `None` for a final one and for one that is being applied.
    #[must_use]
    pub const fn expires_at(&self) -> Option<Timestamp> {
        self.expires_at
    }

    /// The approval in force.
    #[must_use]
    pub const fn approval(&self) -> Option<&Approval> {
        self.approval.as_ref()
    }

    /// The claim in force.
    #[must_use]
    pub const fn lease(&self) -> Option<Lease> {
        self.lease
    }

    /// How often it was claimed.
    #[must_use]
    pub const fn attempts(&self) -> u32 {
        self.attempts
    }

    /// Why it failed or was dismissed.
    #[must_use]
    pub const fn status_reason(&self) -> Option<StatusReason> {
        self.status_reason
    }
}

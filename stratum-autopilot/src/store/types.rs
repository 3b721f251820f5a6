//! What is read from a store, and what is written to it.

use std::fmt;

use stratum_core::policy::CompiledTrustPolicy;
use stratum_core::time::DAY_MS;
use stratum_core::{Currency, Timestamp};

use super::ChangeHistory;
use crate::action::Action;
use crate::approval::ApprovalSettings;
use crate::audit::NewAuditEntry;
use crate::enforcement::{CompiledEnforcement, Confirmation};
use crate::kill_switch::KillSwitches;

/// How often a tenant's state was changed. Only compared for equality.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Revision(pub u64);

/// An instant, and the day of the tenant's calendar in which it lies.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Moment {
    /// The instant.
    pub now: Timestamp,
    /// When the tenant's day began.
    pub day_start: Timestamp,
    /// When the tenant's next day begins.
    pub next_midnight: Timestamp,
}

impl Moment {
    /// An instant of a tenant whose calendar is that of UTC.
    #[must_use]
    pub fn utc(now: Timestamp) -> Self {
        let since_midnight = now.millis().rem_euclid(DAY_MS);
        let day_start = now.plus_millis(since_midnight.saturating_neg());
        Self { now, day_start, next_midnight: day_start.plus_millis(DAY_MS) }
    }
}

/// How a tenant wants its actions decided.
#[derive(Debug, Clone)]
pub struct TenantSettings {
    /// Health and gate.
    pub trust: CompiledTrustPolicy,
    /// Limits.
    pub enforcement: CompiledEnforcement,
    /// Approval.
    pub approval: ApprovalSettings,
    /// The currency of the limits.
    pub currency: Currency,
}

/// An action as it stands, with what decisions about it need from the rest of the store.
#[derive(Debug, Clone)]
pub struct LoadedAction {
    /// The revision at which all of this was read.
    pub revision: Revision,
    /// The action.
    pub action: Action,
    /// The other half of its pair, with the changes around that one, where it is one of a pair.
    pub other_half: Option<(Action, ChangeHistory)>,
    /// The confirmation that stays with it.
    pub confirmation: Option<Confirmation>,
    /// What else was changed, as far as the change limits look at it.
    pub history: ChangeHistory,
    /// The kill switches that concern the tenant.
    pub switches: KillSwitches,
}

/// What one decision changes. Stored whole or not at all.
#[derive(Debug, Clone, Default)]
pub struct Commit {
    /// Actions that are new or changed.
    pub actions: Vec<Action>,
    /// A confirmation that is new or changed.
    pub confirmation: Option<Confirmation>,
    /// The switches as they are from now on.
    pub switches: Option<KillSwitches>,
    /// Entries for the end of the tenant's audit chain, in this order.
    pub entries: Vec<NewAuditEntry>,
}

impl Commit {
    /// A commit of these entries alone.
    pub fn new(entries: impl IntoIterator<Item = NewAuditEntry>) -> Self {
        Self { entries: entries.into_iter().collect(), ..Self::default() }
    }

    /// With a new or changed action.
    #[must_use]
    pub fn action(mut self, action: Action) -> Self {
        self.actions.push(action);
        self
    }
}

/// Why a store did not do what it was asked.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum StoreError {
    /// The tenant's state has changed since the decision was read; nothing was stored. Read and decide again.
    Conflict,
    /// The store has no settings for the tenant.
    UnknownTenant,
    /// The store could not be reached, or could not store; in its own words. Nothing is known to be stored.
    Unavailable(String),
}

impl fmt::Display for StoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Conflict => f.write_str("the tenant's state has changed since it was read"),
            Self::UnknownTenant => f.write_str("the tenant has no settings"),
            Self::Unavailable(message) => write!(f, "the store is not available: {message}"),
        }
    }
}

impl std::error::Error for StoreError {}

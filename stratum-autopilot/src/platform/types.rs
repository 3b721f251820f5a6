//! What is said to a platform, and what it says.

use serde::{Deserialize, Serialize};
use stratum_core::id::{ActionId, TenantId};
use stratum_core::vocabulary::{EntityType, Platform};
use stratum_core::{Currency, Timestamp};

use crate::action::{Action, BudgetKind, Change, EntityStatus};
use crate::permit::Permit;

/// Something on an ad platform: a campaign, an ad set or a creative.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct EntityRef {
    /// Whose it is; selects the ad account and its credentials.
    pub tenant_id: TenantId,
    /// Where it is.
    pub platform: Platform,
    /// What kind of thing.
    pub entity_type: EntityType,
    /// The platform's id of it.
    pub entity_id: String,
}

impl From<&Action> for EntityRef {
    fn from(action: &Action) -> Self {
        Self {
            tenant_id: action.tenant_id(),
            platform: action.platform(),
            entity_type: action.entity_type(),
            entity_id: action.entity_id().to_owned(),
        }
    }
}

impl From<&Permit> for EntityRef {
    fn from(permit: &Permit) -> Self {
        Self {
            tenant_id: permit.tenant_id(),
            platform: permit.platform(),
            entity_type: permit.entity_type(),
            entity_id: permit.entity_id().to_owned(),
        }
    }
}

/// What a platform shows of an entity now. Amounts are minor units of `currency`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct EntityValue {
    /// Whether it delivers.
    pub status: EntityStatus,
    /// Of every amount.
    pub currency: Currency,
    /// The daily budget, where it has one.
    #[serde(default)]
    pub daily_budget_cents: Option<i64>,
    /// The lifetime budget, where it has one.
    #[serde(default)]
    pub lifetime_budget_cents: Option<i64>,
    /// The bid, where it has one.
    #[serde(default)]
    pub bid_cents: Option<i64>,
}

impl EntityValue {
    /// An entity without budgets and bid.
    #[must_use]
    pub const fn new(status: EntityStatus, currency: Currency) -> Self {
        Self { status, currency, daily_budget_cents: None, lifetime_budget_cents: None, bid_cents: None }
    }

    /// With a daily budget, in minor units.
    #[must_use]
    pub const fn daily_budget(mut self, cents: i64) -> Self {
        self.daily_budget_cents = Some(cents);
        self
    }

    /// With a lifetime budget, in minor units.
    #[must_use]
    pub const fn lifetime_budget(mut self, cents: i64) -> Self {
        self.lifetime_budget_cents = Some(cents);
        self
    }

    /// With a bid, in minor units.
    #[must_use]
    pub const fn bid(mut self, cents: i64) -> Self {
        self.bid_cents = Some(cents);
        self
    }

    /// Whether this is what the change starts from: the same amount in the same currency, or the same status.
    #[must_use]
    pub fn shows_before(&self, change: &Change) -> bool {
        self.after(&change.reversed()) == Some(*self)
    }

    /// The value once the change is made; `None` where the change is about an amount that the entity does not have, or in
    /// another currency.
    #[must_use]
    pub fn after(&self, change: &Change) -> Option<Self> {
        let mut next = *self;
        let (slot, cents, currency) = match *change {
            Change::Status { after, .. } => {
                next.status = after;
                return Some(next);
            }
            Change::Budget { kind: BudgetKind::Daily, after_cents, currency, .. } => {
                (&mut next.daily_budget_cents, after_cents, currency)
            }
            Change::Budget { kind: BudgetKind::Lifetime, after_cents, currency, .. } => {
                (&mut next.lifetime_budget_cents, after_cents, currency)
            }
            Change::Bid { after_cents, currency, .. } => (&mut next.bid_cents, after_cents, currency),
        };
        if currency != self.currency || slot.is_none() {
            return None;
        }
        *slot = Some(cents);
        Some(next)
    }
}

/// One call to a platform as it travels: absolute values, the key that makes it take effect once, and its deadline.
///
/// It is a message, not a right: the engine reaches a platform only through [`super::AdPlatform::apply`], which takes a
/// [`Permit`].
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ChangeRequest {
    /// The action's id: the same for every attempt.
    pub idempotency_key: ActionId,
    /// What to change.
    pub entity: EntityRef,
    /// From which value to which.
    pub change: Change,
    /// When the permit ends: a platform that can, refuses the call from then on, so that nothing arrives late.
    pub not_after: Timestamp,
}

impl From<&Permit> for ChangeRequest {
    fn from(permit: &Permit) -> Self {
        Self {
            idempotency_key: permit.action_id(),
            entity: EntityRef::from(permit),
            change: *permit.change(),
            not_after: permit.expires_at(),
        }
    }
}

/// A platform's receipt for a change that it made.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Applied {
    /// The key of the call.
    pub idempotency_key: ActionId,
    /// When the platform made the change.
    pub applied_at: Timestamp,
    /// The platform's own reference of it, where it gives one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reference: Option<String>,
}

/// What a platform knows about a call whose answer never came.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "SCREAMING_SNAKE_CASE", tag = "outcome", content = "receipt")]
pub enum CallOutcome {
    /// It made the change.
    Applied(Applied),
    /// It honours keys and deadlines, has made no change under this key, and will make none for a call whose deadline has
    /// passed.
    NotSeen,
    /// It cannot tell.
    Unknown,
}

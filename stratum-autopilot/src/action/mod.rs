//! An action: one change on an ad platform, and the states it goes through.
//!
//! `queued → approved → applying → applied`, with `dismissed` and `failed` as the other ends; `approved → queued` takes an
//! approval back, `applying → approved` puts back a claim that certainly reached no platform. Everything else is refused,
//! and expiry is checked against `now` before every transition.
//!
//! ```
//! use stratum_autopilot::action::{Action, ActionStatus, Approval, Approver, Change, BudgetKind, NewAction, Origin};
//! use stratum_core::vocabulary::{ActionType, EntityType, Platform};
//!
//! let now = "2026-03-01T12:00:00Z".parse().unwrap();
//! let mut action = Action::queue(NewAction {
//!     id: "0198c9a0-0000-7000-8000-00000000000a".parse().unwrap(),
//!     tenant_id: "0198c9a0-0000-7000-8000-000000000001".parse().unwrap(),
//!     action_type: ActionType::BudgetIncrease,
//!     platform: Platform::Meta,
//!     entity_type: EntityType::Campaign,
//!     entity_id: "238512".to_owned(),
//!     entity_name: None,
//!     change: Change::Budget { kind: BudgetKind::Daily, before_cents: 10_000, after_cents: 12_000, currency: "USD".parse().unwrap() },
//!     origin: Origin::Recommendation,
//!     created_by: None,
//!     reason: None,
//!     pair_id: None,
//!     reverts: None,
//!     ttl_hours: 24,
//! }, now).unwrap();
//!
//! let approval = Approval { by: Approver::System, at: now, override_reason: None };
//! action.approve(approval.clone(), now).unwrap();
//! assert_eq!(action.status(), ActionStatus::Approved);
//! assert!(action.approve(approval, now).is_err()); // never twice
//! ```

mod change;
mod lifecycle;
mod types;

pub use change::{BudgetKind, Change, EntityStatus, ProposedChange, resolve};
pub use lifecycle::{Outcome, Refusal, RefusalCode, Transition};
pub use types::{
    Action, ActionState, ActionStatus, Approval, Approver, Lease, NewAction, Origin, StatusReason,
};

use stratum_core::time::{HOUR_MS, MINUTE_MS};

/// How long a claimed action belongs to one executor.
pub const LEASE_MS: i64 = 2 * MINUTE_MS;
/// An approved action that was not applied by then fails as expired.
pub const APPROVED_TTL_MS: i64 = 4 * HOUR_MS;
/// How long a queued action waits for approval, unless the tenant says otherwise.
pub const DEFAULT_TTL_HOURS: u32 = 24;
/// The longest a tenant may let a queued action wait.
pub const MAX_TTL_HOURS: u32 = 72;

//! The ad platform: what the engine asks of one, what can go wrong, and the sandbox that behaves like one.
//!
//! Implement [`AdPlatform`] for a real platform's client. The port's contract is what makes "never twice" hold:
//!
//! - **Before value.** A change is made only while the platform still shows the value it starts from; otherwise
//!   [`PlatformErrorCode::StateChanged`].
//! - **Idempotency key.** A call carries the action's id. A platform that has accepted a key answers a second call with the
//!   first call's receipt and does nothing.
//! - **Deadline.** A call carries the instant until which its permit holds; one that arrives later changes nothing.
//! - **Errors.** [`PlatformErrorCode::certainly_not_executed`] says which errors prove that nothing happened. Every other
//!   one leaves the outcome open, and the engine asks [`AdPlatform::outcome_of`] before it does anything else.
//!
//! A platform without keys and deadlines can still be driven: it answers `outcome_of` with [`CallOutcome::Unknown`], and a
//! call whose answer was lost is then never sent again.
//!
//! ```
//! use stratum_autopilot::action::{BudgetKind, Change, EntityStatus};
//! use stratum_autopilot::platform::{ChangeRequest, EntityRef, EntityValue, PlatformErrorCode};
//! use stratum_autopilot::platform::sandbox::{Sandbox, SandboxEntity};
//! use stratum_core::vocabulary::{EntityType, Platform};
//! use stratum_core::{Currency, Timestamp};
//!
//! let now: Timestamp = "2026-03-01T12:00:00Z".parse().unwrap();
//! let currency = Currency::USD;
//! let campaign = EntityRef {
//!     tenant_id: "0198c9a0-0000-7000-8000-000000000001".parse().unwrap(),
//!     platform: Platform::Meta,
//!     entity_type: EntityType::Campaign,
//!     entity_id: "238512".to_owned(),
//! };
//! let mut sandbox = Sandbox::new();
//! sandbox.put(SandboxEntity::new(campaign.clone(), EntityValue::new(EntityStatus::Active, currency).daily_budget(10_000)));
//!
//! let raise = ChangeRequest {
//!     idempotency_key: "0198c9a0-0000-7000-8000-00000000000a".parse().unwrap(),
//!     entity: campaign.clone(),
//!     change: Change::Budget { kind: BudgetKind::Daily, before_cents: 10_000, after_cents: 12_000, currency },
//!     not_after: now.plus_minutes(2),
//! };
//! let first = sandbox.apply(&raise, now).result.unwrap();
//! let again = sandbox.apply(&raise, now.plus_minutes(1)).result.unwrap();
//! assert_eq!(first, again); // the same answer, and one entry in the ledger
//! assert_eq!(sandbox.ledger().len(), 1);
//!
//! let other = ChangeRequest { idempotency_key: "0198c9a0-0000-7000-8000-00000000000b".parse().unwrap(), ..raise };
//! assert_eq!(sandbox.apply(&other, now).result.unwrap_err().code, PlatformErrorCode::StateChanged);
//! ```

#[cfg(any(test, feature = "contract-tests"))]
pub mod contract;
mod error;
mod port;
pub mod sandbox;
mod types;

pub use error::{PlatformError, PlatformErrorCode};
pub use port::AdPlatform;
pub use types::{Applied, CallOutcome, ChangeRequest, EntityRef, EntityValue};

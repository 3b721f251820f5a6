//! Where a customer stands: one of seven stages, a pure function of facts and an instant, with the reason for it.
//!
//! The stage is looked at on each of the person's own events and once a day; messages sent to the person are none.
//!
//! ```
//! use stratum_cdp::lifecycle::{LifecycleFacts, LifecyclePolicy, LifecycleReason, LifecycleStage};
//!
//! let policy = LifecyclePolicy::default().compile().unwrap();
//! let now = "2026-06-01T00:00:00Z".parse().unwrap();
//! let mut facts = LifecycleFacts::new("2026-03-01T00:00:00Z".parse().unwrap());
//! facts.identified = true;
//! facts.purchases = 3;
//! let found = policy.evaluate(&facts, now);
//! assert_eq!((found.stage, found.reason), (LifecycleStage::AtRisk, LifecycleReason::NotSeen));
//! assert_eq!((found.value, found.limit), (Some(92.0), Some(90.0)));
//! ```

mod evaluation;
mod facts;
mod policy;
mod request;
#[cfg(test)]
mod tests;

pub use evaluation::{LifecycleEvaluation, LifecycleLimit, LifecycleReason, LifecycleStage};
pub use facts::LifecycleFacts;
pub use policy::{CompiledLifecycle, LifecyclePolicy};
pub use request::{LifecycleActivityRequest, LifecycleRequest, LifecycleResponse, LifecycleTransition};

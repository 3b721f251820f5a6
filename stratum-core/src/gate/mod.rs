//! The trust gate: may this change run now? `PASS`, `HOLD` or `BLOCK`, with every reason.
//!
//! One rule table decides and the strictest result wins; [`GateReason`] names its rows. A pass is evidence: only
//! [`evaluate`] can make a [`GatePass`], and without one (or a person's audited [`ManualOverride`]) no permit exists.
//!
//! ```
//! use stratum_core::gate::{GateFacts, GateReason, evaluate};
//! use stratum_core::policy::TrustPolicy;
//! use stratum_core::vocabulary::{GateDecision, GateSubject, Platform};
//!
//! let policy = TrustPolicy::default().compile().unwrap();
//! let tenant = "0198c9a0-0000-7000-8000-000000000001".parse().unwrap();
//! let now = "2026-03-01T12:00:00Z".parse().unwrap();
//!
//! // Nothing measured: when in doubt, it does not execute.
//! let facts = GateFacts::new(tenant, GateSubject::BudgetIncrease, vec![Platform::Meta], now);
//! let gate = evaluate(&policy, &facts);
//! assert_eq!(gate.decision(), GateDecision::Block);
//! assert_eq!(gate.reasons()[0].code, GateReason::NoData);
//! assert!(gate.pass().is_none());
//! ```

mod columns;
mod evaluation;
mod evidence;
mod facts;
mod reason;
mod remedy;
mod rules;

pub use columns::{
    FLAG_API_DOWN, FLAG_COMPONENT_MISSING, FLAG_CRITICAL_INCIDENT, FLAG_FROZEN, GateColumns, evaluate_columns,
};
pub use evaluation::{GateEvaluation, evaluate};
pub use evidence::{EvidenceSubject, GatePass, ManualOverride, OverrideRefusal};
pub use facts::{GateFacts, OpenIncident};
pub use reason::{GateReason, Reason, ReasonKind};
pub use remedy::{Remedy, RemedyCode, remedies};

use crate::time::{HOUR_MS, MINUTE_MS};

/// A snapshot older than this holds.
pub const SNAPSHOT_HOLD_AFTER_MS: i64 = 60 * MINUTE_MS;
/// A snapshot older than this blocks.
pub const SNAPSHOT_BLOCK_AFTER_MS: i64 = 24 * HOUR_MS;
/// Platform data older than this hold.
pub const DATA_HOLD_AFTER_MS: i64 = 48 * HOUR_MS;
/// How far ahead of `now` an instant may lie before it is disbelieved.
pub const CLOCK_TOLERANCE_MS: i64 = 5 * MINUTE_MS;
/// A pass is valid for this long at most.
pub const PASS_VALID_FOR_MS: i64 = 5 * MINUTE_MS;
/// The least length of the reason a person gives for an override, in characters after trimming.
pub const OVERRIDE_REASON_MIN_CHARS: usize = 10;

//! The whole decision about one change: the gate and the tenant's limits together, why, what would change it; recorded so
//! that it can be decided again.
//!
//! [`evaluate`] asks the one gate and, where the facts hold a change to check, enforcement; the stricter answer wins. It
//! decides and permits nothing: only the gate's pass and the clearance at the claim make a [`crate::permit::Permit`].
//! [`DecisionRecord`] keeps facts, policy and outcome with their digests, and [`replay`] decides again: same facts, same
//! policy, same bytes.
//!
//! ```
//! use stratum_autopilot::decision::{DecisionFacts, DecisionPolicy, DecisionRecord, DecisionRequest, evaluate, replay};
//! use stratum_core::gate::GateFacts;
//! use stratum_core::vocabulary::{GateDecision, GateSubject, Platform};
//!
//! let tenant = "0198c9a0-0000-7000-8000-000000000001".parse().unwrap();
//! let now = "2026-03-01T12:00:00Z".parse().unwrap();
//! let gate = GateFacts::new(tenant, GateSubject::AudienceSync, vec![Platform::Meta], now);
//! let request = DecisionRequest::new(DecisionFacts::of_gate(gate), DecisionPolicy::default());
//!
//! let decision = evaluate(&request).unwrap();
//! assert_eq!(decision.decision, GateDecision::Block); // nothing was measured
//! assert_eq!(decision.refusals.not_evaluated[0].code, "NO_DATA");
//!
//! let (_, record) = DecisionRecord::of(&request).unwrap();
//! assert!(replay(&record).unwrap().identical);
//! ```

mod combine;
mod evaluation;
mod lenient;
mod question;
mod record;
mod replay;

pub use combine::{Refusal, RefusalSource, Refusals, WouldChange};
pub(crate) use evaluation::decide;
pub use evaluation::{CompiledDecisionPolicy, Decision, evaluate};
pub use question::{DecisionFacts, DecisionPolicy, DecisionRequest, LimitFacts};
pub use record::{DecisionRecord, RecordedPolicy};
pub use replay::{Replay, replay};

#[cfg(test)]
pub(crate) mod samples;
#[cfg(test)]
mod tests;

//! Funnels: how far people get on the way to a conversion, how long it takes them, and where they stop.
//!
//! Every occurrence of the first step begins an attempt; each further step is met by the earliest later event that is
//! one (events are in order of time, then id, and meet one step each). An attempt ends at the conversion window, counted
//! from its first step, or when a step takes longer than the step timeout. A person counts once, by the best attempt: the
//! one with the most steps, the earliest of those.
//!
//! Where the steps may be taken in any order, every event that meets one begins an attempt, and the next step is taken by the
//! earliest later event with which one step more is taken: each event takes one step, and which one is settled as late as can
//! be, so that an event that could take either of two steps is in nobody's way.
//!
//! ```
//! use stratum_cdp::funnel::{Funnel, FunnelRequest, FunnelStep};
//! use serde_json::json;
//!
//! let request: FunnelRequest = serde_json::from_value(json!({
//!     "funnel": {"steps": [{"event_name": "ProductViewed"}, {"event_name": "Purchase"}]},
//!     "events": [
//!         {"profile_id": "jane", "event_name": "ProductViewed", "event_time": "2026-03-01T10:00:00Z"},
//!         {"profile_id": "jane", "event_name": "Purchase", "event_time": "2026-03-01T10:05:00Z"},
//!         {"profile_id": "omar", "event_name": "ProductViewed", "event_time": "2026-03-01T11:00:00Z"},
//!     ],
//! })).unwrap();
//! let found = stratum_cdp::funnel::evaluate(&request).unwrap();
//! assert_eq!((found.entered, found.converted, found.conversion_rate), (2, 1, Some(0.5)));
//! assert_eq!(found.steps[1].median_seconds_from_previous, Some(300.0));
//! assert_eq!(found.drop_offs[0].profile_id, "omar");
//! ```
//!
//! [`FunnelCounts`] is the partial state: people are added in any order and in any number of parts, and the merged parts
//! give what one part would have given. [`DealtEvents`] takes millions of events in any order and counts them part by part.

mod attempt;
mod counts;
mod dealt;
mod definition;
mod evaluate;
mod unordered;

pub use attempt::{Attempt, StepEvent};
pub use counts::{FunnelCounts, FunnelGroup, FunnelReport, StepMetric};
pub use dealt::{DealtEvents, Tag};
pub use definition::{CompiledFunnel, Funnel, FunnelStep, MAX_STEPS, StepOrder};
pub use evaluate::{DropOff, FunnelEvaluation, FunnelEvent, FunnelRequest, evaluate, group_value};

#[cfg(test)]
mod tests;

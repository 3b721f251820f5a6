//! Computed traits: what a person's events come to, and formulas on that.
//!
//! A [`TraitSet`] is validated when it is saved: every problem at once, and the order in which formulas depend on each
//! other. [`TraitState`] is the partial state of one person: events are added in any order, two states merge when two
//! profiles do, and what it comes to is exact at any later instant, because a window keeps the events that lie in it.
//! Amounts are decimals; nothing is lost in a sum.
//!
//! ```
//! use serde_json::json;
//! use stratum_cdp::traits::{TraitRequest, compute};
//!
//! let request: TraitRequest = serde_json::from_value(json!({
//!     "now": "2026-03-31T00:00:00Z",
//!     "traits": [
//!         {"name": "spent", "trait_type": "sum", "source_config": {"event_name": "Purchase", "property": "total"}},
//!         {"name": "spent_a_day", "trait_type": "formula", "source_config": {"formula": "round(spent / 30, 2)"}},
//!     ],
//!     "profiles": [{"profile_id": "jane", "events": [
//!         {"event_id": "1", "event_name": "Purchase", "event_time": "2026-03-02T10:00:00Z", "properties": {"total": "0.10"}},
//!         {"event_id": "2", "event_name": "Purchase", "event_time": "2026-03-01T10:00:00Z", "properties": {"total": 0.2}},
//!     ]}],
//! })).unwrap();
//! let computed = compute(&request).unwrap();
//! assert_eq!(computed.profiles[0].traits, *json!({"spent": 0.3, "spent_a_day": 0.01}).as_object().unwrap());
//! ```

mod accumulator;
mod definition;
mod formula;
mod profile_fields;
mod request;
mod set;
mod state;

pub use definition::{OutputType, TraitDefinition, TraitSource, TraitType};
pub use formula::{Formula, MAX_DEPTH, MAX_NODES, Operand};
pub use profile_fields::ProfileFields;
pub use request::{
    ComputedProfile, ComputedTraits, TraitEvent, TraitProfile, TraitRequest, TraitValidation,
    TraitValidationRequest, compute, validate,
};
pub use set::TraitSet;
pub use state::TraitState;

#[cfg(test)]
mod tests;

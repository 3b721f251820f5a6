//! Computed traits: what a person's events come to, and formulas on that.
//!
//! A [`TraitSet`] is validated when it is saved: every problem at once, and the order in which formulas depend on each
//! other. [`TraitState`] is the partial state of one person: events are added in any order, two states merge when two
//! profiles do, and what it comes to is exact at any later instant, because it keeps what each event gives for as long as
//! it can count. Where the instant is known and the events are at hand, [`TraitTally`] keeps only what they come to.
//!
//! Events after the instant do not count, nor do those of more than 13 calendar months before it, which are not kept: a trait
//! without a window is one of all events that are. Amounts are decimals; nothing is lost in a sum. In formulas `round` goes by
//! the decimal digits of a number as they are written, half away from zero, as spreadsheets do: `round(1.005, 2)` is 1.01.
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
mod tally;

pub use definition::{OutputType, TraitDefinition, TraitSource, TraitType};
pub use formula::{Formula, MAX_DEPTH, MAX_NODES, Operand};
pub use profile_fields::ProfileFields;
pub use request::{
    ComputedProfile, ComputedTraits, TraitEvent, TraitProfile, TraitRequest, TraitValidation,
    TraitValidationRequest, compute, validate,
};
pub use set::TraitSet;
pub use state::TraitState;
pub use tally::{TraitTally, TraitsAt};

#[cfg(test)]
mod tests;

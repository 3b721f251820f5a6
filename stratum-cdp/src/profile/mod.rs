//! A profile: what a person's events add up to.
//!
//! [`ProfileState`] is the partial state: events are added in any order, two states merge when two profiles turn out to be
//! one person, and the result is what one pass over all events in order would have given. Only `track` events count as
//! events and sessions; every kind moves the first and the last time a person was seen and sets attributes.
//!
//! ```
//! use serde_json::json;
//! use stratum_cdp::profile::{ProfileRequest, aggregate};
//!
//! let event = |name: &str, time: &str, properties| json!({
//!     "event_name": name, "event_time": time, "properties": properties,
//!     "identifiers": [{"type": "external_id", "value": "U-1"}],
//! });
//! let request: ProfileRequest = serde_json::from_value(json!({"currency": "USD", "events": [
//!     event("Purchase", "2026-03-01T12:00:00Z", json!({"total": 42.5})),
//!     event("Refund", "2026-03-02T12:00:00Z", json!({"total": "2.50"})),
//! ]})).unwrap();
//! let profile = aggregate(&request).unwrap();
//! assert_eq!((profile.total_events, profile.total_purchases, profile.total_revenue_cents), (2, 1, 4_000));
//! ```

mod aggregate;
mod state;

pub use aggregate::{ProfileMetrics, ProfileRequest, aggregate};
pub use state::ProfileState;

#[cfg(test)]
mod tests;

//! Retention cohorts: of those who came in one period, how many came again in each period after it.
//!
//! A person belongs to the period of the first event that begins a cohort, and is retained in period `k` after it if an
//! event that counts as a return lies in it. Periods are calendar days, ISO weeks (from Monday) and months in UTC. A period
//! that is not over by `now` is left out, so that a young cohort does not look worse than it is.
//!
//! ```
//! use serde_json::json;
//! use stratum_cdp::cohort::{CohortRequest, retention};
//!
//! let request: CohortRequest = serde_json::from_value(json!({
//!     "period": "week",
//!     "now": "2026-03-23T00:00:00Z",
//!     "events": [
//!         {"profile_id": "jane", "event_name": "SignUp", "event_time": "2026-03-03T10:00:00Z"},
//!         {"profile_id": "jane", "event_name": "Purchase", "event_time": "2026-03-10T10:00:00Z"},
//!         {"profile_id": "omar", "event_name": "SignUp", "event_time": "2026-03-05T11:00:00Z"},
//!     ],
//! })).unwrap();
//! let cohorts = retention(&request).unwrap().cohorts;
//! assert_eq!(cohorts[0].start.to_string(), "2026-03-02");
//! let retained: Vec<u64> = cohorts[0].retained.iter().map(|period| period.count).collect();
//! assert_eq!((cohorts[0].people, retained), (2, vec![2, 1, 0]));
//! ```
//!
//! [`CohortCounts`] is the partial state: it merges, whatever the partitioning of the people.

mod calendar;
mod counts;
mod evaluate;

pub use calendar::CohortPeriod;
pub use counts::{Cohort, CohortCounts, Retained};
pub use evaluate::{CohortEvent, CohortReport, CohortRequest, MAX_PERIODS, retention};

#[cfg(test)]
mod tests;

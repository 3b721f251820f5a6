//! Signal incidents: a platform whose signals stay bad, from the opening to the recovery.
//!
//! A state machine without a store: [`PlatformIncidents`] is the state of one platform, a health snapshot or the judged
//! metrics of a day move it on, and what comes back is the next state and what happened. Kinds `SIGNAL_HEALTH` and `PLATFORM`
//! follow health; `EMQ` and `ANOMALY` follow the daily anomalies of their metric.
//!
//! ```
//! # use stratum_core::health::{HealthFacts, evaluate};
//! # use stratum_core::policy::TrustPolicy;
//! use stratum_core::id::IncidentId;
//! use stratum_core::incident::{PlatformIncidents, TimelineKind};
//! use stratum_core::vocabulary::{IncidentKind, Platform};
//!
//! # let now: stratum_core::Timestamp = "2026-03-01T12:00:00Z".parse().unwrap();
//! # let tenant = "0198c9a0-0000-7000-8000-000000000001".parse().unwrap();
//! # let policy = TrustPolicy::default().compile().unwrap();
//! # let without_data = |minutes| evaluate(&policy, &HealthFacts::new(tenant, Platform::Meta, now.plus_minutes(minutes))).unwrap();
//! let id = |_kind| IncidentId::v7(now, [7; 10]); // chance is an argument
//! let first = PlatformIncidents::new(tenant, Platform::Meta).observe(&without_data(0), None, id).unwrap();
//! assert!(first.events.is_empty());
//! let second = first.state.observe(&without_data(5), None, id).unwrap();
//! assert_eq!(second.events[0].entry, TimelineKind::IncidentOpened);
//! assert_eq!(second.events[0].incident.kind, IncidentKind::SignalHealth);
//! ```

mod machine;
mod record;
#[cfg(test)]
mod tests;

pub use machine::{CLOSE_AFTER, IncidentEvent, OPEN_AFTER, PlatformIncidents, Transition};
pub use record::{Incident, IncidentStatus, TimelineEntry, TimelineKind};

//! The names of measurements that health reads, and over which window each counts.
//!
//! Source: the specification, section 1.1.

use stratum_core::time::{DAY_MS, HOUR_MS};

/// How the values of a name within its window become one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Aggregate {
    /// The sum over the window.
    Count,
    /// The newest value of the window.
    Level,
    /// The mean over the window, weighted by the attribute `volume`.
    MeanByVolume,
    /// No value: the instant itself counts.
    Instant,
}

/// A name that feeds health.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KnownName {
    /// As it stands in the signal.
    pub name: &'static str,
    /// How its values are taken together.
    pub aggregate: Aggregate,
    /// How far back it counts, in milliseconds; `None` without limit.
    pub window_ms: Option<i64>,
}

const fn known(name: &'static str, aggregate: Aggregate, window_ms: Option<i64>) -> KnownName {
    KnownName { name, aggregate, window_ms }
}

/// Every name that feeds health. Others are stored and feed nothing.
pub const KNOWN: &[KnownName] = &[
    known("emq_rating", Aggregate::Level, Some(2 * DAY_MS)),
    known("emq_score", Aggregate::Level, Some(2 * DAY_MS)),
    known("events_browser", Aggregate::Count, Some(DAY_MS)),
    known("events_server", Aggregate::Count, Some(DAY_MS)),
    known("events_matched", Aggregate::Count, Some(DAY_MS)),
    known("pages_total", Aggregate::Level, Some(7 * DAY_MS)),
    known("pages_with_pixel", Aggregate::Level, Some(7 * DAY_MS)),
    known("event_kinds_expected", Aggregate::Level, Some(7 * DAY_MS)),
    known("event_kinds_configured", Aggregate::Level, Some(7 * DAY_MS)),
    known("conversion_latency_hours", Aggregate::MeanByVolume, Some(DAY_MS)),
    known("api_requests", Aggregate::Count, Some(HOUR_MS)),
    known("api_failures", Aggregate::Count, Some(HOUR_MS)),
    known("credentials_valid", Aggregate::Level, None),
    known("events_expected", Aggregate::Count, Some(DAY_MS)),
    known("events_received", Aggregate::Count, Some(DAY_MS)),
    known("sync_ok", Aggregate::Count, Some(DAY_MS)),
    known("sync_failed", Aggregate::Count, Some(DAY_MS)),
    known("records_total", Aggregate::Count, Some(DAY_MS)),
    known("records_valid", Aggregate::Count, Some(DAY_MS)),
    known("records_complete", Aggregate::Count, Some(DAY_MS)),
    known("records_duplicate", Aggregate::Count, Some(DAY_MS)),
    known("platform_data", Aggregate::Instant, None),
];

/// The entry of a name; `None` for one that feeds nothing.
#[must_use]
pub fn find(name: &str) -> Option<&'static KnownName> {
    KNOWN.iter().find(|known| known.name == name)
}

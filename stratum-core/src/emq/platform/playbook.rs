//! What to repair: one item per driver below its good limit, with the gain that the repair would bring.

use serde::{Deserialize, Serialize};

use super::driver::{DriverReading, DriverStatus, EmqDriver};
use super::measurement::DriverMeasurements;
use crate::enumeration;
use crate::math::round9;
use crate::order;
use crate::score::Score;
use crate::time::{DAY_MS, Timestamp};

/// A completed item whose driver is still low after so many days opens again.
pub const REOPEN_AFTER_DAYS: i64 = 7;

enumeration! {
    /// How soon an item should be worked on.
    pub enum PlaybookPriority "playbook priority" {
        /// The driver is at its warning limit or above.
        High = "HIGH",
        /// The driver is critical, or not measured.
        Critical = "CRITICAL",
    }
}

enumeration! {
    /// How far the work on an item is.
    pub enum PlaybookStatus "playbook status" {
        /// Nobody started.
        Pending = "PENDING",
        /// Somebody works on it.
        InProgress = "IN_PROGRESS",
        /// Done.
        Completed = "COMPLETED",
    }
}

impl PlaybookStatus {
    /// The status that an item has now: a completed one whose driver is still below its good limit seven days later is
    /// pending again. Everything else stays as it is.
    ///
    /// ```
    /// use stratum_core::Timestamp;
    /// use stratum_core::emq::platform::PlaybookStatus;
    /// let done: Timestamp = "2026-03-01T12:00:00Z".parse().unwrap();
    /// let later = done.plus_hours(7 * 24);
    /// assert_eq!(PlaybookStatus::Completed.reopened(Some(done), true, later), PlaybookStatus::Pending);
    /// assert_eq!(PlaybookStatus::Completed.reopened(Some(done), false, later), PlaybookStatus::Completed);
    /// ```
    #[must_use]
    pub fn reopened(self, completed_at: Option<Timestamp>, below_limit: bool, now: Timestamp) -> Self {
        let rested =
            completed_at.is_some_and(|at| now.millis_since(at) >= REOPEN_AFTER_DAYS.saturating_mul(DAY_MS));
        if self == Self::Completed && below_limit && rested { Self::Pending } else { self }
    }
}

/// Something to repair.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct PlaybookItem {
    /// `driver:fix`; the same item has the same key in every evaluation.
    pub key: String,
    /// The driver that the repair raises.
    pub driver: EmqDriver,
    /// What to do, in a few words.
    pub title: String,
    /// How, and what it brings.
    pub detail: String,
    /// How soon.
    pub priority: PlaybookPriority,
    /// Points that the platform's EMQ gains when the driver reaches its good limit.
    pub estimated_gain: f64,
}

/// A repair: the second half of its key, and its words.
struct Fix {
    key: &'static str,
    title: &'static str,
    detail: &'static str,
}

/// One item for each driver below its good limit; the largest gain first, then by key.
#[must_use]
pub fn playbook(drivers: &[DriverReading], measurements: &DriverMeasurements) -> Vec<PlaybookItem> {
    let mut items: Vec<PlaybookItem> =
        drivers.iter().filter_map(|reading| item(reading, measurements)).collect();
    order::few(&mut items, |a, b| {
        b.estimated_gain.total_cmp(&a.estimated_gain).then_with(|| a.key.cmp(&b.key))
    });
    items
}

fn item(reading: &DriverReading, measurements: &DriverMeasurements) -> Option<PlaybookItem> {
    let priority = match reading.status {
        DriverStatus::Good => return None,
        DriverStatus::Warning => PlaybookPriority::High,
        DriverStatus::Critical => PlaybookPriority::Critical,
    };
    let fix = fix(reading.name, measurements);
    let missing_points = reading.name.good_limit() - reading.value.map_or(0.0, Score::get);
    Some(PlaybookItem {
        key: format!("{}:{}", reading.name.as_str().to_ascii_lowercase(), fix.key),
        driver: reading.name,
        title: fix.title.to_owned(),
        detail: fix.detail.to_owned(),
        priority,
        estimated_gain: round9(reading.weight * missing_points / 100.0),
    })
}

/// The repair that the measurements point at; where a driver has two, the one whose cause was measured.
fn fix(driver: EmqDriver, measurements: &DriverMeasurements) -> Fix {
    match driver {
        EmqDriver::EventMatchRate if measurements.events_server.unwrap_or(0) == 0 => Fix {
            key: "send_server_events",
            title: "Send server-side events with a shared event id",
            detail: "No event reached the platform from a server. Send each event from the browser and from the server under one event id, so that the platform counts it once and matches it twice.",
        },
        EmqDriver::EventMatchRate => Fix {
            key: "add_hashed_identifiers",
            title: "Add hashed e-mail and phone to the events",
            detail: "Server events arrive, but the platform cannot match enough of them to people. Send the SHA-256 of the normalised e-mail address and phone number with each event.",
        },
        EmqDriver::PixelCoverage if pages_lag(measurements) => Fix {
            key: "install_pixel",
            title: "Install the pixel on the pages without it",
            detail: "Some pages of the site carry no pixel, so what happens there is unknown to the platform.",
        },
        EmqDriver::PixelCoverage => Fix {
            key: "configure_events",
            title: "Configure the missing events",
            detail: "Some kinds of event that are expected are not configured at the platform.",
        },
        EmqDriver::ConversionLatency => Fix {
            key: "send_conversions_at_once",
            title: "Send conversions server-side at once",
            detail: "Conversions reach the platform late. Send them from the server when they happen, and shorten the interval of uploads from the CRM.",
        },
        EmqDriver::AttributionAccuracy => Fix {
            key: "align_attribution",
            title: "Align attribution windows and currency with the reference",
            detail: "The platform's conversions or revenue differ from the reference. Use the same attribution windows, the same time zone and the same currency on both sides.",
        },
        EmqDriver::DataFreshness => Fix {
            key: "repair_sync",
            title: "Repair the synchronisation",
            detail: "The newest event and the newest synchronisation are old. Check the credentials of the platform and the last failed run.",
        },
    }
}

/// Whether the pages are the worse half of the coverage; they are the first thing to look at where nothing was measured.
fn pages_lag(measurements: &DriverMeasurements) -> bool {
    match (measurements.page_share(), measurements.event_kind_share()) {
        (Some(pages), Some(kinds)) => pages <= kinds,
        (None, Some(_)) => false,
        (_, None) => true,
    }
}

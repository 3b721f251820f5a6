//! Instants in UTC, to the millisecond.
//!
//! ```
//! use stratum_core::Timestamp;
//! let at: Timestamp = "2026-03-01T14:00:00.123987+02:00".parse().unwrap();
//! assert_eq!(at.to_string(), "2026-03-01T12:00:00.123Z"); // offsets are converted, finer digits cut off
//! assert_eq!(at.plus_hours(24).to_string(), "2026-03-02T12:00:00.123Z");
//! ```

mod written;

use std::fmt;
use std::str::FromStr;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::problem::Problem;

/// A calendar date, in the time zone that the caller chose (a tenant's, where nothing else is said).
pub type Date = chrono::NaiveDate;

/// Milliseconds in a minute.
pub const MINUTE_MS: i64 = 60_000;
/// Milliseconds in an hour.
pub const HOUR_MS: i64 = 60 * MINUTE_MS;
/// Milliseconds in a day of 24 hours.
pub const DAY_MS: i64 = 24 * HOUR_MS;

// 0000-01-01T00:00:00.000Z and 9999-12-31T23:59:59.999Z: what RFC 3339 can write.
const EARLIEST_MS: i64 = -62_167_219_200_000;
const LATEST_MS: i64 = 253_402_300_799_999;

/// An instant in UTC with millisecond precision, from year 0 to year 9999. On the wire RFC 3339 with `Z` and three digits.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(i64);

impl Timestamp {
    /// 1970-01-01T00:00:00Z.
    pub const EPOCH: Self = Self(0);

    /// The instant `ms` milliseconds after 1970-01-01T00:00:00Z.
    ///
    /// # Errors
    /// `out_of_range` outside the years 0 to 9999.
    pub fn from_millis(ms: i64) -> Result<Self, Problem> {
        if (EARLIEST_MS..=LATEST_MS).contains(&ms) {
            Ok(Self(ms))
        } else {
            Err(Problem::new("", "out_of_range", "an instant lies in the years 0 to 9999")
                .help("give milliseconds since 1970-01-01T00:00:00Z"))
        }
    }

    /// Milliseconds since 1970-01-01T00:00:00Z.
    #[must_use]
    pub const fn millis(self) -> i64 {
        self.0
    }

    /// Milliseconds from `earlier` to `self`; negative if `earlier` is the later one.
    #[must_use]
    pub const fn millis_since(self, earlier: Self) -> i64 {
        self.0.saturating_sub(earlier.0)
    }

    /// Hours from `earlier` to `self`, with fractions.
    #[must_use]
    pub fn hours_since(self, earlier: Self) -> f64 {
        crate::math::amount(self.millis_since(earlier)) / 3_600_000.0
    }

    /// The instant `ms` later (earlier if negative), held within the years 0 to 9999.
    #[must_use]
    pub fn plus_millis(self, ms: i64) -> Self {
        Self(self.0.saturating_add(ms).clamp(EARLIEST_MS, LATEST_MS))
    }

    /// The instant `minutes` later.
    #[must_use]
    pub fn plus_minutes(self, minutes: i64) -> Self {
        self.plus_millis(minutes.saturating_mul(MINUTE_MS))
    }

    /// The instant `hours` later.
    #[must_use]
    pub fn plus_hours(self, hours: i64) -> Self {
        self.plus_millis(hours.saturating_mul(HOUR_MS))
    }

    /// The instant as chrono knows it.
    #[must_use]
    pub fn to_chrono(self) -> DateTime<Utc> {
        DateTime::from_timestamp_millis(self.0).unwrap_or(DateTime::UNIX_EPOCH)
    }

    /// The calendar date in UTC.
    #[must_use]
    pub fn utc_date(self) -> Date {
        self.to_chrono().date_naive()
    }
}

impl TryFrom<DateTime<Utc>> for Timestamp {
    type Error = Problem;

    /// Finer digits than milliseconds are cut off.
    fn try_from(at: DateTime<Utc>) -> Result<Self, Problem> {
        Self::from_millis(at.timestamp_millis())
    }
}

impl FromStr for Timestamp {
    type Err = Problem;

    fn from_str(text: &str) -> Result<Self, Problem> {
        if let Some(millis) = written::millis_of(text) {
            return Self::from_millis(millis);
        }
        let parsed = DateTime::parse_from_rfc3339(text).map_err(|_| {
            Problem::new("", "invalid_timestamp", "this is no RFC 3339 instant")
                .help("write it as 2026-03-01T12:00:00.000Z")
        })?;
        Self::from_millis(parsed.timestamp_millis())
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Digits and signs, always.
        f.write_str(std::str::from_utf8(&written::text_of(self.0)).unwrap_or_default())
    }
}

impl fmt::Debug for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Serialize for Timestamp {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(std::str::from_utf8(&written::text_of(self.0)).unwrap_or_default())
    }
}

impl<'de> Deserialize<'de> for Timestamp {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        crate::word::read(deserializer)
    }
}

#[cfg(feature = "schema")]
impl schemars::JsonSchema for Timestamp {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Timestamp".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({
            "description": "An instant, RFC 3339; written in UTC with `Z` and milliseconds, read with any offset.",
            "type": "string",
            "format": "date-time",
        })
    }
}

//! The five drivers: names, limits, and what a value stands for.

use serde::{Deserialize, Serialize};

use crate::enumeration;
use crate::math::round9;
use crate::score::Score;

enumeration! {
    /// What a platform's EMQ is made of.
    pub enum EmqDriver "EMQ driver" {
        /// How many events the platform matched to people.
        EventMatchRate = "EVENT_MATCH_RATE",
        /// How many pages and events the pixel covers.
        PixelCoverage = "PIXEL_COVERAGE",
        /// How soon conversions reach the platform.
        ConversionLatency = "CONVERSION_LATENCY",
        /// How near the platform's conversions and revenue are to the reference.
        AttributionAccuracy = "ATTRIBUTION_ACCURACY",
        /// How old the newest event or synchronisation is.
        DataFreshness = "DATA_FRESHNESS",
    }
}

enumeration! {
    /// What the value of a driver stands for.
    pub enum DriverStatus "driver status" {
        /// At or above the driver's good limit.
        Good = "GOOD",
        /// At or above its warning limit.
        Warning = "WARNING",
        /// Below, or not measured.
        Critical = "CRITICAL",
    }
}

enumeration! {
    /// A driver against its previous period.
    pub enum Trend "trend" {
        /// More than 2 points above.
        Up = "UP",
        /// More than 2 points below.
        Down = "DOWN",
        /// Within 2 points.
        Flat = "FLAT",
    }
}

impl EmqDriver {
    /// The weight where a tenant sets none, 0 to 100.
    #[must_use]
    pub const fn default_weight(self) -> f64 {
        match self {
            Self::EventMatchRate => 30.0,
            Self::PixelCoverage => 25.0,
            Self::ConversionLatency => 20.0,
            Self::AttributionAccuracy => 15.0,
            Self::DataFreshness => 10.0,
        }
    }

    /// From which value the driver is good.
    #[must_use]
    pub const fn good_limit(self) -> f64 {
        match self {
            Self::EventMatchRate => 85.0,
            Self::PixelCoverage => 90.0,
            Self::ConversionLatency => 70.0,
            Self::AttributionAccuracy | Self::DataFreshness => 80.0,
        }
    }

    /// From which value the driver is no longer critical.
    #[must_use]
    pub const fn warning_limit(self) -> f64 {
        match self {
            Self::EventMatchRate => 70.0,
            Self::PixelCoverage => 75.0,
            Self::ConversionLatency => 40.0,
            Self::AttributionAccuracy => 60.0,
            Self::DataFreshness => 50.0,
        }
    }

    /// What a value of this driver stands for; not measured is critical.
    #[must_use]
    pub fn status(self, value: Option<Score>) -> DriverStatus {
        match value.map(Score::get) {
            Some(value) if value >= self.good_limit() => DriverStatus::Good,
            Some(value) if value >= self.warning_limit() => DriverStatus::Warning,
            _ => DriverStatus::Critical,
        }
    }
}

impl Trend {
    /// The trend from one period to the next; `None` if either is missing.
    #[must_use]
    pub fn between(previous: Option<Score>, current: Option<Score>) -> Option<Self> {
        let change = round9(current?.get() - previous?.get());
        Some(if change > 2.0 {
            Self::Up
        } else if change < -2.0 {
            Self::Down
        } else {
            Self::Flat
        })
    }
}

/// One driver of a platform's EMQ.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct DriverReading {
    /// Which driver.
    pub name: EmqDriver,
    /// 0 to 100, or not measured.
    pub value: Option<Score>,
    /// 0 to 100.
    pub weight: f64,
    /// weight · value / 100; 0 when not measured.
    pub contribution: f64,
    /// What the value stands for; critical when not measured.
    pub status: DriverStatus,
    /// Against the previous period; `None` if either was not measured.
    pub trend: Option<Trend>,
    /// The value of the previous period.
    #[serde(default)]
    pub previous: Option<Score>,
}

impl DriverReading {
    pub(super) fn new(name: EmqDriver, value: Option<Score>, weight: f64, previous: Option<Score>) -> Self {
        Self {
            name,
            value,
            weight,
            contribution: value.map_or(0.0, |value| round9(weight * value.get() / 100.0)),
            status: name.status(value),
            trend: Trend::between(previous, value),
            previous,
        }
    }
}

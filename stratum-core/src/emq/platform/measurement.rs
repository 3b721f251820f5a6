//! From measurements to the values of the drivers.

use serde::{Deserialize, Serialize};

use super::driver::EmqDriver;
use crate::math::{count, finite, lerp, mean};
use crate::problem::{Problem, ProblemCollector};
use crate::score::Score;
use crate::time::Timestamp;

/// Latency of conversions, in mean hours.
const LATENCY: [(f64, f64); 5] = [(0.0, 100.0), (1.0, 90.0), (4.0, 70.0), (12.0, 40.0), (24.0, 0.0)];
/// Age of the newest data, in hours.
const FRESHNESS: [(f64, f64); 4] = [(1.0, 100.0), (6.0, 80.0), (24.0, 40.0), (48.0, 0.0)];

/// What was measured at a platform. What was not measured is left out; zero is a measurement.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default)]
pub struct DriverMeasurements {
    /// Events sent from browsers.
    pub events_browser: Option<u64>,
    /// Events sent from servers.
    pub events_server: Option<u64>,
    /// Events that the platform matched.
    pub events_matched: Option<u64>,
    /// Events that were to be sent.
    pub events_expected: Option<u64>,
    /// Pages of the site.
    pub pages_total: Option<u64>,
    /// Of these, pages with the pixel.
    pub pages_with_pixel: Option<u64>,
    /// Kinds of event that the tenant wants to send.
    pub event_kinds_expected: Option<u64>,
    /// Of these, kinds that are configured.
    pub event_kinds_configured: Option<u64>,
    /// Mean hours from a conversion to its delivery.
    pub conversion_latency_hours: Option<f64>,
    /// |platform − reference| / reference of conversions; 0.1 is ten per cent.
    pub conversion_variance_frac: Option<f64>,
    /// |platform − reference| / reference of revenue.
    pub revenue_variance_frac: Option<f64>,
    /// Hours since the newest of the last event and the last synchronisation.
    pub data_age_hours: Option<f64>,
}

impl DriverMeasurements {
    /// Sets [`Self::data_age_hours`] from the instants of the last event and the last synchronisation: the newer one
    /// counts, up to five minutes ahead of `now` is age 0, and an instant further ahead counts as not measured.
    #[must_use]
    pub fn data_as_of(
        mut self,
        now: Timestamp,
        last_event: Option<Timestamp>,
        last_sync: Option<Timestamp>,
    ) -> Self {
        let latest = now.plus_minutes(5);
        let newest = last_event.into_iter().chain(last_sync).filter(|&at| at <= latest).max();
        self.data_age_hours = newest.map(|at| now.hours_since(at).max(0.0));
        self
    }

    /// The value of a driver, 0 to 100; `None` where nothing was measured. NaN and infinities count as not measured.
    #[must_use]
    pub fn value(&self, driver: EmqDriver) -> Option<Score> {
        match driver {
            EmqDriver::EventMatchRate => self.match_frac().and_then(|rate| Score::clamped(100.0 * rate)),
            EmqDriver::PixelCoverage => {
                let pages = share(self.pages_with_pixel, self.pages_total);
                let kinds = share(self.event_kinds_configured, self.event_kinds_expected);
                let measured: Vec<f64> = pages.into_iter().chain(kinds).collect();
                mean(&measured).and_then(|covered| Score::clamped(100.0 * covered))
            }
            EmqDriver::ConversionLatency => self
                .conversion_latency_hours
                .and_then(finite)
                .and_then(|hours| Score::clamped(lerp(&LATENCY, hours))),
            EmqDriver::AttributionAccuracy => {
                let conversions = self.conversion_variance_frac.and_then(finite);
                let revenue = self.revenue_variance_frac.and_then(finite);
                let measured: Vec<f64> = conversions.into_iter().chain(revenue).collect();
                mean(&measured).and_then(|variance| Score::clamped(100.0 - 200.0 * variance))
            }
            EmqDriver::DataFreshness => {
                self.data_age_hours.and_then(finite).and_then(|hours| Score::clamped(lerp(&FRESHNESS, hours)))
            }
        }
    }

    /// Matched events over the larger of browser and server events, 0 to 1; `None` if either side is not known or 0.
    #[must_use]
    pub fn match_frac(&self) -> Option<f64> {
        share(self.events_matched, self.events_browser.max(self.events_server))
    }

    /// Events that arrived, each once: browser and server events without those that came both ways.
    #[must_use]
    pub fn events_received(&self) -> Option<u64> {
        Some(self.events_browser?.saturating_add(self.events_server?).saturating_sub(self.events_matched?))
    }

    /// Expected events that did not arrive, in per cent; `None` unless all four counts are known and some were expected.
    #[must_use]
    pub fn event_loss_pct(&self) -> Option<Score> {
        let expected = self.events_expected.filter(|&expected| expected > 0)?;
        let lost = expected.saturating_sub(self.events_received()?);
        Score::clamped(100.0 * count(lost) / count(expected))
    }

    /// Pages of the site that the pixel covers, 0 to 1.
    pub(super) fn page_share(&self) -> Option<f64> {
        share(self.pages_with_pixel, self.pages_total)
    }

    /// Kinds of event that are configured, 0 to 1.
    pub(super) fn event_kind_share(&self) -> Option<f64> {
        share(self.event_kinds_configured, self.event_kinds_expected)
    }

    /// Notes every measurement that cannot be one.
    pub(super) fn check(&self, path: &str, found: &mut ProblemCollector) {
        for (name, value) in [
            ("conversion_latency_hours", self.conversion_latency_hours),
            ("conversion_variance_frac", self.conversion_variance_frac),
            ("revenue_variance_frac", self.revenue_variance_frac),
            ("data_age_hours", self.data_age_hours),
        ] {
            if let Some(value) = value.and_then(finite).filter(|&value| value < 0.0) {
                found.push(
                    Problem::new(
                        format!("{path}/{name}"),
                        "below_minimum",
                        format!("this is at least 0, not {value}"),
                    )
                    .help("leave out what was not measured"),
                );
            }
        }
    }
}

/// `part` of `whole`, at most 1; `None` if one of them is not known or there is nothing to be part of.
fn share(part: Option<u64>, whole: Option<u64>) -> Option<f64> {
    let whole = whole.filter(|&whole| whole > 0)?;
    Some((count(part?) / count(whole)).min(1.0))
}

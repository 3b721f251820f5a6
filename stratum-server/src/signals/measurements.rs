//! From stored signals to the measurements that health reads. Pure: rows in, [`Measurements`] out.

use serde_json::Value;
use stratum_core::Timestamp;
use stratum_core::emq::platform::{DriverMeasurements, PlatformEmqRequest};
use stratum_core::health::components::variance_pct;
use stratum_core::health::{
    ApiCalls, DailyMetrics, EmqReading, EventTotals, Measurements, OpenIncident, RecordTotals, StabilityFacts,
};
use stratum_core::math;

use super::vocabulary::{self, Aggregate};

/// A stored signal, as far as health reads it.
#[derive(Debug, Clone, PartialEq)]
pub struct SignalRow {
    /// Its name; see [`vocabulary::KNOWN`].
    pub name: String,
    /// Its value, at least 0; absent where the instant is what counts.
    pub value: Option<f64>,
    /// When it was measured.
    pub observed_at: Timestamp,
    /// `event_name` and `volume`, where the name has them.
    pub attributes: Value,
    /// Whether the tenant pushed it; otherwise a collector of the server's wrote it.
    pub pushed: bool,
}

impl SignalRow {
    fn volume(&self) -> Option<f64> {
        self.attributes.get("volume").and_then(Value::as_f64).and_then(math::finite)
    }
}

/// What stands beside the signals.
#[derive(Debug, Clone, Default)]
pub struct Surroundings {
    /// The daily figures of the platform's campaigns, summed.
    pub daily: Option<DailyMetrics>,
    /// The platform's open incidents.
    pub open_incidents: Vec<OpenIncident>,
    /// The EMQ of each of the last seven days.
    pub daily_emq: Vec<Option<f64>>,
    /// The mean event EMQ of the tenant's own events of the last 24 hours.
    pub cdp_emq: Option<f64>,
}

/// Takes the signals of one platform together, each name over its own window before `now`.
///
/// Where the tenant pushed a name within its window, the collector's values of that name count nothing there.
#[must_use]
pub fn measurements(now: Timestamp, signals: &[SignalRow], around: Surroundings) -> Measurements {
    let read = Reader { now, signals };
    let mut measured = Measurements::default();

    measured.api = match (read.value("api_requests"), read.value("credentials_valid")) {
        (None, None) => None,
        (requests, valid) => {
            let requests = requests.unwrap_or(0.0);
            Some(ApiCalls {
                requests,
                // A failure is a request: pushed apart, the two may cross the edge of the window differently.
                failures: read.value("api_failures").unwrap_or(0.0).min(requests),
                credentials_valid: valid.map(|valid| valid >= 1.0),
            })
        }
    };
    measured.event_loss = read
        .value("events_received")
        .or_else(|| read.value("events_expected").map(|_| 0.0))
        .map(|received| EventTotals { expected: read.value("events_expected"), received });
    measured.platform_stability = match (read.value("sync_ok"), read.value("sync_failed")) {
        (None, None) => None,
        (ok, failed) => Some(StabilityFacts {
            sync_ok: ok.unwrap_or(0.0),
            sync_failed: failed.unwrap_or(0.0),
            daily_emq: around.daily_emq,
            open_incidents: around.open_incidents,
        }),
    };
    measured.data_quality = read.value("records_total").map(|total| {
        let part = |name| read.value(name).unwrap_or(0.0).min(total);
        RecordTotals {
            total,
            valid: part("records_valid"),
            complete: part("records_complete"),
            duplicate: part("records_duplicate"),
        }
    });
    measured.platform_data_at = read.newest("platform_data");
    measured.cdp_emq = around.cdp_emq;
    measured.emq = read.emq_readings();
    if measured.emq.is_empty() {
        measured.emq = read.five_driver_reading(around.daily.as_ref()).into_iter().collect();
    }
    measured.daily = around.daily;
    measured
}

struct Reader<'a> {
    now: Timestamp,
    signals: &'a [SignalRow],
}

impl<'a> Reader<'a> {
    /// The rows of a name that count: within its window, and the pushed ones alone if there are any.
    fn rows(&self, name: &str) -> Vec<&'a SignalRow> {
        let window_ms = vocabulary::find(name).and_then(|known| known.window_ms);
        let from = window_ms.map(|ms| self.now.plus_millis(ms.saturating_neg()));
        let mut rows: Vec<&SignalRow> = self
            .signals
            .iter()
            .filter(|row| row.name == name)
            .filter(|row| from.is_none_or(|from| row.observed_at > from))
            .filter(|row| row.observed_at <= self.now.plus_millis(stratum_core::gate::CLOCK_TOLERANCE_MS))
            .collect();
        if rows.iter().any(|row| row.pushed) {
            rows.retain(|row| row.pushed);
        }
        rows
    }

    fn value(&self, name: &str) -> Option<f64> {
        let rows = self.rows(name);
        let measured = || rows.iter().filter_map(|row| row.value.map(|value| (*row, value)));
        match vocabulary::find(name)?.aggregate {
            Aggregate::Count => {
                let values: Vec<f64> = measured().map(|(_, value)| value).collect();
                (!values.is_empty()).then(|| math::sum(&values))
            }
            Aggregate::Level => measured().max_by_key(|(row, _)| row.observed_at).map(|(_, value)| value),
            Aggregate::MeanByVolume => {
                let weight = |row: &SignalRow| row.volume().filter(|volume| *volume > 0.0).unwrap_or(1.0);
                let volumes: Vec<f64> = measured().map(|(row, _)| weight(row)).collect();
                let weighed: Vec<f64> = measured().map(|(row, value)| value * weight(row)).collect();
                (!volumes.is_empty()).then(|| math::sum(&weighed) / math::sum(&volumes))
            }
            Aggregate::Instant => None,
        }
    }

    fn newest(&self, name: &str) -> Option<Timestamp> {
        self.rows(name).iter().map(|row| row.observed_at).max()
    }

    fn whole(&self, name: &str) -> Option<u64> {
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a count is at least 0, and a cast from float saturates"
        )]
        self.value(name).map(|value| value.round() as u64)
    }

    /// The platform's own ratings and scores, as they were read.
    fn emq_readings(&self) -> Vec<EmqReading> {
        let scores = self.rows("emq_score").into_iter().map(|row| (row, false));
        let ratings = self.rows("emq_rating").into_iter().map(|row| (row, true));
        scores
            .chain(ratings)
            .filter_map(|(row, is_rating)| {
                let value = row.value?;
                let reading = if is_rating {
                    EmqReading::rating(value.min(10.0), row.observed_at)
                } else {
                    EmqReading::score(value.min(100.0), row.observed_at)
                };
                Some(match row.attributes.get("event_name").and_then(Value::as_str) {
                    Some(event) => reading.of_event(event, row.volume()),
                    None => EmqReading { volume: row.volume(), ..reading },
                })
            })
            .collect()
    }

    /// The five-driver score, for a platform that tells no rating of its own; `None` if no driver is measured.
    fn five_driver_reading(&self, daily: Option<&DailyMetrics>) -> Option<EmqReading> {
        let drivers = DriverMeasurements {
            events_browser: self.whole("events_browser"),
            events_server: self.whole("events_server"),
            events_matched: self.whole("events_matched"),
            events_expected: self.whole("events_expected"),
            pages_total: self.whole("pages_total"),
            pages_with_pixel: self.whole("pages_with_pixel"),
            event_kinds_expected: self.whole("event_kinds_expected"),
            event_kinds_configured: self.whole("event_kinds_configured"),
            conversion_latency_hours: self.value("conversion_latency_hours"),
            revenue_variance_frac: daily.and_then(variance_pct).map(|pct| pct / 100.0),
            ..DriverMeasurements::default()
        };
        let drivers = drivers.data_as_of(self.now, None, self.newest("platform_data"));
        let emq = stratum_core::emq::platform::evaluate(&PlatformEmqRequest::new(drivers)).ok()?;
        emq.drivers
            .iter()
            .any(|driver| driver.value.is_some())
            .then(|| EmqReading::score(emq.score.get(), self.now))
    }
}

//! Several platforms as one.

use serde::{Deserialize, Serialize};

use super::driver::{DriverReading, DriverStatus, EmqDriver};
use super::evaluation::{ConfidenceBand, PlatformEmq};
use crate::math::{CompensatedSum, count, sum};
use crate::score::Score;

/// A platform's EMQ and how much it counts.
#[derive(Debug, Clone, Copy)]
pub struct PlatformShare<'a> {
    /// The platform's EMQ.
    pub emq: &'a PlatformEmq,
    /// Events that the platform received; `None` if unknown.
    pub events_received: Option<u64>,
}

impl<'a> From<&'a PlatformEmq> for PlatformShare<'a> {
    fn from(emq: &'a PlatformEmq) -> Self {
        Self { emq, events_received: emq.events_received }
    }
}

/// The EMQ of several platforms together.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct AggregatedEmq {
    /// 0 to 100; 0 without a platform.
    pub score: Score,
    /// How far figures that rest on it can be relied on.
    pub confidence_band: ConfidenceBand,
    /// The five drivers: each value a mean in which a platform without it counts 0, each status the worst of the platforms.
    pub drivers: Vec<DriverReading>,
}

/// Puts platforms together, weighted by the events that they received; equally if that is not known of all of them or is 0.
#[must_use]
pub fn aggregate(platforms: &[PlatformShare<'_>]) -> AggregatedEmq {
    let shares = shares(platforms);
    let scores = platforms.iter().map(|platform| platform.emq.score.get());
    let score = weighted_mean(scores, &shares).unwrap_or(Score::MIN);
    let drivers = EmqDriver::ALL.iter().map(|&name| driver(name, platforms, &shares)).collect();
    AggregatedEmq { score, confidence_band: ConfidenceBand::of(score), drivers }
}

fn driver(name: EmqDriver, platforms: &[PlatformShare<'_>], shares: &[f64]) -> DriverReading {
    let readings: Vec<DriverReading> = platforms
        .iter()
        .map(|platform| {
            let own = platform.emq.drivers.iter().find(|reading| reading.name == name).copied();
            own.unwrap_or_else(|| DriverReading::new(name, None, name.default_weight(), None))
        })
        .collect();
    let mean_of = |part: fn(&DriverReading) -> Option<Score>| {
        weighted_mean(readings.iter().map(|reading| part(reading).map_or(0.0, Score::get)), shares)
    };
    let measured = readings.iter().any(|reading| reading.value.is_some());
    // A trend among platforms of which some have no past would only say which of them are counted.
    let comparable = readings.iter().all(|reading| reading.value.is_some() && reading.previous.is_some());
    let value = if measured { mean_of(|reading| reading.value) } else { None };
    let previous = if comparable { mean_of(|reading| reading.previous) } else { None };
    let weight = readings.first().map_or(name.default_weight(), |reading| reading.weight);
    let worst = readings.iter().map(|reading| reading.status).max().unwrap_or(DriverStatus::Critical);
    DriverReading { status: worst, ..DriverReading::new(name, value, weight, previous) }
}

fn shares(platforms: &[PlatformShare<'_>]) -> Vec<f64> {
    let known: Option<Vec<f64>> =
        platforms.iter().map(|platform| platform.events_received.map(count)).collect();
    match known {
        Some(volumes) if volumes.iter().any(|&volume| volume > 0.0) => volumes,
        _ => vec![1.0; platforms.len()],
    }
}

fn weighted_mean(values: impl Iterator<Item = f64>, shares: &[f64]) -> Option<Score> {
    let total = sum(shares);
    let weighed: CompensatedSum = values.zip(shares).map(|(value, share)| value * share).collect();
    if total > 0.0 { Score::clamped(weighed.value() / total) } else { None }
}

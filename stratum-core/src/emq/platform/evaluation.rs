//! The evaluation of one platform.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::driver::{DriverReading, EmqDriver};
use super::impact::{RoasFacts, RoasImpact, roas_impact};
use super::measurement::DriverMeasurements;
use super::playbook::{PlaybookItem, playbook};
use super::volatility::{self, DailyScore, Volatility};
use super::weights::{CompiledDriverWeights, DriverWeights};
use crate::enumeration;
use crate::math::round9;
use crate::problem::{ProblemCollector, Problems};
use crate::score::Score;
use crate::vocabulary::Platform;

enumeration! {
    /// How far figures that rest on a platform's EMQ can be relied on.
    pub enum ConfidenceBand "confidence band" {
        /// 80 or more.
        Reliable = "RELIABLE",
        /// 60 or more: the direction is right, the amount may not be.
        Directional = "DIRECTIONAL",
        /// Below 60, or nothing measured.
        Unsafe = "UNSAFE",
    }
}

impl ConfidenceBand {
    /// The band of a platform's EMQ.
    #[must_use]
    pub fn of(score: Score) -> Self {
        match score.get() {
            value if value >= 80.0 => Self::Reliable,
            value if value >= 60.0 => Self::Directional,
            _ => Self::Unsafe,
        }
    }
}

/// What a platform's EMQ is evaluated from. All but the measurements may be left out.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct PlatformEmqRequest {
    /// Which platform; only carried through to the answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub platform: Option<Platform>,
    /// What was measured.
    pub measurements: DriverMeasurements,
    /// The drivers of the previous period, for the trends.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub previous: BTreeMap<EmqDriver, Score>,
    /// The tenant's own weights.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub weights: Option<DriverWeights>,
    /// Past scores, one a day, for the volatility; in any order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub history: Vec<DailyScore>,
    /// What the platform earned and cost, for the estimated impact of its match rate.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub roas: Option<RoasFacts>,
}

impl PlatformEmqRequest {
    /// A request with these measurements and nothing else.
    #[must_use]
    pub fn new(measurements: DriverMeasurements) -> Self {
        Self { measurements, ..Self::default() }
    }

    /// For a platform.
    #[must_use]
    pub fn platform(mut self, platform: Platform) -> Self {
        self.platform = Some(platform);
        self
    }

    /// With the drivers of the previous period.
    #[must_use]
    pub fn previous(mut self, previous: BTreeMap<EmqDriver, Score>) -> Self {
        self.previous = previous;
        self
    }

    /// With the tenant's own weights.
    #[must_use]
    pub fn weights(mut self, weights: DriverWeights) -> Self {
        self.weights = Some(weights);
        self
    }

    /// With past scores.
    #[must_use]
    pub fn history(mut self, history: Vec<DailyScore>) -> Self {
        self.history = history;
        self
    }

    /// With what the platform earned and cost.
    #[must_use]
    pub fn roas(mut self, roas: RoasFacts) -> Self {
        self.roas = Some(roas);
        self
    }
}

/// The EMQ of one platform.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct PlatformEmq {
    /// Which platform, if the request said.
    #[serde(default)]
    pub platform: Option<Platform>,
    /// 0 to 100.
    pub score: Score,
    /// The sum of the weights that were measured, 0 to 100.
    pub coverage_pct: f64,
    /// How far figures that rest on it can be relied on.
    pub confidence_band: ConfidenceBand,
    /// The five drivers, in the order of the vocabulary.
    pub drivers: Vec<DriverReading>,
    /// Expected events that did not arrive, in per cent; `None` unless all four counts are known.
    pub event_loss_pct: Option<Score>,
    /// How much the daily score swings within a week; `None` for fewer than two weeks.
    pub volatility: Option<Volatility>,
    /// What to repair, the largest gain first.
    pub playbook: Vec<PlaybookItem>,
    /// What the match rate costs, an estimate; `None` where it is not defined.
    pub roas_impact: Option<RoasImpact>,
    /// Events that arrived, each once: the weight of this platform among several.
    pub events_received: Option<u64>,
}

/// Evaluates one platform.
///
/// # Errors
/// Every problem at once: those of the weights below `/weights`, `below_minimum` of a measurement, `duplicate_day` in the
/// history, `currency_mismatch` and `below_minimum` of the ROAS facts.
pub fn evaluate(request: &PlatformEmqRequest) -> Result<PlatformEmq, Problems> {
    let mut found = ProblemCollector::new();
    let weights = match &request.weights {
        None => Some(CompiledDriverWeights::default()),
        Some(weights) => found.take("/weights", weights.compile()),
    };
    request.measurements.check("/measurements", &mut found);
    volatility::check(&request.history, "/history", &mut found);
    let roas = request.roas.as_ref().and_then(|roas| found.take("/roas", roas.check()).map(|()| roas));
    found.into_result(())?;
    let weights = weights.unwrap_or_default();

    let drivers: Vec<DriverReading> = EmqDriver::ALL
        .iter()
        .map(|&driver| {
            let value = request.measurements.value(driver);
            DriverReading::new(driver, value, weights.weight(driver), request.previous.get(&driver).copied())
        })
        .collect();
    let measured = drivers.iter().filter(|driver| driver.value.is_some());
    let coverage = measured.map(|driver| driver.weight).sum::<f64>();
    let score = score(&drivers);
    Ok(PlatformEmq {
        platform: request.platform,
        score,
        coverage_pct: round9(coverage).min(100.0),
        confidence_band: ConfidenceBand::of(score),
        event_loss_pct: request.measurements.event_loss_pct(),
        volatility: volatility::volatility(&request.history),
        playbook: playbook(&drivers, &request.measurements),
        roas_impact: roas.and_then(|roas| roas_impact(request.measurements.match_frac(), roas)),
        events_received: request.measurements.events_received(),
        drivers,
    })
}

/// Σ weight · value / 100, divided last, a missing value counting 0.
fn score(drivers: &[DriverReading]) -> Score {
    let weighed: f64 =
        drivers.iter().map(|driver| driver.weight * driver.value.map_or(0.0, Score::get)).sum();
    Score::clamped(weighed / 100.0).unwrap_or(Score::MIN)
}

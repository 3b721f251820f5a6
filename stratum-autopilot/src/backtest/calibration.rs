//! How often decisions at each health turned out right.

use serde::{Deserialize, Serialize};
use stratum_core::Score;
use stratum_core::math::{count, round9};

const BINS: usize = 10;
const BIN_WIDTH: f64 = 10.0;

/// The 97.5 % quantile of the standard normal distribution: 95 % of the probability lies between −z and z.
const Z_95: f64 = 1.959_963_984_540_054;

/// One range of health.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct CalibrationBin {
    /// From this health on.
    pub health_from: f64,
    /// Up to this health, which belongs to the next range; 100 belongs to the last.
    pub health_to: f64,
    /// Decisions at such a health; at least 1.
    pub decisions: u64,
    /// Of these, how many turned out right.
    pub good: u64,
    /// good / decisions, 0 to 1.
    pub share_good: f64,
    /// The lower end of the 95 % interval of that share (Wilson, 1927).
    pub low: f64,
    /// The upper end.
    pub high: f64,
}

/// How well health foretold what came of the decisions.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct CalibrationReport {
    /// The ranges of ten points in which there were decisions, ascending.
    pub bins: Vec<CalibrationBin>,
    /// The mean of (health / 100 − outcome)², the outcome being 1 or 0 (Brier, 1950): 0 is perfect, 0.25 is what always
    /// saying 50 gets. Null without decisions.
    pub brier: Option<f64>,
    /// How many decisions there were.
    pub decisions: u64,
}

/// A calibration under way: counts and one exact sum, so that pieces merge in any order to the same bits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Calibration {
    bins: [Outcomes; BINS],
    /// The sum of the squared errors in units of (1e-9 points)²: a score has nine decimals, so nothing is lost.
    squared_error: u128,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
struct Outcomes {
    decisions: u64,
    good: u64,
}

/// Units of 1e-9 points from 0 to 100.
const FULL_SCALE: u64 = 100_000_000_000;

impl Calibration {
    /// Begins with no decision.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a decision: the health at its time, and whether it turned out right.
    pub fn add(&mut self, health: Score, good: bool) {
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a score is from 0 to 100 and never NaN"
        )]
        let (bin, units) = (
            ((health.get() / BIN_WIDTH) as usize).min(BINS.saturating_sub(1)),
            (health.get() * 1e9).round() as u64,
        );
        if let Some(outcomes) = self.bins.get_mut(bin) {
            outcomes.decisions = outcomes.decisions.saturating_add(1);
            outcomes.good = outcomes.good.saturating_add(u64::from(good));
        }
        let error = u128::from(units.abs_diff(if good { FULL_SCALE } else { 0 }));
        self.squared_error = self.squared_error.saturating_add(error.saturating_mul(error));
    }

    /// Adds what another calibration has counted.
    pub fn merge(&mut self, other: &Self) {
        for (ours, theirs) in self.bins.iter_mut().zip(other.bins) {
            ours.decisions = ours.decisions.saturating_add(theirs.decisions);
            ours.good = ours.good.saturating_add(theirs.good);
        }
        self.squared_error = self.squared_error.saturating_add(other.squared_error);
    }

    /// The report; figures from 0 to 1 are rounded to nine decimals.
    #[must_use]
    pub fn finish(&self) -> CalibrationReport {
        let decisions = self.bins.iter().fold(0_u64, |sum, bin| sum.saturating_add(bin.decisions));
        let bins = self.bins.iter().zip(0_u32..).filter_map(|(outcomes, index)| {
            let (low, high) = wilson_interval(outcomes.good, outcomes.decisions)?;
            let health_from = f64::from(index) * BIN_WIDTH;
            Some(CalibrationBin {
                health_from,
                health_to: health_from + BIN_WIDTH,
                decisions: outcomes.decisions,
                good: outcomes.good,
                share_good: round9(count(outcomes.good) / count(outcomes.decisions)),
                low,
                high,
            })
        });
        CalibrationReport { bins: bins.collect(), brier: self.brier(decisions), decisions }
    }

    /// The mean squared error on the scale 0 to 1, rounded half up to nine decimals in integers.
    fn brier(&self, decisions: u64) -> Option<f64> {
        // (1e-9 points)² are 1e-22 of the whole scale squared; a billionth of that scale is 1e13 of them.
        let billionth = u128::from(decisions).checked_mul(10_000_000_000_000)?;
        let doubled = self.squared_error.checked_mul(2)?.checked_add(billionth)?;
        let billionths = doubled.checked_div(billionth.checked_mul(2)?)?;
        Some(count(u64::try_from(billionths).ok()?) / 1e9)
    }
}

/// The 95 % interval of a share, rounded to nine decimals; `None` without trials (E. B. Wilson, "Probable inference, the
/// law of succession, and statistical inference", 1927).
///
/// ```
/// use stratum_autopilot::backtest::wilson_interval;
/// assert_eq!(wilson_interval(8, 10), Some((0.490162472, 0.943317849)));
/// assert_eq!(wilson_interval(0, 0), None);
/// ```
#[must_use]
pub fn wilson_interval(successes: u64, trials: u64) -> Option<(f64, f64)> {
    if trials == 0 {
        return None;
    }
    let n = count(trials);
    let p = count(successes.min(trials)) / n;
    let z2 = Z_95 * Z_95;
    let centre = p + z2 / (2.0 * n);
    let half_width = Z_95 * (p * (1.0 - p) / n + z2 / (4.0 * n * n)).sqrt();
    let scale = 1.0 + z2 / n;
    let bound = |value: f64| round9(value / scale).clamp(0.0, 1.0) + 0.0;
    Some((bound(centre - half_width), bound(centre + half_width)))
}

//! Intervals from the covariance of the logarithms of the parameters.

use serde::{Deserialize, Serialize};
use stratum_core::math::{exp, ln};
use stratum_core::problem::{Problem, ProblemCollector};
use stratum_core::statistics::{Distribution, Normal};

/// From where to where.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Interval {
    /// The lower end.
    pub low: f64,
    /// The upper end.
    pub high: f64,
}

/// How many standard errors an interval of this confidence reaches to each side.
pub(super) fn reach(confidence: f64) -> f64 {
    Normal::STANDARD.isf((1.0 - confidence) / 2.0)
}

pub(super) fn check_confidence(confidence: f64, found: &mut ProblemCollector) {
    if !(0.5..=0.999_999).contains(&confidence) {
        let text = "the confidence is from 0.5 to 0.999999";
        found.push(Problem::new("/confidence", "out_of_range", text).help("write 0.95 for 95 %"));
    }
}

pub(super) fn check_covariance<const N: usize>(
    path: &str,
    covariance: Option<&[[f64; N]; N]>,
    found: &mut ProblemCollector,
) {
    if covariance.into_iter().flatten().flatten().any(|entry| !entry.is_finite()) {
        found.push(Problem::new(path, "out_of_range", "a covariance is made of finite numbers"));
    }
}

/// The interval of a parameter: even on the scale of logarithms, where the likelihood is closest to a normal one.
pub(super) fn of_parameter(value: f64, variance: f64, reach: f64) -> Interval {
    let wide = reach * variance.max(0.0).sqrt();
    Interval { low: value * exp(-wide), high: value * exp(wide) }
}

/// The interval of a positive number that is predicted: even on the scale of logarithms.
pub(super) fn of_positive(value: f64, standard_error: f64, reach: f64) -> Interval {
    if value <= 0.0 {
        return Interval { low: value, high: value };
    }
    of_parameter(value, (standard_error / value) * (standard_error / value), reach)
}

/// The interval of a chance: even on the scale of log-odds.
pub(super) fn of_chance(chance: f64, standard_error: f64, reach: f64) -> Interval {
    let slope = chance * (1.0 - chance);
    if slope <= 0.0 {
        return Interval { low: chance, high: chance };
    }
    let wide = reach * standard_error / slope;
    let odds = ln(chance / (1.0 - chance));
    let back = |logit: f64| 1.0 / (1.0 + exp(-logit));
    Interval { low: back(odds - wide), high: back(odds + wide) }
}

/// The standard error of what is computed from the parameters (delta method; slopes by central differences).
pub(super) fn standard_error<const N: usize>(
    parameters: [f64; N],
    covariance: &[[f64; N]; N],
    predicted: impl Fn([f64; N]) -> f64,
) -> f64 {
    const STEP: f64 = 1e-4;
    let mut slopes = [0.0; N];
    for (place, slope) in slopes.iter_mut().enumerate() {
        let moved = |by: f64| {
            let mut parameters = parameters;
            if let Some(parameter) = parameters.get_mut(place) {
                *parameter *= exp(by);
            }
            predicted(parameters)
        };
        *slope = (moved(STEP) - moved(-STEP)) / (2.0 * STEP);
    }
    let variance: f64 = covariance
        .iter()
        .zip(slopes)
        .map(|(row, slope)| slope * row.iter().zip(slopes).map(|(entry, other)| entry * other).sum::<f64>())
        .sum();
    // Below zero by the noise of summation alone; what is no number stays none.
    if variance < 0.0 { 0.0 } else { variance.sqrt() }
}

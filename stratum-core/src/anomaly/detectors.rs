//! Detectors over a whole series: the usual ones of the field, each a score for every point and the points flagged.
//!
//! A point is flagged when |score| is above the threshold. Standard deviations here divide by n.
//!
//! ```
//! use stratum_core::anomaly::detectors::mad;
//! let found = mad(&[1.0, 2.0, 3.0, 4.0, 100.0], 3.5).unwrap();
//! assert_eq!(found.flags, [4]);
//! ```

use serde::{Deserialize, Serialize};

use crate::math::{finite, length, mean, population_std};
use crate::problem::{Problem, ProblemCollector, Problems};

/// What a detector found in a series.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Detection {
    /// The positions of the flagged points, ascending, from 0.
    pub flags: Vec<usize>,
    /// The score of each point; `None` where it is not defined.
    pub scores: Vec<Option<f64>>,
}

impl Detection {
    fn of(scores: Vec<Option<f64>>, threshold: f64) -> Self {
        // Points near the largest double overflow their squares: no score is better than NaN.
        let scores: Vec<Option<f64>> = scores.into_iter().map(|score| score.and_then(finite)).collect();
        let above = |score: &Option<f64>| score.is_some_and(|score| score.abs() > threshold);
        let flags = scores
            .iter()
            .enumerate()
            .filter(|(_, score)| above(score))
            .map(|(position, _)| position)
            .collect();
        Self { flags, scores }
    }
}

/// Each point against the mean and standard deviation of the whole series. A constant series scores 0.
///
/// # Errors
/// Every problem at once: `not_a_number` for a point or threshold that is none, `below_minimum` for a negative threshold.
pub fn zscore(series: &[f64], threshold: f64) -> Result<Detection, Problems> {
    checked(series, threshold).into_result(())?;
    let center = mean(series).unwrap_or(0.0);
    let spread = population_std(series).filter(|&spread| spread > 0.0 && !is_constant(series));
    let scores = series.iter().map(|x| Some(spread.map_or(0.0, |spread| (x - center) / spread))).collect();
    Ok(Detection::of(scores, threshold))
}

/// Each point against the mean and standard deviation of the `window` points before it, itself not among them.
///
/// The first `window` points have no score. After a constant window the same value again scores 0; any other has no score
/// and is flagged. Each window is summed afresh, so the work is points times window and no rounding error adds up.
///
/// # Errors
/// Those of [`zscore`], and `below_minimum` for a window of 0.
pub fn rolling_zscore(series: &[f64], window: usize, threshold: f64) -> Result<Detection, Problems> {
    let mut found = checked(series, threshold);
    if window == 0 {
        found.push(Problem::new("/window", "below_minimum", "a window has at least 1 point, not 0"));
    }
    found.into_result(())?;
    let mut detection = Detection { flags: Vec::new(), scores: vec![None; window.min(series.len())] };
    for ((position, &x), before) in series.iter().enumerate().skip(window).zip(series.windows(window)) {
        let score = if is_constant(before) {
            (before.first() == Some(&x)).then_some(0.0)
        } else {
            standardised(x, before)
        };
        if score.is_none_or(|score| score.abs() > threshold) {
            detection.flags.push(position);
        }
        detection.scores.push(score);
    }
    Ok(detection)
}

/// Each point against an exponentially weighted mean and variance of the points before it (Roberts, 1959).
///
/// A new point weighs `alpha`, above 0 and at most 1; flagged points join in like any other. There is no score while the
/// variance is 0, and no flag before position `warmup`.
///
/// # Errors
/// Those of [`zscore`], and `out_of_range` for an alpha outside (0, 1].
pub fn ewma(series: &[f64], alpha: f64, warmup: usize, threshold: f64) -> Result<Detection, Problems> {
    let mut found = checked(series, threshold);
    if !(alpha > 0.0 && alpha <= 1.0) {
        found.push(Problem::new(
            "/alpha",
            "out_of_range",
            format!("alpha is above 0 and at most 1, not {alpha}"),
        ));
    }
    found.into_result(())?;
    let mut center = series.first().copied().unwrap_or(0.0);
    let mut variance = 0.0_f64;
    let mut scores = Vec::with_capacity(series.len());
    for &x in series {
        let distance = x - center;
        scores.push((variance > 0.0).then(|| distance / variance.sqrt()));
        center += alpha * distance;
        variance = (1.0 - alpha) * (variance + alpha * distance * distance);
    }
    let mut detection = Detection::of(scores, threshold);
    detection.flags.retain(|&position| position >= warmup);
    Ok(detection)
}

/// Each point against the median and the median absolute deviation of the whole series: the modified z score (Iglewicz and
/// Hoaglin, 1993).
///
/// 0.6745 · (x − median) / MAD; if more than half of the points are equal, so that MAD is 0, (x − median) / (1.253314 · mean
/// absolute deviation from the median); if that is 0 too, 0.
///
/// # Errors
/// Those of [`zscore`].
pub fn mad(series: &[f64], threshold: f64) -> Result<Detection, Problems> {
    /// The third quartile of the standard normal distribution: MAD times its inverse estimates σ.
    const NORMAL_THIRD_QUARTILE: f64 = 0.6745;
    /// √(π/2): the mean absolute deviation times this estimates σ of a normal distribution.
    const NORMAL_MEAN_DEVIATION: f64 = 1.253_314;
    checked(series, threshold).into_result(())?;
    let Some(center) = median(series.to_vec()) else { return Ok(Detection::default()) };
    let deviations: Vec<f64> = series.iter().map(|x| (x - center).abs()).collect();
    let mean_deviation = mean(&deviations).unwrap_or(0.0);
    let median_deviation = median(deviations).unwrap_or(0.0);
    let score = |x: &f64| {
        let distance = x - center;
        Some(if median_deviation > 0.0 {
            NORMAL_THIRD_QUARTILE * distance / median_deviation
        } else if mean_deviation > 0.0 {
            distance / (NORMAL_MEAN_DEVIATION * mean_deviation)
        } else {
            0.0
        })
    };
    Ok(Detection::of(series.iter().map(score).collect(), threshold))
}

fn checked(series: &[f64], threshold: f64) -> ProblemCollector {
    let mut found = ProblemCollector::new();
    for (position, x) in series.iter().enumerate() {
        if !x.is_finite() {
            found.push(
                Problem::new(format!("/y/{position}"), "not_a_number", "a point is a finite number")
                    .help("leave out or fill what was not measured"),
            );
        }
    }
    if !threshold.is_finite() {
        found.push(Problem::new("/threshold", "not_a_number", "a threshold is a finite number"));
    } else if threshold < 0.0 {
        found.push(Problem::new(
            "/threshold",
            "below_minimum",
            format!("a threshold is at least 0, not {threshold}"),
        ));
    }
    found
}

/// Whether all points are equal. Exact, where a computed standard deviation may be a rounding error.
fn is_constant(series: &[f64]) -> bool {
    series.iter().zip(series.iter().skip(1)).all(|(a, b)| a == b)
}

/// (x − mean) / standard deviation in two plain passes: a window is short enough not to lose digits.
fn standardised(x: f64, before: &[f64]) -> Option<f64> {
    let n = length(before);
    let center = before.iter().sum::<f64>() / n;
    let spread = (before.iter().map(|y| (y - center) * (y - center)).sum::<f64>() / n).sqrt();
    (spread > 0.0).then(|| (x - center) / spread).and_then(finite)
}

fn median(mut values: Vec<f64>) -> Option<f64> {
    let middle = values.len() / 2;
    let even = values.len().is_multiple_of(2);
    if values.is_empty() {
        return None;
    }
    let (below, &mut upper, _) = values.select_nth_unstable_by(middle, f64::total_cmp);
    if !even {
        return Some(upper);
    }
    let lower = below.iter().copied().max_by(f64::total_cmp)?;
    Some(f64::midpoint(lower, upper))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_constant_series_is_never_flagged() {
        let flat = [0.1; 40];
        for found in [
            zscore(&flat, 3.0).unwrap(),
            rolling_zscore(&flat, 10, 3.0).unwrap(),
            ewma(&flat, 0.1, 0, 3.0).unwrap(),
            mad(&flat, 3.5).unwrap(),
        ] {
            assert_eq!(found.flags, [0_usize; 0]);
            assert_eq!(found.scores.len(), 40);
            assert!(found.scores.iter().flatten().all(|&score| score == 0.0));
        }
    }

    #[test]
    fn a_constant_window_that_breaks_is_flagged_without_a_score() {
        let found = rolling_zscore(&[7.0, 7.0, 7.0, 8.0], 3, 3.0).unwrap();
        assert_eq!((found.flags.as_slice(), found.scores[3]), (&[3][..], None));
    }

    #[test]
    fn a_series_shorter_than_its_window_has_no_scores() {
        let found = rolling_zscore(&[1.0, 2.0], 3, 3.0).unwrap();
        assert_eq!(found, Detection { flags: vec![], scores: vec![None, None] });
        assert_eq!(zscore(&[], 3.0).unwrap(), Detection::default());
        assert_eq!(mad(&[], 3.0).unwrap(), Detection::default());
        assert_eq!(ewma(&[], 0.5, 3, 3.0).unwrap(), Detection::default());
    }

    #[test]
    fn the_median_of_an_even_number_lies_between_the_middle_two() {
        assert_eq!(median(vec![4.0, 1.0, 3.0, 2.0]), Some(2.5));
        assert_eq!(median(vec![3.0, 1.0, 2.0]), Some(2.0));
        assert_eq!(median(vec![]), None);
    }

    #[test]
    fn a_standard_deviation_too_small_for_a_double_scores_nothing_instead_of_infinity() {
        let tiny = [0.0, 5e-324, 0.0, 1.0];
        let found = rolling_zscore(&tiny, 3, 3.0).unwrap();
        assert!(found.scores.iter().flatten().all(|score| score.is_finite()));
        assert_eq!(found.flags, [3]);
    }

    #[test]
    fn every_impossible_parameter_is_named_at_once() {
        let paths = |problems: Problems| problems.iter().map(|it| it.path.clone()).collect::<Vec<_>>();
        let broken = [1.0, f64::NAN, f64::INFINITY];
        assert_eq!(
            paths(rolling_zscore(&broken, 0, -1.0).unwrap_err()),
            ["/y/1", "/y/2", "/threshold", "/window"]
        );
        for alpha in [0.0, -0.1, 1.1, f64::NAN] {
            assert_eq!(paths(ewma(&[1.0], alpha, 0, f64::NAN).unwrap_err()), ["/threshold", "/alpha"]);
        }
    }
}

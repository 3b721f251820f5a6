//! The z score of the trust decision: sample standard deviation, and a rule for constant series.

use crate::math::{mean, round9, sample_std};

/// How many complete days before the judged one are looked at.
pub const PREVIOUS_DAYS: i64 = 14;

/// From how many previous values a day is judged.
pub const MIN_PREVIOUS: usize = 7;

/// A reported z lies within ± this.
pub const MAX_Z: f64 = 10.0;

/// A standard deviation of at most this share of the mean is none.
const CONSTANT: f64 = 1e-9;

/// (x − μ) / σ of `value` against `previous`, σ with n − 1, rounded to nine decimals and held within ±[`MAX_Z`].
///
/// If the previous values are constant (σ ≤ 10⁻⁹ · max(1, |μ|)), z is 0 for the same value again and ±10 for any other: a
/// constant series that breaks is the clearest anomaly. `None` for fewer than two previous values, NaN and infinities.
#[must_use]
pub fn z_score(value: f64, previous: &[f64]) -> Option<f64> {
    let center = mean(previous)?;
    let spread = sample_std(previous)?;
    let distance = value - center;
    if !distance.is_finite() || !spread.is_finite() {
        return None;
    }
    let negligible = CONSTANT * center.abs().max(1.0);
    let z = if spread > negligible {
        distance / spread
    } else if distance.abs() <= negligible {
        0.0
    } else {
        MAX_Z.copysign(distance)
    };
    Some(round9(z.clamp(-MAX_Z, MAX_Z)) + 0.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn z_divides_by_the_sample_standard_deviation() {
        // Mean 5, squared deviations 9+1+1+1+0+0+4+16 = 32; with n − 1 the variance is 32/7, z² of 9 is 16 · 7/32 = 3.5.
        let values = [2.0, 4.0, 4.0, 4.0, 5.0, 5.0, 7.0, 9.0];
        assert_eq!(z_score(9.0, &values), Some(round9(3.5_f64.sqrt())));
        assert_eq!(z_score(1.0, &values), Some(round9(-(3.5_f64.sqrt()))));
        assert_eq!(z_score(5.0, &values), Some(0.0));
    }

    #[test]
    fn z_is_held_within_10() {
        let values = [98.0, 102.0, 98.0, 102.0, 98.0, 102.0, 100.0];
        assert_eq!(z_score(119.0, &values), Some(9.5));
        assert_eq!(z_score(120.0, &values), Some(10.0));
        assert_eq!(z_score(1e9, &values), Some(10.0));
        assert_eq!(z_score(-1e9, &values), Some(-10.0));
    }

    #[test]
    fn a_constant_series_that_goes_on_is_0_and_one_that_breaks_is_10() {
        assert_eq!(z_score(100.0, &[100.0; 14]), Some(0.0));
        assert_eq!(z_score(100.000_001, &[100.0; 14]), Some(10.0));
        assert_eq!(z_score(99.0, &[100.0; 14]), Some(-10.0));
        // The tolerance is relative above 1 and absolute below: 1e-7 at 100, 1e-9 at 0.
        assert_eq!(z_score(100.000_000_09, &[100.0; 14]), Some(0.0));
        assert_eq!(z_score(9e-10, &[0.0; 7]), Some(0.0));
        assert_eq!(z_score(2e-9, &[0.0; 7]), Some(10.0));
        // Values that no double holds exactly are constant too.
        assert_eq!(z_score(0.1, &[0.1; 7]), Some(0.0));
    }

    #[test]
    fn what_cannot_be_judged_has_no_z() {
        assert_eq!(z_score(1.0, &[]), None);
        assert_eq!(z_score(1.0, &[1.0]), None);
        assert_eq!(z_score(f64::NAN, &[1.0, 2.0]), None);
        assert_eq!(z_score(1.0, &[1.0, f64::NAN]), None);
        assert_eq!(z_score(1.0, &[1.0, f64::INFINITY]), None);
        assert_eq!(z_score(1.0, &[f64::MAX, f64::MAX]), None, "a mean that overflows");
    }
}

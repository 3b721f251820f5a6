//! Whether a measured number is possible at all. NaN and infinities are: they count as not measured.

use crate::math::finite;
use crate::problem::{Problem, ProblemCollector};

/// The largest count: 2⁵³ − 1, so that every count survives JSON in every language.
pub(super) const MAX_COUNT: f64 = 9_007_199_254_740_991.0;

/// A figure that cannot be below zero.
pub(super) fn not_negative(path: &str, value: f64, found: &mut ProblemCollector) {
    if finite(value).is_some_and(|value| value < 0.0) {
        found.push(
            Problem::new(path, "below_minimum", format!("this is at least 0, not {value}"))
                .help("write 0 for nothing; leave it out if it was not measured"),
        );
    }
}

/// A number of things: whole, not negative, at most 2⁵³ − 1.
pub(super) fn count(path: &str, value: f64, found: &mut ProblemCollector) {
    not_negative(path, value, found);
    if let Some(value) = finite(value) {
        if value.fract() != 0.0 {
            found.push(Problem::new(path, "not_whole", format!("a count is a whole number, not {value}")));
        } else if value > MAX_COUNT {
            found.push(Problem::new(path, "out_of_range", format!("a count is at most {MAX_COUNT}")));
        }
    }
}

/// A number of things out of `total` things.
pub(super) fn part(path: &str, value: f64, total: f64, whole: &str, found: &mut ProblemCollector) {
    count(path, value, found);
    if value > total && value.is_finite() && total.is_finite() {
        found.push(Problem::new(
            path,
            "exceeds_total",
            format!("{value} of {total} {whole} is more than all"),
        ));
    }
}

/// A number between two bounds, both allowed.
pub(super) fn within(path: &str, value: f64, high: f64, found: &mut ProblemCollector) {
    if finite(value).is_some_and(|value| !(0.0..=high).contains(&value)) {
        found.push(Problem::new(path, "out_of_range", format!("this is from 0 to {high}, not {value}")));
    }
}

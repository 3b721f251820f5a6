//! Figures that a page shows must add up to the cent, so money is worked out in whole numbers as far as it can be.

use stratum_core::math::finite;
use stratum_core::problem::{Problem, ProblemCollector};

/// The units of a number held as an integer: nine decimals.
pub(super) const BILLION: i128 = 1_000_000_000;

/// A number as it was written, to nine decimals, in billionths. The number is finite.
pub(super) fn billionths(number: f64) -> i128 {
    #[expect(
        clippy::cast_possible_truncation,
        reason = "a cast from float saturates, and ranges are checked"
    )]
    let units = (number * 1e9).round() as i128;
    units
}

/// A count rounded to three decimals: a thousandth of a click is finer than anybody counts.
pub(super) fn round3(count: f64) -> f64 {
    const SCALE: f64 = 1e3;
    // Beyond 2^53 / 10^3 a double has no third decimal to round.
    if count.abs() < 9_007_199_254_740.0 { (count * SCALE).round() / SCALE } else { count }
}

/// Notes a number that is none, or that lies outside its range.
pub(super) fn check_range(
    found: &mut ProblemCollector,
    path: impl Into<String>,
    noun: &str,
    value: f64,
    (low, high): (f64, f64),
) {
    if finite(value).is_none() {
        found.push(Problem::new(path, "not_a_number", format!("{noun} is a finite number")));
    } else if !(low..=high).contains(&value) {
        found.push(Problem::new(
            path,
            "out_of_range",
            format!("{noun} is from {low} to {high}, not {value}"),
        ));
    }
}

/// Notes an amount outside its range.
pub(super) fn check_cents(
    found: &mut ProblemCollector,
    path: impl Into<String>,
    noun: &str,
    cents: i64,
    most: i64,
) {
    if !(0..=most).contains(&cents) {
        found.push(Problem::new(
            path,
            "out_of_range",
            format!("{noun} is from 0 to {most} minor units, not {cents}"),
        ));
    }
}

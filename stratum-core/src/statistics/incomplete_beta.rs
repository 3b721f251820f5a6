//! The regularised incomplete beta function, both tails, and its inverse.
//!
//! The continued fraction of Abramowitz and Stegun 26.5.8 by Lentz's method, with the leading factor in Loader's form
//! (2000) where both shapes are large and in ratios of gamma functions where one is.

use super::Tails;
use super::quantile::{Slope, solve};
use super::special::{is_asymptotic, ln_gamma_ratio, log_ratio_minus, stirling_error};
use crate::math::{exp, ln, ln_1p, ln_gamma};

const MOST_TERMS: u32 = 5_000_000;
const TINY: f64 = 1e-300;
const TAU: f64 = std::f64::consts::TAU;

/// A point between zero and one, with its distance from one and both logarithms, each exact by itself.
#[derive(Debug, Clone, Copy)]
pub(super) struct Point {
    x: f64,
    y: f64,
    ln_x: f64,
    ln_y: f64,
}

impl Point {
    pub(super) fn from_x(x: f64) -> Self {
        let y = 1.0 - x;
        Self {
            x,
            y,
            ln_x: if x < 0.5 { ln(x) } else { ln_1p(-y) },
            ln_y: if x < 0.5 { ln_1p(-x) } else { ln(y) },
        }
    }

    /// The point 1 / (1 + odds); `ln_odds` counts where the odds overflow or underflow.
    pub(super) fn from_odds_against(odds: f64, ln_odds: f64) -> Self {
        if odds > 1e300 {
            return Self { x: exp(-ln_odds), y: 1.0, ln_x: -ln_odds, ln_y: 0.0 };
        }
        let ln_x = -ln_1p(odds);
        Self { x: 1.0 / (1.0 + odds), y: odds / (1.0 + odds), ln_x, ln_y: ln_odds + ln_x }
    }

    fn from_ln_x(ln_x: f64) -> Self {
        let x = exp(ln_x);
        Self { x, y: 1.0 - x, ln_x, ln_y: ln_1p(-x) }
    }

    const fn mirrored(self) -> Self {
        Self { x: self.y, y: self.x, ln_x: self.ln_y, ln_y: self.ln_x }
    }

    pub(super) const fn x(self) -> f64 {
        self.x
    }

    /// ln(y/x).
    pub(super) fn ln_odds_against(self) -> f64 {
        self.ln_y - self.ln_x
    }
}

/// xᵃ yᵇ / B(a, b).
fn leading(a: f64, b: f64, at: Point) -> f64 {
    let n = a + b;
    if is_asymptotic(a) && is_asymptotic(b) {
        // n x − a, from whichever of the two is exact.
        let difference = if at.x <= 0.5 { n * at.x - a } else { b - n * at.y };
        let exponent =
            a * log_ratio_minus(n * at.x, a, difference) + b * log_ratio_minus(n * at.y, b, -difference);
        let left = stirling_error(n) - stirling_error(a) - stirling_error(b);
        return exp(exponent + left) * (a / n * b / TAU).sqrt();
    }
    let (small, large) = if a < b { (a, b) } else { (b, a) };
    exp(a * at.ln_x + b * at.ln_y + ln_gamma_ratio(large, small) - ln_gamma(small))
}

/// Iₓ(a, b) and its complement.
pub(super) fn tails(a: f64, b: f64, at: Point) -> Tails {
    // Down here x itself may have underflowed, but not xᵃ.
    if at.ln_x < -650.0 {
        let lower = leading(a, b, at) / a;
        return Tails { lower, upper: 1.0 - lower };
    }
    if at.ln_y < -650.0 {
        let upper = leading(a, b, at) / b;
        return Tails { lower: 1.0 - upper, upper };
    }
    if at.x * (a + b + 2.0) < a + 1.0 {
        let lower = (leading(a, b, at) * fraction(a, b, at.x) / a).min(1.0);
        Tails { lower, upper: 1.0 - lower }
    } else {
        let upper = (leading(a, b, at) * fraction(b, a, at.y) / b).min(1.0);
        Tails { lower: 1.0 - upper, upper }
    }
}

/// a B(a, b) Iₓ(a, b) x⁻ᵃ y⁻ᵇ.
fn fraction(a: f64, b: f64, x: f64) -> f64 {
    let guarded = |value: f64| if value.abs() < TINY { TINY } else { value };
    let n = a + b;
    let mut c = 1.0;
    let mut d = 1.0 / guarded(1.0 - n * x / (a + 1.0));
    let mut value = d;
    let mut m = 0.0;
    for _ in 0..MOST_TERMS {
        m += 1.0;
        let even = m * (b - m) * x / ((a + 2.0 * m - 1.0) * (a + 2.0 * m));
        d = 1.0 / guarded(1.0 + even * d);
        c = guarded(1.0 + even / c);
        value *= d * c;
        let odd = -(a + m) * (n + m) * x / ((a + 2.0 * m) * (a + 2.0 * m + 1.0));
        d = 1.0 / guarded(1.0 + odd * d);
        c = guarded(1.0 + odd / c);
        let factor = d * c;
        value *= factor;
        if (factor - 1.0).abs() <= 1e-16 {
            break;
        }
    }
    value
}

/// The point at which the smaller of the two given tails is met; `lower` + `upper` is one.
pub(super) fn quantile(a: f64, b: f64, probability: Tails) -> Point {
    if probability.lower <= 0.0 {
        return Point { x: 0.0, y: 1.0, ln_x: f64::NEG_INFINITY, ln_y: 0.0 };
    }
    if probability.upper <= 0.0 {
        return Point { x: 1.0, y: 0.0, ln_x: 0.0, ln_y: f64::NEG_INFINITY };
    }
    // The half with the point in it is searched from its own end, where the logarithm keeps every digit.
    let middle = tails(a, b, Point::from_x(0.5));
    let in_lower_half = if probability.lower <= probability.upper {
        probability.lower <= middle.lower
    } else {
        probability.upper >= middle.upper
    };
    if in_lower_half {
        quantile_in_lower_half(a, b, probability)
    } else {
        quantile_in_lower_half(b, a, probability.swapped()).mirrored()
    }
}

fn quantile_in_lower_half(a: f64, b: f64, probability: Tails) -> Point {
    let (small, large) = if a < b { (a, b) } else { (b, a) };
    let ln_beta = ln_gamma(small) - ln_gamma_ratio(large, small);
    // Far to the left only the first term counts: Iₓ = xᵃ / (a B(a, b)).
    let leftmost = (ln(probability.lower) + ln(a) + ln_beta) / a;
    if leftmost < -40.0 - ln(b.max(1.0)) {
        return Point::from_ln_x(leftmost);
    }
    let by_lower = probability.lower <= probability.upper;
    let sought = if by_lower { probability.lower } else { probability.upper };
    let half = ln(0.5);
    let start = leftmost.min(ln(a / (a + b))).min(half);
    let solution = solve(sought, by_lower, start, -800.0, half, |t| {
        let at = Point::from_ln_x(t);
        let found = tails(a, b, at);
        let density = leading(a, b, at) / at.y;
        if by_lower {
            Slope { tail: found.lower, slope: density / found.lower }
        } else {
            Slope { tail: found.upper, slope: -density / found.upper }
        }
    });
    Point::from_ln_x(solution)
}

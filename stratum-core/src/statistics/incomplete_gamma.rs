//! The regularised incomplete gamma functions P and Q, and their inverse.
//!
//! Series and Legendre's continued fraction (Abramowitz and Stegun 6.5.29 and 6.5.31, the fraction by Lentz's method),
//! with the leading factor in Loader's form (2000), which keeps its digits at large shapes; for shapes below one the upper
//! tail comes from the series of P(a, x) xᵃ (DiDonato and Morris 1986).

use super::Tails;
use super::quantile::{Slope, solve};
use super::special::{is_asymptotic, ln_gamma_1p, log_ratio_minus, stirling_error};
use crate::math::{exp, exp_m1, ln, pow};

const EPSILON: f64 = 1e-17;
/// Both expansions need some multiple of √a terms near x = a.
const MOST_TERMS: u32 = 10_000_000;
const TINY: f64 = 1e-300;
const SQRT_2PI: f64 = 2.506_628_274_631_000_7;

/// xᵃ e⁻ˣ / Γ(a + 1).
fn leading(a: f64, x: f64) -> f64 {
    if is_asymptotic(a) {
        exp(a * log_ratio_minus(x, a, x - a) - stirling_error(a)) / (SQRT_2PI * a.sqrt())
    } else {
        exp(a * ln(x) - x - ln_gamma_1p(a))
    }
}

/// P(a, x) and Q(a, x), for a > 0.
pub(super) fn tails(a: f64, x: f64) -> Tails {
    if x <= 0.0 {
        Tails { lower: 0.0, upper: 1.0 }
    } else if x == f64::INFINITY {
        Tails { lower: 1.0, upper: 0.0 }
    } else if a < 1.0 && x < 1.5 {
        small(a, x)
    } else if x < a + 1.0 {
        let lower = leading(a, x) * series(a, x);
        Tails { lower, upper: 1.0 - lower }
    } else {
        let upper = leading(a, x) * a * fraction(a, x);
        Tails { lower: 1.0 - upper, upper }
    }
}

/// Σ xⁿ / ((a + 1) … (a + n)).
fn series(a: f64, x: f64) -> f64 {
    let mut term = 1.0;
    let mut sum = 1.0;
    let mut divisor = a;
    for _ in 0..MOST_TERMS {
        divisor += 1.0;
        term *= x / divisor;
        sum += term;
        if term < sum * EPSILON {
            break;
        }
    }
    sum
}

/// Q(a, x) Γ(a) eˣ x⁻ᵃ.
fn fraction(a: f64, x: f64) -> f64 {
    let mut b = x + 1.0 - a;
    let mut c = 1.0 / TINY;
    let mut d = 1.0 / b;
    let mut value = d;
    let mut n = 0.0;
    for _ in 0..MOST_TERMS {
        n += 1.0;
        let numerator = -n * (n - a);
        b += 2.0;
        d = numerator * d + b;
        if d.abs() < TINY {
            d = TINY;
        }
        c = b + numerator / c;
        if c.abs() < TINY {
            c = TINY;
        }
        d = 1.0 / d;
        let factor = c * d;
        value *= factor;
        if (factor - 1.0).abs() <= 1e-16 {
            break;
        }
    }
    value
}

/// Shapes below one near zero, where P is close to one although x is small.
fn small(a: f64, x: f64) -> Tails {
    let mut term = 1.0;
    let mut sum = 0.0;
    let mut n = 0.0;
    for _ in 0..60 {
        n += 1.0;
        term *= -x / n;
        sum += term * a / (a + n);
    }
    let exponent = a * ln(x) - ln_gamma_1p(a);
    let power = exp(exponent);
    Tails { lower: power * (1.0 + sum), upper: -exp_m1(exponent) - power * sum }
}

/// The x at which the smaller of the two given tails is met; `lower` + `upper` is one.
pub(super) fn quantile(a: f64, probability: Tails) -> f64 {
    if probability.lower <= 0.0 {
        return 0.0;
    }
    if probability.upper <= 0.0 {
        return f64::INFINITY;
    }
    let by_lower = probability.lower <= 0.5;
    // Far to the left only the first term of the series counts.
    let leftmost = (ln(probability.lower) + ln_gamma_1p(a)) / a;
    if leftmost < -40.0 {
        return exp(leftmost);
    }
    let start = if a < 1.0 { leftmost.min(ln(1.0 + a)) } else { wilson_hilferty(a, probability) };
    let sought = if by_lower { probability.lower } else { probability.upper };
    let logarithm = solve(sought, by_lower, start, -745.0, 709.7, |t| {
        let x = exp(t);
        let at = tails(a, x);
        let density = leading(a, x) * a;
        if by_lower {
            Slope { tail: at.lower, slope: density / at.lower }
        } else {
            Slope { tail: at.upper, slope: -density / at.upper }
        }
    });
    exp(logarithm)
}

/// The logarithm of the approximation of Wilson and Hilferty (1931).
fn wilson_hilferty(a: f64, probability: Tails) -> f64 {
    let z = super::distributions::standard_quantile(probability);
    let ninth = 1.0 / (9.0 * a);
    let base = 1.0 - ninth + z * ninth.sqrt();
    if base > 0.05 { ln(a * pow(base, 3.0)) } else { ln(a) - 9.0 }
}

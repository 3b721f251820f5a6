//! Digamma and trigamma, and the parts of the gamma function that survive where its large parts cancel.

use crate::math::{ln, ln_1p, ln_gamma};

/// ln √(2π).
const LN_SQRT_2PI: f64 = 0.918_938_533_204_672_7;

/// From here on Stirling's series is exact to the last digit.
const ASYMPTOTIC: f64 = 10.0;

/// The derivative of ln Γ, for positive numbers: recurrence up to 10, then the asymptotic series
/// (Abramowitz and Stegun 6.3.5 and 6.3.18).
#[must_use]
pub fn digamma(x: f64) -> f64 {
    let mut x = x;
    let mut below = 0.0;
    while x < ASYMPTOTIC {
        below -= 1.0 / x;
        x += 1.0;
    }
    let square = 1.0 / (x * x);
    let series = horner(
        square,
        &[1.0 / 12.0, -1.0 / 120.0, 1.0 / 252.0, -1.0 / 240.0, 1.0 / 132.0, -691.0 / 32_760.0, 1.0 / 12.0],
    );
    below + ln(x) - 0.5 / x - square * series
}

/// The second derivative of ln Γ, for positive numbers (Abramowitz and Stegun 6.4.6 and 6.4.12).
#[must_use]
pub fn trigamma(x: f64) -> f64 {
    let mut x = x;
    let mut below = 0.0;
    while x < ASYMPTOTIC {
        below += 1.0 / (x * x);
        x += 1.0;
    }
    let square = 1.0 / (x * x);
    let series = horner(
        square,
        &[1.0 / 6.0, -1.0 / 30.0, 1.0 / 42.0, -1.0 / 30.0, 5.0 / 66.0, -691.0 / 2_730.0, 7.0 / 6.0],
    );
    below + 1.0 / x + 0.5 * square + square / x * series
}

/// A polynomial, the constant first.
pub(super) fn horner(x: f64, coefficients: &[f64]) -> f64 {
    coefficients.iter().rev().fold(0.0, |sum, &coefficient| sum * x + coefficient)
}

/// What Stirling's formula leaves out: ln Γ(x + 1) − ln(√(2πx) (x/e)ˣ) (Loader 2000).
pub(super) fn stirling_error(x: f64) -> f64 {
    if x < ASYMPTOTIC {
        return ln_gamma(x + 1.0) - (x + 0.5) * ln(x) + x - LN_SQRT_2PI;
    }
    let series = horner(
        1.0 / (x * x),
        &[
            1.0 / 12.0,
            -1.0 / 360.0,
            1.0 / 1_260.0,
            -1.0 / 1_680.0,
            1.0 / 1_188.0,
            -691.0 / 360_360.0,
            1.0 / 156.0,
        ],
    );
    series / x
}

/// ln(1 + u) − u without the cancellation near zero.
fn ln_1p_minus(u: f64) -> f64 {
    if u.abs() > 0.4 {
        return ln_1p(u) - u;
    }
    // ln(1 + u) = 2 artanh v with v = u / (2 + u), and u = 2v + u v.
    let v = u / (2.0 + u);
    let square = v * v;
    let mut power = v * square;
    let mut divisor = 3.0;
    let mut sum = 0.0;
    while power.abs() > 1e-18 * square {
        sum += power / divisor;
        power *= square;
        divisor += 2.0;
    }
    2.0 * sum - u * v
}

/// ln(x/m) − (x − m)/m, where `difference` is x − m, known better than by subtracting.
pub(super) fn log_ratio_minus(x: f64, m: f64, difference: f64) -> f64 {
    let u = difference / m;
    if u.abs() <= 0.4 { ln_1p_minus(u) } else { ln(x / m) - u }
}

/// ln Γ(1 + a), exact to the last digits near zero too (Abramowitz and Stegun 6.1.33).
pub(super) fn ln_gamma_1p(a: f64) -> f64 {
    // ζ(k) − 1 from k = 2.
    const ZETA_MINUS_1: [f64; 20] = [
        0.644_934_066_848_226_4,
        0.202_056_903_159_594_3,
        0.082_323_233_711_138_19,
        0.036_927_755_143_369_93,
        0.017_343_061_984_449_14,
        0.008_349_277_381_922_827,
        0.004_077_356_197_944_34,
        0.002_008_392_826_082_214_4,
        9.945_751_278_180_853e-4,
        4.941_886_041_194_645e-4,
        2.460_865_533_080_483e-4,
        1.227_133_475_784_891_5e-4,
        6.124_813_505_870_483e-5,
        3.058_823_630_702_049e-5,
        1.528_225_940_865_187e-5,
        7.637_197_637_899_762e-6,
        3.817_293_264_999_84e-6,
        1.908_212_716_553_939e-6,
        9.539_620_338_727_962e-7,
        4.769_329_867_878_065e-7,
    ];
    const ONE_MINUS_EULER: f64 = 0.422_784_335_098_467_1;
    if a > 0.25 {
        return ln_gamma(1.0 + a);
    }
    let mut power = a * a;
    let mut order = 2.0;
    let mut sum = 0.0;
    for zeta in ZETA_MINUS_1 {
        sum += zeta * power / order;
        power *= -a;
        order += 1.0;
    }
    a * ONE_MINUS_EULER - ln_1p(a) + sum
}

/// ln Γ(b + a) − ln Γ(b), whose large parts cancel when b is large.
pub(super) fn ln_gamma_ratio(b: f64, a: f64) -> f64 {
    if b < ASYMPTOTIC {
        return ln_gamma(a + b) - ln_gamma(b);
    }
    (b - 0.5) * ln_1p(a / b) + a * (ln(a + b) - 1.0) + stirling_error(a + b) - stirling_error(b)
}

/// Whether [`stirling_error`] is exact here.
pub(super) fn is_asymptotic(x: f64) -> bool {
    x >= ASYMPTOTIC
}

//! The purchases to expect from a new customer.
//!
//! The published form, (a + b − 1)/(a − 1) · [1 − (α/(α+t))ʳ ₂F₁(r, b; a+b−1; t/(α+t))], subtracts numbers that are almost
//! equal for short times and divides zero by zero at a = 1. Written out as a series in z = t/(α+t) and combined term by term
//! with that of (1 − z)⁻ʳ, the difference and the division vanish:
//!
//! E = Σ wₙ eₙ, wₙ = (1 − z)ʳ (r)ₙ zⁿ / n!,  e₁ = 1,  eₙ₊₁ = eₙ + qₙ/(c + n),  q₁ = b,  qₙ₊₁ = qₙ (b + n)/(c + n),  c = a + b − 1.
//!
//! Every term is positive, so every digit stays. Where t is so long that the series would be, the mean over the chance p to
//! leave, E = ∫ (1 − (1 + p t/α)⁻ʳ)/p dBeta(a, b), is taken by the double exponential rule (Takahasi and Mori 1974).

use stratum_core::math::{exp, exp_m1, ln_1p, ln_gamma};

use super::BgNbd;

/// Beyond this ratio the series has too many terms.
const LONGEST_RATIO: f64 = 1e4;
/// Where a running term is brought back before it overflows or underflows.
const LARGE: f64 = 1e200;

pub(super) fn expected_of_new(model: &BgNbd, t: f64) -> f64 {
    let ratio = t / model.alpha;
    // Times that are no times have no purchases; NaN stays NaN.
    if ratio <= 0.0 {
        0.0
    } else if ratio <= LONGEST_RATIO {
        by_series(model, ratio)
    } else {
        by_quadrature(model, ratio)
    }
}

fn by_series(model: &BgNbd, ratio: f64) -> f64 {
    let &BgNbd { r, a, b, .. } = model;
    let z = ratio / (1.0 + ratio);
    let c = a + b - 1.0;
    // (1 − z)ʳ underflows for frequent buyers and long times: its logarithm is kept apart.
    let mut logarithm = -r * ln_1p(ratio);
    let mut n = 1.0;
    let mut weight = r * z;
    let mut e = 1.0;
    let mut q = b;
    let mut sum = weight;
    loop {
        let factor = z * (r + n) / (n + 1.0);
        e += q / (c + n);
        q *= (b + n) / (c + n);
        n += 1.0;
        weight *= factor;
        let term = weight * e;
        sum += term;
        // The terms that follow fall at least as fast as a geometric series.
        if factor < 1.0 && term * factor <= 1e-17 * sum * (1.0 - factor) {
            break;
        }
        if sum > LARGE {
            weight /= LARGE;
            sum /= LARGE;
            logarithm += 460.517_018_598_809_1; // ln LARGE
        }
        if n > 5e6 {
            break;
        }
    }
    sum * exp(logarithm)
}

fn by_quadrature(model: &BgNbd, ratio: f64) -> f64 {
    let &BgNbd { r, a, b, .. } = model;
    const STEP: f64 = 1.0 / 64.0;
    const STEPS: i32 = 64 * 8;
    let ln_beta = ln_gamma(a) + ln_gamma(b) - ln_gamma(a + b);
    let mut sum = 0.0;
    for place in -STEPS..=STEPS {
        let u = f64::from(place) * STEP;
        let (up, down) = (exp(u), exp(-u));
        // p = 1/(1 + exp(−π sinh u)), and both its logarithms.
        let logit = std::f64::consts::PI * 0.5 * (up - down);
        let ln_p = if logit > 0.0 { -ln_1p(exp(-logit)) } else { logit - ln_1p(exp(logit)) };
        let ln_rest = ln_p - logit;
        let p = exp(ln_p);
        let grown = ratio * p;
        // (1 − (1 + p t/α)⁻ʳ)/p
        let bought = if grown < 1e-18 { r * ratio } else { -exp_m1(-r * ln_1p(grown)) / p };
        sum += exp(a * ln_p + b * ln_rest - ln_beta) * bought * (up + down);
    }
    sum * STEP * std::f64::consts::FRAC_PI_2
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_series_and_the_integral_agree_wherever_both_are_quick() {
        for r in [0.05, 0.24, 1.0, 7.5, 60.0] {
            for (a, b) in [(0.3, 0.4), (0.79, 2.4), (1.0, 1.0), (1.0 + 1e-9, 3.0), (2.5, 3.1), (12.0, 0.8)] {
                let model = BgNbd { r, alpha: 4.0, a, b };
                for t in [0.01, 1.0, 4.0, 50.0, 900.0] {
                    let series = by_series(&model, t / 4.0);
                    let integral = by_quadrature(&model, t / 4.0);
                    let off = (series - integral).abs() / series;
                    assert!(off < 1e-10, "{model:?} at {t}: {series} and {integral}");
                }
            }
        }
    }

    #[test]
    fn frequent_buyers_over_long_times_do_not_underflow() {
        // Nobody leaves (a → 0): r t/α purchases.
        let model = BgNbd { r: 400.0, alpha: 10.0, a: 1e-9, b: 1.0 };
        assert!((by_series(&model, 30.0) / 12_000.0 - 1.0).abs() < 1e-4);
        assert_eq!(expected_of_new(&model, 0.0), 0.0);
        assert_eq!(expected_of_new(&model, -1.0), 0.0);
        assert!(expected_of_new(&model, f64::NAN).is_nan());
    }
}

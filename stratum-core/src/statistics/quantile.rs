//! The point at which a tail has a given probability.

use crate::math::ln;

/// How a tail stands at one point of the logarithmic axis.
pub(super) struct Slope {
    /// The probability of the tail.
    pub(super) tail: f64,
    /// By how much its logarithm changes with the logarithm of the point.
    pub(super) slope: f64,
}

/// The logarithm t of the point at which a tail is `probability`: Newton's method on the logarithm of the tail, held
/// within a bracket that bisection halves wherever Newton's step leaves it or the tail has underflowed.
///
/// The tail may rise with t or fall.
pub(super) fn solve(
    probability: f64,
    rises: bool,
    start: f64,
    mut low: f64,
    mut high: f64,
    tail: impl Fn(f64) -> Slope,
) -> f64 {
    let target = ln(probability);
    let mut t = start.clamp(low, high);
    // Newton doubles the digits; a bracket of 1500 needs 63 halvings at most.
    for _ in 0..120 {
        let at = tail(t);
        let excess = ln(at.tail) - target;
        if excess == 0.0 {
            return t;
        }
        if (excess < 0.0) == rises {
            low = t;
        } else {
            high = t;
        }
        let newton = t - excess / at.slope;
        let next = if newton.is_finite() && newton > low && newton < high {
            newton
        } else {
            low + (high - low) / 2.0
        };
        if (next - t).abs() <= 2e-16 * t.abs().max(1e-8) {
            return next;
        }
        t = next;
    }
    t
}

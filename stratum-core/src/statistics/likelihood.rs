//! Newton's method for maximum likelihood, with the covariance of what it finds.

/// A log-likelihood of `N` free parameters (logarithms, where a parameter is positive).
pub trait LogLikelihood<const N: usize> {
    /// Value, gradient and second derivatives at a point.
    fn at(&self, parameters: &[f64; N]) -> Evaluation<N>;
}

/// A log-likelihood at one point.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Evaluation<const N: usize> {
    /// Its value.
    pub value: f64,
    /// Its first derivatives.
    pub gradient: [f64; N],
    /// Its second derivatives.
    pub hessian: [[f64; N]; N],
}

/// Where a log-likelihood is largest.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Maximum<const N: usize> {
    /// The parameters.
    pub parameters: [f64; N],
    /// The log-likelihood there.
    pub value: f64,
    /// The inverse of the observed information; none where the likelihood is flat in some direction.
    pub covariance: Option<[[f64; N]; N]>,
    /// How often the log-likelihood was evaluated.
    pub evaluations: u32,
    /// Whether no step could improve the value any more.
    pub converged: bool,
}

/// No step of a logarithm is longer: a factor of 7 is far enough from one place.
const LONGEST_STEP: f64 = 2.0;
/// The gain still to be expected, in units of log-likelihood, at which the search ends.
const ENOUGH: f64 = 1e-11;
const MOST_EVALUATIONS: u32 = 200;

/// The maximum near `start`: Newton steps with exact derivatives, damped as Levenberg (1944) and Marquardt (1963) do
/// wherever a full step would not climb.
#[must_use]
pub fn maximise<const N: usize>(likelihood: &impl LogLikelihood<N>, start: [f64; N]) -> Maximum<N> {
    let mut parameters = start;
    let mut here = likelihood.at(&parameters);
    let mut evaluations = 1_u32;
    let mut damping = 0.0;
    let mut converged = false;
    while evaluations < MOST_EVALUATIONS && here.value.is_finite() {
        let Some(mut step) = solve(information(&here.hessian, damping), here.gradient) else {
            damping = more(damping);
            if damping > 1e12 {
                break;
            }
            continue;
        };
        let gain: f64 = step.iter().zip(here.gradient).map(|(step, slope)| step * slope).sum();
        if damping < 1e-2 && gain < ENOUGH {
            // The last half-step is free: its gain is below what the value can show.
            converged = true;
            break;
        }
        let longest = step.iter().fold(0.0_f64, |longest, step| longest.max(step.abs()));
        if longest > LONGEST_STEP {
            step = step.map(|step| step * LONGEST_STEP / longest);
        }
        let mut there = parameters;
        for (parameter, step) in there.iter_mut().zip(step) {
            *parameter += step;
        }
        let next = likelihood.at(&there);
        evaluations = evaluations.saturating_add(1);
        if next.value >= here.value {
            // What a step of this size cannot improve any more is the maximum, to the precision of the sum.
            let stalled = next.value - here.value <= 4.0 * f64::EPSILON * here.value.abs();
            parameters = there;
            here = next;
            damping = if damping > 1e-6 { damping / 10.0 } else { 0.0 };
            if stalled && gain < 1e-6 {
                converged = true;
                break;
            }
        } else if gain < 4.0 * f64::EPSILON * here.value.abs() {
            converged = true;
            break;
        } else {
            damping = more(damping);
            if damping > 1e12 {
                break;
            }
        }
    }
    Maximum {
        parameters,
        value: here.value,
        covariance: inverse(information(&here.hessian, 0.0)),
        evaluations,
        converged,
    }
}

fn more(damping: f64) -> f64 {
    if damping == 0.0 { 1e-3 } else { damping * 10.0 }
}

/// The observed information (the second derivatives with the other sign), its diagonal raised by the damping.
fn information<const N: usize>(hessian: &[[f64; N]; N], damping: f64) -> [[f64; N]; N] {
    let mut information = hessian.map(|row| row.map(|value| -value));
    for (place, row) in information.iter_mut().enumerate() {
        if let Some(diagonal) = row.get_mut(place) {
            *diagonal += damping * (diagonal.abs() + 1e-6);
        }
    }
    information
}

/// The solution of a positive definite system by elimination; none if it is not positive definite.
fn solve<const N: usize>(matrix: [[f64; N]; N], right: [f64; N]) -> Option<[f64; N]> {
    let mut rows: Vec<([f64; N], f64)> = matrix.into_iter().zip(right).collect();
    for place in 0..N {
        let (pivot, below) = rows.get_mut(place..)?.split_first_mut()?;
        let diagonal = *pivot.0.get(place)?;
        if diagonal.is_nan() || diagonal <= 0.0 {
            return None;
        }
        for row in below {
            let factor = *row.0.get(place)? / diagonal;
            for (value, pivot) in row.0.iter_mut().zip(pivot.0) {
                *value -= factor * pivot;
            }
            row.1 -= factor * pivot.1;
        }
    }
    let mut solution = [0.0; N];
    for (place, row) in rows.iter().enumerate().rev() {
        // What is not solved yet still stands at zero.
        let known: f64 = row.0.iter().zip(solution).map(|(value, known)| value * known).sum();
        *solution.get_mut(place)? = (row.1 - known) / row.0.get(place)?;
    }
    solution.iter().all(|value| value.is_finite()).then_some(solution)
}

fn inverse<const N: usize>(matrix: [[f64; N]; N]) -> Option<[[f64; N]; N]> {
    let mut columns = [[0.0; N]; N];
    for (place, column) in columns.iter_mut().enumerate() {
        let mut unit = [0.0; N];
        *unit.get_mut(place)? = 1.0;
        *column = solve(matrix, unit)?;
    }
    // The inverse of a symmetric matrix is symmetric: columns are rows.
    Some(columns)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::math::{exp, ln};

    /// The exponential distribution by the logarithm of its rate: n ln λ − λ Σx, so λ = n/Σx with variance 1/n.
    struct Exponential;

    impl LogLikelihood<1> for Exponential {
        fn at(&self, &[rate]: &[f64; 1]) -> Evaluation<1> {
            let lambda = exp(rate);
            Evaluation {
                value: 8.0 * rate - lambda * 20.0,
                gradient: [8.0 - lambda * 20.0],
                hessian: [[-lambda * 20.0]],
            }
        }
    }

    #[test]
    fn the_rate_of_an_exponential_is_found_from_far_away_with_its_variance() {
        for start in [-20.0, -1.0, 0.0, 9.0] {
            let found = maximise(&Exponential, [start]);
            assert!(found.converged, "{found:?}");
            assert!((found.parameters[0] - ln(0.4)).abs() < 1e-6, "{found:?}");
            assert!((found.covariance.unwrap()[0][0] - 0.125).abs() < 1e-6);
        }
    }

    #[test]
    fn a_system_that_is_not_positive_definite_has_no_solution() {
        assert_eq!(solve([[0.0, 1.0], [1.0, 0.0]], [1.0, 1.0]), None);
        assert_eq!(solve([[4.0, 2.0], [2.0, 3.0]], [8.0, 8.0]), Some([1.0, 2.0]));
    }
}

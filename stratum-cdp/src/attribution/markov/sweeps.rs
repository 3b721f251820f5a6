//! Chains of too many states for elimination, solved by sweeps over their steps.
//!
//! A chain of many states has few steps out of each, but eliminating states soon joins each with each. So the
//! system is solved by Gauss-Seidel sweeps, forwards and backwards in turn, which for an absorbing chain always converge; and
//! since a sweep works with doubles, what is left over is computed with twice the digits and solved for again (iterative
//! refinement, Wilkinson 1963), until nothing is left that the answer could show.

use stratum_core::problem::Problem;

use super::super::twofold::Twofold;
use super::chain::Chain;

/// In all; a chain whose journeys end that rarely is refused.
const MOST_SWEEPS: u32 = 50_000;
/// What is left over, relative to what is gained, when the answer is exact to the last digit of a double with digits to spare.
const LEFT_OVER: f64 = 1e-24;

/// The states that are kept, with their steps to each other.
struct System {
    rows: Vec<Row>,
}

struct Row {
    /// The weight of all steps but those to the state itself; a whole number.
    out: f64,
    gain: Twofold,
    next: Vec<(usize, f64)>,
}

/// What one gains on the way from each state, in the order of the chain; see `Elimination::of`. 0 for those not kept.
pub(super) fn gains(
    chain: &Chain<'_>,
    keep: impl Fn(usize) -> bool,
    gain: impl Fn(Option<usize>) -> Twofold,
) -> Result<Vec<Twofold>, Problem> {
    let system = System::of(chain, &keep, gain);
    let mut found = vec![Twofold::ZERO; system.rows.len()];
    let mut correction = vec![0.0; system.rows.len()];
    let most = system.rows.iter().map(|row| (row.gain / Twofold::from(row.out)).value()).fold(0.0, f64::max);
    let mut sweeps = 0_u32;
    loop {
        let left = system.left_over(&found);
        let worst =
            left.iter().zip(&system.rows).map(|(left, row)| (left / row.out).abs()).fold(0.0, f64::max);
        if worst <= LEFT_OVER * most {
            return Ok(found);
        }
        correction.fill(0.0);
        loop {
            sweeps = sweeps.saturating_add(2);
            let (change, size) = system.sweep(&left, &mut correction);
            if change <= 1e-10 * size || sweeps >= MOST_SWEEPS {
                break;
            }
        }
        for (found, &correction) in found.iter_mut().zip(&correction) {
            *found = *found + Twofold::from(correction);
        }
        if sweeps >= MOST_SWEEPS {
            let text = "the journeys of this chain end too rarely for so many states";
            let help =
                if chain.order > 1 { "ask for a lower order" } else { "merge campaigns into channels" };
            return Err(Problem::new("/order", "not_converged", text).help(help));
        }
    }
}

impl System {
    fn of(chain: &Chain<'_>, keep: &impl Fn(usize) -> bool, gain: impl Fn(Option<usize>) -> Twofold) -> Self {
        let rows = chain.states.iter().enumerate().map(|(place, state)| {
            let ends = Twofold::from(state.conversions) + Twofold::from(state.nulls);
            let mut row = Row {
                out: ends.value(),
                gain: Twofold::from(state.conversions) * gain(None),
                next: Vec::new(),
            };
            if !keep(place) {
                // Nobody gets there, and it gains nothing.
                return Row { out: 1.0, gain: Twofold::ZERO, next: Vec::new() };
            }
            for &(next, count) in state.next.iter().filter(|(next, _)| *next != place) {
                let count = Twofold::from(count);
                row.out += count.value();
                if keep(next) {
                    row.next.push((next, count.value()));
                } else {
                    row.gain = row.gain + count * gain(Some(next));
                }
            }
            row
        });
        Self { rows: rows.collect() }
    }

    /// What the states gain beyond what `found` explains.
    fn left_over(&self, found: &[Twofold]) -> Vec<f64> {
        let at = |state: usize| found.get(state).copied().unwrap_or_default();
        let rows = self.rows.iter().enumerate();
        rows.map(|(state, row)| {
            let onward: Twofold =
                row.next.iter().map(|&(next, weight)| Twofold::from(weight) * at(next)).sum();
            (row.gain + onward - Twofold::from(row.out) * at(state)).value()
        })
        .collect()
    }

    /// One sweep forwards and one backwards; the largest change, and the largest value.
    fn sweep(&self, gain: &[f64], found: &mut [f64]) -> (f64, f64) {
        let (mut change, mut size) = (0.0_f64, 0.0_f64);
        let states = 0..self.rows.len();
        for state in states.clone().rev().chain(states) {
            let (Some(row), Some(&own)) = (self.rows.get(state), gain.get(state)) else { continue };
            let onward =
                row.next.iter().map(|&(next, weight)| weight * found.get(next).copied().unwrap_or_default());
            let value = (own + onward.sum::<f64>()) / row.out;
            if let Some(slot) = found.get_mut(state) {
                change = change.max((value - *slot).abs());
                size = size.max(value.abs());
                *slot = value;
            }
        }
        (change, size)
    }
}

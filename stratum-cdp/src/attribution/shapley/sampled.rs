//! Games of too many players for a table: players join in random orders.

use stratum_core::math::{self, CompensatedSum, ln};
use stratum_core::problem::{Problem, Problems};

use super::super::random::Random;

/// A value that was estimated.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SampledValue {
    /// The mean of what the player added.
    pub value: f64,
    /// How far it may be from the exact value: all of them are within their bounds at the confidence that was asked for.
    pub error_bound: f64,
}

/// The values of a game by so many random orders of its players.
///
/// `worth` is handed the players in the order in which they join, and writes what the first, the first two, … are worth
/// together; what nobody is worth is 0. It lies from 0 to `most`. The bound is the empirical Bernstein bound of Maurer and
/// Pontil (2009, theorem 4), two-sided and for all players at once; what a player adds lies in a range of 2·`most`.
///
/// ```
/// use stratum_cdp::attribution::sample_shapley;
/// // One player alone is worth something: everyone else is a null player.
/// let found = sample_shapley(30, 1.0, 500, 7, 0.95, |order, worth| {
///     let joined = order.iter().position(|&player| player == 3).unwrap();
///     worth.iter_mut().enumerate().for_each(|(place, worth)| *worth = if place >= joined { 1.0 } else { 0.0 });
/// })
/// .unwrap();
/// assert_eq!((found[3].value, found[4].value), (1.0, 0.0));
/// ```
///
/// # Errors
/// `out_of_range` for fewer than 2 orders, a confidence outside 0 to 1, or a `most` that is not finite.
pub fn sample_shapley(
    players: usize,
    most: f64,
    orders: u32,
    seed: u64,
    confidence: f64,
    mut worth: impl FnMut(&[usize], &mut [f64]),
) -> Result<Vec<SampledValue>, Problems> {
    check(orders, confidence).map_err(Problems::from)?;
    if !(most.is_finite() && most >= 0.0) {
        return Err(
            Problem::new("/most", "out_of_range", "the most that a set is worth is a finite number").into()
        );
    }
    let mut random = Random::new(seed);
    let mut order: Vec<usize> = (0..players).collect();
    let mut along = vec![0.0; players];
    let mut sums = vec![(CompensatedSum::default(), CompensatedSum::default()); players];
    for _ in 0..orders {
        random.shuffle(&mut order);
        worth(&order, &mut along);
        let mut before = 0.0;
        for (&player, &after) in order.iter().zip(&along) {
            if let Some((sum, squares)) = sums.get_mut(player) {
                let added: f64 = after - before;
                sum.add(added);
                squares.add(added * added);
            }
            before = after;
        }
    }
    let count = f64::from(orders);
    let log = ln(4.0 * math::count(players as u64) / (1.0 - confidence));
    let bounded = |(sum, squares): (CompensatedSum, CompensatedSum)| {
        let value = sum.value() / count;
        let variance = ((squares.value() - sum.value() * value) / (count - 1.0)).max(0.0);
        let error_bound =
            (2.0 * variance * log / count).sqrt() + 7.0 * (2.0 * most) * log / (3.0 * (count - 1.0));
        SampledValue { value, error_bound }
    };
    Ok(sums.into_iter().map(bounded).collect())
}

pub(super) fn check(orders: u32, confidence: f64) -> Result<(), Problem> {
    if !(2..=10_000_000).contains(&orders) {
        let text = format!("players join in 2 to 10000000 random orders, not {orders}");
        return Err(Problem::new("/orders", "out_of_range", text).help("write 10000"));
    }
    if !(confidence > 0.0 && confidence < 1.0) {
        let text = format!("a confidence lies between 0 and 1, {confidence} does not");
        return Err(Problem::new("/confidence", "out_of_range", text).help("write 0.95"));
    }
    Ok(())
}

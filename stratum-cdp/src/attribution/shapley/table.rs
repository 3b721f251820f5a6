//! Any game, given as what each set of players is worth.
//!
//! With n players the value of player i is the sum over the sets S without i of w(|S|)·(v(S ∪ i) − v(S)), where w(s) =
//! s!·(n − s − 1)!/n!. Taken apart it is B(i) − A, where B(i) sums v(S)·(w(|S| − 1) + w(|S|)) over the sets with i, and A sums
//! v(S)·w(|S|) over all: so each set is weighed once, not once for each player, and the B(i) fall out while the table is folded
//! in half again and again, 2·2ⁿ additions in all. A follows from what the values must sum to, v(all) − v(none). The subtraction
//! at the end costs a digit or two, which twice the digits of a double have to spare.

use stratum_core::problem::{Problem, Problems};

use super::super::twofold::Twofold;

/// More players than this have more sets than a table should hold.
pub const MOST_PLAYERS: usize = 20;

/// So many sets are weighed together: those of eight players, whose sizes repeat in every block.
const BLOCK: usize = 256;

/// The value of each player of a game, exact for up to 20: `worth[set]` is what the players of the bits of `set` are worth
/// together (bit i is player i).
///
/// ```
/// use stratum_cdp::attribution::shapley_of_table;
/// // The glove game: players 0 and 1 have a left glove each, 2 has a right one; a pair is worth 1.
/// let worth = [0.0, 0.0, 0.0, 0.0, 0.0, 1.0, 1.0, 1.0];
/// let found = shapley_of_table(&worth).unwrap();
/// assert_eq!(found, [1.0 / 6.0, 1.0 / 6.0, 4.0 / 6.0]);
/// ```
///
/// # Errors
/// `wrong_length` unless there are 2ⁿ values with n from 0 to 20; `out_of_range` for one that is not finite.
pub fn shapley_of_table(worth: &[f64]) -> Result<Vec<f64>, Problems> {
    Ok(values(worth)?.into_iter().map(Twofold::value).collect())
}

pub(super) fn values(worth: &[f64]) -> Result<Vec<Twofold>, Problems> {
    let players = worth.len().checked_ilog2().unwrap_or_default() as usize;
    if !worth.len().is_power_of_two() || players > MOST_PLAYERS {
        let text =
            format!("a game of n players has 2^n values, n from 0 to {MOST_PLAYERS}, not {}", worth.len());
        return Err(Problem::new("", "wrong_length", text)
            .help("sample a game of more players, or count paths: their game is exact for any number")
            .into());
    }
    if let Some(set) = worth.iter().position(|value| !value.is_finite()) {
        let text = format!("the worth of the set {set} is not a finite number");
        return Err(Problem::new(format!("/{set}"), "out_of_range", text).into());
    }
    if players == 0 {
        return Ok(Vec::new());
    }
    let mut sums = with_each(weighed(worth, players), players);
    let (first, last) =
        (worth.first().copied().unwrap_or_default(), worth.last().copied().unwrap_or_default());
    let total = Twofold::from(last) - Twofold::from(first);
    let all: Twofold = sums.iter().copied().sum();
    let common = (all - total) / Twofold::from(players as u64);
    sums.iter_mut().for_each(|sum| *sum = *sum - common);
    Ok(sums)
}

/// Twofold numbers in two columns, so that several are worked on at a time.
struct Table {
    high: Vec<f64>,
    low: Vec<f64>,
}

/// v(S)·(w(|S| − 1) + w(|S|)) for each set: of s players that is v(S)·(s − 1)!·(n − s − 1)!/(n − 1)!, and v(S)/n of all n.
/// What nobody is worth is in none of the sums.
fn weighed(worth: &[f64], players: usize) -> Table {
    let by_size = weights(players);
    let block = BLOCK.min(worth.len());
    let mut table = Table { high: Vec::with_capacity(worth.len()), low: Vec::with_capacity(worth.len()) };
    // The weights of a block depend on nothing but how many of the other players are in its sets.
    let blocks: Vec<Vec<(f64, f64)>> = (0..=players)
        .map(|others| {
            let size = |set: usize| others.saturating_add(set.count_ones() as usize);
            (0..block).map(|set| by_size.get(size(set)).copied().unwrap_or_default().parts()).collect()
        })
        .collect();
    for (others, values) in worth.chunks_exact(block).enumerate() {
        let weights = blocks.get(others.count_ones() as usize).map(Vec::as_slice).unwrap_or_default();
        for (&value, &(high, low)) in values.iter().zip(weights) {
            let (product, rest) = Twofold::weighed(value, high, low);
            table.high.push(product);
            table.low.push(rest);
        }
    }
    table
}

/// The weight of a set of each size, 0 to n.
fn weights(players: usize) -> Vec<Twofold> {
    let n = players as u64;
    let mut weights = vec![Twofold::ZERO];
    // (s − 1)!·(n − s − 1)!/(n − 1)! is 1/(n − 1) for s = 1, and then the last one times (s − 1)/(n − s).
    let mut weight = Twofold::ONE / Twofold::from(n.saturating_sub(1).max(1));
    for size in 1..n {
        if size > 1 {
            weight = weight * Twofold::from(size.saturating_sub(1)) / Twofold::from(n.saturating_sub(size));
        }
        weights.push(weight);
    }
    weights.push(Twofold::ONE / Twofold::from(n));
    weights
}

/// For each player the sum over the sets with it: of the half of the table in which it is, which is then folded onto the other.
fn with_each(mut table: Table, players: usize) -> Vec<Twofold> {
    let mut sums = vec![Twofold::ZERO; players];
    let mut half = table.high.len() / 2;
    for sum in sums.iter_mut().rev() {
        let (high, upper_high) = table.high.split_at_mut(half);
        let (low, upper_low) = table.low.split_at_mut(half);
        let upper_high = upper_high.get_mut(..half).unwrap_or_default();
        let upper_low = upper_low.get_mut(..half).unwrap_or_default();
        add(high, low, upper_high, upper_low);
        *sum = total(upper_high, upper_low);
        half /= 2;
    }
    sums
}

/// Adds the second numbers to the first.
fn add(high: &mut [f64], low: &mut [f64], more_high: &[f64], more_low: &[f64]) {
    let first = high.iter_mut().zip(low.iter_mut());
    for ((high, low), (&more_high, &more_low)) in first.zip(more_high.iter().zip(more_low)) {
        (*high, *low) = Twofold::added((*high, *low), (more_high, more_low));
    }
}

/// The sum of all, halves onto halves; there are 2ᵏ.
fn total(high: &mut [f64], low: &mut [f64]) -> Twofold {
    let mut half = high.len() / 2;
    while half > 0 {
        let (lower_high, upper_high) = high.split_at_mut(half);
        let (lower_low, upper_low) = low.split_at_mut(half);
        add(
            lower_high,
            lower_low,
            upper_high.get(..half).unwrap_or_default(),
            upper_low.get(..half).unwrap_or_default(),
        );
        half /= 2;
    }
    Twofold::of_parts(high.first().copied().unwrap_or_default(), low.first().copied().unwrap_or_default())
}

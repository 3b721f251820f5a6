//! The model: from counts of paths to what each channel is worth.

use serde::{Deserialize, Serialize};
use stratum_core::problem::Problem;

use super::super::PathCounts;
use super::super::credits::credits_by_weight;
use super::super::twofold::Twofold;
use super::chain::Chain;
use super::elimination::Elimination;

/// What each channel has earned, by removal effects.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct MarkovAttribution {
    /// How many channels of a journey's past its next step depends on.
    pub order: u8,
    /// The chance of a conversion from the start, 0 to 1; 0 without a journey.
    pub conversion_probability: f64,
    /// How many states the chain has, the start and the two ends not counted.
    pub states: u64,
    /// How many different steps it has.
    pub transitions: u64,
    /// The channels, by name.
    pub channels: Vec<MarkovChannel>,
    /// Conversions that no channel has earned: their touches are not known.
    pub unattributed_conversions: u64,
    /// What no channel has earned, in minor units.
    pub unattributed_value_cents: i64,
}

/// What one channel has earned.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct MarkovChannel {
    /// Which.
    pub channel: String,
    /// The share of the conversions that would be lost without it, 0 to 1.
    pub removal_effect: f64,
    /// Its share in the sum of all effects. All are 0 without a conversion.
    pub weight: f64,
    /// Its share of the conversions; together they are all that are attributed.
    pub conversions: f64,
    /// Its share of their value, in minor units, by largest remainder; together they are all of it.
    pub value_cents: i64,
}

impl MarkovChannel {
    /// A channel that no journey touched.
    pub(super) fn nothing(channel: &str) -> Self {
        Self {
            channel: channel.to_owned(),
            removal_effect: 0.0,
            weight: 0.0,
            conversions: 0.0,
            value_cents: 0,
        }
    }
}

/// The channels' removal effects, and what stands beside them.
pub(in super::super) struct Solved {
    pub(in super::super) probability: Twofold,
    /// In the order of the chain's channels.
    pub(in super::super) effects: Vec<Twofold>,
}

/// What each channel has earned of the conversions, by a chain of this order.
///
/// ```
/// use stratum_cdp::attribution::{PathCounts, PathOutcome, markov};
///
/// let mut counts = PathCounts::new();
/// counts.add(["a"], PathOutcome::conversion(60_00)).unwrap();
/// counts.add(["a", "b"], PathOutcome::conversion(40_00)).unwrap();
/// counts.add(["b"], PathOutcome::null()).unwrap();
/// let found = markov(&counts, 1).unwrap();
/// assert_eq!(found.conversion_probability, 2.0 / 3.0);
/// let [a, b] = found.channels.as_slice() else { panic!() };
/// assert_eq!((a.removal_effect, a.weight, a.value_cents), (0.75, 0.6, 60_00));
/// assert_eq!((b.removal_effect, b.weight, b.value_cents), (0.5, 0.4, 40_00));
/// ```
///
/// # Errors
/// `out_of_range` for an order outside 1 to 4.
pub fn markov(counts: &PathCounts, order: u8) -> Result<MarkovAttribution, Problem> {
    check_order(order)?;
    let chain = Chain::of(counts, order);
    let solved = solve(&chain, order);
    let sum: Twofold = solved.effects.iter().copied().sum();
    let weights: Vec<Twofold> = solved
        .effects
        .iter()
        .map(|&effect| if sum.is_positive() { effect / sum } else { Twofold::ZERO })
        .collect();
    let (all, unknown) = (counts.total(), counts.without_touches());
    let conversions = all.conversions.saturating_sub(unknown.conversions);
    let value = all.value_cents.saturating_sub(unknown.value_cents);
    let credits = if sum.is_positive() { credits_by_weight(&weights, value) } else { vec![0; weights.len()] };
    let credited = credits.iter().fold(0_i64, |sum, &credit| sum.saturating_add(credit));
    let rows = chain.channels.iter().zip(&solved.effects).zip(weights.iter().zip(&credits));
    let channels = rows
        .map(|((&channel, effect), (&weight, &value_cents))| MarkovChannel {
            channel: channel.to_owned(),
            removal_effect: effect.value(),
            weight: weight.value(),
            conversions: (weight * Twofold::from(conversions)).value(),
            value_cents,
        })
        .collect();
    Ok(MarkovAttribution {
        order,
        conversion_probability: solved.probability.value(),
        states: (chain.states.len().saturating_sub(1)) as u64,
        transitions: chain.transitions as u64,
        channels,
        unattributed_conversions: unknown.conversions,
        unattributed_value_cents: all.value_cents.saturating_sub(credited),
    })
}

pub(super) fn check_order(order: u8) -> Result<(), Problem> {
    if (1..=4).contains(&order) {
        return Ok(());
    }
    Err(Problem::new("/order", "out_of_range", format!("a chain is of the order 1 to 4, not {order}"))
        .help("write 1, or leave it out"))
}

pub(super) fn solve(chain: &Chain<'_>, order: u8) -> Solved {
    let mut whole = Elimination::of(chain, |_| true, |_| Twofold::ONE);
    whole.factorise();
    // The table begins with the last state, and ends with the start.
    let mut gains = whole.gains();
    gains.reverse();
    let probability = gains.first().copied().unwrap_or_default();
    let channels = (0..u16::MAX).zip(&chain.channels).map(|(channel, _)| channel);
    if !probability.is_positive() {
        return Solved { probability, effects: channels.map(|_| Twofold::ZERO).collect() };
    }
    let lost: Vec<Twofold> = if order == 1 {
        // Each channel is one state, so one factorisation serves all; a channel without a journey has no state.
        let mut reached = whole.chances_to_reach();
        reached.reverse();
        let mut lost = vec![Twofold::ZERO; chain.channels.len()];
        for (state, (&reached, &gain)) in chain.states.iter().zip(reached.iter().zip(&gains)) {
            let channel = state.channel().map(usize::from);
            if let Some(lost) = channel.and_then(|channel| lost.get_mut(channel)) {
                *lost = reached * gain;
            }
        }
        lost
    } else {
        channels.map(|channel| lost_without(chain, channel, &gains)).collect()
    };
    Solved { probability, effects: lost.into_iter().map(|lost| lost / probability).collect() }
}

/// The chance of a conversion after a touch of `channel`; `gains` are the chances from each state.
fn lost_without(chain: &Chain<'_>, channel: u16, gains: &[Twofold]) -> Twofold {
    let keep = |state: usize| chain.states.get(state).is_some_and(|state| !state.contains(channel));
    let gain = |state: Option<usize>| state.and_then(|state| gains.get(state)).copied().unwrap_or_default();
    let mut without = Elimination::of(chain, keep, gain);
    without.factorise();
    without.gains().last().copied().unwrap_or_default()
}

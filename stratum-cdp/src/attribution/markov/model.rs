//! The model: from counts of paths to what each channel is worth.

use serde::{Deserialize, Serialize};
use stratum_core::problem::{Problem, Problems};

use super::super::credits::credits_by_weight;
use super::super::path_counts::{CanonicalPaths, PathOutcome};
use super::super::twofold::Twofold;
use super::super::{Bootstrap, PathCounts};
use super::chain::Chain;
use super::elimination::Elimination;
use super::sweeps;
use crate::lifetime_value::Interval;

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
    /// Where its weight lies, where intervals were asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub weight_interval: Option<Interval>,
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
            weight_interval: None,
            conversions: 0.0,
            value_cents: 0,
        }
    }
}

/// The channels' removal effects, and what stands beside them.
pub(super) struct Solved {
    pub(super) probability: Twofold,
    /// In the order of the chain's channels.
    pub(super) effects: Vec<Twofold>,
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
/// `out_of_range` for an order outside 1 to 4; `too_many_channels` for more than [`MOST_MARKOV_CHANNELS`]; `not_converged` for a
/// chain of 160 states or more (of order 1, more than 400) whose journeys hardly ever end.
pub fn markov(counts: &PathCounts, order: u8) -> Result<MarkovAttribution, Problem> {
    check_order(order)?;
    let paths = counts.canonical();
    check_channels(paths.channels.len())?;
    of_chain(&Chain::of(&paths, order), counts.total(), counts.without_touches())
}

/// The same, with a bootstrap interval for each weight.
///
/// # Errors
/// Those of [`markov()`], and of the settings (`out_of_range`), which stand under `/intervals`.
pub fn markov_with_intervals(
    counts: &PathCounts,
    order: u8,
    bootstrap: Option<&Bootstrap>,
) -> Result<MarkovAttribution, Problems> {
    if let Some(bootstrap) = bootstrap {
        bootstrap.check().map_err(|problems| problems.under("/intervals"))?;
    }
    let mut answer = markov(counts, order)?;
    let Some(bootstrap) = bootstrap else { return Ok(answer) };
    let weigh = |paths: &CanonicalPaths<'_>| {
        let solved = solve(&Chain::of(paths, order))?;
        Ok(weights(&solved.effects).into_iter().map(Twofold::value).collect())
    };
    let intervals = bootstrap.intervals(&counts.canonical(), weigh)?;
    for (channel, interval) in answer.channels.iter_mut().zip(intervals) {
        channel.weight_interval = Some(interval);
    }
    Ok(answer)
}

/// What the channels of a chain have earned of what all journeys came to; `unknown` is what came of those without touches.
pub(super) fn of_chain(
    chain: &Chain<'_>,
    all: PathOutcome,
    unknown: PathOutcome,
) -> Result<MarkovAttribution, Problem> {
    let solved = solve(chain)?;
    let weights = weights(&solved.effects);
    let conversions = all.conversions.saturating_sub(unknown.conversions);
    let value = all.value_cents.saturating_sub(unknown.value_cents);
    let credits = match solved.probability.is_positive() {
        true => credits_by_weight(&weights, value),
        false => vec![0; weights.len()],
    };
    let credited = credits.iter().fold(0_i64, |sum, &credit| sum.saturating_add(credit));
    let rows = chain.channels.iter().zip(&solved.effects).zip(weights.iter().zip(&credits));
    let channels = rows
        .map(|((&channel, effect), (&weight, &value_cents))| MarkovChannel {
            channel: channel.to_owned(),
            removal_effect: effect.value(),
            weight: weight.value(),
            weight_interval: None,
            conversions: (weight * Twofold::from(conversions)).value(),
            value_cents,
        })
        .collect();
    Ok(MarkovAttribution {
        order: chain.order,
        conversion_probability: solved.probability.value(),
        states: (chain.states.len().saturating_sub(1)) as u64,
        transitions: chain.transitions as u64,
        channels,
        unattributed_conversions: unknown.conversions,
        unattributed_value_cents: all.value_cents.saturating_sub(credited),
    })
}

pub(in super::super) fn check_order(order: u8) -> Result<(), Problem> {
    if (1..=4).contains(&order) {
        return Ok(());
    }
    Err(Problem::new("/order", "out_of_range", format!("a chain is of the order 1 to 4, not {order}"))
        .help("write 1, or leave it out"))
}

/// Each channel is a system to be solved, so the work grows with their square at least.
fn check_channels(channels: usize) -> Result<(), Problem> {
    if channels <= MOST_MARKOV_CHANNELS {
        return Ok(());
    }
    let text = format!("a chain has at most {MOST_MARKOV_CHANNELS} channels, not {channels}");
    Err(Problem::new("/paths", "too_many_channels", text).help("merge campaigns into channels"))
}

/// Effects made to sum to 1; all 0 if they are.
fn weights(effects: &[Twofold]) -> Vec<Twofold> {
    let sum: Twofold = effects.iter().copied().sum();
    let weight = |&effect: &Twofold| if sum.is_positive() { effect / sum } else { Twofold::ZERO };
    effects.iter().map(weight).collect()
}

/// So many channels at most have removal effects.
pub const MOST_MARKOV_CHANNELS: usize = 2_000;

/// From here on states are not eliminated any more.
const MANY_STATES: usize = 160;

/// One table serves all channels of a chain of order 1, so that it pays for more states; but its work grows with their cube.
const MANY_CHANNELS: usize = 400;

pub(super) fn solve(chain: &Chain<'_>) -> Result<Solved, Problem> {
    let none = || Solved { probability: Twofold::ZERO, effects: vec![Twofold::ZERO; chain.channels.len()] };
    if chain.states.iter().all(|state| state.conversions == 0) {
        return Ok(none());
    }
    if chain.order == 1 && chain.states.len() <= MANY_CHANNELS {
        return Ok(by_channel(chain));
    }
    let gains = solve_by(chain, |_| true, |_| Twofold::ONE)?;
    let probability = gains.first().copied().unwrap_or_default();
    let lost = (0..u16::MAX).zip(&chain.channels).map(|(channel, _)| lost_without(chain, channel, &gains));
    let effects = lost.map(|lost| Ok(lost? / probability)).collect::<Result<Vec<_>, Problem>>()?;
    Ok(Solved { probability, effects })
}

/// Of order 1 each channel is one state, so one factorisation serves all.
fn by_channel(chain: &Chain<'_>) -> Solved {
    let mut whole = Elimination::of(chain, |_| true, |_| Twofold::ONE);
    whole.factorise();
    // The table begins with the last state, and ends with the start.
    let (mut gains, mut reached) = (whole.gains(), whole.chances_to_reach());
    gains.reverse();
    reached.reverse();
    let probability = gains.first().copied().unwrap_or_default();
    // A channel without a journey has no state, and no effect.
    let mut effects = vec![Twofold::ZERO; chain.channels.len()];
    for (state, (&reached, &gain)) in chain.states.iter().zip(reached.iter().zip(&gains)) {
        let channel = state.channel().map(usize::from);
        if let Some(effect) = channel.and_then(|channel| effects.get_mut(channel)) {
            *effect = reached * gain / probability;
        }
    }
    Solved { probability, effects }
}

/// The chance of a conversion after a touch of `channel`; `gains` are the chances from each state.
pub(super) fn lost_without(chain: &Chain<'_>, channel: u16, gains: &[Twofold]) -> Result<Twofold, Problem> {
    let keep = |state: usize| chain.states.get(state).is_some_and(|state| !state.contains(channel));
    let gain = |state: Option<usize>| state.and_then(|state| gains.get(state)).copied().unwrap_or_default();
    Ok(solve_by(chain, keep, gain)?.first().copied().unwrap_or_default())
}

/// What one gains on the way from each state, the start first; states that are not kept may be missing.
pub(super) fn solve_by(
    chain: &Chain<'_>,
    keep: impl Fn(usize) -> bool,
    gain: impl Fn(Option<usize>) -> Twofold,
) -> Result<Vec<Twofold>, Problem> {
    if chain.states.len() >= MANY_STATES {
        return sweeps::gains(chain, keep, gain);
    }
    let mut table = Elimination::of(chain, keep, gain);
    table.factorise();
    let mut gains = table.gains();
    gains.reverse();
    Ok(gains)
}

//! The game of the conversions that a set of channels made by itself, solved in linear time.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use stratum_core::problem::Problems;

use super::super::credits::credits;
use super::super::path_counts::{CanonicalPaths, PathOutcome};
use super::super::twofold::Twofold;
use super::super::{Bootstrap, PathCounts};
use crate::lifetime_value::Interval;

/// What each channel has earned, by what it adds.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct ShapleyAttribution {
    /// The channels, by name; the players of a table in their own order.
    pub channels: Vec<ShapleyChannel>,
    /// What all are worth together, less what nobody is worth: the sum of the values.
    pub total: f64,
    /// Conversions that no channel has earned: their touches are not known.
    pub unattributed_conversions: u64,
    /// What no channel has earned, in minor units.
    pub unattributed_value_cents: i64,
}

/// What one channel has earned.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct ShapleyChannel {
    /// Which.
    pub channel: String,
    /// What it adds on average, in what the game is counted in: conversions, unless another game was asked for.
    pub shapley_value: f64,
    /// Its share in the total; 0 where that is 0.
    pub weight: f64,
    /// Where its weight lies, where intervals were asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub weight_interval: Option<Interval>,
    /// Its share of the conversions' value, in minor units, by largest remainder; a table has none.
    pub value_cents: Option<i64>,
    /// How far a sampled value may be from the exact one; none where it is exact.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error_bound: Option<f64>,
}

/// Of each channel, what it took part in of the journeys with so many different channels. Only sizes that it has seen: a
/// table of all would not fit where one journey touches many thousands.
type BySize = Vec<BTreeMap<u64, i64>>;

/// What each channel has earned of the conversions, and of their value.
///
/// The value is shared as its own game: a journey's value in equal parts among its channels.
///
/// ```
/// use stratum_cdp::attribution::{PathCounts, PathOutcome, shapley};
///
/// let mut counts = PathCounts::new();
/// counts.add(["a"], PathOutcome::conversion(60_00)).unwrap();
/// counts.add(["a", "b"], PathOutcome::conversion(40_00)).unwrap();
/// let found = shapley(&counts);
/// let [a, b] = found.channels.as_slice() else { panic!() };
/// assert_eq!((a.shapley_value, a.weight, a.value_cents), (1.5, 0.75, Some(80_00)));
/// assert_eq!((b.shapley_value, b.weight, b.value_cents), (0.5, 0.25, Some(20_00)));
/// ```
#[must_use]
pub fn shapley(counts: &PathCounts) -> ShapleyAttribution {
    let paths = counts.canonical();
    let (all, unknown) = (counts.total(), counts.without_touches());
    let total = Twofold::from(all.conversions.saturating_sub(unknown.conversions));
    let converted = |outcome: &PathOutcome| i64::try_from(outcome.conversions).unwrap_or(i64::MAX);
    let values = shares(&paths, converted);
    let worth = all.value_cents.saturating_sub(unknown.value_cents);
    let cents = credits(&shares(&paths, |outcome| outcome.value_cents), worth);
    let rows = paths.channels.iter().zip(values.iter().zip(&cents));
    let channels = rows
        .map(|(&channel, (&value, &cents))| ShapleyChannel {
            channel: channel.to_owned(),
            shapley_value: value.value(),
            weight: if total.is_positive() { (value / total).value() } else { 0.0 },
            weight_interval: None,
            value_cents: Some(cents),
            error_bound: None,
        })
        .collect();
    ShapleyAttribution {
        channels,
        total: total.value(),
        unattributed_conversions: unknown.conversions,
        unattributed_value_cents: unknown.value_cents,
    }
}

/// The same, with a bootstrap interval for each weight.
///
/// # Errors
/// `out_of_range`, of the settings, under `/intervals`.
pub fn shapley_with_intervals(
    counts: &PathCounts,
    bootstrap: Option<&Bootstrap>,
) -> Result<ShapleyAttribution, Problems> {
    let mut answer = shapley(counts);
    let Some(bootstrap) = bootstrap else { return Ok(answer) };
    bootstrap.check().map_err(|problems| problems.under("/intervals"))?;
    let weigh = |paths: &CanonicalPaths<'_>| {
        let values = shares(paths, |outcome| i64::try_from(outcome.conversions).unwrap_or(i64::MAX));
        let total: Twofold = values.iter().copied().sum();
        let weight = |value: Twofold| if total.is_positive() { (value / total).value() } else { 0.0 };
        Ok(values.into_iter().map(weight).collect())
    };
    let intervals = bootstrap.intervals(&counts.canonical(), weigh)?;
    for (channel, interval) in answer.channels.iter_mut().zip(intervals) {
        channel.weight_interval = Some(interval);
    }
    Ok(answer)
}

/// What each channel gets of an amount of the journeys, in equal parts among the channels of each: counted in whole numbers by
/// how many channels share, and divided once.
fn shares(paths: &CanonicalPaths<'_>, amount: impl Fn(&PathOutcome) -> i64) -> Vec<Twofold> {
    let mut by_size: BySize = vec![BTreeMap::new(); paths.channels.len()];
    let mut set: Vec<u16> = Vec::new();
    for (path, outcome) in &paths.paths {
        set.clear();
        set.extend_from_slice(path);
        set.sort_unstable();
        set.dedup();
        count(&mut by_size, &set, amount(outcome));
    }
    let part = |(&size, &amount): (&u64, &i64)| Twofold::from(amount) / Twofold::from(size);
    by_size.iter().map(|sizes| sizes.iter().map(part).sum()).collect()
}

fn count(by_size: &mut BySize, set: &[u16], amount: i64) {
    for &channel in set {
        if let Some(sizes) = by_size.get_mut(usize::from(channel)) {
            let known = sizes.entry(set.len() as u64).or_default();
            *known = known.saturating_add(amount);
        }
    }
}

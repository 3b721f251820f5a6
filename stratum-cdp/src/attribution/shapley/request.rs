//! Shapley values, as every language asks for them.

use serde::{Deserialize, Serialize};
use stratum_core::enumeration;
use stratum_core::math;
use stratum_core::money::MAX_MINOR;
use stratum_core::problem::{Problem, ProblemCollector, Problems};

use super::super::channel_path::{self, ChannelPath};
use super::super::credits::credits_by_weight;
use super::super::twofold::Twofold;
use super::super::{Bootstrap, PathCounts};
use super::{
    MOST_PLAYERS, ShapleyAttribution, ShapleyChannel, sample_shapley, sampled, shapley_with_intervals, table,
};

enumeration! {
    /// What a set of channels is worth.
    pub enum ShapleyGame "game" {
        /// The conversions of journeys whose channels are all in the set.
        Conversions = "conversions",
        /// The share of these journeys that led to one.
        ConversionRate = "conversion_rate",
    }
}

/// Of what it is asked what each channel adds: paths, or a table.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default)]
pub struct ShapleyRequest {
    /// The paths of the journeys.
    pub paths: Option<Vec<ChannelPath>>,
    /// What a set of their channels is worth; conversions where left out.
    pub game: Option<ShapleyGame>,
    /// How conversion rates of more than 20 channels are sampled.
    pub sampling: Option<ShapleySampling>,
    /// Intervals of the weights, where the game is conversions.
    pub intervals: Option<Bootstrap>,
    /// Instead of paths, any game.
    pub table: Option<ShapleyTable>,
}

/// How players join.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ShapleySampling {
    /// In how many random orders, 2 to 10,000,000.
    pub orders: u32,
    /// Where the chance begins: the same seed gives the same answer.
    pub seed: u32,
    /// How sure it is that all values are within their bounds, between 0 and 1.
    #[serde(default = "usual")]
    pub confidence: f64,
}

const fn usual() -> f64 {
    0.95
}

/// A game: what each set of players is worth.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ShapleyTable {
    /// The players, at most 20.
    pub players: Vec<String>,
    /// What each set is worth, 2^players numbers; bit i of a position is player i.
    pub values: Vec<f64>,
}

impl ShapleyRequest {
    /// What each channel adds.
    ///
    /// # Errors
    /// Every problem at once: `missing_value` without paths and without a table, `not_allowed_here` for both or for what the one
    /// that is there does not read, `too_many_channels` for rates of more than 20 without `sampling`, and those of the paths and
    /// the table.
    pub fn attribute(&self) -> Result<ShapleyAttribution, Problems> {
        match (&self.paths, &self.table) {
            (Some(paths), None) => self.of_paths(paths),
            (None, Some(table)) => {
                let mut found = ProblemCollector::new();
                let others = [
                    ("game", self.game.is_some()),
                    ("sampling", self.sampling.is_some()),
                    ("intervals", self.intervals.is_some()),
                ];
                for (field, given) in others {
                    if given {
                        let text = format!("a table is a game of its own, so {field} says nothing");
                        found.push(
                            Problem::new(format!("/{field}"), "not_allowed_here", text).help("leave it out"),
                        );
                    }
                }
                let answer = found.take("/table", table.attribute());
                found.into_result(answer).and_then(|answer| answer.ok_or_else(|| nothing_given("/table")))
            }
            (None, None) => Err(nothing_given("/paths")),
            (Some(_), Some(_)) => {
                let text = "there are paths and a table";
                Err(Problem::new("/table", "not_allowed_here", text).help("leave one of them out").into())
            }
        }
    }

    fn of_paths(&self, paths: &[ChannelPath]) -> Result<ShapleyAttribution, Problems> {
        let mut found = ProblemCollector::new();
        if let Some(sampling) = &self.sampling {
            found.take("/sampling", sampled::check(sampling.orders, sampling.confidence));
        }
        if let Some(intervals) = &self.intervals {
            found.take("/intervals", intervals.check());
        }
        let counts = found.take("/paths", channel_path::count(paths)).unwrap_or_default();
        let rates = self.game == Some(ShapleyGame::ConversionRate);
        if rates && self.intervals.is_some() {
            let text = "conversion rates have no intervals here";
            found.push(Problem::new("/intervals", "not_allowed_here", text).help("leave them out"));
        }
        if rates && self.sampling.is_none() && counts.channels().len() > MOST_PLAYERS {
            let text = format!("rates of {} channels are too many for a table", counts.channels().len());
            found.push(
                Problem::new("/sampling", "too_many_channels", text)
                    .help("write {\"orders\": 10000, \"seed\": 1}, or ask for conversions, which are exact"),
            );
        }
        found.into_result(())?;
        let mut answer = match rates {
            true => self.rates(&counts)?,
            false => shapley_with_intervals(&counts, self.intervals.as_ref())?,
        };
        for channel in channel_path::without_journeys(paths, &counts) {
            answer.channels.push(ShapleyChannel {
                channel: channel.to_owned(),
                shapley_value: 0.0,
                weight: 0.0,
                weight_interval: None,
                value_cents: Some(0),
                error_bound: None,
            });
        }
        answer.channels.sort_by(|a, b| a.channel.cmp(&b.channel));
        Ok(answer)
    }

    /// The game of conversion rates; its values may be negative, for a channel that few convert after.
    fn rates(&self, counts: &PathCounts) -> Result<ShapleyAttribution, Problems> {
        let canonical = counts.canonical();
        let players = canonical.channels.len();
        let sets = canonical.paths.iter().filter(|(path, _)| !path.is_empty());
        let sets = sets.map(|(path, outcome)| (path, outcome.conversions, outcome.journeys()));
        let mut bounds = Vec::new();
        let values: Vec<Twofold> = if players <= MOST_PLAYERS {
            let mut worth = vec![(0_u64, 0_u64); 1_usize << players];
            for (path, conversions, journeys) in sets {
                let set = path.iter().fold(0_usize, |set, &channel| set | (1_usize << channel));
                if let Some(known) = worth.get_mut(set) {
                    *known = (known.0.saturating_add(conversions), known.1.saturating_add(journeys));
                }
            }
            add_subsets(&mut worth);
            table::values(&worth.into_iter().map(rate).collect::<Vec<_>>())?
        } else {
            let Some(sampling) = self.sampling else { return Err(nothing_given("/sampling")) };
            let sets: Vec<_> = sets.collect();
            let mut places = vec![0_usize; players];
            let mut joined = vec![(0_u64, 0_u64); players];
            let game = |order: &[usize], worth: &mut [f64]| {
                for (place, &player) in order.iter().enumerate() {
                    if let Some(slot) = places.get_mut(player) {
                        *slot = place;
                    }
                }
                joined.fill((0, 0));
                for (path, conversions, journeys) in &sets {
                    let last = path.iter().filter_map(|&channel| places.get(usize::from(channel))).max();
                    if let Some(known) = last.and_then(|&last| joined.get_mut(last)) {
                        *known = (known.0.saturating_add(*conversions), known.1.saturating_add(*journeys));
                    }
                }
                let mut so_far = (0_u64, 0_u64);
                for (worth, &(conversions, journeys)) in worth.iter_mut().zip(&joined) {
                    so_far = (so_far.0.saturating_add(conversions), so_far.1.saturating_add(journeys));
                    *worth = rate(so_far);
                }
            };
            let (seed, confidence) = (u64::from(sampling.seed), sampling.confidence);
            let found = sample_shapley(players, 1.0, sampling.orders, seed, confidence, game)?;
            bounds = found.iter().map(|value| value.error_bound).collect();
            found.iter().map(|value| Twofold::from(value.value)).collect()
        };
        let (all, unknown) = (counts.total(), counts.without_touches());
        let total: Twofold = values.iter().copied().sum();
        let weights: Vec<Twofold> = values
            .iter()
            .map(|&value| if total.is_positive() { value / total } else { Twofold::ZERO })
            .collect();
        let worth = all.value_cents.saturating_sub(unknown.value_cents);
        let cents =
            if total.is_positive() { credits_by_weight(&weights, worth) } else { vec![0; weights.len()] };
        let credited = cents.iter().fold(0_i64, |sum, &cents| sum.saturating_add(cents));
        let rows = canonical.channels.iter().zip(values.iter().zip(weights.iter().zip(&cents)));
        let channels = rows
            .enumerate()
            .map(|(place, (&channel, (value, (weight, &cents))))| ShapleyChannel {
                channel: channel.to_owned(),
                shapley_value: value.value(),
                weight: weight.value(),
                weight_interval: None,
                value_cents: Some(cents),
                error_bound: bounds.get(place).copied(),
            })
            .collect();
        Ok(ShapleyAttribution {
            channels,
            total: total.value(),
            unattributed_conversions: unknown.conversions,
            unattributed_value_cents: all.value_cents.saturating_sub(credited),
        })
    }
}

/// Adds to each set what was counted of the sets in it.
fn add_subsets(worth: &mut [(u64, u64)]) {
    let mut width = 1_usize;
    while width < worth.len() {
        for pair in worth.chunks_exact_mut(width.saturating_mul(2)) {
            let (without, with) = pair.split_at_mut(width);
            for (with, without) in with.iter_mut().zip(without) {
                *with = (with.0.saturating_add(without.0), with.1.saturating_add(without.1));
            }
        }
        width = width.saturating_mul(2);
    }
}

fn rate((conversions, journeys): (u64, u64)) -> f64 {
    if journeys == 0 { 0.0 } else { math::count(conversions) / math::count(journeys) }
}

fn nothing_given(path: &str) -> Problems {
    Problem::new(path, "missing_value", "there is neither a list of paths nor a table")
        .help("give paths, or a table of players and values")
        .into()
}

impl ShapleyTable {
    fn attribute(&self) -> Result<ShapleyAttribution, Problems> {
        let mut found = ProblemCollector::new();
        if self.players.len() > MOST_PLAYERS {
            let text = format!("a table is of at most {MOST_PLAYERS} players, not {}", self.players.len());
            found.push(
                Problem::new("/players", "too_many_channels", text)
                    .help("count paths: their game is exact for any number"),
            );
        } else if self.values.len() != 1_usize << self.players.len() {
            let wanted = 1_usize << self.players.len();
            let text =
                format!("{} players have {wanted} sets, not {}", self.players.len(), self.values.len());
            found.push(Problem::new("/values", "wrong_length", text));
        }
        for (set, value) in self.values.iter().enumerate() {
            if !value.is_finite() || value.abs() > math::amount(MAX_MINOR) {
                let text = "what a set is worth is a number of at most 2^53";
                found.push(Problem::new(format!("/values/{set}"), "out_of_range", text));
            }
        }
        found.into_result(())?;
        let values = table::values(&self.values)?;
        let total: Twofold = values.iter().copied().sum();
        let some = total.value() != 0.0;
        let rows = self.players.iter().zip(&values);
        let channels = rows
            .map(|(player, &value)| ShapleyChannel {
                channel: player.clone(),
                shapley_value: value.value(),
                weight: if some { (value / total).value() } else { 0.0 },
                weight_interval: None,
                value_cents: None,
                error_bound: None,
            })
            .collect();
        Ok(ShapleyAttribution {
            channels,
            total: total.value(),
            unattributed_conversions: 0,
            unattributed_value_cents: 0,
        })
    }
}

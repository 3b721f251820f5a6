//! How sure a weight is: the journeys drawn anew, many times.

use serde::{Deserialize, Serialize};
use stratum_core::math;
use stratum_core::problem::{Problem, ProblemCollector, Problems};

use super::path_counts::{CanonicalPaths, PathOutcome};
use super::random::Random;
use crate::lifetime_value::Interval;

/// How intervals are made: by the bootstrap (Efron 1979), in the form in which each journey comes a Poisson number of times of
/// mean 1 (Chamandy, Muralidharan, Najmi and Naidu 2012), so that journeys of one path are drawn together.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Bootstrap {
    /// How often the journeys are drawn anew, 20 to 10,000.
    pub resamples: u32,
    /// Where the chance begins: the same seed gives the same intervals.
    pub seed: u32,
    /// How much of what the resamples say lies in an interval, between 0 and 1.
    #[serde(default = "usual")]
    pub confidence: f64,
}

const fn usual() -> f64 {
    0.95
}

impl Bootstrap {
    /// # Errors
    /// `out_of_range` for either number.
    pub(super) fn check(&self) -> Result<(), Problems> {
        let mut found = ProblemCollector::new();
        if !(20..=10_000).contains(&self.resamples) {
            let text = format!("journeys are drawn anew 20 to 10000 times, not {}", self.resamples);
            found.push(Problem::new("/resamples", "out_of_range", text).help("write 200"));
        }
        if !(self.confidence > 0.0 && self.confidence < 1.0) {
            let text = format!("a confidence lies between 0 and 1, {} does not", self.confidence);
            found.push(Problem::new("/confidence", "out_of_range", text).help("write 0.95"));
        }
        found.into_result(())
    }

    /// The percentile interval of each channel's weight; `weigh` gives the weights of resampled paths.
    pub(super) fn intervals(
        &self,
        paths: &CanonicalPaths<'_>,
        mut weigh: impl FnMut(&CanonicalPaths<'_>) -> Result<Vec<f64>, Problem>,
    ) -> Result<Vec<Interval>, Problem> {
        let mut random = Random::new(u64::from(self.seed));
        let mut resample = paths.clone();
        let mut drawn: Vec<Vec<f64>> = vec![Vec::new(); paths.channels.len()];
        for _ in 0..self.resamples {
            // Paths come in their canonical order, so that the draws do not depend on how they were counted.
            for ((_, again), (_, once)) in resample.paths.iter_mut().zip(&paths.paths) {
                *again = PathOutcome {
                    conversions: random.poisson(math::count(once.conversions)),
                    nulls: random.poisson(math::count(once.nulls)),
                    value_cents: 0,
                };
            }
            for (drawn, weight) in drawn.iter_mut().zip(weigh(&resample)?) {
                drawn.push(weight);
            }
        }
        let tail = (1.0 - self.confidence) / 2.0;
        Ok(drawn
            .into_iter()
            .map(|mut weights| {
                weights.sort_unstable_by(f64::total_cmp);
                Interval { low: quantile(&weights, tail), high: quantile(&weights, 1.0 - tail) }
            })
            .collect())
    }
}

/// The quantile of sorted values, straight between two of them (type 7 of Hyndman and Fan 1996).
fn quantile(sorted: &[f64], share: f64) -> f64 {
    let place = share * (math::length(sorted) - 1.0).max(0.0);
    let below = place.floor();
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a place in a list")]
    let at = below as usize;
    let low = sorted.get(at).copied().unwrap_or_default();
    let high = sorted.get(at.saturating_add(1)).copied().unwrap_or(low);
    low + (high - low) * (place - below)
}

#[cfg(test)]
mod tests {
    use super::super::{PathCounts, PathOutcome, markov_with_intervals};
    use super::*;

    fn counts() -> PathCounts {
        let mut counts = PathCounts::new();
        for (path, conversions, nulls) in
            [(vec!["a"], 30, 70), (vec!["a", "b"], 25, 60), (vec!["b", "c"], 8, 90), (vec!["c"], 5, 200)]
        {
            counts.add(path, PathOutcome { conversions, nulls, value_cents: 0 }).unwrap();
        }
        counts
    }

    #[test]
    fn an_interval_holds_the_weight_and_shrinks_with_more_journeys() {
        let settings = Bootstrap { resamples: 400, seed: 3, confidence: 0.9 };
        let few = markov_with_intervals(&counts(), 1, Some(&settings)).unwrap();
        let mut more = counts();
        for _ in 0..4 {
            more.merge(&more.clone()).unwrap();
        }
        let many = markov_with_intervals(&more, 1, Some(&settings)).unwrap();
        for (few, many) in few.channels.iter().zip(&many.channels) {
            let (wide, narrow) = (few.weight_interval.unwrap(), many.weight_interval.unwrap());
            assert!(wide.low < few.weight && few.weight < wide.high);
            // Sixteen times the journeys: a quarter of the width, give or take a fourth of it.
            let ratio = (wide.high - wide.low) / (narrow.high - narrow.low);
            assert!((3.0..5.3).contains(&ratio), "{ratio}");
        }
    }

    #[test]
    fn the_same_seed_says_the_same_whatever_the_order_of_the_journeys() {
        let settings = Bootstrap { resamples: 50, seed: 8, confidence: 0.95 };
        let mut backwards = PathCounts::new();
        for (path, outcome) in counts().paths().into_iter().rev() {
            backwards.add(path, outcome).unwrap();
        }
        let found = markov_with_intervals(&backwards, 1, Some(&settings)).unwrap();
        assert_eq!(found, markov_with_intervals(&counts(), 1, Some(&settings)).unwrap());
        let other = Bootstrap { seed: 9, ..settings };
        assert_ne!(found, markov_with_intervals(&counts(), 1, Some(&other)).unwrap());
    }
}

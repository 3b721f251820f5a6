//! Paths as they stand in a request.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use stratum_core::money::MAX_MINOR;
use stratum_core::problem::{Problem, ProblemCollector, Problems};

use super::{PathCounts, PathOutcome};

/// Journeys along the same channels, and what came of them. Without a conversion and a null there were none, and the row
/// counts for nothing but what it pays back.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ChannelPath {
    /// The channels in the order of their touches. Without any the touches are not known.
    pub path: Vec<String>,
    /// How many conversions the journeys led to.
    #[serde(default)]
    #[cfg_attr(feature = "schema", schemars(range(max = 9_007_199_254_740_991_u64)))]
    pub conversions: u64,
    /// How many of them led to none.
    #[serde(default)]
    #[cfg_attr(feature = "schema", schemars(range(max = 9_007_199_254_740_991_u64)))]
    pub nulls: u64,
    /// What the conversions were worth, in minor units; below 0 where more was paid back. Above 0 without a conversion it says
    /// nothing.
    #[serde(default)]
    pub value_cents: i64,
}

impl ChannelPath {
    /// A value without a conversion is one that is paid back, or says nothing.
    pub(super) const fn outcome(&self) -> PathOutcome {
        let value_cents = if self.conversions > 0 || self.value_cents < 0 { self.value_cents } else { 0 };
        PathOutcome { conversions: self.conversions, nulls: self.nulls, value_cents }
    }

    fn check(&self, path: &str, found: &mut ProblemCollector) {
        for (place, channel) in self.path.iter().enumerate() {
            if channel.is_empty() {
                let text = "a channel has no name";
                found.push(
                    Problem::new(format!("{path}/path/{place}"), "empty_channel", text)
                        .help("leave the touch out, or name its channel"),
                );
            }
        }
        for (field, count) in [("conversions", self.conversions), ("nulls", self.nulls)] {
            if count > MAX_MINOR.unsigned_abs() {
                let text = format!("a path has at most {MAX_MINOR} journeys");
                found.push(Problem::new(format!("{path}/{field}"), "out_of_range", text));
            }
        }
        if !(-MAX_MINOR..=MAX_MINOR).contains(&self.value_cents) {
            let text = format!("an amount is at most {MAX_MINOR} minor units");
            found.push(Problem::new(format!("{path}/value_cents"), "amount_too_large", text));
        }
    }
}

/// The paths counted, or every problem that they have.
pub(super) fn count(paths: &[ChannelPath]) -> Result<PathCounts, Problems> {
    let mut found = ProblemCollector::new();
    for (place, path) in paths.iter().enumerate() {
        path.check(&format!("/{place}"), &mut found);
    }
    let mut counts = PathCounts::new();
    if found.is_empty() {
        for path in paths.iter().filter(|path| path.outcome() != PathOutcome::default()) {
            counts.add(path.path.iter().map(String::as_str), path.outcome()).map_err(Problem::from)?;
        }
    }
    found.into_result(counts)
}

/// The channels that stand in a path, but that no journey touched.
pub(super) fn without_journeys<'p>(paths: &'p [ChannelPath], counts: &PathCounts) -> BTreeSet<&'p str> {
    let known: BTreeSet<&str> = counts.channels().into_iter().collect();
    let named = paths.iter().flat_map(|path| path.path.iter().map(String::as_str));
    named.filter(|channel| !known.contains(channel)).collect()
}

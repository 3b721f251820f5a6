//! What conversions came along: the paths, how long they took, and which part each channel had.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use stratum_core::math::{amount, count, round9};
use stratum_core::problem::{Problem, ProblemCollector, Problems};
use stratum_core::time::DAY_MS;

use super::request::check_journeys;
use crate::journey::{Journey, Touchpoint};

/// The most paths that are told.
const MOST_PATHS: u32 = 1_000;

/// Journeys whose paths are to be looked at.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct PathAnalysisRequest {
    /// How many paths are told, the most frequent first; 1 to 1000.
    #[serde(default = "ten")]
    #[cfg_attr(feature = "schema", schemars(range(min = 1, max = 1000)))]
    pub top: u32,
    /// The journeys, as `journey.build` gives them. Refunds and those that did not convert are passed over.
    pub journeys: Vec<Journey>,
}

const fn ten() -> u32 {
    10
}

/// What conversions came along.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct PathAnalysis {
    /// How many journeys with touches converted.
    pub conversions: u64,
    /// How many converted without a touch.
    pub unattributed: u64,
    /// The paths of most conversions; of equal ones the more valuable, then by channels.
    pub top_paths: Vec<TopPath>,
    /// How many touches it took, from the fewest.
    pub path_lengths: Vec<PathLength>,
    /// How long it took.
    pub time_lag: TimeLag,
    /// Which part each channel had, by name.
    pub channels: Vec<ChannelPart>,
}

/// The channels of a journey in order, and what came along them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct TopPath {
    /// The channel of each touch.
    pub channels: Vec<String>,
    /// How many conversions.
    pub conversions: u64,
    /// What they were worth, in minor units.
    pub value_cents: i64,
}

/// The conversions that took so many touches.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct PathLength {
    /// How many touches.
    pub touches: u64,
    /// How many conversions.
    pub conversions: u64,
    /// What they were worth, in minor units.
    pub value_cents: i64,
}

/// From the first touch to the conversion.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct TimeLag {
    /// The mean, in days; not defined without a conversion.
    pub mean_days: Option<f64>,
    /// Half of the conversions took at most so many days.
    pub median_days: Option<f64>,
    /// How many conversions took how many whole days, from the fewest.
    pub days: Vec<LagDay>,
}

/// The conversions that took so many whole days.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct LagDay {
    /// How many whole days.
    pub days: i64,
    /// How many conversions.
    pub conversions: u64,
}

/// Which part a channel had in conversions.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct ChannelPart {
    /// The channel.
    pub channel: String,
    /// How many touches.
    pub touches: u64,
    /// In how many conversions it occurs.
    pub conversions: u64,
    /// How many of them it began.
    pub first_touch_count: u64,
    /// How many of them it ended.
    pub last_touch_count: u64,
    /// In how many of them it occurs and another channel was last.
    pub assisted_count: u64,
}

#[derive(Default)]
struct Sum {
    conversions: u64,
    value_cents: i64,
}

impl Sum {
    const fn add(&mut self, value_cents: i64) {
        self.conversions = self.conversions.saturating_add(1);
        self.value_cents = self.value_cents.saturating_add(value_cents);
    }
}

#[derive(Default)]
struct Seen<'a> {
    paths: BTreeMap<Vec<&'a str>, Sum>,
    lengths: BTreeMap<u64, Sum>,
    lags_ms: Vec<i64>,
    channels: BTreeMap<&'a str, ChannelPart>,
    unattributed: u64,
}

impl<'a> Seen<'a> {
    fn add(&mut self, journey: &'a Journey) {
        let Some(conversion) = journey.conversion.as_ref().filter(|found| !found.is_refund()) else { return };
        let touches = journey.touches_until_conversion().into_iter();
        let touches: Vec<&Touchpoint> = touches.filter_map(|touch| journey.touches.get(touch)).collect();
        let (Some(first), Some(last)) = (touches.first(), touches.last()) else {
            self.unattributed = self.unattributed.saturating_add(1);
            return;
        };
        self.lags_ms.push(conversion.converted_at.millis_since(first.touched_at));
        let path: Vec<&str> = touches.iter().map(|touch| touch.channel.as_str()).collect();
        for channel in &path {
            raise(&mut self.channel(channel).touches, true);
        }
        let occurring: BTreeSet<&str> = path.iter().copied().collect();
        for channel in occurring {
            let part = self.channel(channel);
            raise(&mut part.conversions, true);
            raise(&mut part.first_touch_count, first.channel == channel);
            raise(&mut part.last_touch_count, last.channel == channel);
            raise(&mut part.assisted_count, last.channel != channel);
        }
        self.lengths.entry(path.len() as u64).or_default().add(conversion.value_cents);
        self.paths.entry(path).or_default().add(conversion.value_cents);
    }

    fn channel(&mut self, channel: &'a str) -> &mut ChannelPart {
        self.channels.entry(channel).or_insert_with(|| ChannelPart {
            channel: channel.to_owned(),
            touches: 0,
            conversions: 0,
            first_touch_count: 0,
            last_touch_count: 0,
            assisted_count: 0,
        })
    }
}

fn raise(count: &mut u64, so: bool) {
    *count = count.saturating_add(u64::from(so));
}

impl PathAnalysisRequest {
    /// Looks at the paths.
    ///
    /// # Errors
    /// Every problem at once: `out_of_range` for `top`, and those of the journeys.
    pub fn analyse(&self) -> Result<PathAnalysis, Problems> {
        let mut found = ProblemCollector::new();
        if !(1..=MOST_PATHS).contains(&self.top) {
            let text = format!("1 to {MOST_PATHS} paths are told, not {}", self.top);
            found.push(Problem::new("/top", "out_of_range", text));
        }
        check_journeys(&self.journeys, &mut found);
        found.into_result(())?;
        let mut seen = Seen::default();
        self.journeys.iter().for_each(|journey| seen.add(journey));
        let mut paths: Vec<(Vec<&str>, Sum)> = seen.paths.into_iter().collect();
        paths.sort_by(|(_, a), (_, b)| {
            b.conversions.cmp(&a.conversions).then_with(|| b.value_cents.cmp(&a.value_cents))
        });
        let top = usize::try_from(self.top).unwrap_or(usize::MAX);
        let top_paths = paths.into_iter().take(top).map(|(path, sum)| TopPath {
            channels: path.into_iter().map(str::to_owned).collect(),
            conversions: sum.conversions,
            value_cents: sum.value_cents,
        });
        let lengths = seen.lengths.into_iter().map(|(touches, sum)| PathLength {
            touches,
            conversions: sum.conversions,
            value_cents: sum.value_cents,
        });
        Ok(PathAnalysis {
            conversions: seen.lags_ms.len() as u64,
            unattributed: seen.unattributed,
            top_paths: top_paths.collect(),
            path_lengths: lengths.collect(),
            time_lag: time_lag(seen.lags_ms),
            channels: seen.channels.into_values().collect(),
        })
    }
}

fn time_lag(mut lags_ms: Vec<i64>) -> TimeLag {
    lags_ms.sort_unstable();
    let mut days: BTreeMap<i64, u64> = BTreeMap::new();
    for lag in &lags_ms {
        let conversions = days.entry(lag.div_euclid(DAY_MS)).or_default();
        *conversions = conversions.saturating_add(1);
    }
    let in_days = |ms: i64, of: u64| round9(amount(ms) / (amount(DAY_MS) * count(of)));
    let middle = lags_ms.len() / 2;
    let low = if lags_ms.len().is_multiple_of(2) { middle.wrapping_sub(1) } else { middle };
    let median = lags_ms.get(low).zip(lags_ms.get(middle));
    let sum = lags_ms.iter().fold(0_i64, |sum, &lag| sum.saturating_add(lag));
    TimeLag {
        mean_days: (!lags_ms.is_empty()).then(|| in_days(sum, lags_ms.len() as u64)),
        median_days: median.map(|(&low, &high)| in_days(low.saturating_add(high), 2)),
        days: days.into_iter().map(|(days, conversions)| LagDay { days, conversions }).collect(),
    }
}

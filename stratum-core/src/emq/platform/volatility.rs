//! Volatility (signal volatility index, SVI): how much the daily score swings within a week.

use std::collections::{BTreeMap, BTreeSet};

use chrono::Datelike as _;
use serde::{Deserialize, Serialize};

use crate::enumeration;
use crate::math::{mean, round9, sample_std};
use crate::problem::{Problem, ProblemCollector};
use crate::score::Score;
use crate::time::Date;

/// A week counts from this many daily scores.
const DAYS_OF_A_WEEK: usize = 3;
/// So many of the newest weeks count.
const WEEKS: usize = 8;
/// So few weeks say nothing about volatility.
const MIN_WEEKS: usize = 2;
/// So few weeks say nothing about its trend.
const MIN_WEEKS_FOR_TREND: usize = 4;

/// The score of one day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct DailyScore {
    /// The tenant-local day.
    #[cfg_attr(feature = "schema", schemars(with = "String"))]
    pub date: Date,
    /// 0 to 100.
    pub score: Score,
}

enumeration! {
    /// Where the volatility goes.
    pub enum VolatilityTrend "volatility trend" {
        /// The last two weeks swing by more than 2 points more than the first two.
        Increasing = "INCREASING",
        /// By more than 2 points less.
        Decreasing = "DECREASING",
        /// Neither, or fewer than four weeks.
        Stable = "STABLE",
    }
}

/// How much the daily score swings.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct Volatility {
    /// Points: the mean over the weeks of the standard deviation within a week.
    pub svi: f64,
    /// Where it goes.
    pub trend: VolatilityTrend,
    /// How many weeks it is made of, 2 to 8.
    pub weeks: u32,
}

/// The volatility of a history in any order: for each ISO week with three or more daily scores the sample standard
/// deviation, then the mean over the last eight such weeks. `None` for fewer than two.
///
/// Of several scores of one day the last in the list counts.
#[must_use]
pub fn volatility(history: &[DailyScore]) -> Option<Volatility> {
    let mut days: BTreeMap<Date, f64> = BTreeMap::new();
    days.extend(history.iter().map(|day| (day.date, day.score.get())));
    let mut weeks: BTreeMap<(i32, u32), Vec<f64>> = BTreeMap::new();
    for (date, score) in days {
        let week = date.iso_week();
        weeks.entry((week.year(), week.week())).or_default().push(score);
    }
    let swings: Vec<f64> = weeks
        .values()
        .filter(|scores| scores.len() >= DAYS_OF_A_WEEK)
        .filter_map(|scores| sample_std(scores))
        .collect();
    let newest = swings.get(swings.len().saturating_sub(WEEKS)..)?;
    if newest.len() < MIN_WEEKS {
        return None;
    }
    Some(Volatility {
        svi: round9(mean(newest)?),
        trend: trend(newest),
        weeks: u32::try_from(newest.len()).ok()?,
    })
}

fn trend(swings: &[f64]) -> VolatilityTrend {
    if swings.len() < MIN_WEEKS_FOR_TREND {
        return VolatilityTrend::Stable;
    }
    let first = swings.get(..MIN_WEEKS).and_then(mean);
    let last = swings.get(swings.len().saturating_sub(MIN_WEEKS)..).and_then(mean);
    match first.zip(last).map(|(first, last)| round9(last - first)) {
        Some(change) if change > 2.0 => VolatilityTrend::Increasing,
        Some(change) if change < -2.0 => VolatilityTrend::Decreasing,
        _ => VolatilityTrend::Stable,
    }
}

/// Notes every day that has more than one score.
pub(super) fn check(history: &[DailyScore], path: &str, found: &mut ProblemCollector) {
    let mut seen = BTreeSet::new();
    for (index, day) in history.iter().enumerate() {
        if !seen.insert(day.date) {
            found.push(Problem::new(
                format!("{path}/{index}/date"),
                "duplicate_day",
                format!("{} has more than one score", day.date),
            ));
        }
    }
}

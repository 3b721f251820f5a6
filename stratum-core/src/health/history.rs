//! Health over time, one point for each hour or day.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::HealthSnapshot;
use crate::enumeration;
use crate::score::Score;
use crate::time::{DAY_MS, HOUR_MS, Timestamp};
use crate::vocabulary::{HealthComponent, HealthStatus};

enumeration! {
    /// How wide the steps of a health series are.
    pub enum Granularity "granularity" {
        /// One point an hour.
        Hourly = "hourly",
        /// One point a day.
        Daily = "daily",
    }
}

impl Granularity {
    /// The start of the UTC hour or day that holds an instant.
    #[must_use]
    pub fn start(self, at: Timestamp) -> Timestamp {
        let width = match self {
            Self::Hourly => HOUR_MS,
            Self::Daily => DAY_MS,
        };
        at.plus_millis(at.millis().checked_rem_euclid(width).map_or(0, i64::saturating_neg))
    }
}

/// Health in one step of a series.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct HealthPoint {
    /// The start of the step.
    pub timestamp: Timestamp,
    /// The score at the end of the step: that of its newest snapshot, 0 to 100.
    pub score: Score,
    /// The lowest score within the step, so that an outage between two points is seen, 0 to 100.
    pub min_score: Score,
    /// The status of the newest snapshot.
    pub status: HealthStatus,
    /// The components of the newest snapshot, each 0 to 100 or missing.
    pub components: BTreeMap<HealthComponent, Option<Score>>,
}

/// Thins the snapshots of one platform out: one point for each step that has a snapshot, oldest first.
///
/// A point shows the newest snapshot of its step: health is a level and not a sum, so a mean over the step would show a
/// state that never was. Snapshots may come in any order; of two of the same instant the one with the higher id counts.
/// `start` gives the start of the step that holds an instant: [`Granularity::start`] for UTC, or the caller's own for a
/// tenant's calendar.
///
/// ```
/// use stratum_core::health::{Granularity, downsample};
/// let points = downsample(&[], |at| Granularity::Daily.start(at));
/// assert!(points.is_empty());
/// ```
pub fn downsample<'a>(
    snapshots: impl IntoIterator<Item = &'a HealthSnapshot>,
    start: impl Fn(Timestamp) -> Timestamp,
) -> Vec<HealthPoint> {
    let mut steps: BTreeMap<Timestamp, (&HealthSnapshot, Score)> = BTreeMap::new();
    for snapshot in snapshots {
        steps
            .entry(start(snapshot.computed_at))
            .and_modify(|(newest, lowest)| {
                if order(snapshot) > order(newest) {
                    *newest = snapshot;
                }
                *lowest = (*lowest).min(snapshot.score);
            })
            .or_insert((snapshot, snapshot.score));
    }
    steps.into_iter().map(|(timestamp, (newest, min_score))| point(timestamp, newest, min_score)).collect()
}

fn order(snapshot: &HealthSnapshot) -> impl Ord {
    (snapshot.computed_at, snapshot.snapshot_id)
}

fn point(timestamp: Timestamp, newest: &HealthSnapshot, min_score: Score) -> HealthPoint {
    HealthPoint {
        timestamp,
        score: newest.score,
        min_score,
        status: newest.status,
        components: newest.components.iter().map(|reading| (reading.name, reading.score)).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::health::tests::{facts, policy};
    use crate::health::{HealthFacts, evaluate};
    use crate::vocabulary::HealthPreset;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    fn snapshot(now: Timestamp, emq: f64) -> HealthSnapshot {
        let facts = HealthFacts { now, ..facts() }.with_component(HealthComponent::Emq, emq);
        evaluate(&policy(HealthPreset::Five), &facts).unwrap()
    }

    #[test]
    fn a_point_shows_the_newest_snapshot_of_its_hour_and_the_lowest_score() {
        let snapshots = [
            snapshot(at("2026-03-01T11:00:00Z"), 40.0),
            snapshot(at("2026-03-01T10:59:59.999Z"), 100.0),
            snapshot(at("2026-03-01T10:00:00Z"), 20.0),
            snapshot(at("2026-03-01T10:30:00Z"), 80.0),
        ];
        let points = downsample(&snapshots, |at| Granularity::Hourly.start(at));
        let seen: Vec<(String, f64, f64)> = points
            .iter()
            .map(|point| (point.timestamp.to_string(), point.score.get(), point.min_score.get()))
            .collect();
        assert_eq!(
            seen,
            [
                ("2026-03-01T10:00:00.000Z".to_owned(), 35.0, 7.0),
                ("2026-03-01T11:00:00.000Z".to_owned(), 14.0, 14.0),
            ]
        );
        assert_eq!(points[0].components[&HealthComponent::Emq].unwrap().get(), 100.0);
        assert_eq!(points[0].components[&HealthComponent::ApiHealth], None);
        assert_eq!(points[0].components.len(), 5);
    }

    #[test]
    fn days_begin_at_midnight_utc_also_before_1970() {
        for (instant, day) in [
            ("2026-03-01T23:59:59.999Z", "2026-03-01T00:00:00.000Z"),
            ("2026-03-02T00:00:00Z", "2026-03-02T00:00:00.000Z"),
            ("1969-12-31T23:59:59.999Z", "1969-12-31T00:00:00.000Z"),
        ] {
            assert_eq!(Granularity::Daily.start(at(instant)).to_string(), day);
        }
    }

    #[test]
    fn of_two_snapshots_of_one_instant_the_higher_id_counts() {
        let now = at("2026-03-01T10:30:00Z");
        let mut first = snapshot(now, 80.0);
        let mut second = snapshot(now, 60.0);
        first.snapshot_id = Some("0198c9a0-0000-7000-8000-000000000002".parse().unwrap());
        second.snapshot_id = Some("0198c9a0-0000-7000-8000-000000000001".parse().unwrap());
        for pair in [[&first, &second], [&second, &first]] {
            let points = downsample(pair, |at| Granularity::Hourly.start(at));
            assert_eq!((points.len(), points[0].score), (1, first.score));
        }
    }
}

//! EMQ: the event match quality that the platform gives, over its events.

use std::collections::BTreeMap;

use super::freshness::believable;
use super::limits;
use crate::health::EmqReading;
use crate::math::{CompensatedSum, count, finite};
use crate::problem::{Problem, ProblemCollector};
use crate::time::{HOUR_MS, Timestamp};

/// A reading older than this is no reading.
const MAX_AGE_HOURS: i64 = 48;

/// What turns a platform's rating of 0 to 10 into a score of 0 to 100.
const SCORE_PER_RATING: f64 = 10.0;

/// 0 to 100: the mean of the newest reading of each event, weighted by volume when every volume is known.
///
/// Missing when no reading is at most 48 hours old. Readings more than 5 minutes ahead of `now` count nothing. Of two
/// readings of one event at the same instant the lower counts.
#[must_use]
pub fn emq(readings: &[EmqReading], now: Timestamp) -> Option<f64> {
    let mut newest: BTreeMap<Option<&str>, (Timestamp, f64, Option<f64>)> = BTreeMap::new();
    for reading in readings {
        let fresh = now.millis_since(reading.observed_at) <= MAX_AGE_HOURS.saturating_mul(HOUR_MS);
        let Some(score) = value(reading).filter(|_| fresh && believable(reading.observed_at, now)) else {
            continue;
        };
        let candidate = (reading.observed_at, score, reading.volume.and_then(finite));
        newest
            .entry(reading.event_name.as_deref())
            .and_modify(|kept| {
                if candidate.0 > kept.0 || (candidate.0 == kept.0 && candidate.1 < kept.1) {
                    *kept = candidate;
                }
            })
            .or_insert(candidate);
    }
    let mut weighted = CompensatedSum::default();
    let mut volumes = CompensatedSum::default();
    let mut plain = CompensatedSum::default();
    let mut all_known = true;
    for &(_, score, volume) in newest.values() {
        plain.add(score);
        match volume {
            Some(volume) => {
                weighted.add(score * volume);
                volumes.add(volume);
            }
            None => all_known = false,
        }
    }
    if newest.is_empty() {
        None
    } else if all_known && volumes.value() > 0.0 {
        Some(weighted.value() / volumes.value())
    } else {
        Some(plain.value() / count(newest.len() as u64))
    }
}

fn value(reading: &EmqReading) -> Option<f64> {
    reading.score.or_else(|| reading.rating.map(|rating| rating * SCORE_PER_RATING)).and_then(finite)
}

pub(super) fn check(readings: &[EmqReading], found: &mut ProblemCollector) {
    for (position, reading) in readings.iter().enumerate() {
        let path = format!("/emq/{position}");
        if reading.score.is_some() == reading.rating.is_some() {
            found.push(
                Problem::new(&path, "exactly_one", "a reading has either a score or a rating")
                    .help("write score (0 to 100), or rating (0 to 10, the platform's own)"),
            );
        }
        if let Some(score) = reading.score {
            limits::within(&format!("{path}/score"), score, 100.0, found);
        }
        if let Some(rating) = reading.rating {
            limits::within(&format!("{path}/rating"), rating, 10.0, found);
        }
        if let Some(volume) = reading.volume {
            limits::not_negative(&format!("{path}/volume"), volume, found);
        }
    }
}

//! The mean event EMQ of a window, which decides what the system may approve on its own.

use serde::{Deserialize, Serialize};

use crate::emq::{AutomationLevel, EmqBand};
use crate::math::{CompensatedSum, count};
use crate::score::Score;
use crate::time::Timestamp;

/// Scores of one instant: an event, or the mean of several that were already put together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct EventEmqSample {
    /// When the events were received.
    pub at: Timestamp,
    /// Their EMQ, 0 to 100.
    pub score: Score,
    /// How many events there were.
    #[serde(default = "one")]
    pub volume: u64,
}

const fn one() -> u64 {
    1
}

/// A mean event EMQ and what it stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct MeanEventEmq {
    /// 0 to 100, weighted by volume; `None` if no event came.
    pub mean: Option<Score>,
    /// How many events it is made of.
    pub events: u64,
    /// The band of the mean; poor if no event came.
    pub band: EmqBand,
    /// What the system may approve without a person.
    pub automation: AutomationLevel,
}

/// The partial state of a mean: add on any worker, merge in any grouping, finish once.
///
/// ```
/// use stratum_core::emq::{EmqBand, event::EventEmqMean};
/// use stratum_core::Score;
/// let (mut morning, mut evening) = (EventEmqMean::default(), EventEmqMean::default());
/// morning.add(Score::new(88.0).unwrap(), 3);
/// evening.add(Score::new(64.0).unwrap(), 1);
/// morning.merge(evening);
/// let day = morning.finish();
/// assert_eq!((day.mean.unwrap().get(), day.events, day.band), (82.0, 4, EmqBand::Excellent));
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct EventEmqMean {
    weighted: CompensatedSum,
    events: u64,
}

impl EventEmqMean {
    /// The samples received within the `window_hours` before `now`, the older end excluded. A sample from after `now`
    /// does not count.
    #[must_use]
    pub fn of_window(samples: &[EventEmqSample], now: Timestamp, window_hours: i64) -> Self {
        let from = now.plus_hours(window_hours.saturating_neg());
        let mut mean = Self::default();
        for sample in samples.iter().filter(|sample| sample.at > from && sample.at <= now) {
            mean.add(sample.score, sample.volume);
        }
        mean
    }

    /// Adds `volume` events of this score; none changes nothing.
    pub fn add(&mut self, score: Score, volume: u64) {
        self.weighted.add(score.get() * count(volume));
        self.events = self.events.saturating_add(volume);
    }

    /// Takes over what another worker gathered.
    pub fn merge(&mut self, other: Self) {
        self.weighted.add(other.weighted.value());
        self.events = self.events.saturating_add(other.events);
    }

    /// The mean, its band and the automation that the band allows.
    #[must_use]
    pub fn finish(self) -> MeanEventEmq {
        let mean =
            (self.events > 0).then(|| self.weighted.value() / count(self.events)).and_then(Score::clamped);
        let band = EmqBand::of_mean(mean);
        MeanEventEmq { mean, events: self.events, band, automation: band.automation() }
    }
}

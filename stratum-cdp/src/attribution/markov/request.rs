//! The model, as every language asks for it.

use serde::{Deserialize, Serialize};
use stratum_core::problem::{ProblemCollector, Problems};

use super::super::channel_path::{self, ChannelPath};
use super::super::{Bootstrap, MarkovAttribution, markov_with_intervals};
use super::model::check_order;

/// Journeys of which it is asked what each channel has earned.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct MarkovRequest {
    /// On how many channels of a journey's past its next step depends, 1 to 4.
    #[serde(default = "first")]
    #[cfg_attr(feature = "schema", schemars(range(min = 1, max = 4)))]
    pub order: u8,
    /// The paths of the journeys; the same path may stand here more than once.
    pub paths: Vec<ChannelPath>,
    /// Intervals of the weights, if they are wanted.
    #[serde(default)]
    pub intervals: Option<Bootstrap>,
}

const fn first() -> u8 {
    1
}

impl MarkovRequest {
    /// What each channel has earned. A channel of a path that no journey took is there too, with nothing.
    ///
    /// # Errors
    /// Every problem at once: `out_of_range` for the order, and those of the paths.
    pub fn attribute(&self) -> Result<MarkovAttribution, Problems> {
        let mut found = ProblemCollector::new();
        found.take("", check_order(self.order));
        if let Some(intervals) = &self.intervals {
            found.take("/intervals", intervals.check());
        }
        let counts = found.take("/paths", channel_path::count(&self.paths)).unwrap_or_default();
        found.into_result(())?;
        let mut answer = markov_with_intervals(&counts, self.order, self.intervals.as_ref())?;
        for channel in channel_path::without_journeys(&self.paths, &counts) {
            answer.channels.push(super::MarkovChannel::nothing(channel));
        }
        answer.channels.sort_by(|a, b| a.channel.cmp(&b.channel));
        Ok(answer)
    }
}

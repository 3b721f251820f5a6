//! One evaluation, as every language and the server ask for it.

use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use stratum_core::emq::EmqBand;
use stratum_core::emq::event::EventEmqFactors;
use stratum_core::{Problems, Score, Timestamp};

use crate::event::{Event, EventWarning};
use crate::identifier::CleaningPolicy;

/// An event as its source sent it, and the instant of its receipt.
///
/// The event is read by [`EventEmqRequest::evaluate`] and not before, so that all of its problems come back as data.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct EventEmqRequest {
    /// The event.
    #[cfg_attr(feature = "schema", schemars(with = "Event"))]
    pub event: Value,
    /// When it was received.
    pub received_at: Timestamp,
}

/// The EMQ of an event, and what of the event could not be used.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct EventEmqResponse {
    /// 0 to 100.
    pub score: Score,
    /// The four parts of the score.
    pub factors: EventEmqFactors,
    /// What the score stands for.
    pub band: EmqBand,
    /// What was left out of the event: identifiers that cannot be used.
    #[serde(default)]
    pub warnings: Vec<EventWarning>,
}

impl EventEmqRequest {
    /// Reads the event and scores it.
    ///
    /// # Errors
    /// As [`Event::from_json`] and [`evaluate_event`](super::evaluate_event), with paths below `/event`.
    pub fn evaluate(&self, policy: &CleaningPolicy) -> Result<EventEmqResponse, Problems> {
        let scored = Event::from_json(self.event.clone(), policy).and_then(|event| {
            let emq = super::evaluate_event(&event, self.received_at)?;
            Ok(EventEmqResponse {
                score: emq.score,
                factors: emq.factors,
                band: emq.band,
                warnings: event.into_warnings(),
            })
        });
        scored.map_err(|problems| problems.under("/event"))
    }
}

impl fmt::Debug for EventEmqRequest {
    /// Only when it was received: the event may name a person.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EventEmqRequest").field("received_at", &self.received_at).finish_non_exhaustive()
    }
}

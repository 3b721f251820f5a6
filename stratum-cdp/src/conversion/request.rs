//! Conversions of one connection, as every language asks for their requests.

use std::fmt;

use serde::{Deserialize, Serialize};
use stratum_core::Timestamp;
use stratum_core::problem::{Problem, ProblemCollector, Problems};

use super::batch::{Conversion, ConversionBatch};
use super::event::{ConversionEvent, given};
use super::outgoing::PlatformRequest;
use super::settings::{ConversionConnection, SkipReason};
use crate::consent::{Ads, LegalBasis};
use crate::identifier::CleaningSettings;

/// Conversions, and where they go.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ConversionPayloadsRequest {
    /// Where they go.
    pub connection: ConversionConnection,
    /// The instant at which they are sent, from which their age is counted.
    pub now: Timestamp,
    /// Whether the effective consent for ads of everybody here was found granted before. Without that, an event that carries
    /// no decision of its own is not sent: nobody has consented who has not decided.
    #[serde(default)]
    pub consent_checked: bool,
    /// How identifiers are cleaned.
    #[serde(default)]
    pub cleaning: CleaningSettings,
    /// The conversions.
    pub events: Vec<ConversionEvent>,
}

/// An event that is not sent.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct SkippedEvent {
    /// Its id.
    pub event_id: String,
    /// Its place in the request, from 0.
    pub index: u64,
    /// Why.
    pub reason: SkipReason,
}

impl fmt::Debug for SkippedEvent {
    /// Without the id: a shop may have made it of an e-mail address.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SkippedEvent")
            .field("index", &self.index)
            .field("reason", &self.reason)
            .finish_non_exhaustive()
    }
}

/// The requests, and what is not in them.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct ConversionPayloadsResponse {
    /// The requests to be sent, in this order.
    pub requests: Vec<PlatformRequest>,
    /// The events that are in none of them, in the order of the request.
    pub skipped: Vec<SkippedEvent>,
}

impl ConversionPayloadsRequest {
    /// Makes the requests.
    ///
    /// # Errors
    /// Every problem at once: those of the connection, under `/connection`, and an event without an id or a name
    /// (`too_short`). An event that the platform would not take is skipped, not refused.
    pub fn payloads(&self) -> Result<ConversionPayloadsResponse, Problems> {
        let mut found = ProblemCollector::new();
        let batch = found.take("/connection", ConversionBatch::new(&self.connection, self.now));
        check_events(&self.events, &mut found);
        found.into_result(())?;
        let Some(mut batch) = batch else { return Err(unusable()) };
        let cleaning = self.cleaning.policy();
        let mut skipped = Vec::new();
        for (place, event) in self.events.iter().enumerate() {
            let conversion = Conversion::new(event, &cleaning, self.now);
            let released =
                event.consents(self.consent_checked).release::<Ads, _>(&conversion, LegalBasis::default());
            let added =
                released.map_err(|_| SkipReason::ConsentDenied).and_then(|released| batch.add(released));
            if let Err(reason) = added {
                let index = u64::try_from(place).unwrap_or(u64::MAX);
                skipped.push(SkippedEvent { event_id: event.event_id.clone(), index, reason });
            }
        }
        Ok(ConversionPayloadsResponse { requests: batch.finish(), skipped })
    }
}

/// Notes events that nobody could tell apart or name.
pub(super) fn check_events(events: &[ConversionEvent], found: &mut ProblemCollector) {
    for (place, event) in events.iter().enumerate() {
        for (field, text) in [("event_id", &event.event_id), ("event_name", &event.event_name)] {
            if given(Some(text)).is_none() {
                let message = "a conversion has an id and a name";
                found.push(Problem::new(format!("/events/{place}/{field}"), "too_short", message));
            }
        }
    }
}

fn unusable() -> Problems {
    Problem::new("/connection", "invalid", "the connection cannot be used").into()
}

impl fmt::Debug for ConversionPayloadsRequest {
    /// Where to, and how many: the events are people's.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ConversionPayloadsRequest")
            .field("platform", &self.connection.platform)
            .field("now", &self.now)
            .field("events", &self.events.len())
            .finish_non_exhaustive()
    }
}

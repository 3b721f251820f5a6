//! From the facts of an event to its EMQ: the hot path, free of allocation.

use serde::{Deserialize, Serialize};

use super::facts::{EventFacts, IdentifierKinds};
use crate::emq::EmqBand;
use crate::enumeration;
use crate::math::lerp;
use crate::problem::Problem;
use crate::score::Score;

/// How far the time of an event may lie ahead of its receipt, in seconds.
pub const MAX_FUTURE_S: f64 = 300.0;

/// Timeliness by latency in seconds: full for five minutes, half at an hour, nothing after a day.
const TIMELINESS: [(f64, f64); 3] = [(300.0, 100.0), (3_600.0, 50.0), (86_400.0, 0.0)];

/// The EMQ of one event.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct EventEmq {
    /// 0 to 100.
    pub score: Score,
    /// The four parts of the score.
    pub factors: EventEmqFactors,
    /// What the score stands for.
    pub band: EmqBand,
}

/// The parts of an event's EMQ, each 0 to 100.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct EventEmqFactors {
    /// Which kinds of identifier the event carries; weight 40.
    pub identifier_quality: Score,
    /// Which of the expected properties it carries; weight 25.
    pub data_completeness: Score,
    /// How soon it was received; weight 20.
    pub timeliness: Score,
    /// What it says of browser, address, campaign and page; weight 15.
    pub context_richness: Score,
}

enumeration! {
    /// Why an event has no EMQ.
    pub enum EventRefusal "event refusal" {
        /// Dated more than five minutes after its receipt.
        EventTimeInFuture = "EVENT_TIME_IN_FUTURE",
        /// No identifier survived normalisation.
        NoValidIdentifier = "NO_VALID_IDENTIFIER",
        /// A number that is NaN, infinite or out of its range.
        InvalidInput = "INVALID_INPUT",
    }
}

impl EventRefusal {
    /// The refusal for the person who must act. The paths are those of an event on the wire.
    #[must_use]
    pub fn problem(self) -> Problem {
        match self {
            Self::EventTimeInFuture => Problem::new(
                "/event_time",
                "event_time_in_future",
                "the event is dated more than 5 min after its receipt",
            )
            .help("check the sender's clock, and send the instant in UTC or with its offset"),
            Self::NoValidIdentifier => {
                Problem::new("/identifiers", "no_valid_identifier", "no identifier of the event can be used")
                    .help("send an email, phone, external_id, device_id or anonymous_id")
            }
            Self::InvalidInput => Problem::new(
                "",
                "invalid_input",
                "completeness is from 0 to 100, latency a finite number of seconds",
            )
            .help("leave out the row instead of writing NaN or infinity"),
        }
    }
}

impl From<EventRefusal> for Problem {
    fn from(refusal: EventRefusal) -> Self {
        refusal.problem()
    }
}

/// The EMQ of an event: (40 · identifiers + 25 · completeness + 20 · timeliness + 15 · context) / 100.
///
/// The weights are whole and the division comes last, so that a sum such as 88 is exact; the score is rounded once, at
/// the end, and the factors are rounded on their own.
///
/// # Errors
/// [`EventRefusal`]: an event without an identifier, from the future, or with numbers that are none is refused, not scored.
#[inline]
pub fn evaluate(facts: &EventFacts) -> Result<EventEmq, EventRefusal> {
    if !facts.latency_s.is_finite() || !(0.0..=100.0).contains(&facts.completeness) {
        return Err(EventRefusal::InvalidInput);
    }
    if facts.latency_s < -MAX_FUTURE_S {
        return Err(EventRefusal::EventTimeInFuture);
    }
    if !facts.identifiers.intersects(IdentifierKinds::PERSON) {
        return Err(EventRefusal::NoValidIdentifier);
    }
    let identifiers = facts.identifiers.quality();
    let timeliness = lerp(&TIMELINESS, facts.latency_s);
    let context = facts.context.richness(facts.identifiers.intersects(IdentifierKinds::CLICK_ID));
    let weighed = 40.0 * identifiers + 25.0 * facts.completeness + 20.0 * timeliness + 15.0 * context;
    let rounded = |value: f64| Score::clamped(value).ok_or(EventRefusal::InvalidInput);
    let score = rounded(weighed / 100.0)?;
    Ok(EventEmq {
        score,
        factors: EventEmqFactors {
            identifier_quality: rounded(identifiers)?,
            data_completeness: rounded(facts.completeness)?,
            timeliness: rounded(timeliness)?,
            context_richness: rounded(context)?,
        },
        band: EmqBand::of(score),
    })
}

//! One event, as every language asks whether it is valid.

use std::fmt;

use serde::Deserialize;
use serde::Serialize;
use serde_json::Value;
use stratum_core::problem::ProblemCollector;
use stratum_core::{Currency, Problem, Problems, Timestamp};

use super::{Event, EventWarning, EventWarningCode, check_time};
use crate::identifier::CleaningSettings;

/// An event as its source sent it, the instant of its receipt, and what its source and tenant have set.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct EventValidationRequest {
    /// The event. It is read when it is validated and not before, so that all of its problems come back as data.
    #[cfg_attr(feature = "schema", schemars(with = "Event"))]
    pub event: Value,
    /// When it was received.
    pub received_at: Timestamp,
    /// How its identifiers are cleaned.
    #[serde(default)]
    pub settings: CleaningSettings,
    /// The tenant's currency: what an amount without one is in, and what revenue is counted in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub currency: Option<Currency>,
}

/// An event that was found valid.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct EventValidation {
    /// The event with its identifiers in their normal forms, without those that cannot be used.
    #[cfg_attr(feature = "schema", schemars(with = "Event"))]
    pub event: Value,
    /// Under which it is deduplicated: its id, else the SHA-256 of its content.
    pub key: String,
    /// Whether the key was made from the content.
    pub key_from_content: bool,
    /// What it adds to the tenant's revenue, in minor units, if it is a purchase; null without an amount, for one in another
    /// currency, and where the tenant's currency is not given.
    #[serde(default)]
    pub amount_cents: Option<i64>,
    /// What was left out.
    #[serde(default)]
    pub warnings: Vec<EventWarning>,
}

impl EventValidationRequest {
    /// Reads the event, checks its time, makes its key.
    ///
    /// # Errors
    /// Every problem at once, with paths below `/event`: those of [`Event::from_json`] and [`Event::check_time`], and
    /// `unsafe_integer` where a key has to be made of a number that no other language would read as it is.
    pub fn validate(&self) -> Result<EventValidation, Problems> {
        self.read().map_err(|problems| problems.under("/event"))
    }

    fn read(&self) -> Result<EventValidation, Problems> {
        let event = Event::from_json(self.event.clone(), &self.settings.policy()).map_err(|problems| {
            // Where the time could be read it is checked beside everything else.
            let time = self
                .event
                .get("event_time")
                .and_then(Value::as_str)
                .and_then(|time| time.trim().parse().ok());
            match time.map(|time| check_time(time, self.received_at)) {
                Some(Err(problem)) => {
                    let mut found = ProblemCollector::new();
                    problems.iter().cloned().chain([problem]).for_each(|problem| found.push(problem));
                    found.into_problems().unwrap_or(problems)
                }
                Some(Ok(())) | None => problems,
            }
        })?;
        event.check_time(self.received_at)?;
        let key = event.key()?;
        let mut warnings = event.warnings().to_vec();
        if self.currency.is_some_and(|currency| event.has_other_currency(currency)) {
            warnings.push(EventWarning {
                code: EventWarningCode::CurrencyMismatch,
                path: "/properties/currency".to_owned(),
                message:
                    "the amount's currency is not the tenant's, or cannot be read: it adds to no revenue"
                        .to_owned(),
            });
        }
        Ok(EventValidation {
            key_from_content: event.event_id().is_none(),
            key,
            amount_cents: self.currency.and_then(|currency| event.revenue(currency)),
            warnings,
            event: serde_json::to_value(&event)
                .map_err(|error| Problem::new("", "not_serializable", error.to_string()))?,
        })
    }
}

impl fmt::Debug for EventValidationRequest {
    /// Only when it was received: the event may name a person.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EventValidationRequest")
            .field("received_at", &self.received_at)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for EventValidation {
    /// What was left out, and the amount: the event may name a person, and so may its key.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EventValidation")
            .field("key_from_content", &self.key_from_content)
            .field("amount_cents", &self.amount_cents)
            .field("warnings", &self.warnings)
            .finish_non_exhaustive()
    }
}

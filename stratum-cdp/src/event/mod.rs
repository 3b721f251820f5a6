//! The canonical event: what a source sends, checked once.
//!
//! [`Event::from_json`] reads an event and says everything that is wrong with it at once. What it gives holds at least one
//! identifier in its normal form; nothing later checks again. An identifier that cannot be used is left out with a warning,
//! unknown keys of the context are left out silently, any other unknown key is a problem.
//!
//! ```
//! use serde_json::json;
//! use stratum_cdp::event::Event;
//! use stratum_cdp::identifier::CleaningPolicy;
//!
//! let event = Event::from_json(
//!     json!({
//!         "event_name": "Purchase",
//!         "event_time": "2026-03-01T12:00:00Z",
//!         "identifiers": [{"type": "email", "value": "Jane@Shop.example"}, {"type": "phone", "value": "n/a"}],
//!         "properties": {"order_id": "A-17", "total": 42.5, "currency": "USD"},
//!     }),
//!     &CleaningPolicy::default(),
//! )
//! .unwrap();
//! assert_eq!(event.identifiers()[0].value(), "jane@shop.example");
//! assert_eq!(event.warnings()[0].path, "/identifiers/1");
//!
//! let problems = Event::from_json(json!({"event_name": "", "event_time": "today", "identifiers": []}), &CleaningPolicy::default())
//!     .unwrap_err();
//! let found: Vec<&str> = problems.iter().map(|problem| problem.path.as_str()).collect();
//! assert_eq!(found, ["/event_name", "/event_time", "/identifiers"]);
//! ```

mod amount;
mod context;
mod fields;
mod key;
mod read;
mod request;
mod sessions;

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize};
use serde_json::{Map, Value};
use stratum_core::enumeration;
use stratum_core::{Problem, Problems, Timestamp};

pub(crate) use amount::text;
pub use context::{App, Campaign, ClickIds, Device, EventConsent, EventContext, Page, Screen};
pub use request::{EventValidation, EventValidationRequest};
pub use sessions::count_sessions;

use crate::identifier::{CleaningPolicy, Identifier};

/// The most identifiers of an event.
pub const MAX_IDENTIFIERS: usize = 20;
/// The most bytes of the properties, as compact JSON.
pub const MAX_PROPERTIES_BYTES: usize = 64 * 1024;
/// The most levels of objects and lists in the properties, the outermost object included.
pub const MAX_PROPERTIES_DEPTH: usize = 10;
/// The most bytes of the traits, as compact JSON.
pub const MAX_TRAITS_BYTES: usize = 32 * 1024;
/// How many calendar months back an event may be dated.
pub const MAX_AGE_MONTHS: u32 = 13;
/// How many minutes ahead of its receipt an event may be dated.
pub const MAX_FUTURE_MINUTES: i64 = 5;

enumeration! {
    /// What an event does.
    pub enum EventKind "event kind" {
        /// Something happened: the only kind that has a name and an EMQ.
        Track = "track",
        /// The identifiers belong to one person.
        Identify = "identify",
        /// A person decided about consent.
        Consent = "consent",
        /// The second identifier is another name of the first.
        Alias = "alias",
    }
}

impl Default for EventKind {
    /// What an event is that does not say.
    fn default() -> Self {
        Self::Track
    }
}

enumeration! {
    /// What was left out of an event that was accepted.
    pub enum EventWarningCode "event warning" {
        /// An identifier has no normal form.
        IdentifierInvalid = "IDENTIFIER_INVALID",
        /// An identifier stands for nobody, or for many.
        IdentifierBlocked = "IDENTIFIER_BLOCKED",
        /// An identifier is longer than 256 bytes.
        IdentifierTooLong = "IDENTIFIER_TOO_LONG",
        /// An amount is in another currency than the tenant's, or in one that cannot be read.
        CurrencyMismatch = "CURRENCY_MISMATCH",
    }
}

/// Something that was left out of an event that was accepted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct EventWarning {
    /// What kind.
    pub code: EventWarningCode,
    /// Where: a JSON pointer into the event.
    pub path: String,
    /// Why, for the person who sends the events. Never holds the value.
    pub message: String,
}

/// An event that was found valid.
#[derive(Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(deny_unknown_fields, transform = with_alias_of_event_id))]
pub struct Event {
    /// Under which the event is deduplicated, 1 to 128 printable characters; also read as `idempotency_key`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(length(min = 1, max = 128)))]
    event_id: Option<String>,
    /// What the event does; `track` if left out.
    #[cfg_attr(feature = "schema", schemars(default))]
    kind: EventKind,
    /// What happened, for `track` events only: 1 to 255 letters, digits, spaces, `_` and `-`, compared exactly.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(
        feature = "schema",
        schemars(length(max = 255), regex(pattern = r"^[A-Za-z0-9][A-Za-z0-9 _-]*$"))
    )]
    event_name: Option<String>,
    /// When it happened.
    event_time: Timestamp,
    /// Whose event it is: those of the 1 to 20 identifiers that have a normal form, each once.
    #[cfg_attr(feature = "schema", schemars(length(min = 1, max = 20)))]
    identifiers: Vec<Identifier>,
    /// What belongs to the event: at most 64 KiB and 10 levels.
    #[serde(skip_serializing_if = "Map::is_empty")]
    #[cfg_attr(feature = "schema", schemars(default))]
    properties: Map<String, Value>,
    /// Attributes of the person: at most 32 KiB.
    #[serde(skip_serializing_if = "Map::is_empty")]
    #[cfg_attr(feature = "schema", schemars(default))]
    traits: Map<String, Value>,
    /// Where it happened.
    #[serde(skip_serializing_if = "EventContext::is_empty")]
    #[cfg_attr(feature = "schema", schemars(default))]
    context: EventContext,
    /// What the person decided.
    #[serde(skip_serializing_if = "EventConsent::is_empty")]
    #[cfg_attr(feature = "schema", schemars(default))]
    consent: EventConsent,
    /// What was left out on reading.
    #[serde(skip)]
    warnings: Vec<EventWarning>,
}

/// The second name of `event_id`, which the type itself does not have.
#[cfg(feature = "schema")]
fn with_alias_of_event_id(schema: &mut schemars::Schema) {
    if let Some(properties) = schema.get_mut("properties").and_then(Value::as_object_mut)
        && let Some(mut alias) = properties.get("event_id").cloned()
    {
        if let Some(alias) = alias.as_object_mut() {
            alias.insert("description".to_owned(), "Another name of `event_id`; send one of them.".into());
        }
        properties.insert("idempotency_key".to_owned(), alias);
    }
}

impl Event {
    /// Reads an event.
    ///
    /// # Errors
    /// Every problem at once, each with its JSON pointer: `missing_field`, `unknown_field`, `wrong_type`,
    /// `unknown_value`, `invalid_timestamp`, `too_short`, `too_long`, `invalid_format`, `not_allowed_here`,
    /// `duplicate_field`, `no_valid_identifier`, `properties_too_large`, `too_deep`, `traits_too_large`, `out_of_range`.
    pub fn from_json(event: Value, policy: &CleaningPolicy) -> Result<Self, Problems> {
        read::event(event, policy)
    }

    /// Checks the time of the event against the instant of its receipt.
    ///
    /// # Errors
    /// `event_time_in_future` more than five minutes ahead, `event_too_old` more than 13 calendar months back.
    pub fn check_time(&self, received_at: Timestamp) -> Result<(), Problem> {
        check_time(self.event_time, received_at)
    }

    /// Under which the event is deduplicated, if the source named one.
    #[must_use]
    pub fn event_id(&self) -> Option<&str> {
        self.event_id.as_deref()
    }

    /// What the event does.
    #[must_use]
    pub const fn kind(&self) -> EventKind {
        self.kind
    }

    /// What happened; `None` for all kinds but `track`.
    #[must_use]
    pub fn event_name(&self) -> Option<&str> {
        self.event_name.as_deref()
    }

    /// When it happened.
    #[must_use]
    pub const fn event_time(&self) -> Timestamp {
        self.event_time
    }

    /// Whose event it is: at least one, each once, in the order sent.
    #[must_use]
    pub fn identifiers(&self) -> &[Identifier] {
        &self.identifiers
    }

    /// What belongs to the event.
    #[must_use]
    pub const fn properties(&self) -> &Map<String, Value> {
        &self.properties
    }

    /// Attributes of the person.
    #[must_use]
    pub const fn traits(&self) -> &Map<String, Value> {
        &self.traits
    }

    /// Where it happened.
    #[must_use]
    pub const fn context(&self) -> &EventContext {
        &self.context
    }

    /// What the person decided.
    #[must_use]
    pub const fn consent(&self) -> &EventConsent {
        &self.consent
    }

    /// What was left out on reading.
    #[must_use]
    pub fn warnings(&self) -> &[EventWarning] {
        &self.warnings
    }

    /// What was left out on reading, owned.
    #[must_use]
    pub fn into_warnings(self) -> Vec<EventWarning> {
        self.warnings
    }
}

/// Events before this instant are not kept; `None` where the calendar does not go back so far.
pub(crate) fn oldest_kept(now: Timestamp) -> Option<Timestamp> {
    let oldest = now.to_chrono().checked_sub_months(chrono::Months::new(MAX_AGE_MONTHS))?;
    Timestamp::try_from(oldest).ok()
}

/// Checks the time of an event against the instant of its receipt.
fn check_time(event_time: Timestamp, received_at: Timestamp) -> Result<(), Problem> {
    if event_time > received_at.plus_minutes(MAX_FUTURE_MINUTES) {
        return Err(stratum_core::emq::event::EventRefusal::EventTimeInFuture.problem());
    }
    if oldest_kept(received_at).is_some_and(|oldest| event_time < oldest) {
        return Err(Problem::new(
            "/event_time",
            "event_too_old",
            "the event is dated more than 13 months back",
        )
        .help("events are kept for 13 months: leave older ones out"));
    }
    Ok(())
}

impl fmt::Debug for Event {
    /// Kind, name and time, and how much there is of the rest: values may name a person.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Event")
            .field("kind", &self.kind)
            .field("event_name", &self.event_name)
            .field("event_time", &self.event_time)
            .field("identifiers", &self.identifiers)
            .field("properties", &format_args!("{} properties", self.properties.len()))
            .field("traits", &format_args!("{} traits", self.traits.len()))
            .field("warnings", &self.warnings)
            .finish_non_exhaustive()
    }
}

impl<'de> Deserialize<'de> for Event {
    /// Reads an event under the default [`CleaningPolicy`]; the message lists every problem. [`Event::from_json`] gives
    /// them as data.
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let value = Value::deserialize(deserializer)?;
        Self::from_json(value, &CleaningPolicy::default()).map_err(serde::de::Error::custom)
    }
}

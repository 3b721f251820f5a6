//! Events and acts as they come in: identifiers as they were sent, to be cleaned under the policy.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use stratum_core::problem::{Problem, ProblemCollector, Problems};
use stratum_core::{Timestamp, enumeration};

use super::act::Act;
use super::compiled::CompiledIdentityPolicy;
use super::consent::ConsentChoice;
use super::engine::{Identities, Observation, Outcome};
use super::key::IdentifierKey;
use super::vocabulary::{DropReason, LinkType};
use crate::event::{EventKind, MAX_IDENTIFIERS};
use crate::identifier::{Identifier, IdentifierType, is_hashed_email};

/// The most purposes that one event decides.
pub const MAX_PURPOSES: usize = 20;

/// The most characters of a purpose.
pub const MAX_PURPOSE_LENGTH: usize = 64;

enumeration! {
    /// What an entry of a history is.
    pub enum IdentityEventKind "identity event kind" {
        /// Something happened.
        Track = "track",
        /// The identifiers belong to one person.
        Identify = "identify",
        /// A person decided about consent.
        Consent = "consent",
        /// The second identifier is another name of the first.
        Alias = "alias",
        /// An operator makes the profiles of the identifiers one.
        Merge = "merge",
        /// An operator undoes a merge.
        Unmerge = "unmerge",
    }
}

impl Default for IdentityEventKind {
    /// What an event is that does not say.
    fn default() -> Self {
        Self::Track
    }
}

/// An identifier as it was sent.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct SentIdentifier {
    /// `email`, `phone`, `external_id`, `device_id` or `anonymous_id`; one of another type is dropped.
    #[serde(rename = "type")]
    pub kind: String,
    /// The value; null counts as the text `null`.
    #[serde(default)]
    pub value: Option<String>,
}

impl fmt::Debug for SentIdentifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SentIdentifier(…)")
    }
}

/// An event, or an act of an operator.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct IdentityEvent {
    /// Its id.
    #[cfg_attr(feature = "schema", schemars(length(min = 1, max = 128)))]
    pub event_id: String,
    /// When it happened.
    pub event_time: Timestamp,
    /// What it is; `track` if left out.
    #[serde(default)]
    pub kind: IdentityEventKind,
    /// What happened: `Login`, `Purchase`, … say more than others about the identifiers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub event_name: Option<String>,
    /// The system that gave the external ids in it, if not the tenant's own: letters, digits, `_` and `-`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(length(max = 64)))]
    pub source_system: Option<String>,
    /// Whose it is: at most 20. Of an alias `[to, from]`; of an unmerge none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[cfg_attr(feature = "schema", schemars(length(max = 20)))]
    pub identifiers: Vec<SentIdentifier>,
    /// The visit that it is part of. That two events are of one visit is weak evidence that they are one person's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(length(min = 1, max = 128)))]
    pub session_id: Option<String>,
    /// Attributes of the person.
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    pub traits: Map<String, Value>,
    /// What the person decided, by purpose.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub consent: BTreeMap<String, ConsentChoice>,
    /// The merge to undo, `m1` being the first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub merge: Option<String>,
    /// Of a merge or an unmerge: who did it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(length(min = 1, max = 128)))]
    pub actor: Option<String>,
    /// Of a merge or an unmerge: why, in the words of whoever did it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(length(min = 1, max = 500)))]
    pub note: Option<String>,
}

impl fmt::Debug for IdentityEvent {
    /// What kind of event, not whose.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("IdentityEvent")
            .field("event_time", &self.event_time)
            .field("kind", &self.kind)
            .field("identifiers", &self.identifiers.len())
            .finish_non_exhaustive()
    }
}

impl IdentityEvent {
    /// Checks what the types do not say.
    ///
    /// # Errors
    /// Every problem at once: `too_short`, `too_long`, `too_many`, `missing_field`, `not_allowed_here`, `invalid_format`.
    pub fn check(&self) -> Result<(), Problems> {
        let mut found = ProblemCollector::new();
        let mut refuse = |path: &str, code: &'static str, message: &str| {
            found.push(Problem::new(path, code, message));
        };
        if self.event_id.is_empty() {
            refuse("/event_id", "too_short", "an id is 1 to 128 characters long");
        } else if self.event_id.chars().count() > 128 {
            refuse("/event_id", "too_long", "an id is 1 to 128 characters long");
        }
        if let Some(system) = &self.source_system
            && (system.is_empty()
                || system.len() > 64
                || !system.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-')))
        {
            refuse("/source_system", "invalid_format", "a system is 1 to 64 letters, digits, _ and -");
        }
        if self.consent.len() > MAX_PURPOSES {
            refuse("/consent", "too_many", &format!("an event decides at most {MAX_PURPOSES} purposes"));
        }
        for purpose in self.consent.keys() {
            let code = match purpose.chars().take(MAX_PURPOSE_LENGTH.saturating_add(1)).count() {
                0 => "too_short",
                1..=MAX_PURPOSE_LENGTH => continue,
                _ => "too_long",
            };
            let what = format!("a purpose is 1 to {MAX_PURPOSE_LENGTH} characters long");
            refuse("/consent", code, &what);
        }
        let act = matches!(self.kind, IdentityEventKind::Merge | IdentityEventKind::Unmerge);
        let texts = [
            ("/session_id", &self.session_id, !act, 128_usize),
            ("/actor", &self.actor, act, 128),
            ("/note", &self.note, act, 500),
        ];
        for (path, text, allowed, most) in texts {
            let Some(text) = text else { continue };
            let length = text.chars().take(most.saturating_add(1)).count();
            if !allowed {
                let who = if act { "events, not acts, are part of a visit" } else { "only acts name it" };
                refuse(path, "not_allowed_here", who);
            } else if length == 0 {
                refuse(path, "too_short", "leave it out, or write something");
            } else if length > most {
                refuse(path, "too_long", &format!("this is at most {most} characters long"));
            }
        }
        let wanted = match self.kind {
            IdentityEventKind::Alias => 2..=2,
            IdentityEventKind::Merge => 2..=MAX_IDENTIFIERS,
            IdentityEventKind::Unmerge => 0..=0,
            _ => 1..=MAX_IDENTIFIERS,
        };
        let number = self.identifiers.len();
        if number > *wanted.end() {
            refuse("/identifiers", "too_many", &format!("this has at most {} identifiers", wanted.end()));
        } else if number < *wanted.start() {
            refuse("/identifiers", "too_short", &format!("this has at least {} identifiers", wanted.start()));
        }
        match (&self.merge, self.kind) {
            (None, IdentityEventKind::Unmerge) => {
                refuse("/merge", "missing_field", "say which merge to undo: m1, m2, …");
            }
            (Some(_), kind) if kind != IdentityEventKind::Unmerge => {
                refuse("/merge", "not_allowed_here", "only an unmerge names a merge");
            }
            _ => {}
        }
        found.into_result(())
    }
}

impl IdentityEvent {
    pub(super) fn act(&self) -> Act<'_> {
        let (actor, note) = (self.actor.as_deref(), self.note.as_deref());
        Act { id: &self.event_id, at: self.event_time, actor, note }
    }
}

/// A value that does not count as an identifier.
#[derive(Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct DroppedIdentifier {
    /// The event.
    pub event: String,
    /// The type, as sent.
    #[serde(rename = "type")]
    pub kind: String,
    /// The value, as sent.
    pub value: String,
    /// Why.
    pub reason: DropReason,
}

impl DroppedIdentifier {
    pub(super) fn new(event: &str, kind: &str, value: &str, reason: DropReason) -> Self {
        Self { event: event.to_owned(), kind: kind.to_owned(), value: value.to_owned(), reason }
    }
}

impl fmt::Debug for DroppedIdentifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The type is as sent, too: text that nobody checked.
        let kind = self.kind.parse::<IdentifierType>().map_or("unknown type", IdentifierType::as_str);
        write!(f, "DroppedIdentifier({kind}, {})", self.reason)
    }
}

/// Brings an identifier into its normal form under a policy.
///
/// # Errors
/// Why it does not count.
pub fn clean(sent: &SentIdentifier, policy: &CompiledIdentityPolicy) -> Result<Identifier, DropReason> {
    let kind: IdentifierType = sent.kind.parse().map_err(|_| DropReason::UnknownType)?;
    let value = sent.value.as_deref().unwrap_or("null");
    let identifier = Identifier::clean(kind, value, policy.cleaning())?;
    if kind == IdentifierType::Email && is_hashed_email(identifier.value()) {
        return Err(DropReason::Hashed);
    }
    if policy.limit(kind) == 0 {
        return Err(DropReason::TypeForbidden);
    }
    Ok(identifier)
}

impl Identities {
    /// Takes an event or an act as it was sent: cleans its identifiers, keeps count of what was dropped, and resolves the
    /// rest. [`IdentityEvent::check`] comes before.
    pub fn take(&mut self, event: &IdentityEvent) -> Outcome {
        let before = self.dropped.len();
        let mut identifiers = Vec::with_capacity(event.identifiers.len());
        for sent in &event.identifiers {
            match clean(sent, &self.policy) {
                Ok(identifier) => identifiers.push(identifier),
                Err(reason) => {
                    let value = sent.value.as_deref().unwrap_or("null");
                    self.dropped.push(DroppedIdentifier::new(&event.event_id, &sent.kind, value, reason));
                }
            }
        }
        let kind = match event.kind {
            IdentityEventKind::Track => EventKind::Track,
            IdentityEventKind::Identify => EventKind::Identify,
            IdentityEventKind::Consent => EventKind::Consent,
            IdentityEventKind::Alias => EventKind::Alias,
            IdentityEventKind::Merge => {
                // One name that stands for nobody voids the act, as one that nobody holds does.
                if self.dropped.len() > before {
                    return Outcome::default();
                }
                let system = event.source_system.as_deref();
                let keys: Vec<IdentifierKey> = identifiers
                    .iter()
                    .map(|identifier| IdentifierKey::new(identifier.kind(), system, identifier.value()))
                    .collect();
                return self.merge_by_hand(&event.act(), &keys);
            }
            IdentityEventKind::Unmerge => {
                let merge = event.merge.as_deref().unwrap_or_default();
                return self.undo(&event.act(), merge);
            }
        };
        let consent: Vec<(&str, ConsentChoice)> =
            event.consent.iter().map(|(purpose, &state)| (purpose.as_str(), state)).collect();
        self.observe(&Observation {
            event_id: &event.event_id,
            at: event.event_time,
            kind,
            evidence: LinkType::of_event(event.event_name.as_deref()),
            source_system: event.source_system.as_deref(),
            session_id: event.session_id.as_deref(),
            identifiers: &identifiers,
            traits: Some(&event.traits),
            consent: &consent,
        })
    }
}

//! Under which key an event is deduplicated.

use serde_json::{Map, Value, json};
use stratum_core::canonical;
use stratum_core::{Digest, Problem};

use super::{Event, EventKind};

impl Event {
    /// The key under which the event is deduplicated: the one that its source named, else the digest of its content.
    ///
    /// # Errors
    /// As [`Event::content_digest`], where the source named none.
    pub fn key(&self) -> Result<String, Problem> {
        match self.event_id() {
            Some(id) => Ok(id.to_owned()),
            None => self.content_digest().map(|digest| digest.to_string()),
        }
    }

    /// The SHA-256 of what the event says: its name, its time, its identifiers in a fixed order, its properties, as canonical
    /// JSON (RFC 8785).
    ///
    /// The same event sent twice has one digest, in whatever order and writing its identifiers came. An event that is no
    /// `track` has no name: its kind stands in its place, with the traits and the consent that it is about; of an `alias` the
    /// identifiers keep their order, which says who survives.
    ///
    /// # Errors
    /// `unsafe_integer` for a number that no other language would read as it is.
    pub fn content_digest(&self) -> Result<Digest, Problem> {
        let mut identifiers: Vec<_> = self.identifiers().iter().collect();
        if self.kind() != EventKind::Alias {
            identifiers.sort_by_key(|identifier| (identifier.kind().as_str(), identifier.value()));
        }
        let identifiers: Vec<Value> = identifiers
            .into_iter()
            .map(|identifier| json!({"type": identifier.kind(), "value": identifier.value()}))
            .collect();
        let mut content = Map::new();
        let mut add = |name: &str, value: Value| content.insert(name.to_owned(), value);
        add("event_time", json!(self.event_time()));
        add("identifiers", Value::Array(identifiers));
        add("properties", Value::Object(self.properties().clone()));
        if self.kind() == EventKind::Track {
            add("event_name", json!(self.event_name()));
        } else {
            add("kind", json!(self.kind()));
            add("traits", Value::Object(self.traits().clone()));
            add("consent", json!(self.consent()));
        }
        canonical::digest(&content)
    }
}

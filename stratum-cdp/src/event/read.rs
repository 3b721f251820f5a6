//! Reads an event from JSON: every field, every problem.

use serde_json::{Map, Value};
use stratum_core::problem::ProblemCollector;
use stratum_core::{Problem, Problems};

use super::context::{EventConsent, EventContext};
use super::fields::{Fields, Place};
use super::{
    Event, EventKind, EventWarning, EventWarningCode, MAX_IDENTIFIERS, MAX_PROPERTIES_BYTES,
    MAX_PROPERTIES_DEPTH, MAX_TRAITS_BYTES,
};
use crate::identifier::{CleaningPolicy, Identifier, IdentifierRefusal, IdentifierType, MAX_RAW_IDENTIFIER};

/// The traits have no depth of their own; this one only keeps a recursive reader safe.
const MAX_TRAITS_DEPTH: usize = 64;

pub(super) fn event(event: Value, policy: &CleaningPolicy) -> Result<Event, Problems> {
    let mut found = ProblemCollector::new();
    let read = Fields::of(event, Place::Root, &mut found).and_then(|fields| read_fields(fields, policy));
    match (read, found.into_problems()) {
        (Some(event), None) => Ok(event),
        (_, Some(problems)) => Err(problems),
        // Every path that gives no event has noted why.
        (None, None) => Err(Problem::new("", "invalid_event", "this is no event").into()),
    }
}

fn read_fields(mut fields: Fields<'_>, policy: &CleaningPolicy) -> Option<Event> {
    let event_id = read_event_id(&mut fields);
    let kind = if fields.is_absent("kind") { Some(EventKind::Track) } else { fields.required("kind") };
    let event_name = read_event_name(&mut fields, kind);
    let event_time = fields.required("event_time");
    let mut warnings = Vec::new();
    let identifiers = read_identifiers(&mut fields, kind, policy, &mut warnings);
    let properties = fields.map("properties").unwrap_or_default();
    let properties_limits = Limits {
        bytes: MAX_PROPERTIES_BYTES,
        depth: MAX_PROPERTIES_DEPTH,
        too_large: "properties_too_large",
    };
    properties_limits.check("properties", &properties, &mut fields);
    let traits = fields.map("traits").unwrap_or_default();
    let traits_limits =
        Limits { bytes: MAX_TRAITS_BYTES, depth: MAX_TRAITS_DEPTH, too_large: "traits_too_large" };
    traits_limits.check("traits", &traits, &mut fields);
    let context = fields.object("context", EventContext::read).unwrap_or_default();
    let consent = fields.object("consent", EventConsent::read).unwrap_or_default();
    fields.refuse_the_rest();
    Some(Event {
        event_id,
        kind: kind?,
        event_name,
        event_time: event_time?,
        identifiers: identifiers?,
        properties,
        traits,
        context,
        consent,
        warnings,
    })
}

fn read_event_id(fields: &mut Fields<'_>) -> Option<String> {
    let id = read_key(fields, "event_id");
    let alias = read_key(fields, "idempotency_key");
    if id.is_some() && alias.is_some() && id != alias {
        fields.refuse(
            "idempotency_key",
            "duplicate_field",
            "idempotency_key is another name of event_id, and the two differ",
            "send one of them",
        );
    }
    id.or(alias)
}

fn read_key(fields: &mut Fields<'_>, name: &str) -> Option<String> {
    let text = fields.string(name)?;
    let trimmed = text.trim();
    if trimmed.is_empty() {
        fields.refuse(
            name,
            "too_short",
            "this is 1 to 128 characters long",
            "leave it out to have it made from the content",
        );
        return None;
    }
    if trimmed.chars().count() > 128 {
        fields.refuse(name, "too_long", "this is 1 to 128 characters long", "");
        return None;
    }
    if trimmed.chars().any(char::is_control) {
        fields.refuse(name, "invalid_format", "this holds a control character", "use printable characters");
        return None;
    }
    Some(trimmed.to_owned())
}

fn read_event_name(fields: &mut Fields<'_>, kind: Option<EventKind>) -> Option<String> {
    if kind == Some(EventKind::Track) && fields.is_absent("event_name") {
        fields.refuse(
            "event_name",
            "missing_field",
            "a track event has a name",
            "write Purchase, PageView, …",
        );
        return None;
    }
    match (kind, fields.string("event_name")) {
        (Some(EventKind::Track) | None, Some(name)) => {
            if name.len() > 255 {
                fields.refuse("event_name", "too_long", "an event name is at most 255 characters long", "");
                None
            } else if is_event_name(&name) {
                Some(name)
            } else {
                fields.refuse(
                    "event_name",
                    "invalid_format",
                    "an event name starts with a letter or digit and goes on with letters, digits, spaces, _ and -",
                    "write Purchase, PageView, …",
                );
                None
            }
        }
        (Some(other), Some(_)) => {
            fields.refuse(
                "event_name",
                "not_allowed_here",
                format!("an event of kind {other} has no name"),
                "leave it out, or set kind to track",
            );
            None
        }
        (_, None) => None,
    }
}

/// `^[A-Za-z0-9][A-Za-z0-9 _-]*$`: no dot, because fields of segments use it.
fn is_event_name(name: &str) -> bool {
    name.bytes().next().is_some_and(|first| first.is_ascii_alphanumeric())
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b' ' | b'_' | b'-'))
}

fn read_identifiers(
    fields: &mut Fields<'_>,
    kind: Option<EventKind>,
    policy: &CleaningPolicy,
    warnings: &mut Vec<EventWarning>,
) -> Option<Vec<Identifier>> {
    let items = match fields.take("identifiers") {
        Some(Value::Array(items)) => items,
        Some(other) => {
            fields.refuse_type("identifiers", "a list", &other);
            return None;
        }
        None => {
            fields.refuse(
                "identifiers",
                "missing_field",
                "an event has 1 to 20 identifiers",
                "write [{\"type\": \"email\", \"value\": …}]",
            );
            return None;
        }
    };
    let sent = items.len();
    if sent == 0 {
        fields.refuse("identifiers", "too_short", "an event has 1 to 20 identifiers", "");
        return None;
    }
    if sent > MAX_IDENTIFIERS {
        fields.refuse("identifiers", "too_long", format!("an event has 1 to 20 identifiers, not {sent}"), "");
        return None;
    }
    if kind == Some(EventKind::Alias) && sent != 2 {
        fields.refuse(
            "identifiers",
            "out_of_range",
            format!("an alias has exactly two identifiers, not {sent}"),
            "write the surviving one first",
        );
        return None;
    }
    let mut clean: Vec<Identifier> = Vec::with_capacity(sent);
    let mut well_formed = true;
    for (index, item) in items.into_iter().enumerate() {
        match fields.item("identifiers", index, item, |item| read_identifier(item, policy)) {
            Some(Ok(identifier)) if clean.contains(&identifier) => {}
            Some(Ok(identifier)) => clean.push(identifier),
            Some(Err(refusal)) => warnings.push(warning(index, refusal)),
            None => well_formed = false,
        }
    }
    if !well_formed {
        return None;
    }
    // An alias says that two names are one; with one of them unusable it says nothing.
    let needed = if kind == Some(EventKind::Alias) { 2 } else { 1 };
    if clean.len() < needed {
        fields.refuse(
            "identifiers",
            "no_valid_identifier",
            "no identifier of the event can be used",
            "send an email, phone, external_id, device_id or anonymous_id",
        );
        return None;
    }
    Some(clean)
}

/// `None` if the item is malformed; the inner error if it is well-formed and its value is no identifier.
fn read_identifier(
    item: &mut Fields<'_>,
    policy: &CleaningPolicy,
) -> Option<Result<Identifier, IdentifierRefusal>> {
    let kind = item.required::<IdentifierType>("type");
    // A null is what programs send for somebody that they do not know: blocked like its text, not malformed.
    let value =
        if item.takes_null("value") { Some("null".to_owned()) } else { item.required_string("value") };
    item.refuse_the_rest();
    let value = value?;
    if value.chars().count() > MAX_RAW_IDENTIFIER {
        item.refuse("value", "too_long", "a value is at most 512 characters long", "");
        return None;
    }
    Some(Identifier::clean(kind?, &value, policy))
}

fn warning(index: usize, refusal: IdentifierRefusal) -> EventWarning {
    let code = match refusal {
        IdentifierRefusal::Blocked => EventWarningCode::IdentifierBlocked,
        IdentifierRefusal::TooLong => EventWarningCode::IdentifierTooLong,
        IdentifierRefusal::Email(_) | IdentifierRefusal::Phone(_) => EventWarningCode::IdentifierInvalid,
    };
    EventWarning { code, path: format!("/identifiers/{index}"), message: refusal.to_string() }
}

/// How large an object may be.
struct Limits {
    bytes: usize,
    depth: usize,
    too_large: &'static str,
}

impl Limits {
    fn check(&self, name: &str, map: &Map<String, Value>, fields: &mut Fields<'_>) {
        // Depth first: what measures the bytes walks as deep as the object is.
        if is_deeper(map, self.depth) {
            fields.refuse(
                name,
                "too_deep",
                format!("this has at most {} levels", self.depth),
                "flatten it, or send it as text",
            );
        } else if !map.is_empty() && json_bytes(map) > self.bytes {
            fields.refuse(
                name,
                self.too_large,
                format!("this is at most {} bytes of JSON", self.bytes),
                "leave out what nobody reads",
            );
        }
    }
}

/// Whether an object has more than `limit` levels, itself being the first.
fn is_deeper(map: &Map<String, Value>, limit: usize) -> bool {
    let Some(below) = limit.checked_sub(1) else { return true };
    map.values().any(|value| is_value_deeper(value, below))
}

fn is_value_deeper(value: &Value, limit: usize) -> bool {
    match value {
        Value::Object(map) => is_deeper(map, limit),
        Value::Array(items) => match limit.checked_sub(1) {
            Some(below) => items.iter().any(|item| is_value_deeper(item, below)),
            None => true,
        },
        _ => false,
    }
}

/// The length of compact JSON, counted without writing it anywhere.
fn json_bytes(map: &Map<String, Value>) -> usize {
    struct Counter(usize);
    impl std::io::Write for Counter {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0 = self.0.saturating_add(bytes.len());
            Ok(bytes.len())
        }
        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }
    let mut counter = Counter(0);
    match serde_json::to_writer(&mut counter, map) {
        Ok(()) => counter.0,
        Err(_) => usize::MAX,
    }
}

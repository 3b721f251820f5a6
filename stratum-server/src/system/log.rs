//! The log: one JSON object per line on standard error.
//!
//! Every line has `timestamp`, `level`, `event_type`, `message`, `request_id`, `tenant_id` and `user_id`; the last three
//! are null where there is none. Ids only: no personal data, no token, no body.

use std::fmt::{self, Write as _};
use std::io::Write as _;

use chrono::{SecondsFormat, Utc};
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Subscriber};
use tracing_subscriber::layer::{Context, SubscriberExt as _};
use tracing_subscriber::registry::LookupSpan;
use tracing_subscriber::util::SubscriberInitExt as _;
use tracing_subscriber::{EnvFilter, Layer};

/// The ids that a span carries and each of its lines repeats.
const IDS: [&str; 3] = ["request_id", "tenant_id", "user_id"];

/// What is never asked for: PostgreSQL's notices.
const QUIET: &str = "sqlx=warn";

/// Starts logging; `filter` as in `RUST_LOG`. A second call in one process changes nothing.
pub fn start(filter: &str) {
    let filter = EnvFilter::try_new(format!("{QUIET},{filter}")).unwrap_or_else(|_| EnvFilter::new("info"));
    // The filter is the registry's, not this layer's: a layer's own filter loses events after sqlx has asked `enabled!`.
    let _ = tracing_subscriber::registry().with(filter).with(JsonLines).try_init();
}

struct JsonLines;

/// The ids of a span, kept beside it as JSON.
#[derive(Default)]
struct Ids([Option<String>; IDS.len()]);

impl Ids {
    /// Keeps the value if the field is one of the ids.
    fn keep(&mut self, name: &str, value: impl FnOnce() -> String) -> bool {
        let slot = IDS.iter().zip(&mut self.0).find(|(id, _)| **id == name);
        slot.map(|(_, slot)| *slot = Some(value())).is_some()
    }
}

impl Visit for Ids {
    fn record_str(&mut self, field: &Field, value: &str) {
        self.keep(field.name(), || json(value));
    }

    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.keep(field.name(), || json(&format!("{value:?}")));
    }
}

/// The fields of an event as JSON, those that every line has apart from the others.
#[derive(Default)]
struct Fields {
    event_type: Option<String>,
    message: Option<String>,
    ids: Ids,
    others: String,
}

impl Fields {
    fn put(&mut self, field: &Field, value: impl FnOnce() -> String) {
        match field.name() {
            "event_type" => self.event_type = Some(value()),
            "message" => self.message = Some(value()),
            id if IDS.contains(&id) => {
                self.ids.keep(id, value);
            }
            name => {
                let _ = write!(self.others, ",{}:{}", json(name), value());
            }
        }
    }
}

impl Visit for Fields {
    fn record_str(&mut self, field: &Field, value: &str) {
        self.put(field, || json(value));
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.put(field, || value.to_string());
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.put(field, || value.to_string());
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.put(field, || value.to_string());
    }

    fn record_f64(&mut self, field: &Field, value: f64) {
        // A number that JSON has no words for is null.
        self.put(field, || serde_json::Value::from(value).to_string());
    }

    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.put(field, || json(&format!("{value:?}")));
    }
}

impl<S: Subscriber + for<'s> LookupSpan<'s>> Layer<S> for JsonLines {
    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        if let Some(span) = context.span(id) {
            let mut ids = Ids::default();
            attributes.record(&mut ids);
            span.extensions_mut().insert(ids);
        }
    }

    fn on_record(&self, id: &Id, values: &Record<'_>, context: Context<'_, S>) {
        if let Some(span) = context.span(id)
            && let Some(ids) = span.extensions_mut().get_mut::<Ids>()
        {
            values.record(ids);
        }
    }

    fn on_event(&self, event: &Event<'_>, context: Context<'_, S>) {
        let mut fields = Fields::default();
        event.record(&mut fields);
        for span in context.event_scope(event).into_iter().flatten() {
            if let Some(Ids(known)) = span.extensions().get::<Ids>() {
                for (slot, value) in fields.ids.0.iter_mut().zip(known) {
                    if slot.is_none() {
                        slot.clone_from(value);
                    }
                }
            }
        }
        let line = line(event.metadata(), &fields, &Utc::now().to_rfc3339_opts(SecondsFormat::Millis, true));
        // One write, so that lines of two threads do not mix. There is nobody to tell that the log cannot be written.
        let _ = std::io::stderr().lock().write_all(line.as_bytes());
    }
}

fn line(metadata: &tracing::Metadata<'_>, fields: &Fields, timestamp: &str) -> String {
    let mut line = String::with_capacity(400);
    let event_type = fields.event_type.clone().unwrap_or_else(|| json(metadata.target()));
    let message = fields.message.as_deref().unwrap_or("\"\"");
    let _ = write!(
        line,
        "{{\"timestamp\":\"{timestamp}\",\"level\":\"{}\",\"event_type\":{event_type},\"message\":{message}",
        metadata.level()
    );
    for (name, value) in IDS.iter().zip(&fields.ids.0) {
        let _ = write!(line, ",\"{name}\":{}", value.as_deref().unwrap_or("null"));
    }
    line.push_str(&fields.others);
    line.push_str("}\n");
    line
}

/// A text as JSON.
fn json(text: &str) -> String {
    serde_json::to_string(text).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use serde_json::{Value, json};

    use super::*;

    /// Keeps the lines instead of writing them.
    #[derive(Clone, Default)]
    struct Kept(Arc<Mutex<Vec<String>>>);

    impl<S: Subscriber + for<'s> LookupSpan<'s>> Layer<S> for Kept {
        fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
            let mut fields = Fields::default();
            event.record(&mut fields);
            self.0.lock().unwrap().push(line(event.metadata(), &fields, "2026-03-01T12:00:00.000Z"));
        }
    }

    #[test]
    fn a_line_is_one_json_object_whatever_its_fields_hold() {
        let kept = Kept::default();
        tracing::subscriber::with_default(tracing_subscriber::registry().with(kept.clone()), || {
            tracing::info!(
                event_type = "request",
                route = "/a\"b",
                status = 200_u16,
                ms = 0.5,
                odd = f64::NAN,
                ok = true,
                "GET\n{}",
                1
            );
            tracing::warn!(tenant_id = %"t", "without a type");
        });
        let lines = kept.0.lock().unwrap();
        let read: Vec<Value> = lines.iter().map(|line| serde_json::from_str(line).unwrap()).collect();
        assert_eq!(
            read[0],
            json!({
                "timestamp": "2026-03-01T12:00:00.000Z", "level": "INFO", "event_type": "request", "message": "GET\n1",
                "request_id": null, "tenant_id": null, "user_id": null, "route": "/a\"b", "status": 200, "ms": 0.5,
                "odd": null, "ok": true,
            })
        );
        assert_eq!(read[1]["event_type"], json!(module_path!()));
        assert_eq!(read[1]["tenant_id"], json!("t"));
        assert!(lines.iter().all(|line| line.ends_with("}\n") && line.lines().count() == 1));
    }
}

//! The log: one JSON object per line on standard error.
//!
//! Every line has `timestamp`, `level`, `event_type`, `message`, `request_id`, `tenant_id` and `user_id`; the last three
//! are null where there is none. Ids only: no personal data, no token, no body.

use std::fmt::{self, Write as _};
use std::io::Write as _;

use chrono::{SecondsFormat, Utc};
use serde_json::{Map, Value};
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

/// The fields of a span, kept beside it.
#[derive(Default)]
struct Fields(Map<String, Value>);

impl Visit for Fields {
    fn record_str(&mut self, field: &Field, value: &str) {
        self.0.insert(field.name().to_owned(), value.into());
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.0.insert(field.name().to_owned(), value.into());
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.0.insert(field.name().to_owned(), value.into());
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.0.insert(field.name().to_owned(), value.into());
    }

    fn record_f64(&mut self, field: &Field, value: f64) {
        self.0.insert(field.name().to_owned(), value.into());
    }

    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        let mut text = String::new();
        let _ = write!(text, "{value:?}");
        self.0.insert(field.name().to_owned(), text.into());
    }
}

impl<S: Subscriber + for<'s> LookupSpan<'s>> Layer<S> for JsonLines {
    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        if let Some(span) = context.span(id) {
            let mut fields = Fields::default();
            attributes.record(&mut fields);
            span.extensions_mut().insert(fields);
        }
    }

    fn on_record(&self, id: &Id, values: &Record<'_>, context: Context<'_, S>) {
        if let Some(span) = context.span(id)
            && let Some(fields) = span.extensions_mut().get_mut::<Fields>()
        {
            values.record(fields);
        }
    }

    fn on_event(&self, event: &Event<'_>, context: Context<'_, S>) {
        let mut fields = Fields::default();
        event.record(&mut fields);
        let mut ids = Map::new();
        for span in context.event_scope(event).into_iter().flatten() {
            if let Some(Fields(known)) = span.extensions().get::<Fields>() {
                for name in IDS {
                    if let Some(value) = known.get(name) {
                        ids.entry(name).or_insert_with(|| value.clone());
                    }
                }
            }
        }
        let line =
            line(event.metadata(), fields.0, &ids, &Utc::now().to_rfc3339_opts(SecondsFormat::Millis, true));
        // One write, so that lines of two threads do not mix. There is nobody to tell that the log cannot be written.
        let _ = std::io::stderr().lock().write_all(line.as_bytes());
    }
}

fn line(
    metadata: &tracing::Metadata<'_>,
    mut fields: Map<String, Value>,
    ids: &Map<String, Value>,
    timestamp: &str,
) -> String {
    let mut object = Map::new();
    object.insert("timestamp".to_owned(), timestamp.into());
    object.insert("level".to_owned(), metadata.level().as_str().into());
    let event_type = fields.remove("event_type").unwrap_or_else(|| metadata.target().into());
    object.insert("event_type".to_owned(), event_type);
    object.insert("message".to_owned(), fields.remove("message").unwrap_or_else(|| "".into()));
    for name in IDS {
        let value = fields.remove(name).or_else(|| ids.get(name).cloned());
        object.insert(name.to_owned(), value.unwrap_or(Value::Null));
    }
    object.extend(fields);
    format!("{}\n", Value::Object(object))
}

//! One condition as SQL.

use serde_json::{Value, json};
use stratum_core::Timestamp;

use super::super::condition::{Bound, EventWindow, Test, TextMatch, Values};
use super::super::field::{EventFactKind, EventField, Field, FieldType, FixedField};
use super::super::number::Number;
use crate::decimal::TEXT_PATTERN;

/// The expressions of a value: typed by its column, or JSON whose type is in the row.
pub(super) enum Source {
    Text {
        value: String,
        folded: String,
    },
    Number(String),
    /// Never null.
    Boolean(String),
    Time(String),
    Json {
        value: String,
        index: String,
    },
}

/// Collects the parameters while a statement is written.
#[derive(Default)]
pub(super) struct Writer {
    parameters: Vec<String>,
}

impl Writer {
    pub(super) fn into_parameters(self) -> Vec<String> {
        self.parameters
    }

    /// The place of a parameter; the same text has the same place.
    pub(super) fn parameter(&mut self, text: impl Into<String>) -> String {
        let text = text.into();
        let place = self.parameters.iter().position(|known| *known == text).unwrap_or_else(|| {
            self.parameters.push(text);
            self.parameters.len().saturating_sub(1)
        });
        format!("${}", place.saturating_add(1))
    }

    fn number(&mut self, number: Number) -> String {
        format!("({}::text)::numeric", self.parameter(number.to_json_text()))
    }

    fn instant(&mut self, at: i64) -> String {
        format!("({}::text)::timestamptz", self.parameter(instant_text(at)))
    }

    /// A list of texts, numbers or instants from one parameter.
    fn list(&mut self, values: &Value, cast: &str) -> String {
        let list = self.parameter(values.to_string());
        format!("(select jsonb_array_elements_text(({list}::text)::jsonb){cast})")
    }

    /// What stands at a path of keys of a document; a list has no keys.
    fn at_path(&mut self, document: &str, path: &[String]) -> String {
        path.iter().fold(document.to_owned(), |text, key| {
            let key = self.parameter(key);
            format!("{text} -> {key}::text")
        })
    }

    fn json(&mut self, document: &str, path: &[String]) -> Source {
        let value = self.at_path(document, path);
        let index = self.at_path(&format!("{document}_index"), path);
        Source::Json { value: format!("nullif({value}, 'null'::jsonb)"), index: format!("({index})") }
    }

    /// The aggregate of an event fact, as a column of `e`.
    pub(super) fn event_fact(&mut self, event: &EventField, window: EventWindow, fact: usize) -> String {
        let mut chosen = format!("ev.name = {}::text", self.parameter(&event.name));
        if window.since != i64::MIN {
            let since = self.instant(window.since);
            chosen.push_str(&format!(" and ev.event_time > {since}"));
        }
        let until = self.instant(window.until);
        chosen.push_str(&format!(" and ev.event_time <= {until}"));
        match &event.fact {
            EventFactKind::Count | EventFactKind::Exists => {
                format!("count(*) filter (where {chosen}) as f{fact}")
            }
            EventFactKind::First => format!("min(ev.event_time) filter (where {chosen}) as f{fact}"),
            EventFactKind::Last => format!("max(ev.event_time) filter (where {chosen}) as f{fact}"),
            EventFactKind::Sum(path) => {
                let value = format!("({})", self.at_path("ev.properties", path));
                format!(
                    "sum(case jsonb_typeof({value})\n      when 'number' then case when abs({value}::numeric) < 1e18 then round({value}::numeric, 12) end\n      when 'string' then case when {value} #>> '{{}}' ~ '{TEXT_PATTERN}' then round(({value} #>> '{{}}')::numeric, 12) end\n    end) filter (where {chosen}) as f{fact}"
                )
            }
            EventFactKind::Property(path) => {
                let value = format!("nullif({}, 'null'::jsonb)", self.at_path("ev.properties", path));
                let index = self.at_path("ev.properties_index", path);
                let last = |what: &str, name: &str| {
                    format!(
                        "(array_agg({what} order by ev.event_time desc, ev.event_id collate \"C\" desc) filter (where {chosen} and {value} is not null))[1] as {name}"
                    )
                };
                format!(
                    "{},\n    {}",
                    last(&value, &format!("f{fact}")),
                    last(&index, &format!("f{fact}_index"))
                )
            }
        }
    }

    /// The expressions of a field; `fact` is the number of the event fact, for fields of events.
    pub(super) fn source(&mut self, field: &Field, fact: Option<usize>) -> Source {
        match field {
            Field::Fixed(fixed) => fixed_source(*fixed),
            Field::Data(path) => self.json("p.data", path),
            Field::Trait(name) => self.json("p.traits", std::slice::from_ref(name)),
            Field::Identifier(kind) => Source::Boolean(self.listed(kind.as_str(), "p.identifiers")),
            Field::Consent(kind) => Source::Boolean(self.listed(kind.as_str(), "p.consents")),
            Field::Segment(id) => Source::Boolean(self.listed(id, "p.segments")),
            Field::Event(event) => {
                let fact = fact.unwrap_or_default();
                match &event.fact {
                    EventFactKind::Count | EventFactKind::Sum(_) => {
                        Source::Number(format!("coalesce(e.f{fact}, 0)"))
                    }
                    EventFactKind::Exists => Source::Boolean(format!("coalesce(e.f{fact}, 0) > 0")),
                    EventFactKind::First | EventFactKind::Last => Source::Time(format!("e.f{fact}")),
                    EventFactKind::Property(_) => {
                        Source::Json { value: format!("e.f{fact}"), index: format!("e.f{fact}_index") }
                    }
                }
            }
        }
    }

    fn listed(&mut self, name: &str, array: &str) -> String {
        format!("{}::text = any({array})", self.parameter(name))
    }

    /// Whether the value meets the test; null where it has none, except for `is_null`.
    pub(super) fn test(&mut self, source: &Source, test: &Test) -> String {
        match (test, source) {
            (Test::IsNull, Source::Boolean(_)) => "false".to_owned(),
            (Test::IsNotNull, Source::Boolean(_)) => "true".to_owned(),
            (Test::IsNull, _) => format!("{} is null", source.value()),
            (Test::IsNotNull, _) => format!("{} is not null", source.value()),
            (Test::Among { values, negated }, _) => self.among(source, values, *negated),
            (Test::Text { how, folded, negated }, _) => match source.folded() {
                Some(text) => {
                    let part = self.parameter(folded);
                    let not = if *negated { "not " } else { "" };
                    match how {
                        TextMatch::Contains => format!("{not}strpos({text}, {part}::text) > 0"),
                        TextMatch::StartsWith => format!("{not}starts_with({text}, {part}::text)"),
                        TextMatch::EndsWith => {
                            format!("{not}right({text}, char_length({part}::text)) = {part}::text")
                        }
                    }
                }
                None => "false".to_owned(),
            },
            (Test::Numbers { low, high }, _) => match source.number() {
                Some(number) => self.range(&number, *low, *high),
                None => "false".to_owned(),
            },
            (Test::Times { low, high }, Source::Time(value)) => {
                let mut parts = Vec::new();
                if *low != i64::MIN {
                    parts.push(format!("{value} >= {}", self.instant(*low)));
                }
                if *high != i64::MAX {
                    parts.push(format!("{value} <= {}", self.instant(*high)));
                }
                parts.join(" and ")
            }
            (Test::Times { low, high }, Source::Json { .. }) => {
                let value = source.millis();
                let (low, high) = (self.parameter(low.to_string()), self.parameter(high.to_string()));
                format!("{value} between ({low}::text)::bigint and ({high}::text)::bigint")
            }
            // `at` has made it a range of times, and compiling refuses times of fields that have none.
            (Test::Times { .. } | Test::WithinLast { .. }, _) => "false".to_owned(),
        }
    }

    fn range(&mut self, value: &str, low: Option<Bound>, high: Option<Bound>) -> String {
        let mut parts = Vec::new();
        if let Some(low) = low {
            let sign = if low.included { ">=" } else { ">" };
            parts.push(format!("{value} {sign} {}", self.number(low.number)));
        }
        if let Some(high) = high {
            let sign = if high.included { "<=" } else { "<" };
            parts.push(format!("{value} {sign} {}", self.number(high.number)));
        }
        parts.join(" and ")
    }

    fn among(&mut self, source: &Source, values: &Values, negated: bool) -> String {
        let is = if negated { "not in" } else { "in" };
        match source {
            Source::Text { value, .. } => format!("{value} {is} {}", self.list(&json!(values.texts), "")),
            Source::Number(value) => {
                let numbers: Vec<String> =
                    values.numbers.iter().map(|number| number.to_json_text()).collect();
                format!("{value} {is} {}", self.list(&json!(numbers), "::numeric"))
            }
            Source::Time(value) => {
                let times: Vec<String> = values.times.iter().map(|&at| instant_text(at)).collect();
                format!("{value} {is} {}", self.list(&json!(times), "::timestamptz"))
            }
            Source::Boolean(value) => {
                match (values.booleans.contains(&true), values.booleans.contains(&false)) {
                    (true, true) => (!negated).to_string(),
                    (wanted, _) if wanted != negated => value.clone(),
                    _ => format!("not ({value})"),
                }
            }
            Source::Json { value, .. } => {
                let mut parts: Vec<String> =
                    values.numbers.iter().map(|number| number.to_json_text()).collect();
                parts.extend(values.booleans.iter().map(bool::to_string));
                parts.extend(values.texts.iter().map(|text| json!(text).to_string()));
                let list = self.parameter(format!("[{}]", parts.join(",")));
                let mut found = format!("{value} in (select jsonb_array_elements(({list}::text)::jsonb))");
                if !values.times.is_empty() {
                    let times = self.list(&json!(values.times), "::bigint");
                    found = format!("{found} or coalesce({} in {times}, false)", source.millis());
                }
                if negated { format!("{value} is not null and not ({found})") } else { found }
            }
        }
    }
}

impl Source {
    fn value(&self) -> &str {
        match self {
            Self::Text { value, .. } | Self::Json { value, .. } => value,
            Self::Number(value) | Self::Boolean(value) | Self::Time(value) => value,
        }
    }

    /// The folded text, null where it is none.
    fn folded(&self) -> Option<String> {
        match self {
            Self::Text { folded, .. } => Some(folded.clone()),
            Self::Json { value, index } => {
                Some(format!("(case when jsonb_typeof({value}) = 'string' then {index} ->> 'f' end)"))
            }
            _ => None,
        }
    }

    fn number(&self) -> Option<String> {
        match self {
            Self::Number(value) => Some(value.clone()),
            Self::Json { value, .. } => {
                Some(format!("(case when jsonb_typeof({value}) = 'number' then ({value})::numeric end)"))
            }
            _ => None,
        }
    }

    /// The instant of JSON text in milliseconds, null where it is none.
    fn millis(&self) -> String {
        match self {
            Self::Json { value, index } => {
                format!("(case when jsonb_typeof({value}) = 'string' then ({index} ->> 't')::bigint end)")
            }
            _ => "null::bigint".to_owned(),
        }
    }
}

fn fixed_source(field: FixedField) -> Source {
    let name = field.as_str();
    let column = match name.split_once('.') {
        Some(("rfm", rest)) if !rest.starts_with("rfm_") => format!("p.rfm_{rest}"),
        Some((_, rest)) => format!("p.{rest}"),
        None => format!("p.{name}"),
    };
    match field.field_type() {
        FieldType::Number => Source::Number(column),
        FieldType::Time => Source::Time(column),
        FieldType::Boolean => Source::Boolean(column),
        // Words and cells are ASCII, which PostgreSQL folds as we do whatever its locale.
        FieldType::Word(_) => {
            Source::Text { folded: format!("lower({column} collate \"C\")"), value: column }
        }
        FieldType::Text | FieldType::Any if field == FixedField::ExternalId => {
            Source::Text { folded: format!("{column}_folded"), value: column }
        }
        FieldType::Text | FieldType::Any => {
            Source::Text { folded: format!("lower({column} collate \"C\")"), value: column }
        }
    }
}

/// RFC 3339; PostgreSQL knows no year 0 and calls it the first before Christ.
fn instant_text(at: i64) -> String {
    let text = Timestamp::from_millis(at).map_or_else(|_| "-infinity".to_owned(), |at| at.to_string());
    match text.strip_prefix("0000-") {
        Some(rest) => format!("0001-{rest} BC"),
        None => text,
    }
}

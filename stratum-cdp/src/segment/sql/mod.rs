//! Segments as PostgreSQL: the statement that chooses the same profiles as the other two evaluations.
//!
//! The statement reads two tables or views, [`SCHEMA`]; a server lays views of these names over its own tables, for one
//! tenant at a time (row-level security). What a user wrote (values, paths, names of events) is never part of the text of
//! the statement: every parameter is a text, cast where it is used.
//!
//! PostgreSQL folds case by the locale of the database and cannot ask whether text is an instant without an error, so what
//! stores a JSON document stores beside it what [`searchable`] makes of it: each text as its [`fold`](fold()) and, where it
//! is one, its instant. Null is never true, in SQL as everywhere; only below a `not` it is made false by name.

mod asked;

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::compile::Node;
use super::condition::instant_of;
use super::evaluate::SegmentAt;
use super::field::Field;
use super::fold::fold;
use asked::Writer;

/// The tables that a statement reads. Times have whole milliseconds; `…_folded` is [`fold`](fold()) of the text, `…_index`
/// is [`searchable`] of the document; the arrays hold what [`ProfileFacts`](super::ProfileFacts) lists.
pub const SCHEMA: &str = r#"
create table segment_profile (
  profile_id text collate "C" primary key,
  lifecycle_stage text,
  total_events bigint not null, total_sessions bigint not null, total_purchases bigint not null,
  total_revenue_cents bigint not null,
  first_seen_at timestamptz, last_seen_at timestamptz,
  external_id text, external_id_folded text,
  data jsonb not null, data_index jsonb not null,
  traits jsonb not null, traits_index jsonb not null,
  rfm_recency_days bigint, rfm_frequency bigint, rfm_monetary_cents bigint, rfm_recency_score bigint,
  rfm_frequency_score bigint, rfm_monetary_score bigint, rfm_cell text, rfm_score numeric, rfm_segment text,
  rfm_analysis_window_days bigint, rfm_calculated_at timestamptz,
  churn_probability numeric, churn_band text, ltv_365_cents bigint, ltv_class text,
  identifiers text[] not null, consents text[] not null, segments text[] not null
);
create table segment_event (
  profile_id text collate "C" not null,
  event_id text collate "C" not null,
  name text not null,
  event_time timestamptz not null,
  properties jsonb not null, properties_index jsonb not null,
  primary key (profile_id, event_id)
);
create index on segment_event (name, event_time);
"#;

/// A statement and its parameters, `$1` first. Its rows are the ids of the members, sorted.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct SegmentSql {
    /// The statement.
    pub text: String,
    /// Its parameters, all of them of type `text`.
    pub parameters: Vec<String>,
}

impl std::fmt::Debug for SegmentSql {
    /// Without the parameters: they may name a person.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SegmentSql").field("text", &self.text).finish_non_exhaustive()
    }
}

/// What is stored beside a JSON document, so that PostgreSQL can search it: each text becomes `{"f": folded}`, and
/// `{"f": folded, "t": milliseconds}` where it is an instant; numbers, lists and the like are left out.
///
/// ```
/// use serde_json::json;
/// use stratum_cdp::segment::sql::searchable;
/// let data = json!({"city": "Straße", "home": {"since": "2026-03-01"}, "age": 5});
/// assert_eq!(
///     searchable(data.as_object().unwrap()),
///     *json!({"city": {"f": "strasse"}, "home": {"since": {"f": "2026-03-01", "t": 1_772_323_200_000_i64}}})
///         .as_object()
///         .unwrap(),
/// );
/// ```
#[must_use]
pub fn searchable(document: &Map<String, Value>) -> Map<String, Value> {
    document
        .iter()
        .filter_map(|(key, value)| match value {
            Value::String(text) => {
                let mut found = json!({"f": fold(text)});
                if let (Some(at), Some(found)) = (instant_of(text), found.as_object_mut()) {
                    found.insert("t".to_owned(), json!(at));
                }
                Some((key.clone(), found))
            }
            Value::Object(inner) => Some((key.clone(), Value::Object(searchable(inner)))),
            _ => None,
        })
        .collect()
}

impl SegmentAt<'_> {
    /// The statement that chooses the members.
    ///
    /// ```
    /// use serde_json::json;
    /// use stratum_cdp::segment::Segment;
    /// let rules = json!({"logic": "and", "conditions": [
    ///     {"field": "event.Purchase.count", "operator": "greater_or_equal", "value": 2, "window_days": 30}]});
    /// let segment = Segment::from_json(&rules).unwrap();
    /// let sql = segment.at("2026-03-01T12:00:00Z".parse().unwrap()).to_sql();
    /// assert!(sql.text.contains("coalesce(e.f0, 0) >= ($5::text)::numeric"));
    /// assert_eq!(sql.parameters, ["Purchase", "2026-01-30T12:00:00.000Z", "2026-03-01T12:00:00.000Z", "[\"Purchase\"]", "2"]);
    /// ```
    #[must_use]
    pub fn to_sql(&self) -> SegmentSql {
        let mut writer = Writer::default();
        let mut facts = Vec::new();
        let mut fact_of = BTreeMap::new();
        let mut names = Vec::new();
        for (number, asked) in self.asked.iter().enumerate() {
            let Field::Event(event) = &asked.condition.field else { continue };
            fact_of.insert(number, facts.len());
            let fact = writer.event_fact(event, asked.window, facts.len());
            facts.push(fact);
            if !names.contains(&event.name) {
                names.push(event.name.clone());
            }
        }
        let mut text = String::new();
        if !facts.is_empty() {
            let names = writer.parameter(json!(names).to_string());
            text = format!(
                "with e as (\n  select ev.profile_id,\n    {}\n  from segment_event ev\n  where ev.name in (select jsonb_array_elements_text(({names}::text)::jsonb))\n  group by ev.profile_id\n)\n",
                facts.join(",\n    "),
            );
        }
        let join = if facts.is_empty() { "" } else { "left join e on e.profile_id = p.profile_id\n" };
        let condition = self.node(&self.segment.root, &fact_of, &mut writer);
        text.push_str(&format!(
            "select p.profile_id\nfrom segment_profile p\n{join}where {condition}\norder by p.profile_id"
        ));
        SegmentSql { text, parameters: writer.into_parameters() }
    }

    fn node(&self, node: &Node, fact_of: &BTreeMap<usize, usize>, writer: &mut Writer) -> String {
        let mut joined = |children: &[Node], word: &str| {
            let children: Vec<String> =
                children.iter().map(|child| self.node(child, fact_of, writer)).collect();
            format!("({})", children.join(word))
        };
        match node {
            Node::All(children) => joined(children, "\n  and "),
            Node::Any(children) => joined(children, "\n  or "),
            // Null and false are one above; below a `not` they must be made one.
            Node::Not(child) => format!("(not coalesce({}, false))", self.node(child, fact_of, writer)),
            Node::Condition(number) => match self.asked.get(*number) {
                Some(asked) => {
                    let source = writer.source(&asked.condition.field, fact_of.get(number).copied());
                    format!("({})", writer.test(&source, &asked.test))
                }
                None => "false".to_owned(),
            },
        }
    }
}

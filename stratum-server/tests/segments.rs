//! PostgreSQL chooses the members that the library chooses: random rules over random profiles, against a real one.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::arithmetic_side_effects,
    reason = "tests fail by panicking"
)]

#[path = "../../stratum-cdp/tests/segments/cases.rs"]
mod cases;
mod common;

use cases::{compiled, now, profile, rules};
use common::fresh_database;
use proptest::strategy::{Strategy, ValueTree as _};
use proptest::test_runner::TestRunner;
use serde_json::{Map, Value, json};
use sqlx::postgres::PgConnection;
use sqlx::{AssertSqlSafe, Connection as _, Executor as _};
use stratum_cdp::segment::sql::{SCHEMA, SegmentSql, searchable};
use stratum_cdp::segment::{ProfileFacts, fold};

const PROFILES: usize = 150;
const RULES: usize = 400;

/// A random value; the same ones in every run.
fn draw<S: Strategy>(strategy: &S, runner: &mut TestRunner) -> S::Value {
    strategy.new_tree(runner).unwrap().current()
}

/// A profile as a row of the schema.
fn row(profile: &ProfileFacts) -> Value {
    let facts = serde_json::to_value(profile).unwrap();
    let index = |document: &Map<String, Value>| Value::Object(searchable(document));
    let mut row = json!({
        "profile_id": facts["id"],
        "lifecycle_stage": facts["lifecycle_stage"],
        "external_id_folded": profile.external_id.as_deref().map(|id| fold(id).into_owned()),
        "data": facts["data"],
        "data_index": index(&profile.data),
        "traits": facts["traits"],
        "traits_index": index(&profile.traits),
        "identifiers": facts["identifiers"],
        "consents": facts["consents"],
        "segments": facts["segment_ids"],
    });
    for name in [
        "total_events",
        "total_sessions",
        "total_purchases",
        "total_revenue_cents",
        "first_seen_at",
        "last_seen_at",
        "external_id",
    ] {
        row[name] = facts[name].clone();
    }
    for (name, value) in facts["rfm"].as_object().unwrap() {
        let column = if name.starts_with("rfm_") { name.clone() } else { format!("rfm_{name}") };
        row[column] = value.clone();
    }
    for (name, value) in facts["predictions"].as_object().unwrap() {
        row[name.as_str()] = value.clone();
    }
    row
}

fn event_rows(profile: &ProfileFacts) -> Vec<Value> {
    let row = |event: &stratum_cdp::segment::SegmentEvent| {
        json!({
            "profile_id": profile.id,
            "event_id": event.id,
            "name": event.name,
            "event_time": event.time,
            "properties": event.properties,
            "properties_index": searchable(&event.properties),
        })
    };
    profile.events.iter().map(row).collect()
}

async fn insert(connection: &mut PgConnection, table: &str, rows: Vec<Value>) {
    let statement = format!("insert into {table} select * from jsonb_populate_recordset(null::{table}, $1)");
    sqlx::query(AssertSqlSafe(statement)).bind(Value::Array(rows)).execute(connection).await.unwrap();
}

async fn members(connection: &mut PgConnection, sql: &SegmentSql) -> Result<Vec<String>, sqlx::Error> {
    let mut query = sqlx::query_scalar(AssertSqlSafe(sql.text.clone()));
    for parameter in &sql.parameters {
        query = query.bind(parameter);
    }
    query.fetch_all(connection).await
}

#[tokio::test]
async fn postgres_chooses_the_profiles_that_the_library_chooses() {
    let mut runner = TestRunner::deterministic();
    let profiles: Vec<ProfileFacts> = (0..PROFILES)
        .map(|number| ProfileFacts { id: format!("p{number:03}"), ..draw(&profile(), &mut runner) })
        .collect();
    let mut connection = PgConnection::connect_with(&fresh_database().await.owner).await.unwrap();
    connection.execute(SCHEMA).await.unwrap();
    insert(&mut connection, "segment_profile", profiles.iter().map(row).collect()).await;
    insert(&mut connection, "segment_event", profiles.iter().flat_map(event_rows).collect()).await;

    let strategy = rules();
    let (mut chosen, mut mixed) = (0, 0);
    for _ in 0..RULES {
        let rules = draw(&strategy, &mut runner);
        let segment = compiled(&rules);
        let segment = segment.at(now());
        let expected: Vec<&str> = profiles
            .iter()
            .filter(|profile| segment.evaluate(profile).is_member())
            .map(|profile| profile.id.as_str())
            .collect();
        let sql = segment.to_sql();
        let found = members(&mut connection, &sql)
            .await
            .unwrap_or_else(|error| panic!("{error}\n{rules}\n{}\n{:?}", sql.text, sql.parameters));
        assert_eq!(found, expected, "{rules}\n{}\n{:?}", sql.text, sql.parameters);
        chosen += expected.len();
        mixed += usize::from((1..PROFILES).contains(&expected.len()));
    }
    // The comparison is worth something: many rules part the profiles.
    assert!(mixed > RULES / 3 && chosen > RULES, "{mixed} rules chose some of the profiles, {chosen} in all");
}

#[tokio::test]
async fn what_a_user_writes_stands_in_the_parameters_alone() {
    let nasty = "'; drop table segment_profile; --";
    let rules = json!({"logic": "or", "conditions": [
        {"field": format!("data.{nasty}"), "operator": "equals", "value": nasty},
        {"field": "data.a", "operator": "contains", "value": nasty},
        {"field": "data.a", "operator": "in", "value": [nasty, 1]},
        {"field": format!("segment.{nasty}"), "operator": "equals", "value": true},
        {"field": format!("event.Purchase.sum.{nasty}"), "operator": "greater_than", "value": 1},
        {"field": format!("event.Purchase.property.{nasty}"), "operator": "ends_with", "value": nasty},
    ]});
    let segment = compiled(&rules);
    let sql = segment.at(now()).to_sql();
    assert!(!sql.text.contains("drop"), "{}", sql.text);
    let mut connection = PgConnection::connect_with(&fresh_database().await.owner).await.unwrap();
    connection.execute(SCHEMA).await.unwrap();
    assert_eq!(members(&mut connection, &sql).await.unwrap(), Vec::<String>::new());
}

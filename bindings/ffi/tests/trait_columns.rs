//! `traits.compute` over columns says what the call says.

#![cfg(feature = "customer")]
#![expect(clippy::unwrap_used, reason = "a test fails by a panic")]

use serde_json::{Value, json};
use stratum_ffi::batch::{Column, Columns, Output, Progress, TextColumn};

/// When, whose, which and what; the same id of two profiles is two events.
const EVENTS: [(&str, &str, &str, i64); 7] = [
    ("a", "e1", "Purchase", 1_000),
    ("a", "e1", "Purchase", 1_000),
    ("b", "e1", "Purchase", 1_000),
    ("a", "e2", "View", 2_000),
    // It was a view first.
    ("a", "e2", "Purchase", 2_000),
    ("a", "e3", "Purchase", 3_000),
    ("b", "e1", "Purchase", 4_000),
];

#[test]
fn an_event_that_is_there_twice_counts_once_as_in_the_call() {
    let policy = json!({"now": "1970-01-02T00:00:00Z", "traits": [
        {"name": "orders", "trait_type": "count", "source_config": {"event_name": "Purchase"}},
    ]});
    let batch = stratum_ffi::find("traits.compute").unwrap().batch.unwrap();
    let specs = batch.specs(&policy).unwrap();
    for size in [7, 2] {
        let parts: Vec<([TextColumn; 3], Vec<i64>)> = EVENTS
            .chunks(size)
            .map(|part| {
                let texts = |read: fn(&(&'static str, &'static str, &'static str, i64)) -> &'static str| {
                    part.iter().map(|event| Some(read(event))).collect()
                };
                let times = part.iter().map(|event| event.3).collect();
                ([texts(|event| event.0), texts(|event| event.2), texts(|event| event.1)], times)
            })
            .collect();
        let pieces: Vec<Columns<'_>> = parts
            .iter()
            .map(|([profiles, names, ids], times)| {
                let mut columns = Columns::default();
                for spec in specs.iter() {
                    let column = match spec.name.as_ref() {
                        "profile_id" => Column::Texts(profiles.as_texts()),
                        "event_name" => Column::Texts(names.as_texts()),
                        "event_id" => Column::Texts(ids.as_texts()),
                        "event_time" => Column::Integers(times),
                        other => panic!("{other} is not asked for"),
                    };
                    columns.insert(spec, column);
                }
                columns
            })
            .collect();
        let answer = batch.run("traits.compute", &policy, &pieces, &Progress::silent()).unwrap();
        let orders = answer.table.0.into_iter().find(|(name, _)| name == "orders").unwrap().1;
        let Output::Numbers(orders) = orders else { panic!("a count is a number") };
        assert_eq!(orders, called(&policy));
    }
    assert_eq!(called(&policy), [2.0, 1.0]);
}

fn called(policy: &Value) -> Vec<f64> {
    let events = |whose: &str| -> Vec<Value> {
        let own = EVENTS.iter().filter(|event| event.0 == whose);
        own.map(|(_, id, name, ms)| {
            let at = stratum_ffi::stratum_core::Timestamp::from_millis(*ms).unwrap();
            json!({"event_id": id, "event_name": name, "event_time": at})
        })
        .collect()
    };
    let profiles = ["a", "b"].map(|whose| json!({"profile_id": whose, "events": events(whose)}));
    let mut request = policy.clone();
    request.as_object_mut().unwrap().insert("profiles".to_owned(), json!(profiles));
    let answer = stratum_ffi::call_value("traits.compute", &request).unwrap();
    let profiles = answer.as_object().unwrap().get("profiles").unwrap().as_array().unwrap();
    profiles.iter().map(|one| one.pointer("/traits/orders").unwrap().as_f64().unwrap()).collect()
}

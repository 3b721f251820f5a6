//! A record says what the JSON says: each vector of the hot operations comes out the same through both.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::arithmetic_side_effects,
    reason = "a test fails by a panic"
)]

use std::fs;
use std::path::Path;

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use stratum_uniffi::errors::StratumError;
use stratum_uniffi::typed;

/// The cases of the file, as pairs of an operation's request and what it answers by its name.
fn cases(file: &str) -> Vec<(Value, Result<Value, StratumError>)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/vectors/operations");
    let vectors: Value = serde_json::from_str(&fs::read_to_string(folder.join(file)).unwrap()).unwrap();
    let operation = vectors["operation"].as_str().unwrap();
    let cases = vectors["cases"].as_array().unwrap().iter().map(|case| case["request"].clone());
    cases
        .map(|request| {
            let answer = stratum_uniffi::door::call(operation, &request.to_string());
            (request, answer.map(|text| serde_json::from_str(&text).unwrap()))
        })
        .collect()
}

/// A part of a request as a record; `None` where the request is so wrong that no record can say it.
fn part<T: DeserializeOwned>(request: &Value, name: &str) -> Option<T> {
    serde_json::from_value(request[name].clone()).ok()
}

/// Records leave out what JSON says to be null.
fn without_nulls(value: &Value) -> Value {
    match value {
        Value::Object(members) => {
            let kept = members.iter().filter(|(_, member)| !member.is_null());
            kept.map(|(key, member)| (key.clone(), without_nulls(member))).collect()
        }
        Value::Array(items) => items.iter().map(without_nulls).collect(),
        other => other.clone(),
    }
}

/// What is wrong where. A sentence may show 120.0 where the JSON said 120.
fn places(refused: &StratumError) -> Vec<(&str, &str)> {
    let StratumError::Refused { problems } = refused;
    problems.iter().map(|problem| (problem.path.as_str(), problem.code.as_str())).collect()
}

fn spelled_otherwise(request: &Value) -> bool {
    let text = request.to_string();
    ["\"cautious\"", "\"SNAP\"", "\"CRITICAL\""].iter().any(|word| text.contains(word))
}

/// Compares each case, and gives how many were answered.
fn compare<R: Serialize>(file: &str, run: impl Fn(&Value) -> Option<Result<R, StratumError>>) -> usize {
    let mut answered = 0;
    for (request, by_name) in cases(file) {
        match (run(&request), by_name) {
            (Some(Ok(record)), Ok(answer)) => {
                let record = serde_json::to_value(record).unwrap();
                assert_eq!(without_nulls(&record), without_nulls(&answer), "{request}");
                answered += 1;
            }
            // A record has no room for a field that does not exist.
            (Some(_), Err(others)) if places(&others).iter().any(|(_, code)| *code == "unknown_field") => {}
            (Some(Err(problems)), Err(others)) => {
                assert_eq!(places(&problems), places(&others), "{request}");
            }
            (Some(Ok(_)), Err(others)) => panic!("a record hides {others}: {request}"),
            (Some(Err(problems)), Ok(_)) => panic!("a record adds {problems}: {request}"),
            // JSON may spell a word of a vocabulary in its own way; a record has one spelling.
            (None, Ok(_)) => assert!(spelled_otherwise(&request), "no record says {request}"),
            (None, Err(_)) => {}
        }
    }
    answered
}

#[test]
fn health_says_the_same_with_records() {
    let answered = compare("health_evaluate.json", |request| {
        Some(typed::evaluate_health(part(request, "facts")?, part(request, "policy")?))
    });
    assert!(answered > 50, "{answered}");
}

#[test]
fn the_gate_says_the_same_with_records() {
    let answered = compare("gate_evaluate.json", |request| {
        Some(typed::evaluate_gate(part(request, "facts")?, part(request, "policy")?))
    });
    assert!(answered > 50, "{answered}");
}

#[test]
fn the_emq_of_an_event_is_the_same_with_records() {
    let answered = compare("emq_event.json", |request| {
        Some(typed::score_event(part(request, "event")?, part(request, "received_at")?))
    });
    assert!(answered > 20, "{answered}");
}

#[test]
fn enforcement_says_the_same_with_records() {
    let answered = compare("enforcement_check.json", |request| {
        Some(typed::check_enforcement(part(request, "facts")?, part(request, "policy")?))
    });
    assert!(answered > 50, "{answered}");
}

//! A wrong request is answered with everything that is wrong with it.

#![expect(clippy::unwrap_used, reason = "a test fails by a panic")]

use serde_json::{Value, json};
use stratum_ffi::{call_json, call_value};

fn places(operation: &str, request: &Value) -> Vec<(String, String)> {
    let by_value = call_value(operation, request).unwrap_err();
    let by_text = call_json(operation, &request.to_string()).unwrap_err();
    assert_eq!(by_value, by_text, "both doors say the same");
    by_value.iter().map(|problem| (problem.path.clone(), problem.code.to_string())).collect()
}

fn expected(list: &[(&str, &str)]) -> Vec<(String, String)> {
    list.iter().map(|(path, code)| ((*path).to_owned(), (*code).to_owned())).collect()
}

#[test]
fn missing_unknown_and_ill_typed_fields_are_all_named_at_once() {
    let request = json!({
        "policy": {"preset": "SEVEN", "healthy_treshold": 80, "degraded_threshold": "low"},
        "facts": {
            "action_type": "BUDGET_INCREASE",
            "platforms": ["META", "LINKEDIN", 7],
            "now": "yesterday",
            "snapshots": [{"tenant_id": "nobody", "platform": "META", "score": 170}],
        },
    });
    let mut found = places("gate.evaluate", &request);
    found.sort();
    assert_eq!(
        found,
        expected(&[
            ("/facts/now", "invalid_timestamp"),
            ("/facts/platforms/1", "unknown_value"),
            ("/facts/platforms/2", "wrong_type"),
            ("/facts/snapshots/0/components", "missing_field"),
            ("/facts/snapshots/0/computed_at", "missing_field"),
            ("/facts/snapshots/0/coverage_pct", "missing_field"),
            ("/facts/snapshots/0/preset", "missing_field"),
            ("/facts/snapshots/0/score", "out_of_range"),
            ("/facts/snapshots/0/status", "missing_field"),
            ("/facts/snapshots/0/tenant_id", "invalid_id"),
            ("/facts/tenant_id", "missing_field"),
            ("/policy/degraded_threshold", "wrong_type"),
            ("/policy/healthy_treshold", "unknown_field"),
            ("/policy/preset", "unknown_value"),
        ])
    );
}

#[test]
fn a_misspelt_name_is_answered_with_the_one_that_was_meant() {
    let request = json!({"facts": {"tenantid": "0198c9a0-0000-7000-8000-000000000001", "platform": "METTA", "now": "2026-03-01T12:00:00Z"}});
    let problems = call_value("health.evaluate", &request).unwrap_err();
    let help: Vec<_> = problems.iter().filter_map(|problem| problem.help.clone()).collect();
    assert!(help.contains(&"did you mean tenant_id?".to_owned()), "{help:?}");
    assert!(help.iter().any(|help| help.starts_with("did you mean META?")), "{help:?}");
}

#[test]
fn aliases_and_other_cases_are_no_problem_even_beside_one() {
    let request = json!({"facts": {
        "tenant_id": "0198c9a0-0000-7000-8000-000000000001", "platform": "snap",
        "components": {"emq": 90}, "now": 7,
    }});
    assert_eq!(places("health.evaluate", &request), expected(&[("/facts/now", "wrong_type")]));
}

#[test]
fn problems_of_the_policy_and_of_the_facts_come_together() {
    let request = json!({
        "policy": {"healthy_threshold": 30},
        "facts": {
            "tenant_id": "0198c9a0-0000-7000-8000-000000000001", "platform": "META", "now": "2026-03-01T12:00:00Z",
            "components": {"EMQ": 101},
        },
    });
    assert_eq!(
        places("health.evaluate", &request),
        expected(&[
            ("/policy/degraded_threshold", "threshold_order"),
            ("/facts/components/EMQ", "out_of_range")
        ])
    );
}

#[test]
fn text_that_is_no_json_says_where_it_stops_being_json() {
    for body in ["", "{", "[1,]", "{} {}", "\u{1}"] {
        let problems = call_json("gate.evaluate", body).unwrap_err();
        let codes: Vec<&str> = problems.iter().map(|problem| problem.code.as_ref()).collect();
        assert!(codes == ["invalid_json"], "{body:?}: {codes:?}");
    }
}

#[test]
fn a_field_that_is_written_twice_is_refused() {
    let problems = call_json("gate.evaluate", r#"{"policy": {}, "policy": {}}"#).unwrap_err();
    let codes: Vec<&str> = problems.iter().map(|problem| problem.code.as_ref()).collect();
    assert_eq!(codes, ["duplicate_field", "missing_field"]);
}

#[test]
fn a_request_of_another_type_is_no_panic() {
    for request in [json!(null), json!([]), json!("text"), json!(1e308), json!({"facts": []})] {
        for op in stratum_ffi::OPERATIONS {
            assert!(op.call_value(&request).is_err(), "{} {request}", op.name);
        }
    }
}

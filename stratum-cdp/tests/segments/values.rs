//! What each operator says about each kind of value; expected by the specification's section 10.6.

use serde_json::{Value, json};
use stratum_cdp::segment::ProfileFacts;

use crate::cases::{compiled, now};

fn holds(facts: &Value, condition: &Value) -> bool {
    let mut facts = facts.clone();
    facts["id"] = json!("p");
    let profile: ProfileFacts = serde_json::from_value(facts).unwrap();
    let segment = compiled(&json!({"logic": "and", "conditions": [condition]}));
    segment.at(now()).evaluate(&profile).is_member()
}

fn data(value: &Value, operator: &str, with: &Value) -> bool {
    holds(&json!({"data": {"x": value}}), &json!({"field": "data.x", "operator": operator, "value": with}))
}

#[test]
fn null_meets_no_operator_but_is_null() {
    for (operator, value) in [
        ("equals", json!(1)),
        ("not_equals", json!(1)),
        ("contains", json!("a")),
        ("not_contains", json!("a")),
        ("starts_with", json!("a")),
        ("ends_with", json!("a")),
        ("greater_than", json!(1)),
        ("less_than", json!(1)),
        ("greater_or_equal", json!(1)),
        ("less_or_equal", json!(1)),
        ("between", json!([1, 2])),
        ("in", json!([1])),
        ("not_in", json!([1])),
        ("before", json!("2026-01-01")),
        ("after", json!("2026-01-01")),
        ("within_last", json!({"n": 1, "unit": "days"})),
        ("is_not_null", Value::Null),
    ] {
        assert!(!data(&Value::Null, operator, &value), "{operator}");
    }
    assert!(data(&Value::Null, "is_null", &Value::Null));
    assert!(holds(&json!({}), &json!({"field": "data.x.y", "operator": "is_null"})));
}

#[test]
fn equality_is_exact_and_typed() {
    assert!(data(&json!(5), "equals", &json!(5.0)));
    assert!(!data(&json!("5"), "equals", &json!(5)));
    assert!(data(&json!("5"), "not_equals", &json!(5)));
    assert!(!data(&json!("Berlin"), "equals", &json!("berlin")));
    assert!(!data(&json!(9_007_199_254_740_993_i64), "equals", &json!(9_007_199_254_740_992_i64)));
    assert!(data(&json!("2026-03-01T01:00:00+01:00"), "equals", &json!("2026-03-01T00:00:00.000Z")));
    assert!(data(&json!("x"), "in", &json!([1, "x", true])));
    assert!(data(&json!(false), "not_in", &json!([1, "x", true])));
    assert!(data(&json!([1]), "not_equals", &json!(1)));
    assert!(!data(&json!([1]), "equals", &json!(1)));
}

#[test]
fn text_is_compared_case_folded_and_composed() {
    assert!(data(&json!("Große STRASSE"), "ends_with", &json!("straße")));
    assert!(data(&json!("re\u{301}sume\u{301}"), "contains", &json!("SUM\u{c9}")));
    assert!(data(&json!("ΟΔΥΣΣΕΥΣ"), "ends_with", &json!("ς")));
    assert!(!data(&json!("abc"), "not_contains", &json!("B")));
    assert!(!data(&json!(123), "not_contains", &json!("9")));
}

#[test]
fn ranges_are_inclusive_and_before_and_after_are_strict() {
    assert!(data(&json!(1), "between", &json!([1, 2])));
    assert!(data(&json!(2.0), "between", &json!([1, 2])));
    assert!(!data(&json!(2.000_000_1), "between", &json!([1, 2])));
    assert!(!data(&json!("2026-01-01"), "before", &json!("2026-01-01")));
    assert!(data(&json!("2025-12-31T23:59:59.999Z"), "before", &json!("2026-01-01")));
    assert!(!data(&json!("2026-01-01T00:00:00Z"), "after", &json!("2026-01-01")));
}

#[test]
fn within_last_counts_calendar_months_and_leaves_the_future_out() {
    let last = |at: &str, n: u32, unit: &str| data(&json!(at), "within_last", &json!({"n": n, "unit": unit}));
    // now is 2026-03-31T12:00Z; a month before is the last day of February.
    assert!(last("2026-02-28T12:00:00Z", 1, "months"));
    assert!(!last("2026-02-28T11:59:59.999Z", 1, "months"));
    assert!(last("2026-03-31T12:00:00Z", 1, "hours"));
    assert!(!last("2026-03-31T12:00:00.001Z", 1, "hours"));
    assert!(last("2026-03-24T12:00:00Z", 1, "weeks"));
    assert!(!last("2026-03-24T11:59:59.999Z", 7, "days"));
}

#[test]
fn events_count_in_their_window_and_nothing_counts_zero() {
    let facts = json!({"events": [
        {"name": "Purchase", "time": "2026-03-24T12:00:00Z", "id": "a", "properties": {"total": 0.1}},
        {"name": "Purchase", "time": "2026-03-24T12:00:00.001Z", "id": "b", "properties": {"total": "0.2"}},
        {"name": "Purchase", "time": "2026-03-30T12:00:00Z", "id": "c", "properties": {"total": "many"}},
    ]});
    let asks = |field: &str, operator: &str, value: Value, days: Option<u32>| {
        let mut condition = json!({"field": field, "operator": operator, "value": value});
        if let Some(days) = days {
            condition["window_days"] = json!(days);
        }
        holds(&facts, &condition)
    };
    assert!(asks("event.Purchase.count", "equals", json!(3), None));
    assert!(asks("event.Purchase.count", "equals", json!(2), Some(7)));
    assert!(asks("event.Refund.count", "equals", json!(0), None));
    assert!(asks("event.Refund.exists", "equals", json!(false), None));
    assert!(asks("event.Refund.sum.total", "equals", json!(0), None));
    assert!(asks("event.Refund.last", "is_null", Value::Null, None));
    assert!(asks("event.Purchase.sum.total", "equals", json!(0.3), None)); // exact: no 0.30000000000000004
    assert!(asks("event.Purchase.property.total", "equals", json!("many"), None));
    assert!(asks("event.purchase.exists", "equals", json!(false), None));
}

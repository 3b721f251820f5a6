//! What is refused when a segment is saved.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use stratum_cdp::segment::{ConditionOperator, Logic, Segment, SegmentCondition, SegmentRules, SegmentType};

fn problems(rules: &Value) -> Vec<(String, String)> {
    let problems = Segment::from_json(rules).unwrap_err();
    problems.iter().map(|problem| (problem.path.clone(), problem.code.to_string())).collect()
}

fn condition_problem(condition: &Value) -> (String, String, String) {
    let rules = json!({"logic": "and", "conditions": [condition]});
    let problems = Segment::from_json(&rules).unwrap_err();
    assert_eq!(problems.len(), 1, "{problems}");
    let problem = problems.iter().next().unwrap();
    let path = problem.path.strip_prefix("/conditions/0").unwrap().to_owned();
    (path, problem.code.to_string(), problem.help.clone().unwrap_or_default())
}

#[test]
fn every_problem_of_the_rules_is_told_at_once_with_its_place() {
    let rules = json!({
        "logic": "xor",
        "conditions": [
            {"field": "profile.total_event", "operator": "greater_then", "value": 1},
            {"field": "profile.total_events", "operator": "contains", "value": "1"},
            {"field": "data.age", "operator": "between", "value": [5, 1]},
            {"field": "data.age", "operator": "equals", "value": 1, "window_days": 3, "values": []},
        ],
        "groups": [{"logic": "and"}, {"logic": "not", "conditions": [
            {"field": "data.a", "operator": "is_null"}, {"field": "data.b", "operator": "is_null", "value": 1}]}],
    });
    let expected = [
        ("/logic", "unknown_value"),
        ("/conditions/0/field", "unknown_value"),
        ("/conditions/0/operator", "unknown_value"),
        ("/conditions/1/operator", "type_mismatch"),
        ("/conditions/2/value", "invalid_range"),
        ("/conditions/3/values", "unknown_field"),
        ("/conditions/3/window_days", "not_allowed_here"),
        ("/groups/0", "empty_group"),
        ("/groups/1/conditions/1/value", "not_allowed_here"),
    ];
    let expected: Vec<_> = expected.map(|(path, code)| (path.to_owned(), code.to_owned())).into();
    assert_eq!(problems(&rules), expected);
}

#[test]
fn a_wrong_field_or_operator_is_answered_with_the_nearest_right_one() {
    let ask = |field: &str, operator: &str| {
        condition_problem(&json!({"field": field, "operator": operator, "value": 1}))
    };
    assert_eq!(ask("profile.total_event", "equals").2, "did you mean profile.total_events?");
    assert_eq!(ask("rfm.monetery_cents", "equals").2, "did you mean rfm.monetary_cents?");
    assert_eq!(ask("identifier.e-mail", "equals").2, "did you mean email?");
    assert_eq!(ask("event.Purchase.coun", "equals").2, "did you mean count?");
    assert_eq!(ask("profile.total_events", "greater_then").2, "did you mean greater_than?");
}

#[test]
fn a_value_has_the_type_of_its_field_and_the_shape_of_its_operator() {
    for (condition, path, code) in [
        (
            json!({"field": "profile.total_events", "operator": "equals", "value": "5"}),
            "/value",
            "wrong_type",
        ),
        (
            json!({"field": "profile.lifecycle_stage", "operator": "equals", "value": "gone"}),
            "/value",
            "unknown_value",
        ),
        (
            json!({"field": "profile.last_seen_at", "operator": "before", "value": "yesterday"}),
            "/value",
            "invalid_timestamp",
        ),
        (json!({"field": "consent.ads", "operator": "equals", "value": 1}), "/value", "wrong_type"),
        (
            json!({"field": "identifier.email", "operator": "greater_than", "value": 1}),
            "/operator",
            "type_mismatch",
        ),
        (json!({"field": "data.a", "operator": "in", "value": []}), "/value", "too_short"),
        (json!({"field": "data.a", "operator": "in", "value": 3}), "/value", "wrong_type"),
        (json!({"field": "data.a", "operator": "in", "value": ["x", null]}), "/value/1", "wrong_type"),
        (json!({"field": "data.a", "operator": "in", "value": vec![1; 1001]}), "/value", "too_long"),
        (json!({"field": "data.a", "operator": "contains", "value": ""}), "/value", "too_short"),
        (json!({"field": "data.a", "operator": "equals"}), "/value", "missing_field"),
        (json!({"field": "data.a", "operator": "between", "value": [1]}), "/value", "wrong_length"),
        (
            json!({"field": "data.a", "operator": "within_last", "value": {"n": 0, "unit": "days"}}),
            "/value/n",
            "out_of_range",
        ),
        (
            json!({"field": "data.a", "operator": "within_last", "value": {"n": 1, "unit": "years"}}),
            "/value/unit",
            "unknown_value",
        ),
        (json!({"field": "data.a..b", "operator": "is_null"}), "/field", "invalid_format"),
        (json!({"field": "trait.Loyal", "operator": "is_null"}), "/field", "invalid_format"),
        (json!({"field": "event.Purchase.sum", "operator": "is_null"}), "/field", "invalid_format"),
        (
            json!({"field": "event.Purchase.sum.total", "operator": "equals", "value": 1e-13}),
            "/value",
            "out_of_range",
        ),
        (
            json!({"field": "event.Purchase.count", "operator": "equals", "value": 1, "window_days": 0}),
            "/window_days",
            "out_of_range",
        ),
    ] {
        let (found_path, found_code, _) = condition_problem(&condition);
        assert_eq!((found_path.as_str(), found_code.as_str()), (path, code), "{condition}");
    }
}

#[test]
fn five_levels_and_a_hundred_conditions_are_the_most() {
    let leaf = json!({"logic": "and", "conditions": [{"field": "data.a", "operator": "is_null"}]});
    let mut rules = leaf.clone();
    for _ in 0..4 {
        rules = json!({"logic": "or", "groups": [rules]});
    }
    assert_eq!(Segment::from_json(&rules).unwrap().levels(), 5);
    let too_deep = json!({"logic": "or", "groups": [rules]});
    assert_eq!(
        problems(&too_deep),
        [("/groups/0/groups/0/groups/0/groups/0/groups/0".into(), "too_deep".into())]
    );

    let many = |n: usize| json!({"logic": "or", "conditions": vec![json!({"field": "data.a", "operator": "is_null"}); n]});
    assert_eq!(Segment::from_json(&many(100)).unwrap().condition_count(), 100);
    assert_eq!(problems(&many(101)), [(String::new(), "too_long".to_owned())]);
}

#[test]
fn a_segment_may_not_ask_for_itself_by_way_of_others() {
    let asks = |id: &str| {
        let rules = json!({"logic": "and", "conditions": [
            {"field": format!("segment.{id}"), "operator": "equals", "value": true}]});
        Segment::from_json(&rules).unwrap()
    };
    let others = BTreeMap::from([
        ("b".to_owned(), vec!["c".to_owned()]),
        ("c".to_owned(), vec!["a".to_owned()]),
        ("d".to_owned(), vec![]),
    ]);
    let code = |id: &str| {
        asks(id).check_links(Some("a"), &others).unwrap_err().iter().next().unwrap().code.to_string()
    };
    assert_eq!(code("a"), "cycle");
    assert_eq!(code("b"), "cycle");
    assert_eq!(code("e"), "unknown_segment");
    assert!(asks("d").check_links(Some("a"), &others).is_ok());
    assert!(asks("b").check_links(None, &others).is_ok());
}

#[test]
fn a_computed_segment_has_a_condition_about_a_prediction() {
    let rules =
        |field: &str| json!({"logic": "and", "conditions": [{"field": field, "operator": "is_not_null"}]});
    assert!(Segment::of_type(&rules("prediction.churn_band"), SegmentType::Computed).is_ok());
    let problems = Segment::of_type(&rules("rfm.segment"), SegmentType::Computed).unwrap_err();
    assert_eq!(problems.iter().next().unwrap().code, "needs_prediction");
}

#[test]
fn rules_built_in_rust_are_the_rules_of_the_wire_and_show_no_value_in_debug() {
    let rules = SegmentRules::new(
        Logic::And,
        vec![SegmentCondition::new(
            "profile.external_id",
            ConditionOperator::Equals,
            Some(json!("jane-4711")),
        )],
    );
    let segment = Segment::compile(&rules).unwrap();
    assert_eq!(segment.fields(), ["profile.external_id"]);
    assert!(!format!("{rules:?} {segment:?}").contains("jane"));
}

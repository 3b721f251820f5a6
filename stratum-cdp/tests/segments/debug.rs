//! What a person can be named by shows in no `Debug` text.

use std::fmt::Debug;

use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use stratum_cdp::segment::{
    Segment, SegmentEvaluationRequest, SegmentOverlapRequest, SegmentPreviewRequest, SegmentRules,
    SegmentSqlRequest, SegmentValidationRequest,
};

const CANARY: &str = "jane@shop.test";

fn shown<T: Debug + DeserializeOwned>(value: Value) -> String {
    let value: T = serde_json::from_value(value).unwrap();
    format!("{value:?} {value:#?}")
}

#[test]
fn no_debug_text_of_a_segment_holds_a_value_of_a_condition_or_a_profile() {
    let now = "2026-03-01T12:00:00Z";
    let rules = json!({"logic": "and", "conditions": [
        {"field": "data.email", "operator": "equals", "value": CANARY},
        {"field": "data.email", "operator": "contains", "value": CANARY},
    ]});
    let profiles = json!([{"id": "p1", "external_id": CANARY, "data": {"email": CANARY}, "traits": {"a": CANARY},
        "events": [{"name": "Purchase", "time": now, "properties": {"email": CANARY}}]}]);
    let named = json!([{"id": "a", "rules": rules}, {"id": "b", "rules": rules}]);
    let sql = SegmentSqlRequest { rules: rules.clone(), now: now.parse().unwrap() };
    let segment = Segment::from_json(&rules).unwrap();
    let texts = [
        shown::<SegmentRules>(rules.clone()),
        shown::<SegmentValidationRequest>(json!({"rules": rules, "others": {"x": rules}})),
        shown::<SegmentEvaluationRequest>(json!({"rules": rules, "now": now, "profiles": profiles})),
        shown::<SegmentPreviewRequest>(json!({"rules": rules, "now": now, "profiles": profiles})),
        shown::<SegmentOverlapRequest>(json!({"segments": named, "now": now, "profiles": profiles})),
        format!("{sql:?} {:?}", sql.compile().unwrap()),
        format!("{segment:?} {:?} {:?}", segment.at(sql.now), segment.at(sql.now).to_sql()),
    ];
    for text in texts {
        assert!(!text.contains("jane"), "{text}");
    }
}

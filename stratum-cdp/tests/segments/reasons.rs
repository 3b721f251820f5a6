//! Why a profile is a member, why not, what changed; previews and overlaps.

use serde_json::{Value, json};
use stratum_cdp::segment::{Bitmap, PreviewSample, ProfileFacts, ReasonCode, SegmentAt, overlap, preview};

use crate::cases::{compiled, now};

fn profile(facts: &Value) -> ProfileFacts {
    serde_json::from_value(facts.clone()).unwrap()
}

fn reasons(segment: &SegmentAt<'_>, profile: &ProfileFacts) -> Vec<(String, ReasonCode)> {
    let membership = segment.evaluate(profile);
    let reasons = segment.explain(&membership, profile);
    reasons.into_iter().map(|reason| (reason.path, reason.code)).collect()
}

#[test]
fn the_reasons_are_the_conditions_on_which_the_decision_rests() {
    let segment = compiled(&json!({"logic": "and", "conditions": [
        {"field": "profile.total_events", "operator": "greater_than", "value": 5},
        {"field": "consent.ads", "operator": "equals", "value": true},
    ], "groups": [{"logic": "or", "conditions": [
        {"field": "rfm.segment", "operator": "equals", "value": "champions"},
        {"field": "data.city", "operator": "equals", "value": "Berlin"},
    ]}]}));
    let segment = segment.at(now());
    let member =
        profile(&json!({"id": "a", "total_events": 6, "consents": ["ads"], "data": {"city": "Berlin"}}));
    let path = |path: &str, code| (path.to_owned(), code);
    // The champion's condition did not hold and was not needed.
    assert_eq!(
        reasons(&segment, &member),
        [
            path("/conditions/0", ReasonCode::Met),
            path("/conditions/1", ReasonCode::Met),
            path("/groups/0/conditions/1", ReasonCode::Met)
        ]
    );
    let stranger = profile(&json!({"id": "b", "total_events": 6, "data": {"city": "Paris"}}));
    assert_eq!(
        reasons(&segment, &stranger),
        [
            path("/conditions/1", ReasonCode::NotMet),
            path("/groups/0/conditions/0", ReasonCode::NoValue),
            path("/groups/0/conditions/1", ReasonCode::NotMet)
        ]
    );
}

#[test]
fn what_changed_is_told_as_the_conditions_whose_answers_differ() {
    let segment = compiled(&json!({"logic": "and", "conditions": [
        {"field": "profile.last_seen_at", "operator": "within_last", "value": {"n": 30, "unit": "days"}},
        {"field": "profile.total_purchases", "operator": "greater_than", "value": 0},
    ]}));
    let facts = profile(&json!({"id": "a", "last_seen_at": "2026-03-01T12:00:00Z", "total_purchases": 1}));
    let (before, after) = (segment.at(now()), segment.at(now().plus_hours(1)));
    let (was, is) = (before.evaluate(&facts), after.evaluate(&facts));
    assert!(was.is_member() && !is.is_member());
    let changed = after.differences(&was, &is, &facts);
    assert_eq!(changed.len(), 1);
    assert_eq!((changed[0].path.as_str(), changed[0].code), ("/conditions/0", ReasonCode::NotMet));
    assert_eq!(changed[0].found, Some(json!("2026-03-01T12:00:00.000Z")));
}

#[test]
fn no_reason_and_no_debug_text_shows_what_could_name_a_person() {
    let facts = profile(&json!({
        "id": "a", "external_id": "jane-4711", "data": {"email": "jane@shop.example"}, "traits": {"name": "jane"},
        "events": [{"name": "Login", "time": "2026-03-01T12:00:00Z", "properties": {"user": "jane"}}],
    }));
    let condition = |field: &str| json!({"field": field, "operator": "contains", "value": "jane"});
    let segment = compiled(&json!({"logic": "and", "conditions": [
        condition("profile.external_id"), condition("data.email"), condition("trait.name"),
        condition("event.Login.property.user"),
    ]}));
    let segment = segment.at(now());
    let membership = segment.evaluate(&facts);
    assert!(membership.is_member());
    let shown = format!(
        "{:?} {facts:?} {:?} {segment:?} {:?}",
        segment.explain(&membership, &facts),
        facts.events,
        segment.to_sql()
    );
    assert!(!shown.contains("jane"), "{shown}");
}

#[test]
fn an_estimate_has_the_interval_of_wilson() {
    let ids: Vec<String> = (0..100_000).map(|number| format!("{number:05}")).collect();
    // Newcombe, Statistics in Medicine 17 (1998), table I, method 3.
    for (met, size, low, high) in
        [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (1, 29, 0.0061, 0.1718)]
    {
        let mut asked = 0;
        let estimate = preview(&ids, Some(PreviewSample { size, seed: 3 }), 10, |_| {
            asked += 1;
            asked <= met
        })
        .unwrap();
        assert_eq!((estimate.exact, estimate.evaluated, estimate.total), (false, u64::from(size), 100_000));
        for (found, published) in [(estimate.low, low), (estimate.high, high)] {
            let share = f64::from(u32::try_from(found).unwrap()) / 100_000.0;
            assert!((share - published).abs() < 0.000_06, "{met} of {size}: {share}, published {published}");
        }
    }
}

#[test]
fn a_sample_of_everybody_is_exact_and_another_seed_looks_at_others() {
    let ids: Vec<String> = (0..500).map(|number| format!("{number:03}")).collect();
    let all = preview(&ids, Some(PreviewSample { size: 500, seed: 1 }), 2, |row| row >= 490).unwrap();
    assert_eq!((all.count, all.exact, all.sample_profiles.join(" ")), (10, true, "490 491".to_owned()));
    let looked_at = |seed: u32| {
        let mut rows = Vec::new();
        preview(&ids, Some(PreviewSample { size: 50, seed }), 1, |row| {
            rows.push(row);
            false
        })
        .unwrap();
        rows.sort_unstable();
        rows
    };
    assert_eq!(looked_at(1), looked_at(1));
    assert_ne!(looked_at(1), looked_at(2));
}

#[test]
fn overlap_counts_both_and_either_and_is_not_defined_for_nobody() {
    let sets = [
        Bitmap::from_rows(200, 0..100),
        Bitmap::from_rows(200, 75..125),
        Bitmap::empty(200),
        Bitmap::empty(200),
    ];
    let pairs = overlap(&sets);
    assert_eq!(pairs.len(), 6);
    assert_eq!((pairs[0].both, pairs[0].either, pairs[0].jaccard), (25, 125, Some(0.2)));
    assert_eq!((pairs[5].first, pairs[5].second, pairs[5].jaccard), (2, 3, None));
}

//! A trust policy is refused with every problem that it has, each with its place; and what it may not loosen, it cannot.

use serde_json::{Value, json};
use stratum_core::policy::TrustPolicy;
use stratum_core::vocabulary::{GateSubject, HealthComponent};

/// The problems of a policy as `path code`, in the order in which they are found.
fn problems_of(policy: Value) -> Vec<String> {
    let policy: TrustPolicy = match serde_json::from_value(policy) {
        Ok(policy) => policy,
        Err(error) => return vec![error.to_string()],
    };
    let found = policy.compile().err();
    found
        .iter()
        .flat_map(|problems| problems.iter())
        .map(|problem| format!("{} {}", problem.path, problem.code))
        .collect()
}

#[test]
fn the_policies_that_are_shipped_compile() {
    for policy in [
        json!({}),
        json!({"preset": "FIVE"}),
        json!({"preset": "FOUR", "profile": "CAUTIOUS", "cdp_blend": true}),
    ] {
        assert_eq!(problems_of(policy), Vec::<String>::new());
    }
}

#[test]
fn a_policy_that_names_an_unknown_field_is_not_read() {
    assert!(serde_json::from_value::<TrustPolicy>(json!({"healthy_treshold": 70})).is_err());
}

#[test]
fn own_weights_need_the_preset_custom_and_the_preset_custom_needs_weights() {
    assert_eq!(
        problems_of(json!({"preset": "FIVE", "weights": {"EMQ": 100}})),
        ["/weights not_allowed_here"]
    );
    assert_eq!(problems_of(json!({"preset": "CUSTOM"})), ["/weights missing_field"]);
}

#[test]
fn own_weights_add_up_to_100_and_are_not_renormalised() {
    for weights in [json!({"EMQ": 40, "API_HEALTH": 59.9}), json!({"EMQ": 40, "API_HEALTH": 60.1})] {
        assert_eq!(problems_of(json!({"preset": "CUSTOM", "weights": weights})), ["/weights weights_sum"]);
    }
    // Ten times a tenth is 100 as people add, whatever the last bit of the doubles says.
    let tenths = json!({"EMQ": 33.3, "API_HEALTH": 33.3, "EVENT_LOSS": 33.3, "FRESHNESS": 0.1});
    assert_eq!(problems_of(json!({"preset": "CUSTOM", "weights": tenths})), Vec::<String>::new());
}

#[test]
fn own_weights_are_at_least_0_and_20_for_emq_and_the_blended_emq_has_none() {
    let weights = json!({"EMQ": 19.9, "API_HEALTH": -5, "EVENT_LOSS": 80.1, "CDP_EMQ": 5});
    assert_eq!(
        problems_of(json!({"preset": "CUSTOM", "weights": weights})),
        [
            "/weights/API_HEALTH below_minimum",
            "/weights/CDP_EMQ not_allowed_here",
            "/weights/EMQ below_minimum"
        ]
    );
}

#[test]
fn every_problem_of_the_thresholds_is_named_at_once() {
    let policy = json!({
        "healthy_threshold": 101,
        "degraded_threshold": 101,
        "overrides": {"BUDGET_INCREASE": 69.9999, "BUDGET_DECREASE": 100.5, "BID_INCREASE": 70},
    });
    let mut found = problems_of(policy);
    found.sort();
    assert_eq!(
        found,
        [
            "/degraded_threshold threshold_order",
            "/healthy_threshold out_of_range",
            "/overrides/BUDGET_DECREASE out_of_range",
            "/overrides/BUDGET_INCREASE threshold_too_low",
        ]
    );
    assert_eq!(problems_of(json!({"degraded_threshold": 0})), ["/degraded_threshold out_of_range"]);
}

#[test]
fn a_number_that_is_none_is_a_problem_and_not_a_threshold() {
    let mut policy = TrustPolicy { healthy_threshold: f64::NAN, ..TrustPolicy::default() };
    assert!(policy.compile().is_err());
    policy.healthy_threshold = 70.0;
    policy.degraded_threshold = f64::NEG_INFINITY;
    assert!(policy.compile().is_err());
    policy.degraded_threshold = 40.0;
    assert!(policy.compile().is_ok());
}

#[test]
fn a_component_of_weight_25_is_required_and_a_lighter_one_only_when_named() {
    let required = |policy: Value| -> Vec<HealthComponent> {
        let policy: TrustPolicy = serde_json::from_value(policy).unwrap();
        policy.compile().unwrap().required_components().collect()
    };
    let by_weight = required(json!({"preset": "FOUR"}));
    assert_eq!(by_weight, [HealthComponent::Emq, HealthComponent::Freshness]);
    let by_name = required(json!({"preset": "FOUR", "required_components": ["VARIANCE"]}));
    assert_eq!(by_name.len(), 3);
    assert!(by_name.contains(&HealthComponent::Variance));
}

#[test]
fn an_own_threshold_is_stricter_than_the_profile_and_never_laxer_than_70() {
    let policy: TrustPolicy =
        serde_json::from_value(json!({"overrides": {"BUDGET_INCREASE": 92.5}})).unwrap();
    let compiled = policy.compile().unwrap();
    assert!((compiled.threshold(GateSubject::BudgetIncrease) - 92.5).abs() < f64::EPSILON);
    for &subject in GateSubject::ALL {
        assert!(compiled.threshold(subject) >= 70.0, "{subject:?}");
    }
}

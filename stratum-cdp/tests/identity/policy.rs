//! Policies as data: presets, what differs from them, and everything that is wrong at once.

use serde_json::json;
use stratum_cdp::identity::{IdentityPolicy, IdentityPreset};

#[test]
fn strict_is_the_default_and_a_policy_survives_its_storage() {
    let empty: IdentityPolicy = serde_json::from_value(json!({})).unwrap();
    assert_eq!(empty, IdentityPolicy::preset(IdentityPreset::Strict));
    for policy in [
        IdentityPolicy::default(),
        IdentityPolicy::preset(IdentityPreset::Standard),
        IdentityPolicy { storm: None, max_cluster_ids: None, undo_days: None, ..IdentityPolicy::default() },
    ] {
        let stored = serde_json::to_value(&policy).unwrap();
        assert_eq!(serde_json::from_value::<IdentityPolicy>(stored).unwrap(), policy);
    }
}

#[test]
fn null_is_no_limit_and_a_type_that_is_left_out_keeps_its_own() {
    let policy: IdentityPolicy =
        serde_json::from_value(json!({"limits": {"email": null, "device_id": 0}, "storm": null})).unwrap();
    let limit = |kind: &str| policy.limit(kind.parse().unwrap());
    assert_eq!([limit("email"), limit("device_id"), limit("phone")], [None, Some(0), Some(10)]);
    assert_eq!(policy.storm, None);
    assert_eq!(policy.compile().unwrap().limit("email".parse().unwrap()), u32::MAX);
}

#[test]
fn everything_that_is_wrong_is_said_at_once() {
    let policy: IdentityPolicy = serde_json::from_value(json!({
        "limits": {"external_id": 0, "email": 0, "phone": 0, "device_id": 0, "anonymous_id": 0},
        "max_cluster_ids": 0,
        "evidence_threshold": 1.5,
        "blocked": {"email": [""]},
    }))
    .unwrap();
    let problems = policy.compile().unwrap_err();
    let found: Vec<(&str, &str)> =
        problems.iter().map(|problem| (problem.path.as_str(), problem.code.as_ref())).collect();
    assert_eq!(
        found,
        [
            ("/limits", "nothing_allowed"),
            ("/max_cluster_ids", "below_minimum"),
            ("/evidence_threshold", "out_of_range"),
            ("/blocked/email/0", "too_short"),
        ]
    );
    assert!(serde_json::from_value::<IdentityPolicy>(json!({"stict": true})).is_err());
}

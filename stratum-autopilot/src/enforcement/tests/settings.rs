use super::*;

#[test]
fn the_defaults_are_valid_and_those_of_the_specification() {
    let defaults = serde_json::to_value(settings().compile().unwrap().settings()).unwrap();
    assert_eq!(
        defaults,
        serde_json::json!({
            "enforcement_enabled": true, "default_mode": "SOFT_BLOCK", "max_daily_budget_increase_pct": 20.0,
            "max_campaign_budget_cents": 1_000_000, "roas_threshold": 2.0, "roas_lookback_days": 7,
            "max_changes_per_day": 10, "min_hours_between_changes": 4, "daily_spend_limit_cents": null,
            "ad_frequency_cap": 3.0, "pause_roas_frac": 0.5, "pause_min_spend_cents": 5000, "rules": [],
        })
    );
    assert_eq!(serde_json::from_str::<EnforcementSettings>("{}").unwrap(), settings());
}

#[test]
fn the_default_cap_is_ten_thousand_major_units_of_any_currency() {
    for (currency, cents) in [("USD", 1_000_000), ("JPY", 10_000), ("KWD", 10_000_000)] {
        let settings = EnforcementSettings::for_currency(currency.parse().unwrap());
        assert_eq!(settings.max_campaign_budget_cents, cents, "{currency}");
    }
}

#[test]
fn every_range_is_checked_and_all_problems_are_given_at_once() {
    let wrong = EnforcementSettings {
        max_daily_budget_increase_pct: 0.0,
        max_campaign_budget_cents: 0,
        roas_threshold: f64::NAN,
        roas_lookback_days: 0,
        max_changes_per_day: 1001,
        min_hours_between_changes: 169,
        daily_spend_limit_cents: Some(-1),
        ad_frequency_cap: 0.0,
        pause_roas_frac: 1.1,
        pause_min_spend_cents: -1,
        rules: vec![
            EnforcementRule::new("Über", ViolationType::BudgetExceeded, 0.5),
            EnforcementRule::new("twice", ViolationType::FrequencyCapExceeded, 0.0),
            EnforcementRule::new("twice", ViolationType::RoasBelowThreshold, f64::INFINITY),
        ],
        ..settings()
    };
    let problems = wrong.compile().unwrap_err();
    let found: Vec<(&str, &str)> =
        problems.iter().map(|problem| (problem.path.as_str(), problem.code.as_ref())).collect();
    assert_eq!(
        found,
        [
            ("/max_daily_budget_increase_pct", "out_of_range"),
            ("/roas_threshold", "not_a_number"),
            ("/ad_frequency_cap", "out_of_range"),
            ("/pause_roas_frac", "out_of_range"),
            ("/roas_lookback_days", "out_of_range"),
            ("/max_changes_per_day", "out_of_range"),
            ("/min_hours_between_changes", "out_of_range"),
            ("/max_campaign_budget_cents", "out_of_range"),
            ("/daily_spend_limit_cents", "out_of_range"),
            ("/pause_min_spend_cents", "out_of_range"),
            ("/rules/0/rule_id", "invalid_rule_id"),
            ("/rules/0/threshold_value", "not_whole"),
            ("/rules/1/threshold_value", "out_of_range"),
            ("/rules/2/threshold_value", "not_a_number"),
            ("/rules/2/rule_id", "duplicate_rule"),
        ]
    );
}

#[test]
fn the_edges_of_every_range_are_inside() {
    for edge in [
        EnforcementSettings { max_daily_budget_increase_pct: 100.0, ..settings() },
        EnforcementSettings { roas_lookback_days: 1, ..settings() },
        EnforcementSettings { roas_lookback_days: 90, ..settings() },
        EnforcementSettings { max_changes_per_day: 1, ..settings() },
        EnforcementSettings { max_changes_per_day: 1000, ..settings() },
        EnforcementSettings { min_hours_between_changes: 0, ..settings() },
        EnforcementSettings { min_hours_between_changes: 168, ..settings() },
        EnforcementSettings { roas_threshold: 0.0, pause_roas_frac: 0.0, ..settings() },
        EnforcementSettings { pause_roas_frac: 1.0, pause_min_spend_cents: 0, ..settings() },
        EnforcementSettings { daily_spend_limit_cents: Some(0), ..settings() },
    ] {
        edge.compile().unwrap();
    }
    let too_much = EnforcementSettings { max_daily_budget_increase_pct: 100.1, ..settings() };
    assert_eq!(too_much.compile().unwrap_err().len(), 1);
}

#[test]
fn an_unknown_violation_type_or_field_is_refused_when_read() {
    let read = |text: &str| serde_json::from_str::<EnforcementRule>(text);
    let valid = r#"{"rule_id": "a", "rule_type": "budget_exceeded", "threshold_value": 1}"#;
    assert!(read(valid).unwrap().enabled);
    assert!(read(&valid.replace("budget_exceeded", "budget_too_nice")).is_err());
    assert!(read(&valid.replace("threshold_value", "treshold_value")).is_err());
    assert!(serde_json::from_str::<EnforcementSettings>(r#"{"max_budget": 1}"#).is_err());
}

#[test]
fn equal_settings_have_equal_digests_and_a_change_changes_it() {
    let digest = |settings: &EnforcementSettings| settings.compile().unwrap().digest();
    assert_eq!(digest(&settings()), digest(&serde_json::from_str("{}").unwrap()));
    assert_ne!(digest(&settings()), digest(&with_mode(EnforcementMode::Advisory)));
}

#[test]
fn the_strictest_mode_among_the_violated_limits_decides() {
    let raise = raise(10_000, 13_000);
    for (default_mode, own_mode, mode, allowed, confirmation) in [
        ("ADVISORY", "ADVISORY", "ADVISORY", true, false),
        ("ADVISORY", "SOFT_BLOCK", "SOFT_BLOCK", false, true),
        ("HARD_BLOCK", "SOFT_BLOCK", "HARD_BLOCK", false, false),
        ("SOFT_BLOCK", "HARD_BLOCK", "HARD_BLOCK", false, false),
    ] {
        let mut settings = with_mode(default_mode.parse().unwrap());
        settings.rules = vec![EnforcementRule {
            enforcement_mode: Some(own_mode.parse().unwrap()),
            ..EnforcementRule::new("own", ViolationType::BudgetExceeded, 12_000.0)
        }];
        let answer = check(&settings.compile().unwrap(), &raise, &good_facts());
        assert_eq!(answer.violations.len(), 2);
        assert_eq!(
            (answer.mode.as_str(), answer.allowed, answer.requires_confirmation),
            (mode, allowed, confirmation)
        );
    }
}

#[test]
fn without_a_violation_the_mildest_mode_is_named_and_the_change_is_allowed() {
    let answer = check(
        &with_mode(EnforcementMode::HardBlock).compile().unwrap(),
        &raise(10_000, 12_000),
        &good_facts(),
    );
    assert!(answer.allowed && !answer.requires_confirmation && answer.violations.is_empty());
    assert_eq!(answer.mode, EnforcementMode::Advisory);
}

#[test]
fn switching_enforcement_off_removes_automation_and_not_the_limits() {
    let off = EnforcementSettings { enforcement_enabled: false, ..settings() };
    assert_eq!(found(&off, &raise(10_000, 12_001), &good_facts()), ["DAILY_INCREASE"]);
}

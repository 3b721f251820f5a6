//! The worked examples and rules of health as a whole. The curves are tested beside their formulas.

use super::*;
use crate::policy::{CompiledTrustPolicy, TrustPolicy};
use crate::time::Timestamp;
use crate::vocabulary::{
    HealthComponent, HealthPreset, HealthStatus, IncidentKind, IncidentSeverity, Platform,
};

pub(super) fn noon() -> Timestamp {
    "2026-03-01T12:00:00Z".parse().unwrap()
}

pub(super) fn facts() -> HealthFacts {
    let tenant = "0198c9a0-0000-7000-8000-000000000001".parse().unwrap();
    HealthFacts::new(tenant, Platform::Meta, noon()).with_data_as_of(noon().plus_hours(-1))
}

pub(super) fn policy(preset: HealthPreset) -> CompiledTrustPolicy {
    TrustPolicy::with_preset(preset).compile().unwrap()
}

/// EMQ 80, error rate 2 %, loss 5 %, everything synchronised and steady, every record good.
pub(super) fn five_example() -> Measurements {
    Measurements {
        emq: vec![EmqReading::score(80.0, noon())],
        api: Some(ApiCalls { requests: 50.0, failures: 1.0, credentials_valid: Some(true) }),
        event_loss: Some(EventTotals { expected: Some(200.0), received: 190.0 }),
        platform_stability: Some(StabilityFacts {
            sync_ok: 24.0,
            sync_failed: 0.0,
            daily_emq: vec![Some(80.0); 7],
            open_incidents: vec![],
        }),
        data_quality: Some(RecordTotals { total: 10.0, valid: 10.0, complete: 10.0, duplicate: 0.0 }),
        ..Measurements::default()
    }
}

fn codes(snapshot: &HealthSnapshot) -> Vec<(HealthIssueCode, Option<HealthComponent>)> {
    snapshot.issues.iter().map(|issue| (issue.code, issue.component)).collect()
}

#[test]
fn the_worked_example_of_preset_five_scores_88_5() {
    let health = evaluate(&policy(HealthPreset::Five), &facts().with_measurements(five_example())).unwrap();
    assert_eq!(health.score.get(), 88.5);
    assert_eq!(health.status, HealthStatus::Healthy);
    assert_eq!(health.coverage_pct, 100.0);
    let contributions: Vec<f64> = health.components.iter().map(|reading| reading.contribution).collect();
    assert_eq!(contributions, [28.0, 22.5, 18.0, 10.0, 10.0]);
    assert_eq!(codes(&health), []);
    assert_eq!(health.api, ApiFacts { requests: 50, failures: 1, credentials_valid: Some(true) });
    assert_eq!(health.computed_at, noon());
}

#[test]
fn the_same_without_emq_scores_60_5_with_coverage_65() {
    let measured = Measurements { emq: vec![], ..five_example() };
    let health = evaluate(&policy(HealthPreset::Five), &facts().with_measurements(measured)).unwrap();
    assert_eq!((health.score.get(), health.coverage_pct), (60.5, 65.0));
    assert_eq!(health.status, HealthStatus::Degraded);
    assert_eq!(codes(&health), [(HealthIssueCode::ComponentMissing, Some(HealthComponent::Emq))]);
    assert_eq!(health.component(HealthComponent::Emq), None);
}

/// Seven days whose revenue sums to 1000 at GA4 and 1180 at the platform, and an anomaly z from outside.
fn variance_of_18_pct() -> DailyMetrics {
    let last = noon().utc_date().pred_opt().unwrap();
    let days = (0..7)
        .map(|ago: u64| DailyRow {
            revenue_cents: Some(if ago == 0 { 580.0 } else { 100.0 }),
            ga4_revenue_cents: Some(if ago == 0 { 400.0 } else { 100.0 }),
            ..DailyRow::new(last.checked_sub_days(chrono::Days::new(ago)).unwrap())
        })
        .collect();
    DailyMetrics { last_complete_day: last, days }
}

#[test]
fn the_worked_example_of_preset_four_scores_87_5() {
    let measured = Measurements {
        emq: vec![EmqReading::rating(9.5, noon())],
        platform_data_at: Some(noon().plus_hours(-20)),
        daily: Some(variance_of_18_pct()),
        ..Measurements::default()
    };
    let facts = facts()
        .with_measurements(measured)
        .with_component(HealthComponent::Anomaly, components::anomaly_score(2.1));
    let health = evaluate(&policy(HealthPreset::Four), &facts).unwrap();
    // 38 + 25 + 10.4 + 14.1
    assert_eq!(health.score.get(), 87.5);
    assert_eq!(health.component(HealthComponent::Variance).unwrap().get(), 52.0);
    assert_eq!(health.component(HealthComponent::Anomaly).unwrap().get(), 94.0);
    assert_eq!(codes(&health), [(HealthIssueCode::ComponentLow, Some(HealthComponent::Variance))]);
    assert_eq!((health.issues[0].actual, health.issues[0].limit), (Some(52.0), Some(70.0)));
}

#[test]
fn the_second_example_of_preset_four_scores_63_5() {
    let measured = Measurements {
        emq: vec![EmqReading::score(90.0, noon())],
        platform_data_at: Some(noon().plus_hours(-36)),
        ..Measurements::default()
    };
    let facts = facts()
        .with_measurements(measured)
        .with_component(HealthComponent::Anomaly, components::anomaly_score(1.0));
    let health = evaluate(&policy(HealthPreset::Four), &facts).unwrap();
    // 36 + 12.5 + 0 + 15
    assert_eq!((health.score.get(), health.coverage_pct), (63.5, 80.0));
    assert_eq!(health.status, HealthStatus::Degraded);
}

#[test]
fn nothing_measured_scores_0_is_unhealthy_and_says_no_data() {
    let mut facts = facts();
    facts.data_as_of = None;
    let health = evaluate(&policy(HealthPreset::Five), &facts).unwrap();
    assert_eq!((health.score.get(), health.coverage_pct), (0.0, 0.0));
    assert_eq!(health.status, HealthStatus::Unhealthy);
    assert_eq!(health.issues[0].code, HealthIssueCode::NoData);
    assert_eq!(
        health.issues.iter().filter(|issue| issue.code == HealthIssueCode::ComponentMissing).count(),
        5
    );
    assert_eq!(health.issues.last().unwrap().code, HealthIssueCode::DataStale);
    assert_eq!(health.issues.last().unwrap().actual, None);
}

#[test]
fn without_emq_the_most_is_65_under_five_and_60_under_four() {
    for (preset, most) in [(HealthPreset::Five, 65.0), (HealthPreset::Four, 60.0)] {
        let policy = policy(preset);
        let mut given = facts();
        for (component, _) in policy.components().filter(|(name, _)| *name != HealthComponent::Emq) {
            given = given.with_component(component, 100.0);
        }
        assert_eq!(evaluate(&policy, &given).unwrap().score.get(), most);
    }
}

#[test]
fn all_components_at_70_score_exactly_70_and_at_100_exactly_100() {
    for preset in [HealthPreset::Five, HealthPreset::Four] {
        for blend in [false, true] {
            let policy =
                TrustPolicy { cdp_blend: blend, ..TrustPolicy::with_preset(preset) }.compile().unwrap();
            for same in [70.0, 100.0] {
                let given = HealthComponent::ALL
                    .iter()
                    .fold(facts(), |facts, &name| facts.with_component(name, same));
                assert_eq!(evaluate(&policy, &given).unwrap().score.get(), same);
            }
        }
    }
}

#[test]
fn the_status_turns_at_70_and_at_40() {
    let policy = policy(HealthPreset::Five);
    for (value, status) in [
        (70.0, HealthStatus::Healthy),
        (69.999, HealthStatus::Degraded),
        (40.0, HealthStatus::Degraded),
        (39.999, HealthStatus::Unhealthy),
    ] {
        let given =
            HealthComponent::ALL.iter().fold(facts(), |facts, &name| facts.with_component(name, value));
        let health = evaluate(&policy, &given).unwrap();
        assert_eq!((health.score.get(), health.status), (value, status));
    }
}

#[test]
fn a_component_both_given_and_measured_is_refused() {
    let facts = facts().with_measurements(five_example()).with_component(HealthComponent::EventLoss, 90.0);
    let problems = evaluate(&policy(HealthPreset::Five), &facts).unwrap_err();
    let problem = problems.iter().next().unwrap();
    assert_eq!(
        (problem.path.as_str(), problem.code.as_ref()),
        ("/components/EVENT_LOSS", "component_given_twice")
    );
    assert_eq!(problems.len(), 1);
}

#[test]
fn a_given_score_that_is_no_number_is_missing_and_one_outside_0_to_100_is_refused() {
    let policy = policy(HealthPreset::Five);
    let missing = facts().with_component(HealthComponent::Emq, f64::NAN);
    assert_eq!(evaluate(&policy, &missing).unwrap().component(HealthComponent::Emq), None);
    for (outside, component) in [(100.001, HealthComponent::Emq), (-0.001, HealthComponent::Emq)] {
        let problems = evaluate(&policy, &facts().with_component(component, outside)).unwrap_err();
        assert_eq!(problems.iter().next().unwrap().path, "/components/EMQ");
        assert_eq!(problems.iter().next().unwrap().code, "out_of_range");
    }
}

#[test]
fn every_impossible_measurement_is_named_at_once() {
    let mut twice = variance_of_18_pct();
    twice.days.push(DailyRow { spend_cents: Some(-1.0), ..twice.days[0].clone() });
    let measured = Measurements {
        emq: vec![
            EmqReading::score(100.5, noon()),
            EmqReading::rating(-0.5, noon()).of_event("Purchase", Some(-3.0)),
            EmqReading { rating: Some(5.0), ..EmqReading::score(50.0, noon()) },
        ],
        api: Some(ApiCalls { requests: 3.0, failures: 4.0, credentials_valid: None }),
        event_loss: Some(EventTotals { expected: Some(-2.0), received: 1.5 }),
        platform_stability: Some(StabilityFacts {
            sync_ok: -1.0,
            daily_emq: vec![Some(101.0); 8],
            ..StabilityFacts::default()
        }),
        data_quality: Some(RecordTotals { total: 2.0, valid: 3.0, complete: 2.0, duplicate: 1e300 }),
        daily: Some(twice),
        cdp_emq: Some(-1.0),
        ..Measurements::default()
    };
    let problems = evaluate(&policy(HealthPreset::Five), &facts().with_measurements(measured)).unwrap_err();
    let found: Vec<(&str, &str)> =
        problems.iter().map(|problem| (problem.path.as_str(), problem.code.as_ref())).collect();
    let mut expected = vec![
        ("/measurements/emq/0/score", "out_of_range"),
        ("/measurements/emq/1/rating", "out_of_range"),
        ("/measurements/emq/1/volume", "below_minimum"),
        ("/measurements/emq/2", "exactly_one"),
        ("/measurements/api/failures", "exceeds_total"),
        ("/measurements/event_loss/expected", "below_minimum"),
        ("/measurements/event_loss/received", "not_whole"),
        ("/measurements/platform_stability/sync_ok", "below_minimum"),
        ("/measurements/platform_stability/daily_emq", "too_many"),
    ];
    let daily: Vec<String> =
        (0..8).map(|day| format!("/measurements/platform_stability/daily_emq/{day}")).collect();
    expected.extend(daily.iter().map(|path| (path.as_str(), "out_of_range")));
    expected.extend([
        ("/measurements/data_quality/valid", "exceeds_total"),
        ("/measurements/data_quality/duplicate", "out_of_range"),
        ("/measurements/data_quality/duplicate", "exceeds_total"),
        ("/measurements/daily/days/7/date", "duplicate_day"),
        ("/measurements/daily/days/7/spend_cents", "below_minimum"),
        ("/measurements/cdp_emq", "out_of_range"),
    ]);
    assert_eq!(found, expected);
}

#[test]
fn a_measurement_that_is_no_number_counts_as_missing() {
    let nan = f64::NAN;
    let measured = Measurements {
        emq: vec![EmqReading::score(nan, noon())],
        api: Some(ApiCalls { requests: 10.0, failures: nan, credentials_valid: Some(true) }),
        event_loss: Some(EventTotals { expected: Some(f64::INFINITY), received: 1.0 }),
        platform_stability: Some(StabilityFacts { sync_ok: nan, ..StabilityFacts::default() }),
        data_quality: Some(RecordTotals { total: 2.0, valid: nan, complete: 2.0, duplicate: 0.0 }),
        cdp_emq: Some(nan),
        ..Measurements::default()
    };
    let health = evaluate(&policy(HealthPreset::Five), &facts().with_measurements(measured)).unwrap();
    assert_eq!((health.score.get(), health.coverage_pct), (0.0, 0.0));
    assert!(!health.api.is_down(), "counts that are not known do not say that every call failed");
}

#[test]
fn data_older_than_48_hours_are_stale_whatever_the_preset() {
    for preset in [HealthPreset::Five, HealthPreset::Four] {
        let policy = policy(preset);
        let stale = |data_as_of| {
            let facts = facts().with_data_as_of(data_as_of);
            evaluate(&policy, &facts)
                .unwrap()
                .issues
                .into_iter()
                .find(|it| it.code == HealthIssueCode::DataStale)
        };
        assert_eq!(stale(noon().plus_hours(-48)), None);
        let issue = stale(noon().plus_hours(-48).plus_millis(-1)).unwrap();
        assert_eq!((issue.actual, issue.limit), (Some(48.000_000_278), Some(48.0)));
        assert_eq!(stale(noon().plus_minutes(5)), None);
        assert_eq!(stale(noon().plus_minutes(5).plus_millis(1)).unwrap().actual, None);
    }
}

#[test]
fn data_as_of_is_that_of_the_measurements_unless_given() {
    let mut facts = facts();
    facts.measurements.platform_data_at = Some(noon().plus_hours(-30));
    assert_eq!(facts.newest_data(), Some(noon().plus_hours(-1)));
    facts.data_as_of = None;
    let health = evaluate(&policy(HealthPreset::Five), &facts).unwrap();
    assert_eq!(health.data_as_of, Some(noon().plus_hours(-30)));
}

#[test]
fn invalid_credentials_are_reported_under_every_preset() {
    let measured = Measurements {
        api: Some(ApiCalls { requests: 0.0, failures: 0.0, credentials_valid: Some(false) }),
        ..Measurements::default()
    };
    for preset in [HealthPreset::Five, HealthPreset::Four] {
        let health = evaluate(&policy(preset), &facts().with_measurements(measured.clone())).unwrap();
        assert!(health.issues.iter().any(|issue| issue.code == HealthIssueCode::CredentialsInvalid));
        assert!(health.api.is_down());
    }
}

#[test]
fn the_blend_counts_the_tenants_own_events_a_tenth() {
    let policy = TrustPolicy { cdp_blend: true, ..TrustPolicy::default() }.compile().unwrap();
    let measured = Measurements { cdp_emq: Some(60.0), ..five_example() };
    let health = evaluate(&policy, &facts().with_measurements(measured)).unwrap();
    // 0.9 · 88.5 + 0.1 · 60
    assert_eq!(health.score.get(), 85.65);
    let silent = evaluate(&policy, &facts().with_measurements(five_example())).unwrap();
    // 0.9 · 88.5 + 0
    assert_eq!((silent.score.get(), silent.coverage_pct), (79.65, 90.0));
}

#[test]
fn an_unknown_field_is_refused_and_enumerations_are_read_in_any_case() {
    let parse = |text: &str| serde_json::from_str::<Measurements>(text);
    assert!(parse(r#"{"emqq": []}"#).is_err());
    assert!(parse(r#"{"api": {"requests": 1, "failures": 0, "typo": 1}}"#).is_err());
    let measured = parse(
        r#"{"platform_stability": {"sync_ok": 1, "sync_failed": 0,
            "open_incidents": [{"kind": "platform", "severity": "critical"}]}}"#,
    )
    .unwrap();
    let incident = measured.platform_stability.unwrap().open_incidents[0];
    assert_eq!((incident.kind, incident.severity), (IncidentKind::Platform, IncidentSeverity::Critical));
}

#[test]
fn facts_and_snapshots_survive_json() {
    let facts = facts().with_measurements(five_example()).with_component(HealthComponent::Anomaly, 94.0);
    let again: HealthFacts = serde_json::from_str(&serde_json::to_string(&facts).unwrap()).unwrap();
    assert_eq!(again, facts);
    let health = evaluate(&policy(HealthPreset::Five), &facts).unwrap();
    let again: HealthSnapshot = serde_json::from_str(&serde_json::to_string(&health).unwrap()).unwrap();
    assert_eq!(again, health);
}

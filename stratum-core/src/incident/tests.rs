//! The rules of incidents, one sentence each.

use super::*;
use crate::Timestamp;
use crate::anomaly::{AnomalyMetric, MetricSeries};
use crate::health::{ApiCalls, HealthFacts, HealthSnapshot, Measurements, evaluate};
use crate::id::{IncidentId, TenantId, UserId};
use crate::policy::TrustPolicy;
use crate::vocabulary::{HealthComponent, HealthPreset, IncidentKind, IncidentSeverity, Platform};

fn start() -> Timestamp {
    "2026-03-01T12:00:00Z".parse().unwrap()
}

fn after(steps: usize, minutes: i64) -> Timestamp {
    start().plus_minutes(minutes.saturating_mul(i64::try_from(steps).unwrap()))
}

fn tenant() -> TenantId {
    "0198c9a0-0000-7000-8000-000000000001".parse().unwrap()
}

fn user() -> UserId {
    "0198c9a0-0000-7000-8000-000000000009".parse().unwrap()
}

fn id(kind: IncidentKind) -> IncidentId {
    IncidentId::v7(start(), [u8::try_from(kind.index()).unwrap(); 10])
}

/// A snapshot of preset FOUR with all components at `score`; the API is no component there.
fn snapshot(score: f64, api_down: bool, at: Timestamp) -> HealthSnapshot {
    let policy = TrustPolicy::with_preset(HealthPreset::Four).compile().unwrap();
    let failures = if api_down { 4.0 } else { 0.0 };
    let measured = Measurements {
        api: Some(ApiCalls { requests: 4.0, failures, credentials_valid: None }),
        ..Measurements::default()
    };
    let facts = HealthFacts::new(tenant(), Platform::Meta, at).with_measurements(measured);
    let facts = [
        HealthComponent::Emq,
        HealthComponent::Freshness,
        HealthComponent::Variance,
        HealthComponent::Anomaly,
    ]
    .into_iter()
    .fold(facts, |facts, component| facts.with_component(component, score));
    evaluate(&policy, &facts).unwrap()
}

/// Runs evaluations 5 minutes apart; gives the state and what happened at each.
fn run(
    evaluations: &[(f64, bool)],
) -> (PlatformIncidents, Vec<(usize, TimelineKind, IncidentKind, IncidentSeverity)>) {
    let mut state = PlatformIncidents::new(tenant(), Platform::Meta);
    let mut happened = Vec::new();
    for (position, &(score, down)) in evaluations.iter().enumerate() {
        let at = after(position, 5);
        let step = state.observe(&snapshot(score, down, at), Some(80.0), id).unwrap();
        happened.extend(
            step.events.iter().map(|it| (position, it.entry, it.incident.kind, it.incident.severity)),
        );
        state = step.state;
    }
    (state, happened)
}

fn healthy(scores: &[f64]) -> Vec<(f64, bool)> {
    scores.iter().map(|&score| (score, false)).collect()
}

use IncidentKind::{Platform as Api, SignalHealth};
use IncidentSeverity::{Critical, High};
use TimelineKind::{Degradation, IncidentClosed, IncidentOpened};

#[test]
fn the_second_evaluation_below_70_in_a_row_opens_an_incident() {
    assert_eq!(run(&healthy(&[69.999, 70.0, 69.999, 70.0])).1, []);
    assert_eq!(run(&healthy(&[69.999, 69.999])).1, [(1, IncidentOpened, SignalHealth, High)]);
    assert_eq!(run(&healthy(&[70.0, 70.0])).1, []);
}

#[test]
fn it_is_critical_below_40_and_high_from_40() {
    assert_eq!(run(&healthy(&[40.0, 40.0])).1, [(1, IncidentOpened, SignalHealth, High)]);
    assert_eq!(run(&healthy(&[69.0, 39.999])).1, [(1, IncidentOpened, SignalHealth, Critical)]);
}

#[test]
fn severity_rises_once_and_never_falls() {
    let (state, happened) = run(&healthy(&[60.0, 60.0, 39.0, 38.0, 60.0, 39.0]));
    assert_eq!(happened, [(1, IncidentOpened, SignalHealth, High), (2, Degradation, SignalHealth, Critical)]);
    assert_eq!(state.open[&SignalHealth].severity, Critical);
}

#[test]
fn the_third_evaluation_at_70_or_more_in_a_row_closes_it() {
    let (state, happened) = run(&healthy(&[60.0, 60.0, 70.0, 70.0, 69.9, 70.0, 70.0, 70.0]));
    assert_eq!(happened, [(1, IncidentOpened, SignalHealth, High), (7, IncidentClosed, SignalHealth, High)]);
    assert!(state.open.is_empty());
}

#[test]
fn after_closing_two_more_bad_evaluations_open_another() {
    let happened = run(&healthy(&[60.0, 60.0, 70.0, 70.0, 70.0, 60.0, 60.0])).1;
    assert_eq!(happened.last(), Some(&(6, IncidentOpened, SignalHealth, High)));
}

#[test]
fn an_api_that_is_down_opens_an_incident_of_the_platform_even_at_full_health() {
    let (state, happened) =
        run(&[(100.0, true), (100.0, true), (100.0, false), (100.0, false), (100.0, true)]);
    assert_eq!(happened, [(1, IncidentOpened, Api, Critical)]);
    assert_eq!(state.good_in_a_row, 0);
}

#[test]
fn one_incident_of_each_kind_is_open_at_most() {
    let (state, happened) =
        run(&[(60.0, false), (60.0, false), (60.0, true), (60.0, true), (60.0, false), (60.0, true)]);
    assert_eq!(
        happened,
        [
            (1, IncidentOpened, SignalHealth, High),
            (2, Degradation, SignalHealth, Critical),
            (2, IncidentOpened, Api, Critical),
        ]
    );
    assert_eq!(state.open.len(), 2);
    // Both close together.
    let mut state = state;
    for minutes in [100, 105, 110] {
        state = state.observe(&snapshot(90.0, false, start().plus_minutes(minutes)), None, id).unwrap().state;
    }
    assert!(state.open.is_empty());
}

#[test]
fn an_evaluation_that_is_not_newer_changes_nothing() {
    let (state, _) = run(&healthy(&[60.0]));
    let again = state.observe(&snapshot(60.0, false, start()), None, id).unwrap();
    assert_eq!((again.state, again.events.len()), (state, 0));
}

#[test]
fn a_snapshot_of_another_tenant_or_platform_is_refused() {
    let state = PlatformIncidents::new(tenant(), Platform::Google);
    let ours = snapshot(60.0, false, start());
    assert_eq!(state.observe(&ours, None, id).unwrap_err().code, "wrong_platform");
    let other =
        PlatformIncidents::new("0198c9a0-0000-7000-8000-000000000002".parse().unwrap(), Platform::Meta);
    assert_eq!(other.observe(&ours, None, id).unwrap_err().code, "wrong_tenant");
}

#[test]
fn the_record_tells_the_recovery_time_and_what_it_cost_in_emq() {
    let mut state = PlatformIncidents::new(tenant(), Platform::Meta);
    let mut closed = None;
    for (position, score) in [60.0, 50.0, 70.0, 80.0, 90.0].into_iter().enumerate() {
        let at = after(position, 5);
        let step = state.observe(&snapshot(score, false, at), Some(82.5), id).unwrap();
        closed = step.events.into_iter().find(|event| event.entry == IncidentClosed);
        state = step.state;
    }
    let incident = closed.unwrap().incident;
    assert_eq!(incident.status, IncidentStatus::Closed);
    // Opened at the second evaluation, closed at the fifth: 15 minutes.
    assert_eq!(incident.recovery_hours(), Some(0.25));
    // (50 + 70 + 80 + 90) / 4 = 72.5
    assert_eq!(incident.emq_impact(), Some(-10.0));
    let entries: Vec<TimelineKind> = incident.timeline.iter().map(|entry| entry.entry).collect();
    assert_eq!(entries, [IncidentOpened, IncidentClosed]);
}

#[test]
fn an_open_incident_has_no_recovery_time_and_without_a_past_no_impact() {
    let mut state = PlatformIncidents::new(tenant(), Platform::Meta);
    for minutes in [0, 5] {
        state = state.observe(&snapshot(60.0, false, start().plus_minutes(minutes)), None, id).unwrap().state;
    }
    let incident = &state.open[&SignalHealth];
    assert_eq!((incident.recovery_hours(), incident.emq_impact()), (None, None));
}

#[test]
fn an_open_incident_is_acknowledged_once() {
    let (state, _) = run(&healthy(&[60.0, 60.0]));
    let at = start().plus_hours(1);
    let step = state.acknowledge(SignalHealth, user(), at, Some("on it".into())).unwrap();
    let incident = &step.state.open[&SignalHealth];
    assert_eq!((incident.status, incident.acknowledged_by), (IncidentStatus::Acknowledged, Some(user())));
    assert_eq!(incident.timeline.last().unwrap().note.as_deref(), Some("on it"));
    assert_eq!(step.events[0].entry, TimelineKind::Acknowledged);
    let again = step.state.acknowledge(SignalHealth, user(), at, None).unwrap_err();
    assert_eq!(
        (again.code.as_ref(), again.message.as_str()),
        ("invalid_transition", "ACKNOWLEDGED -> ACKNOWLEDGED")
    );
    assert_eq!(state.acknowledge(Api, user(), at, None).unwrap_err().code, "not_found");
}

/// Mean 90, sample standard deviation 2.
const WEEK: [f64; 7] = [88.0, 92.0, 88.0, 92.0, 88.0, 92.0, 90.0];

fn emq(value: f64) -> [MetricSeries<'static>; 1] {
    [MetricSeries { metric: AnomalyMetric::EmqScore, value, previous: &WEEK }]
}

#[test]
fn a_harmful_anomaly_of_emq_opens_is_raised_and_closes_on_the_first_calm_day() {
    let mut state = PlatformIncidents::new(tenant(), Platform::Meta);
    let mut happened = Vec::new();
    // z = −2.5 medium, −3 high, −4 critical, −2.5 still harmful, −2 near only
    for (day, value) in [85.0, 84.0, 82.0, 85.0, 86.0].into_iter().enumerate() {
        let at = after(day, 24 * 60);
        let step = state.observe_day(&emq(value), at, Some(90.0), id);
        happened.extend(step.events.iter().map(|it| (day, it.entry, it.incident.kind, it.incident.severity)));
        state = step.state;
    }
    assert_eq!(
        happened,
        [
            (1, IncidentOpened, IncidentKind::Emq, High),
            (2, Degradation, IncidentKind::Emq, Critical),
            (4, IncidentClosed, IncidentKind::Emq, Critical),
        ]
    );
}

#[test]
fn a_metric_that_cannot_be_judged_leaves_its_incident_open() {
    let open =
        PlatformIncidents::new(tenant(), Platform::Meta).observe_day(&emq(80.0), start(), None, id).state;
    let unknown = MetricSeries { metric: AnomalyMetric::EmqScore, value: f64::NAN, previous: &WEEK };
    for day in [&[][..], &[unknown][..]] {
        let step = open.observe_day(day, start().plus_hours(24), None, id);
        assert_eq!((step.state, step.events.len()), (open.clone(), 0));
    }
}

#[test]
fn an_anomaly_upwards_of_event_loss_opens_an_incident_and_one_of_spend_does_not() {
    let state = PlatformIncidents::new(tenant(), Platform::Meta);
    let day = |metric| [MetricSeries { metric, value: 98.0, previous: &WEEK }];
    let step = state.observe_day(&day(AnomalyMetric::EventLossPct), start(), None, id);
    assert_eq!(step.events[0].incident.kind, IncidentKind::Anomaly);
    assert!(state.observe_day(&day(AnomalyMetric::Spend), start(), None, id).events.is_empty());
    assert!(state.observe_day(&emq(98.0), start(), None, id).events.is_empty());
}

#[test]
fn health_neither_raises_nor_closes_the_incidents_of_daily_metrics() {
    let mut state =
        PlatformIncidents::new(tenant(), Platform::Meta).observe_day(&emq(84.0), start(), None, id).state;
    for (minutes, score) in [(5, 10.0), (10, 90.0), (15, 90.0), (20, 90.0)] {
        state =
            state.observe(&snapshot(score, false, start().plus_minutes(minutes)), None, id).unwrap().state;
    }
    assert_eq!(state.open[&IncidentKind::Emq].severity, High);
}

#[test]
fn the_state_survives_json_and_ignores_fields_of_later_versions() {
    let (state, _) = run(&healthy(&[60.0, 60.0]));
    let mut json = serde_json::to_value(&state).unwrap();
    json["added_later"] = serde_json::json!(1);
    assert_eq!(serde_json::from_value::<PlatformIncidents>(json).unwrap(), state);
}

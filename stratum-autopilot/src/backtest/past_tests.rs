//! Policies tried on the health of past days.

use std::collections::BTreeMap;

use proptest::prelude::*;
use serde_json::json;
use stratum_core::Timestamp;
use stratum_core::gate::GateReason;
use stratum_core::policy::{FIVE, TrustPolicy};
use stratum_core::vocabulary::{
    ActionType, GateDecision, GateSubject, HealthComponent, HealthPreset, Platform,
};

use super::*;
use crate::decision::samples::record;

fn day(number: i64) -> Timestamp {
    "2026-02-01T00:00:00Z".parse::<Timestamp>().unwrap().plus_hours(number.saturating_mul(24))
}

/// A day on which every component had this score.
fn at(number: i64, score: f64) -> PastHealth {
    PastHealth::new(day(number), FIVE.iter().map(|&(component, _)| (component, Some(score))).collect())
}

fn meta(points: Vec<PastHealth>) -> Vec<PlatformHistory> {
    vec![PlatformHistory { platform: Platform::Meta, points }]
}

fn policy(trust: TrustPolicy) -> BacktestPolicy {
    BacktestPolicy { trust, enforcement: None }
}

fn healthy_from(healthy_threshold: f64) -> BacktestPolicy {
    policy(TrustPolicy { healthy_threshold, ..TrustPolicy::default() })
}

fn decisions(run: &BacktestRun) -> Vec<GateDecision> {
    run.verdicts.iter().map(|verdict| verdict.decision).collect()
}

#[test]
fn each_day_is_judged_for_every_kind_of_change() {
    let mut request = BacktestRequest::new(BacktestPolicy::default(), meta(vec![at(0, 75.0), at(1, 69.9)]));
    request.policy.trust.overrides.insert(ActionType::BudgetIncrease, 80.0);
    request.action_types = vec![GateSubject::BudgetIncrease, GateSubject::PauseCampaign];
    let run = run(&request).unwrap();
    assert_eq!((run.executed, run.held, run.blocked), (1, 3, 0));
    assert_eq!(
        decisions(&run),
        [GateDecision::Hold, GateDecision::Pass, GateDecision::Hold, GateDecision::Hold]
    );
    let first = &run.verdicts[0];
    assert_eq!(
        (first.timestamp, first.platform, first.score.get(), first.threshold),
        (day(0), Platform::Meta, 75.0, 80.0)
    );
    assert_eq!(first.reasons, [GateReason::HealthBelowThreshold]);
    assert_eq!(run.records, None);
}

#[test]
fn a_policy_with_other_weights_scores_the_same_day_anew() {
    let mut past = at(0, 100.0);
    past.components.insert(HealthComponent::Emq, Some(20.0));
    let mut lenient = TrustPolicy::with_preset(HealthPreset::Custom);
    lenient.weights =
        Some(BTreeMap::from([(HealthComponent::Emq, 20.0), (HealthComponent::ApiHealth, 80.0)]));
    let comparison =
        compare(&ComparisonRequest::new(BacktestPolicy::default(), policy(lenient), meta(vec![past])))
            .unwrap();
    assert_eq!(comparison.current.verdicts[0].score.get(), 72.0);
    assert_eq!(comparison.proposed.verdicts[0].score.get(), 84.0);
    assert_eq!(comparison.changes, []);
}

#[test]
fn what_is_missing_by_the_policy_tried_is_missing_whatever_was_in_force_then() {
    let four = policy(TrustPolicy::with_preset(HealthPreset::Four));
    let comparison =
        compare(&ComparisonRequest::new(BacktestPolicy::default(), four, meta(vec![at(0, 90.0)]))).unwrap();
    assert_eq!((comparison.executed_but_would_be_held, comparison.held_but_would_be_executed), (1, 0));
    let [change] = comparison.changes.as_slice() else { panic!("one change") };
    assert_eq!((change.from, change.to), (GateDecision::Pass, GateDecision::Block));
    assert_eq!(
        change.reasons,
        [GateReason::HealthUnhealthy, GateReason::ComponentMissing, GateReason::HealthBelowThreshold]
    );
}

#[test]
fn the_reasons_of_a_change_are_those_of_the_stricter_policy() {
    let request =
        ComparisonRequest::new(healthy_from(80.0), healthy_from(70.0), meta(vec![at(0, 75.0), at(1, 85.0)]));
    let comparison = compare(&request).unwrap();
    assert_eq!((comparison.executed_but_would_be_held, comparison.held_but_would_be_executed), (0, 1));
    assert_eq!(comparison.changes[0].reasons, [GateReason::HealthBelowThreshold]);
    assert_eq!((comparison.current.executed, comparison.proposed.executed), (1, 2));
}

#[test]
fn what_a_point_tells_beside_its_components_counts_too() {
    let with = |change: fn(&mut PastHealth)| {
        let mut point = at(0, 100.0);
        change(&mut point);
        let run = run(&BacktestRequest::new(BacktestPolicy::default(), meta(vec![point]))).unwrap();
        run.verdicts[0].reasons.clone()
    };
    assert_eq!(with(|_| ()), [GateReason::Ok]);
    assert_eq!(with(|point| point.frozen = true), [GateReason::Frozen]);
    assert_eq!(with(|point| point.api_down = true), [GateReason::ApiDown]);
    assert_eq!(with(|point| point.critical_incident = true), [GateReason::IncidentOpen]);
    assert_eq!(with(|point| point.data_age_hours = Some(48.0)), [GateReason::Ok]);
    assert_eq!(with(|point| point.data_age_hours = Some(48.000_001)), [GateReason::DataStale]);
    assert_eq!(with(|point| point.components.clear())[0], GateReason::NoData);
}

#[test]
fn two_missing_components_are_one_code() {
    let mut point = at(0, 100.0);
    point.components.insert(HealthComponent::Emq, None);
    point.components.remove(&HealthComponent::ApiHealth);
    let run = run(&BacktestRequest::new(BacktestPolicy::default(), meta(vec![point]))).unwrap();
    assert_eq!(run.verdicts[0].reasons, [GateReason::ComponentMissing, GateReason::HealthBelowThreshold]);
}

#[test]
fn a_point_of_the_servers_health_history_is_read_as_it_is() {
    let point: PastHealth = serde_json::from_value(json!({
        "timestamp": "2026-02-01T00:00:00.000Z", "score": 57.1, "status": "DEGRADED",
        "components": {"EMQ": 82.0, "API_HEALTH": null},
    }))
    .unwrap();
    assert_eq!(point.components.get(&HealthComponent::ApiHealth), Some(&None));
    assert!(!point.api_down && !point.critical_incident && !point.frozen);
}

#[test]
fn recorded_decisions_are_decided_again_by_both_policies() {
    let mut request = ComparisonRequest::new(BacktestPolicy::default(), healthy_from(80.0), Vec::new());
    request.records = vec![record(12_000, 75.0), record(12_000, 90.0)];
    let comparison = compare(&request).unwrap();
    let executed = |run: &BacktestRun| run.records.as_ref().unwrap().would_execute;
    assert_eq!((executed(&comparison.current), executed(&comparison.proposed)), (2, 1));
    assert_eq!(comparison.proposed.verdicts, []);
}

#[test]
fn every_problem_of_policies_and_past_is_named() {
    let mut wild = at(0, 90.0);
    wild.components.insert(HealthComponent::Emq, Some(101.0));
    wild.data_age_hours = Some(-1.0);
    let history = [meta(vec![at(0, 90.0), wild]), meta(Vec::new())].concat();
    let mut request = ComparisonRequest::new(healthy_from(101.0), healthy_from(30.0), history);
    request.action_types = vec![GateSubject::BidIncrease, GateSubject::BidIncrease];
    let refused = compare(&request).unwrap_err();
    let places: Vec<(&str, &str)> =
        refused.iter().map(|problem| (problem.path.as_str(), problem.code.as_ref())).collect();
    assert_eq!(
        places,
        [
            ("/current/trust/healthy_threshold", "out_of_range"),
            ("/proposed/trust/degraded_threshold", "threshold_order"),
            ("/history/0/points/1/data_age_hours", "out_of_range"),
            ("/history/0/points/1/components/EMQ", "out_of_range"),
            ("/history/1/platform", "duplicate_value"),
            ("/action_types/1", "duplicate_value"),
        ]
    );
}

#[test]
fn a_record_that_was_changed_since_is_refused_with_its_place() {
    let mut changed = record(12_000, 75.0);
    changed.facts["gate"]["frozen"] = json!(true);
    let mut request = BacktestRequest::new(BacktestPolicy::default(), Vec::new());
    request.records = vec![record(12_000, 75.0), changed];
    let refused = run(&request).unwrap_err();
    assert_eq!(refused.iter().next().unwrap().path, "/records/1/facts");
}

fn history() -> impl Strategy<Value = Vec<PlatformHistory>> {
    let component = prop::option::of(0.0..=100.0_f64);
    let point = (prop::collection::vec(component, 5), any::<bool>(), prop::option::of(0.0..100.0_f64))
        .prop_map(|(scores, api_down, data_age_hours)| {
            let components =
                FIVE.iter().zip(scores).map(|(&(component, _), score)| (component, score)).collect();
            PastHealth { api_down, data_age_hours, ..PastHealth::new(day(0), components) }
        });
    prop::collection::vec(point, 0..20).prop_map(meta)
}

proptest! {
    #[test]
    fn a_stricter_policy_executes_nothing_that_the_milder_one_held(history in history(), one in 70.0..=100.0_f64, other in 70.0..=100.0_f64) {
        let request = ComparisonRequest::new(healthy_from(one.min(other)), healthy_from(one.max(other)), history);
        let comparison = compare(&request).unwrap();
        prop_assert_eq!(comparison.held_but_would_be_executed, 0);
        let lost = comparison.current.executed.checked_sub(comparison.proposed.executed);
        prop_assert_eq!(lost, Some(comparison.executed_but_would_be_held));
    }

    #[test]
    fn nothing_below_the_floor_is_ever_executed_by_any_policy(history in history(), healthy in 1.0..=100.0_f64) {
        let mut policy = healthy_from(healthy);
        policy.trust.degraded_threshold = 0.5;
        let run = run(&BacktestRequest::new(policy, history)).unwrap();
        prop_assert!(run.verdicts.iter().all(|verdict| verdict.decision != GateDecision::Pass || verdict.score.get() >= 70.0));
        let counted = [run.executed, run.held, run.blocked].iter().sum::<u64>();
        prop_assert_eq!(counted, run.verdicts.len() as u64);
    }
}

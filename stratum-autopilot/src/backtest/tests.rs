use proptest::prelude::*;
use serde::Deserialize;
use serde_json::json;
use stratum_core::Score;
use stratum_core::gate::GateFacts;
use stratum_core::id::DecisionId;
use stratum_core::vocabulary::{ActionType, GateDecision, GateSubject, Platform};

use super::*;
use crate::action::Change;
use crate::decision::samples::{gate_facts, policy, raise_to, record};
use crate::decision::{DecisionFacts, DecisionRecord, DecisionRequest};
use crate::enforcement::{EnforcementMode, EnforcementSettings};

fn id(number: u8) -> DecisionId {
    format!("0198c9a0-0000-7000-8000-0000000000{number:02x}").parse().unwrap()
}

/// History: raises of a budget of 100.00 under the default policy, soft limits.
fn history() -> Vec<DecisionRecord> {
    let changes = [
        (12_000, 75.0), // passed
        (11_000, 90.0), // passed
        (12_500, 90.0), // held: 25 % in a day
        (12_000, 60.0), // held: health
        (13_000, 30.0), // blocked: health
    ];
    let numbered = changes.into_iter().zip(1_u8..);
    numbered
        .map(|((after_cents, health), number)| DecisionRecord {
            decision_id: Some(id(number)),
            ..record(after_cents, health)
        })
        .collect()
}

fn thresholds_of(healthy: f64) -> BacktestPolicy {
    let mut policy = BacktestPolicy::default();
    policy.trust.overrides.insert(ActionType::BudgetIncrease, healthy);
    policy
}

#[test]
fn the_policy_that_was_in_force_changes_nothing() {
    let report = backtest(&history(), &BacktestPolicy::default()).unwrap();
    assert_eq!(
        report,
        BacktestReport { decisions: 5, would_execute: 2, would_hold: 3, ..BacktestReport::default() }
    );
}

#[test]
fn a_higher_threshold_holds_what_passed_and_says_how_much_money_that_is() {
    let report = backtest(&history(), &thresholds_of(80.0)).unwrap();
    let changed = [ChangedDecisions {
        from: GateDecision::Pass,
        to: GateDecision::Hold,
        count: 1,
        budget_cents: 2_000,
    }];
    assert_eq!(report.changed, changed);
    assert_eq!((report.would_execute, report.would_hold), (1, 4));
    assert_eq!(report.examples, [id(1)]);
}

#[test]
fn other_limits_are_tried_in_place_of_those_in_force() {
    let enforcement = EnforcementSettings {
        max_daily_budget_increase_pct: 25.0,
        default_mode: EnforcementMode::HardBlock,
        ..EnforcementSettings::default()
    };
    let policy = BacktestPolicy { enforcement: Some(enforcement), ..BacktestPolicy::default() };
    let report = backtest(&history(), &policy).unwrap();
    let changed = [ChangedDecisions {
        from: GateDecision::Hold,
        to: GateDecision::Pass,
        count: 1,
        budget_cents: 2_500,
    }];
    assert_eq!(report.changed, changed);
    assert_eq!(report.examples, [id(3)]);
}

#[test]
fn each_decision_is_tried_with_the_limits_of_its_own_time() {
    let mut records = history();
    let hard = DecisionRequest::new(raise_to(12_500, 90.0), policy(EnforcementMode::HardBlock));
    records.insert(1, DecisionRecord::of(&hard).unwrap().1);
    let report = backtest(&records, &BacktestPolicy::default()).unwrap();
    assert_eq!((report.decisions, report.changed), (6, Vec::new()));
}

#[test]
fn the_gate_alone_is_tried_where_no_limits_were_recorded() {
    let facts = DecisionFacts::of_gate(gate_facts(75.0, GateSubject::AudienceSync));
    let (_, record) =
        DecisionRecord::of(&DecisionRequest::new(facts, policy(EnforcementMode::SoftBlock))).unwrap();
    let mut stricter = BacktestPolicy::default();
    stricter.trust.healthy_threshold = 80.0;
    let report = backtest([&record], &stricter).unwrap();
    assert_eq!(report.changed.len(), 1);
    assert_eq!(report.changed[0].budget_cents, 0);
    assert_eq!(report.examples, []); // it had no id
}

#[test]
fn two_currencies_never_add() {
    let mut euros = raise_to(12_000, 90.0);
    let limits = euros.limits.as_mut().unwrap();
    limits.known.currency = "EUR".parse().unwrap();
    if let Change::Budget { currency, .. } = &mut limits.change.change {
        *currency = "EUR".parse().unwrap();
    }
    let request = DecisionRequest::new(euros, policy(EnforcementMode::SoftBlock));
    let euros = DecisionRecord::of(&request).unwrap().1;
    let problems = backtest([&record(12_000, 90.0), &euros], &BacktestPolicy::default()).unwrap_err();
    let problem = problems.iter().next().unwrap();
    assert_eq!(problem.code, "currency_mismatch");
    assert_eq!(problem.path, "/records/1/facts/limits/change/change/currency");

    let run = |record: &DecisionRecord| {
        let mut run = Backtest::new(&BacktestPolicy::default()).unwrap();
        run.add(record).unwrap();
        run
    };
    let mut dollars = run(&record(12_000, 90.0));
    assert_eq!(dollars.merge(run(&euros)).unwrap_err().code, "currency_mismatch");
}

#[test]
fn a_changed_record_is_not_counted() {
    let mut records = history();
    records[3].facts["gate"]["frozen"] = json!(true);
    let problems = backtest(&records, &BacktestPolicy::default()).unwrap_err();
    let problem = problems.iter().next().unwrap();
    assert_eq!((problem.path.as_str(), problem.code.as_ref()), ("/records/3/facts", "digest_mismatch"));
}

#[test]
fn every_problem_of_the_policy_is_reported() {
    let mut policy = thresholds_of(60.0);
    policy.enforcement =
        Some(EnforcementSettings { roas_lookback_days: 0, ..EnforcementSettings::default() });
    let problems = backtest([], &policy).unwrap_err();
    let paths: Vec<&str> = problems.iter().map(|problem| problem.path.as_str()).collect();
    assert_eq!(paths, ["/policy/trust/overrides/BUDGET_INCREASE", "/policy/enforcement/roas_lookback_days"]);
}

#[test]
fn backtests_of_two_policies_do_not_merge() {
    let mut run = Backtest::new(&BacktestPolicy::default()).unwrap();
    let other = Backtest::new(&thresholds_of(80.0)).unwrap();
    assert_eq!(run.merge(other).unwrap_err().code, "policies_differ");
}

#[test]
fn at_most_fifty_examples_are_named() {
    let facts: GateFacts = gate_facts(75.0, GateSubject::PauseCampaign);
    assert_eq!(facts.platforms, [Platform::Meta]);
    let records: Vec<DecisionRecord> = (0..60)
        .map(|number| DecisionRecord { decision_id: Some(id(number)), ..record(12_000, 75.0) })
        .collect();
    let report = backtest(&records, &thresholds_of(80.0)).unwrap();
    assert_eq!((report.examples.len(), report.changed[0].count), (50, 60));
    assert_eq!((report.examples[0], report.examples[49]), (id(0), id(49)));
}

#[test]
fn history_counted_in_two_pieces_gives_the_same_report() {
    let records = history();
    let policy = thresholds_of(95.0);
    for cut in 0..=records.len() {
        let (early, late) = records.split_at(cut);
        let mut first = Backtest::new(&policy).unwrap();
        let mut second = first.clone();
        early.iter().for_each(|record| first.add(record).unwrap());
        late.iter().for_each(|record| second.add(record).unwrap());
        first.merge(second).unwrap();
        assert_eq!(first.finish(), backtest(&records, &policy).unwrap());
    }
}

#[derive(Deserialize)]
struct File<Case> {
    cases: Vec<Case>,
}

#[test]
fn the_interval_is_that_of_sixty_digit_arithmetic() {
    #[derive(Deserialize)]
    struct Case {
        successes: u64,
        trials: u64,
        low: f64,
        high: f64,
    }
    let text = include_str!("../../../tests/vectors/calibration/wilson.json");
    let file: File<Case> = serde_json::from_str(text).unwrap();
    assert_eq!(file.cases.len(), 15);
    for Case { successes, trials, low, high } in file.cases {
        assert_eq!(wilson_interval(successes, trials), Some((low, high)), "{successes} of {trials}");
    }
}

#[test]
fn calibration_is_that_of_exact_arithmetic() {
    #[derive(Deserialize)]
    struct Case {
        name: String,
        outcomes: Vec<Outcome>,
        expected: CalibrationReport,
    }
    #[derive(Deserialize)]
    struct Outcome {
        health: Score,
        good: bool,
    }
    let text = include_str!("../../../tests/vectors/calibration/calibration.json");
    let file: File<Case> = serde_json::from_str(text).unwrap();
    assert_eq!(file.cases.len(), 9);
    for Case { name, outcomes, expected } in file.cases {
        let mut calibration = Calibration::new();
        outcomes.iter().for_each(|outcome| calibration.add(outcome.health, outcome.good));
        assert_eq!(calibration.finish(), expected, "{name}");

        let (early, late) = outcomes.split_at(outcomes.len() / 3);
        let mut merged = Calibration::new();
        late.iter().for_each(|outcome| merged.add(outcome.health, outcome.good));
        let mut other = Calibration::new();
        early.iter().for_each(|outcome| other.add(outcome.health, outcome.good));
        merged.merge(&other);
        assert_eq!(merged.finish(), expected, "{name}, merged");
    }
}

proptest! {
    #[test]
    fn an_interval_holds_its_share_and_shrinks_with_more_of_the_same(trials in 1_u64..100_000, part in 0.0..=1.0_f64) {
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a part of a small count")]
        let good = (stratum_core::math::count(trials) * part) as u64;
        let share = stratum_core::math::count(good) / stratum_core::math::count(trials);
        let (low, high) = wilson_interval(good, trials).unwrap();
        prop_assert!((0.0..=1.0).contains(&low) && (0.0..=1.0).contains(&high));
        prop_assert!(low <= share + 1e-9 && share <= high + 1e-9);
        let (narrower_low, narrower_high) = wilson_interval(good.saturating_mul(4), trials.saturating_mul(4)).unwrap();
        prop_assert!(narrower_high - narrower_low < high - low);
    }

    #[test]
    fn the_brier_score_lies_between_perfect_and_always_wrong(outcomes in prop::collection::vec((0.0..=100.0_f64, any::<bool>()), 1..50)) {
        let mut calibration = Calibration::new();
        for (health, good) in outcomes {
            calibration.add(Score::clamped(health).unwrap(), good);
        }
        prop_assert!((0.0..=1.0).contains(&calibration.finish().brier.unwrap()));
    }
}

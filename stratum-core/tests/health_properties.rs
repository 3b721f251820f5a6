//! The invariants of health: what no input, policy or order may break.
#![expect(clippy::unwrap_used, clippy::arithmetic_side_effects, reason = "a test may panic")]

use proptest::prelude::*;
use stratum_core::Timestamp;
use stratum_core::health::{
    ApiCalls, ComponentScores, EmqReading, EventTotals, HealthColumns, HealthFacts, HealthSnapshot,
    Measurements, OpenIncident, RecordTotals, StabilityFacts, components, evaluate, score, score_columns,
};
use stratum_core::policy::{CompiledTrustPolicy, TrustPolicy};
use stratum_core::vocabulary::{HealthComponent, HealthPreset, IncidentKind, IncidentSeverity, Platform};

type Scores = Vec<Option<f64>>;

fn one_score() -> impl Strategy<Value = f64> {
    prop_oneof![4 => 0.0..=100.0, 1 => prop::sample::select(vec![0.0, 39.9999, 40.0, 69.9999, 70.0, 100.0])]
}

/// A score or nothing for each component of the vocabulary.
fn scores() -> impl Strategy<Value = Scores> {
    prop::collection::vec(prop::option::weighted(0.8, one_score()), HealthComponent::ALL.len())
}

/// Shipped presets, and custom weights with EMQ at least 20 and a sum of 100.
fn policy() -> impl Strategy<Value = CompiledTrustPolicy> {
    let shipped =
        prop::sample::select(vec![HealthPreset::Five, HealthPreset::Four]).prop_map(TrustPolicy::with_preset);
    let custom = prop::collection::vec(0_u32..=20, 4).prop_map(|weights| {
        let others = [
            HealthComponent::ApiHealth,
            HealthComponent::EventLoss,
            HealthComponent::Freshness,
            HealthComponent::Anomaly,
        ];
        let emq = 100 - weights.iter().sum::<u32>();
        let weights = others.into_iter().zip(weights).chain([(HealthComponent::Emq, emq)]);
        TrustPolicy {
            weights: Some(weights.map(|(component, weight)| (component, f64::from(weight))).collect()),
            ..TrustPolicy::with_preset(HealthPreset::Custom)
        }
    });
    (prop_oneof![shipped, custom], any::<bool>())
        .prop_map(|(policy, cdp_blend)| TrustPolicy { cdp_blend, ..policy }.compile().unwrap())
}

fn now() -> Timestamp {
    "2026-03-01T12:00:00Z".parse().unwrap()
}

fn facts() -> HealthFacts {
    HealthFacts::new("0198c9a0-0000-7000-8000-000000000001".parse().unwrap(), Platform::Meta, now())
}

fn health_of(policy: &CompiledTrustPolicy, scores: &Scores) -> HealthSnapshot {
    let mut facts = facts();
    facts.components = HealthComponent::ALL.iter().copied().zip(scores.iter().copied()).collect();
    evaluate(policy, &facts).unwrap()
}

/// Measurements that [`Measurements::check`] accepts.
fn measurements() -> impl Strategy<Value = Measurements> {
    let emq =
        prop::collection::vec((0.0..=10.0_f64, prop::option::of(0.0..1e6_f64), -72..=0_i64, 0..3_u8), 0..5)
            .prop_map(|readings| {
                readings
                    .into_iter()
                    .map(|(rating, volume, hours, event)| {
                        EmqReading::rating(rating, now().plus_hours(hours))
                            .of_event(event.to_string(), volume)
                    })
                    .collect::<Vec<_>>()
            });
    let part = |whole: u32, share: u32| f64::from(whole.min(share));
    let api =
        (0..1000_u32, 0..1000_u32, any::<Option<bool>>()).prop_map(move |(requests, failures, valid)| {
            ApiCalls {
                requests: f64::from(requests),
                failures: part(requests, failures),
                credentials_valid: valid,
            }
        });
    let events = (prop::option::of(0..1000_u32), 0..2000_u32).prop_map(|(expected, received)| EventTotals {
        expected: expected.map(f64::from),
        received: f64::from(received),
    });
    let incident = (
        prop::sample::select(IncidentKind::ALL.to_vec()),
        prop::sample::select(IncidentSeverity::ALL.to_vec()),
    )
        .prop_map(|(kind, severity)| OpenIncident { kind, severity });
    let stability = (
        0..50_u32,
        0..50_u32,
        prop::collection::vec(prop::option::of(0.0..=100.0_f64), 0..=7),
        prop::collection::vec(incident, 0..4),
    )
        .prop_map(|(ok, failed, daily_emq, open_incidents)| StabilityFacts {
            sync_ok: f64::from(ok),
            sync_failed: f64::from(failed),
            daily_emq,
            open_incidents,
        });
    let records = (0..1000_u32, 0..1000_u32, 0..1000_u32, 0..1000_u32).prop_map(
        move |(total, valid, complete, duplicate)| RecordTotals {
            total: f64::from(total),
            valid: part(total, valid),
            complete: part(total, complete),
            duplicate: part(total, duplicate),
        },
    );
    (
        emq,
        prop::option::of(api),
        prop::option::of(events),
        prop::option::of(stability),
        prop::option::of(records),
        prop::option::of(-72..=1_i64),
    )
        .prop_map(|(emq, api, event_loss, platform_stability, data_quality, data_age)| {
            let mut measured = Measurements::default();
            measured.emq = emq;
            measured.api = api;
            measured.event_loss = event_loss;
            measured.platform_stability = platform_stability;
            measured.data_quality = data_quality;
            measured.platform_data_at = data_age.map(|hours| now().plus_hours(hours));
            measured
        })
}

proptest! {
    #[test]
    fn a_component_that_goes_missing_never_raises_the_score(
        policy in policy(), scores in scores(), lost in 0..9_usize,
    ) {
        let before = health_of(&policy, &scores);
        let mut fewer = scores;
        fewer[lost] = None;
        let after = health_of(&policy, &fewer);
        prop_assert!(after.score <= before.score);
        prop_assert!(after.coverage_pct <= before.coverage_pct);
        prop_assert!(after.status >= before.status, "a worse status is a later one");
    }

    #[test]
    fn a_component_that_rises_never_lowers_the_score(
        policy in policy(), scores in scores(), raised in 0..9_usize, to in one_score(),
    ) {
        let before = health_of(&policy, &scores);
        let mut better = scores;
        better[raised] = Some(better[raised].map_or(to, |from| from.max(to)));
        let after = health_of(&policy, &better);
        prop_assert!(after.score >= before.score);
        prop_assert!(after.status <= before.status);
    }

    #[test]
    fn the_order_in_which_components_are_set_does_not_matter(
        policy in policy(),
        scores in scores(),
        order in Just((0..9_usize).collect::<Vec<_>>()).prop_shuffle(),
    ) {
        let mut straight = ComponentScores::default();
        let mut shuffled = ComponentScores::default();
        for (index, &component) in HealthComponent::ALL.iter().enumerate() {
            straight.set(component, scores[index]);
        }
        for index in order {
            shuffled.set(HealthComponent::ALL[index], scores[index]);
        }
        prop_assert_eq!(score(&policy, &straight), score(&policy, &shuffled));
    }

    #[test]
    fn the_order_of_the_readings_does_not_matter(
        measured in measurements(), shuffle in any::<prop::sample::Index>(),
    ) {
        let policy = TrustPolicy::default().compile().unwrap();
        let mut turned = measured.clone();
        if !turned.emq.is_empty() {
            let by = shuffle.index(turned.emq.len());
            turned.emq.rotate_left(by);
        }
        let straight = evaluate(&policy, &facts().with_measurements(measured)).unwrap();
        prop_assert_eq!(straight, evaluate(&policy, &facts().with_measurements(turned)).unwrap());
    }

    #[test]
    fn all_components_at_100_score_exactly_100_under_every_policy(policy in policy()) {
        let health = health_of(&policy, &vec![Some(100.0); 9]);
        prop_assert_eq!((health.score.get(), health.coverage_pct), (100.0, 100.0));
    }

    #[test]
    fn possible_measurements_give_scores_between_0_and_100(policy in policy(), measured in measurements()) {
        let health = evaluate(&policy, &facts().with_measurements(measured)).unwrap();
        let inside = |value: f64| (0.0..=100.0).contains(&value);
        prop_assert!(inside(health.score.get()) && inside(health.coverage_pct));
        prop_assert!(health.components.iter().all(|reading| inside(reading.contribution)));
        let sum: f64 = health.components.iter().map(|reading| reading.contribution).sum();
        prop_assert!((sum - health.score.get()).abs() < 1e-8, "the contributions are the score");
    }

    #[test]
    fn a_part_that_was_not_measured_never_raises_the_score(
        policy in policy(), measured in measurements(), lost in 0..6_u8,
    ) {
        let before = evaluate(&policy, &facts().with_measurements(measured.clone())).unwrap();
        let mut fewer = measured;
        match lost {
            0 => fewer.emq.clear(),
            1 => fewer.api = None,
            2 => fewer.event_loss = None,
            3 => fewer.platform_stability = None,
            4 => fewer.data_quality = None,
            _ => fewer.platform_data_at = None,
        }
        let after = evaluate(&policy, &facts().with_measurements(fewer)).unwrap();
        prop_assert!(after.score <= before.score);
    }

    #[test]
    fn columns_give_what_rows_give(policy in policy(), rows in prop::collection::vec(scores(), 0..40)) {
        let columns: Vec<Vec<f64>> = (0..HealthComponent::ALL.len())
            .map(|component| rows.iter().map(|row| row[component].unwrap_or(f64::NAN)).collect())
            .collect();
        let named: Vec<(HealthComponent, &[f64])> =
            HealthComponent::ALL.iter().copied().zip(columns.iter().map(Vec::as_slice)).collect();
        let (mut score, mut coverage_pct) = (vec![0.0; rows.len()], vec![0.0; rows.len()]);
        let mut status = vec![0; rows.len()];
        let out = HealthColumns { score: &mut score, status: &mut status, coverage_pct: &mut coverage_pct };
        score_columns(&policy, &named, out).unwrap();
        for (position, row) in rows.iter().enumerate() {
            let health = health_of(&policy, row);
            prop_assert_eq!(score[position], health.score.get());
            prop_assert_eq!(usize::from(status[position]), health.status.index());
            prop_assert_eq!(coverage_pct[position], health.coverage_pct);
        }
    }

    #[test]
    fn the_score_is_the_weighted_sum_worked_out_in_whole_numbers(
        hundredths in prop::collection::vec(prop::option::of(0_u64..=10_000), 5),
    ) {
        // Preset FIVE: whole weights and scores of two decimals make the score times 10,000 a whole number.
        let policy = TrustPolicy::default().compile().unwrap();
        let mut row = vec![None; 9];
        for (slot, given) in row.iter_mut().zip(&hundredths) {
            *slot = given.map(|value| f64::from(u32::try_from(value).unwrap()) / 100.0);
        }
        let terms = [35, 25, 20, 10, 10].iter().zip(&hundredths);
        let exact: u64 = terms.map(|(weight, value)| weight * value.unwrap_or(0)).sum();
        let score = health_of(&policy, &row).score.get();
        prop_assert_eq!(score, f64::from(u32::try_from(exact).unwrap()) / 10_000.0);
    }

    #[test]
    fn a_worse_measurement_never_scores_higher(
        total in 1..10_000_u32, one in 0..10_000_u32, other in 0..10_000_u32, z in 0.0..=10.0_f64, further in 0.0..=10.0_f64,
    ) {
        let (few, many) = (one.min(other).min(total), one.max(other).min(total));
        let (total, few, many) = (f64::from(total), f64::from(few), f64::from(many));
        let api = |failures| {
            components::api_health(&ApiCalls { requests: total, failures, credentials_valid: None })
        };
        prop_assert!(api(many) <= api(few));
        let loss = |lost: f64| {
            components::event_loss(&EventTotals { expected: Some(total), received: total - lost })
        };
        prop_assert!(loss(many) <= loss(few));
        let records = |bad: f64| {
            let good = total - bad;
            components::data_quality(&RecordTotals { total, valid: good, complete: good, duplicate: bad })
        };
        prop_assert!(records(many) <= records(few));
        let age = |minutes| components::freshness(now().plus_minutes(-i64::from(minutes)), now());
        prop_assert!(age(one.max(other)) <= age(one.min(other)));
        prop_assert!(components::anomaly_score(z.max(further)) <= components::anomaly_score(z.min(further)));
    }
}

//! What a decision of the gate costs on one core: `cargo bench -p stratum-benches --bench gate`.
//!
//! | group | what is measured |
//! |---|---|
//! | `gate/pass` | one change that passes, with its reason and the evidence for a permit |
//! | `gate/hold` | one change held for its score and for stale data, with both reasons |
//! | `gate/block` | nothing measured, frozen: eight reasons |
//! | `gate/remedies` | what would change a hold, component by component |
//! | `gate/columns` | 100,000 rows, decisions and reason bits |
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    clippy::cast_possible_truncation,
    reason = "a benchmark may panic"
)]

use std::hint::black_box;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use stratum_core::Timestamp;
use stratum_core::gate::{GateColumns, GateFacts, evaluate, evaluate_columns, remedies};
use stratum_core::health::{ApiFacts, HealthFacts, HealthSnapshot};
use stratum_core::policy::{CompiledTrustPolicy, FIVE, TrustPolicy};
use stratum_core::vocabulary::{EntityType, GateSubject, Platform};

const ROWS: usize = 100_000;

fn now() -> Timestamp {
    "2026-03-01T12:00:00Z".parse().unwrap()
}

fn policy() -> CompiledTrustPolicy {
    TrustPolicy::default().compile().unwrap()
}

fn snapshot(policy: &CompiledTrustPolicy, score: Option<f64>) -> HealthSnapshot {
    let tenant = "0198c9a0-0000-7000-8000-000000000001".parse().unwrap();
    let mut facts = HealthFacts::new(tenant, Platform::Meta, now().plus_minutes(-3)).with_data_as_of(now());
    for (component, _) in FIVE {
        if let Some(score) = score {
            facts = facts.with_component(component, score);
        }
    }
    let mut snapshot = stratum_core::health::evaluate(policy, &facts).unwrap();
    snapshot.api = ApiFacts { requests: 100, failures: 1, credentials_valid: Some(true) };
    snapshot
}

fn facts(snapshot: HealthSnapshot) -> GateFacts {
    let mut facts =
        GateFacts::new(snapshot.tenant_id, GateSubject::BudgetIncrease, vec![Platform::Meta], now());
    facts.entity_type = Some(EntityType::Campaign);
    facts.entity_id = Some("238512".to_owned());
    facts.snapshots = vec![snapshot];
    facts
}

fn rows(criterion: &mut Criterion) {
    let policy = policy();
    let pass = facts(snapshot(&policy, Some(85.0)));
    let mut hold = facts(snapshot(&policy, Some(65.0)));
    hold.snapshots[0].data_as_of = Some(now().plus_hours(-72));
    let mut block = facts(snapshot(&policy, None));
    block.frozen = true;
    block.snapshots[0].data_as_of = None;

    let mut group = criterion.benchmark_group("gate");
    group.throughput(Throughput::Elements(1));
    for (name, facts) in [("pass", &pass), ("hold", &hold), ("block", &block)] {
        group.bench_function(name, |bencher| bencher.iter(|| evaluate(&policy, black_box(facts))));
    }
    let held = evaluate(&policy, &hold);
    group.bench_function("remedies", |bencher| bencher.iter(|| remedies(&policy, black_box(&hold), &held)));
    group.finish();
}

fn columns(criterion: &mut Criterion) {
    let policy = policy();
    let spread = |limit: u32, step: u32| -> Vec<f64> {
        (0..ROWS as u32).map(|row| f64::from(row.wrapping_mul(step) % limit)).collect()
    };
    let (score, age, data_age) = (spread(101, 7), spread(90, 13), spread(60, 17));
    let coverage = vec![100.0; ROWS];
    let action_type: Vec<u8> = (0..ROWS).map(|row| (row % GateSubject::ALL.len()) as u8).collect();
    let flags: Vec<u8> = (0..ROWS).map(|row| u8::from(row % 50 == 0)).collect();
    let input = GateColumns {
        action_type: &action_type,
        score: &score,
        coverage_pct: &coverage,
        snapshot_age_minutes: &age,
        data_age_hours: &data_age,
        flags: &flags,
    };
    let (mut decisions, mut reasons) = (vec![0; ROWS], vec![0; ROWS]);
    let mut group = criterion.benchmark_group("gate");
    group.throughput(Throughput::Elements(ROWS as u64));
    group.bench_function("columns", |bencher| {
        bencher.iter(|| evaluate_columns(&policy, black_box(&input), &mut decisions, &mut reasons).unwrap());
    });
    group.finish();
}

criterion_group!(benches, rows, columns);
criterion_main!(benches);

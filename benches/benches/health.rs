//! What signal health costs on one core: `cargo bench -p stratum-benches --bench health`.
//!
//! | group | what is measured |
//! |---|---|
//! | `health/score` | component scores to health, one row: the hot path |
//! | `health/evaluate` | measurements to a snapshot with readings and issues, as the server calls it |
//! | `health/evaluate_given` | the same from component scores that are known already |
//! | `health/columns` | 100,000 rows of five columns, a tenth of the values missing |
#![expect(clippy::unwrap_used, reason = "a benchmark may panic")]

use std::hint::black_box;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use stratum_core::health::{
    ApiCalls, ComponentScores, EmqReading, EventTotals, HealthColumns, HealthFacts, Measurements,
    RecordTotals, StabilityFacts, evaluate, score, score_columns,
};
use stratum_core::policy::{CompiledTrustPolicy, FIVE, TrustPolicy};
use stratum_core::vocabulary::{HealthComponent, Platform};

const ROWS: u32 = 100_000;

fn policy() -> CompiledTrustPolicy {
    TrustPolicy::default().compile().unwrap()
}

/// Scores that differ from row to row, a tenth of them missing; the same ones in every run.
fn value(row: u32, column: u32) -> f64 {
    let mixed = row.wrapping_mul(2_654_435_761).wrapping_add(column.wrapping_mul(40_503)) >> 8;
    if mixed.is_multiple_of(10) { f64::NAN } else { f64::from(mixed % 10_001) / 100.0 }
}

fn columns() -> Vec<(HealthComponent, Vec<f64>)> {
    let column = |position: u32| (0..ROWS).map(|row| value(row, position)).collect();
    FIVE.iter().zip(0..).map(|(&(component, _), position)| (component, column(position))).collect()
}

fn rows(columns: &[(HealthComponent, Vec<f64>)]) -> Vec<ComponentScores> {
    (0..ROWS as usize)
        .map(|row| {
            let mut scores = ComponentScores::default();
            for (component, column) in columns {
                scores.set(*component, column.get(row).copied());
            }
            scores
        })
        .collect()
}

fn facts() -> HealthFacts {
    let now = "2026-03-01T12:00:00Z".parse().unwrap();
    let mut measured = Measurements::default();
    measured.emq = vec![
        EmqReading::rating(8.4, now).of_event("Purchase", Some(320.0)),
        EmqReading::rating(6.1, now).of_event("AddToCart", Some(1_900.0)),
    ];
    measured.api = Some(ApiCalls { requests: 240.0, failures: 5.0, credentials_valid: Some(true) });
    measured.event_loss = Some(EventTotals { expected: Some(2_400.0), received: 2_310.0 });
    measured.platform_stability = Some(StabilityFacts {
        sync_ok: 95.0,
        sync_failed: 1.0,
        daily_emq: [64.0, 66.0, 65.5, 64.2, 65.0, 63.8, 64.9].map(Some).to_vec(),
        open_incidents: Vec::new(),
    });
    measured.data_quality =
        Some(RecordTotals { total: 5_000.0, valid: 4_980.0, complete: 4_800.0, duplicate: 12.0 });
    measured.platform_data_at = Some(now.plus_hours(-2));
    HealthFacts::new("0198c9a0-0000-7000-8000-000000000001".parse().unwrap(), Platform::Meta, now)
        .with_measurements(measured)
}

fn health(criterion: &mut Criterion) {
    let policy = policy();
    let columns = columns();
    let rows = rows(&columns);
    let facts = facts();

    let mut group = criterion.benchmark_group("health");
    group.throughput(Throughput::Elements(u64::from(ROWS)));
    group.bench_function("score", |bencher| {
        bencher.iter(|| {
            for row in &rows {
                black_box(score(black_box(&policy), row));
            }
        });
    });
    let borrowed: Vec<(HealthComponent, &[f64])> =
        columns.iter().map(|(component, column)| (*component, column.as_slice())).collect();
    let (mut scores, mut status, mut coverage) =
        (vec![0.0; rows.len()], vec![0; rows.len()], vec![0.0; rows.len()]);
    group.bench_function("columns", |bencher| {
        bencher.iter(|| {
            let out = HealthColumns { score: &mut scores, status: &mut status, coverage_pct: &mut coverage };
            score_columns(&policy, black_box(&borrowed), out).unwrap();
        });
    });
    group.throughput(Throughput::Elements(1));
    group
        .bench_function("evaluate", |bencher| bencher.iter(|| evaluate(&policy, black_box(&facts)).unwrap()));
    let given = FIVE.iter().zip(0..).fold(
        HealthFacts::new(facts.tenant_id, facts.platform, facts.now).with_data_as_of(facts.now),
        |facts, (&(component, _), column)| facts.with_component(component, value(1, column)),
    );
    group.bench_function("evaluate_given", |bencher| {
        bencher.iter(|| evaluate(&policy, black_box(&given)).unwrap());
    });
    group.finish();
}

criterion_group!(benches, health);
criterion_main!(benches);

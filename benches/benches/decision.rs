//! What the whole decision costs: gate and limits with every reason, its record, its replay, and a policy tried on it.
//!
//! `cargo bench -p stratum-benches --bench decision`
#![allow(clippy::unwrap_used, reason = "a benchmark may panic: that is how it fails")]

use std::hint::black_box;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use serde_json::json;
use stratum_autopilot::backtest::{Backtest, BacktestPolicy};
use stratum_autopilot::decision::{DecisionFacts, DecisionPolicy, DecisionRecord, replay};
use stratum_core::policy::FIVE;

/// Raising a daily budget of 100.00; health is `health` in every component.
fn facts(health: f64, after_cents: i64) -> DecisionFacts {
    let tenant = "0198c9a0-0000-7000-8000-000000000001";
    let now = "2026-03-01T12:00:00Z";
    let components: Vec<_> = FIVE
        .iter()
        .map(|(name, weight)| {
            json!({"name": name, "score": health, "weight": weight, "contribution": weight * health / 100.0})
        })
        .collect();
    let facts = json!({
        "gate": {
            "tenant_id": tenant, "action_type": "BUDGET_INCREASE", "platforms": ["META"], "now": now,
            "entity_type": "CAMPAIGN", "entity_id": "238512",
            "snapshots": [{
                "tenant_id": tenant, "platform": "META", "preset": "FIVE", "score": health, "status": "HEALTHY",
                "coverage_pct": 100, "components": components, "computed_at": "2026-03-01T11:50:00Z",
                "data_as_of": "2026-03-01T10:00:00Z",
            }],
        },
        "limits": {
            "change": {
                "action_type": "BUDGET_INCREASE", "platform": "META", "entity_type": "CAMPAIGN", "entity_id": "238512",
                "change": {
                    "field": "BUDGET", "kind": "DAILY", "before_cents": 10_000, "after_cents": after_cents,
                    "currency": "USD",
                },
            },
            "known": {
                "now": now, "next_local_midnight": "2026-03-02T00:00:00Z", "currency": "USD", "changes_today": 2,
                "budget": {"kind": "DAILY", "budget_cents": 10_000, "active": true},
                "campaign": {"spend_cents": 70_000, "revenue_cents": 210_000},
                "exposure": {"impressions": 25_000, "reach": 10_000},
            },
        },
    });
    serde_json::from_value(facts).unwrap()
}

fn decision(c: &mut Criterion) {
    let policy = DecisionPolicy::default().compile().unwrap();
    let passes = facts(88.5, 12_000);
    let refused = facts(69.0, 13_000);

    let mut group = c.benchmark_group("decision");
    group.throughput(Throughput::Elements(1));
    group.bench_function("that passes", |b| b.iter(|| policy.decide(black_box(&passes)).unwrap()));
    group.bench_function("refused by gate and limits", |b| {
        b.iter(|| policy.decide(black_box(&refused)).unwrap())
    });
    group.bench_function("decided and recorded", |b| {
        b.iter(|| DecisionRecord::with_policy(None, &policy, black_box(&passes)).unwrap());
    });
    let (_, record) = DecisionRecord::with_policy(None, &policy, &passes).unwrap();
    group.bench_function("replayed", |b| b.iter(|| replay(black_box(&record)).unwrap()));
    group.bench_function("tried by another policy", |b| {
        let mut run = Backtest::new(&BacktestPolicy::default()).unwrap();
        b.iter(|| run.add(black_box(&record)).unwrap());
    });
    group.finish();
}

criterion_group!(benches, decision);
criterion_main!(benches);

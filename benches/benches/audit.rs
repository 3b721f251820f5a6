//! What a record of the audit chain costs, to append and to verify, and what canonical JSON takes of it.
//!
//! `cargo bench -p stratum-benches --bench audit`
#![allow(clippy::unwrap_used, reason = "a benchmark may panic: that is how it fails")]

use std::hint::black_box;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use serde_json::json;
use stratum_autopilot::audit::{
    Actor, ChainHead, Changes, Intervention, InterventionAction, NewAuditEntry, StoredRecord, verify,
};
use stratum_core::id::{ActionId, TenantId};
use stratum_core::vocabulary::{ActionType, EntityType, GateDecision, Platform};
use stratum_core::{Score, Timestamp, canonical};

const RECORDS: u64 = 1_024;

fn tenant() -> TenantId {
    "0198c9a0-0000-7000-8000-000000000001".parse().unwrap()
}

/// What the engine writes before it applies a budget change.
fn entry(number: u64) -> NewAuditEntry {
    let now: Timestamp = "2026-03-01T12:00:00Z".parse().unwrap();
    let action: ActionId = "0198c9a0-0000-7000-8000-00000000000a".parse().unwrap();
    NewAuditEntry::new(now, Actor::system(), InterventionAction::Intent, "action")
        .resource_id(action)
        .changes(Changes { before: json!({"after_cents": 10_000}), after: json!({"after_cents": number}) })
        .reason("return 3.1 over seven days")
        .request_id("0198c9a0-0000-7000-8000-0000000000ff")
        .intervention(Intervention {
            action_id: Some(action),
            action_type: Some(ActionType::BudgetIncrease),
            platform: Some(Platform::Meta),
            entity_type: Some(EntityType::Campaign),
            entity_id: Some("238512".to_owned()),
            gate_decision: Some(GateDecision::Pass),
            health_score: Score::clamped(88.5),
            details: json!({"attempt": 1, "facts_digest": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"}),
            ..Intervention::default()
        })
}

fn records() -> Vec<StoredRecord> {
    let mut head = ChainHead::genesis(tenant());
    (0..RECORDS)
        .map(|number| {
            let (record, next) = head.append(entry(number)).unwrap();
            head = next;
            record.to_stored().unwrap()
        })
        .collect()
}

fn audit(c: &mut Criterion) {
    let genesis = ChainHead::genesis(tenant());
    let records = records();

    let mut group = c.benchmark_group("audit");
    group.throughput(Throughput::Elements(1));
    group.bench_function("append one entry", |b| {
        b.iter_with_setup(|| entry(7), |entry| genesis.append(black_box(entry)).unwrap());
    });
    group.throughput(Throughput::Elements(RECORDS));
    group.bench_function("verify a chain", |b| {
        b.iter(|| verify(genesis, black_box(&records)).unwrap());
    });
    group.finish();

    let values: Vec<_> = records.into_iter().map(|record| record.entry).collect();
    let bytes: usize = values.iter().map(|value| canonical::write(value).unwrap().len()).sum();
    let mut group = c.benchmark_group("canonical JSON");
    group.throughput(Throughput::Bytes(u64::try_from(bytes).unwrap()));
    group.bench_function("of audit entries", |b| {
        b.iter(|| {
            for value in &values {
                black_box(canonical::write(black_box(value)).unwrap());
            }
        });
    });
    let numbers = json!((0..RECORDS).map(|n| f64::from(u32::try_from(n).unwrap()) / 7.0).collect::<Vec<_>>());
    group.throughput(Throughput::Elements(RECORDS));
    group.bench_function("of doubles", |b| b.iter(|| canonical::write(black_box(&numbers)).unwrap()));
    group.finish();
}

criterion_group!(benches, audit);
criterion_main!(benches);

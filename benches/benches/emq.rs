//! What the EMQ of an event costs: from its facts, from columns, from an event that was already read, and from JSON.
//!
//! `cargo bench -p stratum-benches --bench emq`
#![allow(clippy::unwrap_used, reason = "a benchmark may panic: that is how it fails")]

use std::hint::black_box;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use serde_json::{Value, json};
use stratum_cdp::emq::{evaluate_event, facts};
use stratum_cdp::event::Event;
use stratum_cdp::identifier::CleaningPolicy;
use stratum_core::Timestamp;
use stratum_core::emq::event::{EventColumns, EventFacts, evaluate};
use stratum_core::emq::platform::{self, DriverMeasurements, PlatformEmqRequest};

const EVENTS: u64 = 1_024;

/// Purchases, page views and logins, with and without context, from at once to a day late.
fn event_json(index: u64) -> Value {
    let (name, properties) = match index % 3 {
        0 => (
            "Purchase",
            json!({"order_id": "A-17", "total": 42.5, "currency": "USD", "items": [{"sku": "S-1"}]}),
        ),
        1 => ("PageView", json!({"page_url": "https://shop.example/p/1"})),
        _ => ("Login", json!({"method": "password"})),
    };
    let context = match index % 4 {
        0 => json!({}),
        1 => json!({"user_agent": "Mozilla/5.0", "ip": "203.0.113.7"}),
        _ => json!({
            "user_agent": "Mozilla/5.0",
            "ip": "203.0.113.7",
            "page": {"url": "https://shop.example/p/1", "title": "Shoes"},
            "campaign": {"source": "newsletter"},
        }),
    };
    json!({
        "event_id": format!("e-{index}"),
        "event_name": name,
        "event_time": received(0).plus_minutes(i64::try_from(index).unwrap().saturating_mul(-2)).to_string(),
        "identifiers": [
            {"type": "email", "value": format!("Jane.{index}@Shop.example")},
            {"type": "anonymous_id", "value": format!("v-{index}")},
        ],
        "properties": properties,
        "context": context,
    })
}

fn received(ms: i64) -> Timestamp {
    "2026-03-02T12:00:00Z".parse::<Timestamp>().unwrap().plus_millis(ms)
}

fn event_emq(c: &mut Criterion) {
    let now = received(0);
    let policy = CleaningPolicy::default();
    let json: Vec<Value> = (0..EVENTS).map(event_json).collect();
    let events: Vec<Event> =
        json.iter().map(|event| Event::from_json(event.clone(), &policy).unwrap()).collect();
    let rows: Vec<EventFacts> = events.iter().map(|event| facts(event, now)).collect();
    let identifiers: Vec<u8> = rows.iter().map(|row| row.identifiers.bits()).collect();
    let completeness: Vec<f64> = rows.iter().map(|row| row.completeness).collect();
    let latency: Vec<f64> = rows.iter().map(|row| row.latency_s).collect();
    let context: Vec<u8> = rows.iter().map(|row| row.context.bits()).collect();

    let mut group = c.benchmark_group("emq");
    group.throughput(Throughput::Elements(EVENTS));
    group.bench_function("facts", |b| {
        b.iter(|| {
            for row in &rows {
                black_box(evaluate(black_box(row))).unwrap();
            }
        });
    });
    group.bench_function("columns", |b| {
        b.iter(|| {
            let columns = EventColumns::new(&identifiers, &completeness, &latency, &context).unwrap();
            columns.evaluate().flatten().map(|emq| emq.score.get()).sum::<f64>()
        });
    });
    group.bench_function("event", |b| {
        b.iter(|| {
            for event in &events {
                black_box(evaluate_event(black_box(event), now)).unwrap();
            }
        });
    });
    group.bench_function("read_and_score", |b| {
        b.iter_batched(
            || json.clone(),
            |json| {
                for event in json {
                    let event = Event::from_json(event, &policy).unwrap();
                    black_box(evaluate_event(&event, now)).unwrap();
                }
            },
            criterion::BatchSize::LargeInput,
        );
    });
    group.finish();
}

fn platform_emq(c: &mut Criterion) {
    let request = PlatformEmqRequest::new(DriverMeasurements {
        events_browser: Some(900),
        events_server: Some(1_000),
        events_matched: Some(800),
        pages_total: Some(40),
        pages_with_pixel: Some(38),
        conversion_latency_hours: Some(2.5),
        revenue_variance_frac: Some(0.12),
        data_age_hours: Some(3.0),
        ..DriverMeasurements::default()
    });
    let mut group = c.benchmark_group("emq");
    group.throughput(Throughput::Elements(1));
    group.bench_function("platform", |b| {
        b.iter(|| black_box(platform::evaluate(black_box(&request))).unwrap())
    });
    group.finish();
}

criterion_group!(benches, event_emq, platform_emq);
criterion_main!(benches);

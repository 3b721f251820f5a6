//! Ten thousand purchases to the JSON text of their requests, for each platform, and for all four from one normalisation.
//!
//! `cargo bench -p stratum-benches --bench payloads`
#![allow(
    clippy::unwrap_used,
    clippy::arithmetic_side_effects,
    reason = "a benchmark may panic: that is how it fails"
)]

use std::hint::black_box;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use serde_json::json;
use stratum_cdp::consent::{Ads, LegalBasis};
use stratum_cdp::conversion::{Conversion, ConversionBatch, ConversionConnection, ConversionEvent};
use stratum_cdp::identifier::CleaningSettings;
use stratum_core::Timestamp;
use stratum_core::vocabulary::Platform;

const EVENTS: usize = 10_000;

/// Purchases as a shop sends them: address, phone number, id and name of the buyer, their browser, two articles.
fn events() -> Vec<ConversionEvent> {
    (0..EVENTS)
        .map(|number| {
            serde_json::from_value(json!({
                "event_id": format!("order-{number}"), "event_name": "Purchase", "event_time": "2026-04-15T11:00:00Z",
                "action_source": "website", "event_source_url": format!("https://shop.test/thanks?o={number}&gclid=Cj0K{number}"),
                "identifiers": [
                    {"type": "email", "value": format!("Buyer.{number}@Shop.test")},
                    {"type": "phone", "value": format!("+965 2234 {:04}", number % 10_000)},
                    {"type": "external_id", "value": format!("U-{number}")},
                ],
                "user": {
                    "first_name": "Lina", "last_name": "Al-Sabah", "country": "KW", "zip": "13001",
                    "ip": "203.0.113.7", "user_agent": "Mozilla/5.0 (iPhone; CPU iPhone OS 18_3 like Mac OS X) AppleWebKit/605.1.15",
                },
                "properties": {
                    "value": 18.5, "currency": "KWD", "order_id": format!("O-{number}"),
                    "contents": [{"id": "SKU-1", "quantity": 2, "price": 4.25}, {"id": "SKU-2", "quantity": 1, "price": 10}],
                },
                "consent": {"ad_user_data": "granted", "ad_personalization": "granted"},
            }))
            .unwrap()
        })
        .collect()
}

/// The bytes of all bodies for some platforms.
fn bytes(events: &[ConversionEvent], platforms: &[Platform], now: Timestamp) -> usize {
    let cleaning = CleaningSettings::default().policy();
    let connections: Vec<ConversionConnection> =
        platforms.iter().map(|platform| ConversionConnection::new(*platform)).collect();
    let mut batches: Vec<ConversionBatch<'_>> =
        connections.iter().map(|connection| ConversionBatch::new(connection, now).unwrap()).collect();
    for event in events {
        let conversion = Conversion::new(event, &cleaning, now);
        let consents = event.consents(false);
        for batch in &mut batches {
            batch.add(consents.release::<Ads, _>(&conversion, LegalBasis::default()).unwrap()).unwrap();
        }
    }
    batches.into_iter().flat_map(ConversionBatch::finish).map(|request| request.body_text().len()).sum()
}

fn payloads(criterion: &mut Criterion) {
    let events = events();
    let now: Timestamp = "2026-04-15T12:00:00Z".parse().unwrap();
    let mut group = criterion.benchmark_group("payloads");
    group.sample_size(20).throughput(Throughput::Elements(u64::try_from(EVENTS).unwrap()));
    for platform in Platform::ALL {
        group.bench_function(platform.as_str(), |bench| {
            bench.iter(|| black_box(bytes(&events, &[*platform], now)))
        });
    }
    group.bench_function("all four", |bench| bench.iter(|| black_box(bytes(&events, Platform::ALL, now))));
    group.finish();
}

criterion_group!(benches, payloads);
criterion_main!(benches);

//! What resolving costs, one event at a time: visitors who come back, leave an address, log in and buy.
//!
//! `cargo bench -p stratum-benches --bench identity`
#![allow(clippy::unwrap_used, reason = "a benchmark may panic: that is how it fails")]

use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};
use stratum_cdp::identifier::{Identifier, IdentifierType};
use stratum_cdp::identity::{
    CompiledIdentityPolicy, Identities, IdentityEvent, IdentityEventKind, IdentityPolicy, IdentityPreset,
    LinkType, Observation, SentIdentifier,
};
use stratum_core::Timestamp;

const EVENTS: u64 = 100_000;
const PERSONS: u64 = 20_000;

/// A generator that is the same everywhere (Lehmer 1951, 48271).
struct Draw(u64);

impl Draw {
    fn below(&mut self, n: u64) -> u64 {
        self.0 = self.0.wrapping_mul(48_271) % 2_147_483_647;
        self.0.checked_rem(n).unwrap_or(0)
    }
}

struct Visit {
    id: String,
    at: Timestamp,
    evidence: LinkType,
    sent: Vec<(IdentifierType, String)>,
}

/// Of five events three name a browser only, one an address with it, one a customer number and an address; in one of
/// twenty a person uses another browser or another's device.
fn visits() -> Vec<Visit> {
    let mut draw = Draw(17);
    let start: Timestamp = "2026-03-01T00:00:00Z".parse().unwrap();
    (0..EVENTS)
        .map(|n| {
            let person = draw.below(PERSONS);
            let browser = if draw.below(20) == 0 { draw.below(PERSONS) } else { person };
            let mut sent = vec![(IdentifierType::AnonymousId, format!("b-{browser}-{}", draw.below(2)))];
            let evidence = match draw.below(5) {
                0 => {
                    sent.push((IdentifierType::Email, format!("person.{person}@shop.test1")));
                    LinkType::FormSubmit
                }
                1 => {
                    sent.push((IdentifierType::ExternalId, format!("U{person}")));
                    sent.push((IdentifierType::Email, format!("person.{person}@shop.test1")));
                    LinkType::Purchase
                }
                2 => {
                    sent.push((IdentifierType::DeviceId, format!("d-{browser}")));
                    LinkType::SameEvent
                }
                _ => LinkType::SameEvent,
            };
            let at = start.plus_millis(i64::try_from(n).unwrap().saturating_mul(20_000));
            Visit { id: format!("e-{n}"), at, evidence, sent }
        })
        .collect()
}

fn clean(visit: &Visit, policy: &CompiledIdentityPolicy) -> Vec<Identifier> {
    visit
        .sent
        .iter()
        .map(|(kind, value)| Identifier::clean(*kind, value, policy.cleaning()).unwrap())
        .collect()
}

fn streaming(c: &mut Criterion) {
    let visits = visits();
    let mut group = c.benchmark_group("identity");
    group.throughput(Throughput::Elements(EVENTS)).sample_size(10);
    for preset in [IdentityPreset::Standard, IdentityPreset::Strict] {
        let policy = IdentityPolicy::preset(preset).compile().unwrap();
        let cleaned: Vec<Vec<Identifier>> = visits.iter().map(|visit| clean(visit, &policy)).collect();
        group.bench_function(format!("streaming, {preset}"), |b| {
            b.iter_batched(
                || Identities::new(policy.clone()),
                |mut identities| {
                    for (visit, identifiers) in visits.iter().zip(&cleaned) {
                        identities.observe(&Observation {
                            evidence: visit.evidence,
                            ..Observation::new(&visit.id, visit.at, identifiers)
                        });
                    }
                    identities
                },
                BatchSize::PerIteration,
            );
        });
    }
    let policy = IdentityPolicy::default().compile().unwrap();
    let sent: Vec<IdentityEvent> = visits.iter().map(as_sent).collect();
    group.bench_function("streaming with cleaning, strict", |b| {
        b.iter_batched(
            || Identities::new(policy.clone()),
            |mut identities| {
                for event in &sent {
                    identities.take(event);
                }
                identities
            },
            BatchSize::PerIteration,
        );
    });
    group.finish();
}

fn as_sent(visit: &Visit) -> IdentityEvent {
    let identifiers = visit
        .sent
        .iter()
        .map(|(kind, value)| SentIdentifier { kind: kind.to_string(), value: Some(value.clone()) })
        .collect();
    IdentityEvent {
        event_id: visit.id.clone(),
        event_time: visit.at,
        kind: IdentityEventKind::Track,
        event_name: None,
        source_system: None,
        session_id: None,
        identifiers,
        traits: serde_json::Map::new(),
        consent: std::collections::BTreeMap::new(),
        merge: None,
        actor: None,
        note: None,
    }
}

criterion_group!(benches, streaming);
criterion_main!(benches);

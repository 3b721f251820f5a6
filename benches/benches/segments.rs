//! What a segment costs on one core: `cargo bench -p stratum-benches --bench segments`.
//!
//! | group | what is measured |
//! |---|---|
//! | `segments/traits` | five conditions about traits over 2,000,000 profiles in columns |
//! | `segments/behaviour` | four conditions about what people did, over 10,000,000 events of 500,000 profiles |
//! | `segments/row` | the same four and five conditions of one profile, with the reasons |
//! | `segments/compile` | from JSON to what evaluates |
//!
//! The events are those of the script that times the peers: the same names, shares, windows and limits.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    clippy::cast_possible_truncation,
    clippy::cast_possible_wrap,
    clippy::cast_precision_loss,
    clippy::cast_sign_loss,
    reason = "a benchmark may panic"
)]

use std::collections::BTreeMap;
use std::hint::black_box;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use serde_json::{Value, json};
use stratum_cdp::segment::{Column, EventColumns, ProfileColumns, ProfileFacts, Segment};
use stratum_core::Timestamp;

const PROFILES: usize = 2_000_000;
const EVENTS: usize = 10_000_000;
const USERS: usize = 500_000;
/// Seconds since 1970: the fixed "now" of the peers.
const T0: i64 = 1_760_000_000;

/// SplitMix64 (Steele, Lea, Flood 2014).
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    fn unit(&mut self) -> f64 {
        (self.next() >> 11) as f64 / 9_007_199_254_740_992.0
    }

    fn below(&mut self, n: u64) -> u64 {
        self.next() % n
    }
}

/// The peers' windows hold their first instant, ours do not: one millisecond earlier they hold the same events.
fn now() -> Timestamp {
    Timestamp::from_millis(T0 * 1_000 - 1).unwrap()
}

fn five_traits() -> Value {
    json!({"logic": "and", "conditions": [
        {"field": "trait.ltv", "operator": "greater_than", "value": 50},
        {"field": "trait.orders", "operator": "between", "value": [1, 8]},
        {"field": "profile.last_seen_at", "operator": "within_last", "value": {"n": 60, "unit": "days"}},
        {"field": "consent.ads", "operator": "equals", "value": true},
        {"field": "data.city", "operator": "not_equals", "value": "Berlin"},
    ]})
}

fn behaviour() -> Value {
    json!({"logic": "and", "conditions": [
        {"field": "event.purchase.count", "operator": "greater_or_equal", "value": 2, "window_days": 30},
        {"field": "event.purchase.sum.amount", "operator": "greater_than", "value": 80, "window_days": 30},
        {"field": "event.product_view.count", "operator": "greater_or_equal", "value": 5, "window_days": 14},
        {"field": "event.refund.count", "operator": "equals", "value": 0, "window_days": 90},
    ]})
}

fn traits(c: &mut Criterion) {
    let mut random = Random(1);
    let ltv: Vec<f64> = (0..PROFILES).map(|_| random.unit() * 100.0).collect();
    let orders: Vec<i64> = (0..PROFILES).map(|_| random.below(10) as i64).collect();
    let seen: Vec<i64> =
        (0..PROFILES).map(|_| now().millis() - random.below(90 * 86_400_000) as i64).collect();
    let ads: Vec<u8> = (0..PROFILES).map(|_| random.below(2) as u8).collect();
    let city: Vec<u32> = (0..PROFILES).map(|_| random.below(8) as u32).collect();
    let cities: Vec<String> =
        ["Berlin", "Paris", "Rome", "Madrid", "Lisbon", "Oslo", "Riyadh", "Cairo"].map(str::to_owned).into();
    let columns = ProfileColumns {
        rows: PROFILES,
        columns: BTreeMap::from([
            ("trait.ltv".to_owned(), Column::Numbers(&ltv)),
            ("trait.orders".to_owned(), Column::Integers(&orders)),
            ("profile.last_seen_at".to_owned(), Column::Times(&seen)),
            ("consent.ads".to_owned(), Column::Flags(&ads)),
            ("data.city".to_owned(), Column::Text { codes: &city, dictionary: &cities }),
        ]),
        events: None,
    };
    let segment = Segment::from_json(&five_traits()).unwrap();
    let mut group = c.benchmark_group("segments");
    group.throughput(Throughput::Elements(PROFILES as u64));
    group.sample_size(20);
    group.bench_function("traits", |b| {
        b.iter(|| segment.at(now()).select(black_box(&columns)).unwrap().count());
    });
    group.finish();
}

struct Events {
    profile: Vec<u32>,
    name: Vec<u32>,
    time_ms: Vec<i64>,
    amount: Vec<f64>,
}

fn events() -> Events {
    let mut random = Random(1);
    let mut events = Events { profile: vec![], name: vec![], time_ms: vec![], amount: vec![] };
    for _ in 0..EVENTS {
        let place = random.unit();
        events.profile.push((USERS as f64 * place * place.sqrt()) as u32);
        let name = match random.below(100) {
            0..55 => 0,
            55..80 => 1,
            80..92 => 2,
            92..99 => 3,
            _ => 4,
        };
        events.name.push(name);
        events.time_ms.push((T0 - random.below(90 * 86_400) as i64) * 1_000);
        let amount = if name == 3 { 500.0 + random.unit() * 7_000.0 } else { 0.0 };
        events.amount.push(amount.round() / 100.0);
    }
    events
}

fn sorted(events: &Events) -> Events {
    let mut order: Vec<usize> = (0..EVENTS).collect();
    order.sort_unstable_by_key(|&event| (events.profile[event], events.time_ms[event]));
    Events {
        profile: order.iter().map(|&event| events.profile[event]).collect(),
        name: order.iter().map(|&event| events.name[event]).collect(),
        time_ms: order.iter().map(|&event| events.time_ms[event]).collect(),
        amount: order.iter().map(|&event| events.amount[event]).collect(),
    }
}

fn behavioural(c: &mut Criterion) {
    let names: Vec<String> =
        ["page_view", "product_view", "add_to_cart", "purchase", "refund"].map(str::to_owned).into();
    let segment = Segment::from_json(&behaviour()).unwrap();
    let mixed = events();
    let in_order = sorted(&mixed);
    let mut group = c.benchmark_group("segments");
    group.throughput(Throughput::Elements(EVENTS as u64));
    group.sample_size(10);
    for (name, events) in [("behaviour/mixed", &mixed), ("behaviour/by_profile", &in_order)] {
        let columns = ProfileColumns {
            rows: USERS,
            columns: BTreeMap::new(),
            events: Some(EventColumns {
                profile: &events.profile,
                name: &events.name,
                names: &names,
                time_ms: &events.time_ms,
                properties: BTreeMap::from([("amount".to_owned(), Column::Numbers(&events.amount))]),
            }),
        };
        group.bench_function(name, |b| {
            b.iter(|| segment.at(now()).select(black_box(&columns)).unwrap().count());
        });
    }
    group.finish();
}

fn row(c: &mut Criterion) {
    let at = |days: i64| now().plus_hours(-24 * days).to_string();
    let purchase = |days: i64| json!({"name": "purchase", "time": at(days), "properties": {"amount": 49.95}});
    let view = |days: i64| json!({"name": "product_view", "time": at(days)});
    let mut events: Vec<Value> = (0..8).map(view).collect();
    events.extend((0..4).map(|n| purchase(n * 9)));
    let profile: ProfileFacts = serde_json::from_value(json!({
        "id": "p1", "last_seen_at": at(1), "data": {"city": "Paris"}, "traits": {"ltv": 120.5, "orders": 3},
        "consents": ["ads"], "events": events,
    }))
    .unwrap();
    let mut group = c.benchmark_group("segments");
    group.throughput(Throughput::Elements(1));
    for (name, rules) in [("row/traits", five_traits()), ("row/behaviour", behaviour())] {
        let segment = Segment::from_json(&rules).unwrap();
        let segment = segment.at(now());
        group.bench_function(name, |b| b.iter(|| segment.evaluate(black_box(&profile))));
        let decided = segment.evaluate(&profile);
        group.bench_function(format!("{name}/reasons"), |b| {
            b.iter(|| segment.explain(black_box(&decided), black_box(&profile)));
        });
    }
    let rules = behaviour();
    group.bench_function("compile", |b| b.iter(|| Segment::from_json(black_box(&rules)).unwrap()));
    group.finish();
}

criterion_group!(benches, traits, behavioural, row);
criterion_main!(benches);

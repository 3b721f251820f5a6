//! Rule attribution: one journey, and columns of 100,000.
//!
//! `cargo bench -p stratum-benches --bench attribution`
#![allow(
    clippy::expect_used,
    clippy::arithmetic_side_effects,
    clippy::indexing_slicing,
    reason = "a benchmark may panic: that is how it fails"
)]

use std::hint::black_box;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use stratum_cdp::attribution::{JourneyColumns, RuleModel, RuleSettings};

const JOURNEYS: usize = 100_000;
const DAY_MS: i64 = 86_400_000;
const FIVE: [RuleModel; 5] = [
    RuleModel::LastTouch,
    RuleModel::FirstTouch,
    RuleModel::Linear,
    RuleModel::PositionBased,
    RuleModel::TimeDecay,
];

/// A number from 0 to `below` that looks drawn.
fn drawn(number: usize, below: i64) -> i64 {
    let mixed = (number as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    i64::try_from((mixed >> 20) % below.unsigned_abs()).unwrap_or_default()
}

fn rules(c: &mut Criterion) {
    let rules = RuleSettings::default().compile().expect("the defaults are valid");
    let (mut offsets, mut at, mut channel) = (vec![0], Vec::new(), Vec::new());
    let (mut converted, mut value) = (Vec::new(), Vec::new());
    for journey in 0..JOURNEYS {
        let converted_at = 100 * DAY_MS + drawn(journey, DAY_MS);
        // Three touches on average, as journeys have.
        let touches = 1 + usize::try_from(drawn(journey + 7, 5)).unwrap_or_default();
        let first = at.len();
        at.extend((0..touches).map(|touch| converted_at - drawn(journey * 16 + touch, 30 * DAY_MS)));
        at[first..].sort_unstable();
        channel.extend(
            (0..touches).map(|touch| u32::try_from(drawn(journey * 8 + touch, 10)).unwrap_or_default()),
        );
        offsets.push(at.len());
        converted.push(converted_at);
        value.push(drawn(journey + 3, 20_000));
    }
    let columns = JourneyColumns {
        offsets: &offsets,
        touched_at_ms: &at,
        channel: &channel,
        view: None,
        lead: None,
        converted_at_ms: &converted,
        value_cents: &value,
        channels: 10,
    };
    let mut group = c.benchmark_group("attribution");
    group.throughput(Throughput::Elements(JOURNEYS as u64));
    group.bench_function("five rules over columns", |b| {
        b.iter(|| columns.attribute(&rules, black_box(&FIVE), false, |_| true));
    });
    group.throughput(Throughput::Elements(1));
    let journey = [0, 3 * DAY_MS, 8 * DAY_MS, 9 * DAY_MS];
    group.bench_function("time decay of one journey, to the cent", |b| {
        b.iter(|| rules.shares(RuleModel::TimeDecay, black_box(&journey), None).credits(12_345));
    });
    group.finish();
}

criterion_group!(benches, rules);
criterion_main!(benches);

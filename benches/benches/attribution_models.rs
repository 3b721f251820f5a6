//! Attribution that learns, on a million journeys and on games of sixteen players.
//!
//! `cargo bench -p stratum-benches --bench attribution_models`
#![allow(
    clippy::unwrap_used,
    clippy::arithmetic_side_effects,
    clippy::indexing_slicing,
    reason = "a benchmark may panic: that is how it fails"
)]

use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use stratum_cdp::attribution::{
    PathCounts, PathOutcome, TransitionCounts, markov, shapley, shapley_of_table,
};
use stratum_core::math::count;

/// Lehmer's generator (1951) with the multiplier 48271.
struct Draws(u64);

impl Draws {
    fn next(&mut self) -> u64 {
        self.0 = self.0 * 48_271 % 2_147_483_647;
        self.0 >> 7
    }
}

const CHANNELS: u64 = 10;

/// Journeys of one to fifteen touches, of which three in ten convert.
fn journeys(number: usize) -> Vec<(Vec<u16>, PathOutcome)> {
    let mut draws = Draws(11);
    (0..number)
        .map(|_| {
            let mut path = vec![u16::try_from(draws.next() % CHANNELS).unwrap()];
            while path.len() < 15 && draws.next() % 100 >= 32 {
                path.push(u16::try_from(draws.next() % CHANNELS).unwrap());
            }
            let converted = draws.next() % 10 < 3;
            let value = i64::try_from(draws.next() % 20_000).unwrap();
            (path, if converted { PathOutcome::conversion(value) } else { PathOutcome::null() })
        })
        .collect()
}

fn names() -> Vec<String> {
    (0..CHANNELS).map(|channel| format!("channel {channel}")).collect()
}

fn counted(journeys: &[(Vec<u16>, PathOutcome)]) -> PathCounts {
    let mut counts = PathCounts::new();
    for name in names() {
        counts.number(&name).unwrap();
    }
    for (path, outcome) in journeys {
        counts.add_numbered(path, *outcome).unwrap();
    }
    counts
}

fn attribution(criterion: &mut Criterion) {
    let journeys = journeys(1_000_000);
    let mut group = criterion.benchmark_group("attribution of a million journeys");
    group.sample_size(10);
    group.bench_function("markov of order 1, steps counted as they come", |bench| {
        bench.iter(|| {
            let mut counts = TransitionCounts::new(names()).unwrap();
            journeys.iter().for_each(|(path, outcome)| counts.add(path, *outcome));
            counts.markov().unwrap()
        });
    });
    group.bench_function("paths counted", |bench| bench.iter(|| counted(black_box(&journeys))));
    let counts = counted(&journeys);
    group.bench_function("shapley of the counts", |bench| bench.iter(|| shapley(black_box(&counts))));
    for order in [1, 2, 3] {
        group.bench_function(format!("markov of order {order} of the counts"), |bench| {
            bench.iter(|| markov(black_box(&counts), order).unwrap());
        });
    }
    group.finish();

    let mut draws = Draws(5);
    for players in [10, 16, 20] {
        let worth: Vec<f64> = (0..1_u64 << players).map(|_| count(draws.next() % 1_000)).collect();
        criterion.bench_function(&format!("shapley of a game of {players} players"), |bench| {
            bench.iter(|| shapley_of_table(black_box(&worth)).unwrap());
        });
    }
}

criterion_group!(benches, attribution);
criterion_main!(benches);

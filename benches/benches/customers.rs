//! What customers' purchases say, on as many customers as the peers are timed on: a million scored by rank, a hundred
//! thousand fitted.
//!
//! `cargo bench -p stratum-benches --bench customers`
#![allow(
    clippy::unwrap_used,
    clippy::arithmetic_side_effects,
    clippy::indexing_slicing,
    reason = "a benchmark may panic: that is how it fails"
)]

use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use stratum_cdp::lifetime_value::{BgNbd, PurchaseHistory, fit_bgnbd};
use stratum_cdp::rfm::{RfmColumns, RfmPolicy, Ties};
use stratum_core::Currency;
use stratum_core::math::{count, exp, ln};
use stratum_core::statistics::{Beta, Distribution, Gamma, Normal};

/// Lehmer's generator (1951) with the multiplier 48271.
struct Draws(u64);

impl Draws {
    /// A number between zero and one.
    fn next(&mut self) -> f64 {
        self.0 = self.0 * 48_271 % 2_147_483_647;
        count(self.0) / 2_147_483_647.0
    }
}

fn customers_by_rank(rows: usize) -> [Vec<f64>; 3] {
    let mut draws = Draws(7);
    let mut columns = [Vec::new(), Vec::new(), Vec::new()];
    for _ in 0..rows {
        columns[0].push((draws.next() * 730.0).floor());
        // Geometric rather than Poisson: as many ties, and quick to draw.
        columns[1].push(1.0 + (ln(draws.next()) / ln(0.75)).floor());
        let spread = Normal::STANDARD.ppf(draws.next());
        columns[2].push((exp(4.0 + spread) * 100.0).round());
    }
    columns
}

/// The customers of the peer's script: r 0.6, alpha 8, a 1.2, b 3, in weeks.
fn histories(rows: usize) -> Vec<PurchaseHistory> {
    let mut draws = Draws(11);
    let rates = Gamma::new(0.6, 1.0 / 8.0).unwrap();
    let chances = Beta::new(1.2, 3.0).unwrap();
    let cents = |time: f64| (time * 100.0).round() / 100.0;
    (0..rows)
        .map(|_| {
            let age = cents(26.0 + 52.0 * draws.next());
            let (rate, leaves) = (rates.ppf(draws.next()), chances.ppf(draws.next()));
            let (mut x, mut t_x, mut now) = (0, 0.0, 0.0);
            loop {
                now -= ln(draws.next()) / rate;
                if now > age {
                    break;
                }
                (x, t_x) = (x + 1, now);
                if draws.next() < leaves {
                    break;
                }
            }
            PurchaseHistory { x, t_x: cents(t_x).min(age), age }
        })
        .collect()
}

fn customers(c: &mut Criterion) {
    let [recency, frequency, monetary] = customers_by_rank(1_000_000);
    let columns = RfmColumns::new(&recency, &frequency, &monetary).unwrap();
    let fixed = RfmPolicy::default().compile(Currency::USD).unwrap();
    let mut group = c.benchmark_group("customers");
    group.sample_size(10);
    group.bench_function("rfm of 1M by rank, with cells", |b| {
        b.iter(|| black_box(columns.quantiles(5, Ties::Min)).cells());
    });
    group.bench_function("rfm of 1M by rank in input order, with cells", |b| {
        b.iter(|| black_box(columns.quantiles(5, Ties::First)).cells());
    });
    group.bench_function("rfm of 1M by limits, with cells", |b| {
        b.iter(|| black_box(columns.score(&fixed, Ties::Min).unwrap()).cells());
    });
    let histories = histories(100_000);
    let fitted = fit_bgnbd(&histories).unwrap();
    println!(
        "fitted: {:?}, {} evaluations, converged {}",
        fitted.model, fitted.evaluations, fitted.converged
    );
    group.bench_function("bg/nbd fit of 100k", |b| b.iter(|| fit_bgnbd(black_box(&histories)).unwrap()));
    let model = BgNbd::new(0.6, 8.0, 1.2, 3.0).unwrap();
    group.bench_function("bg/nbd predictions of 100k, 52 weeks", |b| {
        b.iter(|| histories.iter().map(|h| model.expected_purchases(black_box(h), 52.0)).sum::<f64>());
    });
    group.finish();
}

criterion_group!(benches, customers);
criterion_main!(benches);

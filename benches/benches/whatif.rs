//! What it costs to ask "what if": a simulation, and two policies tried on the last 90 days of four platforms.
//!
//! `cargo bench -p stratum-benches --bench whatif`
#![allow(
    clippy::unwrap_used,
    clippy::arithmetic_side_effects,
    reason = "a benchmark may panic: that is how it fails"
)]

use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use stratum_autopilot::backtest::{BacktestPolicy, ComparisonRequest, PastHealth, PlatformHistory, compare};
use stratum_autopilot::whatif::{DailyFigures, SimulationRequest, simulate};
use stratum_core::Timestamp;
use stratum_core::policy::FIVE;
use stratum_core::vocabulary::{ActionType, Platform};

/// 28 days on which spend moved, so that all four exponents are fitted.
fn simulation() -> SimulationRequest {
    let day = |number: i64| {
        let spend = 8_000 + 700 * (number % 13);
        let clicks = f64::from(u32::try_from(spend).unwrap()).sqrt() * 3.0;
        DailyFigures::new(spend, 20_000 + 3 * spend, clicks / 40.0, clicks, clicks * 90.0)
    };
    let mut request = SimulationRequest::new((0..28).map(day).collect(), 35.0);
    request.contribution_margin = Some(0.4);
    request
}

/// 90 days of four platforms; health wanders between 45 and 100.
fn comparison() -> ComparisonRequest {
    let start: Timestamp = "2026-01-01T00:00:00Z".parse().unwrap();
    let history = Platform::ALL.iter().zip(1_i64..).map(|(&platform, step)| {
        let points = (0..90).map(|day| {
            let score =
                |position: i64| f64::from(u32::try_from(45 + (day * 7 * step + position * 11) % 56).unwrap());
            let components = FIVE.iter().zip(0_i64..);
            let components =
                components.map(|(&(component, _), position)| (component, Some(score(position)))).collect();
            PastHealth::new(start.plus_hours(24 * day), components)
        });
        PlatformHistory { platform, points: points.collect() }
    });
    let mut proposed = BacktestPolicy::default();
    proposed.trust.overrides.insert(ActionType::BudgetIncrease, 80.0);
    ComparisonRequest::new(BacktestPolicy::default(), proposed, history.collect())
}

fn whatif(c: &mut Criterion) {
    let simulation = simulation();
    assert!(simulate(&simulation).unwrap().flags.is_empty());
    let asked = serde_json::to_string(&simulation).unwrap();
    let mut group = c.benchmark_group("whatif");
    group.bench_function("simulate", |b| b.iter(|| simulate(black_box(&simulation)).unwrap()));
    group.bench_function("simulate, JSON to JSON", |b| {
        b.iter(|| stratum_ffi::call_json("whatif.simulate", black_box(&asked)).unwrap());
    });
    group.finish();

    let comparison = comparison();
    assert!(!compare(&comparison).unwrap().changes.is_empty());
    let asked = serde_json::to_string(&comparison).unwrap();
    let mut group = c.benchmark_group("backtest of 4 platforms, 90 days, 2 policies");
    group.bench_function("compare", |b| b.iter(|| compare(black_box(&comparison)).unwrap()));
    group.bench_function("compare, JSON to JSON", |b| {
        b.iter(|| stratum_ffi::call_json("backtest.compare", black_box(&asked)).unwrap());
    });
    group.finish();
}

criterion_group!(benches, whatif);
criterion_main!(benches);

//! Health and gate over real advertising costs: would a budget increase have run on each day?
//!
//!     cargo run -p stratum-examples --bin ad_exchange [-- FOLDER]
//!
//! `FOLDER` holds `realAdExchange/*.csv` and `windows.json` of the Numenta Anomaly Benchmark. The series are hourly costs
//! per click (cpc) and per thousand impressions (cpm). A day's spend is the price of its dearest hour, one conversion a
//! day: so the anomaly component judges the price alone. The other components of the preset `FOUR` stand at a constant
//! 75, at which a day is held from |z| ≈ 3 on. Each morning the last complete day is judged against the 14 days before.

#![expect(clippy::arithmetic_side_effects, reason = "counts of days, and dates of 2011")]

mod series;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Result;
use chrono::NaiveDate;
use series::Series;
use stratum_core::gate::{self, GateEvaluation, GateFacts};
use stratum_core::health::{self, DailyMetrics, DailyRow, HealthFacts, Measurements};
use stratum_core::id::TenantId;
use stratum_core::policy::{CompiledTrustPolicy, TrustPolicy};
use stratum_core::vocabulary::{GateDecision, GateSubject, HealthComponent, HealthPreset, Platform};
use stratum_core::{Score, Timestamp};

/// What the components that the series say nothing about stand at.
const OTHERS: f64 = 75.0;
/// How many days before a day it is judged against.
const WINDOW_DAYS: u64 = 14;
/// Fewer days than these, and the anomaly component is missing: the gate says so, the count leaves them out.
const WARM_UP_DAYS: usize = 7;

/// How often the gate was right.
#[derive(Default)]
struct Tally {
    incidents: usize,
    incidents_held: usize,
    healthy_days: usize,
    healthy_days_held: usize,
}

fn main() -> Result<ExitCode> {
    let folder = std::env::args_os()
        .nth(1)
        .map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/data/nab"), PathBuf::from);
    if !folder.join("realAdExchange").is_dir() {
        println!("the series are not here: {} has no folder realAdExchange", folder.display());
        println!("give the folder of the benchmark's data as the first argument");
        return Ok(ExitCode::SUCCESS);
    }
    let policy = TrustPolicy::with_preset(HealthPreset::Four).compile()?;
    let mut total = Tally::default();
    for series in series::read_all(&folder)? {
        timeline(&policy, &series, &mut total)?;
    }
    println!(
        "held within their window: {} of {} labelled incidents; held needlessly: {} of {} healthy days",
        total.incidents_held, total.incidents, total.healthy_days_held, total.healthy_days
    );
    Ok(ExitCode::SUCCESS)
}

/// Prints every day of a series that did not pass, and counts.
fn timeline(policy: &CompiledTrustPolicy, series: &Series, total: &mut Tally) -> Result<()> {
    println!("{} ({} days)", series.name, series.days.len());
    let mut held = Vec::new();
    for (position, &day) in series.days.keys().enumerate() {
        let (anomaly, evaluation) = judge(policy, series, day)?;
        if position < WARM_UP_DAYS {
            continue;
        }
        let stopped = evaluation.decision() != GateDecision::Pass;
        let incident = series.is_incident(day);
        total.healthy_days += usize::from(!incident);
        total.healthy_days_held += usize::from(!incident && stopped);
        if stopped {
            held.push(day);
            let reasons: Vec<String> = evaluation.reasons().iter().map(gate::Reason::message).collect();
            let label = if incident { "incident" } else { "healthy " };
            let anomaly = anomaly.map_or_else(|| "missing".to_owned(), |score| score.shown().to_string());
            println!(
                "  {day}  {}  {label}  anomaly {anomaly}: {}",
                evaluation.decision(),
                reasons.join("; ")
            );
        }
    }
    total.incidents += series.incidents.len();
    total.incidents_held += series
        .incidents
        .iter()
        .filter(|(first, last)| held.iter().any(|day| (*first..=*last).contains(day)))
        .count();
    Ok(())
}

/// What the gate says in the morning after `day` of a budget increase, and the score of the anomaly component.
fn judge(
    policy: &CompiledTrustPolicy,
    series: &Series,
    day: NaiveDate,
) -> Result<(Option<Score>, GateEvaluation)> {
    let tenant: TenantId = "0198c9a0-0000-7000-8000-000000000001".parse()?;
    let morning: Timestamp = format!("{}T06:00:00Z", day + chrono::Days::new(1)).parse()?;
    let first = day - chrono::Days::new(WINDOW_DAYS);
    let mut measured = Measurements::default();
    measured.daily = Some(DailyMetrics {
        last_complete_day: day,
        days: series
            .days
            .range(first..=day)
            .map(|(&date, &price)| DailyRow {
                spend_cents: Some(price * 100.0),
                conversions: Some(1.0),
                ..DailyRow::new(date)
            })
            .collect(),
    });
    let mut facts = HealthFacts::new(tenant, Platform::Meta, morning)
        .with_measurements(measured)
        .with_data_as_of(morning.plus_hours(-6));
    for component in [HealthComponent::Emq, HealthComponent::Freshness, HealthComponent::Variance] {
        facts = facts.with_component(component, OTHERS);
    }
    let snapshot = health::evaluate(policy, &facts)?;
    let mut question = GateFacts::new(tenant, GateSubject::BudgetIncrease, vec![Platform::Meta], morning);
    let anomaly = snapshot.component(HealthComponent::Anomaly);
    question.snapshots = vec![snapshot];
    Ok((anomaly, gate::evaluate(policy, &question)))
}

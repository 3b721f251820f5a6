//! Platform stability: synchronisation runs, the swings of EMQ, open incidents.

use super::limits;
use crate::health::StabilityFacts;
use crate::math::{finite, population_std};
use crate::problem::{Problem, ProblemCollector};
use crate::vocabulary::{IncidentKind, IncidentSeverity};

/// What the share of good synchronisation runs counts.
const SYNC_POINTS: f64 = 60.0;
/// What a steady EMQ counts: 40 · (1 − 0.05 σ), so a standard deviation of 20 points leaves nothing.
const STEADY_SHARE: f64 = 0.4;
const LOSS_PER_SIGMA: f64 = 5.0;
/// From how many daily scores the swings are judged; with fewer that part counts nothing.
const MIN_DAILY_SCORES: usize = 3;
/// How many daily scores the window holds.
const MAX_DAILY_SCORES: usize = 7;

/// 0 to 100; missing when there was no synchronisation run in the last 24 hours.
///
/// 0.6 · (share of good runs) + 0.4 · max(0, 100 − 5σ), σ the population standard deviation of at least 3 daily scores,
/// less 20 for each open critical incident and 10 for each open high one. Incidents of kind `SIGNAL_HEALTH` are left out:
/// health opens them itself, so counting them would keep them open.
#[must_use]
pub fn platform_stability(facts: &StabilityFacts) -> Option<f64> {
    let ok = finite(facts.sync_ok)?;
    let runs = ok + finite(facts.sync_failed)?;
    if runs <= 0.0 {
        return None;
    }
    let penalty: f64 = facts
        .open_incidents
        .iter()
        .filter(|incident| incident.kind != IncidentKind::SignalHealth)
        .map(|incident| penalty(incident.severity))
        .sum();
    Some((SYNC_POINTS * ok / runs + steadiness(&facts.daily_emq) - penalty).clamp(0.0, 100.0))
}

fn steadiness(daily_emq: &[Option<f64>]) -> f64 {
    let scores: Vec<f64> = daily_emq.iter().copied().flatten().filter_map(finite).collect();
    if scores.len() < MIN_DAILY_SCORES {
        return 0.0;
    }
    population_std(&scores).map_or(0.0, |sigma| STEADY_SHARE * (100.0 - LOSS_PER_SIGMA * sigma).max(0.0))
}

const fn penalty(severity: IncidentSeverity) -> f64 {
    match severity {
        IncidentSeverity::Critical => 20.0,
        IncidentSeverity::High => 10.0,
    }
}

pub(super) fn check(facts: &StabilityFacts, found: &mut ProblemCollector) {
    limits::count("/platform_stability/sync_ok", facts.sync_ok, found);
    limits::count("/platform_stability/sync_failed", facts.sync_failed, found);
    if facts.daily_emq.len() > MAX_DAILY_SCORES {
        found.push(
            Problem::new(
                "/platform_stability/daily_emq",
                "too_many",
                format!("the window holds {MAX_DAILY_SCORES} days, not {}", facts.daily_emq.len()),
            )
            .help("give one score for each of the last 7 days"),
        );
    }
    for (position, score) in facts.daily_emq.iter().enumerate() {
        if let Some(score) = score {
            limits::within(&format!("/platform_stability/daily_emq/{position}"), *score, 100.0, found);
        }
    }
}

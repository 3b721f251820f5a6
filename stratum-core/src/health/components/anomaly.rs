//! Anomaly: how unusual the last complete day is among the 14 complete days before it.

use super::variance::window;
use crate::anomaly::{MIN_PREVIOUS, PREVIOUS_DAYS, z_score};
use crate::health::{DailyMetrics, DailyRow};
use crate::math::{finite, lerp, round9};

/// |z| to score.
const ABS_Z: [(f64, f64); 4] = [(2.0, 100.0), (2.5, 70.0), (3.0, 40.0), (4.0, 0.0)];

/// 0 to 100, of the worst z over spend, conversions, cost per conversion (cpa) and return on spend (roas).
///
/// Missing when spend or conversions cannot be judged: the last complete day has no figure, fewer than 7 days before it
/// have one, or the days are not all of one currency. Cpa and roas join in when they are defined often enough.
#[must_use]
pub fn anomaly(daily: &DailyMetrics) -> Option<f64> {
    let rows: Vec<&DailyRow> = window(daily, PREVIOUS_DAYS.saturating_add(1)).collect();
    let last = rows.iter().find(|row| row.date == daily.last_complete_day)?;
    let mut currencies = rows.iter().filter_map(|row| row.currency);
    let first = currencies.next();
    if currencies.any(|currency| Some(currency) != first) {
        return None;
    }
    let z = |metric: fn(&DailyRow) -> Option<f64>| {
        let previous: Vec<f64> =
            rows.iter().filter(|row| row.date != last.date).filter_map(|row| metric(row)).collect();
        if previous.len() < MIN_PREVIOUS {
            return None;
        }
        z_score(metric(last)?, &previous)
    };
    let required = [z(spend)?, z(conversions)?];
    let worst = required.into_iter().chain(z(cpa)).chain(z(roas)).map(f64::abs).fold(0.0, f64::max);
    Some(anomaly_score(worst))
}

/// The score of a z: 100 up to |z| = 2, then 70 at 2.5, 40 at 3, and 0 from 4.
#[must_use]
pub fn anomaly_score(z: f64) -> f64 {
    lerp(&ABS_Z, round9(z.abs()))
}

fn spend(row: &DailyRow) -> Option<f64> {
    row.spend_cents.and_then(finite)
}

fn conversions(row: &DailyRow) -> Option<f64> {
    row.conversions.and_then(finite)
}

fn cpa(row: &DailyRow) -> Option<f64> {
    ratio(spend(row)?, conversions(row)?)
}

fn roas(row: &DailyRow) -> Option<f64> {
    ratio(row.revenue_cents.and_then(finite)?, spend(row)?)
}

/// A ratio with a zero denominator is not defined.
fn ratio(numerator: f64, denominator: f64) -> Option<f64> {
    (denominator > 0.0).then(|| numerator / denominator)
}

//! Variance: what the platform claims against an independent reference (GA4), over the last 7 complete days.

use std::collections::BTreeSet;

use super::limits;
use crate::health::{DailyMetrics, DailyRow};
use crate::math::{CompensatedSum, finite, lerp};
use crate::problem::{Problem, ProblemCollector};
use crate::time::Date;

/// Variance in per cent to score.
const VARIANCE_PCT: [(f64, f64); 4] = [(10.0, 100.0), (15.0, 70.0), (20.0, 40.0), (30.0, 0.0)];

/// How many complete days are compared.
const WINDOW_DAYS: i64 = 7;

/// 0 to 100; missing when no day has both sides, both are zero, or the currencies differ.
#[must_use]
pub fn variance(daily: &DailyMetrics) -> Option<f64> {
    variance_pct(daily).map(|pct| lerp(&VARIANCE_PCT, pct))
}

/// |platform − GA4| / GA4 in per cent: of revenue if either side has any, else of conversions.
///
/// Both sides are summed over the days that have both. GA4 at 0 with a platform above 0 is 100 %. Missing as in
/// [`variance`].
#[must_use]
pub fn variance_pct(daily: &DailyMetrics) -> Option<f64> {
    let window: Vec<&DailyRow> = window(daily, WINDOW_DAYS).collect();
    let revenue = sides(&window, |row| (row.revenue_cents, row.ga4_revenue_cents));
    if let Some((platform, ga4)) = revenue.filter(|(platform, ga4)| *platform > 0.0 || *ga4 > 0.0) {
        return one_currency(&window).then(|| difference_pct(platform, ga4)).flatten();
    }
    let (platform, ga4) = sides(&window, |row| (row.conversions, row.ga4_conversions))?;
    difference_pct(platform, ga4)
}

/// The rows of the last `days` complete days.
pub(super) fn window(daily: &DailyMetrics, days: i64) -> impl Iterator<Item = &DailyRow> {
    let last = daily.last_complete_day;
    daily
        .days
        .iter()
        .filter(move |row| row.date <= last && last.signed_duration_since(row.date).num_days() < days)
}

fn sides(rows: &[&DailyRow], of: fn(&DailyRow) -> (Option<f64>, Option<f64>)) -> Option<(f64, f64)> {
    let mut platform = CompensatedSum::default();
    let mut ga4 = CompensatedSum::default();
    let mut any = false;
    for row in rows {
        let (ours, theirs) = of(row);
        if let (Some(ours), Some(theirs)) = (ours.and_then(finite), theirs.and_then(finite)) {
            platform.add(ours);
            ga4.add(theirs);
            any = true;
        }
    }
    any.then(|| (platform.value(), ga4.value()))
}

/// Whether all money of the days with both sides is of one currency.
fn one_currency(rows: &[&DailyRow]) -> bool {
    let named: BTreeSet<_> = rows
        .iter()
        .filter(|row| row.revenue_cents.is_some() && row.ga4_revenue_cents.is_some())
        .flat_map(|row| [row.currency, row.ga4_currency])
        .flatten()
        .collect();
    named.len() <= 1
}

fn difference_pct(platform: f64, ga4: f64) -> Option<f64> {
    if ga4 > 0.0 { Some((platform - ga4).abs() * 100.0 / ga4) } else { (platform > 0.0).then_some(100.0) }
}

/// Notes what is impossible about daily figures: those of this component and of the anomaly component.
pub(super) fn check(daily: &DailyMetrics, found: &mut ProblemCollector) {
    let mut seen: BTreeSet<Date> = BTreeSet::new();
    for (position, row) in daily.days.iter().enumerate() {
        let path = format!("/daily/days/{position}");
        if !seen.insert(row.date) {
            found.push(
                Problem::new(
                    format!("{path}/date"),
                    "duplicate_day",
                    format!("{} has a row already", row.date),
                )
                .help("add the rows of a day up before they are given"),
            );
        }
        for (name, value) in [
            ("spend_cents", row.spend_cents),
            ("conversions", row.conversions),
            ("revenue_cents", row.revenue_cents),
            ("ga4_conversions", row.ga4_conversions),
            ("ga4_revenue_cents", row.ga4_revenue_cents),
        ] {
            if let Some(value) = value {
                limits::not_negative(&format!("{path}/{name}"), value, found);
            }
        }
    }
}

//! Every anchor of every curve, what makes a component missing, and points between the anchors worked out by hand.

use super::*;
use crate::health::{
    ApiCalls, DailyMetrics, DailyRow, EmqReading, EventTotals, OpenIncident, RecordTotals, StabilityFacts,
};
use crate::time::Date;
use crate::vocabulary::{IncidentKind, IncidentSeverity};

fn noon() -> Timestamp {
    "2026-03-01T12:00:00Z".parse().unwrap()
}

// --- EMQ ---

#[test]
fn emq_is_the_platforms_score_or_ten_times_its_rating() {
    assert_eq!(emq(&[EmqReading::score(83.5, noon())], noon()), Some(83.5));
    assert_eq!(emq(&[EmqReading::rating(8.5, noon())], noon()), Some(85.0));
    assert_eq!(emq(&[EmqReading::score(0.0, noon())], noon()), Some(0.0));
    assert_eq!(emq(&[], noon()), None);
}

#[test]
fn emq_weighs_by_volume_only_when_every_volume_is_known() {
    let purchase = EmqReading::rating(9.0, noon()).of_event("Purchase", Some(300.0));
    let view = EmqReading::rating(5.0, noon()).of_event("PageView", Some(100.0));
    // (300 · 90 + 100 · 50) / 400
    assert_eq!(emq(&[purchase.clone(), view.clone()], noon()), Some(80.0));
    let unknown = EmqReading { volume: None, ..view.clone() };
    assert_eq!(emq(&[purchase.clone(), unknown], noon()), Some(70.0));
    let not_a_number = EmqReading { volume: Some(f64::NAN), ..view.clone() };
    assert_eq!(emq(&[purchase, not_a_number], noon()), Some(70.0));
    let none = EmqReading { volume: Some(0.0), ..view };
    assert_eq!(emq(&[none], noon()), Some(50.0), "without any volume the plain mean");
}

#[test]
fn emq_counts_the_newest_reading_of_each_event_up_to_48_hours_old() {
    let at = |hours| noon().plus_hours(hours);
    let readings = [
        EmqReading::score(90.0, at(-47)).of_event("Purchase", None),
        EmqReading::score(60.0, at(-2)).of_event("Purchase", None),
        EmqReading::score(80.0, at(-48)).of_event("Lead", None),
    ];
    assert_eq!(emq(&readings, noon()), Some(70.0));
    // A millisecond later the lead is too old.
    assert_eq!(emq(&readings, noon().plus_millis(1)), Some(60.0));
    assert_eq!(emq(&[EmqReading::score(90.0, at(-48).plus_millis(-1))], noon()), None);
}

#[test]
fn emq_takes_the_lower_of_two_readings_at_one_instant_and_none_from_the_future() {
    let pair = [EmqReading::score(90.0, noon()), EmqReading::score(40.0, noon())];
    assert_eq!(emq(&pair, noon()), Some(40.0));
    let ahead = noon().plus_minutes(5);
    assert_eq!(emq(&[EmqReading::score(90.0, ahead)], noon()), Some(90.0));
    assert_eq!(emq(&[EmqReading::score(90.0, ahead.plus_millis(1))], noon()), None);
}

// --- API health ---

fn api(requests: f64, failures: f64) -> Option<f64> {
    api_health(&ApiCalls { requests, failures, credentials_valid: Some(true) })
}

#[test]
fn api_health_falls_through_2_5_10_and_25_per_cent_of_failures() {
    for (failures, score) in [
        (0.0, 100.0),
        (10.0, 95.0),
        (20.0, 90.0),
        (35.0, 80.0),
        (50.0, 70.0),
        (75.0, 55.0),
        (100.0, 40.0),
        (175.0, 20.0),
        (250.0, 0.0),
        (1000.0, 0.0),
    ] {
        assert_eq!(api(1000.0, failures), Some(score), "{failures} of 1000");
    }
}

#[test]
fn invalid_credentials_score_0_and_no_request_is_missing() {
    let invalid = |requests| ApiCalls { requests, failures: 0.0, credentials_valid: Some(false) };
    assert_eq!(api_health(&invalid(1000.0)), Some(0.0));
    assert_eq!(api_health(&invalid(0.0)), Some(0.0));
    assert_eq!(api(0.0, 0.0), None);
    assert_eq!(api_health(&ApiCalls::default()), None);
}

// --- Event loss ---

fn loss(expected: f64, received: f64) -> Option<f64> {
    event_loss(&EventTotals { expected: Some(expected), received })
}

#[test]
fn event_loss_falls_through_5_10_20_and_50_per_cent() {
    for (received, score) in [
        (1000.0, 100.0),
        (975.0, 95.0),
        (950.0, 90.0),
        (925.0, 80.0),
        (900.0, 70.0),
        (850.0, 55.0),
        (800.0, 40.0),
        (650.0, 20.0),
        (500.0, 0.0),
        (0.0, 0.0),
    ] {
        assert_eq!(loss(1000.0, received), Some(score), "{received} of 1000");
    }
}

#[test]
fn more_events_than_expected_are_no_loss_and_an_unknown_expectation_is_missing() {
    assert_eq!(loss(1000.0, 1200.0), Some(100.0));
    assert_eq!(loss(0.0, 10.0), None);
    assert_eq!(event_loss(&EventTotals { expected: None, received: 10.0 }), None);
}

// --- Platform stability ---

fn stability(sync_ok: f64, sync_failed: f64, daily_emq: &[f64]) -> StabilityFacts {
    let daily_emq = daily_emq.iter().copied().map(Some).collect();
    StabilityFacts { sync_ok, sync_failed, daily_emq, open_incidents: vec![] }
}

#[test]
fn stability_is_six_tenths_good_runs_and_four_tenths_steadiness() {
    assert_eq!(platform_stability(&stability(24.0, 0.0, &[80.0; 7])), Some(100.0));
    // 0.6 · 75 + 0.4 · 100
    assert_eq!(platform_stability(&stability(18.0, 6.0, &[80.0; 7])), Some(85.0));
    // Population standard deviation of 70, 70, 90, 90 is 10: 60 + 0.4 · (100 − 50)
    assert_eq!(platform_stability(&stability(24.0, 0.0, &[70.0, 70.0, 90.0, 90.0])), Some(80.0));
    // σ of 20 and of more leaves nothing.
    assert_eq!(platform_stability(&stability(24.0, 0.0, &[60.0, 60.0, 100.0, 100.0])), Some(60.0));
    assert_eq!(platform_stability(&stability(24.0, 0.0, &[0.0, 0.0, 100.0, 100.0])), Some(60.0));
}

#[test]
fn fewer_than_three_daily_scores_leave_the_steadiness_at_nothing() {
    assert_eq!(platform_stability(&stability(24.0, 0.0, &[80.0, 80.0])), Some(60.0));
    assert_eq!(platform_stability(&stability(24.0, 0.0, &[80.0, 80.0, f64::NAN])), Some(60.0));
    assert_eq!(platform_stability(&stability(24.0, 0.0, &[80.0; 3])), Some(100.0));
}

#[test]
fn open_incidents_cost_20_and_10_but_those_of_health_itself_nothing() {
    let with = |incidents: &[(IncidentKind, IncidentSeverity)]| {
        let open_incidents =
            incidents.iter().map(|&(kind, severity)| OpenIncident { kind, severity }).collect();
        platform_stability(&StabilityFacts { open_incidents, ..stability(24.0, 0.0, &[80.0; 7]) })
    };
    let critical = IncidentSeverity::Critical;
    assert_eq!(with(&[(IncidentKind::Platform, critical)]), Some(80.0));
    assert_eq!(with(&[(IncidentKind::Emq, IncidentSeverity::High)]), Some(90.0));
    assert_eq!(with(&[(IncidentKind::SignalHealth, critical)]), Some(100.0));
    assert_eq!(
        with(&[(IncidentKind::Platform, critical), (IncidentKind::Anomaly, IncidentSeverity::High)]),
        Some(70.0)
    );
    assert_eq!(with(&[(IncidentKind::Platform, critical); 6]), Some(0.0), "never below 0");
}

#[test]
fn without_a_synchronisation_run_stability_is_missing() {
    assert_eq!(platform_stability(&stability(0.0, 0.0, &[80.0; 7])), None);
    assert_eq!(platform_stability(&stability(0.0, 3.0, &[80.0; 7])), Some(40.0));
}

// --- Data quality ---

#[test]
fn data_quality_weighs_valid_complete_and_unique_records() {
    let quality =
        |valid, complete, duplicate| data_quality(&RecordTotals { total: 200.0, valid, complete, duplicate });
    assert_eq!(quality(200.0, 200.0, 0.0), Some(100.0));
    assert_eq!(quality(0.0, 200.0, 0.0), Some(50.0));
    assert_eq!(quality(200.0, 0.0, 0.0), Some(70.0));
    assert_eq!(quality(200.0, 200.0, 200.0), Some(80.0));
    // 0.5 · 90 + 0.3 · 80 + 0.2 · 95
    assert_eq!(quality(180.0, 160.0, 10.0), Some(88.0));
    assert_eq!(data_quality(&RecordTotals::default()), None);
}

// --- Freshness ---

#[test]
fn freshness_falls_from_24_to_48_hours() {
    let age =
        |hours: i64, ms: i64| freshness(noon().plus_hours(hours.saturating_neg()).plus_millis(ms), noon());
    for (hours, score) in
        [(0, 100.0), (20, 100.0), (24, 100.0), (30, 75.0), (36, 50.0), (42, 25.0), (48, 0.0), (500, 0.0)]
    {
        assert_eq!(age(hours, 0), Some(score), "{hours} h");
    }
    assert!(age(24, -1).unwrap() < 100.0);
    assert!(age(48, 1).unwrap() > 0.0);
    assert_eq!(freshness(noon().plus_minutes(5), noon()), Some(100.0));
    assert_eq!(freshness(noon().plus_minutes(5).plus_millis(1), noon()), None);
}

// --- Variance ---

fn yesterday() -> Date {
    noon().utc_date().pred_opt().unwrap()
}

fn days_ago(days: u64) -> DailyRow {
    DailyRow::new(yesterday().checked_sub_days(chrono::Days::new(days)).unwrap())
}

fn daily(days: Vec<DailyRow>) -> DailyMetrics {
    DailyMetrics { last_complete_day: yesterday(), days }
}

fn revenue(ago: u64, platform: f64, ga4: f64) -> DailyRow {
    DailyRow { revenue_cents: Some(platform), ga4_revenue_cents: Some(ga4), ..days_ago(ago) }
}

#[test]
fn variance_falls_through_10_15_20_and_30_per_cent_to_either_side() {
    for (platform, score) in [
        (1000.0, 100.0),
        (1100.0, 100.0),
        (900.0, 100.0),
        (1125.0, 85.0),
        (1150.0, 70.0),
        (850.0, 70.0),
        (1180.0, 52.0),
        (1200.0, 40.0),
        (1250.0, 20.0),
        (1300.0, 0.0),
        (700.0, 0.0),
        (5000.0, 0.0),
    ] {
        assert_eq!(variance(&daily(vec![revenue(0, platform, 1000.0)])), Some(score), "{platform} for 1000");
    }
}

#[test]
fn variance_sums_the_last_seven_complete_days_that_have_both_sides() {
    let days = vec![
        revenue(0, 400.0, 500.0),
        revenue(6, 700.0, 500.0),
        // Outside the window, incomplete, or with one side only.
        revenue(7, 9000.0, 1.0),
        DailyRow { date: noon().utc_date(), ..revenue(0, 9000.0, 1.0) },
        DailyRow { revenue_cents: Some(9000.0), ..days_ago(3) },
        DailyRow { ga4_revenue_cents: Some(f64::NAN), revenue_cents: Some(9000.0), ..days_ago(4) },
    ];
    assert_eq!(variance_pct(&daily(days)), Some(10.0));
}

#[test]
fn conversions_are_compared_where_there_is_no_revenue() {
    let counts = |ours, theirs| DailyRow {
        conversions: Some(ours),
        ga4_conversions: Some(theirs),
        ..revenue(0, 0.0, 0.0)
    };
    assert_eq!(variance_pct(&daily(vec![counts(23.0, 20.0)])), Some(15.0));
    assert_eq!(variance_pct(&daily(vec![counts(0.0, 0.0)])), None, "both zero");
    assert_eq!(variance_pct(&daily(vec![counts(3.0, 0.0)])), Some(100.0));
    assert_eq!(variance_pct(&daily(vec![counts(0.0, 3.0)])), Some(100.0));
}

#[test]
fn revenue_against_a_reference_of_zero_differs_by_100_per_cent() {
    assert_eq!(variance_pct(&daily(vec![revenue(0, 10.0, 0.0)])), Some(100.0));
    assert_eq!(variance(&daily(vec![revenue(0, 10.0, 0.0)])), Some(0.0));
    assert_eq!(variance(&daily(vec![])), None);
}

#[test]
fn different_currencies_are_not_compared() {
    let (usd, eur) = ("USD".parse().ok(), "EUR".parse().ok());
    let row = DailyRow { currency: usd, ..revenue(0, 10.0, 10.0) };
    assert_eq!(variance(&daily(vec![row.clone()])), Some(100.0));
    assert_eq!(variance(&daily(vec![DailyRow { ga4_currency: usd, ..row.clone() }])), Some(100.0));
    assert_eq!(variance(&daily(vec![DailyRow { ga4_currency: eur, ..row.clone() }])), None);
    let later = DailyRow { currency: eur, ..revenue(1, 10.0, 10.0) };
    assert_eq!(variance(&daily(vec![row, later])), None);
}

// --- Anomaly ---

#[test]
fn the_anomaly_score_falls_through_z_of_2_2_5_3_and_4_to_either_side() {
    for (z, score) in [
        (0.0, 100.0),
        (1.0, 100.0),
        (2.0, 100.0),
        (2.1, 94.0),
        (2.25, 85.0),
        (2.5, 70.0),
        (2.75, 55.0),
        (3.0, 40.0),
        (3.5, 20.0),
        (4.0, 0.0),
        (10.0, 0.0),
    ] {
        assert_eq!(crate::math::round9(anomaly_score(z)), score, "{z}");
        assert_eq!(anomaly_score(-z), anomaly_score(z));
    }
}

/// Spend around 100 with a sample standard deviation of 2 and constant conversions: 7 days before yesterday.
fn week() -> Vec<DailyRow> {
    [98.0, 102.0, 98.0, 102.0, 98.0, 102.0, 100.0]
        .into_iter()
        .zip(1..)
        .map(|(spend, ago)| DailyRow { spend_cents: Some(spend), conversions: Some(10.0), ..days_ago(ago) })
        .collect()
}

fn with_last(spend: f64, conversions: f64) -> DailyMetrics {
    let mut days = week();
    days.push(DailyRow { spend_cents: Some(spend), conversions: Some(conversions), ..days_ago(0) });
    daily(days)
}

#[test]
fn the_last_complete_day_is_judged_by_its_worst_metric() {
    assert_eq!(anomaly(&with_last(100.0, 10.0)), Some(100.0));
    assert_eq!(anomaly(&with_last(105.0, 10.0)), Some(70.0), "z = 2.5");
    assert_eq!(anomaly(&with_last(94.0, 10.0)), Some(40.0), "z = −3");
    // Conversions were constant: any other number is z = 10.
    assert_eq!(anomaly(&with_last(100.0, 11.0)), Some(0.0));
}

#[test]
fn return_on_spend_joins_in_when_revenue_is_known_often_enough() {
    let mut steady = with_last(100.0, 10.0);
    for row in &mut steady.days {
        row.revenue_cents = row.spend_cents.map(|spend| spend * 4.0);
    }
    assert_eq!(anomaly(&steady), Some(100.0));
    steady.days.last_mut().unwrap().revenue_cents = Some(100.0);
    assert_eq!(anomaly(&steady), Some(0.0), "a constant return of 4 that falls to 1");
    steady.days.first_mut().unwrap().revenue_cents = None;
    assert_eq!(anomaly(&steady), Some(100.0), "six values of revenue are too few");
}

#[test]
fn spend_or_conversions_on_fewer_than_seven_days_is_missing() {
    let mut short = with_last(100.0, 10.0);
    short.days.remove(0);
    assert_eq!(anomaly(&short), None);
    let mut no_conversions = with_last(100.0, 10.0);
    no_conversions.days.first_mut().unwrap().conversions = Some(f64::NAN);
    assert_eq!(anomaly(&no_conversions), None);
    let mut no_yesterday = with_last(100.0, 10.0);
    no_yesterday.days.pop();
    assert_eq!(anomaly(&no_yesterday), None);
    // A day of fifteen days ago is outside the window.
    short.days.push(DailyRow { spend_cents: Some(100.0), conversions: Some(10.0), ..days_ago(15) });
    assert_eq!(anomaly(&short), None);
    short.days.push(DailyRow { spend_cents: Some(100.0), conversions: Some(10.0), ..days_ago(14) });
    assert!(anomaly(&short).is_some());
}

#[test]
fn days_of_different_currencies_are_not_judged_together() {
    let mut mixed = with_last(100.0, 10.0);
    mixed.days.last_mut().unwrap().currency = "USD".parse().ok();
    assert_eq!(anomaly(&mixed), Some(100.0));
    mixed.days.first_mut().unwrap().currency = "EUR".parse().ok();
    assert_eq!(anomaly(&mixed), None);
}

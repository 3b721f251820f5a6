//! What follows from a platform's EMQ: volatility, playbook and the estimated impact on ROAS (specification, section 3.2).
//! Expected numbers are worked out by hand or with exact fractions and 30-digit decimals, never by the code under test.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests may panic: that is how they fail")]

use stratum_core::emq::platform::{
    DailyScore, DriverMeasurements, DriverWeights, EmqDriver, PlatformEmq, PlatformEmqRequest,
    PlaybookPriority, PlaybookStatus, RoasFacts, VolatilityTrend, evaluate, roas_impact, volatility,
};
use stratum_core::{Currency, Score, Timestamp};

use EmqDriver::{EventMatchRate, PixelCoverage};

fn nothing() -> DriverMeasurements {
    DriverMeasurements::default()
}

/// Every driver at 100.
fn perfect() -> DriverMeasurements {
    DriverMeasurements {
        events_browser: Some(100),
        events_server: Some(100),
        events_matched: Some(100),
        pages_total: Some(10),
        pages_with_pixel: Some(10),
        conversion_latency_hours: Some(0.0),
        revenue_variance_frac: Some(0.0),
        data_age_hours: Some(0.0),
        ..nothing()
    }
}

fn emq(measurements: DriverMeasurements) -> PlatformEmq {
    evaluate(&PlatformEmqRequest::new(measurements)).unwrap()
}

/// Three days of each ISO week of 2026 from the week given.
fn weeks(first_week: u32, scores: &[[f64; 3]]) -> Vec<DailyScore> {
    use chrono::{NaiveDate, Weekday};
    let days = [Weekday::Mon, Weekday::Wed, Weekday::Sun];
    let week_of = |week: u32, day| NaiveDate::from_isoywd_opt(2026, week, day).unwrap();
    (first_week..)
        .zip(scores)
        .flat_map(|(week, scores)| {
            days.into_iter().zip(scores).map(move |(day, &score)| DailyScore {
                date: week_of(week, day),
                score: Score::new(score).unwrap(),
            })
        })
        .collect()
}

#[test]
fn volatility_is_the_mean_of_the_weeks_standard_deviations() {
    // 80, 82, 90: √28 = 5.291502622…; 70, 70, 70: 0.
    let history = weeks(10, &[[80.0, 82.0, 90.0], [70.0, 70.0, 70.0]]);
    let found = volatility(&history).unwrap();
    assert_eq!((found.svi, found.trend, found.weeks), (2.645_751_311, VolatilityTrend::Stable, 2));
    let backwards: Vec<DailyScore> = history.iter().rev().copied().collect();
    assert_eq!(volatility(&backwards), Some(found));
}

#[test]
fn a_week_of_two_days_does_not_count_and_one_week_is_no_volatility() {
    let mut history = weeks(10, &[[80.0, 82.0, 90.0], [70.0, 70.0, 70.0]]);
    history.pop();
    assert_eq!(volatility(&history), None);
    assert_eq!(volatility(&[]), None);
}

#[test]
fn only_the_last_eight_weeks_count() {
    let mut scores = vec![[0.0, 50.0, 100.0]];
    scores.extend([[50.0, 50.0, 50.0]; 8]);
    assert_eq!(volatility(&weeks(10, &scores)).unwrap().svi, 0.0);
}

#[test]
fn an_iso_week_does_not_end_with_the_year() {
    let day = |text: &str| DailyScore { date: text.parse().unwrap(), score: Score::new(50.0).unwrap() };
    // Monday 2025-12-29 to Sunday 2026-01-04 is one week.
    let mut history = vec![day("2025-12-29"), day("2025-12-31"), day("2026-01-02")];
    history.extend([day("2026-01-05"), day("2026-01-07"), day("2026-01-11")]);
    assert_eq!(volatility(&history).unwrap().weeks, 2);
}

#[test]
fn a_trend_of_volatility_needs_four_weeks_and_more_than_two_points() {
    // The standard deviation of x−d, x, x+d is d.
    let swing = |d: f64| [50.0 - d, 50.0, 50.0 + d];
    let trend = |swings: &[f64]| {
        volatility(&weeks(10, &swings.iter().map(|&d| swing(d)).collect::<Vec<_>>())).unwrap().trend
    };
    assert_eq!(trend(&[1.0, 1.0, 4.0, 4.0]), VolatilityTrend::Increasing);
    assert_eq!(trend(&[1.0, 1.0, 3.0, 3.0]), VolatilityTrend::Stable);
    assert_eq!(trend(&[4.0, 4.0, 1.0, 1.0]), VolatilityTrend::Decreasing);
    assert_eq!(trend(&[3.0, 3.0, 1.0, 1.0]), VolatilityTrend::Stable);
    assert_eq!(trend(&[1.0, 1.0, 9.0]), VolatilityTrend::Stable);
}

#[test]
fn the_playbook_is_ordered_by_gain_and_its_keys_are_stable() {
    let found = emq(DriverMeasurements {
        events_server: Some(0), // browser only: 60 → gain 30·25/100
        events_matched: Some(60),
        pages_with_pixel: Some(7),            // 70 → gain 25·20/100
        conversion_latency_hours: Some(12.0), // 40 → gain 20·30/100
        revenue_variance_frac: Some(0.1),     // 80: good, no item
        data_age_hours: Some(24.0),           // 40 → gain 10·40/100
        ..perfect()
    });
    let items: Vec<(&str, f64, PlaybookPriority)> =
        found.playbook.iter().map(|item| (item.key.as_str(), item.estimated_gain, item.priority)).collect();
    assert_eq!(
        items,
        [
            ("event_match_rate:send_server_events", 7.5, PlaybookPriority::Critical),
            ("conversion_latency:send_conversions_at_once", 6.0, PlaybookPriority::High),
            ("pixel_coverage:install_pixel", 5.0, PlaybookPriority::Critical),
            ("data_freshness:repair_sync", 4.0, PlaybookPriority::Critical),
        ]
    );
}

#[test]
fn equal_gains_are_ordered_by_key() {
    let weights = DriverWeights(EmqDriver::ALL.iter().map(|&driver| (driver, 20.0)).collect());
    let found = evaluate(&PlatformEmqRequest::new(nothing()).weights(weights)).unwrap();
    let keys: Vec<&str> = found.playbook.iter().map(|item| item.key.as_str()).collect();
    // Gains 18, 17, 16, 16 and 14: the good limits 90, 85, 80, 80 and 70, a fifth of each.
    assert_eq!(
        keys,
        [
            "pixel_coverage:install_pixel",
            "event_match_rate:send_server_events",
            "attribution_accuracy:align_attribution",
            "data_freshness:repair_sync",
            "conversion_latency:send_conversions_at_once",
        ]
    );
}

#[test]
fn the_fix_follows_what_was_measured() {
    let key = |measured: DriverMeasurements, driver: EmqDriver| {
        emq(measured).playbook.into_iter().find(|item| item.driver == driver).unwrap().key
    };
    let unmatched = DriverMeasurements { events_matched: Some(10), ..perfect() };
    assert_eq!(key(unmatched, EventMatchRate), "event_match_rate:add_hashed_identifiers");
    let events_lag =
        DriverMeasurements { event_kinds_expected: Some(10), event_kinds_configured: Some(1), ..perfect() };
    assert_eq!(key(events_lag, PixelCoverage), "pixel_coverage:configure_events");
}

#[test]
fn a_completed_item_reopens_after_seven_days_only_if_its_driver_is_still_low() {
    let done: Timestamp = "2026-03-01T12:00:00Z".parse().unwrap();
    let week_later = done.plus_hours(7 * 24);
    let reopened = |status: PlaybookStatus, low, now| status.reopened(Some(done), low, now);
    use PlaybookStatus::{Completed, InProgress, Pending};
    assert_eq!(reopened(Completed, true, week_later), Pending);
    assert_eq!(reopened(Completed, true, week_later.plus_millis(-1)), Completed);
    assert_eq!(reopened(Completed, false, week_later), Completed);
    assert_eq!(reopened(InProgress, true, week_later), InProgress);
    assert_eq!(Completed.reopened(None, true, week_later), Completed);
}

#[test]
fn the_impact_of_the_match_rate_is_capped_at_half_of_the_revenue() {
    let impact = |matched: f64, revenue: i64, spend: i64| {
        let facts =
            RoasFacts { attributed_revenue_cents: revenue, spend_cents: spend, currency: Currency::USD };
        roas_impact(Some(matched), &facts)
    };
    for (matched, revenue, spend, recoverable, roas, capped) in [
        (0.8, 100_000, 40_000, 6_250, 2.656_25, false),
        (0.68, 100_000, 50_000, 25_000, 2.5, false),
        (0.5, 100_000, 50_000, 50_000, 3.0, true),
        (0.2, 100_001, 7, 50_001, 21_428.857_142_857, true),
        (0.849, 123_456, 1_000, 145, 123.601, false),
        (0.85, 100_000, 50_000, 0, 2.0, false),
        (1.0, 100_000, 50_000, 0, 2.0, false),
    ] {
        let found = impact(matched, revenue, spend).unwrap();
        assert_eq!(found.recoverable_revenue_cents, recoverable, "{matched}");
        assert_eq!((found.estimated_roas, found.capped), (Some(roas), capped), "{matched}");
        assert!(found.is_estimate);
    }
    assert_eq!(impact(0.199_999_999, 100_000, 50_000), None);
    assert_eq!(impact(0.5, 100_000, 0).unwrap().estimated_roas, None);
    let facts = RoasFacts { attributed_revenue_cents: 1, spend_cents: 1, currency: Currency::USD };
    assert_eq!(roas_impact(None, &facts), None);
}

//! The five-driver EMQ of a platform against the specification (section 3.2). Expected numbers are worked out by hand or
//! with exact fractions and 30-digit decimals, never by the code under test.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests may panic: that is how they fail")]

use std::collections::BTreeMap;

use proptest::prelude::*;
use stratum_core::emq::platform::{
    ConfidenceBand, DailyScore, DriverMeasurements, DriverStatus, DriverWeights, EmqDriver, PlatformEmq,
    PlatformEmqRequest, PlatformShare, RoasFacts, Trend, aggregate, evaluate,
};
use stratum_core::vocabulary::Platform;
use stratum_core::{Currency, Score, Timestamp};

use EmqDriver::{AttributionAccuracy, ConversionLatency, DataFreshness, EventMatchRate, PixelCoverage};

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

fn value(measurements: DriverMeasurements, driver: EmqDriver) -> Option<f64> {
    measurements.value(driver).map(Score::get)
}

fn codes(request: &PlatformEmqRequest) -> Vec<(String, String)> {
    evaluate(request)
        .unwrap_err()
        .iter()
        .map(|problem| (problem.path.clone(), problem.code.to_string()))
        .collect()
}

#[test]
fn match_rate_is_matched_over_the_larger_side() {
    let counts = |browser, server, matched| DriverMeasurements {
        events_browser: browser,
        events_server: server,
        events_matched: matched,
        ..nothing()
    };
    for (measured, expected) in [
        (counts(Some(900), Some(1_000), Some(850)), Some(85.0)),
        (counts(Some(1_000), Some(10), Some(0)), Some(0.0)),
        (counts(None, Some(200), Some(100)), Some(50.0)),
        (counts(Some(900), Some(1_000), None), None),
        (counts(None, None, Some(10)), None),
        (counts(Some(0), Some(0), Some(0)), None),
        (counts(Some(10), None, Some(11)), Some(100.0)),
    ] {
        assert_eq!(value(measured, EventMatchRate), expected, "{measured:?}");
    }
}

#[test]
fn coverage_is_the_mean_of_pages_and_events_where_both_are_measured() {
    let coverage = |pages: Option<(u64, u64)>, kinds: Option<(u64, u64)>| DriverMeasurements {
        pages_with_pixel: pages.map(|(part, _)| part),
        pages_total: pages.map(|(_, whole)| whole),
        event_kinds_configured: kinds.map(|(part, _)| part),
        event_kinds_expected: kinds.map(|(_, whole)| whole),
        ..nothing()
    };
    for (pages, kinds, expected) in [
        (Some((40, 40)), Some((9, 10)), Some(95.0)),
        (Some((30, 40)), None, Some(75.0)),
        (None, Some((1, 8)), Some(12.5)),
        (Some((0, 0)), Some((1, 2)), Some(50.0)),
        (None, None, None),
    ] {
        assert_eq!(value(coverage(pages, kinds), PixelCoverage), expected, "{pages:?} {kinds:?}");
    }
}

#[test]
fn latency_freshness_and_accuracy_follow_their_curves() {
    for (hours, expected) in [
        (0.0, 100.0),
        (0.5, 95.0),
        (1.0, 90.0),
        (2.5, 80.0),
        (4.0, 70.0),
        (8.0, 55.0),
        (12.0, 40.0),
        (18.0, 20.0),
        (24.0, 0.0),
        (30.0, 0.0),
    ] {
        let measured = DriverMeasurements { conversion_latency_hours: Some(hours), ..nothing() };
        assert_eq!(value(measured, ConversionLatency), Some(expected), "{hours} h");
    }
    for (hours, expected) in [
        (0.0, 100.0),
        (1.0, 100.0),
        (3.5, 90.0),
        (6.0, 80.0),
        (15.0, 60.0),
        (24.0, 40.0),
        (36.0, 20.0),
        (48.0, 0.0),
    ] {
        let measured = DriverMeasurements { data_age_hours: Some(hours), ..nothing() };
        assert_eq!(value(measured, DataFreshness), Some(expected), "{hours} h");
    }
    for (conversions, revenue, expected) in [
        (Some(0.1), Some(0.3), Some(60.0)),
        (Some(0.1), None, Some(80.0)),
        (None, Some(0.5), Some(0.0)),
        (Some(3.0), None, Some(0.0)),
        (None, None, None),
        (Some(f64::NAN), Some(0.1), Some(80.0)),
    ] {
        let measured = DriverMeasurements {
            conversion_variance_frac: conversions,
            revenue_variance_frac: revenue,
            ..nothing()
        };
        assert_eq!(value(measured, AttributionAccuracy), expected, "{conversions:?} {revenue:?}");
    }
}

#[test]
fn the_age_of_data_comes_from_the_newer_instant_and_not_from_the_future() {
    let at = |text: &str| Some(text.parse::<Timestamp>().unwrap());
    let now = at("2026-03-01T12:00:00Z").unwrap();
    let age = |event, sync| nothing().data_as_of(now, event, sync).data_age_hours;
    assert_eq!(age(at("2026-03-01T06:00:00Z"), at("2026-03-01T09:00:00Z")), Some(3.0));
    assert_eq!(age(at("2026-03-01T12:05:00Z"), None), Some(0.0));
    assert_eq!(age(at("2026-03-01T12:05:00.001Z"), None), None);
    assert_eq!(age(at("2027-01-01T00:00:00Z"), at("2026-03-01T06:00:00Z")), Some(6.0));
    assert_eq!(age(None, None), None);
}

#[test]
fn every_driver_turns_at_its_limits_and_is_critical_when_missing() {
    for (driver, good, warning) in [
        (EventMatchRate, 85.0, 70.0),
        (PixelCoverage, 90.0, 75.0),
        (ConversionLatency, 70.0, 40.0),
        (AttributionAccuracy, 80.0, 60.0),
        (DataFreshness, 80.0, 50.0),
    ] {
        let status = |value: f64| driver.status(Some(Score::new(value).unwrap()));
        assert_eq!(status(100.0), DriverStatus::Good);
        assert_eq!(status(good), DriverStatus::Good);
        assert_eq!(status(good - 1e-9), DriverStatus::Warning);
        assert_eq!(status(warning), DriverStatus::Warning);
        assert_eq!(status(warning - 1e-9), DriverStatus::Critical);
        assert_eq!(driver.status(None), DriverStatus::Critical);
    }
}

#[test]
fn a_missing_driver_counts_0_and_its_weight_is_not_spread() {
    let all = emq(perfect());
    assert_eq!(
        (all.score.get(), all.coverage_pct, all.confidence_band),
        (100.0, 100.0, ConfidenceBand::Reliable)
    );
    let blind = emq(DriverMeasurements { events_matched: None, ..perfect() });
    assert_eq!((blind.score.get(), blind.coverage_pct), (70.0, 70.0));
    assert_eq!(blind.confidence_band, ConfidenceBand::Directional);
    assert_eq!((blind.drivers[0].status, blind.drivers[0].contribution), (DriverStatus::Critical, 0.0));
}

#[test]
fn nothing_measured_is_score_0_and_unsafe() {
    let none = emq(nothing());
    assert_eq!(
        (none.score.get(), none.coverage_pct, none.confidence_band),
        (0.0, 0.0, ConfidenceBand::Unsafe)
    );
    assert_eq!(none.playbook.len(), 5);
    assert_eq!((none.volatility, none.roas_impact, none.event_loss_pct), (None, None, None));
}

#[test]
fn confidence_turns_at_80_and_60() {
    let band = |value: f64| ConfidenceBand::of(Score::new(value).unwrap());
    assert_eq!(band(80.0), ConfidenceBand::Reliable);
    assert_eq!(band(79.999_999_999), ConfidenceBand::Directional);
    assert_eq!(band(60.0), ConfidenceBand::Directional);
    assert_eq!(band(59.999_999_999), ConfidenceBand::Unsafe);
}

#[test]
fn own_weights_replace_the_shipped_ones() {
    let weights = DriverWeights(BTreeMap::from([
        (EventMatchRate, 0.0),
        (PixelCoverage, 0.0),
        (ConversionLatency, 0.0),
        (AttributionAccuracy, 40.0),
        (DataFreshness, 60.0),
    ]));
    let measured =
        DriverMeasurements { data_age_hours: Some(6.0), revenue_variance_frac: Some(0.1), ..nothing() };
    let found = evaluate(&PlatformEmqRequest::new(measured).weights(weights)).unwrap();
    assert_eq!((found.score.get(), found.coverage_pct), (80.0, 100.0));
}

#[test]
fn wrong_weights_and_measurements_are_refused_all_at_once() {
    let weights = DriverWeights(BTreeMap::from([
        (EventMatchRate, -1.0),
        (PixelCoverage, f64::NAN),
        (ConversionLatency, 20.0),
        (AttributionAccuracy, 15.0),
    ]));
    let day =
        |score: f64| DailyScore { date: "2026-03-01".parse().unwrap(), score: Score::new(score).unwrap() };
    let measured = DriverMeasurements { conversion_latency_hours: Some(-1.0), ..nothing() };
    let request = PlatformEmqRequest::new(measured)
        .weights(weights)
        .history(vec![day(80.0), day(81.0)])
        .roas(RoasFacts { attributed_revenue_cents: -1, spend_cents: i64::MAX, currency: Currency::USD });
    let expected = [
        ("/weights/EVENT_MATCH_RATE", "below_minimum"),
        ("/weights/PIXEL_COVERAGE", "not_a_number"),
        ("/weights/DATA_FRESHNESS", "missing_field"),
        ("/weights", "weights_sum"),
        ("/measurements/conversion_latency_hours", "below_minimum"),
        ("/history/1/date", "duplicate_day"),
        ("/roas/attributed_revenue_cents", "below_minimum"),
        ("/roas/spend_cents", "amount_too_large"),
    ];
    let found = codes(&request);
    let found: Vec<(&str, &str)> = found.iter().map(|(path, code)| (path.as_str(), code.as_str())).collect();
    assert_eq!(found, expected);
}

#[test]
fn unknown_fields_of_a_request_are_refused_and_names_are_read_in_any_case() {
    let read = |text: &str| serde_json::from_str::<PlatformEmqRequest>(text);
    assert!(read(r#"{"measurements": {"event_browser": 1}}"#).is_err());
    assert!(read(r#"{"measurements": {}, "weight": {}}"#).is_err());
    assert!(read(r#"{"measurements": {}, "weights": {"match_rate": 100}}"#).is_err());
    let request =
        read(r#"{"platform": "snap", "measurements": {}, "previous": {"data_freshness": 50}}"#).unwrap();
    assert_eq!(request.platform, Some(Platform::Snapchat));
    assert_eq!(request.previous[&DataFreshness].get(), 50.0);
}

#[test]
fn a_trend_needs_more_than_two_points_and_both_periods() {
    let trend = |previous: Option<f64>, current: Option<f64>| {
        let score = |value: f64| Score::new(value).unwrap();
        Trend::between(previous.map(score), current.map(score))
    };
    assert_eq!(trend(Some(80.0), Some(82.0)), Some(Trend::Flat));
    assert_eq!(trend(Some(80.0), Some(82.000_000_001)), Some(Trend::Up));
    assert_eq!(trend(Some(80.0), Some(78.0)), Some(Trend::Flat));
    assert_eq!(trend(Some(80.0), Some(77.999_999_999)), Some(Trend::Down));
    assert_eq!(trend(None, Some(80.0)), None);
    assert_eq!(trend(Some(80.0), None), None);
}

#[test]
fn event_loss_counts_events_that_came_both_ways_once() {
    let loss = |expected: Option<u64>, browser: Option<u64>| {
        let measured = DriverMeasurements {
            events_expected: expected,
            events_browser: browser,
            events_server: Some(100),
            events_matched: Some(80),
            ..nothing()
        };
        measured.event_loss_pct().map(Score::get)
    };
    assert_eq!(loss(Some(125), Some(100)), Some(4.0)); // 120 of 125 arrived
    assert_eq!(loss(Some(100), Some(100)), Some(0.0));
    assert_eq!(loss(None, Some(100)), None);
    assert_eq!(loss(Some(0), Some(100)), None);
    assert_eq!(loss(Some(125), None), None);
}

#[test]
fn platforms_are_weighted_by_events_received_and_take_the_worst_status() {
    let good = emq(perfect()); // 100 events received
    let bad = emq(DriverMeasurements {
        events_browser: Some(300),
        events_server: Some(300),
        events_matched: Some(0), // 600 received, match rate 0
        ..perfect()
    });
    let both = aggregate(&[(&good).into(), (&bad).into()]);
    // (100·100 + 600·70) / 700
    assert_eq!(both.score.get(), 74.285_714_286);
    assert_eq!(both.confidence_band, ConfidenceBand::Directional);
    assert_eq!(both.drivers[0].status, DriverStatus::Critical);
    assert_eq!(both.drivers[0].value.unwrap().get(), 14.285_714_286);
    assert_eq!(both.drivers[1].status, DriverStatus::Good);
}

#[test]
fn platforms_of_unknown_volume_count_equally_and_a_missing_driver_counts_0() {
    let good = emq(perfect());
    let blind = emq(DriverMeasurements { events_matched: None, ..perfect() });
    assert_eq!(blind.events_received, None);
    let both = aggregate(&[(&good).into(), (&blind).into()]);
    assert_eq!(both.score.get(), 85.0);
    assert_eq!(both.drivers[0].value.unwrap().get(), 50.0);
    assert_eq!(both.drivers[0].status, DriverStatus::Critical);
    let silent = [
        PlatformShare { emq: &good, events_received: Some(0) },
        PlatformShare { emq: &blind, events_received: Some(0) },
    ];
    assert_eq!(aggregate(&silent).score.get(), 85.0);
}

#[test]
fn without_a_platform_the_score_is_0_and_every_driver_critical() {
    let none = aggregate(&[]);
    assert_eq!((none.score.get(), none.confidence_band), (0.0, ConfidenceBand::Unsafe));
    assert!(
        none.drivers.iter().all(|driver| driver.status == DriverStatus::Critical && driver.value.is_none())
    );
}

#[test]
fn a_trend_over_platforms_needs_a_past_of_each() {
    let with_past = |previous: f64| {
        let past = BTreeMap::from([(EventMatchRate, Score::new(previous).unwrap())]);
        evaluate(&PlatformEmqRequest::new(perfect()).previous(past)).unwrap()
    };
    let (up, flat, new) = (with_past(90.0), with_past(99.0), emq(perfect()));
    assert_eq!(aggregate(&[(&up).into(), (&flat).into()]).drivers[0].trend, Some(Trend::Up));
    assert_eq!(aggregate(&[(&up).into(), (&new).into()]).drivers[0].trend, None);
}

fn measured() -> impl Strategy<Value = DriverMeasurements> {
    let events = prop::option::of(0..2_000_u64);
    let numbers = (
        prop::option::of(0.0..60.0_f64),
        prop::option::of(0.0..1.5_f64),
        prop::option::of(0.0..1.5_f64),
        prop::option::of(0.0..60.0_f64),
    );
    let pages = prop::option::of(0..50_u64);
    (
        (events.clone(), events.clone(), events.clone(), events),
        (pages.clone(), pages.clone(), pages.clone(), pages),
        numbers,
    )
        .prop_map(
            |(
                (browser, server, matched, expected),
                (pages, covered, kinds, configured),
                (latency, conversions, revenue, age),
            )| {
                DriverMeasurements {
                    events_browser: browser,
                    events_server: server,
                    events_matched: matched,
                    events_expected: expected,
                    pages_total: pages,
                    pages_with_pixel: covered,
                    event_kinds_expected: kinds,
                    event_kinds_configured: configured,
                    conversion_latency_hours: latency,
                    conversion_variance_frac: conversions,
                    revenue_variance_frac: revenue,
                    data_age_hours: age,
                }
            },
        )
}

proptest! {
    #[test]
    fn a_platform_score_is_the_sum_of_its_contributions(measured in measured()) {
        let found = emq(measured);
        let sum: f64 = found.drivers.iter().map(|driver| driver.contribution).sum();
        prop_assert!((found.score.get() - sum).abs() < 1e-8);
        prop_assert!(found.coverage_pct >= found.score.get() - 1e-9);
    }

    #[test]
    fn losing_a_driver_never_raises_the_score(measured in measured(), lost in 0..5_u8) {
        let after = match lost {
            0 => DriverMeasurements { events_matched: None, ..measured },
            1 => DriverMeasurements { pages_total: None, event_kinds_expected: None, ..measured },
            2 => DriverMeasurements { conversion_latency_hours: None, ..measured },
            3 => DriverMeasurements { conversion_variance_frac: None, revenue_variance_frac: None, ..measured },
            _ => DriverMeasurements { data_age_hours: None, ..measured },
        };
        prop_assert!(emq(after).score <= emq(measured).score);
    }

    #[test]
    fn repairing_everything_gains_what_the_playbook_says(measured in measured()) {
        let found = emq(measured);
        let gain: f64 = found.playbook.iter().map(|item| item.estimated_gain).sum();
        let repaired: f64 = found
            .drivers
            .iter()
            .map(|driver| driver.weight * driver.value.map_or(0.0, Score::get).max(driver.name.good_limit()) / 100.0)
            .sum();
        prop_assert!((found.score.get() + gain - repaired).abs() < 1e-7);
    }
}

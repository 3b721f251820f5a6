//! The specification's own figures, and what must hold for every customer.

use proptest::prelude::*;
use stratum_core::{Currency, Timestamp};

use super::*;

fn rhythm(days: f64, since: f64) -> PredictionFacts {
    PredictionFacts { median_gap_days: Some(days), ..PredictionFacts::new(3, since, 30_000) }
}

fn usd() -> Base {
    Base::new(Currency::USD)
}

#[test]
fn twice_the_gap_is_one_half_and_three_times_three_quarters() {
    for (since, probability, band) in [
        (0.0, 0.0, ChurnBand::Low),
        (20.0, 0.0, ChurnBand::Low),
        (40.0, 0.5, ChurnBand::High),
        (60.0, 0.75, ChurnBand::Critical),
        (80.0, 0.875, ChurnBand::Critical),
    ] {
        let found = usd().predict(&rhythm(20.0, since)).unwrap();
        assert_eq!((found.churn_probability, found.churn_band), (probability, band), "after {since} days");
    }
}

#[test]
fn the_gap_is_the_customers_own_then_the_tenants_then_ninety_days() {
    let two = PredictionFacts { purchases: 2, ..rhythm(20.0, 0.0) };
    assert_eq!(usd().gap(&rhythm(20.0, 0.0)), (20.0, GapSource::Own));
    assert_eq!(usd().gap(&two), (90.0, GapSource::Default));
    assert_eq!(usd().with_gap(40.0, 30).gap(&two), (40.0, GapSource::Tenant));
    assert_eq!(usd().with_gap(40.0, 29).gap(&two), (90.0, GapSource::Default));
    // Three purchases at one instant are no rhythm.
    assert_eq!(usd().gap(&rhythm(0.0, 0.0)), (90.0, GapSource::Default));
}

#[test]
fn the_own_average_is_drawn_towards_the_tenants() {
    // 365/90 purchases of (1 · 500 + 3 · 100)/4 = 200, nobody gone: 811.11.
    let one = PredictionFacts::new(1, 10.0, 50_000);
    let found = usd().with_average_order(10_000).predict(&one).unwrap();
    assert_eq!((found.ltv_365_cents, found.ltv_class), (81_111, LtvClass::High));
    // Alone: 365/90 of 500.
    let alone = usd().predict(&one).unwrap();
    assert_eq!((alone.ltv_365_cents, alone.ltv_class), (202_778, LtvClass::Vip));
    assert_eq!(usd().predict(&PredictionFacts::new(0, 0.0, 0)), None);
}

#[test]
fn classes_are_in_the_major_unit_of_the_currency() {
    let class = |cents, code: &str| LtvClass::of(cents, code.parse().unwrap());
    assert_eq!(class(19_999, "USD"), LtvClass::Low);
    assert_eq!(class(20_000, "USD"), LtvClass::Medium);
    assert_eq!(class(49_999, "USD"), LtvClass::Medium);
    assert_eq!(class(100_000, "USD"), LtvClass::Vip);
    assert_eq!((class(1_000, "JPY"), class(1_000, "KWD")), (LtvClass::Vip, LtvClass::Low));
}

#[test]
fn the_median_gap_is_between_purchases_in_the_order_of_time() {
    let day = |day: i64| Timestamp::from_millis(day.saturating_mul(86_400_000)).unwrap();
    assert_eq!(median_gap_days(&[day(10), day(0), day(4)]), Some(5.0));
    assert_eq!(median_gap_days(&[day(0), day(1), day(31), day(33)]), Some(2.0));
    assert_eq!(median_gap_days(&[day(3)]), None);
    assert_eq!(median_gap_days(&[]), None);
}

proptest! {
    #[test]
    fn longer_silence_never_makes_a_customer_safer_or_worth_more(
        gap in 0.5_f64..200.0, since in 0.0_f64..900.0, more in 0.0_f64..900.0, purchases in 1_u64..40, cents in 0_i64..9_000_000,
    ) {
        let base = usd().with_average_order(7_500).with_gap(45.0, 80);
        let facts = PredictionFacts { median_gap_days: Some(gap), ..PredictionFacts::new(purchases, since, cents) };
        let later = PredictionFacts { days_since_last_purchase: since + more, ..facts };
        let (now, then) = (base.predict(&facts).unwrap(), base.predict(&later).unwrap());
        prop_assert!(then.churn_probability >= now.churn_probability && then.churn_band >= now.churn_band);
        prop_assert!(then.ltv_365_cents <= now.ltv_365_cents);
        prop_assert!((0.0..=1.0).contains(&then.churn_probability));
    }
}

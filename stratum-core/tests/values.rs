//! Identifiers, money and scores: what they accept, what they refuse, and how they stand on the wire.

use proptest::prelude::*;
use serde_json::json;
use stratum_core::id::{ActionId, SnapshotId, TenantId};
use stratum_core::money::{MAX_MINOR, give_remainder, round_minor};
use stratum_core::{Currency, Money, Ratio, Score, Timestamp};

fn code_of<T: std::fmt::Debug>(result: Result<T, stratum_core::Problem>) -> String {
    result.map_or_else(|problem| problem.code.to_string(), |value| format!("{value:?} was accepted"))
}

#[test]
fn a_currency_has_the_minor_units_of_iso_4217() {
    for (code, per_major) in [("JPY", 1), ("USD", 100), ("EUR", 100), ("KWD", 1_000), ("CLF", 10_000)] {
        assert_eq!(code.parse::<Currency>().unwrap().minor_per_major(), per_major, "{code}");
    }
}

#[test]
fn a_currency_is_three_letters_in_any_case_and_nothing_else() {
    assert_eq!("usd".parse::<Currency>().unwrap(), Currency::USD);
    for wrong in ["", "US", "USDT", "U5D", "€", "U D"] {
        assert_eq!(code_of(wrong.parse::<Currency>()), "invalid_currency", "{wrong}");
    }
}

#[test]
fn different_currencies_never_add() {
    let dollar = Money::new(1, Currency::USD).unwrap();
    let yen = Money::new(1, "JPY".parse().unwrap()).unwrap();
    assert_eq!(code_of(dollar.checked_add(yen)), "currency_mismatch");
}

#[test]
fn an_amount_beyond_two_to_the_53_is_refused_alone_and_as_a_sum() {
    let largest = Money::new(MAX_MINOR, Currency::USD).unwrap();
    let one = Money::new(1, Currency::USD).unwrap();
    for beyond in [MAX_MINOR + 1, -MAX_MINOR - 1, i64::MAX, i64::MIN] {
        assert_eq!(code_of(Money::new(beyond, Currency::USD)), "amount_too_large");
    }
    assert_eq!(code_of(largest.checked_add(one)), "amount_too_large");
    assert_eq!(largest.checked_add(Money::new(-1, Currency::USD).unwrap()).unwrap().minor(), MAX_MINOR - 1);
}

#[test]
fn money_is_shown_with_the_decimals_of_its_currency() {
    for (minor, code, shown) in [
        (5, "USD", "0.05 USD"),
        (-123_456, "EUR", "-1234.56 EUR"),
        (1_500, "JPY", "1500 JPY"),
        (-1_007, "KWD", "-1.007 KWD"),
        (12_345, "CLF", "1.2345 CLF"),
    ] {
        assert_eq!(Money::new(minor, code.parse().unwrap()).unwrap().to_string(), shown);
    }
}

#[test]
fn what_is_left_goes_to_those_that_lost_most_and_of_equals_to_the_later() {
    // (What was rounded towards zero, what each lost, what is left; what each has in the end.)
    for (shares, losses, left, expected) in [
        // One unit to the one that lost most, the later of two; then to the next.
        ([1, 1, 1, 1, 1], [20, 90, 20, 90, 50], 1, [1, 1, 1, 2, 1]),
        ([1, 1, 1, 1, 1], [20, 90, 20, 90, 50], 3, [1, 2, 1, 2, 2]),
        ([1, 1, 1, 1, 1], [20, 90, 20, 90, 50], 4, [1, 2, 2, 2, 2]),
        // By sorting, and more than one for each.
        ([1, 1, 1, 1, 1], [20, 90, 20, 90, 50], 5, [2, 2, 2, 2, 2]),
        ([1, 1, 1, 1, 1], [20, 90, 20, 90, 50], 7, [2, 2, 2, 2, 4]),
        ([-1, -1, -1, -1, -1], [20, 90, 20, 90, 50], -3, [-1, -2, -1, -2, -2]),
        ([0, 0, 0, 0, 0], [0, 0, 0, 0, 0], 2, [0, 0, 0, 0, 2]),
    ] {
        let (mut found, mut used) = (shares, losses);
        give_remainder(&mut found, &mut used, left);
        assert_eq!(found, expected, "{losses:?} {left}");
    }
    give_remainder::<u64>(&mut [], &mut [], 3);
}

proptest! {
    #[test]
    fn shares_sum_to_the_amount_whatever_is_left(
        parts in prop::collection::vec((-1_000_000_i64..1_000_000, 0_u64..100), 1..12), left in -40_i64..40,
    ) {
        let (mut shares, mut losses): (Vec<i64>, Vec<u64>) = parts.into_iter().unzip();
        let before: i64 = shares.iter().sum();
        give_remainder(&mut shares, &mut losses, left);
        prop_assert_eq!(shares.iter().sum::<i64>(), before.saturating_add(left));
    }
}

#[test]
fn money_is_rounded_half_away_from_zero_or_not_at_all() {
    for (amount, rounded) in
        [(0.49, 0), (0.5, 1), (1.5, 2), (2.5, 3), (-0.5, -1), (-1.5, -2), (1e15, 1_000_000_000_000_000)]
    {
        assert_eq!(round_minor(amount), Some(rounded), "{amount}");
    }
    for none in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY, 1e16, -1e16] {
        assert_eq!(round_minor(none), None, "{none}");
    }
}

#[test]
fn an_id_is_read_in_any_case_and_written_in_lower_case() {
    let id: TenantId = "0198C9A0-0000-7000-8000-00000000000A".parse().unwrap();
    assert_eq!(json!(id), json!("0198c9a0-0000-7000-8000-00000000000a"));
    assert_eq!(serde_json::from_value::<TenantId>(json!(id)).unwrap(), id);
    assert_eq!(TenantId::from_uuid(id.as_uuid()), id);
    assert_eq!(TenantId::from(uuid::Uuid::from(id)), id);
}

#[test]
fn what_is_no_uuid_is_refused_with_the_noun_of_the_id() {
    let problem = "42".parse::<SnapshotId>().unwrap_err();
    assert_eq!((problem.code.as_ref(), problem.message.as_ref()), ("invalid_id", "a snapshot id is a UUID"));
    assert!(serde_json::from_value::<SnapshotId>(json!(42)).is_err());
}

#[test]
fn an_id_of_version_7_says_so_and_sorts_by_its_instant() {
    let at: Timestamp = "2026-03-01T12:00:00Z".parse().unwrap();
    let id = ActionId::v7(at, [0xff; 10]);
    assert_eq!(id.as_uuid().get_version_num(), 7);
    assert!(id < ActionId::v7(at.plus_millis(1), [0; 10]));
}

#[test]
fn a_score_is_compared_as_it_is_and_shown_floored() {
    for (value, shown) in
        [(69.97, 69.9), (69.999_999_999, 69.9), (70.0, 70.0), (0.3, 0.3), (29.3, 29.3), (100.0, 100.0)]
    {
        assert_eq!(Score::new(value).unwrap().shown().to_bits(), f64::to_bits(shown), "{value}");
    }
    assert!(Score::new(69.9999).unwrap() < Score::new(70.0).unwrap());
}

#[test]
fn a_score_holds_no_nan_and_nothing_outside_its_bounds() {
    for (value, code) in [
        (f64::NAN, "not_a_number"),
        (f64::INFINITY, "not_a_number"),
        (100.000_001, "out_of_range"),
        (-0.000_001, "out_of_range"),
    ] {
        assert_eq!(code_of(Score::new(value)), code, "{value}");
        assert_eq!(code_of(Ratio::try_from(value)), code, "{value}");
    }
    assert!(serde_json::from_value::<Ratio>(json!(1.5)).is_err());
    // Noise below the ninth decimal is not a value outside the bounds.
    assert_eq!(Score::new(100.000_000_000_1).unwrap(), Score::MAX);
    assert_eq!(Score::new(-0.0).unwrap().get().to_bits(), 0.0_f64.to_bits());
}

proptest! {
    #[test]
    fn a_clamped_score_is_missing_or_within_its_bounds(value in any::<f64>()) {
        match Score::clamped(value) {
            None => prop_assert!(!value.is_finite()),
            Some(score) => prop_assert!((0.0..=100.0).contains(&f64::from(score))),
        }
    }

    #[test]
    fn the_shown_score_is_never_above_the_score_and_less_than_a_tenth_below(value in 0.0..=100.0_f64) {
        let score = Score::new(value).unwrap();
        prop_assert!(score.shown() <= score.get() + 1e-9);
        prop_assert!(score.get() - score.shown() < 0.1 + 1e-9);
    }

    #[test]
    fn values_come_back_from_the_wire_as_they_went(value in 0.0..=1.0_f64) {
        let ratio = Ratio::new(value).unwrap();
        let text = serde_json::to_string(&ratio).unwrap();
        prop_assert_eq!(serde_json::from_str::<Ratio>(&text).unwrap(), ratio);
        prop_assert_eq!(text.parse::<f64>().unwrap().to_bits(), ratio.get().to_bits());
    }
}

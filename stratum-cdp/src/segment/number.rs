//! Numbers by value: whole numbers, decimals as JSON writes them, and sums that lose no digit.

use std::cmp::Ordering;

use serde_json::Value;

use crate::decimal::Decimal;

/// Decimals that a sum keeps. A finer amount is rounded half away from zero before it is added.
const SUM_DECIMALS: usize = 12;
/// One, as a sum counts.
const SUM_UNIT: i64 = 1_000_000_000_000;
/// Up to here every whole number is a double.
const EXACT: i128 = 9_007_199_254_740_992;
const EXACT_REAL: f64 = 9_007_199_254_740_992.0;

/// A number. A double stands for the shortest decimal that reads back as it, which is what JSON writes.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Number {
    Integer(i128),
    /// Always finite.
    Real(f64),
    /// A sum, in units of 10⁻¹².
    Sum(i128),
}

impl Number {
    pub(crate) fn of(number: &serde_json::Number) -> Option<Self> {
        if let Some(whole) = number.as_i64() {
            return Some(Self::Integer(i128::from(whole)));
        }
        if let Some(whole) = number.as_u64() {
            return Some(Self::Integer(i128::from(whole)));
        }
        number.as_f64().filter(|real| real.is_finite()).map(Self::Real)
    }

    pub(crate) fn compare(self, other: Self) -> Ordering {
        match (self, other) {
            (Self::Integer(a), Self::Integer(b)) | (Self::Sum(a), Self::Sum(b)) => a.cmp(&b),
            // Shortest decimals stand in the same order as the doubles that they stand for.
            (Self::Real(a), Self::Real(b)) => a.partial_cmp(&b).unwrap_or(Ordering::Equal),
            (Self::Integer(a), Self::Real(b)) => whole_with_real(a, b),
            (Self::Real(a), Self::Integer(b)) => whole_with_real(b, a).reverse(),
            (Self::Sum(a), b) => sum_with(a, b),
            (a, Self::Sum(b)) => sum_with(b, a).reverse(),
        }
    }

    /// The number as a sum counts, if it has at most 12 decimals and is below 10¹⁸.
    pub(crate) fn as_exact_sum(self) -> Option<i128> {
        let sum = match self {
            Self::Integer(whole) => amount_of_whole(whole)?,
            Self::Real(real) => amount_of_real(real)?,
            Self::Sum(sum) => sum,
        };
        (Self::Sum(sum).compare(self) == Ordering::Equal && self.decimals() <= SUM_DECIMALS).then_some(sum)
    }

    fn decimals(self) -> usize {
        match self {
            Self::Real(real) => real.to_string().split_once('.').map_or(0, |(_, decimals)| decimals.len()),
            Self::Integer(_) | Self::Sum(_) => 0,
        }
    }

    /// The number as JSON text, exactly.
    pub(crate) fn to_json_text(self) -> String {
        match self {
            Self::Integer(whole) => whole.to_string(),
            Self::Real(real) => real.to_string(),
            Self::Sum(sum) => sum_text(sum),
        }
    }

    /// The number as the nearest that JSON readers everywhere understand; for people, never for a decision.
    pub(crate) fn shown(self) -> Option<serde_json::Number> {
        self.to_json_text().parse().ok()
    }
}

fn whole_with_real(whole: i128, real: f64) -> Ordering {
    if real.abs() >= 1e30 {
        return if real > 0.0 { Ordering::Less } else { Ordering::Greater };
    }
    if real.abs() >= EXACT_REAL {
        // Such a double is whole; Display writes its shortest decimal without an exponent.
        return real.to_string().parse::<i128>().map_or(Ordering::Equal, |other| whole.cmp(&other));
    }
    if whole.abs() >= EXACT {
        return whole.cmp(&0);
    }
    // Both below 2^53: the whole number is a double.
    i64::try_from(whole)
        .ok()
        .and_then(|whole| stratum_core::math::amount(whole).partial_cmp(&real))
        .unwrap_or(Ordering::Equal)
}

/// A condition about a sum was made a sum when it was compiled, so this compares at the precision of sums.
fn sum_with(sum: i128, other: Number) -> Ordering {
    let other = match other {
        Number::Integer(whole) => amount_of_whole(whole),
        Number::Real(real) => amount_of_real(real),
        Number::Sum(other) => Some(other),
    };
    other.map_or(Ordering::Less, |other| sum.cmp(&other))
}

fn sum_text(sum: i128) -> String {
    let digits = format!("{:0>13}", sum.unsigned_abs());
    let (whole, decimals) =
        digits.split_at_checked(digits.len().saturating_sub(SUM_DECIMALS)).unwrap_or((&digits, ""));
    let decimals = decimals.trim_end_matches('0');
    let sign = if sum < 0 { "-" } else { "" };
    if decimals.is_empty() { format!("{sign}{whole}") } else { format!("{sign}{whole}.{decimals}") }
}

/// What a property adds to a sum: a JSON number or decimal text below 10¹⁸; nothing else.
pub(crate) fn amount_of(value: &Value) -> Option<i128> {
    match value {
        Value::Number(number) => match Number::of(number)? {
            Number::Integer(whole) => amount_of_whole(whole),
            Number::Real(real) => amount_of_real(real),
            Number::Sum(sum) => Some(sum),
        },
        Value::String(text) => amount_of_text(text),
        _ => None,
    }
}

pub(crate) fn amount_of_whole(whole: i128) -> Option<i128> {
    Decimal::of_whole(whole).map(in_sum)
}

/// The amount of a double: its shortest decimal, rounded to 12 decimals.
pub(crate) fn amount_of_real(real: f64) -> Option<i128> {
    const TEN_THOUSANDTHS: i128 = 100_000_000;
    let scaled = (real * 1e4).round();
    // A decimal of at most 15 digits is the only one that reads back as its double, so this is the shortest.
    if scaled.abs() < 1e15 && scaled / 1e4 == real {
        #[expect(clippy::cast_possible_truncation, reason = "whole, and below 10^15")]
        let whole = scaled as i64;
        return Some(i128::from(whole).saturating_mul(TEN_THOUSANDTHS));
    }
    Decimal::of_real(real).map(in_sum)
}

pub(crate) fn amount_of_text(text: &str) -> Option<i128> {
    Decimal::of_text(text).map(in_sum)
}

fn in_sum(amount: Decimal) -> i128 {
    amount.units(SUM_UNIT)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn amounts_are_exact_and_rounded_only_below_the_twelfth_decimal() {
        for (written, units) in [
            (json!(12.34), 12_340_000_000_000_i128),
            (json!("12.34"), 12_340_000_000_000),
            (json!("+12.34"), 12_340_000_000_000),
            (json!(" 12.340\t"), 12_340_000_000_000),
            (json!(-0.1), -100_000_000_000),
            (json!(0.300_000_000_000_000_04), 300_000_000_000),
            (json!("0.0000000000005"), 1),
            (json!("-0.0000000000005"), -1),
            (json!("0.00000000000049"), 0),
            (json!(1e-300), 0),
            (json!(999_999_999_999_999_999_i64), 999_999_999_999_999_999_000_000_000_000),
        ] {
            assert_eq!(amount_of(&written), Some(units), "{written}");
        }
        for none in [
            json!(1e18),
            json!("1e3"),
            json!("\u{a0}1"),
            json!("1."),
            json!(".5"),
            json!("١"),
            json!(true),
            json!(null),
        ] {
            assert_eq!(amount_of(&none), None, "{none}");
        }
    }

    #[test]
    fn whole_numbers_and_doubles_compare_by_value() {
        let integer = |n| Number::Integer(n);
        assert_eq!(integer(1).compare(Number::Real(1.0)), Ordering::Equal);
        assert_eq!(integer(1).compare(Number::Real(1.5)), Ordering::Less);
        assert_eq!(integer(9_007_199_254_740_993).compare(Number::Real(EXACT_REAL)), Ordering::Greater);
        assert_eq!(
            integer(1_234_567_890_123_456_800).compare(Number::Real(1.234_567_890_123_456_8e18)),
            Ordering::Equal
        );
        assert_eq!(integer(-5).compare(Number::Real(-1e300)), Ordering::Greater);
        assert_eq!(Number::Real(-0.0).compare(integer(0)), Ordering::Equal);
    }

    #[test]
    fn a_sum_is_shown_with_the_decimals_that_it_has() {
        assert_eq!(sum_text(12_340_000_000_000), "12.34");
        assert_eq!(sum_text(-500_000_000_000), "-0.5");
        assert_eq!(sum_text(7_000_000_000_000), "7");
        assert_eq!(Number::Real(0.1).as_exact_sum(), Some(100_000_000_000));
        assert_eq!(Number::Real(1e-13).as_exact_sum(), None);
    }
}

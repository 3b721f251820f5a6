//! What an amount is, for everything that reads one: revenue, sums of segments and traits, the completeness of an event.
//!
//! A JSON number stands for the shortest decimal that reads back as it. A text is an amount if it is
//! `[+-]?[0-9]{1,18}(\.[0-9]{1,255})?`, with ASCII white space at its ends or none; it has no exponent. An amount lies below
//! 10¹⁸. PostgreSQL reads it by the same grammar: see [`TEXT_PATTERN`].

use serde_json::Value;

/// The grammar of a text for PostgreSQL, which casts what matches to `numeric`, white space and all.
pub(crate) const TEXT_PATTERN: &str = r"^[ \t\n\f\r]*[+-]?[0-9]{1,18}(\.[0-9]{1,255})?[ \t\n\f\r]*$";

/// The most digits before the point.
const MOST_DIGITS: usize = 18;
/// The most digits of a text after it; PostgreSQL repeats nothing more often.
const MOST_DECIMALS: usize = 255;
/// One, as fractions are kept.
const ONE: i128 = 1_000_000_000_000_000_000;

/// An amount. What lies below its eighteenth decimal is cut off, which no rounding half away from zero to fewer can tell.
#[derive(Clone, Copy)]
pub(crate) struct Decimal {
    negative: bool,
    whole: i128,
    /// In units of 10⁻¹⁸.
    fraction: i128,
}

impl Decimal {
    /// A JSON number or a text that is an amount.
    pub(crate) fn of(value: &Value) -> Option<Self> {
        match value {
            Value::Number(number) => match (number.as_i64(), number.as_u64()) {
                (Some(whole), _) => Self::of_whole(i128::from(whole)),
                (None, Some(whole)) => Self::of_whole(i128::from(whole)),
                (None, None) => Self::of_real(number.as_f64()?),
            },
            Value::String(text) => Self::of_text(text),
            _ => None,
        }
    }

    pub(crate) fn of_whole(whole: i128) -> Option<Self> {
        (whole.abs() < ONE).then_some(Self { negative: whole < 0, whole: whole.abs(), fraction: 0 })
    }

    /// The shortest decimal of a double.
    pub(crate) fn of_real(real: f64) -> Option<Self> {
        // Display writes it without an exponent: a tiny one has more decimals than a text may.
        if real.abs() < 1e18 { Self::read(&real.to_string(), usize::MAX) } else { None }
    }

    pub(crate) fn of_text(text: &str) -> Option<Self> {
        Self::read(text.trim_ascii(), MOST_DECIMALS)
    }

    fn read(text: &str, most_decimals: usize) -> Option<Self> {
        let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
        let (whole, decimals) = match unsigned.split_once('.') {
            Some((whole, decimals)) => (whole, decimals),
            None => (unsigned, "0"),
        };
        let is_part = |part: &str, most: usize| {
            (1..=most).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_digit())
        };
        if !is_part(whole, MOST_DIGITS) || !is_part(decimals, most_decimals) {
            return None;
        }
        let digits = |part: &str, count: usize| {
            let padded = part.bytes().chain(std::iter::repeat(b'0')).take(count);
            padded.fold(0_i64, |number, byte| {
                number.saturating_mul(10).saturating_add(i64::from(byte.saturating_sub(b'0')))
            })
        };
        Some(Self {
            negative: text.starts_with('-'),
            whole: i128::from(digits(whole, whole.len())),
            fraction: i128::from(digits(decimals, MOST_DIGITS)),
        })
    }

    /// In units of which `per_one` make one, at most 10¹²; rounded half away from zero.
    pub(crate) fn units(self, per_one: i64) -> i128 {
        let per_one = i128::from(per_one);
        let below = self.fraction.saturating_mul(per_one).saturating_add(ONE / 2) / ONE;
        let units = self.whole.saturating_mul(per_one).saturating_add(below);
        if self.negative { units.saturating_neg() } else { units }
    }

    /// Whether it lies above 0.
    pub(crate) const fn is_positive(self) -> bool {
        !self.negative && (self.whole > 0 || self.fraction > 0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn zeros_behind_the_decimals_change_nothing() {
        let long = format!("12.5{}", "0".repeat(254));
        for written in [json!(12.5), json!("12.5"), json!(" +12.50\n"), json!(long)] {
            assert_eq!(Decimal::of(&written).map(|amount| amount.units(100)), Some(1250), "{written}");
        }
    }

    #[test]
    fn an_amount_is_rounded_once_and_half_away_from_zero() {
        for (written, cents) in [
            (json!("0.005"), 1),
            (json!("-0.005"), -1),
            (json!(format!("0.004{}", "9".repeat(60))), 0),
            (json!(1e-300), 0),
            (json!(999_999_999_999_999_999_i64), 99_999_999_999_999_999_900),
            (json!(1e3), 100_000),
        ] {
            assert_eq!(Decimal::of(&written).map(|amount| amount.units(100)), Some(cents), "{written}");
        }
    }

    #[test]
    fn what_is_no_plain_decimal_is_no_amount() {
        for written in [
            json!("1e3"),
            json!(".5"),
            json!("5."),
            json!("1,50"),
            json!("\u{a0}1"),
            json!("1 000"),
            json!("٣"),
            json!(""),
            json!("+"),
            json!("1000000000000000000"),
            json!(1e18),
            json!(true),
            json!(format!("1.{}", "0".repeat(256))),
        ] {
            assert!(Decimal::of(&written).is_none(), "{written}");
        }
    }
}

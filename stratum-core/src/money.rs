//! Money: a whole number of minor units and a currency. Different currencies never add.
//!
//! ```
//! use stratum_core::money::{Currency, Money};
//! let usd: Currency = "USD".parse().unwrap();
//! let budget = Money::new(100_00, usd).unwrap();
//! assert_eq!(budget.checked_add(Money::new(20_00, usd).unwrap()).unwrap().minor(), 120_00);
//! assert!(budget.checked_add(Money::new(1, "JPY".parse().unwrap()).unwrap()).is_err());
//! assert_eq!(budget.to_string(), "100.00 USD");
//! ```

use std::cmp::Reverse;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::math;
use crate::problem::Problem;

/// The largest amount, in minor units: 2⁵³ − 1, so that every amount survives JSON in every language.
pub const MAX_MINOR: i64 = 9_007_199_254_740_991;

/// An ISO 4217 currency code: three capital letters.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Currency([u8; 3]);

impl Currency {
    /// The United States dollar.
    pub const USD: Self = Self(*b"USD");

    /// The three letters.
    #[must_use]
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or("XXX")
    }

    /// How many decimals the major unit has (ISO 4217): JPY 0, USD 2, KWD 3. Two for codes not listed there.
    #[must_use]
    pub const fn exponent(self) -> u32 {
        match &self.0 {
            b"BIF" | b"CLP" | b"DJF" | b"GNF" | b"ISK" | b"JPY" | b"KMF" | b"KRW" | b"PYG" | b"RWF"
            | b"UGX" | b"UYI" | b"VND" | b"VUV" | b"XAF" | b"XOF" | b"XPF" => 0,
            b"BHD" | b"IQD" | b"JOD" | b"KWD" | b"LYD" | b"OMR" | b"TND" => 3,
            b"CLF" | b"UYW" => 4,
            _ => 2,
        }
    }

    /// Minor units in one major unit: 1, 100, 1000 or 10000.
    #[must_use]
    pub const fn minor_per_major(self) -> i64 {
        match self.exponent() {
            0 => 1,
            3 => 1_000,
            4 => 10_000,
            _ => 100,
        }
    }
}

impl FromStr for Currency {
    type Err = Problem;

    fn from_str(text: &str) -> Result<Self, Problem> {
        match *text.as_bytes() {
            [a, b, c] if [a, b, c].iter().all(u8::is_ascii_alphabetic) => {
                Ok(Self([a.to_ascii_uppercase(), b.to_ascii_uppercase(), c.to_ascii_uppercase()]))
            }
            _ => Err(Problem::new("", "invalid_currency", "a currency is an ISO 4217 code of three letters")
                .help("write USD, EUR, JPY, …")),
        }
    }
}

impl fmt::Display for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Serialize for Currency {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for Currency {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        crate::word::read(deserializer)
    }
}

#[cfg(feature = "schema")]
impl schemars::JsonSchema for Currency {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Currency".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({ "description": "An ISO 4217 currency code.", "type": "string", "pattern": "^[A-Za-z]{3}$", "format": "iso-4217" })
    }
}

/// An amount in minor units ("cents" whatever the currency), from −[`MAX_MINOR`] to [`MAX_MINOR`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Money {
    minor: i64,
    currency: Currency,
}

impl Money {
    /// `minor` units of `currency`.
    ///
    /// # Errors
    /// `amount_too_large` beyond ±[`MAX_MINOR`].
    pub fn new(minor: i64, currency: Currency) -> Result<Self, Problem> {
        if (-MAX_MINOR..=MAX_MINOR).contains(&minor) {
            Ok(Self { minor, currency })
        } else {
            Err(Problem::new("", "amount_too_large", format!("an amount is at most {MAX_MINOR} minor units")))
        }
    }

    /// The whole number of minor units.
    #[must_use]
    pub const fn minor(self) -> i64 {
        self.minor
    }

    /// The currency.
    #[must_use]
    pub const fn currency(self) -> Currency {
        self.currency
    }

    /// The sum of two amounts.
    ///
    /// # Errors
    /// `currency_mismatch` for different currencies, `amount_too_large` beyond ±[`MAX_MINOR`].
    pub fn checked_add(self, other: Self) -> Result<Self, Problem> {
        if self.currency != other.currency {
            return Err(Problem::new(
                "",
                "currency_mismatch",
                format!("{} and {} do not add", self.currency, other.currency),
            )
            .help("convert one of them first"));
        }
        // Two amounts within ±2^53 cannot overflow an i64.
        Self::new(self.minor.saturating_add(other.minor), self.currency)
    }
}

impl fmt::Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let per_major = self.currency.minor_per_major().unsigned_abs();
        let whole = self.minor.unsigned_abs().checked_div(per_major).unwrap_or_default();
        let rest = self.minor.unsigned_abs().checked_rem(per_major).unwrap_or_default();
        let sign = if self.minor < 0 { "-" } else { "" };
        match self.currency.exponent() {
            0 => write!(f, "{sign}{whole} {}", self.currency),
            digits => write!(f, "{sign}{whole}.{rest:0width$} {}", self.currency, width = digits as usize),
        }
    }
}

/// The one place where money is rounded: half away from zero, to whole minor units.
///
/// `None` for NaN, infinities and what lies beyond ±[`MAX_MINOR`].
///
/// ```
/// use stratum_core::money::round_minor;
/// assert_eq!(round_minor(0.5), Some(1));
/// assert_eq!(round_minor(-2.5), Some(-3));
/// assert_eq!(round_minor(f64::NAN), None);
/// ```
#[must_use]
pub fn round_minor(amount: f64) -> Option<i64> {
    let rounded = amount.round();
    if rounded.is_finite() && rounded.abs() <= math::amount(MAX_MINOR) {
        #[expect(clippy::cast_possible_truncation, reason = "checked to lie within 2^53")]
        let minor = rounded as i64;
        Some(minor)
    } else {
        None
    }
}

/// An exact ratio rounded like [`round_minor`]: half away from zero, to whole minor units. `denominator` is above 0.
///
/// `None` for a denominator that is not, and beyond ±[`MAX_MINOR`].
///
/// ```
/// use stratum_core::money::round_minor_ratio;
/// assert_eq!(round_minor_ratio(5, 2), Some(3));
/// assert_eq!(round_minor_ratio(-5, 2), Some(-3));
/// assert_eq!(round_minor_ratio(1, 0), None);
/// ```
#[must_use]
pub fn round_minor_ratio(numerator: i128, denominator: i128) -> Option<i64> {
    if denominator <= 0 {
        return None;
    }
    let doubled = numerator.checked_abs()?.checked_mul(2)?.checked_add(denominator)?;
    let whole = doubled.checked_div(denominator.checked_mul(2)?)?;
    let minor = i64::try_from(whole).ok().filter(|&minor| minor <= MAX_MINOR)?;
    Some(if numerator < 0 { minor.saturating_neg() } else { minor })
}

/// So many units are given one after the other; more by sorting.
const FEW: u64 = 4;

/// Gives out what is left of an amount that was shared, so that the shares sum to it exactly (largest remainder, Hamilton 1792).
///
/// `shares` are in whole minor units, each rounded towards zero, and `left` is the amount less their sum. `losses` say what each
/// lost by rounding, 0 or more, in any unit; they are used up. The units go, one each, to those that lost most, to the later of
/// two that lost the same; below 0 they are taken away, so that a refund takes back what was credited. Where more is left than
/// there are shares, the last one has the rest.
///
/// ```
/// use stratum_core::money::give_remainder;
/// // 1.00 in thirds, and -0.07 in a half and two quarters: 3.5, 1.75, 1.75.
/// let mut thirds = [33, 33, 33];
/// give_remainder(&mut thirds, &mut [1, 1, 1], 1);
/// assert_eq!(thirds, [33, 33, 34]);
/// let mut refund = [-3, -1, -1];
/// give_remainder(&mut refund, &mut [50, 75, 75], -2);
/// assert_eq!(refund, [-3, -2, -2]);
/// ```
#[inline]
pub fn give_remainder<L: Ord + Copy + Default>(shares: &mut [i64], losses: &mut [L], left: i64) {
    let unit = left.signum();
    let mut raise = |place: usize| {
        if let Some(share) = shares.get_mut(place) {
            *share = share.saturating_add(unit);
        }
    };
    if left.unsigned_abs() <= FEW {
        for _ in 0..left.unsigned_abs() {
            // Losses come to what is left, and each is below one: more of them than units are left are above 0.
            let (mut most, mut at) = (L::default(), losses.len().saturating_sub(1));
            for (place, &loss) in losses.iter().enumerate() {
                if loss >= most {
                    (most, at) = (loss, place);
                }
            }
            raise(at);
            if let Some(loss) = losses.get_mut(at) {
                *loss = L::default();
            }
        }
        return;
    }
    let mut by_loss: Vec<(L, usize)> =
        losses.iter().enumerate().map(|(place, &loss)| (loss, place)).collect();
    by_loss.sort_unstable_by_key(|&entry| Reverse(entry));
    let count = usize::try_from(left.unsigned_abs()).unwrap_or(usize::MAX);
    let given = count.min(by_loss.len());
    by_loss.into_iter().take(given).for_each(|(_, place)| raise(place));
    let rest = left.unsigned_abs().saturating_sub(given as u64);
    if let (Some(last), Ok(rest)) = (shares.last_mut(), i64::try_from(rest)) {
        *last = last.saturating_add(rest.saturating_mul(unit));
    }
}

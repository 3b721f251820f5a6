//! What an event is worth: `total_cents`, a whole number of minor units, else `total`, in major units.

use serde_json::{Map, Value};
use stratum_core::money::{Currency, Money, round_minor_ratio};

use super::Event;

/// More decimals than any currency has; further ones cannot change a rounded amount that a number can hold.
const MOST_DECIMALS: u32 = 20;

impl Event {
    /// What the event is worth, in the currency that it names, else in the tenant's; `None` if it does not say.
    ///
    /// `total_cents` wins over `total`. An amount below 0, and a text that is no decimal number, say nothing.
    ///
    /// ```
    /// use serde_json::json;
    /// use stratum_cdp::event::Event;
    /// use stratum_cdp::identifier::CleaningPolicy;
    /// use stratum_core::Currency;
    ///
    /// let purchase = json!({
    ///     "event_name": "Purchase",
    ///     "event_time": "2026-03-01T12:00:00Z",
    ///     "identifiers": [{"type": "external_id", "value": "U-1"}],
    ///     "properties": {"total": "12.345", "currency": "kwd"},
    /// });
    /// let event = Event::from_json(purchase, &CleaningPolicy::default()).unwrap();
    /// assert_eq!(event.amount(Currency::USD).unwrap().to_string(), "12.345 KWD");
    /// ```
    #[must_use]
    pub fn amount(&self, tenant: Currency) -> Option<Money> {
        let currency = self.currency().unwrap_or(tenant);
        Money::new(minor_units(self.properties(), currency)?, currency).ok()
    }

    /// The currency that the event names; `None` if it names none that is written as one.
    #[must_use]
    pub fn currency(&self) -> Option<Currency> {
        self.properties().get("currency")?.as_str()?.trim().parse().ok()
    }

    /// What the event adds to the tenant's revenue, in minor units; `None` without an amount and for one in another currency.
    #[must_use]
    pub fn revenue(&self, tenant: Currency) -> Option<i64> {
        self.amount(tenant).filter(|amount| amount.currency() == tenant).map(Money::minor)
    }

    /// Whether the event has an amount that does not add to the tenant's revenue, because it is in another currency.
    #[must_use]
    pub fn has_other_currency(&self, tenant: Currency) -> bool {
        self.amount(tenant).is_some_and(|amount| amount.currency() != tenant)
    }
}

fn minor_units(properties: &Map<String, Value>, currency: Currency) -> Option<i64> {
    let minor = match properties.get("total_cents").filter(|cents| !cents.is_null()) {
        Some(cents) => decimal(cents)?.minor(1)?,
        None => decimal(properties.get("total")?)?.minor(currency.minor_per_major())?,
    };
    (minor >= 0).then_some(minor)
}

/// A decimal number, exactly: its digits, and how many of them are decimals.
struct Decimal {
    digits: i128,
    decimals: u32,
}

impl Decimal {
    /// Rounded half away from zero to whole units, `per_major` of which make one.
    fn minor(&self, per_major: i64) -> Option<i64> {
        let whole = self.digits.checked_mul(i128::from(per_major))?;
        round_minor_ratio(whole, 10_i128.checked_pow(self.decimals)?)
    }
}

/// A JSON number or a text that is one.
fn decimal(value: &Value) -> Option<Decimal> {
    match value {
        // The shortest text that reads as the same number: what the sender wrote.
        Value::Number(number) => read(&number.to_string()),
        Value::String(text) => read(text.trim()),
        _ => None,
    }
}

/// Reads `-12.50`, `1e3`, `+.5`.
fn read(text: &str) -> Option<Decimal> {
    let (number, exponent) = match text.split_once(['e', 'E']) {
        Some((number, exponent)) => (number, exponent.parse::<i32>().ok()?),
        None => (text, 0),
    };
    let (negative, number) = match number.strip_prefix('-') {
        Some(number) => (true, number),
        None => (false, number.strip_prefix('+').unwrap_or(number)),
    };
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    if whole.is_empty() && fraction.is_empty() {
        return None;
    }
    let mut digits = 0_i128;
    for byte in whole.bytes().chain(fraction.bytes()) {
        let digit = byte.is_ascii_digit().then(|| byte.saturating_sub(b'0'))?;
        digits = digits.checked_mul(10)?.checked_add(i128::from(digit))?;
    }
    let decimals = i32::try_from(fraction.len()).ok()?.checked_sub(exponent)?;
    let decimals = match u32::try_from(decimals) {
        Ok(decimals) => decimals,
        Err(_) => {
            digits = digits.checked_mul(10_i128.checked_pow(decimals.unsigned_abs())?)?;
            0
        }
    };
    // A tiny number is nothing.
    let (digits, decimals) =
        if decimals > MOST_DECIMALS && digits == 0 { (0, 0) } else { (digits, decimals) };
    Some(Decimal { digits: if negative { digits.checked_neg()? } else { digits }, decimals })
}

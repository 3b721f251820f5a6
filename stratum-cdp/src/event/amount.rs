//! What an event is worth: `total_cents`, a whole number of minor units, else `total`, in major units.

use serde_json::{Map, Value};
use stratum_core::money::{Currency, Money};

use super::Event;
use crate::decimal::Decimal;
use crate::identifier::trim;

impl Event {
    /// What the event is worth, in the currency that it names, else in the tenant's; `None` if it does not say.
    ///
    /// `total_cents` wins over `total`. A JSON number counts, and a text that is a plain decimal (`" 12.50"`, not `"1e3"`). An
    /// amount below 0 says nothing, nor does one whose currency is there and cannot be read: whose it is nobody knows.
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
        let currency = self.currency_or(tenant)?;
        Money::new(minor_units(self.properties(), currency)?, currency).ok()
    }

    /// The currency that the event names; `None` if it names none that is written as one.
    #[must_use]
    pub fn currency(&self) -> Option<Currency> {
        self.properties().get("currency")?.as_str()?.trim().parse().ok()
    }

    /// A property that is a text which is not blank, or a whole number as text.
    pub(crate) fn text(&self, property: &str) -> Option<String> {
        text(self.properties(), property)
    }

    /// What the event adds to the tenant's revenue, in minor units; `None` without an amount and for one in another currency.
    #[must_use]
    pub fn revenue(&self, tenant: Currency) -> Option<i64> {
        self.amount(tenant).filter(|amount| amount.currency() == tenant).map(Money::minor)
    }

    /// Whether the event has an amount that does not add to the tenant's revenue, because its currency is another or cannot be
    /// read.
    #[must_use]
    pub fn has_other_currency(&self, tenant: Currency) -> bool {
        match self.currency_or(tenant) {
            Some(_) => self.amount(tenant).is_some_and(|amount| amount.currency() != tenant),
            None => minor_units(self.properties(), tenant).is_some(),
        }
    }

    /// The tenant's currency where the event names none; `None` where what it names cannot be read.
    fn currency_or(&self, tenant: Currency) -> Option<Currency> {
        match self.properties().get("currency") {
            None | Some(Value::Null) => Some(tenant),
            Some(_) => self.currency(),
        }
    }
}

fn minor_units(properties: &Map<String, Value>, currency: Currency) -> Option<i64> {
    let minor = match properties.get("total_cents").filter(|cents| !cents.is_null()) {
        Some(cents) => Decimal::of(cents)?.units(1),
        None => Decimal::of(properties.get("total")?)?.units(currency.minor_per_major()),
    };
    i64::try_from(minor).ok().filter(|minor| *minor >= 0)
}

/// A text that is not blank, or a whole number as text: ids and postal codes come as either.
pub(crate) fn text(of: &Map<String, Value>, name: &str) -> Option<String> {
    match of.get(name)? {
        Value::String(text) => Some(trim(text)).filter(|text| !text.is_empty()).map(str::to_owned),
        Value::Number(number) if number.is_i64() || number.is_u64() => Some(number.to_string()),
        _ => None,
    }
}

//! What the platforms' events have in common.

use std::net::IpAddr;

use serde::Serialize;
use serde_json::Number;
use stratum_core::Currency;

use super::event::{AdDecision, ConversionEvent, ConversionItem, ConversionUser, given};
use super::hashed::Private;
use super::names::{EventName, StandardEvent};
use super::settings::SkipReason;

/// An amount that can be sent: a finite number of 0 or more.
pub(super) fn value(event: &ConversionEvent) -> Option<Number> {
    let value = event.properties.value.as_ref()?;
    value.as_f64().is_some_and(|value| value >= 0.0).then(|| value.clone())
}

/// Minor units as the number of major units that platforms are sent.
pub(super) fn major(minor: i64, currency: Currency) -> Option<Number> {
    let (per_unit, digits) = (currency.minor_per_major(), usize::try_from(currency.exponent()).ok()?);
    let (whole, part) = (minor.checked_div(per_unit)?, minor.checked_rem(per_unit)?.unsigned_abs());
    let sign = if minor < 0 && whole == 0 { "-" } else { "" };
    let text = if digits == 0 { whole.to_string() } else { format!("{sign}{whole}.{part:0digits$}") };
    serde_json::from_str(&text).ok()
}

/// Whether a purchase says what it is worth, where its platform wants to know. One below nothing is a refund, and no
/// conversion anywhere.
pub(super) fn check_worth(
    event: &ConversionEvent,
    name: &EventName,
    is_asked_for: bool,
) -> Result<(), SkipReason> {
    let value = value(event);
    let refund = value.is_none() && event.properties.value.is_some();
    let incomplete = is_asked_for && (value.is_none() || currency(event).is_none());
    if name.standard == Some(StandardEvent::Purchase) && (refund || incomplete) {
        return Err(SkipReason::MissingValueOrCurrency);
    }
    Ok(())
}

/// The currency, in upper case; `None` for what is no currency.
pub(super) fn currency(event: &ConversionEvent) -> Option<Currency> {
    given(event.properties.currency.as_ref())?.parse().ok()
}

/// A text that was given, owned.
pub(super) fn text(text: Option<&String>) -> Option<String> {
    given(text).map(str::to_owned)
}

/// Whether the person does not want ads made for them.
pub(super) fn is_limited(event: &ConversionEvent) -> bool {
    event.consent.ad_personalization == Some(AdDecision::Denied)
}

/// The value of a query parameter of the event's page.
fn from_page(event: &ConversionEvent, name: &str) -> Option<String> {
    let url = event.event_source_url.as_deref()?;
    super::click::parameter(url, name).map(std::borrow::Cow::into_owned)
}

/// A click id: the user's field wins over the page's address.
pub(super) fn click_id(event: &ConversionEvent, field: Option<&String>, parameter: &str) -> Option<String> {
    text(field).or_else(|| from_page(event, parameter))
}

/// The address of the page.
pub(super) fn page(event: &ConversionEvent) -> Option<Private> {
    Private::of(given(event.event_source_url.as_ref()))
}

/// The address of the client; `None` for what is no address.
pub(super) fn ip(user: &ConversionUser) -> Option<Private> {
    Private::of(given(user.ip.as_ref()).filter(|ip| ip.parse::<IpAddr>().is_ok()))
}

/// A count that can be sent: a whole number of 0 or more, without a point.
pub(super) fn whole(number: Option<&Number>) -> Option<Number> {
    let number = number?;
    if let Some(count) = number.as_u64() {
        return Some(count.into());
    }
    let written = number.as_f64().filter(|count| *count >= 0.0 && count.fract() == 0.0)?;
    Some(format!("{written:.0}").parse::<u64>().ok()?.into())
}

/// The things of an event that can be sent: with an id, and of no price or quantity below nothing.
pub(super) fn contents(event: &ConversionEvent) -> impl Iterator<Item = &ConversionItem> {
    let counts = |number: &Option<Number>| number.as_ref().and_then(Number::as_f64).is_none_or(|n| n >= 0.0);
    event
        .properties
        .contents
        .iter()
        .filter(move |item| given(Some(&item.id)).is_some() && counts(&item.quantity) && counts(&item.price))
}

/// Whole seconds since 1970, the fraction cut.
pub(super) fn seconds(event: &ConversionEvent) -> i64 {
    event.event_time.millis().div_euclid(1_000)
}

/// The time of an event in UTC to the second, as `pattern` writes it.
pub(super) fn written_time(event: &ConversionEvent, pattern: &str) -> String {
    event.event_time.to_chrono().format(pattern).to_string()
}

/// A thing that was bought, in the words of Meta and Snapchat.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(super) struct Item {
    id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    quantity: Option<Number>,
    #[serde(skip_serializing_if = "Option::is_none")]
    item_price: Option<Number>,
}

impl From<&ConversionItem> for Item {
    fn from(item: &ConversionItem) -> Self {
        Self { id: item.id.clone(), quantity: whole(item.quantity.as_ref()), item_price: item.price.clone() }
    }
}

/// What belongs to a conversion, in the words of Meta and Snapchat.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub(super) struct CustomData {
    #[serde(skip_serializing_if = "Option::is_none")]
    value: Option<Number>,
    #[serde(skip_serializing_if = "Option::is_none")]
    currency: Option<Currency>,
    #[serde(skip_serializing_if = "Option::is_none")]
    order_id: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    contents: Vec<Item>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    content_ids: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    content_type: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    num_items: Option<Number>,
    #[serde(skip_serializing_if = "Option::is_none")]
    search_string: Option<Private>,
}

impl CustomData {
    /// What an event holds; `None` where it holds nothing.
    pub(super) fn of(event: &ConversionEvent, with_content_type: bool) -> Option<Self> {
        let properties = &event.properties;
        let data = Self {
            value: value(event),
            currency: currency(event),
            order_id: text(properties.order_id.as_ref()),
            contents: contents(event).map(Item::from).collect(),
            content_ids: contents(event).map(|item| item.id.clone()).collect(),
            content_type: text(properties.content_type.as_ref()).filter(|_| with_content_type),
            num_items: whole(properties.num_items.as_ref()),
            search_string: Private::of(given(properties.search_string.as_ref())),
        };
        (data != Self::default()).then_some(data)
    }
}

//! From the CDP's event to a conversion: which events are conversions, and what of them the platforms may be told.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Number, Value};
use stratum_core::money::MAX_MINOR;
use stratum_core::problem::{Problem, ProblemCollector, Problems};
use stratum_core::{Currency, enumeration};

use super::app::{AppOs, ConversionApp};
use super::common;
use super::event::{
    ActionSource, AdConsent, ConversionEvent, ConversionItem, ConversionProperties, ConversionUser,
    RawIdentifier, given,
};
use super::names;
use crate::decimal::Decimal;
use crate::event::{Event, EventContext, EventKind, text};
use crate::identifier::{CleaningPolicy, CleaningSettings};

enumeration! {
    /// Why an event of the CDP is no conversion.
    pub enum ConversionRefusal "reason" {
        /// It cannot be read; see its problems.
        InvalidEvent = "invalid_event",
        /// It is no `track` event: nothing happened.
        NotTrack = "not_track",
        /// Its name is that of no standard event, and the tenant mapped it to none.
        UnmappedEvent = "unmapped_event",
        /// It names neither an app nor a page, and nobody said where such events happen.
        MissingActionSource = "missing_action_source",
    }
}

/// What is known of all events of a source.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct ConversionMapping {
    /// Where an event happened that names neither an app nor a page.
    pub action_source: Option<ActionSource>,
    /// What amounts without a currency are in: the tenant's.
    pub currency: Option<Currency>,
    /// The tenant's own event names: from a name to a standard event, or to a platform's name.
    pub aliases: BTreeMap<String, String>,
}

impl ConversionEvent {
    /// The conversion that an event of the CDP is.
    ///
    /// - `event_id` is the event's own, else the digest of its content: the browser's copy with the same id counts once.
    /// - `event_name` is the event's own. Where an alias leads to a standard event it is that event's; where one leads to a
    ///   platform's name it stays, for the connection's own alias to name it.
    /// - `action_source` is `app` where the context has an app, `website` where it has a page, else the mapping's.
    /// - `value` is `total_cents`, else `total`, `value` or `cart_total`, in major units and rounded to minor ones, in the
    ///   event's currency or the tenant's. An amount whose currency cannot be known is left out, but for one below 0, by
    ///   which a refund is told.
    /// - `contents` are the objects of `items` (`id`, `product_id` or `sku`, with `quantity` and `price`), else the event's
    ///   own `product_id`, whatever other ids the event has.
    /// - `num_items` is `item_count`, if that is a whole number of 0 or more.
    /// - `app` is that of the context, with its device, screen, language and time zone, for what happened in an app.
    /// - Names, places, day of birth and gender are those of the event's traits; click ids, IP address and user agent those
    ///   of its context; consent is its decision about `ads`, for both uses.
    ///
    /// # Errors
    /// Why it is no conversion.
    ///
    /// ```
    /// use serde_json::json;
    /// use stratum_cdp::conversion::{ActionSource, ConversionEvent, ConversionMapping};
    /// use stratum_cdp::event::Event;
    /// use stratum_cdp::identifier::CleaningPolicy;
    ///
    /// let event = json!({
    ///     "event_name": "Purchase",
    ///     "event_time": "2026-03-01T12:00:00Z",
    ///     "identifiers": [{"type": "email", "value": "jane@shop.test1"}],
    ///     "properties": {"order_id": "A-17", "total_cents": 12_500, "currency": "KWD", "items": [{"sku": "S-1"}]},
    ///     "context": {"page": {"url": "https://shop.test1/thanks?fbclid=F1"}},
    ///     "consent": {"ads": true},
    /// });
    /// let event = Event::from_json(event, &CleaningPolicy::default()).unwrap();
    /// let conversion = ConversionEvent::from_event(&event, &ConversionMapping::default()).unwrap();
    /// assert_eq!(conversion.action_source, ActionSource::Website);
    /// assert_eq!(conversion.properties.value.unwrap().as_f64(), Some(12.5));
    /// assert_eq!(conversion.properties.contents[0].id, "S-1");
    /// ```
    pub fn from_event(event: &Event, mapping: &ConversionMapping) -> Result<Self, ConversionRefusal> {
        let name = event
            .event_name()
            .filter(|_| event.kind() == EventKind::Track)
            .ok_or(ConversionRefusal::NotTrack)?;
        let event_name = names::of_event(name, &mapping.aliases).ok_or(ConversionRefusal::UnmappedEvent)?;
        let context = event.context();
        let inferred = match (context.app.is_empty(), &context.page.url) {
            (false, _) => Some(ActionSource::App),
            (true, Some(_)) => Some(ActionSource::Website),
            (true, None) => mapping.action_source,
        };
        let action_source = inferred.ok_or(ConversionRefusal::MissingActionSource)?;
        let identifiers = event.identifiers().iter().map(|identifier| RawIdentifier {
            kind: identifier.kind(),
            value: identifier.value().to_owned(),
        });
        Ok(Self {
            event_id: event.key().map_err(|_| ConversionRefusal::InvalidEvent)?,
            event_name,
            event_time: event.event_time(),
            action_source,
            event_source_url: context.page.url.clone(),
            identifiers: identifiers.collect(),
            user: user(event),
            app: (action_source == ActionSource::App).then(|| app(event.context())),
            properties: properties(event, mapping.currency),
            consent: event.consent().ads.map(AdConsent::both).unwrap_or_default(),
            test_event_code: None,
        })
    }
}

fn user(event: &Event) -> ConversionUser {
    let (context, traits) = (event.context(), event.traits());
    let clicks = &context.click_ids;
    ConversionUser {
        first_name: text(traits, "first_name"),
        last_name: text(traits, "last_name"),
        city: text(traits, "city"),
        state: text(traits, "state"),
        zip: text(traits, "zip"),
        country: text(traits, "country"),
        date_of_birth: text(traits, "date_of_birth"),
        gender: text(traits, "gender"),
        ip: context.ip.clone(),
        user_agent: context.user_agent.clone(),
        fbclid: clicks.fbclid.clone(),
        ttclid: clicks.ttclid.clone(),
        gclid: clicks.gclid.clone(),
        sccid: clicks.sclid.clone(),
        ..ConversionUser::default()
    }
}

fn app(context: &EventContext) -> ConversionApp {
    let told = &context.app;
    let system = context.device.os.as_deref().and_then(AppOs::named);
    ConversionApp {
        os: system.map(|(os, _)| os),
        os_version: given(told.os_version.as_ref())
            .or(system.and_then(|(_, version)| version))
            .map(str::to_owned),
        id: told.id.clone(),
        store_id: told.store_id.clone(),
        name: told.name.clone(),
        version: told.version.clone(),
        build: told.build.clone(),
        advertiser_tracking_enabled: told.advertiser_tracking_enabled,
        application_tracking_enabled: told.application_tracking_enabled,
        device_model: context.device.model.clone(),
        locale: context.locale.clone(),
        timezone: context.timezone.clone(),
        screen_width: context.screen.map(|screen| screen.width),
        screen_height: context.screen.map(|screen| screen.height),
        ..ConversionApp::default()
    }
}

fn properties(event: &Event, tenant: Option<Currency>) -> ConversionProperties {
    let properties = event.properties();
    let currency = match properties.get("currency") {
        None | Some(Value::Null) => tenant,
        Some(_) => event.currency(),
    };
    let value = value(properties, currency);
    ConversionProperties {
        currency: currency.filter(|_| value.is_some()).map(|currency| currency.to_string()),
        value,
        order_id: text(properties, "order_id"),
        contents: contents(properties),
        content_type: text(properties, "content_type"),
        num_items: properties
            .get("item_count")
            .and_then(number)
            .as_ref()
            .and_then(|number| common::whole(Some(number))),
        search_string: text(properties, "search_string"),
    }
}

/// What the event is worth, in major units.
fn value(properties: &Map<String, Value>, currency: Option<Currency>) -> Option<Number> {
    let given = |name: &str| properties.get(name).filter(|value| !value.is_null());
    let cents = given("total_cents");
    let given = cents.or_else(|| ["total", "value", "cart_total"].into_iter().find_map(given));
    let raw = given?;
    let amount = Decimal::of(raw)?;
    let Some(currency) = currency else {
        return number(raw).filter(|_| amount.units(1_000_000_000) < 0);
    };
    let per_unit = if cents.is_some() { 1 } else { currency.minor_per_major() };
    let minor = i64::try_from(amount.units(per_unit)).ok()?;
    (-MAX_MINOR..=MAX_MINOR).contains(&minor).then(|| common::major(minor, currency))?
}

fn contents(properties: &Map<String, Value>) -> Vec<ConversionItem> {
    match properties.get("items") {
        Some(Value::Array(items)) => {
            let items = items.iter().filter_map(Value::as_object);
            items.filter_map(|of| item(of, &["id", "product_id", "sku"])).collect()
        }
        // The event's other ids are not those of a thing.
        _ => item(properties, &["product_id"]).into_iter().collect(),
    }
}

fn item(of: &Map<String, Value>, ids: &[&str]) -> Option<ConversionItem> {
    Some(ConversionItem {
        id: ids.iter().find_map(|name| text(of, name))?,
        quantity: of.get("quantity").and_then(number),
        price: of.get("price").and_then(number),
    })
}

/// A number, or a text that is a plain decimal.
fn number(value: &Value) -> Option<Number> {
    Decimal::of(value)?;
    match value {
        Value::Number(number) => Some(number.clone()),
        Value::String(text) => {
            let plain = text.trim_ascii();
            let whole = plain.parse::<i64>().ok().map(Number::from);
            whole.or_else(|| Number::from_f64(plain.parse().ok()?))
        }
        _ => None,
    }
}

/// Events of the CDP, to become conversions.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct ConversionsFromEventsRequest {
    /// The events, as `event.validate` takes them. One that cannot be read is set aside with its problems.
    #[cfg_attr(feature = "schema", schemars(with = "Vec<Event>"))]
    pub events: Vec<Value>,
    /// Where an event happened that names neither an app (`context.app`) nor a page (`context.page.url`).
    #[serde(default)]
    pub action_source: Option<ActionSource>,
    /// The tenant's currency, for amounts that name none.
    #[serde(default)]
    pub currency: Option<Currency>,
    /// The tenant's own event names: from a name to a standard event, or to a platform's name. An event that is neither a
    /// standard one nor mapped here is set aside.
    #[serde(default)]
    pub aliases: BTreeMap<String, String>,
    /// How identifiers are cleaned.
    #[serde(default)]
    pub cleaning: CleaningSettings,
}

/// An event that is no conversion.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct UnconvertedEvent {
    /// Its place in the request, from 0.
    pub index: u64,
    /// Why.
    pub reason: ConversionRefusal,
    /// What is wrong with one that cannot be read; the paths begin at the event.
    #[serde(default)]
    pub problems: Vec<Problem>,
}

impl fmt::Debug for UnconvertedEvent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("UnconvertedEvent")
            .field("index", &self.index)
            .field("reason", &self.reason)
            .finish_non_exhaustive()
    }
}

/// The conversions of events, and which events are none.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct ConversionsFromEvents {
    /// The conversions, in the order of the request: the `events` of `conversion.payloads` and `conversion.quality`.
    pub events: Vec<ConversionEvent>,
    /// The events that are none.
    pub skipped: Vec<UnconvertedEvent>,
}

impl ConversionsFromEventsRequest {
    /// Makes conversions of the events.
    ///
    /// # Errors
    /// `too_short` for an alias that leads nowhere. An event that is no conversion is set aside, not refused.
    pub fn convert(&self) -> Result<ConversionsFromEvents, Problems> {
        let mut found = ProblemCollector::new();
        names::check_aliases(&self.aliases, &mut found);
        found.into_result(())?;
        let mapping = ConversionMapping {
            action_source: self.action_source,
            currency: self.currency,
            aliases: self.aliases.clone(),
        };
        let cleaning = self.cleaning.policy();
        let (mut events, mut skipped) = (Vec::new(), Vec::new());
        for (place, event) in self.events.iter().enumerate() {
            match convert(event, &cleaning, &mapping) {
                Ok(conversion) => events.push(conversion),
                Err((reason, problems)) => {
                    let index = u64::try_from(place).unwrap_or(u64::MAX);
                    skipped.push(UnconvertedEvent { index, reason, problems });
                }
            }
        }
        Ok(ConversionsFromEvents { events, skipped })
    }
}

fn convert(
    event: &Value,
    cleaning: &CleaningPolicy,
    mapping: &ConversionMapping,
) -> Result<ConversionEvent, (ConversionRefusal, Vec<Problem>)> {
    let invalid = |problems: Problems| (ConversionRefusal::InvalidEvent, problems.iter().cloned().collect());
    let event = Event::from_json(event.clone(), cleaning).map_err(invalid)?;
    ConversionEvent::from_event(&event, mapping).map_err(|reason| match (reason, event.key()) {
        (ConversionRefusal::InvalidEvent, Err(problem)) => (reason, vec![problem]),
        _ => (reason, Vec::new()),
    })
}

impl fmt::Debug for ConversionsFromEventsRequest {
    /// How many: the events are people's.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ConversionsFromEventsRequest")
            .field("events", &self.events.len())
            .finish_non_exhaustive()
    }
}

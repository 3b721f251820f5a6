//! Which facts an event holds: identifiers, properties, latency, context.

use serde_json::Value;
use stratum_core::Timestamp;
use stratum_core::emq::event::{
    ContextSignals, EventFacts, EventProperties, EventSchema, IdentifierKinds, completeness,
};
use stratum_core::math::amount;

use crate::decimal::Decimal;
use crate::event::{Event, EventContext, Page};
use crate::identifier::IdentifierType;

/// What the EMQ of an event depends on.
#[must_use]
pub fn facts(event: &Event, received_at: Timestamp) -> EventFacts {
    EventFacts {
        identifiers: identifier_kinds(event),
        completeness: event_completeness(event),
        latency_s: amount(received_at.millis_since(event.event_time())) / 1_000.0,
        context: context_signals(event.context()),
    }
}

fn identifier_kinds(event: &Event) -> IdentifierKinds {
    let kinds = event.identifiers().iter().fold(IdentifierKinds::NONE, |kinds, identifier| {
        kinds
            | match identifier.kind() {
                IdentifierType::Email => IdentifierKinds::EMAIL,
                IdentifierType::Phone => IdentifierKinds::PHONE,
                IdentifierType::ExternalId => IdentifierKinds::EXTERNAL_ID,
                IdentifierType::DeviceId => IdentifierKinds::DEVICE_ID,
                IdentifierType::AnonymousId => IdentifierKinds::ANONYMOUS_ID,
            }
    });
    kinds.with(IdentifierKinds::CLICK_ID, !event.context().click_ids.is_empty())
}

fn context_signals(context: &EventContext) -> ContextSignals {
    // A proxy's "unknown" is no address.
    let has_address = context.ip.as_deref().is_some_and(|ip| ip.parse::<std::net::IpAddr>().is_ok());
    ContextSignals::NONE
        .with(ContextSignals::USER_AGENT, context.user_agent.is_some())
        .with(ContextSignals::CLIENT_IP, has_address)
        .with(ContextSignals::CAMPAIGN, !context.campaign.is_empty())
        .with(ContextSignals::PAGE, context.page.url.is_some() || context.page.referrer.is_some())
}

fn event_completeness(event: &Event) -> f64 {
    let name = event.event_name().unwrap_or_default();
    match EventSchema::of(name) {
        Some(schema) => schema.completeness(present(event, schema.required | schema.recommended)),
        None => {
            let any = event.properties().iter().any(|(name, value)| match name.as_str() {
                "total_cents" => is_positive(value),
                name => is_present(EventProperties::named(name).unwrap_or_default(), value),
            });
            completeness(name, EventProperties::NONE, any)
        }
    }
}

/// Which of the properties that are asked for the event holds.
fn present(event: &Event, asked: EventProperties) -> EventProperties {
    let mut present = EventProperties::NONE;
    for (name, property) in EventProperties::NAMES {
        if property.intersects(asked) && holds(event, name, property) {
            present = present | property;
        }
    }
    present
}

fn holds(event: &Event, name: &str, property: EventProperties) -> bool {
    let properties = event.properties();
    if property == EventProperties::TOTAL {
        // Of the two ways to write an amount the whole number of minor units wins.
        if let Some(cents) = properties.get("total_cents").filter(|cents| !cents.is_null()) {
            return is_positive(cents);
        }
    }
    properties.get(name).is_some_and(|value| is_present(property, value))
        || from_page(&event.context().page, property).is_some()
}

/// What the page of the context says in place of a property.
fn from_page(page: &Page, property: EventProperties) -> Option<&String> {
    match property {
        EventProperties::PAGE_URL => page.url.as_ref(),
        EventProperties::PAGE_TITLE => page.title.as_ref(),
        EventProperties::REFERRER => page.referrer.as_ref(),
        _ => None,
    }
}

/// Null and blank text are absent; of money, so is everything that is not above 0.
fn is_present(property: EventProperties, value: &Value) -> bool {
    match value {
        Value::Null => false,
        _ if property.is_money() => is_positive(value),
        Value::String(text) => !text.trim().is_empty(),
        _ => true,
    }
}

/// An amount above 0.
fn is_positive(value: &Value) -> bool {
    Decimal::of(value).is_some_and(Decimal::is_positive)
}

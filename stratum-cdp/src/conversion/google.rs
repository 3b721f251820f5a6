//! Google's Data Manager API: `POST /v1/events:ingest`, at most 2000 events of one conversion action, at most 10 user
//! identifiers each.

use serde::Serialize;
use serde_json::Number;
use stratum_core::Currency;
use stratum_core::vocabulary::Platform;

use super::batch::{Conversion, Group};
use super::common;
use super::event::{ActionSource, AdConsent, AdDecision, ConversionEvent, given};
use super::hashed::{Hashed, Private};
use super::keys::MatchKeys;
use super::names::EventName;
use super::outgoing::{HttpMethod, PlatformAuth, PlatformBody, PlatformRequest};
use super::settings::{ConversionConnection, SkipReason, filled};
use crate::person::PersonField;

/// The most identifiers of one person.
const MOST_IDENTIFIERS: usize = 10;

/// What a request says once.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Envelope {
    pub(super) action: String,
    pub(super) test: bool,
}

/// The body of a request.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Events {
    destinations: [Destination; 1],
    events: Vec<Event>,
    encoding: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    validate_only: Option<bool>,
}

/// An account, and what in it is written to.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Destination {
    operating_account: Account,
    product_destination_id: String,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
struct Account {
    account_type: &'static str,
    account_id: String,
}

impl Destination {
    /// Of the connection's account.
    pub(crate) fn of(product: &str, ids: &std::collections::BTreeMap<String, String>) -> Self {
        Self {
            operating_account: Account {
                account_type: "GOOGLE_ADS",
                account_id: filled("{operating_account_id}", ids),
            },
            product_destination_id: filled(product, ids),
        }
    }
}

/// An event of a request.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Event {
    transaction_id: String,
    event_timestamp: String,
    event_source: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    currency: Option<Currency>,
    #[serde(skip_serializing_if = "Option::is_none")]
    conversion_value: Option<Number>,
    #[serde(skip_serializing_if = "Option::is_none")]
    ad_identifiers: Option<AdIdentifiers>,
    #[serde(skip_serializing_if = "Option::is_none")]
    user_data: Option<UserData>,
    #[serde(skip_serializing_if = "Option::is_none")]
    consent: Option<Consent>,
    #[serde(skip_serializing_if = "Option::is_none")]
    cart_data: Option<CartData>,
    #[serde(skip_serializing_if = "Option::is_none")]
    event_device_info: Option<DeviceInfo>,
}

#[derive(Debug, Clone, Default, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
struct AdIdentifiers {
    #[serde(skip_serializing_if = "Option::is_none")]
    gclid: Option<Private>,
    #[serde(skip_serializing_if = "Option::is_none")]
    gbraid: Option<Private>,
    #[serde(skip_serializing_if = "Option::is_none")]
    wbraid: Option<Private>,
    #[serde(skip_serializing_if = "Option::is_none")]
    mobile_device_id: Option<Private>,
}

/// By what a person may be recognised.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct UserData {
    user_identifiers: Vec<UserIdentifier>,
}

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "camelCase")]
enum UserIdentifier {
    EmailAddress(Hashed),
    PhoneNumber(Hashed),
    Address(Address),
}

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "camelCase")]
struct Address {
    given_name: Hashed,
    family_name: Hashed,
    region_code: Private,
    postal_code: Private,
}

impl Address {
    /// Only with both names, country and postal code.
    fn of(keys: &MatchKeys) -> Option<Self> {
        Some(Self {
            given_name: keys.google_hashed(PersonField::FirstName)?,
            family_name: keys.google_hashed(PersonField::LastName)?,
            region_code: Private::of(keys.google_plain(PersonField::Country))?,
            postal_code: Private::of(keys.google_plain(PersonField::Zip))?,
        })
    }
}

/// Whether the person's address is one by which Google looks for people.
pub(crate) fn has_address(keys: &MatchKeys) -> bool {
    Address::of(keys).is_some()
}

impl UserData {
    /// What Google can use; `None` where that is nothing.
    pub(crate) fn of(keys: &MatchKeys) -> Option<Self> {
        Self::all(keys).into_iter().next()
    }

    /// Everything that Google can use, at most so many identifiers together as it takes.
    pub(crate) fn all(keys: &MatchKeys) -> Vec<Self> {
        let emails = keys.emails(Platform::Google).into_iter().map(UserIdentifier::EmailAddress);
        let phones = keys.phones(Platform::Google).into_iter().map(UserIdentifier::PhoneNumber);
        let address = Address::of(keys).map(UserIdentifier::Address);
        let identifiers: Vec<UserIdentifier> = emails.chain(phones).chain(address).collect();
        let some = identifiers.chunks(MOST_IDENTIFIERS);
        some.map(|some| Self { user_identifiers: some.to_vec() }).collect()
    }
}

/// What the person decided, as Google is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Consent {
    #[serde(skip_serializing_if = "Option::is_none")]
    ad_user_data: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    ad_personalization: Option<&'static str>,
}

impl Consent {
    /// Nothing where nothing was decided.
    pub(crate) fn of(consent: AdConsent, granted: &'static str, denied: &'static str) -> Option<Self> {
        let word = |decision: AdDecision| if decision == AdDecision::Granted { granted } else { denied };
        (consent != AdConsent::default()).then(|| Self {
            ad_user_data: consent.ad_user_data.map(word),
            ad_personalization: consent.ad_personalization.map(word),
        })
    }
}

#[derive(Debug, Clone, PartialEq, Serialize)]
struct CartData {
    items: Vec<CartItem>,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
struct CartItem {
    merchant_product_id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    quantity: Option<Number>,
    #[serde(skip_serializing_if = "Option::is_none")]
    unit_price: Option<Number>,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
struct DeviceInfo {
    #[serde(skip_serializing_if = "Option::is_none")]
    user_agent: Option<Private>,
    #[serde(skip_serializing_if = "Option::is_none")]
    ip_address: Option<Private>,
}

const fn event_source(source: ActionSource) -> &'static str {
    match source {
        ActionSource::Website => "WEB",
        ActionSource::App => "APP",
        ActionSource::PhysicalStore => "IN_STORE",
        ActionSource::PhoneCall => "PHONE",
        ActionSource::Chat
        | ActionSource::Email
        | ActionSource::SystemGenerated
        | ActionSource::BusinessMessaging
        | ActionSource::Other => "OTHER",
    }
}

/// The order, else the event: under this Google recognises a conversion that it has.
pub(super) fn transaction_id(event: &ConversionEvent) -> String {
    common::text(event.properties.order_id.as_ref()).unwrap_or_else(|| event.event_id.clone())
}

/// An event as Data Manager wants it.
pub(super) fn event(conversion: &Conversion<'_>, name: &EventName) -> Result<Event, SkipReason> {
    let (event, keys) = (conversion.event, &conversion.keys);
    common::check_worth(event, name, false)?;
    let user = &event.user;
    let clicked = |field, parameter| common::click_id(event, field, parameter).map(Private);
    let ids = AdIdentifiers {
        gclid: clicked(user.gclid.as_ref(), "gclid"),
        gbraid: clicked(user.gbraid.as_ref(), "gbraid"),
        wbraid: clicked(user.wbraid.as_ref(), "wbraid"),
        mobile_device_id: Private::of(keys.ad_id()),
    };
    let ad_identifiers = (ids != AdIdentifiers::default()).then_some(ids);
    let user_data = UserData::of(keys);
    if ad_identifiers.is_none() && user_data.is_none() {
        return Err(SkipReason::NoIdentifiers);
    }
    let items: Vec<CartItem> = common::contents(event)
        .map(|item| CartItem {
            merchant_product_id: item.id.clone(),
            quantity: common::whole(item.quantity.as_ref()),
            unit_price: item.price.clone(),
        })
        .collect();
    let device =
        DeviceInfo { user_agent: Private::of(given(user.user_agent.as_ref())), ip_address: common::ip(user) };
    Ok(Event {
        transaction_id: transaction_id(event),
        event_timestamp: common::written_time(event, "%Y-%m-%dT%H:%M:%SZ"),
        event_source: event_source(event.action_source),
        currency: common::currency(event),
        conversion_value: common::value(event),
        ad_identifiers,
        user_data,
        consent: Consent::of(event.consent, "CONSENT_GRANTED", "CONSENT_DENIED"),
        cart_data: (!items.is_empty()).then_some(CartData { items }),
        event_device_info: (device.user_agent.is_some() || device.ip_address.is_some()).then_some(device),
    })
}

/// Events of one request.
pub(super) fn request(connection: &ConversionConnection, group: Group<Envelope, Event>) -> PlatformRequest {
    PlatformRequest {
        method: HttpMethod::Post,
        host: "datamanager.googleapis.com",
        path: "/v1/events:ingest".to_owned(),
        auth: PlatformAuth::Bearer,
        items: group.ids,
        body: PlatformBody::GoogleEvents(Events {
            destinations: [Destination::of(&group.envelope.action, &connection.ids)],
            events: group.items,
            encoding: "HEX",
            validate_only: group.envelope.test.then_some(true),
        }),
    }
}

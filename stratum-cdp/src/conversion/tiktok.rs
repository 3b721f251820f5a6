//! TikTok's Events API: `POST /open_api/v1.3/event/track/`, at most 1000 events of one source.

use serde::Serialize;
use serde_json::Number;
use stratum_core::Currency;
use stratum_core::vocabulary::Platform;

use super::app::{self, AppOs, ConversionApp, TrackingStatus};
use super::batch::{Conversion, Group};
use super::common;
use super::event::{ActionSource, ConversionEvent, ConversionItem, given};
use super::hashed::{Hashed, Private};
use super::names::EventName;
use super::outgoing::{HttpMethod, PlatformAuth, PlatformBody, PlatformRequest};
use super::settings::{ConversionConnection, SkipReason, filled};
use crate::person::PersonField;

/// What a request says once.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Envelope {
    source: &'static str,
    source_id: &'static str,
    test_code: Option<String>,
}

impl Envelope {
    pub(super) fn of(event: &ConversionEvent, test_code: Option<String>) -> Self {
        let (source, source_id) = match event.action_source {
            ActionSource::Website => ("web", "{pixel_code}"),
            ActionSource::App => ("app", "{app_id}"),
            _ => ("offline", "{offline_event_set_id}"),
        };
        Self { source, source_id, test_code }
    }
}

/// The body of a request.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Events {
    event_source: &'static str,
    event_source_id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    test_event_code: Option<String>,
    data: Vec<Event>,
}

/// An event of a request.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Event {
    event: String,
    event_time: i64,
    event_id: String,
    user: User,
    #[serde(skip_serializing_if = "Option::is_none")]
    properties: Option<Properties>,
    /// Of a website or a store; empty where there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    page: Option<Page>,
    #[serde(skip_serializing_if = "Option::is_none")]
    app: Option<App>,
    limited_data_use: bool,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
struct User {
    #[serde(skip_serializing_if = "Vec::is_empty")]
    email: Vec<Hashed>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    phone: Vec<Hashed>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    external_id: Vec<Hashed>,
    #[serde(skip_serializing_if = "Option::is_none")]
    ttclid: Option<Private>,
    #[serde(skip_serializing_if = "Option::is_none")]
    ttp: Option<Private>,
    #[serde(skip_serializing_if = "Option::is_none")]
    ip: Option<Private>,
    #[serde(skip_serializing_if = "Option::is_none")]
    user_agent: Option<Private>,
    #[serde(skip_serializing_if = "Option::is_none")]
    first_name: Option<Hashed>,
    #[serde(skip_serializing_if = "Option::is_none")]
    last_name: Option<Hashed>,
    #[serde(skip_serializing_if = "Option::is_none")]
    city: Option<Private>,
    #[serde(skip_serializing_if = "Option::is_none")]
    state: Option<Private>,
    #[serde(skip_serializing_if = "Option::is_none")]
    country: Option<Private>,
    #[serde(skip_serializing_if = "Option::is_none")]
    zip_code: Option<Hashed>,
    #[serde(skip_serializing_if = "Option::is_none")]
    idfa: Option<Hashed>,
    #[serde(skip_serializing_if = "Option::is_none")]
    gaid: Option<Hashed>,
    #[serde(skip_serializing_if = "Option::is_none")]
    idfv: Option<Private>,
    #[serde(skip_serializing_if = "Option::is_none")]
    att_status: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    locale: Option<String>,
}

impl User {
    fn of(conversion: &Conversion<'_>, app: Option<&ConversionApp>) -> Self {
        let (event, keys) = (conversion.event, &conversion.keys);
        let os = app.and_then(|app| app.os);
        let ad_id = |of: AppOs| keys.ad_ids().first().copied().filter(|_| os == Some(of));
        let plain = |field| Private::of(keys.plain(field));
        Self {
            email: keys.emails(Platform::Tiktok),
            phone: keys.phones(Platform::Tiktok),
            external_id: keys.external_ids(),
            ttclid: common::click_id(event, event.user.ttclid.as_ref(), "ttclid").map(Private),
            ttp: Private::of(given(event.user.ttp.as_ref())),
            ip: common::ip(&event.user),
            user_agent: Private::of(given(event.user.user_agent.as_ref())),
            first_name: keys.hashed(PersonField::FirstName),
            last_name: keys.hashed(PersonField::LastName),
            city: plain(PersonField::City),
            state: plain(PersonField::State),
            country: plain(PersonField::Country),
            zip_code: keys.hashed(PersonField::Zip),
            idfa: ad_id(AppOs::Ios),
            gaid: ad_id(AppOs::Android),
            idfv: Private::of(app.and_then(|app| given(app.vendor_id.as_ref()))),
            att_status: app.and_then(ConversionApp::tracking_status).map(att_status),
            locale: app.and_then(|app| common::text(app.locale.as_ref())),
        }
    }

    /// Whether there is something by which one person may be recognised: a name and an address are too little.
    fn is_recognisable(&self) -> bool {
        !(self.email.is_empty() && self.phone.is_empty() && self.external_id.is_empty())
            || self.ttclid.is_some()
            || self.ttp.is_some()
            || self.idfa.is_some()
            || self.gaid.is_some()
            || (self.ip.is_some() && self.user_agent.is_some())
    }
}

#[derive(Debug, Clone, Default, PartialEq, Serialize)]
struct Properties {
    #[serde(skip_serializing_if = "Vec::is_empty")]
    contents: Vec<Content>,
    #[serde(skip_serializing_if = "Option::is_none")]
    content_type: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    currency: Option<Currency>,
    #[serde(skip_serializing_if = "Option::is_none")]
    value: Option<Number>,
    #[serde(skip_serializing_if = "Option::is_none")]
    order_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    num_items: Option<Number>,
    #[serde(skip_serializing_if = "Option::is_none")]
    query: Option<Private>,
}

impl Properties {
    fn of(event: &ConversionEvent) -> Option<Self> {
        let properties = &event.properties;
        let told = Self {
            contents: common::contents(event).map(Content::from).collect(),
            content_type: common::text(properties.content_type.as_ref()),
            currency: common::currency(event),
            value: common::value(event),
            order_id: common::text(properties.order_id.as_ref()),
            num_items: common::whole(properties.num_items.as_ref()),
            query: Private::of(given(properties.search_string.as_ref())),
        };
        (told != Self::default()).then_some(told)
    }
}

#[derive(Debug, Clone, PartialEq, Serialize)]
struct Content {
    content_id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    quantity: Option<Number>,
    #[serde(skip_serializing_if = "Option::is_none")]
    price: Option<Number>,
}

impl From<&ConversionItem> for Content {
    fn from(item: &ConversionItem) -> Self {
        Self {
            content_id: item.id.clone(),
            quantity: common::whole(item.quantity.as_ref()),
            price: item.price.clone(),
        }
    }
}

/// What TikTok knows of an app. Its `app_id` is what stands in the address of its store.
#[derive(Debug, Clone, PartialEq, Serialize)]
struct App {
    app_id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    app_name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    app_version: Option<String>,
}

impl App {
    fn of(app: &ConversionApp) -> Option<Self> {
        let of_android = app.id.as_ref().filter(|_| app.os == Some(AppOs::Android));
        Some(Self {
            app_id: common::text(app.store_id.as_ref()).or_else(|| common::text(of_android))?,
            app_name: common::text(app.name.as_ref()),
            app_version: common::text(app.version.as_ref()),
        })
    }
}

const fn att_status(status: TrackingStatus) -> &'static str {
    match status {
        TrackingStatus::Authorized => "AUTHORIZED",
        TrackingStatus::Denied => "DENIED",
        TrackingStatus::NotDetermined => "NOT_DETERMINED",
        TrackingStatus::Restricted => "RESTRICTED",
        TrackingStatus::NotApplicable => "NOT_APPLICABLE",
    }
}

/// Always there but in an app, empty where there is no page.
#[derive(Debug, Clone, PartialEq, Serialize)]
struct Page {
    #[serde(skip_serializing_if = "Option::is_none")]
    url: Option<Private>,
}

/// An event as TikTok wants it.
pub(super) fn event(conversion: &Conversion<'_>, name: EventName) -> Result<Event, SkipReason> {
    let event = conversion.event;
    common::check_worth(event, &name, false)?;
    let app = app::of(event)?;
    if app.is_some_and(|app| app.tracking_status().is_none()) {
        return Err(SkipReason::MissingAppData);
    }
    let user = User::of(conversion, app);
    if !user.is_recognisable() {
        return Err(SkipReason::NoIdentifiers);
    }
    Ok(Event {
        event: name.name,
        event_time: common::seconds(event),
        event_id: event.event_id.clone(),
        user,
        properties: Properties::of(event),
        page: app.is_none().then(|| Page { url: common::page(event) }),
        app: app.and_then(App::of),
        limited_data_use: common::is_limited(event),
    })
}

/// Events of one request.
pub(super) fn request(connection: &ConversionConnection, group: Group<Envelope, Event>) -> PlatformRequest {
    let Envelope { source, source_id, test_code } = group.envelope;
    PlatformRequest {
        method: HttpMethod::Post,
        host: "business-api.tiktok.com",
        path: "/open_api/v1.3/event/track/".to_owned(),
        auth: PlatformAuth::AccessToken,
        items: group.ids,
        body: PlatformBody::TiktokEvents(Events {
            event_source: source,
            event_source_id: filled(source_id, &connection.ids),
            test_event_code: test_code,
            data: group.items,
        }),
    }
}

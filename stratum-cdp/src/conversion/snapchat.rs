//! Snapchat's Conversions API: `POST /v3/{pixel or app}/events`, at most 2000 events. A test goes to `…/validate`.

use serde::Serialize;
use stratum_core::vocabulary::Platform;

use super::app::{self, ConversionApp, ExtInfo};
use super::batch::{Conversion, Group};
use super::common::{self, CustomData};
use super::event::{ActionSource, ConversionEvent, given};
use super::hashed::{Hashed, Private};
use super::names::EventName;
use super::outgoing::{HttpMethod, PlatformAuth, PlatformBody, PlatformRequest};
use super::settings::{ConversionConnection, SkipReason, SnapchatLimitedUse, filled};
use crate::person::PersonField;

/// What a request says once: events of an app go to the app's own path.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Envelope {
    in_app: bool,
    test: bool,
}

impl Envelope {
    pub(super) fn of(event: &ConversionEvent, test: bool) -> Self {
        Self { in_app: event.action_source == ActionSource::App, test }
    }
}

/// The body of a request.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Events {
    data: Vec<Event>,
}

/// An event of a request.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Event {
    event_name: String,
    event_time: i64,
    event_id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    event_source_url: Option<Private>,
    action_source: &'static str,
    user_data: UserData,
    #[serde(skip_serializing_if = "Option::is_none")]
    app_data: Option<AppData>,
    #[serde(skip_serializing_if = "Option::is_none")]
    custom_data: Option<CustomData>,
    #[serde(skip_serializing_if = "Option::is_none")]
    data_processing_options: Option<[SnapchatLimitedUse; 1]>,
}

/// What Snapchat requires of an event of an app.
#[derive(Debug, Clone, PartialEq, Serialize)]
struct AppData {
    #[serde(skip_serializing_if = "Option::is_none")]
    advertiser_tracking_enabled: Option<u8>,
    extinfo: ExtInfo,
}

impl AppData {
    fn of(app: &ConversionApp) -> Option<Self> {
        Some(Self {
            advertiser_tracking_enabled: app.advertiser_tracking().map(u8::from),
            extinfo: app.extinfo()?,
        })
    }
}

#[derive(Debug, Clone, PartialEq, Serialize)]
struct UserData {
    #[serde(skip_serializing_if = "Vec::is_empty")]
    em: Vec<Hashed>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    ph: Vec<Hashed>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    external_id: Vec<Hashed>,
    #[serde(rename = "fn", skip_serializing_if = "Option::is_none")]
    first_name: Option<Hashed>,
    #[serde(skip_serializing_if = "Option::is_none")]
    ln: Option<Hashed>,
    #[serde(skip_serializing_if = "Option::is_none")]
    ct: Option<Hashed>,
    #[serde(skip_serializing_if = "Option::is_none")]
    st: Option<Hashed>,
    #[serde(skip_serializing_if = "Option::is_none")]
    zp: Option<Hashed>,
    #[serde(skip_serializing_if = "Option::is_none")]
    country: Option<Hashed>,
    #[serde(skip_serializing_if = "Option::is_none")]
    db: Option<Hashed>,
    #[serde(skip_serializing_if = "Option::is_none")]
    ge: Option<Hashed>,
    #[serde(skip_serializing_if = "Option::is_none")]
    client_ip_address: Option<Private>,
    #[serde(skip_serializing_if = "Option::is_none")]
    client_user_agent: Option<Private>,
    #[serde(skip_serializing_if = "Option::is_none")]
    madid: Option<Hashed>,
    #[serde(skip_serializing_if = "Option::is_none")]
    sc_click_id: Option<Private>,
    #[serde(skip_serializing_if = "Option::is_none")]
    sc_cookie1: Option<Private>,
}

impl UserData {
    fn of(conversion: &Conversion<'_>) -> Self {
        let (event, keys) = (conversion.event, &conversion.keys);
        Self {
            em: keys.emails(Platform::Snapchat),
            ph: keys.phones(Platform::Snapchat),
            external_id: keys.external_ids(),
            first_name: keys.hashed(PersonField::FirstName),
            ln: keys.hashed(PersonField::LastName),
            ct: keys.hashed(PersonField::City),
            st: keys.hashed(PersonField::State),
            zp: keys.hashed(PersonField::Zip),
            country: keys.hashed(PersonField::Country),
            db: keys.hashed(PersonField::DateOfBirth),
            ge: keys.hashed(PersonField::Gender),
            client_ip_address: common::ip(&event.user),
            client_user_agent: Private::of(given(event.user.user_agent.as_ref())),
            madid: keys.ad_ids().first().copied(),
            sc_click_id: common::click_id(event, event.user.sccid.as_ref(), "ScCid").map(Private),
            sc_cookie1: Private::of(given(event.user.scid.as_ref())),
        }
    }

    /// Snapchat takes an event by an e-mail address, a phone number, an advertising id, or by address and browser together;
    /// the rest helps, and is not enough.
    fn is_recognisable(&self) -> bool {
        !(self.em.is_empty() && self.ph.is_empty())
            || self.madid.is_some()
            || (self.client_ip_address.is_some() && self.client_user_agent.is_some())
    }
}

const fn action_source(source: ActionSource) -> &'static str {
    match source {
        ActionSource::Website => "WEB",
        ActionSource::App => "MOBILE_APP",
        ActionSource::PhysicalStore
        | ActionSource::PhoneCall
        | ActionSource::Chat
        | ActionSource::Email
        | ActionSource::SystemGenerated
        | ActionSource::BusinessMessaging
        | ActionSource::Other => "OFFLINE",
    }
}

/// An event as Snapchat wants it.
pub(super) fn event(
    conversion: &Conversion<'_>,
    name: EventName,
    limited_use: SnapchatLimitedUse,
) -> Result<Event, SkipReason> {
    let event = conversion.event;
    common::check_worth(event, &name, true)?;
    let app = app::of(event)?;
    let app_data = app.map(|app| AppData::of(app).ok_or(SkipReason::MissingAppData)).transpose()?;
    let user_data = UserData::of(conversion);
    if !user_data.is_recognisable() {
        return Err(SkipReason::NoIdentifiers);
    }
    Ok(Event {
        event_name: name.name,
        event_time: common::seconds(event),
        event_id: event.event_id.clone(),
        event_source_url: common::page(event),
        action_source: action_source(event.action_source),
        user_data,
        app_data,
        custom_data: CustomData::of(event, false),
        data_processing_options: common::is_limited(event).then_some([limited_use]),
    })
}

/// Events of one request.
pub(super) fn request(connection: &ConversionConnection, group: Group<Envelope, Event>) -> PlatformRequest {
    let place = if group.envelope.in_app { "{snap_app_id}" } else { "{pixel_id}" };
    let end = if group.envelope.test { "events/validate" } else { "events" };
    PlatformRequest {
        method: HttpMethod::Post,
        host: "tr.snapchat.com",
        path: filled(&format!("/v3/{place}/{end}"), &connection.ids),
        auth: PlatformAuth::QueryAccessToken,
        items: group.ids,
        body: PlatformBody::SnapchatEvents(Events { data: group.items }),
    }
}

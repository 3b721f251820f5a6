//! Meta's Conversions API: `POST /{version}/{dataset}/events`, at most 1000 events.

use serde::Serialize;
use stratum_core::vocabulary::Platform;

use super::app::{self, ConversionApp, ExtInfo};
use super::batch::{Conversion, Group};
use super::common::{self, CustomData};
use super::event::{ActionSource, given};
use super::hashed::{Hashed, Private};
use super::names::EventName;
use super::outgoing::{HttpMethod, PlatformAuth, PlatformBody, PlatformRequest};
use super::settings::{ConversionConnection, SkipReason, filled};
use crate::person::PersonField;

/// The body of a request.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Events {
    data: Vec<Event>,
    #[serde(skip_serializing_if = "Option::is_none")]
    test_event_code: Option<String>,
}

/// An event of a request.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Event {
    event_name: String,
    event_time: i64,
    event_id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    event_source_url: Option<Private>,
    action_source: ActionSource,
    user_data: UserData,
    #[serde(skip_serializing_if = "Option::is_none")]
    app_data: Option<AppData>,
    #[serde(skip_serializing_if = "Option::is_none")]
    custom_data: Option<CustomData>,
    #[serde(skip_serializing_if = "Option::is_none")]
    data_processing_options: Option<[&'static str; 1]>,
    /// 0: where the person is, Meta finds out itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    data_processing_options_country: Option<u8>,
    #[serde(skip_serializing_if = "Option::is_none")]
    data_processing_options_state: Option<u8>,
}

/// What Meta requires of an event of an app; truth values are 0 and 1.
#[derive(Debug, Clone, PartialEq, Serialize)]
struct AppData {
    advertiser_tracking_enabled: u8,
    application_tracking_enabled: u8,
    extinfo: ExtInfo,
    #[serde(skip_serializing_if = "Option::is_none")]
    vendor_id: Option<Private>,
}

impl AppData {
    fn of(app: &ConversionApp) -> Option<Self> {
        Some(Self {
            advertiser_tracking_enabled: u8::from(app.advertiser_tracking()?),
            application_tracking_enabled: u8::from(app.application_tracking_enabled?),
            extinfo: app.extinfo()?,
            vendor_id: Private::of(given(app.vendor_id.as_ref())),
        })
    }
}

#[derive(Debug, Clone, Default, PartialEq, Serialize)]
struct UserData {
    #[serde(skip_serializing_if = "Vec::is_empty")]
    em: Vec<Hashed>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    ph: Vec<Hashed>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    external_id: Vec<Hashed>,
    #[serde(rename = "fn", skip_serializing_if = "Option::is_none")]
    first_name: Option<[Hashed; 1]>,
    #[serde(skip_serializing_if = "Option::is_none")]
    ln: Option<[Hashed; 1]>,
    #[serde(skip_serializing_if = "Option::is_none")]
    ct: Option<[Hashed; 1]>,
    #[serde(skip_serializing_if = "Option::is_none")]
    st: Option<[Hashed; 1]>,
    #[serde(skip_serializing_if = "Option::is_none")]
    zp: Option<[Hashed; 1]>,
    #[serde(skip_serializing_if = "Option::is_none")]
    country: Option<[Hashed; 1]>,
    #[serde(skip_serializing_if = "Option::is_none")]
    db: Option<[Hashed; 1]>,
    #[serde(skip_serializing_if = "Option::is_none")]
    ge: Option<[Hashed; 1]>,
    #[serde(skip_serializing_if = "Option::is_none")]
    client_ip_address: Option<Private>,
    #[serde(skip_serializing_if = "Option::is_none")]
    client_user_agent: Option<Private>,
    #[serde(skip_serializing_if = "Option::is_none")]
    fbp: Option<Private>,
    #[serde(skip_serializing_if = "Option::is_none")]
    fbc: Option<Private>,
    #[serde(skip_serializing_if = "Option::is_none")]
    madid: Option<Private>,
}

impl UserData {
    fn of(conversion: &Conversion<'_>) -> Self {
        let (event, keys) = (conversion.event, &conversion.keys);
        let field = |field| keys.hashed(field).map(|hash| [hash]);
        let fbc = common::text(event.user.fbc.as_ref()).or_else(|| {
            let clicked = common::click_id(event, event.user.fbclid.as_ref(), "fbclid")?;
            Some(format!("fb.1.{}.{clicked}", event.event_time.millis()))
        });
        let in_app = event.action_source == ActionSource::App;
        Self {
            em: keys.emails(Platform::Meta),
            ph: keys.phones(Platform::Meta),
            external_id: keys.external_ids(),
            first_name: field(PersonField::FirstName),
            ln: field(PersonField::LastName),
            ct: field(PersonField::City),
            st: field(PersonField::State),
            zp: field(PersonField::Zip),
            country: field(PersonField::Country),
            db: field(PersonField::DateOfBirth),
            ge: field(PersonField::Gender),
            client_ip_address: common::ip(&event.user),
            client_user_agent: Private::of(given(event.user.user_agent.as_ref())),
            fbp: Private::of(given(event.user.fbp.as_ref())),
            fbc: fbc.map(Private),
            madid: Private::of(keys.ad_id()).filter(|_| in_app),
        }
    }

    /// Whether what is there fits too many people for Meta to take it: any of city, state, postal code, country, gender and
    /// user agent; the day of birth with a user agent; the given name with the gender.
    fn is_too_broad(&self) -> bool {
        let names_somebody = !self.em.is_empty()
            || !self.ph.is_empty()
            || !self.external_id.is_empty()
            || self.client_ip_address.is_some()
            || self.fbp.is_some()
            || self.fbc.is_some()
            || self.madid.is_some()
            || self.ln.is_some();
        let place = [&self.ct, &self.st, &self.zp, &self.country].into_iter().any(Option::is_some);
        let born = self.db.is_some() && (place || self.ge.is_some());
        let named =
            self.first_name.is_some() && (place || self.db.is_some() || self.client_user_agent.is_some());
        !(names_somebody || born || named)
    }
}

/// An event as Meta wants it.
pub(super) fn event(conversion: &Conversion<'_>, name: EventName) -> Result<Event, SkipReason> {
    let event = conversion.event;
    let on_a_website = event.action_source == ActionSource::Website;
    if on_a_website && given(event.user.user_agent.as_ref()).is_none() {
        return Err(SkipReason::MissingUserAgent);
    }
    let page = common::page(event);
    if on_a_website && page.is_none() {
        return Err(SkipReason::MissingEventSourceUrl);
    }
    common::check_worth(event, &name, true)?;
    let app = app::of(event)?;
    let app_data = app.map(|app| AppData::of(app).ok_or(SkipReason::MissingAppData)).transpose()?;
    let user_data = UserData::of(conversion);
    if user_data.is_too_broad() {
        return Err(SkipReason::NoIdentifiers);
    }
    let limited = common::is_limited(event);
    Ok(Event {
        event_name: name.name,
        event_time: common::seconds(event),
        event_id: event.event_id.clone(),
        event_source_url: page,
        action_source: event.action_source,
        user_data,
        app_data,
        custom_data: CustomData::of(event, true),
        data_processing_options: limited.then_some(["LDU"]),
        data_processing_options_country: limited.then_some(0),
        data_processing_options_state: limited.then_some(0),
    })
}

/// Events of one request.
pub(super) fn request(
    connection: &ConversionConnection,
    group: Group<Option<String>, Event>,
) -> PlatformRequest {
    PlatformRequest {
        method: HttpMethod::Post,
        host: "graph.facebook.com",
        path: filled("/{api_version}/{dataset_id}/events", &connection.ids),
        auth: PlatformAuth::QueryAccessToken,
        items: group.ids,
        body: PlatformBody::MetaEvents(Events { data: group.items, test_event_code: group.envelope }),
    }
}

//! Where an event happened, and what the person decided about their data.

use std::fmt;

use serde::Serialize;
use serde_json::Value;

use super::fields::Fields;
use crate::identifier::trim;

/// Declares a part of the context: optional text fields, whether it is empty, and a `Debug` that names fields only.
macro_rules! text_part {
    ($(#[$doc:meta])* pub struct $name:ident { $($(#[$field_doc:meta])* $field:ident = $wire:literal, $max:literal;)+ }) => {
        $(#[$doc])*
        #[derive(Clone, Default, PartialEq, Eq, Serialize)]
        #[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
        #[non_exhaustive]
        pub struct $name {
            $(
                $(#[$field_doc])*
                #[serde(rename = $wire, skip_serializing_if = "Option::is_none")]
                #[cfg_attr(feature = "schema", schemars(length(max = $max)))]
                pub $field: Option<String>,
            )+
        }

        impl $name {
            /// Whether nothing is given.
            #[must_use]
            pub const fn is_empty(&self) -> bool {
                $(self.$field.is_none())&&+
            }

            pub(super) fn read(fields: &mut Fields<'_>) -> Self {
                Self { $($field: fields.text($wire, $max),)+ }
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                let mut set = f.debug_set();
                $(if self.$field.is_some() { set.entry(&format_args!("{}", $wire)); })+
                set.finish()
            }
        }
    };
}

text_part! {
    /// The page on which it happened.
    pub struct Page {
        /// Its address.
        url = "url", 2048;
        /// Where the visitor came from.
        referrer = "referrer", 2048;
        /// Its title.
        title = "title", 2048;
    }
}

text_part! {
    /// The device on which it happened.
    pub struct Device {
        /// Phone, tablet, desktop.
        kind = "type", 100;
        /// The operating system.
        os = "os", 100;
        /// The model.
        model = "model", 100;
    }
}

text_part! {
    /// The campaign that led to it (UTM parameters).
    pub struct Campaign {
        /// utm_source
        source = "source", 255;
        /// utm_medium
        medium = "medium", 255;
        /// utm_campaign
        name = "name", 255;
        /// utm_term
        term = "term", 255;
        /// utm_content
        content = "content", 255;
    }
}

text_part! {
    /// The click ids of the ad platforms.
    pub struct ClickIds {
        /// Google.
        gclid = "gclid", 255;
        /// Meta.
        fbclid = "fbclid", 255;
        /// TikTok.
        ttclid = "ttclid", 255;
        /// Snapchat (ScCid).
        sclid = "sclid", 255;
    }
}

/// The app in which it happened. A key that is not known, and a value of another type or length, is left out on reading.
#[derive(Clone, Default, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct App {
    /// Its package name (Android) or bundle id (iOS).
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(length(max = 255)))]
    pub id: Option<String>,
    /// Its id in its store, where that is another: the number of Apple's store.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(length(max = 255)))]
    pub store_id: Option<String>,
    /// What it is called.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(length(max = 255)))]
    pub name: Option<String>,
    /// Its version, as people read it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(length(max = 100)))]
    pub version: Option<String>,
    /// Its version, as its makers count.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(length(max = 100)))]
    pub build: Option<String>,
    /// The version of the operating system that it runs on.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(length(max = 100)))]
    pub os_version: Option<String>,
    /// Whether the person lets the advertiser track them (App Tracking Transparency).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub advertiser_tracking_enabled: Option<bool>,
    /// Whether the person lets the app track them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub application_tracking_enabled: Option<bool>,
}

impl App {
    /// Whether nothing is given.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Events came with an app before it was read: none is refused for what was passed over then.
    fn read(app: Option<Value>) -> Self {
        let Some(Value::Object(app)) = app else { return Self::default() };
        let text = |name: &str, max: usize| {
            let text = trim(app.get(name)?.as_str()?);
            (!text.is_empty() && text.chars().count() <= max).then(|| text.to_owned())
        };
        let flag = |name: &str| app.get(name)?.as_bool();
        Self {
            id: text("id", 255),
            store_id: text("store_id", 255),
            name: text("name", 255),
            version: text("version", 100),
            build: text("build", 100),
            os_version: text("os_version", 100),
            advertiser_tracking_enabled: flag("advertiser_tracking_enabled"),
            application_tracking_enabled: flag("application_tracking_enabled"),
        }
    }
}

impl fmt::Debug for App {
    /// Only what is the app's own.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("App").field("id", &self.id).field("version", &self.version).finish_non_exhaustive()
    }
}

/// The size of a screen, in pixels.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Screen {
    /// Across.
    pub width: u32,
    /// Down.
    pub height: u32,
}

/// Where an event happened. Unknown keys are left out on reading.
#[derive(Clone, Default, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct EventContext {
    /// The browser's user agent.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(length(max = 1024)))]
    pub user_agent: Option<String>,
    /// The client's IP address.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(length(max = 45)))]
    pub ip: Option<String>,
    /// The language (BCP 47).
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(length(max = 20)))]
    pub locale: Option<String>,
    /// The time zone (IANA).
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(length(max = 64)))]
    pub timezone: Option<String>,
    /// The screen.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub screen: Option<Screen>,
    /// The page.
    #[serde(skip_serializing_if = "Page::is_empty")]
    #[cfg_attr(feature = "schema", schemars(default))]
    pub page: Page,
    /// The visit that the event belongs to.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(length(max = 128)))]
    pub session_id: Option<String>,
    /// The device.
    #[serde(skip_serializing_if = "Device::is_empty")]
    #[cfg_attr(feature = "schema", schemars(default))]
    pub device: Device,
    /// The app, where it happened in one.
    #[serde(skip_serializing_if = "App::is_empty")]
    #[cfg_attr(feature = "schema", schemars(default))]
    pub app: App,
    /// The campaign.
    #[serde(skip_serializing_if = "Campaign::is_empty")]
    #[cfg_attr(feature = "schema", schemars(default))]
    pub campaign: Campaign,
    /// The click ids.
    #[serde(skip_serializing_if = "ClickIds::is_empty")]
    #[cfg_attr(feature = "schema", schemars(default))]
    pub click_ids: ClickIds,
}

impl EventContext {
    /// Whether nothing is given.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    pub(super) fn read(fields: &mut Fields<'_>) -> Self {
        Self {
            user_agent: fields.text("user_agent", 1024),
            ip: fields.text("ip", 45),
            locale: fields.text("locale", 20),
            timezone: fields.text("timezone", 64),
            screen: fields.object("screen", read_screen).flatten(),
            page: fields.object("page", Page::read).unwrap_or_default(),
            session_id: fields.text("session_id", 128),
            device: fields.object("device", Device::read).unwrap_or_default(),
            app: App::read(fields.take("app")),
            campaign: fields.object("campaign", Campaign::read).unwrap_or_default(),
            click_ids: fields.object("click_ids", ClickIds::read).unwrap_or_default(),
        }
    }
}

fn read_screen(fields: &mut Fields<'_>) -> Option<Screen> {
    let (width, height) = (fields.size("width"), fields.size("height"));
    width.zip(height).map(|(width, height)| Screen { width, height })
}

impl fmt::Debug for EventContext {
    /// Only which parts are given: an address or a page may name a person.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EventContext")
            .field("user_agent", &self.user_agent.is_some())
            .field("ip", &self.ip.is_some())
            .field("page", &self.page)
            .field("session_id", &self.session_id.is_some())
            .field("device", &self.device)
            .field("app", &self.app)
            .field("campaign", &self.campaign)
            .field("click_ids", &self.click_ids)
            .finish_non_exhaustive()
    }
}

/// What the person decided about their data, at the time of the event; what is left out was not decided.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(deny_unknown_fields))]
#[non_exhaustive]
pub struct EventConsent {
    /// Measuring what the person does.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub analytics: Option<bool>,
    /// Audiences and conversions at ad platforms.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ads: Option<bool>,
    /// E-mail.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub email: Option<bool>,
    /// Text messages.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sms: Option<bool>,
}

impl EventConsent {
    /// Whether nothing was decided.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    pub(super) fn read(fields: &mut Fields<'_>) -> Self {
        let consent = Self {
            analytics: fields.flag("analytics"),
            ads: fields.flag("ads"),
            email: fields.flag("email"),
            sms: fields.flag("sms"),
        };
        fields.refuse_the_rest();
        consent
    }
}

//! The app in which a conversion happened, as platforms want to know it.
//!
//! Meta takes no event of an app without `app_data`: whether its person may be tracked, by the advertiser and in the app, and
//! `extinfo`, of whose 16 values the operating system and its version are required and the others may be empty
//! (developers.facebook.com, Conversions API for App Events, 2025-08). Snapchat takes the same `extinfo`
//! (developers.snap.com, Conversions API v3, Using the API). TikTok wants to know the status of App Tracking Transparency
//! from iOS 14 on (Events API 2.0, events of apps). Google's Data Manager wants nothing more than the source `APP`.

use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::Number;
use stratum_core::enumeration;

use super::event::{ActionSource, ConversionEvent, given};
use super::hashed::Private;
use super::settings::SkipReason;

enumeration! {
    /// The operating system of an app.
    pub enum AppOs "operating system" {
        /// Of iPhones and iPads.
        Ios = "ios",
        /// Of most others.
        Android = "android",
    }
}

impl AppOs {
    /// The system that a text names by its first words, and the version behind them: `iOS 17.4`, `iPhone OS 17.4`, `iPadOS`,
    /// `Android 14`. What stands behind a device is its model: `iPhone 15`.
    pub(super) fn named(text: &str) -> Option<(Self, Option<&str>)> {
        let mut words = text.split_whitespace().peekable();
        let word = words.next()?;
        let is = |names: &[&str]| names.iter().any(|name| word.eq_ignore_ascii_case(name));
        let (system, is_device) = match word {
            _ if is(&["ios", "ipados"]) => (Self::Ios, false),
            _ if is(&["iphone", "ipad"]) => (Self::Ios, true),
            _ if is(&["android"]) => (Self::Android, false),
            _ => return None,
        };
        let names_os = is_device && words.next_if(|word| word.eq_ignore_ascii_case("os")).is_some();
        let is_version = |word: &&str| {
            word.split('.').all(|part| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit()))
        };
        Some((system, words.next().filter(is_version).filter(|_| names_os || !is_device)))
    }
}

enumeration! {
    /// What a person answered to being tracked by an app on iOS (App Tracking Transparency).
    pub enum TrackingStatus "tracking status" {
        /// They allowed it.
        Authorized = "authorized",
        /// They did not.
        Denied = "denied",
        /// They were not asked yet.
        NotDetermined = "not_determined",
        /// Their device does not let them be asked.
        Restricted = "restricted",
        /// Their system knows no such question: Android, and iOS before 14.
        NotApplicable = "not_applicable",
    }
}

/// The app in which a conversion happened. Blank texts count as left out.
#[derive(Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default)]
#[non_exhaustive]
pub struct ConversionApp {
    /// The operating system.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub os: Option<AppOs>,
    /// Its version.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub os_version: Option<String>,
    /// The app's package name (Android) or bundle id (iOS).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// Its id in its store, where that is another: the number of Apple's store.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub store_id: Option<String>,
    /// What it is called.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Its version, as people read it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// Its version, as its makers count.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub build: Option<String>,
    /// Whether the person lets the advertiser track them; where left out, by `att_status`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub advertiser_tracking_enabled: Option<bool>,
    /// Whether the person lets the app track them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub application_tracking_enabled: Option<bool>,
    /// What the person answered to being tracked; where left out, by `advertiser_tracking_enabled` and the system.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub att_status: Option<TrackingStatus>,
    /// The id of the device for the makers of the app (IDFV).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub vendor_id: Option<String>,
    /// The model of the device.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub device_model: Option<String>,
    /// The language (BCP 47).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub locale: Option<String>,
    /// The time zone (IANA).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub timezone: Option<String>,
    /// The time zone as people abbreviate it: `PDT`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub timezone_abbreviation: Option<String>,
    /// The carrier.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub carrier: Option<String>,
    /// The width of the screen, in pixels.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub screen_width: Option<u32>,
    /// Its height, in pixels.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub screen_height: Option<u32>,
    /// How many pixels of the screen make one of the design.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub screen_density: Option<Number>,
    /// How many cores the processor has.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cpu_cores: Option<u32>,
    /// The external storage, in gigabytes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub storage_gb: Option<Number>,
    /// How much of it is free, in gigabytes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub free_storage_gb: Option<Number>,
}

impl fmt::Debug for ConversionApp {
    /// The app and the system; not whose device it is.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ConversionApp")
            .field("os", &self.os)
            .field("id", &self.id)
            .field("version", &self.version)
            .finish_non_exhaustive()
    }
}

/// `extinfo`, in the order of its places.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(super) struct ExtInfo([Private; 16]);

impl ConversionApp {
    /// What Meta and Snapchat take of the device; `None` without the operating system or its version.
    pub(super) fn extinfo(&self) -> Option<ExtInfo> {
        let text = |text: &Option<String>| given(text.as_ref()).unwrap_or_default().to_owned();
        let size = |size: Option<u32>| size.map(|size| size.to_string()).unwrap_or_default();
        // JSON does not tell 2.0 from 2, and JavaScript cannot write the former: both are "2".
        let number = |number: &Option<Number>| {
            number.as_ref().and_then(Number::as_f64).map(|number| number.to_string()).unwrap_or_default()
        };
        let os = match self.os? {
            AppOs::Ios => "i2",
            AppOs::Android => "a2",
        };
        let values = [
            os.to_owned(),
            text(&self.id),
            text(&self.build),
            text(&self.version),
            given(self.os_version.as_ref())?.to_owned(),
            text(&self.device_model),
            text(&self.locale).replace('-', "_"),
            text(&self.timezone_abbreviation),
            text(&self.carrier),
            size(self.screen_width),
            size(self.screen_height),
            number(&self.screen_density),
            size(self.cpu_cores),
            number(&self.storage_gb),
            number(&self.free_storage_gb),
            text(&self.timezone),
        ];
        Some(ExtInfo(values.map(Private)))
    }

    /// Whether the person lets the advertiser track them; a system that does not ask says nothing.
    pub(super) fn advertiser_tracking(&self) -> Option<bool> {
        self.advertiser_tracking_enabled.or_else(|| match self.att_status? {
            TrackingStatus::Authorized => Some(true),
            TrackingStatus::Denied | TrackingStatus::NotDetermined | TrackingStatus::Restricted => {
                Some(false)
            }
            TrackingStatus::NotApplicable => None,
        })
    }

    /// What the person answered to being tracked. Whoever may not be tracked and is not said to have been asked has denied.
    pub(super) fn tracking_status(&self) -> Option<TrackingStatus> {
        if self.att_status.is_some() {
            return self.att_status;
        }
        match self.os? {
            AppOs::Android => Some(TrackingStatus::NotApplicable),
            AppOs::Ios if self.is_before_ios_14() => Some(TrackingStatus::NotApplicable),
            AppOs::Ios if self.advertiser_tracking_enabled? => Some(TrackingStatus::Authorized),
            AppOs::Ios => Some(TrackingStatus::Denied),
        }
    }

    fn is_before_ios_14(&self) -> bool {
        let version = given(self.os_version.as_ref()).unwrap_or_default();
        let major = version.split('.').next().and_then(|major| major.parse::<u32>().ok());
        major.is_some_and(|major| major < 14)
    }
}

/// The app of an event; `Ok(None)` for one that happened elsewhere.
///
/// # Errors
/// `missing_app_data`: it happened in an app, and nothing is said of that.
pub(super) fn of(event: &ConversionEvent) -> Result<Option<&ConversionApp>, SkipReason> {
    match (event.action_source, &event.app) {
        (ActionSource::App, Some(app)) => Ok(Some(app)),
        (ActionSource::App, None) => Err(SkipReason::MissingAppData),
        _ => Ok(None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_system_is_known_by_the_names_that_devices_give_it_and_its_version_behind_them() {
        for (text, expected) in [
            ("iOS 17.4", Some((AppOs::Ios, Some("17.4")))),
            ("iPhone OS 17.4.1", Some((AppOs::Ios, Some("17.4.1")))),
            ("iphone os", Some((AppOs::Ios, None))),
            ("iPhone", Some((AppOs::Ios, None))),
            ("iPhone 15 Pro", Some((AppOs::Ios, None))),
            ("iPad OS 16", Some((AppOs::Ios, Some("16")))),
            ("iPadOS 17.4 (21E219)", Some((AppOs::Ios, Some("17.4")))),
            ("ANDROID 14", Some((AppOs::Android, Some("14")))),
            ("Android Tiramisu", Some((AppOs::Android, None))),
            ("iOS 17.", Some((AppOs::Ios, None))),
            ("iOSX", None),
            ("OS 17", None),
            (" ", None),
        ] {
            assert_eq!(AppOs::named(text), expected, "{text}");
        }
    }
}

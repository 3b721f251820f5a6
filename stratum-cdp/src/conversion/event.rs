//! The conversion as the CDP knows it, before any platform's words.

use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::Number;
use stratum_core::{Timestamp, enumeration};

use super::app::ConversionApp;
use crate::identifier::{IdentifierType, trim};

enumeration! {
    /// Where a conversion happened.
    pub enum ActionSource "action source" {
        /// On a website.
        Website = "website",
        /// In a mobile app.
        App = "app",
        /// In a store.
        PhysicalStore = "physical_store",
        /// On the telephone.
        PhoneCall = "phone_call",
        /// In a chat.
        Chat = "chat",
        /// By e-mail.
        Email = "email",
        /// By itself, as a renewal.
        SystemGenerated = "system_generated",
        /// In messages with the business.
        BusinessMessaging = "business_messaging",
        /// Elsewhere.
        Other = "other",
    }
}

enumeration! {
    /// What a person decided about one use of their data for ads.
    pub enum AdDecision "decision about ads" {
        /// They said yes.
        Granted = "granted",
        /// They said no, or took a yes back.
        Denied = "denied",
    }
}

/// What the person decided about ads; what is left out was not decided with the event.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default)]
pub struct AdConsent {
    /// Whether the data may go to ad platforms at all.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ad_user_data: Option<AdDecision>,
    /// Whether it may be used for ads that are made for the person.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ad_personalization: Option<AdDecision>,
}

impl AdConsent {
    /// Both uses decided alike: what one flag for ads says.
    #[must_use]
    pub const fn both(granted: bool) -> Self {
        let decision = if granted { AdDecision::Granted } else { AdDecision::Denied };
        Self { ad_user_data: Some(decision), ad_personalization: Some(decision) }
    }
}

/// An identifier as it was sent, or in its normal form.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct RawIdentifier {
    /// What kind it is.
    #[serde(rename = "type")]
    pub kind: IdentifierType,
    /// The value. One that has no normal form is left out of what is sent.
    pub value: String,
}

impl fmt::Debug for RawIdentifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RawIdentifier({}, …)", self.kind)
    }
}

macro_rules! person_and_browser {
    ($($(#[doc = $doc:literal])+ $field:ident,)+) => {
        /// What is known of the person beside identifiers, and of the browser. Blank texts count as left out.
        #[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
        #[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
        #[serde(deny_unknown_fields, default)]
        pub struct ConversionUser {
            $(
                $(#[doc = $doc])+
                #[serde(skip_serializing_if = "Option::is_none")]
                pub $field: Option<String>,
            )+
        }

        impl fmt::Debug for ConversionUser {
            /// Which fields are given.
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                let mut set = f.debug_set();
                $(if self.$field.is_some() { set.entry(&format_args!("{}", stringify!($field))); })+
                set.finish()
            }
        }
    };
}

person_and_browser! {
    /// The given name.
    first_name,
    /// The family name.
    last_name,
    /// The city.
    city,
    /// The state, province or emirate.
    state,
    /// The postal code.
    zip,
    /// The country, by code or English name.
    country,
    /// The day of birth.
    date_of_birth,
    /// The gender.
    gender,
    /// The client's IP address.
    ip,
    /// The browser's user agent.
    user_agent,
    /// Meta's browser id (`_fbp`).
    fbp,
    /// Meta's click id in the form of its cookie (`_fbc`).
    fbc,
    /// Meta's click id as it stands in a URL.
    fbclid,
    /// TikTok's browser id (`_ttp`).
    ttp,
    /// TikTok's click id.
    ttclid,
    /// Google's click id.
    gclid,
    /// Google's click id of an app's event on iOS.
    gbraid,
    /// Google's click id of a website's event on iOS.
    wbraid,
    /// Snapchat's click id (`ScCid`).
    sccid,
    /// Snapchat's browser id (`_scid`).
    scid,
}

/// One thing that was bought or looked at.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ConversionItem {
    /// Its id in the catalogue.
    pub id: String,
    /// How many: a whole number; a fraction is not sent, and a thing of less than none is not sent at all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quantity: Option<Number>,
    /// What one costs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub price: Option<Number>,
}

/// What belongs to a conversion.
#[derive(Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default)]
pub struct ConversionProperties {
    /// What it is worth, in major units of the currency.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub value: Option<Number>,
    /// The currency (ISO 4217), in any case.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub currency: Option<String>,
    /// The order.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub order_id: Option<String>,
    /// What was bought or looked at.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub contents: Vec<ConversionItem>,
    /// Whether the ids are those of products or of groups of them: `product`, `product_group`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub content_type: Option<String>,
    /// How many things there are in all; sent if it is a whole number of 0 or more.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub num_items: Option<Number>,
    /// What was searched for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub search_string: Option<String>,
}

impl fmt::Debug for ConversionProperties {
    /// Without what was searched for.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ConversionProperties")
            .field("value", &self.value)
            .field("currency", &self.currency)
            .field("contents", &self.contents.len())
            .finish_non_exhaustive()
    }
}

/// A conversion to be told to ad platforms.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ConversionEvent {
    /// Under which platforms recognise it as one that the browser sent, too.
    pub event_id: String,
    /// What happened: a standard name (`purchase`), the CDP's name of one (`Purchase`), or the tenant's own.
    pub event_name: String,
    /// When it happened.
    pub event_time: Timestamp,
    /// Where it happened.
    pub action_source: ActionSource,
    /// The page, for a website; click ids are read from it where the user's fields name none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub event_source_url: Option<String>,
    /// Whose it is; at most 20 are looked at.
    #[serde(default)]
    pub identifiers: Vec<RawIdentifier>,
    /// What else is known of the person, and of the browser.
    #[serde(default)]
    pub user: ConversionUser,
    /// The app, for one in an app; elsewhere it is not used.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub app: Option<ConversionApp>,
    /// What belongs to the conversion.
    #[serde(default)]
    pub properties: ConversionProperties,
    /// What the person decided.
    #[serde(default)]
    pub consent: AdConsent,
    /// Sends it as a test, under this code where the platform has codes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub test_event_code: Option<String>,
}

impl fmt::Debug for ConversionEvent {
    /// What happened, when and where; not to whom.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ConversionEvent")
            .field("event_name", &self.event_name)
            .field("event_time", &self.event_time)
            .field("action_source", &self.action_source)
            .field("identifiers", &self.identifiers)
            .field("user", &self.user)
            .field("consent", &self.consent)
            .finish_non_exhaustive()
    }
}

/// A text that was given and is not blank, without white space at its ends.
pub(crate) fn given(text: Option<&String>) -> Option<&str> {
    text.map(|text| trim(text)).filter(|text| !text.is_empty())
}

//! What each platform calls an event. An exact table, and what the tenant says: never a part of a name, by which a review is
//! a view and a wholesale a sale.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use stratum_core::enumeration;
use stratum_core::problem::{Problem, ProblemCollector, pointer_step};
use stratum_core::vocabulary::Platform;

use super::settings::SkipReason;
use crate::identifier::trim;

enumeration! {
    /// A kind of event that the platforms know.
    pub enum StandardEvent "standard event" {
        /// Something was bought.
        Purchase = "purchase",
        /// Somebody is interested.
        Lead = "lead",
        /// Something was put into the cart.
        AddToCart = "add_to_cart",
        /// Something was looked at.
        ViewContent = "view_content",
        /// The checkout began.
        InitiateCheckout = "initiate_checkout",
        /// Somebody subscribed.
        Subscribe = "subscribe",
        /// A means of payment was entered.
        AddPaymentInfo = "add_payment_info",
        /// An account was made.
        CompleteRegistration = "complete_registration",
        /// Something was searched for.
        Search = "search",
        /// Something was put on a wish list.
        AddToWishlist = "add_to_wishlist",
        /// Somebody got in touch.
        Contact = "contact",
        /// A trial began.
        StartTrial = "start_trial",
        /// An app was installed.
        AppInstall = "app_install",
        /// A page was looked at.
        PageView = "page_view",
    }
}

/// The names of an event: the CDP's, Meta's, Google's, TikTok's, Snapchat's.
type Names = (&'static [&'static str], [Option<&'static str>; 4]);

const fn row(
    cdp: &'static [&'static str],
    meta: &'static str,
    google: &'static str,
    tiktok: &'static str,
    snapchat: Option<&'static str>,
) -> Names {
    (cdp, [Some(meta), Some(google), Some(tiktok), snapchat])
}

impl StandardEvent {
    const fn names(self) -> Names {
        match self {
            Self::Purchase => row(&["Purchase"], "Purchase", "purchase", "Purchase", Some("PURCHASE")),
            Self::Lead => row(&["Lead", "FormSubmitted"], "Lead", "generate_lead", "Lead", None),
            Self::AddToCart => row(&["AddToCart"], "AddToCart", "add_to_cart", "AddToCart", Some("ADD_CART")),
            Self::ViewContent => {
                row(&["ProductViewed"], "ViewContent", "view_item", "ViewContent", Some("VIEW_CONTENT"))
            }
            Self::InitiateCheckout => row(
                &["CheckoutStarted"],
                "InitiateCheckout",
                "begin_checkout",
                "InitiateCheckout",
                Some("START_CHECKOUT"),
            ),
            Self::Subscribe => {
                row(&["NewsletterSubscribed"], "Subscribe", "subscribe", "Subscribe", Some("SUBSCRIBE"))
            }
            Self::AddPaymentInfo => row(
                &["PaymentInfoAdded"],
                "AddPaymentInfo",
                "add_payment_info",
                "AddPaymentInfo",
                Some("ADD_BILLING"),
            ),
            Self::CompleteRegistration => {
                row(&["SignUp"], "CompleteRegistration", "sign_up", "CompleteRegistration", Some("SIGN_UP"))
            }
            Self::Search => row(&["Search"], "Search", "search", "Search", Some("SEARCH")),
            Self::AddToWishlist => row(
                &["WishlistAdded"],
                "AddToWishlist",
                "add_to_wishlist",
                "AddToWishlist",
                Some("ADD_TO_WISHLIST"),
            ),
            Self::Contact => row(&["Contact"], "Contact", "contact", "Contact", None),
            Self::StartTrial => {
                row(&["TrialStarted"], "StartTrial", "start_trial", "Subscribe", Some("START_TRIAL"))
            }
            Self::AppInstall => {
                (&["AppInstalled"], [None, Some("app_install"), Some("Download"), Some("APP_INSTALL")])
            }
            Self::PageView => row(&["PageView"], "PageView", "page_view", "Pageview", Some("PAGE_VIEW")),
        }
    }

    /// The event of this name, the standard's or the CDP's, compared exactly.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        let is = |event: &&Self| event.as_str() == name || event.names().0.contains(&name);
        Self::ALL.iter().find(is).copied()
    }

    /// The name of an event, the standard's or the CDP's, that this is in another case: spreadsheets are typed by hand.
    pub(super) fn spelled(name: &str) -> Option<&'static str> {
        let all = Self::ALL.iter();
        let mut known =
            all.flat_map(|event| std::iter::once(event.as_str()).chain(event.names().0.iter().copied()));
        known.find(|known| known.eq_ignore_ascii_case(name))
    }

    /// What the CDP calls it, the first name where there are two.
    #[must_use]
    pub fn cdp_name(self) -> &'static str {
        self.names().0.first().copied().unwrap_or_default()
    }

    /// What a platform calls it; `None` where the platform has no such event. Google has no fixed names: this one is proposed
    /// for the conversion action.
    #[must_use]
    pub const fn platform_name(self, platform: Platform) -> Option<&'static str> {
        let [meta, google, tiktok, snapchat] = self.names().1;
        match platform {
            Platform::Meta => meta,
            Platform::Google => google,
            Platform::Tiktok => tiktok,
            Platform::Snapchat => snapchat,
        }
    }
}

/// The events whose name on Snapchat the advertiser gives a meaning.
const SNAPCHAT_CUSTOM: &str = "CUSTOM_EVENT_";

/// An event as a platform knows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct EventName {
    /// Which standard event it is, if it is one.
    pub standard: Option<StandardEvent>,
    /// What the platform calls it.
    pub name: String,
}

/// What the tenant's alias of a name leads to, else the name; both without white space at their ends.
fn called<'n>(event_name: &'n str, aliases: &'n BTreeMap<String, String>) -> &'n str {
    let bare = trim(event_name);
    trim(aliases.get(event_name).or_else(|| aliases.get(bare)).map_or(bare, String::as_str))
}

/// Under which name an event of the CDP is a conversion: its own where that is a standard event's, the CDP's name of the standard
/// event that an alias leads to, its own where an alias leads to a platform's name; `None` for one that is not mapped.
pub(super) fn of_event(event_name: &str, aliases: &BTreeMap<String, String>) -> Option<String> {
    let own = trim(event_name);
    let called = called(event_name, aliases);
    match StandardEvent::named(called) {
        Some(standard) if called != own => Some(standard.cdp_name().to_owned()),
        Some(_) => Some(own.to_owned()),
        None => (aliases.contains_key(event_name) || aliases.contains_key(own)).then(|| own.to_owned()),
    }
}

/// Notes aliases that lead nowhere.
pub(super) fn check_aliases(aliases: &BTreeMap<String, String>, found: &mut ProblemCollector) {
    for name in aliases.iter().filter(|(_, leads)| trim(leads).is_empty()).map(|(name, _)| name) {
        let message = "an alias leads to a standard event, or to the platform's name";
        found.push(Problem::new(format!("/aliases{}", pointer_step(name)), "too_short", message));
    }
}

/// What a platform calls an event under the tenant's aliases. An alias leads from a name to a standard event, or to the
/// platform's own name; that of a standard event stands in for what the table says, or does not say.
pub(crate) fn resolve(
    event_name: &str,
    platform: Platform,
    aliases: &BTreeMap<String, String>,
) -> Result<EventName, SkipReason> {
    let alias = |name: &str| aliases.get(name).map(String::as_str);
    let called = called(event_name, aliases);
    let standard = StandardEvent::named(called);
    // "lead" for "lead" and for "FormSubmitted": a platform's own name may be given for either.
    let own = standard
        .and_then(|standard| alias(standard.as_str()))
        .filter(|own| StandardEvent::named(own).is_none());
    let name = match (own, standard) {
        (Some(own), _) => Some(own),
        (None, Some(standard)) => standard.platform_name(platform),
        (None, None) => Some(called),
    };
    // Snapchat refuses a name that it does not know.
    let known = |name: &&str| {
        platform != Platform::Snapchat
            || StandardEvent::ALL.iter().any(|event| event.platform_name(platform) == Some(*name))
            || name
                .strip_prefix(SNAPCHAT_CUSTOM)
                .is_some_and(|number| matches!(number, "1" | "2" | "3" | "4" | "5"))
    };
    let name = name.filter(known).ok_or(SkipReason::UnsupportedEvent)?;
    Ok(EventName { standard, name: name.to_owned() })
}

/// The name of an event, to be looked up.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct EventNameRequest {
    /// What the event is called.
    pub event_name: String,
    /// Who is to understand it.
    pub platform: Platform,
    /// The tenant's own names: from a name to a standard event, or to the platform's name.
    #[serde(default)]
    pub aliases: BTreeMap<String, String>,
}

/// What a platform calls an event.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct EventNameResponse {
    /// Which standard event it is; null for the tenant's own.
    #[serde(default)]
    pub standard: Option<StandardEvent>,
    /// What the platform calls it; null where it cannot be sent.
    #[serde(default)]
    pub name: Option<String>,
    /// Why it cannot be sent.
    #[serde(default)]
    pub reason: Option<SkipReason>,
}

impl EventNameRequest {
    /// Looks the name up.
    #[must_use]
    pub fn look_up(&self) -> EventNameResponse {
        let standard = StandardEvent::named(called(&self.event_name, &self.aliases));
        match resolve(&self.event_name, self.platform, &self.aliases) {
            Ok(found) => EventNameResponse { standard, name: Some(found.name), reason: None },
            Err(reason) => EventNameResponse { standard, name: None, reason: Some(reason) },
        }
    }
}

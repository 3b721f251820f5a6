//! How well a platform will be able to match conversions, before they are sent, and what would raise that.
//!
//! The score is that of an event (40 % identifiers, 25 % completeness, 20 % timeliness, 15 % context), of what the platform
//! is told: an id that Google does not take does not count for Google. It is our forecast; the figure that a platform shows
//! later is its own. A browser's id counts as an anonymous id. What a conversion cannot carry is not asked of it.

use std::collections::BTreeSet;
use std::fmt;
use std::net::IpAddr;

use serde::{Deserialize, Serialize};
use stratum_core::emq::EmqBand;
use stratum_core::emq::event::{
    self, ContextSignals, EventEmq, EventEmqFactors, EventFacts, EventProperties, EventSchema,
    IdentifierKinds, completeness,
};
use stratum_core::math::{CompensatedSum, amount, count, round9};
use stratum_core::problem::{ProblemCollector, Problems};
use stratum_core::vocabulary::Platform;
use stratum_core::{Score, Timestamp, enumeration};

use super::batch::Conversion;
use super::common;
use super::event::{ActionSource, ConversionEvent, given};
use super::names::StandardEvent;
use super::request::check_events;
use crate::identifier::CleaningSettings;

enumeration! {
    /// Something that would raise the match quality.
    pub enum QualityStep "step" {
        /// An e-mail address.
        Email = "email",
        /// A phone number.
        Phone = "phone",
        /// An id of the tenant's own system.
        ExternalId = "external_id",
        /// The advertising id of the device.
        AdvertisingId = "advertising_id",
        /// The platform's click id.
        ClickId = "click_id",
        /// The platform's browser id.
        BrowserId = "browser_id",
        /// The browser's user agent.
        UserAgent = "user_agent",
        /// The client's IP address.
        ClientIp = "client_ip",
        /// The page.
        Page = "page",
        /// The properties that the event lacks.
        Properties = "properties",
        /// To be sent within five minutes.
        SentAtOnce = "sent_at_once",
    }
}

/// Conversions that are about to be sent.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ConversionQualityRequest {
    /// The platform.
    pub platform: Platform,
    /// Google only: by the conversion upload of the Ads API, which takes less.
    #[serde(default)]
    pub legacy_upload: bool,
    /// The instant at which they are sent.
    pub now: Timestamp,
    /// How identifiers are cleaned.
    #[serde(default)]
    pub cleaning: CleaningSettings,
    /// The conversions.
    pub events: Vec<ConversionEvent>,
}

/// The quality of one event.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct EventQuality {
    /// Its id.
    pub event_id: String,
    /// 0 to 100; null where nothing names the person, and for an event from the future.
    #[serde(default)]
    pub score: Option<Score>,
    /// The four parts of the score.
    #[serde(default)]
    pub factors: Option<EventEmqFactors>,
    /// What the score stands for.
    pub band: EmqBand,
}

/// What would raise the quality, and to what.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct QualityImprovement {
    /// What to add.
    pub add: QualityStep,
    /// Which properties, for `properties`.
    #[serde(default)]
    pub properties: Vec<String>,
    /// To how many events.
    pub events: u64,
    /// The mean if those events had it and nothing else changed.
    pub score: Score,
    /// By how much that is more.
    pub gain: f64,
}

/// The quality of events, and what would raise it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct ConversionQuality {
    /// The mean of all events, one without a score counting 0; null without events.
    #[serde(default)]
    pub score: Option<Score>,
    /// What the mean stands for.
    pub band: EmqBand,
    /// What would raise the mean, the most first.
    pub improvements: Vec<QualityImprovement>,
    /// The events, in the order of the request.
    pub events: Vec<EventQuality>,
}

/// What is known of one event, and what of its properties is missing.
struct Facts {
    facts: EventFacts,
    told: Told,
    missing: EventProperties,
}

impl Facts {
    fn of(conversion: &Conversion<'_>, platform: Platform, legacy_upload: bool, now: Timestamp) -> Self {
        let event = conversion.event;
        let told = Told::of(platform, legacy_upload, event);
        let present = present(event).intersection(told.properties);
        let standard = StandardEvent::named(&event.event_name);
        let schema = standard.and_then(|standard| EventSchema::of(standard.cdp_name()));
        let asked = schema.map_or(EventProperties::NONE, |schema| schema.required | schema.recommended);
        let all = EventProperties::NAMES.iter().map(|(_, flag)| *flag);
        let not_asked = all
            .clone()
            .filter(|flag| !told.properties.intersects(*flag))
            .fold(EventProperties::NONE, EventProperties::union);
        let missing = all.filter(|flag| {
            told.properties.intersects(*flag) && asked.intersects(*flag) && !present.intersects(*flag)
        });
        let name = standard.map_or("", StandardEvent::cdp_name);
        Self {
            facts: EventFacts {
                identifiers: identifiers(conversion, platform).intersection(told.identifiers),
                completeness: completeness(name, present | not_asked, !present.is_empty()),
                latency_s: amount(now.millis_since(event.event_time)) / 1_000.0,
                context: context(event).intersection(told.context),
            },
            told,
            missing: missing.fold(EventProperties::NONE, |all, flag| all | flag),
        }
    }

    /// The facts after a step; `None` where it changes nothing, or the platform is not told what it adds.
    fn after(&self, step: QualityStep) -> Option<EventFacts> {
        let facts = self.facts;
        let identified = |kind: IdentifierKinds| {
            (self.told.identifiers.intersects(kind) && !facts.identifiers.intersects(kind))
                .then(|| EventFacts { identifiers: facts.identifiers | kind, ..facts })
        };
        let told = |signal: ContextSignals| {
            (self.told.context.intersects(signal) && !facts.context.intersects(signal))
                .then(|| EventFacts { context: facts.context | signal, ..facts })
        };
        match step {
            QualityStep::Email => identified(IdentifierKinds::EMAIL),
            QualityStep::Phone => identified(IdentifierKinds::PHONE),
            QualityStep::ExternalId => identified(IdentifierKinds::EXTERNAL_ID),
            QualityStep::AdvertisingId => identified(IdentifierKinds::DEVICE_ID),
            QualityStep::ClickId => identified(IdentifierKinds::CLICK_ID),
            QualityStep::BrowserId => identified(IdentifierKinds::ANONYMOUS_ID),
            QualityStep::UserAgent => told(ContextSignals::USER_AGENT),
            QualityStep::ClientIp => told(ContextSignals::CLIENT_IP),
            QualityStep::Page => told(ContextSignals::PAGE),
            QualityStep::Properties => {
                (!self.missing.is_empty()).then_some(EventFacts { completeness: 100.0, ..facts })
            }
            QualityStep::SentAtOnce => {
                (facts.latency_s > event::MAX_FUTURE_S).then_some(EventFacts { latency_s: 0.0, ..facts })
            }
        }
    }
}

/// What a platform is told of an event, if it is known. The rest neither counts nor is advised.
#[derive(Clone, Copy)]
struct Told {
    identifiers: IdentifierKinds,
    context: ContextSignals,
    properties: EventProperties,
}

impl Told {
    fn of(platform: Platform, legacy_upload: bool, event: &ConversionEvent) -> Self {
        type Id = IdentifierKinds;
        type Signal = ContextSignals;
        type Property = EventProperties;
        let people = Id::EMAIL | Id::PHONE | Id::CLICK_ID;
        let browser = Signal::USER_AGENT | Signal::CLIENT_IP;
        let page = Signal::CAMPAIGN | Signal::PAGE;
        let worth = Property::TOTAL
            | Property::VALUE
            | Property::CART_TOTAL
            | Property::CURRENCY
            | Property::ORDER_ID;
        let cart = worth | Property::PRODUCT_ID | Property::ITEMS | Property::QUANTITY | Property::PRICE;
        let all = cart | Property::ITEM_COUNT | Property::SEARCH_STRING;
        let app = event.app.as_ref().filter(|_| event.action_source == ActionSource::App);
        let own = people | Id::EXTERNAL_ID | Id::ANONYMOUS_ID;
        match platform {
            Platform::Google if legacy_upload => {
                Self { identifiers: people, context: Signal::NONE, properties: worth }
            }
            Platform::Google => {
                Self { identifiers: people | Id::DEVICE_ID, context: browser, properties: cart }
            }
            Platform::Meta => Self {
                identifiers: own.with(Id::DEVICE_ID, event.action_source == ActionSource::App),
                context: browser | page,
                properties: all | Property::PAGE_URL,
            },
            // Which advertising id it is, is told by the operating system of the app; a page is no part of one.
            Platform::Tiktok => {
                let in_app = event.action_source == ActionSource::App;
                Self {
                    identifiers: own.with(Id::DEVICE_ID, app.is_some_and(|app| app.os.is_some())),
                    context: if in_app { browser } else { browser | page },
                    properties: all.with(Property::PAGE_URL, !in_app),
                }
            }
            Platform::Snapchat => Self {
                identifiers: own | Id::DEVICE_ID,
                context: browser | page,
                properties: all | Property::PAGE_URL,
            },
        }
    }
}

/// The identifiers of the event, in the words of the platform.
fn identifiers(conversion: &Conversion<'_>, platform: Platform) -> IdentifierKinds {
    let (event, keys) = (conversion.event, &conversion.keys);
    let user = &event.user;
    let clicked = |field: Option<&String>, parameter| common::click_id(event, field, parameter).is_some();
    let has = |field: Option<&String>| given(field).is_some();
    let (click_id, browser_id) = match platform {
        Platform::Meta => {
            (has(user.fbc.as_ref()) || clicked(user.fbclid.as_ref(), "fbclid"), has(user.fbp.as_ref()))
        }
        Platform::Google => {
            let ids = [(&user.gclid, "gclid"), (&user.gbraid, "gbraid"), (&user.wbraid, "wbraid")];
            (ids.into_iter().any(|(field, parameter)| clicked(field.as_ref(), parameter)), false)
        }
        Platform::Tiktok => (clicked(user.ttclid.as_ref(), "ttclid"), has(user.ttp.as_ref())),
        Platform::Snapchat => (clicked(user.sccid.as_ref(), "ScCid"), has(user.scid.as_ref())),
    };
    IdentifierKinds::NONE
        .with(IdentifierKinds::EMAIL, !keys.emails(platform).is_empty())
        .with(IdentifierKinds::PHONE, !keys.phones(platform).is_empty())
        .with(IdentifierKinds::EXTERNAL_ID, keys.external_id().is_some())
        .with(IdentifierKinds::DEVICE_ID, keys.ad_id().is_some())
        .with(IdentifierKinds::ANONYMOUS_ID, browser_id)
        .with(IdentifierKinds::CLICK_ID, click_id)
}

fn context(event: &ConversionEvent) -> ContextSignals {
    let address = given(event.user.ip.as_ref()).is_some_and(|ip| ip.parse::<IpAddr>().is_ok());
    let page = given(event.event_source_url.as_ref());
    let campaign = page.is_some_and(|url| super::click::parameter(url, "utm_source").is_some());
    ContextSignals::NONE
        .with(ContextSignals::USER_AGENT, given(event.user.user_agent.as_ref()).is_some())
        .with(ContextSignals::CLIENT_IP, address)
        .with(ContextSignals::CAMPAIGN, campaign)
        .with(ContextSignals::PAGE, page.is_some())
}

/// Which properties the event holds; of money, only an amount above 0 counts.
fn present(event: &ConversionEvent) -> EventProperties {
    let properties = &event.properties;
    let contents = &properties.contents;
    let positive = |number: &serde_json::Number| number.as_f64().is_some_and(|number| number > 0.0);
    let worth = properties.value.as_ref().is_some_and(positive);
    EventProperties::NONE
        .with(EventProperties::PAGE_URL, given(event.event_source_url.as_ref()).is_some())
        .with(EventProperties::PRODUCT_ID | EventProperties::ITEMS, !contents.is_empty())
        .with(
            EventProperties::QUANTITY,
            contents.iter().any(|item| common::whole(item.quantity.as_ref()).is_some()),
        )
        .with(EventProperties::PRICE, contents.iter().any(|item| item.price.as_ref().is_some_and(positive)))
        .with(EventProperties::CURRENCY, common::currency(event).is_some())
        .with(EventProperties::TOTAL | EventProperties::VALUE | EventProperties::CART_TOTAL, worth)
        .with(
            EventProperties::ITEM_COUNT,
            common::whole(properties.num_items.as_ref()).is_some() || !contents.is_empty(),
        )
        .with(EventProperties::ORDER_ID, given(properties.order_id.as_ref()).is_some())
        .with(EventProperties::SEARCH_STRING, given(properties.search_string.as_ref()).is_some())
}

impl ConversionQualityRequest {
    /// Scores the events for their platform.
    ///
    /// # Errors
    /// `too_short` for an event without an id or a name, `not_allowed_here` for a legacy upload that is not Google's.
    pub fn evaluate(&self) -> Result<ConversionQuality, Problems> {
        let mut found = ProblemCollector::new();
        if self.legacy_upload && self.platform != Platform::Google {
            found.push(super::settings::only_google_has_a_legacy_upload());
        }
        check_events(&self.events, &mut found);
        found.into_result(())?;
        let cleaning = self.cleaning.policy();
        let facts: Vec<Facts> = self
            .events
            .iter()
            .map(|event| {
                let conversion = Conversion::new(event, &cleaning, self.now);
                Facts::of(&conversion, self.platform, self.legacy_upload, self.now)
            })
            .collect();
        let scores: Vec<Option<EventEmq>> =
            facts.iter().map(|facts| event::evaluate(&facts.facts).ok()).collect();
        let mean = |total: f64| Score::clamped(total / count(u64::try_from(facts.len()).unwrap_or(u64::MAX)));
        let worth = |emq: Option<EventEmq>| emq.map_or(0.0, |emq| emq.score.get());
        let total = sum(scores.iter().map(|emq| worth(*emq)));
        let score = mean(total);
        let improvements = QualityStep::ALL.iter().filter_map(|step| {
            let mut gained = CompensatedSum::default();
            let (mut events, mut missing) = (0_u64, BTreeSet::new());
            for (facts, now) in facts.iter().zip(&scores) {
                let Some(after) = facts.after(*step).and_then(|after| event::evaluate(&after).ok()) else {
                    continue;
                };
                events = events.saturating_add(1);
                gained.add(after.score.get() - worth(*now));
                if *step == QualityStep::Properties {
                    let names =
                        EventProperties::NAMES.iter().filter(|(_, flag)| facts.missing.intersects(*flag));
                    missing.extend(names.map(|(name, _)| (*name).to_owned()));
                }
            }
            let raised = mean(total + gained.value())?;
            let gain = round9(raised.get() - score?.get());
            let properties = missing.into_iter().collect();
            (gain > 0.0).then_some(QualityImprovement { add: *step, properties, events, score: raised, gain })
        });
        let mut improvements: Vec<QualityImprovement> = improvements.collect();
        improvements.sort_by(|one, other| other.gain.total_cmp(&one.gain).then(one.add.cmp(&other.add)));
        let events = self.events.iter().zip(scores).map(|(event, emq)| EventQuality {
            event_id: event.event_id.clone(),
            score: emq.map(|emq| emq.score),
            factors: emq.map(|emq| emq.factors),
            band: EmqBand::of_mean(emq.map(|emq| emq.score)),
        });
        Ok(ConversionQuality { score, band: EmqBand::of_mean(score), improvements, events: events.collect() })
    }
}

fn sum(values: impl Iterator<Item = f64>) -> f64 {
    let mut sum = CompensatedSum::default();
    values.for_each(|value| sum.add(value));
    sum.value()
}

impl fmt::Debug for ConversionQualityRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ConversionQualityRequest")
            .field("platform", &self.platform)
            .field("events", &self.events.len())
            .finish_non_exhaustive()
    }
}

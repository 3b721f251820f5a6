//! What journeys are made of, as every language hands it in.

use std::fmt;

use serde::{Deserialize, Serialize};
use stratum_core::Timestamp;
use stratum_core::money::{Currency, MAX_MINOR};
use stratum_core::problem::{Problem, ProblemCollector, Problems};

use super::settings::named;
use super::{Journey, JourneySettings, MatchEvidence, Touchpoint};
use crate::event::Event;
use crate::identifier::IdentifierType;

/// Events, and what was brought in from elsewhere, to be made into journeys.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct JourneyRequest {
    /// What a tenant may choose.
    #[serde(default)]
    pub settings: JourneySettings,
    /// The events, in any order.
    #[serde(default)]
    pub events: Vec<JourneyEvent>,
    /// Touches that ad platforms and other systems reported.
    #[serde(default)]
    pub touches: Vec<ImportedTouch>,
    /// Conversions that happened elsewhere, and deals that were won.
    #[serde(default)]
    pub conversions: Vec<ImportedConversion>,
    /// What was given back.
    #[serde(default)]
    pub refunds: Vec<Refund>,
}

/// What journeys read of a track event.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct JourneyEvent {
    /// Whose event it is: the canonical profile.
    pub profile_id: String,
    /// The event's own id: a conversion counts once for each.
    #[serde(default)]
    pub event_id: Option<String>,
    /// What happened.
    pub event_name: String,
    /// When it happened.
    pub event_time: Timestamp,
    /// The visit; without one, visits end after 30 minutes without an event.
    #[serde(default)]
    pub session_id: Option<String>,
    /// utm_source
    #[serde(default)]
    pub source: Option<String>,
    /// utm_medium
    #[serde(default)]
    pub medium: Option<String>,
    /// utm_campaign
    #[serde(default)]
    pub campaign: Option<String>,
    /// The click ids of the ad platforms that came with it.
    #[serde(default)]
    pub clicks: Vec<ClickId>,
    /// What ties the event to the person, beside click ids.
    #[serde(default)]
    pub matched_by: Option<MatchEvidence>,
    /// The order that it is about: a conversion counts once for each.
    #[serde(default)]
    pub order_id: Option<String>,
    /// What it is worth, in minor units of the tenant's currency.
    #[serde(default)]
    pub value_cents: i64,
}

/// The kinds of click ids, in the order in which they decide.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum ClickId {
    /// Google.
    Gclid,
    /// Meta.
    Fbclid,
    /// TikTok.
    Ttclid,
    /// Snapchat.
    Sclid,
}

impl ClickId {
    /// The platform that gives such ids.
    #[must_use]
    pub const fn channel(self) -> &'static str {
        match self {
            Self::Gclid => "google",
            Self::Fbclid => "meta",
            Self::Ttclid => "tiktok",
            Self::Sclid => "snapchat",
        }
    }
}

impl JourneyEvent {
    /// What journeys read of an event of this profile, with amounts in the tenant's currency.
    #[must_use]
    pub fn of(profile_id: impl Into<String>, event: &Event, tenant: Currency) -> Self {
        let context = event.context();
        let (campaign, ids) = (&context.campaign, &context.click_ids);
        let clicks = [
            (&ids.gclid, ClickId::Gclid),
            (&ids.fbclid, ClickId::Fbclid),
            (&ids.ttclid, ClickId::Ttclid),
            (&ids.sclid, ClickId::Sclid),
        ];
        Self {
            profile_id: profile_id.into(),
            event_id: event.event_id().map(str::to_owned),
            event_name: event.event_name().unwrap_or_default().to_owned(),
            event_time: event.event_time(),
            session_id: context.session_id.clone(),
            source: campaign.source.clone(),
            medium: campaign.medium.clone(),
            campaign: campaign.name.clone(),
            clicks: clicks.into_iter().filter(|(id, _)| id.is_some()).map(|(_, kind)| kind).collect(),
            matched_by: event.identifiers().iter().map(|id| evidence(id.kind())).min(),
            order_id: event.text("order_id"),
            value_cents: event.revenue(tenant).unwrap_or_default(),
        }
    }
}

const fn evidence(kind: IdentifierType) -> MatchEvidence {
    match kind {
        IdentifierType::Email | IdentifierType::Phone | IdentifierType::ExternalId => MatchEvidence::Hash,
        _ => MatchEvidence::Visitor,
    }
}

/// A touch that another system reported.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ImportedTouch {
    /// Whose touch it is: the canonical profile.
    pub profile_id: String,
    /// The visit that it began, if that is known: of each visit the earliest click and the earliest view of a channel and
    /// campaign count. A view never stands for a click, since each has its own look-back window.
    #[serde(default)]
    pub session_id: Option<String>,
    /// The touch. One with an id counts once.
    pub touch: Touchpoint,
}

/// A conversion that happened elsewhere, or a deal that was won. It counts once for each of its ids.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ImportedConversion {
    /// Who converted: the canonical profile.
    pub profile_id: String,
    /// The id of its event.
    #[serde(default)]
    pub event_id: Option<String>,
    /// The order.
    #[serde(default)]
    pub order_id: Option<String>,
    /// The deal.
    #[serde(default)]
    pub deal_id: Option<String>,
    /// When it happened.
    pub converted_at: Timestamp,
    /// What it is worth, in minor units of the tenant's currency.
    #[serde(default)]
    pub value_cents: i64,
}

/// Money that was given back for a conversion, which one of the ids names.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Refund {
    /// The refund's own id; it counts once.
    pub refund_id: String,
    /// The event of the conversion.
    #[serde(default)]
    pub event_id: Option<String>,
    /// The order of the conversion.
    #[serde(default)]
    pub order_id: Option<String>,
    /// The deal of the conversion.
    #[serde(default)]
    pub deal_id: Option<String>,
    /// When the money went back.
    pub refunded_at: Timestamp,
    /// How much went back, in minor units; above 0.
    pub value_cents: i64,
}

/// Declares a `Debug` that shows when and how much, and no id: ids may name a person.
macro_rules! debug_without_ids {
    ($($name:ident { $($field:ident),+ })+) => { $(
        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.debug_struct(stringify!($name))$(.field(stringify!($field), &self.$field))+.finish_non_exhaustive()
            }
        }
    )+ };
}

debug_without_ids! {
    JourneyEvent { event_name, event_time, clicks, value_cents }
    ImportedTouch { touch }
    ImportedConversion { converted_at, value_cents }
    Refund { refunded_at, value_cents }
}

/// Journeys, and what became of what was handed in.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct JourneyReport {
    /// First those that led to a conversion, by time; then refunds, by time; then those that led to none, by profile.
    pub journeys: Vec<Journey>,
    /// How many conversions were left out because one of their ids had counted already.
    pub duplicate_conversions: u64,
    /// The positions of the refunds whose conversion is not here.
    pub unmatched_refunds: Vec<usize>,
    /// The positions of the refunds that are higher than what was left of their conversion: of each only that is taken back,
    /// the earliest refund first.
    pub exceeding_refunds: Vec<usize>,
}

impl JourneyRequest {
    pub(super) fn check(&self) -> Result<(), Problems> {
        let mut found = ProblemCollector::new();
        if let Err(problems) = self.settings.check() {
            found.extend_under("/settings", problems);
        }
        for (position, event) in self.events.iter().enumerate() {
            named(&event.profile_id, format!("/events/{position}/profile_id"), &mut found);
            amount(event.value_cents, 0, format!("/events/{position}/value_cents"), &mut found);
        }
        for (position, import) in self.touches.iter().enumerate() {
            named(&import.profile_id, format!("/touches/{position}/profile_id"), &mut found);
            named(&import.touch.channel, format!("/touches/{position}/touch/channel"), &mut found);
        }
        for (position, conversion) in self.conversions.iter().enumerate() {
            named(&conversion.profile_id, format!("/conversions/{position}/profile_id"), &mut found);
            amount(conversion.value_cents, 0, format!("/conversions/{position}/value_cents"), &mut found);
        }
        for (position, refund) in self.refunds.iter().enumerate() {
            named(&refund.refund_id, format!("/refunds/{position}/refund_id"), &mut found);
            amount(refund.value_cents, 1, format!("/refunds/{position}/value_cents"), &mut found);
        }
        found.into_result(())
    }
}

fn amount(cents: i64, least: i64, path: String, found: &mut ProblemCollector) {
    if !(least..=MAX_MINOR).contains(&cents) {
        let text = format!("this amount is {least} to {MAX_MINOR} minor units");
        found.push(
            Problem::new(path, "out_of_range", text).help("what was given back stands among the refunds"),
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::identifier::CleaningPolicy;

    #[test]
    fn an_order_that_is_a_number_is_an_order() {
        let of = |order_id: serde_json::Value| {
            let event = serde_json::json!({
                "event_name": "Purchase",
                "event_time": "2026-03-01T12:00:00Z",
                "identifiers": [{"type": "external_id", "value": "U-1"}],
                "properties": {"order_id": order_id},
            });
            let event = Event::from_json(event, &CleaningPolicy::default()).unwrap();
            JourneyEvent::of("p", &event, Currency::USD).order_id
        };
        assert_eq!(of(4711.into()).as_deref(), Some("4711"));
        assert_eq!(of(" A-1 ".into()).as_deref(), Some("A-1"));
        assert_eq!(of(" ".into()), None);
        assert_eq!(of(1.5.into()), None);
    }
}

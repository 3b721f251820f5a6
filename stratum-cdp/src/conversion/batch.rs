//! Events into requests: each checked, put with those that it may share a request with, and split at the limit.

use std::collections::BTreeMap;

use stratum_core::Timestamp;
use stratum_core::problem::Problems;
use stratum_core::time::{DAY_MS, MINUTE_MS};
use stratum_core::vocabulary::Platform;

use super::event::{ActionSource, AdDecision, ConversionEvent};
use super::keys::MatchKeys;
use super::names::{self, EventName, StandardEvent};
use super::outgoing::PlatformRequest;
use super::settings::{ConversionConnection, SkipReason};
use super::{common, google, google_legacy, meta, snapchat, tiktok};
use crate::consent::{Ads, ConsentDecision, ConsentType, Consented, Consents};
use crate::identifier::{CleaningPolicy, trim};

/// How far ahead of `now` an event may lie before it is disbelieved: clocks differ.
const AHEAD_MS: i64 = 5 * MINUTE_MS;

/// An event whose identifiers and fields are in their normal forms, for any number of platforms.
pub struct Conversion<'e> {
    pub(super) event: &'e ConversionEvent,
    pub(super) keys: MatchKeys,
}

impl<'e> Conversion<'e> {
    /// Brings what an event says of its person into normal forms. Nobody is born after `now`.
    #[must_use]
    pub fn new(event: &'e ConversionEvent, cleaning: &CleaningPolicy, now: Timestamp) -> Self {
        Self { event, keys: MatchKeys::of(&event.identifiers, &event.user, cleaning, now.utc_date()) }
    }
}

impl std::fmt::Debug for Conversion<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Conversion").field(self.event).finish()
    }
}

impl ConversionEvent {
    /// What the event says of consent. `checked_before`: whoever hands the event in found the person's effective consent for
    /// ads granted; then a decision is needed from the event only to take that back.
    #[must_use]
    pub fn consents(&self, checked_before: bool) -> Consents {
        let mut consents = Consents::default();
        if checked_before {
            consents.record(&ConsentDecision::new(ConsentType::All, true, self.event_time));
        }
        if let Some(decision) = self.consent.ad_user_data {
            let granted = decision == AdDecision::Granted;
            consents.record(&ConsentDecision::new(ConsentType::Ads, granted, self.event_time));
        }
        consents
    }
}

/// Events that share what a request says once, in their order.
pub(crate) struct Group<E, I> {
    pub(crate) envelope: E,
    pub(crate) ids: Vec<String>,
    pub(crate) items: Vec<I>,
}

/// Events by what a request says once, in the order in which they came.
pub(crate) struct Groups<E, I> {
    groups: Vec<Group<E, I>>,
    /// Where the group of an envelope is: a list of events may have as many test codes as events.
    places: BTreeMap<E, usize>,
}

impl<E, I> Default for Groups<E, I> {
    fn default() -> Self {
        Self { groups: Vec::new(), places: BTreeMap::new() }
    }
}

impl<E: Ord + Clone, I> Groups<E, I> {
    pub(crate) fn add(&mut self, envelope: E, id: &str, item: I) {
        let place = self.places.get(&envelope).copied().unwrap_or_else(|| {
            self.groups.push(Group { envelope: envelope.clone(), ids: Vec::new(), items: Vec::new() });
            let place = self.groups.len().saturating_sub(1);
            self.places.insert(envelope, place);
            place
        });
        if let Some(group) = self.groups.get_mut(place) {
            group.ids.push(id.to_owned());
            group.items.push(item);
        }
    }

    /// The groups, each split into full ones and a rest.
    pub(crate) fn split<R>(self, most: usize, mut request: impl FnMut(Group<E, I>) -> R) -> Vec<R> {
        let mut requests = Vec::new();
        let most = most.max(1);
        for group in self.groups {
            let (mut ids, mut items) = (group.ids.into_iter(), group.items.into_iter());
            while items.len() > 0 {
                let (ids, items) = (ids.by_ref().take(most).collect(), items.by_ref().take(most).collect());
                requests.push(request(Group { envelope: group.envelope.clone(), ids, items }));
            }
        }
        requests
    }
}

/// The events of each platform, and what a request of it says once.
enum Open {
    Meta(Groups<Option<String>, meta::Event>),
    Google(Groups<google::Envelope, google::Event>),
    GoogleLegacy(Groups<bool, google_legacy::Conversion>),
    Tiktok(Groups<tiktok::Envelope, tiktok::Event>),
    Snapchat(Groups<snapchat::Envelope, snapchat::Event>),
}

/// Requests of one platform in the making.
pub struct ConversionBatch<'c> {
    connection: &'c ConversionConnection,
    now: Timestamp,
    open: Open,
}

impl<'c> ConversionBatch<'c> {
    /// Nothing to be sent yet; ages are those at `now`.
    ///
    /// # Errors
    /// Every setting of the connection that cannot be.
    pub fn new(connection: &'c ConversionConnection, now: Timestamp) -> Result<Self, Problems> {
        connection.check()?;
        let open = match connection.platform {
            Platform::Meta => Open::Meta(Groups::default()),
            Platform::Google if connection.legacy_upload => Open::GoogleLegacy(Groups::default()),
            Platform::Google => Open::Google(Groups::default()),
            Platform::Tiktok => Open::Tiktok(Groups::default()),
            Platform::Snapchat => Open::Snapchat(Groups::default()),
        };
        Ok(Self { connection, now, open })
    }

    /// Adds an event that its person lets be sent.
    ///
    /// # Errors
    /// Why the platform would not take it.
    pub fn add(&mut self, conversion: Consented<&Conversion<'_>, Ads>) -> Result<(), SkipReason> {
        let conversion = conversion.into_inner();
        let event = conversion.event;
        let Checked { name, action } = self.checked(event)?;
        let (id, code) = (event.event_id.as_str(), self.test_code(event));
        match &mut self.open {
            Open::Meta(groups) => groups.add(code, id, meta::event(conversion, name)?),
            Open::Google(groups) => {
                let envelope = google::Envelope { action, test: code.is_some() };
                groups.add(envelope, id, google::event(conversion, &name)?);
            }
            Open::GoogleLegacy(groups) => {
                let item = google_legacy::conversion(conversion, &name, self.connection, &action)?;
                groups.add(code.is_some(), id, item);
            }
            Open::Tiktok(groups) => {
                groups.add(tiktok::Envelope::of(event, code), id, tiktok::event(conversion, name)?);
            }
            Open::Snapchat(groups) => {
                let item = snapchat::event(conversion, name, self.connection.snapchat_limited_use)?;
                groups.add(snapchat::Envelope::of(event, code.is_some()), id, item);
            }
        }
        Ok(())
    }

    /// The requests: full ones first, the events in their order.
    #[must_use]
    pub fn finish(self) -> Vec<PlatformRequest> {
        let (connection, most) = (self.connection, self.connection.most_items());
        match self.open {
            Open::Meta(groups) => groups.split(most, |group| meta::request(connection, group)),
            Open::Google(groups) => groups.split(most, |group| google::request(connection, group)),
            Open::GoogleLegacy(groups) => {
                groups.split(most, |group| google_legacy::request(connection, group))
            }
            Open::Tiktok(groups) => groups.split(most, |group| tiktok::request(connection, group)),
            Open::Snapchat(groups) => groups.split(most, |group| snapchat::request(connection, group)),
        }
    }

    fn test_code(&self, event: &ConversionEvent) -> Option<String> {
        common::text(event.test_event_code.as_ref())
            .or_else(|| common::text(self.connection.test_event_code.as_ref()))
    }

    /// What holds for every platform, in the words of this one.
    fn checked(&self, event: &ConversionEvent) -> Result<Checked, SkipReason> {
        let connection = self.connection;
        let name = names::resolve(&event.event_name, connection.platform, &connection.aliases)?;
        let action = match connection.platform {
            Platform::Google => {
                let standard = name.standard.map(StandardEvent::as_str);
                let action = connection.conversion_action(standard, trim(&event.event_name));
                action.ok_or(SkipReason::NoConversionAction)?.to_owned()
            }
            Platform::Meta | Platform::Tiktok | Platform::Snapchat => String::new(),
        };
        if event.event_time > self.now.plus_millis(AHEAD_MS) {
            return Err(SkipReason::InFuture);
        }
        if self.is_too_old(event) {
            return Err(SkipReason::TooOld);
        }
        Ok(Checked { name, action })
    }

    fn is_too_old(&self, event: &ConversionEvent) -> bool {
        let in_a_store = event.action_source == ActionSource::PhysicalStore;
        let platforms = match self.connection.platform {
            Platform::Meta => Some(if in_a_store { 62 } else { 7 }),
            Platform::Google => Some(90),
            Platform::Snapchat => Some(37),
            Platform::Tiktok => None,
        };
        let days = self.connection.max_age_days.or(platforms).map(i64::from);
        days.is_some_and(|days| self.now.millis_since(event.event_time) > days.saturating_mul(DAY_MS))
    }
}

impl std::fmt::Debug for ConversionBatch<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ConversionBatch").field("platform", &self.connection.platform).finish_non_exhaustive()
    }
}

/// What was found out about an event before its platform's own checks.
struct Checked {
    name: EventName,
    action: String,
}

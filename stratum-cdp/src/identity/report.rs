//! What came of a history, for people: profiles, merges, refusals, conflicts.

use std::collections::BTreeMap;
use std::fmt;

use serde::Serialize;
use serde_json::{Map, Value};
use stratum_core::Timestamp;

use super::changes::IdentityChange;
use super::consent::ConsentChoice;
use super::engine::Identities;
use super::event::DroppedIdentifier;
use super::history::Denied;
use super::key::Label;
use super::names::IdNo;
use super::vocabulary::{LinkType, RefusalReason};
use super::world::{EventNo, Profile, ProfileNo};

/// A profile: a person, as far as the identifiers tell.
#[derive(Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ProfileView {
    /// The canonical identifier: the strongest type, in it the one seen first.
    pub canonical: Label,
    /// Every identifier, the strongest type first, then by value.
    pub identifiers: Vec<Label>,
    /// Whether it holds an external id.
    pub known: bool,
    /// The earliest time of its events.
    pub first_seen: Option<Timestamp>,
    /// The latest.
    pub last_seen: Option<Timestamp>,
    /// Per attribute the value with the latest time; of two at one time that of the larger event id.
    pub traits: Map<String, Value>,
    /// What the person decided, by purpose.
    pub consent: BTreeMap<String, ConsentChoice>,
    /// Its events, in the order of their arrival.
    pub events: Vec<String>,
}

impl fmt::Debug for ProfileView {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ProfileView")
            .field("identifiers", &self.identifiers)
            .field("events", &self.events.len())
            .finish_non_exhaustive()
    }
}

/// An identifier that was not joined, or a merge that was not undone.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct IdentityRefusal {
    /// The event.
    pub event: String,
    /// The identifier, or the name of the merge.
    pub id: Label,
    /// Why.
    pub reason: RefusalReason,
    /// The canonical identifier of the profile that it stays with.
    pub against: Option<Label>,
}

/// Two identifiers that were named together and not joined, for somebody to look at.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ConflictView {
    /// The one.
    pub a: Label,
    /// The other.
    pub b: Label,
    /// Why they were not joined.
    pub reason: RefusalReason,
    /// The strongest evidence seen for them.
    pub evidence: LinkType,
    /// How much it says, 0 to 1.
    pub confidence: f64,
    /// When it was refused first, in event time.
    pub first_at: Timestamp,
    /// When last.
    pub last_at: Timestamp,
    /// How often.
    pub times: u32,
    /// The first events that named the two.
    pub events: Vec<String>,
}

/// What came of a history.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct IdentityReport {
    /// The profiles, by canonical identifier: the strongest type first, then by value.
    pub profiles: Vec<ProfileView>,
    /// The merges and their undoing, in order.
    pub changes: Vec<IdentityChange>,
    /// What was refused, in order.
    pub refused: Vec<IdentityRefusal>,
    /// Values that did not count, in order.
    pub dropped: Vec<DroppedIdentifier>,
    /// Events that name nobody.
    pub unattributed: Vec<String>,
    /// Refused pairs that are still in two profiles.
    pub conflicts: Vec<ConflictView>,
}

impl Identities {
    /// Everything, for people.
    #[must_use]
    pub fn report(&self) -> IdentityReport {
        IdentityReport {
            profiles: self.profiles(),
            changes: self.changes(),
            refused: self.history.denied.iter().map(|denied| self.refusal(denied)).collect(),
            dropped: self.dropped.clone(),
            unattributed: self.history.unattributed.iter().map(|&event| self.event_name(event)).collect(),
            conflicts: self.conflicts(),
        }
    }

    /// Every profile, by canonical identifier.
    #[must_use]
    pub fn profiles(&self) -> Vec<ProfileView> {
        let mut alive: Vec<&Profile> = self
            .world
            .profiles
            .iter()
            .map(|(_, profile)| profile)
            .filter(|profile| profile.alias_of.is_none())
            .collect();
        alive.sort_by(|a, b| self.world.names.order(a.label, b.label));
        alive.into_iter().map(|profile| self.view(profile)).collect()
    }

    pub(super) fn view(&self, profile: &Profile) -> ProfileView {
        let mut ids = profile.ids.clone();
        ids.sort_by(|&a, &b| self.world.names.order(a, b));
        let mut events = profile.events.clone();
        events.sort_unstable();
        let consent = profile.consent.iter().filter_map(|(purpose, state, _)| {
            self.purposes.word(purpose).map(|name| (name.to_string(), state))
        });
        ProfileView {
            canonical: self.label(profile.label),
            identifiers: ids.into_iter().map(|id| self.label(id)).collect(),
            known: profile.counts.is_known(),
            first_seen: Timestamp::from_millis(profile.first_seen).ok(),
            last_seen: Timestamp::from_millis(profile.last_seen).ok(),
            traits: self.traits(&events),
            consent: consent.collect(),
            events: events.into_iter().map(|event| self.event_name(event)).collect(),
        }
    }

    /// Per attribute the latest value that is not null; of two at one time that of the larger event id.
    fn traits(&self, events: &[EventNo]) -> Map<String, Value> {
        let mut latest: BTreeMap<&str, (i64, &str, &Value)> = BTreeMap::new();
        for &number in events {
            let event = self.history.events.get(number);
            for (key, value) in event.traits.iter().flat_map(|traits| traits.iter()) {
                let (at, id) = (event.at, self.history.event_id(number));
                let newer = latest.get(key.as_str()).is_none_or(|&(known, by, _)| (known, by) < (at, id));
                if newer && !value.is_null() {
                    latest.insert(key, (at, id, value));
                }
            }
        }
        latest.into_iter().map(|(key, (_, _, value))| (key.to_owned(), value.clone())).collect()
    }

    fn refusal(&self, denied: &Denied) -> IdentityRefusal {
        match denied {
            Denied::Identifier { event, id, reason, against } => IdentityRefusal {
                event: self.event_name(*event),
                id: self.label(*id),
                reason: *reason,
                against: against.map(|against| self.label(against)),
            },
            Denied::Undo { event, merge, reason } => IdentityRefusal {
                event: self.event_name(*event),
                id: Label(merge.to_string()),
                reason: *reason,
                against: None,
            },
        }
    }

    fn conflicts(&self) -> Vec<ConflictView> {
        self.conflicts_of(|_, _| true)
    }

    /// The refused links whose ends are still in two profiles, of which `wanted` says that they matter.
    pub(super) fn conflicts_of(
        &self,
        wanted: impl Fn(Option<ProfileNo>, Option<ProfileNo>) -> bool,
    ) -> Vec<ConflictView> {
        let links = self.links.conflicts.iter().map(|conflict| (conflict, self.links.get(conflict.link)));
        links
            .filter(|(_, link)| {
                let (one, other) = (self.world.owner(link.a), self.world.owner(link.b));
                (one.is_none() || one != other) && wanted(one, other)
            })
            .map(|(conflict, link)| {
                let ordered = self.world.names.order(link.a, link.b).is_lt();
                let (a, b) = if ordered { (link.a, link.b) } else { (link.b, link.a) };
                ConflictView {
                    a: self.label(a),
                    b: self.label(b),
                    reason: conflict.reason,
                    evidence: link.evidence,
                    confidence: link.evidence.confidence(),
                    first_at: conflict.first,
                    last_at: conflict.last,
                    times: conflict.times,
                    events: link.events().map(|event| self.event_name(event)).collect(),
                }
            })
            .collect()
    }

    pub(super) fn label(&self, id: IdNo) -> Label {
        self.world.names.label(id)
    }

    pub(super) fn event_name(&self, event: EventNo) -> String {
        self.history.event_id(event).to_owned()
    }
}

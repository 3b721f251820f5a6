//! The resolver in memory: one event at a time, everything at hand.

use std::fmt;
use std::sync::Arc;

use serde_json::{Map, Value};
use stratum_core::Timestamp;

use super::compiled::CompiledIdentityPolicy;
use super::consent::{ConsentChoice, Purposes};
use super::decide::{Decided, Merging, Question, Refused, decide};
use super::event::DroppedIdentifier;
use super::history::{Denied, Done, History, Merge};
use super::links::Links;
use super::names::IdNo;
use super::visit::Visits;
use super::vocabulary::{LinkType, MergeReason};
use super::world::{EventNo, Profile, ProfileNo, World};
use crate::event::EventKind;
use crate::identifier::{Identifier, IdentifierType};

/// An event whose identifiers are clean.
#[derive(Clone, Copy)]
pub struct Observation<'a> {
    /// Its id.
    pub event_id: &'a str,
    /// When it happened.
    pub at: Timestamp,
    /// What it does; the two identifiers of an alias stand in the order [to, from].
    pub kind: EventKind,
    /// How strong it says that its identifiers are one person; see [`LinkType::of_event`].
    pub evidence: LinkType,
    /// The system that gave the external ids in it; `None` for the tenant's own.
    pub source_system: Option<&'a str>,
    /// The visit that it is part of. Identifiers of different events of one visit are [`LinkType::SameSession`].
    pub session_id: Option<&'a str>,
    /// Its identifiers, in their order.
    pub identifiers: &'a [Identifier],
    /// Attributes of the person.
    pub traits: Option<&'a Map<String, Value>>,
    /// What the person decided, by purpose.
    pub consent: &'a [(&'a str, ConsentChoice)],
}

impl<'a> Observation<'a> {
    /// A track event without traits and consent.
    #[must_use]
    pub const fn new(event_id: &'a str, at: Timestamp, identifiers: &'a [Identifier]) -> Self {
        Self {
            event_id,
            at,
            kind: EventKind::Track,
            evidence: LinkType::SameEvent,
            source_system: None,
            session_id: None,
            identifiers,
            traits: None,
            consent: &[],
        }
    }
}

impl fmt::Debug for Observation<'_> {
    /// What kind of event, not whose.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Observation")
            .field("at", &self.at)
            .field("kind", &self.kind)
            .field("identifiers", &self.identifiers.len())
            .finish_non_exhaustive()
    }
}

/// What one event did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Outcome {
    /// Whether it belongs to a profile: it had an identifier.
    pub attributed: bool,
    /// Whether it made that profile.
    pub created: bool,
    /// How many identifiers speak for it.
    pub accepted: usize,
    /// How many were refused.
    pub refused: usize,
    /// How many profiles were merged.
    pub merged: usize,
}

/// Every identifier, every profile and their history, in memory.
///
/// ```
/// use stratum_cdp::identifier::{Identifier, IdentifierType};
/// use stratum_cdp::identity::{Identities, IdentityPolicy, Observation};
///
/// let policy = IdentityPolicy::default().compile().unwrap();
/// let clean = |kind, value| Identifier::clean(kind, value, policy.cleaning()).unwrap();
/// let browser = clean(IdentifierType::AnonymousId, "b-1");
/// let email = clean(IdentifierType::Email, "jane@shop.test");
/// let at = "2026-03-01T12:00:00Z".parse().unwrap();
///
/// let mut identities = Identities::new(policy);
/// assert!(identities.observe(&Observation::new("e1", at, &[browser.clone()])).created);
/// assert_eq!(identities.observe(&Observation::new("e2", at, &[email.clone()])).merged, 0);
/// // One event that names both makes them one person.
/// assert_eq!(identities.observe(&Observation::new("e3", at, &[browser, email])).merged, 1);
/// ```
#[derive(Clone)]
pub struct Identities {
    pub(super) policy: Arc<CompiledIdentityPolicy>,
    pub(super) world: World,
    pub(super) history: History,
    pub(super) links: Links,
    pub(super) visits: Visits,
    pub(super) purposes: Purposes,
    pub(super) dropped: Vec<DroppedIdentifier>,
    /// What the last event decided.
    pub(super) decided: Decided,
    ids: Vec<IdNo>,
}

impl fmt::Debug for Identities {
    /// How many, not who.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Identities")
            .field("identifiers", &self.world.names.len())
            .field("events", &self.history.events.len())
            .field("merges", &self.history.merges.len())
            .finish_non_exhaustive()
    }
}

impl Identities {
    /// Nobody is known yet.
    #[must_use]
    pub fn new(policy: impl Into<Arc<CompiledIdentityPolicy>>) -> Self {
        Self {
            policy: policy.into(),
            world: World::default(),
            history: History::default(),
            links: Links::default(),
            visits: Visits::default(),
            purposes: Purposes::default(),
            dropped: Vec::new(),
            decided: Decided::default(),
            ids: Vec::new(),
        }
    }

    /// The policy in force.
    #[must_use]
    pub fn policy(&self) -> &CompiledIdentityPolicy {
        &self.policy
    }

    /// Takes one event: joins what its identifiers bring together and the policy allows, and gives it to a profile.
    pub fn observe(&mut self, event: &Observation<'_>) -> Outcome {
        let alias = event.kind == EventKind::Alias;
        self.gather_ids(event, alias);
        // The first identifier is always accepted. An alias of which one name is missing says nothing.
        let first = self.ids.first().copied().filter(|_| !alias || event.identifiers.len() == 2);
        let Some(first) = first else {
            let number = self.history.note_event(event.event_id, event.at.millis(), &[], None);
            self.history.unattributed.push(number);
            return Outcome::default();
        };
        let mut decided = std::mem::take(&mut self.decided);
        let at = event.at.millis();
        let visit = event.visit(&self.policy);
        let visit = visit.as_ref().map(Identifier::value);
        let others = visit.map(|visit| self.visits.others(visit, &self.ids)).unwrap_or_default();
        let question = Question { at, alias, evidence: event.evidence, ids: &self.ids, visit: &others };
        decide(&self.world, &self.policy, question, &mut decided);
        let number = self.history.note_event(event.event_id, at, &decided.accepted, event.traits);
        for &merging in &decided.merges {
            self.merge(merging, number, event.at);
        }
        let profile = self.attribute(&decided, first, number, at);
        for &(purpose, state) in event.consent {
            let purpose = self.purposes.intern(purpose);
            self.world.profiles.get_mut(profile).consent.decide(purpose, state, event.at);
        }
        self.note_links(&decided, event.evidence, number, event.at);
        self.note_visit(&decided, &others, first, number, event.at);
        if let Some(visit) = visit {
            self.visits.add(visit, first);
        }
        let outcome = Outcome {
            attributed: true,
            created: decided.profile.is_none(),
            accepted: decided.accepted.len(),
            refused: decided.refused.len(),
            merged: decided.merges.len(),
        };
        self.decided = decided;
        outcome
    }

    /// The identifiers of the event by number, each once; the strongest first, unless the order means something.
    fn gather_ids(&mut self, event: &Observation<'_>, alias: bool) {
        self.ids.clear();
        let system = self.world.names.system(event.source_system);
        for identifier in event.identifiers {
            let system = if identifier.kind() == IdentifierType::ExternalId { system } else { 0 };
            let id = self.world.intern(identifier.kind(), system, identifier.value());
            if !self.ids.contains(&id) {
                self.ids.push(id);
            }
        }
        if !alias {
            let names = &self.world.names;
            self.ids.sort_by_key(|&id| std::cmp::Reverse(names.kind(id).priority()));
        }
    }

    /// Makes two profiles one, and keeps what undoing needs.
    pub(super) fn merge(&mut self, merging: Merging, event: EventNo, at: Timestamp) {
        let Merging { survivor, absorbed, into, from, via, evidence } = merging;
        let gone = self.world.profiles.get(absorbed);
        let merge = Merge {
            event,
            at,
            reason: MergeReason::of(evidence, self.world.names.kind(via)),
            evidence,
            via,
            absorbed,
            into,
            from,
            absorbed_ids: gone.ids.clone(),
            survivor_ids: self.world.profiles.get(survivor).ids.clone(),
            absorbed_events: gone.events.clone(),
            absorbed_aliases: gone.aliases.clone(),
            identifiers_moved: gone.ids.len(),
            events_moved: gone.events.len(),
            undone: false,
        };
        let number = self.history.merges.push(merge);
        self.history.done.push(Done::Merged(number));
        self.world.absorb(survivor, absorbed, at.millis());
    }

    /// Gives the event and its fresh identifiers to their profile, be it a new one.
    fn attribute(&mut self, decided: &Decided, first: IdNo, event: EventNo, at: i64) -> ProfileNo {
        for &id in &decided.accepted {
            let held = self.world.held.get_mut(id);
            held.first_seen = held.first_seen.min(at);
        }
        let profile = decided.profile.unwrap_or_else(|| self.world.profiles.push(Profile::new(first)));
        for &id in &decided.fresh {
            self.world.give(id, profile);
        }
        for &id in &decided.accepted {
            self.world.offer_label(id, profile);
        }
        let held = self.world.profiles.get_mut(profile);
        held.events.push(event);
        held.first_seen = held.first_seen.min(at);
        held.last_seen = held.last_seen.max(at);
        for &id in &decided.marked {
            let held = self.world.held.get_mut(id);
            held.shared = true;
            held.sightings = Vec::new();
        }
        profile
    }

    /// Keeps the evidence: a link between any two that spoke together, a conflict for each that was refused.
    fn note_links(&mut self, decided: &Decided, evidence: LinkType, event: EventNo, at: Timestamp) {
        for (position, &one) in decided.accepted.iter().enumerate() {
            for &other in decided.accepted.iter().skip(position.saturating_add(1)) {
                self.links.note(one, other, evidence, at, event, true);
            }
        }
        let Some(&anchor) = decided.accepted.first() else { return };
        for refused in &decided.refused {
            self.note_refusal(anchor, refused, evidence, event, at);
        }
        if self.policy.shared {
            let refused = decided.refused.iter().map(|refused| refused.id);
            for id in decided.accepted.iter().copied().chain(refused) {
                self.world.sight(&self.policy, id, anchor, at.millis());
            }
        }
    }

    /// Keeps the evidence of the visit: a link between the strongest identifiers of its events.
    fn note_visit(&mut self, decided: &Decided, others: &[IdNo], first: IdNo, event: EventNo, at: Timestamp) {
        let evidence = LinkType::SameSession;
        for refused in &decided.refused_of_visit {
            self.note_refusal(first, refused, evidence, event, at);
        }
        let refused = |id: &IdNo| decided.refused_of_visit.iter().any(|refused| refused.id == *id);
        for &other in others.iter().filter(|id| !refused(id)) {
            self.links.note(first, other, evidence, at, event, true);
        }
    }

    fn note_refusal(
        &mut self,
        anchor: IdNo,
        refused: &Refused,
        evidence: LinkType,
        event: EventNo,
        at: Timestamp,
    ) {
        let &Refused { id, reason, against } = refused;
        let link = self.links.note(anchor, id, evidence, at, event, false);
        self.links.refuse(link, reason, at);
        self.history.denied.push(Denied::Identifier { event, id, reason, against });
    }
}

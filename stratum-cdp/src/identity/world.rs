//! Who owns which identifier: the state that a decision looks at, and that its changes are made to.

use std::collections::HashMap;

use super::arena::{Arena, number};
use super::compiled::TYPES;
use super::consent::Decisions;
use super::names::{IdNo, Names, SystemNo};
use crate::identifier::IdentifierType;

number! {
    /// A profile.
    ProfileNo
}
number! {
    /// An event.
    EventNo
}

/// The first time of what never happened: no [`stratum_core::Timestamp`] is that late.
pub(super) const NEVER_FIRST: i64 = i64::MAX;
/// The last time of what never happened.
pub(super) const NEVER_LAST: i64 = i64::MIN;

/// What changes about an identifier.
#[derive(Debug, Clone)]
pub(super) struct Held {
    pub(super) owner: Option<ProfileNo>,
    pub(super) first_seen: i64,
    /// Whether it was used by too many to say who it is.
    pub(super) shared: bool,
    /// With whom it was seen; of devices and anonymous ids only, and a bounded number.
    pub(super) sightings: Vec<Sighting>,
}

/// The events of a person (named by the strongest identifier of the event) that an identifier occurred in.
///
/// A stretch of time without gaps of more than two windows: whether an event lies within a window of an instant is told
/// by the ends alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Sighting {
    pub(super) anchor: IdNo,
    pub(super) first: i64,
    pub(super) last: i64,
}

/// How many identifiers of each type.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Counts([u32; TYPES]);

impl Counts {
    pub(super) fn of(self, kind: IdentifierType) -> u32 {
        self.0.get(kind.index()).copied().unwrap_or(0)
    }

    pub(super) fn add(&mut self, kind: IdentifierType) {
        if let Some(count) = self.0.get_mut(kind.index()) {
            *count = count.saturating_add(1);
        }
    }

    pub(super) fn plus(mut self, other: Self) -> Self {
        for (count, more) in self.0.iter_mut().zip(other.0) {
            *count = count.saturating_add(more);
        }
        self
    }

    pub(super) fn total(self) -> u32 {
        self.0.iter().fold(0, |sum, &count| sum.saturating_add(count))
    }

    pub(super) fn is_known(self) -> bool {
        self.of(IdentifierType::ExternalId) > 0
    }

    /// Whether it names a person rather than a device.
    pub(super) fn names_a_person(self) -> bool {
        self.is_known() || self.of(IdentifierType::Email) > 0 || self.of(IdentifierType::Phone) > 0
    }
}

/// A profile, or what is left of one that was absorbed.
#[derive(Debug, Clone)]
pub(super) struct Profile {
    pub(super) ids: Vec<IdNo>,
    pub(super) counts: Counts,
    /// The canonical identifier.
    pub(super) label: IdNo,
    pub(super) first_seen: i64,
    pub(super) last_seen: i64,
    pub(super) events: Vec<EventNo>,
    /// The event times of the merges in which it, or what it absorbed, absorbed another; those that were undone, too.
    pub(super) merge_times: Vec<i64>,
    pub(super) consent: Decisions,
    /// Who answers for it since it was absorbed; never itself absorbed.
    pub(super) alias_of: Option<ProfileNo>,
    /// Those for whom it answers.
    pub(super) aliases: Vec<ProfileNo>,
}

impl Profile {
    pub(super) fn new(label: IdNo) -> Self {
        Self {
            ids: Vec::new(),
            counts: Counts::default(),
            label,
            first_seen: NEVER_FIRST,
            last_seen: NEVER_LAST,
            events: Vec::new(),
            merge_times: Vec::new(),
            consent: Decisions::default(),
            alias_of: None,
            aliases: Vec::new(),
        }
    }
}

/// A mark that an operator parted two sets of identifiers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Parted {
    /// The number of the undone merge.
    pub(super) mark: u64,
    /// On which of the two sides the identifier is.
    pub(super) restored: bool,
}

/// Every identifier and every profile.
#[derive(Debug, Clone, Default)]
pub(super) struct World {
    pub(super) names: Names,
    pub(super) held: Arena<IdNo, Held>,
    pub(super) profiles: Arena<ProfileNo, Profile>,
    /// The marks that undoing left, by identifier.
    pub(super) parted: HashMap<IdNo, Vec<Parted>>,
}

impl World {
    /// The number of an identifier, be it a new one.
    pub(super) fn intern(&mut self, kind: IdentifierType, system: SystemNo, value: &str) -> IdNo {
        let id = self.names.intern(kind, system, value);
        if self.held.len() < self.names.len() {
            self.held.push(Held {
                owner: None,
                first_seen: NEVER_FIRST,
                shared: false,
                sightings: Vec::new(),
            });
        }
        id
    }

    pub(super) fn owner(&self, id: IdNo) -> Option<ProfileNo> {
        self.held.get(id).owner
    }

    /// On which sides of undone merges an identifier is.
    pub(super) fn parts_of(&self, id: IdNo) -> &[Parted] {
        self.parted.get(&id).map_or(&[], Vec::as_slice)
    }

    /// Whether `a` is the better canonical identifier: the stronger type, the earlier first seen, the smaller value.
    pub(super) fn is_better(&self, a: IdNo, b: IdNo) -> bool {
        let (kind_a, kind_b) = (self.names.kind(a), self.names.kind(b));
        if kind_a != kind_b {
            return kind_a.priority() > kind_b.priority();
        }
        let (seen_a, seen_b) = (self.held.get(a).first_seen, self.held.get(b).first_seen);
        seen_a.cmp(&seen_b).then_with(|| self.names.order(a, b)).is_lt()
    }

    /// Gives an identifier to a profile.
    pub(super) fn give(&mut self, id: IdNo, profile: ProfileNo) {
        let kind = self.names.kind(id);
        self.held.get_mut(id).owner = Some(profile);
        let to = self.profiles.get_mut(profile);
        to.ids.push(id);
        to.counts.add(kind);
        self.offer_label(id, profile);
    }

    /// Makes `id` the canonical identifier of its profile, if it is better than the present one.
    pub(super) fn offer_label(&mut self, id: IdNo, profile: ProfileNo) {
        if self.is_better(id, self.profiles.get(profile).label) {
            self.profiles.get_mut(profile).label = id;
        }
    }

    /// The profile moves everything that it has to another, which answers for it from now on.
    pub(super) fn absorb(&mut self, survivor: ProfileNo, absorbed: ProfileNo, at: i64) {
        let label = self.profiles.get(absorbed).label;
        let gone = std::mem::replace(self.profiles.get_mut(absorbed), Profile::new(label));
        for &id in &gone.ids {
            self.held.get_mut(id).owner = Some(survivor);
        }
        for &alias in &gone.aliases {
            self.profiles.get_mut(alias).alias_of = Some(survivor);
        }
        self.profiles.get_mut(absorbed).alias_of = Some(survivor);
        let stays = self.profiles.get_mut(survivor);
        append(&mut stays.ids, gone.ids);
        append(&mut stays.events, gone.events);
        append(&mut stays.merge_times, gone.merge_times);
        append(&mut stays.aliases, gone.aliases);
        stays.merge_times.push(at);
        stays.aliases.push(absorbed);
        stays.counts = stays.counts.plus(gone.counts);
        stays.first_seen = stays.first_seen.min(gone.first_seen);
        stays.last_seen = stays.last_seen.max(gone.last_seen);
        stays.consent.absorb(&gone.consent);
        self.offer_label(label, survivor);
    }

    /// The profile that answers for this one.
    pub(super) fn canonical(&self, profile: ProfileNo) -> ProfileNo {
        self.profiles.get(profile).alias_of.unwrap_or(profile)
    }
}

/// Puts the two together without moving the longer one.
fn append<T>(to: &mut Vec<T>, mut from: Vec<T>) {
    if from.len() > to.len() {
        std::mem::swap(to, &mut from);
    }
    to.append(&mut from);
}

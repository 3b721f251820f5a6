//! The part of the world that an event or act touches, put into a resolver in memory: one code decides both.

use std::collections::BTreeMap;
use std::sync::Arc;

use stratum_core::Timestamp;
use stratum_core::id::ProfileId;

use super::changes::MergedProfiles;
use super::types::{
    LoadedMerge, StoredConsent, StoredIdentifier, StoredProfile, StoredSighting, Surroundings,
};
use crate::identifier::IdentifierType;
use crate::identity::compiled::CompiledIdentityPolicy;
use crate::identity::decide::Merging;
use crate::identity::engine::Identities;
use crate::identity::history::{Merge, MergeNo};
use crate::identity::key::IdentifierKey;
use crate::identity::names::IdNo;
use crate::identity::world::{EventNo, NEVER_FIRST, Parted, Profile, ProfileNo, Sighting};

/// A few profiles in memory, with the ids that the store knows them by.
pub(super) struct Around {
    pub(super) identities: Identities,
    ids: BTreeMap<ProfileNo, ProfileId>,
    numbers: BTreeMap<ProfileId, ProfileNo>,
}

impl Around {
    pub(super) fn new(surroundings: &Surroundings, policy: &Arc<CompiledIdentityPolicy>) -> Self {
        let mut around = Self::of(&surroundings.profiles, policy);
        for identifier in &surroundings.unowned {
            around.add_sightings(identifier);
        }
        around
    }

    fn of(profiles: &[StoredProfile], policy: &Arc<CompiledIdentityPolicy>) -> Self {
        let identities = Identities::new(Arc::clone(policy));
        let mut around = Self { identities, ids: BTreeMap::new(), numbers: BTreeMap::new() };
        for profile in profiles {
            around.add_profile(profile);
        }
        for identifier in profiles.iter().flat_map(|profile| &profile.identifiers) {
            around.add_sightings(identifier);
        }
        around
    }

    /// What undoing a merge looks at, with that merge as the only one of its history.
    pub(super) fn of_merge(loaded: &LoadedMerge, policy: &Arc<CompiledIdentityPolicy>) -> (Self, MergeNo) {
        let mut around = Self::of(&loaded.profiles, policy);
        let record = &loaded.record;
        let ids = |around: &mut Self, keys: &[IdentifierKey]| -> Vec<IdNo> {
            keys.iter().map(|key| around.intern(key)).collect()
        };
        let mut absorbed_events = Vec::new();
        for event in &loaded.events {
            let accepted = ids(&mut around, &event.accepted);
            let history = &mut around.identities.history;
            let number = history.note_event(&event.id, event.at.millis(), &accepted, None);
            if event.moved {
                absorbed_events.push(number);
            }
            if let Some(&owner) = around.numbers.get(&event.profile) {
                around.identities.world.profiles.get_mut(owner).events.push(number);
            }
        }
        let [into, from, via] = [&record.into, &record.from, &record.via].map(|key| around.intern(key));
        // Who answers for the absorbed one does not matter, only who follows it.
        let answering = around.identities.world.profiles.push(Profile::new(into));
        // A profile that lives answers for itself, whatever a store says.
        let aliases: Vec<ProfileId> =
            loaded.aliases.iter().copied().filter(|alias| !around.numbers.contains_key(alias)).collect();
        let mut redirect = |id: ProfileId| {
            let number = around.new_profile(from, id);
            let profiles = &mut around.identities.world.profiles;
            profiles.get_mut(number).alias_of = Some(answering);
            profiles.get_mut(answering).aliases.push(number);
            number
        };
        let absorbed = redirect(record.absorbed);
        let absorbed_aliases = aliases.into_iter().map(&mut redirect).collect();
        let made = &record.made;
        let event = around.identities.history.note_event(&made.id, made.at.millis(), &[], None);
        let merge = Merge {
            event,
            at: made.at,
            reason: record.reason,
            evidence: record.evidence,
            via,
            absorbed,
            into,
            from,
            absorbed_ids: ids(&mut around, &loaded.absorbed_identifiers),
            survivor_ids: ids(&mut around, &loaded.survivor_identifiers),
            absorbed_events,
            absorbed_aliases,
            identifiers_moved: record.identifiers_moved,
            events_moved: record.events_moved,
            undone: record.undone.is_some(),
        };
        let number = around.identities.history.merges.push(merge);
        (around, number)
    }

    pub(super) fn intern(&mut self, key: &IdentifierKey) -> IdNo {
        let system = self.identities.world.names.system(key.system());
        self.identities.world.intern(key.kind(), system, key.value())
    }

    fn add_identifier(&mut self, stored: &StoredIdentifier) -> IdNo {
        let id = self.intern(&stored.key);
        let world = &mut self.identities.world;
        let held = world.held.get_mut(id);
        held.first_seen = stored.first_seen.map_or(NEVER_FIRST, Timestamp::millis);
        held.shared = stored.shared;
        for part in &stored.parted {
            world.parted.entry(id).or_default().push(Parted { mark: part.merge.0, restored: part.restored });
        }
        id
    }

    fn add_profile(&mut self, stored: &StoredProfile) {
        let ids: Vec<IdNo> =
            stored.identifiers.iter().map(|identifier| self.add_identifier(identifier)).collect();
        let Some(&first) = ids.first() else { return };
        let number = self.new_profile(first, stored.id);
        for id in ids {
            self.identities.world.give(id, number);
        }
        let profile = self.identities.world.profiles.get_mut(number);
        profile.first_seen = stored.first_seen.map_or(NEVER_FIRST, Timestamp::millis);
        profile.merge_times = stored.merge_times.iter().map(|at| at.millis()).collect();
        for decided in &stored.consent {
            let purpose = self.identities.purposes.intern(&decided.purpose);
            profile.consent.decide(purpose, decided.choice, decided.at);
        }
    }

    fn new_profile(&mut self, label: IdNo, id: ProfileId) -> ProfileNo {
        let number = self.identities.world.profiles.push(Profile::new(label));
        self.ids.insert(number, id);
        self.numbers.insert(id, number);
        number
    }

    /// Of the others with whom an identifier was seen only who they are matters.
    fn add_sightings(&mut self, stored: &StoredIdentifier) {
        let id = self.add_identifier_once(stored);
        for seen in &stored.sightings {
            let anchor = self.intern(&seen.anchor);
            if let (Some(person), None) = (seen.person, self.identities.world.owner(anchor)) {
                let number = match self.numbers.get(&person) {
                    Some(&number) => number,
                    None => {
                        let number = self.new_profile(anchor, person);
                        self.identities.world.profiles.get_mut(number).counts.add(IdentifierType::Email);
                        number
                    }
                };
                self.identities.world.held.get_mut(anchor).owner = Some(number);
            }
            let (first, last) = (seen.first_at.millis(), seen.last_at.millis());
            self.identities.world.held.get_mut(id).sightings.push(Sighting { anchor, first, last });
        }
    }

    /// The identifier, put in if its profile did not.
    fn add_identifier_once(&mut self, stored: &StoredIdentifier) -> IdNo {
        let id = self.intern(&stored.key);
        if self.identities.world.owner(id).is_some() { id } else { self.add_identifier(stored) }
    }

    /// The id that the store knows a profile by; of one that it does not know yet, none.
    pub(super) fn id(&self, number: ProfileNo) -> Option<ProfileId> {
        self.ids.get(&number).copied()
    }

    pub(super) fn key(&self, id: IdNo) -> IdentifierKey {
        self.identities.world.names.key(id)
    }

    pub(super) fn keys(&self, ids: &[IdNo]) -> Vec<IdentifierKey> {
        ids.iter().map(|&id| self.key(id)).collect()
    }

    pub(super) fn event_ids(&self, events: &[EventNo]) -> Vec<String> {
        events.iter().map(|&event| self.identities.event_name(event)).collect()
    }

    /// The merges that were just made, as the store is told: these are all in the history, in the same order.
    pub(super) fn merges(&self, merges: &[Merging]) -> Option<Vec<MergedProfiles>> {
        let made = merges.iter().zip(self.identities.history.merges.iter());
        made.map(|(merging, (_, merge))| {
            Some(MergedProfiles {
                survivor: self.id(merging.survivor)?,
                absorbed: self.id(merging.absorbed)?,
                into: self.key(merging.into),
                from: self.key(merging.from),
                via: self.key(merging.via),
                reason: merge.reason,
                evidence: merge.evidence,
                absorbed_identifiers: self.keys(&merge.absorbed_ids),
                survivor_identifiers: self.keys(&merge.survivor_ids),
            })
        })
        .collect()
    }

    pub(super) fn sightings(&self, id: IdNo) -> Option<(IdentifierKey, Vec<StoredSighting>)> {
        let seen = &self.identities.world.held.get(id).sightings;
        let stored = seen.iter().filter_map(|seen| {
            Some(StoredSighting {
                anchor: self.key(seen.anchor),
                person: None,
                first_at: Timestamp::from_millis(seen.first).ok()?,
                last_at: Timestamp::from_millis(seen.last).ok()?,
            })
        });
        (!seen.is_empty()).then(|| (self.key(id), stored.collect()))
    }

    pub(super) fn consent(&self, profile: &Profile) -> Vec<StoredConsent> {
        let decided = profile.consent.iter().filter_map(|(purpose, choice, at)| {
            let purpose = self.identities.purposes.word(purpose)?.to_owned();
            Some(StoredConsent { purpose, choice, at })
        });
        decided.collect()
    }
}

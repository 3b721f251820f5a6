//! The pure part: what an event touches, and a policy, give what it changes.

use std::collections::BTreeMap;
use std::sync::Arc;

use stratum_core::Timestamp;
use stratum_core::id::ProfileId;

use super::types::{
    IdentityChanges, MergedProfiles, RefusedIdentifier, StoredConsent, StoredIdentifier, StoredProfile,
    StoredSighting, Surroundings,
};
use crate::identifier::IdentifierType;
use crate::identity::compiled::CompiledIdentityPolicy;
use crate::identity::engine::{Identities, Observation};
use crate::identity::key::IdentifierKey;
use crate::identity::names::IdNo;
use crate::identity::vocabulary::MergeReason;
use crate::identity::world::{NEVER_FIRST, Parted, Profile, ProfileNo, Sighting};

/// What an event changes in what surrounds it; `None` if it names nobody. `new_id` is the id of the profile, should the
/// event make one.
#[must_use]
pub fn decide(
    surroundings: &Surroundings,
    policy: &Arc<CompiledIdentityPolicy>,
    event: &Observation<'_>,
    new_id: ProfileId,
) -> Option<IdentityChanges> {
    let mut around = Around::new(surroundings, policy);
    let outcome = around.identities.observe(event);
    // The first identifier is always accepted, and its owner is whose event it is.
    let owner = around.identities.world.owner(*around.identities.decided.accepted.first()?)?;
    outcome.attributed.then(|| around.changes(event, owner, outcome.created, new_id))
}

/// The part of the world that an event touches, with the ids that the store knows it by.
struct Around {
    identities: Identities,
    ids: BTreeMap<ProfileNo, ProfileId>,
    numbers: BTreeMap<ProfileId, ProfileNo>,
}

impl Around {
    fn new(surroundings: &Surroundings, policy: &Arc<CompiledIdentityPolicy>) -> Self {
        let identities = Identities::new(Arc::clone(policy));
        let mut around = Self { identities, ids: BTreeMap::new(), numbers: BTreeMap::new() };
        for profile in &surroundings.profiles {
            around.add_profile(profile);
        }
        let held = surroundings.profiles.iter().flat_map(|profile| &profile.identifiers);
        for identifier in held.chain(&surroundings.unowned) {
            around.add_sightings(identifier);
        }
        around
    }

    fn intern(&mut self, key: &IdentifierKey) -> IdNo {
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
            world.parted.entry(id).or_default().push(Parted { mark: part.mark, restored: part.restored });
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
        let purposes: Vec<usize> =
            stored.consent.iter().map(|decided| self.identities.purposes.intern(&decided.purpose)).collect();
        let profile = self.identities.world.profiles.get_mut(number);
        profile.first_seen = stored.first_seen.map_or(NEVER_FIRST, Timestamp::millis);
        profile.merge_times = stored.merge_times.iter().map(|at| at.millis()).collect();
        for (decided, purpose) in stored.consent.iter().zip(purposes) {
            profile.consent.decide(purpose, decided.choice, decided.at.millis());
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

    fn key(&self, id: IdNo) -> IdentifierKey {
        self.identities.world.names.key(id)
    }

    fn changes(
        &self,
        event: &Observation<'_>,
        owner: ProfileNo,
        created: bool,
        new_id: ProfileId,
    ) -> IdentityChanges {
        let (world, decided) = (&self.identities.world, &self.identities.decided);
        let id = |number: ProfileNo| self.ids.get(&number).copied().unwrap_or(new_id);
        let keys = |ids: &[IdNo]| -> Vec<IdentifierKey> { ids.iter().map(|&id| self.key(id)).collect() };
        let held = world.profiles.get(owner);
        let merges = decided.merges.iter().map(|merging| MergedProfiles {
            survivor: id(merging.survivor),
            absorbed: id(merging.absorbed),
            into: self.key(merging.into),
            from: self.key(merging.from),
            via: self.key(merging.via),
            reason: MergeReason::of(event.evidence, world.names.kind(merging.via)),
        });
        let refused = decided.refused.iter().map(|refused| RefusedIdentifier {
            key: self.key(refused.id),
            reason: refused.reason,
            against: refused.against.map(|against| self.key(against)),
        });
        let named = decided.accepted.iter().copied().chain(decided.refused.iter().map(|refused| refused.id));
        IdentityChanges {
            profile: id(owner),
            created,
            at: event.at,
            evidence: event.evidence,
            merges: merges.collect(),
            given: keys(&decided.fresh),
            accepted: keys(&decided.accepted),
            refused: refused.collect(),
            shared: keys(&decided.marked),
            sightings: named.filter_map(|id| self.sightings(id)).collect(),
            consent: self.consent(held),
            canonical: self.key(held.label),
        }
    }

    fn sightings(&self, id: IdNo) -> Option<(IdentifierKey, Vec<StoredSighting>)> {
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

    fn consent(&self, profile: &Profile) -> Vec<StoredConsent> {
        let decided = profile.consent.iter().filter_map(|(purpose, choice, at)| {
            let purpose = self.identities.purposes.get(purpose)?.to_string();
            Some(StoredConsent { purpose, choice, at: Timestamp::from_millis(at).ok()? })
        });
        decided.collect()
    }
}

//! One tenant's identities in memory, found by identifier and by profile.

use std::collections::{BTreeMap, BTreeSet};

use stratum_core::Timestamp;
use stratum_core::id::ProfileId;

use super::changes::{HandMerge, IdentityChanges, MergedProfiles, UndoneMerge};
use super::merges::{MergeNumber, MergeQuery, MergeRecord, Trigger};
use super::types::{
    IdentityRevision, LoadedMerge, PartedMark, StoredConsent, StoredEvent, StoredIdentifier, StoredProfile,
    Surroundings, Touched,
};
use crate::identifier::IdentifierType;
use crate::identity::key::IdentifierKey;

#[derive(Debug, Default)]
pub(super) struct Tenant {
    pub(super) revision: IdentityRevision,
    profiles: BTreeMap<ProfileId, Person>,
    owners: BTreeMap<IdentifierKey, ProfileId>,
    identifiers: BTreeMap<IdentifierKey, StoredIdentifier>,
    /// Who answers for a profile that was absorbed.
    redirects: BTreeMap<ProfileId, ProfileId>,
    /// The strongest identifiers of each visit.
    visits: BTreeMap<String, Vec<IdentifierKey>>,
    /// Merge 1 is the first.
    merges: Vec<Merge>,
    /// The identifiers that an undone merge left its mark on.
    marked: BTreeMap<MergeNumber, Vec<IdentifierKey>>,
}

/// A profile that answers for itself.
#[derive(Debug, Default)]
struct Person {
    holds: BTreeSet<IdentifierKey>,
    first_seen: Option<Timestamp>,
    merge_times: Vec<Timestamp>,
    consent: Vec<StoredConsent>,
    events: Vec<Event>,
    answers_for: BTreeSet<ProfileId>,
}

#[derive(Debug)]
struct Event {
    id: String,
    at: Timestamp,
    accepted: Vec<IdentifierKey>,
    /// The merges that it moved with.
    moved: BTreeSet<MergeNumber>,
}

#[derive(Debug)]
struct Merge {
    record: MergeRecord,
    absorbed_identifiers: Vec<IdentifierKey>,
    survivor_identifiers: Vec<IdentifierKey>,
    absorbed_aliases: BTreeSet<ProfileId>,
}

impl Tenant {
    pub(super) fn everybody(&self) -> Vec<(ProfileId, Vec<IdentifierKey>)> {
        self.profiles.iter().map(|(&id, person)| (id, person.holds.iter().cloned().collect())).collect()
    }

    pub(super) fn canonical(&self, profile: ProfileId) -> Option<ProfileId> {
        let answers = self.redirects.get(&profile).copied().unwrap_or(profile);
        self.profiles.contains_key(&answers).then_some(answers)
    }

    pub(super) fn load(&self, touched: Touched<'_>) -> Surroundings {
        let visit = touched.visit.and_then(|visit| self.visits.get(visit)).cloned().unwrap_or_default();
        let unowned = touched.identifiers.iter().filter(|key| !self.owners.contains_key(*key));
        Surroundings {
            revision: self.revision,
            profiles: self.owners_of(touched.identifiers.iter().chain(&visit)),
            unowned: unowned.filter_map(|key| self.identifier(key)).collect(),
            visit,
        }
    }

    pub(super) fn load_merge(&self, number: MergeNumber) -> Option<LoadedMerge> {
        let merge = self.merges.get(position(number)?)?;
        let (absorbed, survivor) = (&merge.absorbed_identifiers, &merge.survivor_identifiers);
        let profiles = self.owners_of(absorbed.iter().chain(survivor));
        let events = profiles.iter().flat_map(|profile| self.events_of(profile.id, number)).collect();
        let answering = self.canonical(merge.record.absorbed);
        let follows = |alias: &ProfileId| Some(*alias) != answering && self.canonical(*alias) == answering;
        Some(LoadedMerge {
            revision: self.revision,
            record: merge.record.clone(),
            absorbed_identifiers: absorbed.clone(),
            survivor_identifiers: survivor.clone(),
            profiles,
            events,
            aliases: merge.absorbed_aliases.iter().copied().filter(follows).collect(),
        })
    }

    fn events_of(&self, profile: ProfileId, number: MergeNumber) -> impl Iterator<Item = StoredEvent> {
        let events = self.profiles.get(&profile).into_iter().flat_map(|person| &person.events);
        events.map(move |event| StoredEvent {
            id: event.id.clone(),
            at: event.at,
            profile,
            accepted: event.accepted.clone(),
            moved: event.moved.contains(&number),
        })
    }

    fn owners_of<'a>(&self, keys: impl Iterator<Item = &'a IdentifierKey>) -> Vec<StoredProfile> {
        let owners: BTreeSet<ProfileId> = keys.filter_map(|key| self.owners.get(key).copied()).collect();
        let profile = |id: ProfileId| {
            let person = self.profiles.get(&id)?;
            Some(StoredProfile {
                id,
                identifiers: person.holds.iter().filter_map(|key| self.identifier(key)).collect(),
                first_seen: person.first_seen,
                merge_times: person.merge_times.clone(),
                consent: person.consent.clone(),
            })
        };
        owners.into_iter().filter_map(profile).collect()
    }

    /// An identifier as it stands, with who its sightings are now.
    fn identifier(&self, key: &IdentifierKey) -> Option<StoredIdentifier> {
        let mut stored = self.identifiers.get(key)?.clone();
        for seen in &mut stored.sightings {
            seen.person = self.owners.get(&seen.anchor).copied().filter(|&owner| self.names_a_person(owner));
        }
        Some(stored)
    }

    fn names_a_person(&self, profile: ProfileId) -> bool {
        use IdentifierType::{Email, ExternalId, Phone};
        let names = |key: &IdentifierKey| matches!(key.kind(), ExternalId | Email | Phone);
        self.profiles.get(&profile).is_some_and(|person| person.holds.iter().any(names))
    }

    fn entry(&mut self, key: &IdentifierKey) -> &mut StoredIdentifier {
        self.identifiers.entry(key.clone()).or_insert_with(|| StoredIdentifier {
            key: key.clone(),
            first_seen: None,
            shared: false,
            sightings: Vec::new(),
            parted: Vec::new(),
        })
    }

    fn give(&mut self, key: &IdentifierKey, profile: ProfileId) {
        if let Some(before) = self.owners.insert(key.clone(), profile)
            && let Some(person) = self.profiles.get_mut(&before)
        {
            person.holds.remove(key);
        }
        self.profiles.entry(profile).or_default().holds.insert(key.clone());
    }

    pub(super) fn make(&mut self, changes: &IdentityChanges) -> Vec<MergeNumber> {
        let made = Trigger { id: changes.event_id.clone(), at: changes.at, actor: None, note: None };
        let numbers = changes.merges.iter().map(|merged| self.merge(merged, &made)).collect();
        for key in &changes.given {
            self.give(key, changes.profile);
        }
        for key in &changes.accepted {
            let entry = self.entry(key);
            entry.first_seen = earlier(entry.first_seen, Some(changes.at));
        }
        for (key, sightings) in &changes.sightings {
            self.entry(key).sightings.clone_from(sightings);
        }
        for key in &changes.shared {
            let entry = self.entry(key);
            entry.shared = true;
            entry.sightings = Vec::new();
        }
        if let Some((visit, identifiers)) = &changes.visit {
            self.visits.insert(visit.clone(), identifiers.clone());
        }
        let person = self.profiles.entry(changes.profile).or_default();
        person.first_seen = earlier(person.first_seen, Some(changes.at));
        person.consent.clone_from(&changes.consent);
        person.events.push(Event {
            id: changes.event_id.clone(),
            at: changes.at,
            accepted: changes.accepted.clone(),
            moved: BTreeSet::new(),
        });
        numbers
    }

    pub(super) fn make_merge(&mut self, changes: &HandMerge) -> Vec<MergeNumber> {
        let numbers = changes.merges.iter().map(|merged| self.merge(merged, &changes.made)).collect();
        for mark in &changes.lifted {
            for key in self.marked.remove(mark).unwrap_or_default() {
                self.entry(&key).parted.retain(|part| part.merge != *mark);
            }
        }
        if let Some(person) = self.profiles.get_mut(&changes.profile) {
            person.consent.clone_from(&changes.consent);
        }
        numbers
    }

    fn merge(&mut self, merged: &MergedProfiles, made: &Trigger) -> MergeNumber {
        let number = MergeNumber(u64::try_from(self.merges.len()).unwrap_or(u64::MAX).saturating_add(1));
        let mut gone = self.profiles.remove(&merged.absorbed).unwrap_or_default();
        let record = MergeRecord {
            number,
            survivor: merged.survivor,
            absorbed: merged.absorbed,
            into: merged.into.clone(),
            from: merged.from.clone(),
            via: merged.via.clone(),
            reason: merged.reason,
            evidence: merged.evidence,
            made: made.clone(),
            identifiers_moved: gone.holds.len(),
            events_moved: gone.events.len(),
            undone: None,
        };
        for key in &gone.holds {
            self.owners.insert(key.clone(), merged.survivor);
        }
        for &alias in gone.answers_for.iter().chain([&merged.absorbed]) {
            self.redirects.insert(alias, merged.survivor);
        }
        for event in &mut gone.events {
            event.moved.insert(number);
        }
        let stays = self.profiles.entry(merged.survivor).or_default();
        stays.answers_for.extend(&gone.answers_for);
        stays.answers_for.insert(merged.absorbed);
        stays.first_seen = earlier(stays.first_seen, gone.first_seen);
        stays.holds.append(&mut gone.holds);
        stays.events.append(&mut gone.events);
        stays.merge_times.append(&mut gone.merge_times);
        stays.merge_times.push(made.at);
        self.merges.push(Merge {
            record,
            absorbed_identifiers: merged.absorbed_identifiers.clone(),
            survivor_identifiers: merged.survivor_identifiers.clone(),
            absorbed_aliases: gone.answers_for,
        });
        number
    }

    pub(super) fn make_undo(&mut self, changes: &UndoneMerge) {
        let [back_first, stays_first] = changes.first_seen;
        let mut back =
            Person { first_seen: back_first, consent: changes.consent.clone(), ..Person::default() };
        let follow = changes.aliases.iter().chain([&changes.restored]);
        if let Some(answering) =
            self.redirects.get(&changes.restored).and_then(|id| self.profiles.get_mut(id))
        {
            answering.answers_for.retain(|alias| !follow.clone().any(|id| id == alias));
        }
        for &alias in &changes.aliases {
            self.redirects.insert(alias, changes.restored);
            back.answers_for.insert(alias);
        }
        self.redirects.remove(&changes.restored);
        if let Some(stays) = self.profiles.get_mut(&changes.from) {
            stays.first_seen = stays_first;
            let leaving: BTreeSet<&str> = changes.events.iter().map(String::as_str).collect();
            let events = std::mem::take(&mut stays.events).into_iter();
            let (gone, kept) = events.partition(|event| leaving.contains(event.id.as_str()));
            back.events = gone;
            stays.events = kept;
        }
        self.profiles.insert(changes.restored, back);
        for key in &changes.identifiers {
            self.give(key, changes.restored);
        }
        for (profile, restored) in [(changes.restored, true), (changes.from, false)] {
            let held = self.profiles.get(&profile).map(|person| person.holds.clone()).unwrap_or_default();
            for key in held {
                self.entry(&key).parted.push(PartedMark { merge: changes.merge, restored });
                self.marked.entry(changes.merge).or_default().push(key);
            }
        }
        if let Some(merge) = position(changes.merge).and_then(|position| self.merges.get_mut(position)) {
            merge.record.undone = Some(changes.made.clone());
        }
    }

    pub(super) fn history(&self, query: MergeQuery) -> Vec<MergeRecord> {
        let before = query.before.and_then(position).unwrap_or(usize::MAX).min(self.merges.len());
        let concerns = |record: &MergeRecord| {
            query.profile.is_none_or(|profile| {
                [record.survivor, record.absorbed]
                    .into_iter()
                    .any(|side| side == profile || self.redirects.get(&side) == Some(&profile))
            })
        };
        let earlier = self.merges.iter().take(before).rev().map(|merge| &merge.record);
        earlier.filter(|record| concerns(record)).take(query.limit).cloned().collect()
    }
}

fn earlier(a: Option<Timestamp>, b: Option<Timestamp>) -> Option<Timestamp> {
    a.into_iter().chain(b).min()
}

fn position(number: MergeNumber) -> Option<usize> {
    usize::try_from(number.0).ok()?.checked_sub(1)
}

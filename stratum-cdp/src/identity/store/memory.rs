//! A store in memory: for embedding, and as the plainest statement of the contract.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, MutexGuard, PoisonError};

use stratum_core::Timestamp;
use stratum_core::id::{ProfileId, TenantId};

use super::IdentityStore;
use super::types::{
    IdentityChanges, IdentityRevision, IdentityStoreError, StoredIdentifier, StoredProfile, Surroundings,
};
use crate::identifier::IdentifierType;
use crate::identity::key::IdentifierKey;

/// The identities of any number of tenants.
#[derive(Debug, Default)]
pub struct MemoryIdentityStore {
    tenants: Mutex<BTreeMap<TenantId, Tenant>>,
}

#[derive(Debug, Default)]
struct Tenant {
    revision: u64,
    profiles: BTreeMap<ProfileId, StoredProfile>,
    owners: BTreeMap<IdentifierKey, ProfileId>,
    identifiers: BTreeMap<IdentifierKey, StoredIdentifier>,
    redirects: BTreeMap<ProfileId, ProfileId>,
}

impl MemoryIdentityStore {
    /// A store in which nobody is known.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Every profile of a tenant, with the identifiers that it holds.
    #[must_use]
    pub fn profiles(&self, tenant_id: TenantId) -> Vec<(ProfileId, Vec<IdentifierKey>)> {
        let tenants = self.lock();
        let Some(tenant) = tenants.get(&tenant_id) else { return Vec::new() };
        tenant
            .profiles
            .keys()
            .map(|&id| {
                let held = tenant.owners.iter().filter(|&(_, &owner)| owner == id);
                (id, held.map(|(key, _)| key.clone()).collect())
            })
            .collect()
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<TenantId, Tenant>> {
        self.tenants.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Tenant {
    /// An identifier as it stands, with who its sightings are now.
    fn identifier(&self, key: &IdentifierKey) -> Option<StoredIdentifier> {
        let mut stored = self.identifiers.get(key)?.clone();
        for seen in &mut stored.sightings {
            seen.person = self.owners.get(&seen.anchor).copied().filter(|&owner| self.names_a_person(owner));
        }
        Some(stored)
    }

    fn names_a_person(&self, profile: ProfileId) -> bool {
        self.owners.iter().any(|(key, &owner)| {
            owner == profile
                && matches!(
                    key.kind(),
                    IdentifierType::ExternalId | IdentifierType::Email | IdentifierType::Phone
                )
        })
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

    fn make(&mut self, changes: &IdentityChanges) {
        if changes.created {
            let new = StoredProfile {
                id: changes.profile,
                identifiers: Vec::new(),
                first_seen: None,
                merge_times: Vec::new(),
                consent: Vec::new(),
            };
            self.profiles.insert(changes.profile, new);
        }
        for merged in &changes.merges {
            self.merge(merged.survivor, merged.absorbed, changes.at);
        }
        for key in &changes.given {
            self.owners.insert(key.clone(), changes.profile);
        }
        for key in &changes.accepted {
            let entry = self.entry(key);
            entry.first_seen = earlier(entry.first_seen, changes.at);
        }
        for (key, sightings) in &changes.sightings {
            self.entry(key).sightings.clone_from(sightings);
        }
        for key in &changes.shared {
            let entry = self.entry(key);
            entry.shared = true;
            entry.sightings = Vec::new();
        }
        if let Some(profile) = self.profiles.get_mut(&changes.profile) {
            profile.first_seen = earlier(profile.first_seen, changes.at);
            profile.consent.clone_from(&changes.consent);
        }
    }

    fn merge(&mut self, survivor: ProfileId, absorbed: ProfileId, at: Timestamp) {
        let Some(gone) = self.profiles.remove(&absorbed) else { return };
        for owner in self.owners.values_mut().filter(|owner| **owner == absorbed) {
            *owner = survivor;
        }
        for answers in self.redirects.values_mut().filter(|answers| **answers == absorbed) {
            *answers = survivor;
        }
        self.redirects.insert(absorbed, survivor);
        if let Some(stays) = self.profiles.get_mut(&survivor) {
            stays.first_seen = gone.first_seen.map_or(stays.first_seen, |at| earlier(stays.first_seen, at));
            stays.merge_times.extend(gone.merge_times);
            stays.merge_times.push(at);
        }
    }
}

fn earlier(known: Option<Timestamp>, at: Timestamp) -> Option<Timestamp> {
    Some(known.map_or(at, |known| known.min(at)))
}

impl IdentityStore for MemoryIdentityStore {
    async fn load(
        &self,
        tenant_id: TenantId,
        identifiers: &[IdentifierKey],
    ) -> Result<Surroundings, IdentityStoreError> {
        let tenants = self.lock();
        let Some(tenant) = tenants.get(&tenant_id) else { return Ok(Surroundings::default()) };
        let owners: BTreeSet<ProfileId> =
            identifiers.iter().filter_map(|key| tenant.owners.get(key).copied()).collect();
        let profiles = owners.iter().filter_map(|id| {
            let mut profile = tenant.profiles.get(id)?.clone();
            let held = tenant.owners.iter().filter(|&(_, owner)| owner == id);
            profile.identifiers = held.filter_map(|(key, _)| tenant.identifier(key)).collect();
            Some(profile)
        });
        let unowned = identifiers.iter().filter(|key| !tenant.owners.contains_key(*key));
        Ok(Surroundings {
            revision: IdentityRevision(tenant.revision),
            profiles: profiles.collect(),
            unowned: unowned.filter_map(|key| tenant.identifier(key)).collect(),
        })
    }

    async fn commit(
        &self,
        tenant_id: TenantId,
        read_at: IdentityRevision,
        changes: &IdentityChanges,
    ) -> Result<(), IdentityStoreError> {
        let mut tenants = self.lock();
        let tenant = tenants.entry(tenant_id).or_default();
        if IdentityRevision(tenant.revision) != read_at {
            return Err(IdentityStoreError::Conflict);
        }
        tenant.make(changes);
        tenant.revision = tenant.revision.saturating_add(1);
        Ok(())
    }

    async fn canonical(
        &self,
        tenant_id: TenantId,
        profile_id: ProfileId,
    ) -> Result<Option<ProfileId>, IdentityStoreError> {
        let tenants = self.lock();
        let Some(tenant) = tenants.get(&tenant_id) else { return Ok(None) };
        let answers = tenant.redirects.get(&profile_id).copied().unwrap_or(profile_id);
        Ok(tenant.profiles.contains_key(&answers).then_some(answers))
    }
}

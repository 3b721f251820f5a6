//! A store in memory: for embedding, and as the plainest statement of the contract.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use stratum_core::id::{ProfileId, TenantId};

use super::IdentityStore;
use super::changes::{HandMerge, IdentityChanges, UndoneMerge};
use super::merges::{MergeNumber, MergeQuery, MergeRecord};
use super::tenant::Tenant;
use super::types::{IdentityRevision, IdentityStoreError, LoadedMerge, Surroundings, Touched};
use crate::identity::key::IdentifierKey;

/// The identities of any number of tenants.
#[derive(Debug, Default)]
pub struct MemoryIdentityStore {
    tenants: Mutex<BTreeMap<TenantId, Tenant>>,
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
        self.lock().get(&tenant_id).map(Tenant::everybody).unwrap_or_default()
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<TenantId, Tenant>> {
        self.tenants.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Makes changes, if nothing has changed since they were decided.
    fn change<T>(
        &self,
        tenant_id: TenantId,
        read_at: IdentityRevision,
        make: impl FnOnce(&mut Tenant) -> T,
    ) -> Result<T, IdentityStoreError> {
        let mut tenants = self.lock();
        let tenant = tenants.entry(tenant_id).or_default();
        if tenant.revision != read_at {
            return Err(IdentityStoreError::Conflict);
        }
        tenant.revision = IdentityRevision(read_at.0.saturating_add(1));
        Ok(make(tenant))
    }
}

impl IdentityStore for MemoryIdentityStore {
    async fn load(
        &self,
        tenant_id: TenantId,
        touched: Touched<'_>,
    ) -> Result<Surroundings, IdentityStoreError> {
        Ok(self.lock().get(&tenant_id).map(|tenant| tenant.load(touched)).unwrap_or_default())
    }

    async fn load_merge(
        &self,
        tenant_id: TenantId,
        number: MergeNumber,
    ) -> Result<Option<LoadedMerge>, IdentityStoreError> {
        Ok(self.lock().get(&tenant_id).and_then(|tenant| tenant.load_merge(number)))
    }

    async fn commit(
        &self,
        tenant_id: TenantId,
        read_at: IdentityRevision,
        changes: &IdentityChanges,
    ) -> Result<Vec<MergeNumber>, IdentityStoreError> {
        self.change(tenant_id, read_at, |tenant| tenant.make(changes))
    }

    async fn commit_merge(
        &self,
        tenant_id: TenantId,
        read_at: IdentityRevision,
        changes: &HandMerge,
    ) -> Result<Vec<MergeNumber>, IdentityStoreError> {
        self.change(tenant_id, read_at, |tenant| tenant.make_merge(changes))
    }

    async fn commit_undo(
        &self,
        tenant_id: TenantId,
        read_at: IdentityRevision,
        changes: &UndoneMerge,
    ) -> Result<(), IdentityStoreError> {
        self.change(tenant_id, read_at, |tenant| tenant.make_undo(changes))
    }

    async fn merges(
        &self,
        tenant_id: TenantId,
        query: MergeQuery,
    ) -> Result<Vec<MergeRecord>, IdentityStoreError> {
        Ok(self.lock().get(&tenant_id).map(|tenant| tenant.history(query)).unwrap_or_default())
    }

    async fn canonical(
        &self,
        tenant_id: TenantId,
        profile_id: ProfileId,
    ) -> Result<Option<ProfileId>, IdentityStoreError> {
        Ok(self.lock().get(&tenant_id).and_then(|tenant| tenant.canonical(profile_id)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::identity::store::contract;

    #[test]
    fn the_store_in_memory_keeps_the_contract() {
        let tenants = ["0198c9a0-0000-7000-8000-000000000001", "0198c9a0-0000-7000-8000-000000000002"];
        let [tenant, other] = tenants.map(|id| id.parse().unwrap());
        let now = "2026-03-01T12:00:00Z".parse().unwrap();
        pollster::block_on(contract::identity_store(&MemoryIdentityStore::new(), tenant, other, now))
            .unwrap();
    }
}

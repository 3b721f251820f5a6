//! The resolver on a store: load what an event touches, decide, commit all of it or nothing.
//!
//! [`decide`] is pure: the [`Surroundings`] of an event and a policy give the [`IdentityChanges`] that a store makes in one
//! transaction. A commit is taken only while nothing of what was loaded has changed since, so two events at once never give
//! one identifier to two profiles. [`MemoryIdentityStore`] is the plainest statement of the contract.
//!
//! ```
//! use stratum_cdp::identifier::{Identifier, IdentifierType};
//! use stratum_cdp::identity::store::{IdentityStore, MemoryIdentityStore, observe};
//! use stratum_cdp::identity::{IdentityPolicy, Observation};
//! use stratum_core::id::ProfileId;
//!
//! let policy = std::sync::Arc::new(IdentityPolicy::default().compile().unwrap());
//! let tenant = "0198c9a0-0000-7000-8000-000000000001".parse().unwrap();
//! let now = "2026-03-01T12:00:00Z".parse().unwrap();
//! let browser = Identifier::clean(IdentifierType::AnonymousId, "b-1", policy.cleaning()).unwrap();
//! let store = MemoryIdentityStore::new();
//! pollster::block_on(async {
//!     let id = ProfileId::v7(now, [1; 10]);
//!     let event = Observation::new("e1", now, std::slice::from_ref(&browser));
//!     let changes = observe(&store, tenant, &policy, &event, id).await.unwrap().unwrap();
//!     assert!(changes.created);
//!     assert_eq!(store.canonical(tenant, id).await.unwrap(), Some(id));
//! });
//! ```

#[cfg(any(test, feature = "contract-tests"))]
pub mod contract;
mod decide;
mod memory;
mod types;

use std::future::Future;
use std::sync::Arc;

use stratum_core::id::{ProfileId, TenantId};

pub use decide::decide;
pub use memory::MemoryIdentityStore;
pub use types::{
    IdentityChanges, IdentityRevision, IdentityStoreError, MergedProfiles, PartedMark, RefusedIdentifier,
    StoredConsent, StoredIdentifier, StoredProfile, StoredSighting, Surroundings,
};

use super::compiled::CompiledIdentityPolicy;
use super::engine::Observation;
use super::key::IdentifierKey;

/// How often an event is decided again because something changed between its reading and its commit.
const ATTEMPTS: usize = 8;

/// Where profiles and their identifiers live. Small, asynchronous, and of no particular executor.
pub trait IdentityStore: Sync {
    /// The profiles that hold these identifiers, and what is known of those that nobody holds.
    ///
    /// # Errors
    /// [`IdentityStoreError`].
    fn load(
        &self,
        tenant_id: TenantId,
        identifiers: &[IdentifierKey],
    ) -> impl Future<Output = Result<Surroundings, IdentityStoreError>> + Send;

    /// Makes the changes of one event: all of them, or none.
    ///
    /// # Errors
    /// `Conflict` if something that was loaded has changed since; [`IdentityStoreError::Unavailable`].
    fn commit(
        &self,
        tenant_id: TenantId,
        read_at: IdentityRevision,
        changes: &IdentityChanges,
    ) -> impl Future<Output = Result<(), IdentityStoreError>> + Send;

    /// The profile that answers for this one: itself, or the one that absorbed it, in one step.
    ///
    /// # Errors
    /// [`IdentityStoreError`].
    fn canonical(
        &self,
        tenant_id: TenantId,
        profile_id: ProfileId,
    ) -> impl Future<Output = Result<Option<ProfileId>, IdentityStoreError>> + Send;
}

/// Resolves one event on a store. `new_id` is the id of the profile, should it make one. `None`: the event names nobody.
///
/// # Errors
/// [`IdentityStoreError`]; `Conflict` if others changed the same profiles again and again.
pub async fn observe<S: IdentityStore>(
    store: &S,
    tenant_id: TenantId,
    policy: &Arc<CompiledIdentityPolicy>,
    event: &Observation<'_>,
    new_id: ProfileId,
) -> Result<Option<IdentityChanges>, IdentityStoreError> {
    let keys: Vec<IdentifierKey> = event
        .identifiers
        .iter()
        .map(|identifier| IdentifierKey::new(identifier.kind(), event.source_system, identifier.value()))
        .collect();
    for _ in 0..ATTEMPTS {
        let surroundings = store.load(tenant_id, &keys).await?;
        let Some(changes) = decide(&surroundings, policy, event, new_id) else { return Ok(None) };
        match store.commit(tenant_id, surroundings.revision, &changes).await {
            Err(IdentityStoreError::Conflict) => {}
            done => return done.map(|()| Some(changes)),
        }
    }
    Err(IdentityStoreError::Conflict)
}

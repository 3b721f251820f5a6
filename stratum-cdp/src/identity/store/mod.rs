//! The resolver on a store: load what an event or an act touches, decide, commit all of it or nothing.
//!
//! [`IdentityResolver`] does that for events, for merges by hand and for undoing them, and reads the history of merges.
//! Deciding is pure ([`decide`], [`decide_merge`], [`decide_undo`]): what was loaded and a policy give the changes that a
//! store makes in one transaction. A commit is taken only while nothing of what was loaded has changed since, so two events
//! at once never give one identifier to two profiles. [`MemoryIdentityStore`] is the plainest statement of the contract.
//!
//! ```
//! use stratum_cdp::identifier::{Identifier, IdentifierType};
//! use stratum_cdp::identity::store::{IdentityResolver, MemoryIdentityStore};
//! use stratum_cdp::identity::{Act, IdentityPolicy, Observation};
//! use stratum_core::id::ProfileId;
//!
//! let policy = IdentityPolicy::default().compile().unwrap();
//! let clean = |kind, value| Identifier::clean(kind, value, policy.cleaning()).unwrap();
//! let browser = clean(IdentifierType::AnonymousId, "b-1");
//! let email = clean(IdentifierType::Email, "jane@shop.test");
//! let tenant = "0198c9a0-0000-7000-8000-000000000001".parse().unwrap();
//! let now = "2026-03-01T12:00:00Z".parse().unwrap();
//! let id = |number| ProfileId::v7(now, [number; 10]);
//!
//! let identities = IdentityResolver::new(MemoryIdentityStore::new(), policy);
//! pollster::block_on(async {
//!     identities.observe(tenant, &Observation::new("e1", now, &[browser.clone()]), id(1)).await.unwrap();
//!     identities.observe(tenant, &Observation::new("e2", now, &[email.clone()]), id(2)).await.unwrap();
//!     // One event that names both makes them one person, and the second profile answers for the first.
//!     let both = [browser, email];
//!     let seen = identities.observe(tenant, &Observation::new("e3", now, &both), id(3)).await.unwrap().unwrap();
//!     assert_eq!(identities.canonical(tenant, id(1)).await.unwrap(), Some(id(2)));
//!
//!     let act = Act { id: "a1", at: now, actor: Some("olga"), note: Some("her sister's phone") };
//!     identities.undo(tenant, seen.merges[0], &act).await.unwrap();
//!     assert_eq!(identities.canonical(tenant, id(1)).await.unwrap(), Some(id(1)));
//! });
//! ```

mod around;
mod changes;
#[cfg(any(test, feature = "contract-tests"))]
pub mod contract;
mod decide;
mod memory;
mod merges;
mod resolver;
mod tenant;
mod types;

use std::future::Future;

use stratum_core::id::{ProfileId, TenantId};

pub use changes::{HandMerge, IdentityChanges, MergedProfiles, RefusedIdentifier, UndoneMerge};
pub use decide::{decide, decide_merge, decide_undo};
pub use memory::MemoryIdentityStore;
pub use merges::{MergeNumber, MergeQuery, MergeRecord, Trigger};
pub use resolver::{ActError, IdentityResolver, MergedByHand, Observed};
pub use types::{
    IdentityRevision, IdentityStoreError, LoadedMerge, PartedMark, StoredConsent, StoredEvent,
    StoredIdentifier, StoredProfile, StoredSighting, Surroundings, Touched,
};

/// Where profiles, their identifiers and their merges live. Small, asynchronous, and of no particular executor.
///
/// Each of the three commits makes all of its changes or none, and is a `Conflict` if something that was loaded has changed
/// since. The feature `contract-tests` has the test that every implementation must pass.
pub trait IdentityStore: Sync {
    /// The profiles that hold these identifiers or those of this visit, and what is known of identifiers that nobody holds.
    ///
    /// # Errors
    /// [`IdentityStoreError`].
    fn load(
        &self,
        tenant_id: TenantId,
        touched: Touched<'_>,
    ) -> impl Future<Output = Result<Surroundings, IdentityStoreError>> + Send;

    /// A merge, with everything that undoing it needs.
    ///
    /// # Errors
    /// [`IdentityStoreError`].
    fn load_merge(
        &self,
        tenant_id: TenantId,
        number: MergeNumber,
    ) -> impl Future<Output = Result<Option<LoadedMerge>, IdentityStoreError>> + Send;

    /// Makes the changes of one event; gives the numbers of its merges, in their order.
    ///
    /// # Errors
    /// `Conflict`; [`IdentityStoreError::Unavailable`].
    fn commit(
        &self,
        tenant_id: TenantId,
        read_at: IdentityRevision,
        changes: &IdentityChanges,
    ) -> impl Future<Output = Result<Vec<MergeNumber>, IdentityStoreError>> + Send;

    /// Makes a merge by hand; gives the numbers of its merges, in their order.
    ///
    /// # Errors
    /// `Conflict`; [`IdentityStoreError::Unavailable`].
    fn commit_merge(
        &self,
        tenant_id: TenantId,
        read_at: IdentityRevision,
        changes: &HandMerge,
    ) -> impl Future<Output = Result<Vec<MergeNumber>, IdentityStoreError>> + Send;

    /// Undoes a merge.
    ///
    /// # Errors
    /// `Conflict`; [`IdentityStoreError::Unavailable`].
    fn commit_undo(
        &self,
        tenant_id: TenantId,
        read_at: IdentityRevision,
        changes: &UndoneMerge,
    ) -> impl Future<Output = Result<(), IdentityStoreError>> + Send;

    /// The merges that a query asks for, the newest first.
    ///
    /// # Errors
    /// [`IdentityStoreError`].
    fn merges(
        &self,
        tenant_id: TenantId,
        query: MergeQuery,
    ) -> impl Future<Output = Result<Vec<MergeRecord>, IdentityStoreError>> + Send;

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

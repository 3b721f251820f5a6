//! The engine between a policy and a store.

use std::future::Future;
use std::sync::Arc;

use stratum_core::id::{ProfileId, TenantId};

use super::changes::{HandMerge, IdentityChanges, UndoneMerge};
use super::merges::{MergeNumber, MergeQuery, MergeRecord};
use super::types::{IdentityRevision, IdentityStoreError, LoadedMerge, Surroundings, Touched};
use super::{IdentityStore, decide, decide_merge, decide_undo};
use crate::identifier::Identifier;
use crate::identity::act::Act;
use crate::identity::compiled::CompiledIdentityPolicy;
use crate::identity::engine::Observation;
use crate::identity::key::IdentifierKey;

/// How often an event or act is decided again because something changed between its reading and its commit.
const ATTEMPTS: usize = 8;

/// Resolves identities on a store under a policy. It holds no state of its own.
#[derive(Debug, Clone)]
pub struct IdentityResolver<S> {
    store: S,
    policy: Arc<CompiledIdentityPolicy>,
}

/// What an event came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Observed {
    /// What it changed.
    pub changes: IdentityChanges,
    /// The numbers of its merges, in their order: by them they are undone.
    pub merges: Vec<MergeNumber>,
}

/// What a merge by hand came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MergedByHand {
    /// What it changed.
    pub changes: HandMerge,
    /// The numbers of its merges, in their order; none if the profiles were one before.
    pub merges: Vec<MergeNumber>,
}

/// Why an act was not done.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ActError {
    /// An operator named an identifier that no profile holds; nothing was done.
    #[error("no profile holds the identifier at position {position}")]
    UnknownIdentifier {
        /// Which of those that were named, from 0.
        position: usize,
    },
    /// There is no such merge, it was undone, or nothing of it is left to part.
    #[error("there is no such merge, or it was undone")]
    NoSuchMerge,
    /// The merge is older than the policy's days for undoing.
    #[error("the merge is too old to be undone")]
    UndoTooLate,
    /// The store did not do it.
    #[error(transparent)]
    Store(#[from] IdentityStoreError),
}

impl<S: IdentityStore> IdentityResolver<S> {
    /// A resolver on this store, under this policy.
    pub fn new(store: S, policy: impl Into<Arc<CompiledIdentityPolicy>>) -> Self {
        Self { store, policy: policy.into() }
    }

    /// The store.
    pub const fn store(&self) -> &S {
        &self.store
    }

    /// The policy in force.
    pub fn policy(&self) -> &CompiledIdentityPolicy {
        &self.policy
    }

    #[cfg(any(test, feature = "contract-tests"))]
    pub(super) const fn shared_policy(&self) -> &Arc<CompiledIdentityPolicy> {
        &self.policy
    }

    /// Resolves one event. `new_id` is the id of the profile, should it make one. `None`: the event names nobody.
    ///
    /// # Errors
    /// [`IdentityStoreError`]; `Conflict` if others changed the same profiles again and again.
    pub async fn observe(
        &self,
        tenant_id: TenantId,
        event: &Observation<'_>,
        new_id: ProfileId,
    ) -> Result<Option<Observed>, IdentityStoreError> {
        let keys: Vec<IdentifierKey> = event
            .identifiers
            .iter()
            .map(|identifier| IdentifierKey::new(identifier.kind(), event.source_system, identifier.value()))
            .collect();
        let visit = event.visit(&self.policy);
        let touched = Touched { identifiers: &keys, visit: visit.as_ref().map(Identifier::value) };
        for _ in 0..ATTEMPTS {
            let around = self.store.load(tenant_id, touched).await?;
            let Some(changes) = decide(&around, &self.policy, event, new_id) else { return Ok(None) };
            match self.store.commit(tenant_id, around.revision, &changes).await {
                Err(IdentityStoreError::Conflict) => {}
                done => return done.map(|merges| Some(Observed { changes, merges })),
            }
        }
        Err(IdentityStoreError::Conflict)
    }

    /// Makes the profiles that hold these identifiers one, whatever speaks against it. Doing so again changes nothing.
    ///
    /// # Errors
    /// [`ActError::UnknownIdentifier`], [`ActError::Store`].
    pub async fn merge_by_hand(
        &self,
        tenant_id: TenantId,
        identifiers: &[IdentifierKey],
        act: &Act<'_>,
    ) -> Result<MergedByHand, ActError> {
        let touched = Touched { identifiers, visit: None };
        for _ in 0..ATTEMPTS {
            let around = self.store.load(tenant_id, touched).await?;
            let changes = decide_merge(&around, &self.policy, act, identifiers)?;
            match self.store.commit_merge(tenant_id, around.revision, &changes).await {
                Err(IdentityStoreError::Conflict) => {}
                done => return Ok(done.map(|merges| MergedByHand { changes, merges })?),
            }
        }
        Err(IdentityStoreError::Conflict.into())
    }

    /// Undoes a merge: what the absorbed profile held leaves again, with its events and those that only its identifiers speak
    /// for, and no event joins the two sides any more.
    ///
    /// # Errors
    /// [`ActError::NoSuchMerge`], [`ActError::UndoTooLate`], [`ActError::Store`].
    pub async fn undo(
        &self,
        tenant_id: TenantId,
        merge: MergeNumber,
        act: &Act<'_>,
    ) -> Result<UndoneMerge, ActError> {
        for _ in 0..ATTEMPTS {
            let loaded = self.store.load_merge(tenant_id, merge).await?.ok_or(ActError::NoSuchMerge)?;
            let changes = decide_undo(&loaded, &self.policy, act)?;
            match self.store.commit_undo(tenant_id, loaded.revision, &changes).await {
                Err(IdentityStoreError::Conflict) => {}
                done => return Ok(done.map(|()| changes)?),
            }
        }
        Err(IdentityStoreError::Conflict.into())
    }

    /// The history of merges, the newest first.
    ///
    /// # Errors
    /// [`IdentityStoreError`].
    pub async fn history(
        &self,
        tenant_id: TenantId,
        query: MergeQuery,
    ) -> Result<Vec<MergeRecord>, IdentityStoreError> {
        self.store.merges(tenant_id, query).await
    }

    /// The profile that answers for this one: itself, or the one that absorbed it.
    ///
    /// # Errors
    /// [`IdentityStoreError`].
    pub async fn canonical(
        &self,
        tenant_id: TenantId,
        profile_id: ProfileId,
    ) -> Result<Option<ProfileId>, IdentityStoreError> {
        self.store.canonical(tenant_id, profile_id).await
    }
}

/// A borrowed store does as well as an owned one.
impl<S: IdentityStore> IdentityStore for &S {
    fn load(
        &self,
        tenant_id: TenantId,
        touched: Touched<'_>,
    ) -> impl Future<Output = Result<Surroundings, IdentityStoreError>> + Send {
        (**self).load(tenant_id, touched)
    }

    fn load_merge(
        &self,
        tenant_id: TenantId,
        number: MergeNumber,
    ) -> impl Future<Output = Result<Option<LoadedMerge>, IdentityStoreError>> + Send {
        (**self).load_merge(tenant_id, number)
    }

    fn commit(
        &self,
        tenant_id: TenantId,
        read_at: IdentityRevision,
        changes: &IdentityChanges,
    ) -> impl Future<Output = Result<Vec<MergeNumber>, IdentityStoreError>> + Send {
        (**self).commit(tenant_id, read_at, changes)
    }

    fn commit_merge(
        &self,
        tenant_id: TenantId,
        read_at: IdentityRevision,
        changes: &HandMerge,
    ) -> impl Future<Output = Result<Vec<MergeNumber>, IdentityStoreError>> + Send {
        (**self).commit_merge(tenant_id, read_at, changes)
    }

    fn commit_undo(
        &self,
        tenant_id: TenantId,
        read_at: IdentityRevision,
        changes: &UndoneMerge,
    ) -> impl Future<Output = Result<(), IdentityStoreError>> + Send {
        (**self).commit_undo(tenant_id, read_at, changes)
    }

    fn merges(
        &self,
        tenant_id: TenantId,
        query: MergeQuery,
    ) -> impl Future<Output = Result<Vec<MergeRecord>, IdentityStoreError>> + Send {
        (**self).merges(tenant_id, query)
    }

    fn canonical(
        &self,
        tenant_id: TenantId,
        profile_id: ProfileId,
    ) -> impl Future<Output = Result<Option<ProfileId>, IdentityStoreError>> + Send {
        (**self).canonical(tenant_id, profile_id)
    }
}

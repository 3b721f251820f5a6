//! The ports. Small, asynchronous, and of no particular executor; implementations may write `async fn`.

use std::future::Future;

use stratum_core::Timestamp;
use stratum_core::gate::OpenIncident;
use stratum_core::health::HealthSnapshot;
use stratum_core::id::{ActionId, TenantId};
use stratum_core::vocabulary::Platform;

use super::{Commit, LoadedAction, Moment, Revision, StoreError, TenantSettings};
use crate::action::Action;
use crate::audit::{ChainHead, StoredRecord};
use crate::enforcement::EnforcementFacts;
use crate::kill_switch::KillSwitches;

/// Where actions live, with all that is committed together with them.
pub trait ActionStore: Sync {
    /// The tenant's present revision.
    ///
    /// # Errors
    /// [`StoreError`].
    fn revision(&self, tenant_id: TenantId) -> impl Future<Output = Result<Revision, StoreError>> + Send;

    /// An action with its surroundings, read at one revision; `None` where the tenant has no such action.
    ///
    /// # Errors
    /// [`StoreError`].
    fn load(
        &self,
        tenant_id: TenantId,
        action_id: ActionId,
        moment: Moment,
    ) -> impl Future<Output = Result<Option<LoadedAction>, StoreError>> + Send;

    /// Actions that an executor has to look at: approved ones, expired ones, and claims that have lapsed; oldest first,
    /// then by id.
    ///
    /// # Errors
    /// [`StoreError`].
    fn due(
        &self,
        tenant_id: TenantId,
        now: Timestamp,
    ) -> impl Future<Output = Result<Vec<ActionId>, StoreError>> + Send;

    /// Stores a decision that was read at this revision, and moves the revision: all of it, or nothing.
    ///
    /// # Errors
    /// `Conflict` at another revision; [`StoreError::Unavailable`].
    fn commit(
        &self,
        tenant_id: TenantId,
        read_at: Revision,
        commit: Commit,
    ) -> impl Future<Output = Result<(), StoreError>> + Send;
}

/// Where a tenant's settings live.
pub trait SettingsStore: Sync {
    /// How the tenant wants its actions decided. A change of them moves the revision of the tenant's [`ActionStore`].
    ///
    /// # Errors
    /// [`StoreError`].
    fn settings(
        &self,
        tenant_id: TenantId,
    ) -> impl Future<Output = Result<TenantSettings, StoreError>> + Send;

    /// The kill switches that concern the tenant. They are turned by a [`Commit`].
    ///
    /// # Errors
    /// [`StoreError`].
    fn switches(&self, tenant_id: TenantId) -> impl Future<Output = Result<KillSwitches, StoreError>> + Send;
}

/// What is known of the signals: read anew for every decision.
pub trait SignalStore: Sync {
    /// The newest health snapshot of each of these platforms, where there is one.
    ///
    /// # Errors
    /// [`StoreError`].
    fn snapshots(
        &self,
        tenant_id: TenantId,
        platforms: &[Platform],
    ) -> impl Future<Output = Result<Vec<HealthSnapshot>, StoreError>> + Send;

    /// The incidents that are open on these platforms.
    ///
    /// # Errors
    /// [`StoreError`].
    fn open_incidents(
        &self,
        tenant_id: TenantId,
        platforms: &[Platform],
    ) -> impl Future<Output = Result<Vec<OpenIncident>, StoreError>> + Send;

    /// What enforcement looks at beside the changes made: the campaign's figures, budgets, exposure. `base` carries the
    /// instant, the currency and the changes; the implementation adds what it knows and leaves the rest absent.
    ///
    /// # Errors
    /// [`StoreError`].
    fn figures(
        &self,
        action: &Action,
        base: EnforcementFacts,
    ) -> impl Future<Output = Result<EnforcementFacts, StoreError>> + Send;
}

/// The tenant's audit chain, for reading. It is written by a [`Commit`] alone.
pub trait AuditLog: Sync {
    /// Where the chain ends.
    ///
    /// # Errors
    /// [`StoreError`].
    fn head(&self, tenant_id: TenantId) -> impl Future<Output = Result<ChainHead, StoreError>> + Send;

    /// At most `limit` records after position `after_seq`, in their order.
    ///
    /// # Errors
    /// [`StoreError`].
    fn records(
        &self,
        tenant_id: TenantId,
        after_seq: u64,
        limit: usize,
    ) -> impl Future<Output = Result<Vec<StoredRecord>, StoreError>> + Send;
}

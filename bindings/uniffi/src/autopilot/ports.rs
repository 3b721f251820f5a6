//! The engine's ports over memory that the autopilot shares with it.

use std::future::Future;
use std::sync::Arc;

use stratum_ffi::stratum_autopilot::action::Action;
use stratum_ffi::stratum_autopilot::enforcement::EnforcementFacts;
use stratum_ffi::stratum_autopilot::kill_switch::KillSwitches;
use stratum_ffi::stratum_autopilot::store::{
    ActionStore, Commit, LoadedAction, MemorySignals, MemoryStore, Moment, Revision, SettingsStore,
    SignalStore, StoreError, TenantSettings,
};
use stratum_ffi::stratum_core::Timestamp;
use stratum_ffi::stratum_core::gate::OpenIncident;
use stratum_ffi::stratum_core::health::HealthSnapshot;
use stratum_ffi::stratum_core::id::{ActionId, TenantId};
use stratum_ffi::stratum_core::vocabulary::Platform;

/// Actions and settings, shared.
pub(super) struct Store(pub(super) Arc<MemoryStore>);

/// Snapshots, incidents and figures, shared.
pub(super) struct Signals(pub(super) Arc<MemorySignals>);

impl ActionStore for Store {
    fn revision(&self, tenant_id: TenantId) -> impl Future<Output = Result<Revision, StoreError>> + Send {
        self.0.revision(tenant_id)
    }

    fn load(
        &self,
        tenant_id: TenantId,
        action_id: ActionId,
        moment: Moment,
    ) -> impl Future<Output = Result<Option<LoadedAction>, StoreError>> + Send {
        self.0.load(tenant_id, action_id, moment)
    }

    fn due(
        &self,
        tenant_id: TenantId,
        now: Timestamp,
    ) -> impl Future<Output = Result<Vec<ActionId>, StoreError>> + Send {
        self.0.due(tenant_id, now)
    }

    fn commit(
        &self,
        tenant_id: TenantId,
        read_at: Revision,
        commit: Commit,
    ) -> impl Future<Output = Result<(), StoreError>> + Send {
        self.0.commit(tenant_id, read_at, commit)
    }
}

impl SettingsStore for Store {
    fn settings(
        &self,
        tenant_id: TenantId,
    ) -> impl Future<Output = Result<TenantSettings, StoreError>> + Send {
        self.0.settings(tenant_id)
    }

    fn switches(&self, tenant_id: TenantId) -> impl Future<Output = Result<KillSwitches, StoreError>> + Send {
        self.0.switches(tenant_id)
    }
}

impl SignalStore for Signals {
    fn snapshots(
        &self,
        tenant_id: TenantId,
        platforms: &[Platform],
    ) -> impl Future<Output = Result<Vec<HealthSnapshot>, StoreError>> + Send {
        self.0.snapshots(tenant_id, platforms)
    }

    fn open_incidents(
        &self,
        tenant_id: TenantId,
        platforms: &[Platform],
    ) -> impl Future<Output = Result<Vec<OpenIncident>, StoreError>> + Send {
        self.0.open_incidents(tenant_id, platforms)
    }

    fn figures(
        &self,
        action: &Action,
        base: EnforcementFacts,
    ) -> impl Future<Output = Result<EnforcementFacts, StoreError>> + Send {
        self.0.figures(action, base)
    }
}

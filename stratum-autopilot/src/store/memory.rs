//! The ports in memory: for embedding, and as the plainest statement of their contract.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use stratum_core::Timestamp;
use stratum_core::gate::OpenIncident;
use stratum_core::health::HealthSnapshot;
use stratum_core::id::{ActionId, TenantId};
use stratum_core::vocabulary::Platform;

use super::{
    ActionStore, AuditLog, ChangeHistory, Commit, LoadedAction, Moment, Revision, SettingsStore, SignalStore,
    StoreError, TenantSettings,
};
use crate::action::{Action, ActionState};
use crate::audit::{ChainHead, StoredRecord};
use crate::enforcement::{CampaignFigures, Confirmation, EnforcementFacts, EntityBudget, Exposure};
use crate::kill_switch::KillSwitches;

/// Actions, settings, kill switches and audit chains of any number of tenants.
#[derive(Debug, Default)]
pub struct MemoryStore {
    tenants: Mutex<BTreeMap<TenantId, Tenant>>,
}

#[derive(Debug, Default)]
struct Tenant {
    revision: Revision,
    settings: Option<TenantSettings>,
    switches: KillSwitches,
    actions: BTreeMap<ActionId, Action>,
    confirmations: BTreeMap<ActionId, Confirmation>,
    head: Option<ChainHead>,
    records: Vec<StoredRecord>,
}

impl Tenant {
    fn move_on(&mut self) {
        self.revision = Revision(self.revision.0.saturating_add(1));
    }

    fn history_of(&self, action: &Action, moment: Moment) -> ChangeHistory {
        ChangeHistory::of(action, self.actions.values(), moment)
    }
}

impl MemoryStore {
    /// A store without tenants.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets how a tenant wants its actions decided.
    pub fn configure(&self, tenant_id: TenantId, settings: TenantSettings) {
        let mut tenants = self.lock();
        let tenant = tenants.entry(tenant_id).or_default();
        tenant.settings = Some(settings);
        tenant.move_on();
    }

    /// Every action of a tenant, by id.
    #[must_use]
    pub fn actions(&self, tenant_id: TenantId) -> Vec<Action> {
        self.lock()
            .get(&tenant_id)
            .map(|tenant| tenant.actions.values().cloned().collect())
            .unwrap_or_default()
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<TenantId, Tenant>> {
        // Nothing panics while the lock is held, and what a commit wrote is whole.
        self.tenants.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl ActionStore for MemoryStore {
    async fn revision(&self, tenant_id: TenantId) -> Result<Revision, StoreError> {
        Ok(self.lock().get(&tenant_id).map(|tenant| tenant.revision).unwrap_or_default())
    }

    async fn load(
        &self,
        tenant_id: TenantId,
        action_id: ActionId,
        moment: Moment,
    ) -> Result<Option<LoadedAction>, StoreError> {
        let tenants = self.lock();
        let Some((tenant, action)) =
            tenants.get(&tenant_id).and_then(|tenant| Some((tenant, tenant.actions.get(&action_id)?)))
        else {
            return Ok(None);
        };
        let other_half = action.pair_id().and_then(|pair_id| {
            tenant.actions.values().find(|other| other.pair_id() == Some(pair_id) && other.id() != action_id)
        });
        Ok(Some(LoadedAction {
            revision: tenant.revision,
            action: action.clone(),
            other_half: other_half.map(|other| (other.clone(), tenant.history_of(other, moment))),
            confirmation: tenant.confirmations.get(&action_id).cloned(),
            history: tenant.history_of(action, moment),
            switches: tenant.switches.clone(),
        }))
    }

    async fn due(&self, tenant_id: TenantId, now: Timestamp) -> Result<Vec<ActionId>, StoreError> {
        let tenants = self.lock();
        let mut due: Vec<(Timestamp, ActionId)> = tenants
            .get(&tenant_id)
            .into_iter()
            .flat_map(|tenant| tenant.actions.values())
            .filter(|action| {
                action.state() == ActionState::Approved || action.is_expired(now) || action.lease_lapsed(now)
            })
            .map(|action| (action.created_at(), action.id()))
            .collect();
        due.sort();
        Ok(due.into_iter().map(|(_, id)| id).collect())
    }

    async fn commit(&self, tenant_id: TenantId, read_at: Revision, commit: Commit) -> Result<(), StoreError> {
        let mut tenants = self.lock();
        let tenant = tenants.entry(tenant_id).or_default();
        if tenant.revision != read_at {
            return Err(StoreError::Conflict);
        }
        // What can go wrong comes first: a record that cannot be made leaves everything as it was.
        let mut head = tenant.head.unwrap_or_else(|| ChainHead::genesis(tenant_id));
        let mut records = Vec::with_capacity(commit.entries.len());
        for entry in commit.entries {
            let (record, next) =
                head.append(entry).map_err(|problem| StoreError::Unavailable(problem.to_string()))?;
            records.push(record.to_stored().map_err(|problem| StoreError::Unavailable(problem.to_string()))?);
            head = next;
        }
        tenant.head = Some(head);
        tenant.records.extend(records);
        for action in commit.actions {
            tenant.actions.insert(action.id(), action);
        }
        if let Some(confirmation) = commit.confirmation {
            tenant.confirmations.insert(confirmation.action_id(), confirmation);
        }
        if let Some(switches) = commit.switches {
            tenant.switches = switches;
        }
        tenant.move_on();
        Ok(())
    }
}

impl SettingsStore for MemoryStore {
    async fn settings(&self, tenant_id: TenantId) -> Result<TenantSettings, StoreError> {
        let tenants = self.lock();
        tenants.get(&tenant_id).and_then(|tenant| tenant.settings.clone()).ok_or(StoreError::UnknownTenant)
    }

    async fn switches(&self, tenant_id: TenantId) -> Result<KillSwitches, StoreError> {
        Ok(self.lock().get(&tenant_id).map(|tenant| tenant.switches.clone()).unwrap_or_default())
    }
}

impl AuditLog for MemoryStore {
    async fn head(&self, tenant_id: TenantId) -> Result<ChainHead, StoreError> {
        let tenants = self.lock();
        Ok(tenants
            .get(&tenant_id)
            .and_then(|tenant| tenant.head)
            .unwrap_or_else(|| ChainHead::genesis(tenant_id)))
    }

    async fn records(
        &self,
        tenant_id: TenantId,
        after_seq: u64,
        limit: usize,
    ) -> Result<Vec<StoredRecord>, StoreError> {
        let skip = usize::try_from(after_seq).unwrap_or(usize::MAX);
        let tenants = self.lock();
        let records = tenants.get(&tenant_id).map(|tenant| tenant.records.as_slice()).unwrap_or_default();
        Ok(records.iter().skip(skip).take(limit).cloned().collect())
    }
}

/// The newest snapshots, open incidents and figures of any number of tenants.
#[derive(Debug, Default)]
pub struct MemorySignals {
    known: Mutex<Known>,
}

#[derive(Debug, Default)]
struct Known {
    snapshots: BTreeMap<(TenantId, Platform), HealthSnapshot>,
    incidents: BTreeMap<TenantId, Vec<OpenIncident>>,
    figures: BTreeMap<(TenantId, Platform, String), Figures>,
}

#[derive(Debug, Clone, Copy, Default)]
struct Figures {
    budget: Option<EntityBudget>,
    campaign: CampaignFigures,
    exposure: Exposure,
}

impl MemorySignals {
    /// Signals of which nothing is known.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes a snapshot, unless a newer one is known.
    pub fn put_snapshot(&self, snapshot: HealthSnapshot) {
        let mut known = self.lock();
        let key = (snapshot.tenant_id, snapshot.platform);
        if known.snapshots.get(&key).is_none_or(|newest| newest.computed_at <= snapshot.computed_at) {
            known.snapshots.insert(key, snapshot);
        }
    }

    /// Sets which incidents of a tenant are open.
    pub fn set_incidents(&self, tenant_id: TenantId, open: Vec<OpenIncident>) {
        self.lock().incidents.insert(tenant_id, open);
    }

    /// Sets what is known of an entity: its budget, its campaign's return and how often people saw it.
    pub fn set_figures(
        &self,
        tenant_id: TenantId,
        platform: Platform,
        entity_id: impl Into<String>,
        budget: Option<EntityBudget>,
        campaign: CampaignFigures,
        exposure: Exposure,
    ) {
        let figures = Figures { budget, campaign, exposure };
        self.lock().figures.insert((tenant_id, platform, entity_id.into()), figures);
    }

    fn lock(&self) -> MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl SignalStore for MemorySignals {
    async fn snapshots(
        &self,
        tenant_id: TenantId,
        platforms: &[Platform],
    ) -> Result<Vec<HealthSnapshot>, StoreError> {
        let known = self.lock();
        Ok(platforms
            .iter()
            .filter_map(|&platform| known.snapshots.get(&(tenant_id, platform)).cloned())
            .collect())
    }

    async fn open_incidents(
        &self,
        tenant_id: TenantId,
        platforms: &[Platform],
    ) -> Result<Vec<OpenIncident>, StoreError> {
        let known = self.lock();
        Ok(known
            .incidents
            .get(&tenant_id)
            .into_iter()
            .flatten()
            .filter(|incident| platforms.contains(&incident.platform))
            .copied()
            .collect())
    }

    async fn figures(&self, action: &Action, base: EnforcementFacts) -> Result<EnforcementFacts, StoreError> {
        let key = (action.tenant_id(), action.platform(), action.entity_id().to_owned());
        let Figures { budget, campaign, exposure } =
            self.lock().figures.get(&key).copied().unwrap_or_default();
        Ok(EnforcementFacts { budget, campaign, exposure, ..base })
    }
}

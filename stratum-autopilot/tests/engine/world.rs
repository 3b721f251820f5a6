//! A tenant with three campaigns on two platforms, a sandbox, and a store that fails when told to.

use std::collections::VecDeque;
use std::sync::Mutex;

use stratum_autopilot::action::{Action, BudgetKind, Change, EntityStatus, NewAction, Origin};
use stratum_autopilot::approval::ApprovalSettings;
use stratum_autopilot::audit::{Actor, AuditAction, AuditEntry, ChainHead, verify};
use stratum_autopilot::enforcement::{EnforcementFacts, EnforcementMode, EnforcementSettings};
use stratum_autopilot::engine::{Autopilot, EngineError, Stepped};
use stratum_autopilot::kill_switch::KillSwitches;
use stratum_autopilot::permit::Permit;
use stratum_autopilot::platform::sandbox::{Sandbox, SandboxEntity, SandboxPlatform};
use stratum_autopilot::platform::{AdPlatform, Applied, CallOutcome, EntityRef, EntityValue, PlatformError};
use stratum_autopilot::store::{
    ActionStore, AuditLog, Commit, LoadedAction, MemorySignals, MemoryStore, Moment, Revision, SettingsStore,
    SignalStore, StoreError, TenantSettings,
};
use stratum_core::gate::OpenIncident;
use stratum_core::health::{ApiFacts, ComponentReading, HealthSnapshot};
use stratum_core::id::{ActionId, TenantId, UserId};
use stratum_core::policy::TrustPolicy;
use stratum_core::vocabulary::{
    ActionType, EntityType, HealthComponent, HealthPreset, HealthStatus, Platform,
};
use stratum_core::{Currency, Score, Timestamp};

pub(crate) const MAX_CHANGES_PER_DAY: u32 = 3;

pub(crate) fn tenant() -> TenantId {
    "0198c9a0-0000-7000-8000-000000000001".parse().unwrap()
}

pub(crate) fn person() -> UserId {
    "0198c9a0-0000-7000-8000-0000000000aa".parse().unwrap()
}

pub(crate) fn noon() -> Timestamp {
    "2026-03-01T12:00:00Z".parse().unwrap()
}

/// How the next calls of the store go wrong; `None` is a call that works.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum StoreFault {
    None,
    /// It fails and nothing is stored.
    Before,
    /// It is stored, and the answer is lost.
    After,
}

#[derive(Default)]
pub(crate) struct World {
    pub(crate) store: MemoryStore,
    pub(crate) signals: MemorySignals,
    pub(crate) platform: SandboxPlatform,
    faults: Mutex<VecDeque<StoreFault>>,
}

pub(crate) type Engine<'a> = Autopilot<&'a World, &'a World, &'a World>;

impl World {
    pub(crate) fn new() -> Self {
        let world = Self { platform: SandboxPlatform::new(Sandbox::new()), ..Self::default() };
        let limits = EnforcementSettings {
            max_changes_per_day: MAX_CHANGES_PER_DAY,
            min_hours_between_changes: 0,
            default_mode: EnforcementMode::SoftBlock,
            ..EnforcementSettings::default()
        };
        world.store.configure(
            tenant(),
            TenantSettings {
                trust: TrustPolicy::default().compile().unwrap(),
                enforcement: limits.compile().unwrap(),
                approval: ApprovalSettings::default(),
                currency: Currency::USD,
            },
        );
        for campaign in 0..3 {
            for platform in [Platform::Meta, Platform::Google] {
                let value = EntityValue::new(EntityStatus::Active, Currency::USD).daily_budget(10_000);
                let entity = EntityRef { platform, ..entity(campaign) };
                world.platform.lock().put(SandboxEntity::new(entity, value));
            }
        }
        world
    }

    pub(crate) fn engine(&self) -> Engine<'_> {
        Autopilot::new(self, self, self)
    }

    pub(crate) fn health(&self, platform: Platform, score: f64, at: Timestamp) {
        self.signals.put_snapshot(snapshot(platform, score, at));
    }

    pub(crate) fn fail_next(&self, faults: impl IntoIterator<Item = StoreFault>) {
        self.faults.lock().unwrap().extend(faults);
    }

    pub(crate) fn heal(&self) {
        self.faults.lock().unwrap().clear();
        self.platform.lock().clear_faults();
    }

    fn fault(&self) -> StoreFault {
        self.faults.lock().unwrap().pop_front().unwrap_or(StoreFault::None)
    }

    fn may_fail(&self) -> Result<(), StoreError> {
        if self.fault() == StoreFault::None { Ok(()) } else { Err(broken()) }
    }

    pub(crate) fn action(&self, id: ActionId) -> Action {
        self.store.actions(tenant()).into_iter().find(|action| action.id() == id).unwrap()
    }

    /// How often the sandbox accepted this action.
    pub(crate) fn executions(&self, id: ActionId) -> usize {
        self.platform.lock().ledger().iter().filter(|entry| entry.idempotency_key == id).count()
    }

    /// The audit chain, verified.
    pub(crate) fn audit(&self) -> Vec<AuditEntry> {
        let records = pollster::block_on(self.store.records(tenant(), 0, usize::MAX)).unwrap();
        verify(ChainHead::genesis(tenant()), &records).unwrap();
        records.iter().map(|record| record.read().unwrap()).collect()
    }

    pub(crate) fn trail(&self, id: ActionId) -> Vec<AuditAction> {
        let id = id.to_string();
        self.audit()
            .into_iter()
            .filter(|entry| entry.resource_id.as_ref() == Some(&id))
            .map(|entry| entry.action)
            .collect()
    }

    pub(crate) fn propose(&self, new: NewAction, now: Timestamp) -> Result<ActionId, EngineError> {
        let moment = Moment::utc(now);
        pollster::block_on(self.engine().propose(new, Actor::system(), moment)).map(|(action, _)| action.id())
    }

    pub(crate) fn approve(&self, id: ActionId, now: Timestamp) -> Result<Action, EngineError> {
        let moment = Moment::utc(now);
        pollster::block_on(self.engine().approve(tenant(), id, person(), None, None, moment))
    }

    pub(crate) fn step(&self, id: ActionId, now: Timestamp) -> Result<Stepped, EngineError> {
        pollster::block_on(self.engine().step(tenant(), id, Moment::utc(now)))
    }

    pub(crate) fn run(&self, now: Timestamp) {
        // An error of the list is one of the failures that the engine must survive.
        let _ = pollster::block_on(self.engine().run_once(tenant(), Moment::utc(now)));
    }
}

pub(crate) fn entity(campaign: u8) -> EntityRef {
    EntityRef {
        tenant_id: tenant(),
        platform: Platform::Meta,
        entity_type: EntityType::Campaign,
        entity_id: format!("campaign-{campaign}"),
    }
}

fn new_action(id: u8, campaign: u8, action_type: ActionType, change: Change) -> NewAction {
    let entity = entity(campaign);
    NewAction {
        id: ActionId::v7(noon(), [id; 10]),
        tenant_id: entity.tenant_id,
        action_type,
        platform: entity.platform,
        entity_type: entity.entity_type,
        entity_id: entity.entity_id,
        entity_name: None,
        change,
        origin: Origin::Recommendation,
        created_by: None,
        reason: None,
        pair_id: None,
        reverts: None,
        ttl_hours: 24,
    }
}

pub(crate) fn lower(id: u8, campaign: u8, before_cents: i64, after_cents: i64) -> NewAction {
    let change =
        Change::Budget { kind: BudgetKind::Daily, before_cents, after_cents, currency: Currency::USD };
    new_action(id, campaign, ActionType::BudgetDecrease, change)
}

pub(crate) fn pause(id: u8, campaign: u8) -> NewAction {
    let change = Change::Status { before: EntityStatus::Active, after: EntityStatus::Paused };
    new_action(id, campaign, ActionType::PauseCampaign, change)
}

pub(crate) fn snapshot(platform: Platform, score: f64, at: Timestamp) -> HealthSnapshot {
    let score = Score::new(score).unwrap();
    let reading = |name, weight: f64| ComponentReading {
        name,
        score: Some(score),
        weight,
        contribution: weight * score.get() / 100.0,
        required: weight >= 25.0,
    };
    HealthSnapshot {
        snapshot_id: None,
        tenant_id: tenant(),
        platform,
        preset: HealthPreset::Five,
        score,
        status: HealthStatus::Healthy,
        coverage_pct: 100.0,
        components: vec![
            reading(HealthComponent::Emq, 35.0),
            reading(HealthComponent::ApiHealth, 25.0),
            reading(HealthComponent::EventLoss, 20.0),
            reading(HealthComponent::PlatformStability, 10.0),
            reading(HealthComponent::DataQuality, 10.0),
        ],
        issues: Vec::new(),
        api: ApiFacts::default(),
        computed_at: at,
        data_as_of: Some(at),
    }
}

fn broken() -> StoreError {
    StoreError::Unavailable("told to fail".to_owned())
}

impl ActionStore for &World {
    async fn revision(&self, tenant_id: TenantId) -> Result<Revision, StoreError> {
        self.may_fail()?;
        self.store.revision(tenant_id).await
    }

    async fn load(
        &self,
        tenant_id: TenantId,
        action_id: ActionId,
        moment: Moment,
    ) -> Result<Option<LoadedAction>, StoreError> {
        self.may_fail()?;
        self.store.load(tenant_id, action_id, moment).await
    }

    async fn due(&self, tenant_id: TenantId, now: Timestamp) -> Result<Vec<ActionId>, StoreError> {
        self.store.due(tenant_id, now).await
    }

    async fn commit(&self, tenant_id: TenantId, read_at: Revision, commit: Commit) -> Result<(), StoreError> {
        let fault = self.fault();
        if fault != StoreFault::Before {
            self.store.commit(tenant_id, read_at, commit).await?;
        }
        if fault == StoreFault::None { Ok(()) } else { Err(broken()) }
    }
}

impl SettingsStore for &World {
    async fn settings(&self, tenant_id: TenantId) -> Result<TenantSettings, StoreError> {
        self.may_fail()?;
        self.store.settings(tenant_id).await
    }

    async fn switches(&self, tenant_id: TenantId) -> Result<KillSwitches, StoreError> {
        self.store.switches(tenant_id).await
    }
}

impl SignalStore for &World {
    async fn snapshots(
        &self,
        tenant_id: TenantId,
        platforms: &[Platform],
    ) -> Result<Vec<HealthSnapshot>, StoreError> {
        self.may_fail()?;
        self.signals.snapshots(tenant_id, platforms).await
    }

    async fn open_incidents(
        &self,
        tenant_id: TenantId,
        platforms: &[Platform],
    ) -> Result<Vec<OpenIncident>, StoreError> {
        self.signals.open_incidents(tenant_id, platforms).await
    }

    async fn figures(&self, action: &Action, base: EnforcementFacts) -> Result<EnforcementFacts, StoreError> {
        self.signals.figures(action, base).await
    }
}

impl AdPlatform for World {
    async fn apply(&self, permit: Permit, now: Timestamp) -> Result<Applied, PlatformError> {
        self.platform.apply(permit, now).await
    }

    async fn read(&self, entity: &EntityRef, now: Timestamp) -> Result<EntityValue, PlatformError> {
        self.platform.read(entity, now).await
    }

    async fn outcome_of(
        &self,
        entity: &EntityRef,
        idempotency_key: ActionId,
        now: Timestamp,
    ) -> Result<CallOutcome, PlatformError> {
        self.platform.outcome_of(entity, idempotency_key, now).await
    }
}

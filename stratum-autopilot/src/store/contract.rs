//! What every implementation of a port must do. Run it against your own: each function wants a tenant that nobody else
//! uses, and says in words what was broken.
//!
//! ```
//! use stratum_autopilot::store::{MemoryStore, contract};
//!
//! let tenant = "0198c9a0-0000-7000-8000-000000000001".parse().unwrap();
//! let now = "2026-03-01T12:00:00Z".parse().unwrap();
//! pollster::block_on(contract::action_store(&MemoryStore::new(), tenant, now)).unwrap();
//! ```

use stratum_core::Timestamp;
use stratum_core::gate::OpenIncident;
use stratum_core::health::HealthSnapshot;
use stratum_core::id::{ActionId, TenantId};
use stratum_core::vocabulary::{ActionType, EntityType, Platform};

use super::{ActionStore, AuditLog, Commit, Moment, SettingsStore, SignalStore, StoreError};
use crate::action::{
    APPROVED_TTL_MS, Action, Approval, Approver, Change, EntityStatus, LEASE_MS, NewAction, Origin, Outcome,
};
use crate::audit::{Actor, AuditAction, NewAuditEntry, verify};
use crate::kill_switch::KillSwitches;

/// What was broken.
pub type Broken = String;

fn ensure(holds: bool, rule: &str) -> Result<(), Broken> {
    if holds { Ok(()) } else { Err(rule.to_owned()) }
}

fn works<T, E: std::fmt::Display>(result: Result<T, E>, what: &str) -> Result<T, Broken> {
    result.map_err(|error| format!("{what}: {error}"))
}

fn pause(tenant_id: TenantId, number: u8, now: Timestamp) -> Result<Action, Broken> {
    let new = NewAction {
        id: ActionId::v7(now, [number; 10]),
        tenant_id,
        action_type: ActionType::PauseCampaign,
        platform: Platform::Meta,
        entity_type: EntityType::Campaign,
        entity_id: "contract-1".to_owned(),
        entity_name: None,
        change: Change::Status { before: EntityStatus::Active, after: EntityStatus::Paused },
        origin: Origin::Recommendation,
        created_by: None,
        reason: None,
        pair_id: None,
        reverts: None,
        ttl_hours: 24,
    };
    works(Action::queue(new, now), "an action is queued")
}

fn noted(action: AuditAction, now: Timestamp) -> NewAuditEntry {
    NewAuditEntry::new(now, Actor::system(), action, "action")
}

const fn approval(now: Timestamp) -> Approval {
    Approval { by: Approver::System, at: now, override_reason: None }
}

/// The contract of [`ActionStore`], with the [`SettingsStore`] and the [`AuditLog`] that share its revision.
///
/// # Errors
/// The first rule that does not hold.
pub async fn action_store<S>(store: &S, tenant_id: TenantId, now: Timestamp) -> Result<(), Broken>
where
    S: ActionStore + SettingsStore + AuditLog,
{
    let moment = Moment::utc(now);
    let start = works(store.head(tenant_id).await, "the head of a chain")?;
    let mut action = pause(tenant_id, 1, now)?;
    let id = action.id();
    ensure(works(store.load(tenant_id, id, moment).await, "load")?.is_none(), "an unknown action is none")?;

    let read_at = works(store.revision(tenant_id).await, "revision")?;
    let queue = Commit::new([noted(AuditAction::Queued, now)]).action(action.clone());
    works(store.commit(tenant_id, read_at, queue.clone()).await, "a commit at the present revision")?;
    ensure(
        store.commit(tenant_id, read_at, queue).await == Err(StoreError::Conflict),
        "a commit at an earlier revision is a conflict",
    )?;
    let loaded = works(store.load(tenant_id, id, moment).await, "load")?.ok_or("a stored action is found")?;
    ensure(loaded.action == action, "an action is stored as it is")?;
    ensure(loaded.revision != read_at, "a commit moves the revision")?;
    ensure(works(store.due(tenant_id, now).await, "due")?.is_empty(), "a queued action is not due")?;

    // A refused entry takes the whole commit with it.
    works(action.approve(approval(now), now), "approve")?;
    let nameless = NewAuditEntry::new(now, Actor::system(), AuditAction::Approved, "");
    let refused = Commit::new([nameless]).action(action.clone());
    ensure(
        store.commit(tenant_id, loaded.revision, refused).await.is_err(),
        "a commit whose entry cannot be written is refused",
    )?;
    let again = works(store.load(tenant_id, id, moment).await, "load")?.ok_or("a stored action is found")?;
    ensure(again.action == loaded.action, "a refused commit changes no action")?;

    let approve = Commit::new([noted(AuditAction::Approved, now)]).action(action.clone());
    works(store.commit(tenant_id, again.revision, approve).await, "commit an approval")?;
    ensure(works(store.due(tenant_id, now).await, "due")? == [id], "an approved action is due")?;

    kill_switch(store, tenant_id, id, moment).await?;
    claims(store, tenant_id, action, now).await?;
    history(store, tenant_id, now).await?;

    let records = works(store.records(tenant_id, start.seq, 100).await, "records")?;
    let head = works(store.head(tenant_id).await, "head")?;
    ensure(records.len() == 6, "every committed entry is in the chain, and no other")?;
    ensure(works(verify(start, &records), "verify")? == head, "the chain ends at its head")?;
    let second = works(store.records(tenant_id, start.seq.saturating_add(1), 1).await, "records")?;
    ensure(records.get(1..2) == Some(second.as_slice()), "records are given from a position on")
}

/// A switch that is turned between a read and its commit wins.
async fn kill_switch<S: ActionStore + SettingsStore>(
    store: &S,
    tenant_id: TenantId,
    id: ActionId,
    moment: Moment,
) -> Result<(), Broken> {
    let now = moment.now;
    let before = works(store.load(tenant_id, id, moment).await, "load")?.ok_or("the action is found")?;
    for tenant in [true, false] {
        let read_at = works(store.revision(tenant_id).await, "revision")?;
        let switches = KillSwitches { tenant, ..KillSwitches::default() };
        let turn = Commit {
            switches: Some(switches.clone()),
            ..Commit::new([noted(AuditAction::KillSwitchChanged, now)])
        };
        works(store.commit(tenant_id, read_at, turn).await, "commit a switch")?;
        ensure(
            works(store.switches(tenant_id).await, "switches")? == switches,
            "a switch is as it was turned last",
        )?;
        let loaded = works(store.load(tenant_id, id, moment).await, "load")?.ok_or("the action is found")?;
        ensure(loaded.switches == switches, "an action is loaded with the switches")?;
    }
    let mut claimed = before.action;
    works(claimed.claim(now), "claim")?;
    let claim = Commit::new([noted(AuditAction::Intent, now)]).action(claimed);
    ensure(
        store.commit(tenant_id, before.revision, claim).await == Err(StoreError::Conflict),
        "a claim that was read before a switch was turned is a conflict",
    )
}

/// A claim is due again once its lease has lapsed, and a final action never.
async fn claims<S: ActionStore>(
    store: &S,
    tenant_id: TenantId,
    mut action: Action,
    now: Timestamp,
) -> Result<(), Broken> {
    let lease = works(action.claim(now), "claim")?;
    let read_at = works(store.revision(tenant_id).await, "revision")?;
    let claim = Commit::new([noted(AuditAction::Intent, now)]).action(action.clone());
    works(store.commit(tenant_id, read_at, claim).await, "commit a claim")?;
    ensure(works(store.due(tenant_id, now).await, "due")?.is_empty(), "a claimed action is not due")?;
    let lapsed = now.plus_millis(LEASE_MS);
    ensure(works(store.due(tenant_id, lapsed).await, "due")? == [action.id()], "a lapsed claim is due")?;

    works(action.settle(lease.attempt, Outcome::Applied, now), "settle")?;
    let read_at = works(store.revision(tenant_id).await, "revision")?;
    let settle = Commit::new([noted(AuditAction::Applied, now)]).action(action);
    works(store.commit(tenant_id, read_at, settle).await, "commit a result")?;
    let late = now.plus_millis(APPROVED_TTL_MS);
    ensure(works(store.due(tenant_id, late).await, "due")?.is_empty(), "a final action is never due")
}

/// What was applied shows around the next action of the same entity.
async fn history<S: ActionStore>(store: &S, tenant_id: TenantId, now: Timestamp) -> Result<(), Broken> {
    let next = pause(tenant_id, 2, now)?;
    let read_at = works(store.revision(tenant_id).await, "revision")?;
    works(store.commit(tenant_id, read_at, Commit::default().action(next.clone())).await, "commit")?;
    let loaded = works(store.load(tenant_id, next.id(), Moment::utc(now)).await, "load")?
        .ok_or("the action is found")?;
    ensure(loaded.history.changes_today == 1, "a change applied today is counted")?;
    ensure(loaded.history.last_change_at == Some(now), "the last change of the entity is known")
}

/// The contract of [`SignalStore`], with a way to put a snapshot and an open incident of this tenant into it.
///
/// # Errors
/// The first rule that does not hold.
pub async fn signal_store<G: SignalStore>(
    signals: &G,
    snapshot: HealthSnapshot,
    incident: OpenIncident,
    put: impl Fn(&HealthSnapshot),
    open: impl Fn(OpenIncident),
) -> Result<(), Broken> {
    let tenant_id = snapshot.tenant_id;
    let asked = [snapshot.platform];
    let elsewhere: Vec<Platform> =
        Platform::ALL.iter().copied().filter(|&platform| platform != snapshot.platform).collect();
    ensure(
        works(signals.snapshots(tenant_id, &asked).await, "snapshots")?.is_empty(),
        "nothing measured, no snapshot",
    )?;
    let newer = HealthSnapshot { computed_at: snapshot.computed_at.plus_minutes(5), ..snapshot.clone() };
    put(&snapshot);
    put(&newer);
    let found = works(signals.snapshots(tenant_id, &asked).await, "snapshots")?;
    ensure(found == [newer], "the newest snapshot is given, and only that")?;
    ensure(
        works(signals.snapshots(tenant_id, &elsewhere).await, "snapshots")?.is_empty(),
        "a snapshot belongs to its platform",
    )?;
    open(incident);
    let found = works(signals.open_incidents(tenant_id, &[incident.platform]).await, "incidents")?;
    ensure(found == [incident], "an open incident is given")?;
    let others: Vec<Platform> =
        Platform::ALL.iter().copied().filter(|&platform| platform != incident.platform).collect();
    ensure(
        works(signals.open_incidents(tenant_id, &others).await, "incidents")?.is_empty(),
        "an incident belongs to its platform",
    )
}

//! At which instant something is decided: not before the lock that it waited for was had, and not long after what it
//! waits for has changed.

use std::time::Duration;

use serde_json::json;
use sqlx::Connection as _;
use sqlx::postgres::PgConnection;
use stratum_autopilot::action::{Change, EntityStatus, NewAction, Origin};
use stratum_core::id::{ActionId, TenantId, UserId};
use stratum_core::vocabulary::{ActionType, EntityType, Platform, Role};
use stratum_server::actions;
use stratum_server::actions::approve::{Attempt, approve};
use stratum_server::autopilot::Autopilot;
use stratum_server::clock::Clock;
use stratum_server::db::{Connections, Db, PoolSizes, Scope};
use stratum_server::http::ApiError;
use stratum_server::tenant::{self, NewTenant, Tier};
use tokio::sync::oneshot;
use uuid::Uuid;

use crate::common::fresh_database;
use crate::desk::Office;

/// A tenant with a queued pause, in a database that no server works on.
struct Quiet {
    connections: Connections,
    db: Db,
    clock: Clock,
    scope: Scope,
    action: ActionId,
}

impl Quiet {
    async fn open() -> Self {
        let connections = fresh_database().await;
        let clock = Clock::default();
        let db = Db::open(&connections, PoolSizes { app: 4, directory: 1 }, clock.clone());
        let tenant_id = TenantId::from_uuid(Uuid::now_v7());
        let scope = Scope::system(tenant_id);
        let action = ActionId::from_uuid(Uuid::now_v7());
        let made = db.tenant_tx(&scope, move |tx| {
            Box::pin(async move {
                let new = NewTenant {
                    name: "Quiet".to_owned(),
                    slug: "quiet".to_owned(),
                    tier: Tier::Enterprise,
                    currency: "USD".to_owned(),
                    timezone: "UTC".to_owned(),
                };
                tenant::create(tx, &new).await?;
                let new = NewAction {
                    id: action,
                    tenant_id,
                    action_type: ActionType::PauseCampaign,
                    platform: Platform::Meta,
                    entity_type: EntityType::Campaign,
                    entity_id: "c-1".to_owned(),
                    entity_name: None,
                    change: Change::Status { before: EntityStatus::Active, after: EntityStatus::Paused },
                    origin: Origin::Manual,
                    created_by: None,
                    reason: None,
                    pair_id: None,
                    reverts: None,
                    ttl_hours: 1,
                };
                actions::queue(tx, new).await??;
                Ok(())
            })
        });
        made.await.unwrap();
        Self { connections, db, clock, scope, action }
    }

    /// Begins an approval while another transaction holds the tenant's lock, lets `meanwhile` happen, and gives the lock
    /// free.
    async fn approve_after_a_wait(&self, meanwhile: impl FnOnce(&Clock)) -> Result<(), ApiError> {
        let (locked, has_lock) = oneshot::channel();
        let (release, released) = oneshot::channel::<()>();
        let (db, scope) = (self.db.clone(), self.scope.clone());
        let holder = tokio::spawn(async move {
            db.tenant_tx(&scope, move |tx| {
                Box::pin(async move {
                    Autopilot::lock(tx).await?;
                    let _ = locked.send(());
                    let _ = released.await;
                    Ok(())
                })
            })
            .await
        });
        has_lock.await.unwrap();
        let (db, scope, id) = (self.db.clone(), self.scope.clone(), self.action);
        let approval = tokio::spawn(async move {
            let attempt = Attempt {
                by: UserId::from_uuid(Uuid::now_v7()),
                override_reason: None,
                confirmation_token: None,
            };
            db.tenant_tx(&scope, move |tx| {
                Box::pin(async move { Ok(approve(tx, id, &attempt).await?.map(|_| ())) })
            })
            .await
        });
        self.until_somebody_waits().await;
        meanwhile(&self.clock);
        release.send(()).unwrap();
        holder.await.unwrap().unwrap();
        approval.await.unwrap()?
    }

    async fn until_somebody_waits(&self) {
        let mut owner = PgConnection::connect_with(&self.connections.owner).await.unwrap();
        for _ in 0..600 {
            let waiting: i64 = sqlx::query_scalar(
                "SELECT count(*) FROM pg_stat_activity
                 WHERE datname = current_database() AND wait_event_type = 'Lock'",
            )
            .fetch_one(&mut owner)
            .await
            .unwrap();
            if waiting > 0 {
                return;
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        panic!("nobody waits for the lock");
    }
}

#[tokio::test]
async fn an_action_that_expires_while_its_approval_waits_for_the_lock_is_not_approved() {
    let quiet = Quiet::open().await;
    let approved = quiet.approve_after_a_wait(|clock| clock.advance_ms(3_600_000)).await;
    assert_eq!(approved.unwrap_err().code(), "ACTION_EXPIRED");
}

#[tokio::test]
async fn an_approval_is_dated_when_it_had_the_lock() {
    let quiet = Quiet::open().await;
    let before = quiet.clock.now();
    quiet.approve_after_a_wait(|clock| clock.advance_ms(60_000)).await.unwrap();
    let id = quiet.action;
    let stored =
        quiet.db.tenant_tx(&quiet.scope, move |tx| Box::pin(actions::store::get(tx, id))).await.unwrap();
    let approval = stored.action.approval().unwrap();
    assert!(approval.at >= before.plus_millis(60_000), "{approval:?}");
    // What the gate looked at is as old as that instant says, too.
    let gate = stored.gate.unwrap();
    assert!(gate.evaluated_at >= before.plus_millis(60_000), "{gate:?}");
}

#[tokio::test]
async fn a_laxer_policy_releases_what_waits_for_it() {
    let office = Office::open().await;
    let desk = office.desk().await;
    desk.health(true).await;
    let config = desk.tenant.path("/trust-gate/config");
    let stricter = json!({"overrides": {"BUDGET_INCREASE": 95}});
    assert_eq!(desk.tenant.put(Role::Admin, &config, stricter).await.status, 200);
    let id = desk.queue(11_000).await;
    assert_eq!(desk.approve(&id).await.data()["waiting_for"], "GATE");
    // Not due for minutes.
    let mut owner = office.server.owner().await;
    let at_rest = async |owner: &mut PgConnection| -> bool {
        sqlx::query_scalar("SELECT due_at > $2 FROM action WHERE action_id = $1")
            .bind(id.parse::<Uuid>().unwrap())
            .bind(office.server.clock.now().plus_minutes(1).to_chrono())
            .fetch_one(&mut *owner)
            .await
            .unwrap()
    };
    while !at_rest(&mut owner).await {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    assert_eq!(desk.tenant.put(Role::Admin, &config, json!({"overrides": {}})).await.status, 200);
    desk.until(&id, "status", "APPLIED").await;
}

//! The server is killed again and again while it executes; every approved action is made on the platform exactly once.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    reason = "tests fail by panicking; clippy's exception covers only functions marked as tests"
)]

mod common;

use std::collections::BTreeMap;
use std::net::{SocketAddr, TcpListener};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use rand::rngs::StdRng;
use rand::{RngExt as _, SeedableRng as _};
use serde_json::{Value, json};
use stratum_autopilot::action::{BudgetKind, Change, EntityStatus, NewAction, Origin};
use stratum_autopilot::platform::sandbox::{Fault, FaultEffect, SandboxCall, SandboxEntity};
use stratum_autopilot::platform::{EntityRef, EntityValue};
use stratum_core::Currency;
use stratum_core::id::{ActionId, TenantId, UserId};
use stratum_core::vocabulary::{ActionType, EntityType, Platform, Role};
use stratum_server::actions;
use stratum_server::audit;
use stratum_server::auth::Passwords;
use stratum_server::auth::account::{self, NewAccount};
use stratum_server::campaigns::store as campaigns;
use stratum_server::campaigns::wire::{CampaignStatus, NewCampaign};
use stratum_server::clock::Clock;
use stratum_server::db::{Connections, Db, PoolSizes, Scope};
use stratum_server::health::{Trigger, evaluate_platform};
use stratum_server::sandbox::SandboxServer;
use stratum_server::signals;
use stratum_server::signals::wire::{Origin as SignalOrigin, SignalInput, SignalType};
use stratum_server::tenant::{self, NewTenant, Tier};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

const ROUNDS: usize = 20;
const ACTIONS_OF_A_ROUND: usize = 12;
/// Longer than a lease: what a killed server had claimed is up for the next one.
const BETWEEN_LIVES_MS: i64 = 125_000;
/// The whole test is done by then, or something hangs.
const BOUND: Duration = Duration::from_secs(110);
const SEED: u64 = 3;

/// What outlives the server: its database, the platform, and the test's own eyes.
struct World {
    connections: Connections,
    db: Db,
    clock: Clock,
    ahead_ms: i64,
    tenant: TenantId,
    sandbox: SandboxServer,
    folder: tempfile::TempDir,
    client: reqwest::Client,
}

impl World {
    async fn build() -> Self {
        let connections = common::fresh_database().await;
        let clock = Clock::default();
        let db = Db::open(&connections, PoolSizes { app: 4, directory: 1 }, clock.clone());
        let folder = tempfile::tempdir().unwrap();
        let sandbox = SandboxServer::start(
            &folder.path().join("ledger.jsonl"),
            "127.0.0.1:0".parse().unwrap(),
            clock.clone(),
            CancellationToken::new(),
        )
        .await
        .unwrap();
        let tenant = TenantId::from_uuid(Uuid::now_v7());
        let client = reqwest::Client::builder().no_proxy().timeout(Duration::from_secs(5)).build().unwrap();
        let world = Self { connections, db, clock, ahead_ms: 0, tenant, sandbox, folder, client };
        let password_hash = Passwords::new().unwrap().hash(common::PASSWORD.to_owned()).await.unwrap();
        let scope = Scope::system(tenant);
        let made = world.db.tenant_tx(&scope, move |tx| {
            Box::pin(async move {
                let new = NewTenant {
                    name: "Survivor".to_owned(),
                    slug: "survivor".to_owned(),
                    tier: Tier::Enterprise,
                    currency: "USD".to_owned(),
                    timezone: "UTC".to_owned(),
                };
                tenant::create(tx, &new).await?;
                let admin = NewAccount {
                    id: UserId::from_uuid(Uuid::now_v7()),
                    email: "admin@survivor.example".to_owned(),
                    full_name: "Admin".to_owned(),
                    role: Role::Admin,
                    password_hash,
                    is_verified: true,
                };
                account::create(tx, &admin).await
            })
        });
        made.await.unwrap();
        world
    }

    /// Lets the time of a lease pass, and measures the platform again so that its health is fresh.
    async fn pass_time(&mut self) {
        self.clock.advance_ms(BETWEEN_LIVES_MS);
        self.ahead_ms += BETWEEN_LIVES_MS;
        let scope = Scope::system(self.tenant);
        let measured = self.db.tenant_tx(&scope, |tx| {
            Box::pin(async move {
                let now = tx.now();
                let signals: Vec<(SignalInput, String)> = [
                    ("emq_rating", 9.0),
                    ("credentials_valid", 1.0),
                    ("api_requests", 100.0),
                    ("api_failures", 0.0),
                    ("events_expected", 100.0),
                    ("events_received", 100.0),
                    ("sync_ok", 1.0),
                    ("records_total", 10.0),
                    ("records_valid", 10.0),
                    ("records_complete", 10.0),
                    ("platform_data", 0.0),
                ]
                .into_iter()
                .map(|(name, value)| {
                    let signal = SignalInput {
                        signal_id: None,
                        kind: SignalType::Metric,
                        name: name.to_owned(),
                        platform: Some(Platform::Meta),
                        value: Some(value),
                        observed_at: now,
                        attributes: None,
                    };
                    (signal, format!("{name}/{}", now.millis()))
                })
                .collect();
                signals::store::insert(tx, &signals, SignalOrigin::Collector).await?;
                evaluate_platform(tx, Platform::Meta, Trigger::Signals).await
            })
        });
        assert!(measured.await.unwrap().score.get() >= 70.0);
    }

    /// Queues this round's budget decreases, each of a campaign of its own.
    async fn queue(&self, round: usize) -> Vec<ActionId> {
        let tenant = self.tenant;
        let names: Vec<String> =
            (0..ACTIONS_OF_A_ROUND).map(|number| format!("c-{round}-{number}")).collect();
        for name in &names {
            let entity = EntityRef {
                tenant_id: tenant,
                platform: Platform::Meta,
                entity_type: EntityType::Campaign,
                entity_id: name.clone(),
            };
            let value = EntityValue::new(EntityStatus::Active, Currency::USD).daily_budget(10_000);
            self.sandbox.service.put(SandboxEntity::new(entity, value)).unwrap();
        }
        let scope = Scope::system(tenant);
        let queued = self.db.tenant_tx(&scope, move |tx| {
            Box::pin(async move {
                let mut ids = Vec::new();
                for name in names {
                    let campaign = NewCampaign {
                        name: name.clone(),
                        platform: Platform::Meta,
                        external_id: name.clone(),
                        ad_account_id: Uuid::nil(),
                        status: Some(CampaignStatus::Active),
                        objective: None,
                        daily_budget_cents: Some(10_000),
                        lifetime_budget_cents: None,
                        currency: None,
                        start_date: None,
                        end_date: None,
                        labels: Vec::new(),
                    };
                    campaigns::create(tx, &campaign).await?;
                    let id = ActionId::from_uuid(Uuid::now_v7());
                    let action = NewAction {
                        id,
                        tenant_id: tenant,
                        action_type: ActionType::BudgetDecrease,
                        platform: Platform::Meta,
                        entity_type: EntityType::Campaign,
                        entity_id: name,
                        entity_name: None,
                        change: Change::Budget {
                            kind: BudgetKind::Daily,
                            before_cents: 10_000,
                            after_cents: 9_000,
                            currency: Currency::USD,
                        },
                        origin: Origin::Manual,
                        created_by: None,
                        reason: None,
                        pair_id: None,
                        reverts: None,
                        ttl_hours: 24,
                    };
                    actions::queue(tx, action).await??;
                    ids.push(id);
                }
                Ok(ids)
            })
        });
        queued.await.unwrap()
    }

    /// Starts the real binary and waits until it is ready.
    async fn start_server(&self) -> Server {
        let address = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        let owner = &self.connections.owner;
        let socket = owner.get_socket().expect("the private cluster has a socket");
        let url = format!(
            "postgres://{}@localhost/{}?host={}",
            owner.get_username(),
            owner.get_database().unwrap(),
            socket.display()
        );
        let child = Command::new(env!("CARGO_BIN_EXE_stratum"))
            .arg("serve")
            .env("DATABASE_URL", url)
            .env("STRATUM_SECRET", "a secret of the tests, 32 characters")
            .env("STRATUM_DATA_DIR", self.folder.path())
            .env("STRATUM_LISTEN", address.to_string())
            .env("STRATUM_PLATFORM_URL", format!("http://{}", self.sandbox.address))
            .env("STRATUM_CLOCK_AHEAD_MS", self.ahead_ms.to_string())
            .env("STRATUM_RATE_LIMIT", "off")
            .env("STRATUM_LOG", "error")
            .stdout(Stdio::null())
            .spawn()
            .unwrap();
        let mut server = Server { child, address, token: String::new() };
        let started = Instant::now();
        while self.get(&server, "/ready").await.is_none_or(|(status, _)| status != 200) {
            assert!(started.elapsed() < Duration::from_secs(30), "the server does not become ready");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        let credentials = json!({"email": "admin@survivor.example", "password": common::PASSWORD});
        let login =
            self.client.post(server.url("/api/v1/auth/login")).json(&credentials).send().await.unwrap();
        let body: Value = login.json().await.unwrap();
        server.token = body["data"]["access_token"].as_str().expect("a token").to_owned();
        server
    }

    async fn get(&self, server: &Server, path: &str) -> Option<(u16, Value)> {
        let response = self.client.get(server.url(path)).bearer_auth(&server.token).send().await.ok()?;
        Some((response.status().as_u16(), response.json().await.ok()?))
    }

    async fn allow_many_changes(&self, server: &Server) {
        let path = format!("/api/v1/tenant/{}/autopilot/enforcement/settings", self.tenant);
        let settings = json!({"max_changes_per_day": 1000, "min_hours_between_changes": 0});
        let set = self.client.put(server.url(&path)).bearer_auth(&server.token).json(&settings).send();
        let answer = set.await.unwrap();
        assert_eq!(answer.status(), 200, "{}", answer.text().await.unwrap());
    }

    /// Asks for the approval of these actions; the answer may never come.
    async fn approve(&self, server: &Server, ids: &[ActionId]) {
        let path = format!("/api/v1/tenant/{}/autopilot/actions/approve-all", self.tenant);
        let body = json!({ "action_ids": ids });
        let _ = self.client.post(server.url(&path)).bearer_auth(&server.token).json(&body).send().await;
    }

    /// Reads until the server is gone.
    async fn read_until_killed(&self, server: &Server) {
        let path = format!("/api/v1/tenant/{}/autopilot/actions", self.tenant);
        while self.get(server, &path).await.is_some() {}
    }

    /// How many actions are in each state.
    async fn states(&self) -> BTreeMap<String, i64> {
        let scope = Scope::system(self.tenant);
        let counted = self.db.tenant_read(&scope, |tx| {
            Box::pin(async move {
                let rows: Vec<(String, i64)> =
                    sqlx::query_as("SELECT state, count(*) FROM action GROUP BY state")
                        .fetch_all(&mut **tx)
                        .await?;
                Ok(rows.into_iter().collect())
            })
        });
        counted.await.unwrap()
    }
}

struct Server {
    child: Child,
    address: SocketAddr,
    token: String,
}

impl Server {
    fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }
}

impl Drop for Server {
    /// As `kill -9` does.
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_killed_twenty_times_under_load_executes_every_approved_action_exactly_once() {
    let began = Instant::now();
    let mut world = World::build().await;
    let mut chance = StdRng::seed_from_u64(SEED);
    let mut all: Vec<ActionId> = Vec::new();
    let mut left_claimed = 0;
    for round in 0..ROUNDS {
        world.pass_time().await;
        all.extend(world.queue(round).await);
        // Slow answers, so that a kill often falls between a change and its record; now and then a lost one.
        world.sandbox.service.clear_faults();
        let slow =
            Fault::next(SandboxCall::Apply, FaultEffect::Slow).times(5).delay(chance.random_range(20..200));
        let lost = Fault::next(SandboxCall::Apply, FaultEffect::AnswerLost);
        let _ = world.sandbox.service.inject([slow, lost, slow]);
        let server = world.start_server().await;
        if round == 0 {
            world.allow_many_changes(&server).await;
        }
        let wait = Duration::from_millis(chance.random_range(30..900));
        tokio::select! {
            () = async { tokio::join!(world.approve(&server, &all), world.read_until_killed(&server)); } => {}
            () = tokio::time::sleep(wait) => {}
        }
        drop(server);
        left_claimed += world.states().await.get("APPLYING").copied().unwrap_or(0);
        assert!(began.elapsed() < BOUND, "round {round} after {:?}", began.elapsed());
    }
    assert!(left_claimed > 0, "no kill fell into an execution; the test proves nothing");

    world.sandbox.service.clear_faults();
    world.pass_time().await;
    let server = world.start_server().await;
    let wanted = i64::try_from(all.len()).unwrap();
    loop {
        let states = world.states().await;
        // On a busy machine the client may give up on an answer, and what it had not come to is asked for again.
        if states.contains_key("QUEUED") {
            for some in all.chunks(100) {
                world.approve(&server, some).await;
            }
        }
        if states.get("APPLIED") == Some(&wanted) {
            break;
        }
        assert!(began.elapsed() < BOUND, "not settled after {:?}: {states:?}", began.elapsed());
        tokio::time::sleep(Duration::from_millis(200)).await;
    }

    let mut made: BTreeMap<ActionId, usize> = BTreeMap::new();
    for entry in world.sandbox.service.ledger(|_| true) {
        *made.entry(entry.idempotency_key).or_default() += 1;
    }
    let once: BTreeMap<ActionId, usize> = all.iter().map(|id| (*id, 1)).collect();
    assert_eq!(made, once);
    let scope = Scope::system(world.tenant);
    let verified =
        world.db.tenant_tx(&scope, |tx| Box::pin(async move { audit::verify(tx, None, None).await }));
    let verified = verified.await.unwrap();
    assert!(verified.ok, "{verified:?}");
    println!(
        "{ROUNDS} kills, {left_claimed} claims left behind, {} actions applied once each, in {:?}; {} audit entries",
        all.len(),
        began.elapsed(),
        verified.checked
    );
}

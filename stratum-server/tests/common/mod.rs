//! A real server for a test: its own database in a private PostgreSQL, on a free loopback port.
//!
//! ```ignore
//! let server = TestServer::start().await;
//! let tenant = server.tenant("Acme").await;
//! let answer = tenant.get(Role::Viewer, "/api/v1/auth/me").await;
//! assert_eq!(answer.status, 200);
//! ```
//!
//! A process starts one PostgreSQL. Its files stay in the temporary directory and are used again by the next process,
//! which saves the half second of `initdb`; its databases are the tests' own and dropped.
#![allow(dead_code, unreachable_pub, missing_debug_implementations, reason = "each test binary uses a part")]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::unreachable,
    clippy::indexing_slicing,
    reason = "tests fail by panicking; clippy's exception covers only functions marked as tests"
)]

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use sqlx::postgres::PgConnection;
use sqlx::{AssertSqlSafe, Connection as _, Executor as _};
use stratum_core::id::{TenantId, UserId};
use stratum_core::vocabulary::Role;
use stratum_server::auth::Passwords;
use stratum_server::auth::account::{self, NewAccount};
use stratum_server::auth::sources::{self, SourceType};
use stratum_server::clock::Clock;
use stratum_server::config::Config;
use stratum_server::db::{self, Connections, PoolSizes, Scope, roles};
use stratum_server::postgres::{Options, PrivatePostgres};
use stratum_server::server::{Plan, Running};
use stratum_server::storage::private_connections;
use stratum_server::tenant::{self, NewTenant, Tier};
use tokio::sync::OnceCell;
use uuid::Uuid;

/// The password of every account that the tests make.
pub const PASSWORD: &str = "correct horse battery";

struct Cluster {
    postgres: PrivatePostgres,
    template: String,
    _slot: File,
}

static CLUSTER: OnceCell<Cluster> = OnceCell::const_new();
static DATABASES: AtomicU32 = AtomicU32::new(0);

async fn cluster() -> &'static Cluster {
    CLUSTER
        .get_or_init(|| async {
            let (slot, data_dir) = free_slot();
            let options = Options { data_dir, bin_dir: None, may_download: false, durable: false };
            let postgres = PrivatePostgres::start(&options).await.expect("PostgreSQL is installed");
            let mut digest = Sha256::new();
            for migration in db::MIGRATOR.iter() {
                digest.update(&migration.checksum);
            }
            let template = format!("template_{}", hex::encode(&digest.finalize()[..6]));
            let mut owner =
                PgConnection::connect_with(&postgres.connect_options(roles::OWNER, "postgres")).await.unwrap();
            let left: Vec<String> = sqlx::query_scalar("SELECT datname::text FROM pg_database WHERE datname LIKE 'test_%' OR (datname LIKE 'template\\_%' AND datname <> $1)")
                .bind(&template)
                .fetch_all(&mut owner)
                .await
                .unwrap();
            for name in left {
                owner.execute(AssertSqlSafe(format!("DROP DATABASE \"{name}\" WITH (FORCE)"))).await.unwrap();
            }
            let made: bool = sqlx::query_scalar("SELECT EXISTS (SELECT FROM pg_database WHERE datname = $1)")
                .bind(&template)
                .fetch_one(&mut owner)
                .await
                .unwrap();
            if !made {
                owner.execute(AssertSqlSafe(format!("CREATE DATABASE \"{template}\""))).await.unwrap();
            }
            db::migrate(&private_connections(&postgres, &template), None).await.unwrap();
            owner.close().await.unwrap();
            Cluster { postgres, template, _slot: slot }
        })
        .await
}

/// The first directory that no other test process uses.
fn free_slot() -> (File, std::path::PathBuf) {
    let root = std::env::temp_dir().join("stratum-tests");
    for number in 0.. {
        let dir = root.join(format!("slot-{number}"));
        fs::create_dir_all(&dir).unwrap();
        let file = File::options().create(true).truncate(false).write(true).open(dir.join("taken")).unwrap();
        if file.try_lock().is_ok() {
            return (file, dir.join("data"));
        }
    }
    unreachable!()
}

/// How to connect to a new, migrated, empty database.
pub async fn fresh_database() -> Connections {
    let cluster = cluster().await;
    let name = format!("test_{}_{}", std::process::id(), DATABASES.fetch_add(1, Ordering::Relaxed));
    let mut owner = PgConnection::connect_with(&cluster.postgres.connect_options(roles::OWNER, "postgres"))
        .await
        .unwrap();
    let create = format!("CREATE DATABASE \"{name}\" TEMPLATE \"{}\"", cluster.template);
    owner.execute(AssertSqlSafe(create)).await.unwrap();
    owner.close().await.unwrap();
    private_connections(&cluster.postgres, &name)
}

/// A server with a database of its own.
pub struct TestServer {
    pub running: Running,
    pub connections: Connections,
    pub clock: Clock,
    pub client: reqwest::Client,
}

/// What a server is started with, where a test wants something else.
#[derive(Debug, Clone, Copy)]
pub struct Wishes {
    pub rate_limit: bool,
    pub app_connections: u32,
}

impl Default for Wishes {
    fn default() -> Self {
        Self { rate_limit: false, app_connections: 8 }
    }
}

impl TestServer {
    pub async fn start() -> Self {
        Self::with(Wishes::default()).await
    }

    pub async fn with(wishes: Wishes) -> Self {
        Self::on_platform(wishes, None, Clock::default()).await
    }

    /// A server that applies changes to the platform at this address.
    pub async fn on_platform(wishes: Wishes, platform_url: Option<String>, clock: Clock) -> Self {
        Self::beside(fresh_database().await, wishes, platform_url, clock).await
    }

    /// One more server on a database.
    pub async fn beside(
        connections: Connections,
        wishes: Wishes,
        platform_url: Option<String>,
        clock: Clock,
    ) -> Self {
        let running = Running::start(Plan {
            connections: connections.clone(),
            secret: b"a secret of the tests, 32 characters".to_vec(),
            config: Config {
                environment: "test".to_owned(),
                metrics_token: None,
                docs: true,
                platform_url,
                demo: false,
                audit_heads: None,
            },
            listen: "127.0.0.1:0".parse().unwrap(),
            rate_limit: wishes.rate_limit,
            clock: clock.clone(),
            pool: PoolSizes { app: wishes.app_connections, directory: 2 },
        })
        .await
        .unwrap();
        let client = reqwest::Client::builder().timeout(Duration::from_secs(20)).build().unwrap();
        Self { running, connections, clock, client }
    }

    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.running.address)
    }

    /// The owner's connection, which row-level security does not bind: to look behind the server's back.
    pub async fn owner(&self) -> PgConnection {
        PgConnection::connect_with(&self.connections.owner).await.unwrap()
    }

    /// Makes a tenant of the tier ENTERPRISE with one person of each role, up to the operator.
    pub async fn tenant(&self, name: &str) -> TestTenant<'_> {
        let id = TenantId::from_uuid(Uuid::now_v7());
        let new = NewTenant {
            name: name.to_owned(),
            slug: format!("t-{}", id.as_uuid().simple()),
            tier: Tier::Enterprise,
            currency: "USD".to_owned(),
            timezone: "UTC".to_owned(),
        };
        let password_hash = password_hash().await;
        let mut people = BTreeMap::new();
        let mut accounts = Vec::new();
        for role in Role::ALL {
            let user = UserId::from_uuid(Uuid::now_v7());
            let email = format!("{}@{}.example", role.as_str().to_lowercase(), id.as_uuid().simple());
            people.insert(*role, Person { user, email: email.clone(), session: Uuid::now_v7() });
            accounts.push(NewAccount {
                id: user,
                email,
                full_name: format!("The {role}"),
                role: *role,
                password_hash: password_hash.clone(),
                is_verified: true,
            });
        }
        let sessions: Vec<(Uuid, Uuid)> =
            people.values().map(|person| (person.session, person.user.as_uuid())).collect();
        self.running
            .state
            .db
            .tenant_tx(&Scope::system(id), move |tx| {
                Box::pin(async move {
                    tenant::create(tx, &new).await?;
                    for account in &accounts {
                        account::create(tx, account).await?;
                    }
                    for (session, user) in sessions {
                        sqlx::query(
                            "INSERT INTO session (tenant_id, session_id, user_id, created_at) VALUES ($1, $2, $3, $4)",
                        )
                        .bind(tx.scope().tenant.as_uuid())
                        .bind(session)
                        .bind(user)
                        .bind(tx.now().to_chrono())
                        .execute(&mut **tx)
                        .await?;
                    }
                    Ok(())
                })
            })
            .await
            .unwrap();
        TestTenant { server: self, id, people }
    }

    /// Sends a request as anybody.
    pub async fn send(
        &self,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
        body: Option<&Value>,
    ) -> Answer {
        let mut request = self.client.request(method, self.url(path));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        if let Some(body) = body {
            request = request.json(body);
        }
        let response = request.send().await.unwrap();
        let status = response.status();
        let headers = response.headers().clone();
        let text = response.text().await.unwrap();
        let body = serde_json::from_str(&text).unwrap_or(Value::String(text));
        Answer { status, headers, body }
    }

    pub async fn post(&self, path: &str, body: &Value) -> Answer {
        self.send(Method::POST, path, &[], Some(body)).await
    }

    pub async fn login(&self, email: &str, password: &str) -> Answer {
        self.post("/api/v1/auth/login", &json!({"email": email, "password": password})).await
    }
}

/// One hash for all accounts: Argon2 is slow on purpose.
async fn password_hash() -> String {
    static HASH: OnceCell<String> = OnceCell::const_new();
    HASH.get_or_init(|| async { Passwords::new().unwrap().hash(PASSWORD.to_owned()).await.unwrap() })
        .await
        .clone()
}

/// A tenant with one person of each role.
pub struct TestTenant<'s> {
    pub server: &'s TestServer,
    pub id: TenantId,
    people: BTreeMap<Role, Person>,
}

struct Person {
    user: UserId,
    email: String,
    session: Uuid,
}

impl TestTenant<'_> {
    pub fn email(&self, role: Role) -> &str {
        &self.people[&role].email
    }

    pub fn user(&self, role: Role) -> UserId {
        self.people[&role].user
    }

    /// An access token of the person with this role, without the cost of signing in.
    pub fn token(&self, role: Role) -> String {
        let person = &self.people[&role];
        let state = &self.server.running.state;
        state.auth.issue_token(person.user, self.id, role, person.session, state.now()).unwrap()
    }

    /// `/api/v1/tenant/{id}` and `rest`.
    pub fn path(&self, rest: &str) -> String {
        format!("/api/v1/tenant/{}{rest}", self.id)
    }

    pub async fn request(&self, role: Role, method: Method, path: &str, body: Option<&Value>) -> Answer {
        let bearer = format!("Bearer {}", self.token(role));
        self.server.send(method, path, &[("authorization", &bearer)], body).await
    }

    pub async fn get(&self, role: Role, path: &str) -> Answer {
        self.request(role, Method::GET, path, None).await
    }

    pub async fn post(&self, role: Role, path: &str, body: Value) -> Answer {
        self.request(role, Method::POST, path, Some(&body)).await
    }

    pub async fn put(&self, role: Role, path: &str, body: Value) -> Answer {
        self.request(role, Method::PUT, path, Some(&body)).await
    }

    pub async fn delete(&self, role: Role, path: &str) -> Answer {
        self.request(role, Method::DELETE, path, None).await
    }

    /// Makes a source and gives its key.
    pub async fn source_key(&self, kind: SourceType) -> String {
        let scope = Scope::system(self.id);
        let made = self.server.running.state.db.tenant_tx(&scope, move |tx| {
            Box::pin(async move { sources::create(tx, "a source", kind).await })
        });
        made.await.unwrap().1
    }
}

/// What came back.
#[derive(Debug)]
pub struct Answer {
    pub status: StatusCode,
    pub headers: reqwest::header::HeaderMap,
    pub body: Value,
}

impl Answer {
    /// The content of the envelope; panics for an answer that is none.
    pub fn data(&self) -> &Value {
        self.body.get("data").unwrap_or_else(|| panic!("no data in {}: {}", self.status, self.body))
    }

    /// The code of the error.
    pub fn code(&self) -> &str {
        self.body["error"]["code"].as_str().unwrap_or_default()
    }

    /// The paths and codes of the error's details.
    pub fn details(&self) -> Vec<(String, String)> {
        let text = |detail: &Value, name: &str| detail[name].as_str().unwrap_or_default().to_owned();
        let details = self.body["error"]["details"].as_array().cloned().unwrap_or_default();
        details.iter().map(|detail| (text(detail, "path"), text(detail, "code"))).collect()
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }
}

//! What the server does under load, beside what Postgres and axum allow at most.
//!
//!     cargo build --profile serve --package stratum-server --bin stratum
//!     cargo run --profile serve --package stratum-benches --features load --bin load
//!
//! Starts a private PostgreSQL, the binary `stratum` that lies beside this one, and the **ceiling**: an axum handler that
//! runs one indexed SELECT inside a row-level-security transaction with sqlx, on the same database, with the same size of
//! pool, in a process of its own. Then each is asked as fast as 1, 10 and 32 connections can, closed loop, for three
//! seconds, the ceiling right before what is compared with it. Everything is on loopback and ends by itself.

#![expect(clippy::arithmetic_side_effects, reason = "counts, lengths and instants of one run")]

mod ceiling;
mod client;

use std::fs;
use std::path::Path;
use std::process::{Child, Command, ExitCode, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail, ensure};
use client::{Figures, Request, measure};
use serde_json::{Value, json};
use stratum_server::clock::Clock;
use stratum_server::config::StorageArgs;
use stratum_server::db::{Connections, Db, PoolSizes};
use stratum_server::demo::{Demo, ensure as ensure_demo};
use stratum_server::storage::Storage;

/// Connections at once.
const CONNECTIONS: [usize; 3] = [1, 10, 32];
/// How long each measurement takes.
const DURATION: Duration = Duration::from_secs(3);
/// How long before it requests go unmeasured.
const WARM_UP: Duration = Duration::from_millis(500);

#[tokio::main]
async fn main() -> Result<ExitCode> {
    if std::env::args().nth(1).as_deref() == Some("ceiling") {
        ceiling::serve().await?;
        return Ok(ExitCode::SUCCESS);
    }
    let folder = std::env::temp_dir().join(format!("stratum-load-{}", std::process::id()));
    let storage = Storage::open(&StorageArgs {
        data_dir: Some(folder.clone()),
        database_url: None,
        secret: None,
        pg_download: "auto".to_owned(),
    })
    .await?;
    let outcome = run(&storage.connections, &folder).await;
    storage.close().await;
    fs::remove_dir_all(&folder).with_context(|| format!("{} stays behind", folder.display()))?;
    Ok(if outcome? { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Measures everything and prints the table; false when a request failed.
async fn run(connections: &Connections, folder: &Path) -> Result<bool> {
    let db = Db::open(connections, PoolSizes::default(), Clock::default());
    let demo = ensure_demo(&db).await;
    db.close().await;
    let demo = demo?;
    let database = socket_url(connections)?;
    let server = Process::server(&database, folder)?;
    let ceiling = Process::ceiling(&database, &demo)?;
    server.ready("/ready").await?;
    ceiling.ready("/").await?;
    let token = sign_in(&server).await?;
    let operations = operations(&demo, &token);
    let bare = Request::get("/", "");

    println!(
        "{:<14} {:>5} {:>9} {:>8} {:>8} {:>8} {:>7} {:>11}",
        "operation", "conns", "requests/s", "p50 ms", "p95 ms", "p99 ms", "errors", "of ceiling"
    );
    let mut clean = true;
    for connections in CONNECTIONS {
        for (name, request) in &operations {
            // Right before each, so that both meet the machine in the same mood.
            let most = measure(ceiling.port, &bare, connections, WARM_UP, DURATION).await?;
            let figures = measure(server.port, request, connections, WARM_UP, DURATION).await?;
            if *name == "GET settings" {
                line("ceiling", connections, &most, None);
            }
            line(name, connections, &figures, Some(figures.rate / most.rate * 100.0));
            clean &= figures.errors == 0 && most.errors == 0;
        }
    }
    Ok(clean)
}

fn line(name: &str, connections: usize, figures: &Figures, share: Option<f64>) {
    let share = share.map_or_else(String::new, |share| format!("{share:.0} %"));
    println!(
        "{name:<14} {connections:>5} {:>10.0} {:>8.2} {:>8.2} {:>8.2} {:>7} {share:>11}",
        figures.rate,
        figures.quantile(0.50),
        figures.quantile(0.95),
        figures.quantile(0.99),
        figures.errors
    );
}

fn operations(demo: &Demo, token: &str) -> Vec<(&'static str, Request)> {
    let limits = format!("/api/v1/tenant/{}/autopilot/enforcement", demo.tenant);
    let check = json!({
        "action_type": "BUDGET_INCREASE",
        "platform": "META",
        "entity_type": "CAMPAIGN",
        "entity_id": "238512",
        "current_value": {"before_cents": 60_000},
        "proposed_value": {"after_cents": 66_000},
    });
    // Two bodies in turn, so that every request changes something and is audited.
    let caps = [json!({"max_changes_per_day": 10}), json!({"max_changes_per_day": 11})];
    vec![
        ("GET settings", Request::get(&format!("{limits}/settings"), token)),
        ("GET audit-log", Request::get(&format!("{limits}/audit-log"), token)),
        ("POST check", Request::with_bodies("POST", &format!("{limits}/check"), token, &[check])),
        ("PUT settings", Request::with_bodies("PUT", &format!("{limits}/settings"), token, &caps)),
    ]
}

async fn sign_in(server: &Process) -> Result<String> {
    let credentials = json!({"email": "admin@demo.example", "password": stratum_server::demo::PASSWORD});
    let request = Request::with_bodies("POST", "/api/v1/auth/login", "", &[credentials]);
    let (status, body) = client::once(server.port, &request).await?;
    ensure!(status == 200, "signing in gave {status}");
    let body: Value = serde_json::from_slice(&body)?;
    let token = body.pointer("/data/access_token").and_then(Value::as_str);
    token.map(str::to_owned).context("the answer has no token")
}

/// The private cluster's socket as an address.
fn socket_url(connections: &Connections) -> Result<String> {
    let owner = &connections.owner;
    let (Some(socket), Some(database)) = (owner.get_socket(), owner.get_database()) else {
        bail!("the private PostgreSQL has no socket");
    };
    Ok(format!("postgres://{}@localhost/{database}?host={}", owner.get_username(), socket.display()))
}

/// A process that is ended with this program.
struct Process {
    child: Child,
    port: u16,
}

impl Process {
    fn server(database: &str, folder: &Path) -> Result<Self> {
        let port = free_port()?;
        let binary = std::env::current_exe()?.with_file_name("stratum");
        let child = Command::new(&binary)
            .arg("serve")
            .env("DATABASE_URL", database)
            .env("STRATUM_SECRET", "a secret for measuring, 32 characters")
            .env("STRATUM_DATA_DIR", folder)
            .env("STRATUM_LISTEN", format!("127.0.0.1:{port}"))
            .env("STRATUM_RATE_LIMIT", "off")
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .with_context(|| {
                format!("{} does not start; build it with the same profile", binary.display())
            })?;
        Ok(Self { child, port })
    }

    fn ceiling(database: &str, demo: &Demo) -> Result<Self> {
        let port = free_port()?;
        let child = Command::new(std::env::current_exe()?)
            .arg("ceiling")
            .env("DATABASE_URL", database)
            .env("CEILING_TENANT", demo.tenant.to_string())
            .env("CEILING_PORT", port.to_string())
            .stdout(Stdio::null())
            .spawn()?;
        Ok(Self { child, port })
    }

    /// Waits until the path answers 200.
    async fn ready(&self, path: &str) -> Result<()> {
        let started = Instant::now();
        loop {
            if let Ok((200, _)) = client::once(self.port, &Request::get(path, "")).await {
                return Ok(());
            }
            ensure!(started.elapsed() < Duration::from_secs(30), "nothing answers on port {}", self.port);
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn free_port() -> Result<u16> {
    Ok(std::net::TcpListener::bind("127.0.0.1:0")?.local_addr()?.port())
}

//! The private PostgreSQL: what `serve` starts when no `DATABASE_URL` is given.
//!
//! One data directory, one server process of ours, reachable over a Unix socket only (no TCP, no password): `peer`
//! authentication maps the operating system's user to the roles of [`crate::db`]. The cluster ends when we end, also
//! when we are killed.

mod binaries;
mod cluster;
mod download;
mod keeper;
mod owner;
mod stale;

use std::fs::{self, File, TryLockError};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::{Context as _, anyhow, bail};
use sqlx::Connection as _;
use sqlx::postgres::{PgConnectOptions, PgConnection};

pub use binaries::Binaries;

use crate::db::roles;

/// How long a server that recovers from a crash may take before we give up.
const RECOVERY_LIMIT: Duration = Duration::from_secs(600);
/// How long what a killed server left may stand in the way.
const STALE_LIMIT: Duration = Duration::from_secs(15);
/// How long a server may take that does not say that it is starting up.
const START_LIMIT: Duration = Duration::from_secs(60);

/// What the private PostgreSQL is started with.
#[derive(Debug, Clone)]
pub struct Options {
    /// Everything that the server keeps lives below this directory.
    pub data_dir: PathBuf,
    /// Where `postgres` and `initdb` are; searched for when `None`.
    pub bin_dir: Option<PathBuf>,
    /// Whether a PostgreSQL may be downloaded when none is installed.
    pub may_download: bool,
    /// Survives a power cut. Tests switch it off, for speed.
    pub durable: bool,
}

/// A running private PostgreSQL. Dropping it stops the server.
#[derive(Debug)]
pub struct PrivatePostgres {
    keeper: keeper::Keeper,
    socket_dir: PathBuf,
    // Held as long as the server runs: a second instance on the same data directory must not start.
    _lock: File,
}

impl PrivatePostgres {
    /// Initialises the cluster if there is none, starts it and waits until it answers.
    ///
    /// # Errors
    /// With a sentence for the person at the terminal: no PostgreSQL found, a data directory that is in use, of another
    /// major version or out of the server user's reach, a start that did not succeed (with the end of its log).
    pub async fn start(options: &Options) -> anyhow::Result<Self> {
        let owner = owner::ServerUser::find()?;
        let binaries = Binaries::find(options)?;
        fs::create_dir_all(&options.data_dir)
            .with_context(|| format!("the data directory {} cannot be made", options.data_dir.display()))?;
        let data_dir = options.data_dir.canonicalize()?;
        let lock = lock(&data_dir)?;

        let layout = cluster::Layout::new(&data_dir, binaries.major())?;
        layout.prepare(&binaries, &owner)?;
        let socket_dir = cluster::socket_dir(&layout.data, &owner)?;

        let started = Instant::now();
        let (keeper, socket_dir) = loop {
            stale::clear(&layout.data);
            let keeper = keeper::Keeper::spawn(keeper::Launch {
                program: binaries.program("postgres"),
                arguments: cluster::arguments(&layout, &socket_dir, options.durable),
                log: layout.log.clone(),
                user: owner.run_as(),
            })?;
            match wait_until_ready(&keeper, &socket_dir, &layout).await {
                Ok(()) => break (keeper, socket_dir),
                // A postmaster that was killed leaves its pid until somebody reaps it, and its memory until its last
                // child has noticed: both pass.
                Err(_)
                    if started.elapsed() < STALE_LIMIT
                        && layout.log_says(&["already exists", "still in use"]) =>
                {
                    tokio::time::sleep(Duration::from_millis(200)).await;
                }
                Err(error) => return Err(error),
            }
        };
        let this = Self { keeper, socket_dir, _lock: lock };
        tracing::info!(
            event_type = "postgres_started",
            version = binaries.major(),
            start_ms = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX),
            "private PostgreSQL runs from {}",
            layout.data.display()
        );
        Ok(this)
    }

    /// How to connect to `database` as `role`.
    #[must_use]
    pub fn connect_options(&self, role: &str, database: &str) -> PgConnectOptions {
        connect_options(&self.socket_dir, role, database)
    }

    /// Stops the server (a fast shutdown: running statements are cancelled) and waits for its end.
    pub async fn stop(self) {
        self.keeper.stop().await;
        let _ = fs::remove_dir(&self.socket_dir);
    }

    /// Resolves when the server process ends although nobody asked for it.
    pub fn ended(&self) -> impl Future<Output = ()> + Send + 'static {
        self.keeper.ended()
    }
}

fn connect_options(socket_dir: &Path, role: &str, database: &str) -> PgConnectOptions {
    PgConnectOptions::new_without_pgpass().socket(socket_dir).username(role).database(database)
}

async fn wait_until_ready(
    keeper: &keeper::Keeper,
    socket_dir: &Path,
    layout: &cluster::Layout,
) -> anyhow::Result<()> {
    let options = connect_options(socket_dir, roles::OWNER, "postgres");
    let started = Instant::now();
    let mut recovering = false;
    let mut next_report = Duration::from_secs(10);
    loop {
        if keeper.has_ended() {
            bail!("PostgreSQL ended while starting; the end of its log:\n{}", layout.log_tail());
        }
        // The socket may still be another postmaster's: only an answer under our child's pid counts.
        if stale::postmaster_pid(&layout.data) == Some(keeper.pid()) {
            match PgConnection::connect_with(&options).await {
                Ok(connection) => {
                    connection.close().await?;
                    return Ok(());
                }
                Err(sqlx::Error::Database(error)) if error.code().as_deref() == Some("57P03") => {
                    recovering = true;
                }
                Err(sqlx::Error::Database(error)) => return Err(error.into()),
                Err(_) => {}
            }
        }
        let elapsed = started.elapsed();
        let limit = if recovering { RECOVERY_LIMIT } else { START_LIMIT };
        if elapsed > limit {
            bail!(
                "PostgreSQL did not answer within {} s; the end of its log:\n{}",
                limit.as_secs(),
                layout.log_tail()
            );
        }
        if elapsed > next_report {
            tracing::info!(
                event_type = "postgres_starting",
                "PostgreSQL is still {} ({} s)",
                if recovering { "recovering" } else { "starting" },
                elapsed.as_secs()
            );
            next_report = next_report.saturating_add(Duration::from_secs(10));
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

fn lock(data_dir: &Path) -> anyhow::Result<File> {
    let path = data_dir.join("stratum.lock");
    let file = File::options().create(true).truncate(false).write(true).open(&path)?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(anyhow!(
            "another stratum already uses {}; stop it, give --data-dir, or share one database with DATABASE_URL",
            data_dir.display()
        )),
        Err(TryLockError::Error(error)) => {
            Err(error).with_context(|| format!("{} cannot be locked", path.display()))
        }
    }
}

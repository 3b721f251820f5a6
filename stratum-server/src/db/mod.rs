//! The database: pools per role, migrations, and the one way to a tenant's rows.
//!
//! ```text
//! requests ──► Db::tenant_tx ──► role stratum_app, inside a transaction that names the tenant
//! sign-in  ──► Directory      ──► role stratum_directory: which tenant does this key belong to?
//! start-up ──► migrate        ──► the owner, who never serves a request
//! ```
//!
//! Row-level security is forced on every table with a `tenant_id`: a connection that has named no tenant sees no rows.

mod directory;
mod error;
mod inspect;
mod migrate;
mod pool;
pub mod roles;
mod scope;
mod tenant_tx;

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use log::LevelFilter;
use sqlx::postgres::{PgConnectOptions, PgPool, PgPoolOptions};
use sqlx::{ConnectOptions as _, Connection as _};

pub use directory::Directory;
pub(crate) use error::is_transient;
pub use error::{constraint_of, is_connection_loss};
pub use inspect::inspect;
pub(crate) use migrate::ensure_database;
pub use migrate::{MIGRATOR, migrate};
use pool::Pool;
pub use scope::{Actor, ActorType, Scope};
pub use tenant_tx::{TenantTx, Work};

use crate::clock::Clock;
use crate::realtime::Outbox;

/// How to connect as each of the roles.
#[derive(Debug, Clone)]
pub struct Connections {
    /// Owns the tables; runs the migrations and nothing else.
    pub owner: PgConnectOptions,
    /// Serves requests; row-level security binds it.
    pub app: PgConnectOptions,
    /// Inserts, and does nothing else.
    pub ingest: PgConnectOptions,
    /// Reads which tenant a key belongs to.
    pub directory: PgConnectOptions,
}

/// How many connections a process may hold.
#[derive(Debug, Clone, Copy)]
pub struct PoolSizes {
    /// Connections of `stratum_app`.
    pub app: u32,
    /// Connections of `stratum_directory`.
    pub directory: u32,
}

impl Default for PoolSizes {
    /// Four per core for requests, at least four; more was measured slower.
    fn default() -> Self {
        let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        let cores = u32::try_from(cores).unwrap_or(1);
        Self { app: cores.saturating_mul(4).max(4), directory: 4 }
    }
}

/// The database as requests and jobs see it. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Db {
    app: Pool,
    directory: Directory,
    outbox: Arc<Outbox>,
    clock: Clock,
    doubt: Arc<Doubt>,
}

impl Db {
    /// Opens the pools; nothing connects before the first use.
    #[must_use]
    pub fn open(connections: &Connections, sizes: PoolSizes, clock: Clock) -> Self {
        let doubt = Arc::new(Doubt::default());
        Self {
            app: Pool::new(named(&connections.app), sizes.app),
            directory: Directory::new(directory_pool(
                &connections.directory,
                sizes.directory,
                Arc::clone(&doubt),
            )),
            doubt,
            outbox: Arc::new(Outbox::default()),
            clock,
        }
    }

    /// What can be asked before the tenant is known.
    #[must_use]
    pub fn directory(&self) -> &Directory {
        &self.directory
    }

    /// The clock that transactions read.
    #[must_use]
    pub fn clock(&self) -> &Clock {
        &self.clock
    }

    /// The live events that transactions publish.
    #[must_use]
    pub fn outbox(&self) -> &Arc<Outbox> {
        &self.outbox
    }

    /// Whether the database answers. Touches no tenant's rows.
    pub async fn is_up(&self) -> bool {
        let db = self.clone();
        // Spawned, as everything on this pool: see `tenant_tx`.
        let answer = tokio::spawn(async move {
            let mut lease = db.app.acquire(true).await?;
            let answered = lease.ping().await;
            if answered.is_ok() {
                lease.give_back();
            }
            answered
        });
        let answer = tokio::time::timeout(Duration::from_secs(3), answer).await;
        answer.is_ok_and(|joined| joined.is_ok_and(|answered| answered.is_ok()))
    }

    /// The tenant that a connection of the pool still names, and how many tenants it sees, without naming one: `""` and 0.
    ///
    /// # Errors
    /// The database's.
    #[doc(hidden)]
    pub async fn probe_unscoped(&self) -> sqlx::Result<(String, i64)> {
        let mut lease = self.app.acquire(false).await?;
        let found = sqlx::query_as(
            "SELECT COALESCE(current_setting('app.tenant_id', true), ''), (SELECT count(*) FROM tenant)",
        )
        .fetch_one(&mut *lease)
        .await?;
        lease.give_back();
        Ok(found)
    }

    /// Closes the pools once their connections are back.
    pub async fn close(&self) {
        self.app.close().await;
        self.directory.close().await;
    }
}

/// Whether a connection was lost lately: then the others may be dead as well, and each is asked before it is used.
#[derive(Debug, Default)]
struct Doubt(Mutex<Option<Instant>>);

impl Doubt {
    /// A connection was lost just now.
    fn cast(&self) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(Instant::now());
    }

    /// Whether one was lost within the last ten seconds.
    fn remains(&self) -> bool {
        let lost = *self.0.lock().unwrap_or_else(PoisonError::into_inner);
        lost.is_some_and(|lost| lost.elapsed() < Duration::from_secs(10))
    }
}

fn directory_pool(options: &PgConnectOptions, size: u32, doubt: Arc<Doubt>) -> PgPool {
    PgPoolOptions::new()
        .max_connections(size)
        .acquire_timeout(Duration::from_secs(5))
        // As with the other pool: only connections that lay idle are asked, and all of them for a while after one was lost.
        .test_before_acquire(false)
        .before_acquire(move |connection, meta| {
            let ask = meta.idle_for > Duration::from_secs(30) || doubt.remains();
            Box::pin(async move {
                if ask {
                    connection.ping().await?;
                }
                Ok(true)
            })
        })
        .connect_lazy_with(named(options))
}

fn named(options: &PgConnectOptions) -> PgConnectOptions {
    // What a statement took is asked of Postgres; sqlx would look for a reader of its log lines after each one.
    options.clone().application_name("stratum").log_statements(LevelFilter::Off)
}

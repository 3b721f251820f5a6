//! The connections of the role that serves requests.
//!
//! sqlx's own pool asks each connection that comes back whether it is well, in a task of its own, because a future that
//! was dropped may have left it in the middle of a statement: one round trip more on top of the four of a short
//! transaction. Work for a tenant is never dropped (see [`super::tenant_tx`]), so a connection comes back here only when
//! its transaction was seen to end. One whose lease is dropped in any other way is closed.

use std::ops::{Deref, DerefMut};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use sqlx::postgres::{PgConnectOptions, PgConnection};
use sqlx::{Connection as _, Executor as _};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::timeout;

/// How long work waits for its turn, and then for a new connection where none is kept.
const PATIENCE: Duration = Duration::from_secs(5);
/// A connection that lay idle for this long is asked whether it is well before it is used.
const IDLE: Duration = Duration::from_secs(30);
/// A connection is replaced after this time: what a backend of Postgres caches only grows.
const LIFETIME: Duration = Duration::from_secs(30 * 60);
/// Between two attempts to reach a database that is just starting.
const RETRY: Duration = Duration::from_millis(20);

/// A bounded number of connections. Cheap to clone.
#[derive(Debug, Clone)]
pub(super) struct Pool(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    options: PgConnectOptions,
    size: u32,
    slots: Arc<Semaphore>,
    idle: Mutex<Vec<Idle>>,
    closed: AtomicBool,
}

#[derive(Debug)]
struct Idle {
    connection: PgConnection,
    made: Instant,
    since: Instant,
}

/// A connection for one piece of work. It goes back with [`Self::give_back`], or else is closed.
#[derive(Debug)]
pub(super) struct Lease {
    connection: PgConnection,
    made: Instant,
    pool: Pool,
    _slot: OwnedSemaphorePermit,
}

impl Pool {
    /// Nothing connects before the first use.
    pub(super) fn new(options: PgConnectOptions, size: u32) -> Self {
        let slots = Arc::new(Semaphore::new(usize::try_from(size).unwrap_or(Semaphore::MAX_PERMITS)));
        Self(Arc::new(Shared {
            options,
            size,
            slots,
            idle: Mutex::default(),
            closed: AtomicBool::new(false),
        }))
    }

    /// A connection; in turn, where all are in use. With `doubtful`, a kept one is asked first whether it is still well.
    ///
    /// # Errors
    /// `PoolTimedOut` after five seconds of either, `PoolClosed`, or why no connection can be made.
    pub(super) async fn acquire(&self, doubtful: bool) -> sqlx::Result<Lease> {
        // Mostly a slot is free, and no timer need be set.
        let slot = match Arc::clone(&self.0.slots).try_acquire_owned() {
            Ok(slot) => slot,
            Err(_) => timeout(PATIENCE, Arc::clone(&self.0.slots).acquire_owned())
                .await
                .map_err(|_| sqlx::Error::PoolTimedOut)?
                .map_err(|_| sqlx::Error::PoolClosed)?,
        };
        if self.0.closed.load(Ordering::Acquire) {
            return Err(sqlx::Error::PoolClosed);
        }
        while let Some(mut kept) = self.take() {
            let old = kept.made.elapsed() > LIFETIME;
            let unsure = doubtful || kept.since.elapsed() > IDLE;
            if old {
                let _ = kept.connection.close().await;
            } else if !unsure || kept.connection.ping().await.is_ok() {
                let Idle { connection, made, .. } = kept;
                return Ok(Lease { connection, made, pool: self.clone(), _slot: slot });
            }
        }
        let connection = timeout(PATIENCE, self.connect()).await.map_err(|_| sqlx::Error::PoolTimedOut)??;
        Ok(Lease { connection, made: Instant::now(), pool: self.clone(), _slot: slot })
    }

    /// Closes the connections once all of them are back; nothing is lent from now on.
    pub(super) async fn close(&self) {
        self.0.closed.store(true, Ordering::Release);
        let all = self.0.slots.acquire_many(self.0.size).await;
        while let Some(kept) = self.take() {
            let _ = kept.connection.close().await;
        }
        drop(all);
        self.0.slots.close();
    }

    /// A new connection, as soon as the database lets one in.
    async fn connect(&self) -> sqlx::Result<PgConnection> {
        loop {
            match PgConnection::connect_with(&self.0.options).await {
                Ok(mut connection) => {
                    connection.execute("SET idle_in_transaction_session_timeout = '10s'").await?;
                    return Ok(connection);
                }
                Err(error) if comes_up(&error) => tokio::time::sleep(RETRY).await,
                Err(error) => return Err(error),
            }
        }
    }

    fn take(&self) -> Option<Idle> {
        self.idle().pop()
    }

    fn idle(&self) -> MutexGuard<'_, Vec<Idle>> {
        self.0.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whether the database may let us in a moment later.
fn comes_up(error: &sqlx::Error) -> bool {
    match error {
        sqlx::Error::Io(error) => error.kind() == std::io::ErrorKind::ConnectionRefused,
        sqlx::Error::Database(error) => matches!(error.code().as_deref(), Some("57P03" | "53300")),
        _ => false,
    }
}

impl Lease {
    /// For the next piece of work. Only once its transaction has ended.
    pub(super) fn give_back(self) {
        let Self { connection, made, pool, .. } = self;
        pool.idle().push(Idle { connection, made, since: Instant::now() });
        // The slot becomes free after this, with the connection there to be taken.
    }
}

impl Deref for Lease {
    type Target = PgConnection;

    fn deref(&self) -> &PgConnection {
        &self.connection
    }
}

impl DerefMut for Lease {
    fn deref_mut(&mut self) -> &mut PgConnection {
        &mut self.connection
    }
}

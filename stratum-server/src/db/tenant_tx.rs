//! The one way to a tenant's rows.
//!
//! In sqlx 0.9.0 a `begin()` that is dropped while `BEGIN` is on the wire leaves the connection inside an open
//! transaction, and the pool hands that connection out again (sqlx issues 4393, 4385 and 2805). With row-level
//! security that is a read across tenants: the next user of the connection finds the former tenant still named. axum
//! drops a handler's future whenever its client hangs up. So every unit of work runs in a task of its own, which nobody
//! drops; a client that hangs up leaves the work to finish. Never put a timeout or a `select!` around `begin` in here.
//! Once a release of sqlx holds the fix (pull request 4394) the task can go; the regression test stays.

use std::ops::{Deref, DerefMut};

use futures_util::future::BoxFuture;
use serde::Serialize;
use sqlx::postgres::{PgConnection, PgTransactionManager};
use sqlx_core::transaction::TransactionManager as _;
use stratum_core::Timestamp;
use tokio::sync::oneshot;
use tracing::Instrument as _;

use super::pool::Lease;
use super::{Db, Scope, is_connection_loss};
use crate::clock::Clock;
use crate::http::ApiError;
use crate::realtime::{Channel, PendingEvent};

/// What a unit of work gives: boxed, because it borrows the transaction.
pub type Work<'a, T> = BoxFuture<'a, Result<T, ApiError>>;

/// A transaction in which one tenant is named. Dereferences to the connection, for `sqlx::query(…).execute(&mut **tx)`.
#[derive(Debug)]
pub struct TenantTx {
    lease: Lease,
    scope: Scope,
    now: Timestamp,
    clock: Clock,
    events: Vec<PendingEvent>,
}

impl TenantTx {
    /// In whose name this transaction runs.
    #[must_use]
    pub fn scope(&self) -> &Scope {
        &self.scope
    }

    /// The instant of this transaction: when it began, or when it got the last lock that it waited for
    /// ([`Self::waited`]). Work takes the time from here, so that all of it happens at one instant.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.now
    }

    /// Moves the instant on after a lock was acquired. What was decided by others while this transaction waited, and what
    /// expired meanwhile, counts for what it decides from here on. Never moves back.
    pub fn waited(&mut self) {
        self.now = self.now.max(self.clock.now());
    }

    /// Forgets the events published so far: the work that published them was taken back.
    pub(crate) fn discard_events(&mut self) {
        self.events.clear();
    }

    /// Publishes a live event. It is numbered and stored when the work is done, and sent once the transaction has
    /// committed; work that fails publishes nothing.
    ///
    /// # Errors
    /// When the payload does not serialize.
    pub fn publish(
        &mut self,
        channel: Channel,
        kind: &'static str,
        payload: impl Serialize,
    ) -> Result<(), ApiError> {
        let payload = serde_json::to_value(payload).map_err(ApiError::internal)?;
        self.events.push(PendingEvent { channel, kind, payload });
        Ok(())
    }
}

impl Deref for TenantTx {
    type Target = PgConnection;

    fn deref(&self) -> &PgConnection {
        &self.lease
    }
}

impl DerefMut for TenantTx {
    fn deref_mut(&mut self) -> &mut PgConnection {
        &mut self.lease
    }
}

impl Db {
    /// Runs `work` in a transaction for the tenant of `scope`, and commits it when the work succeeds.
    ///
    /// ```ignore
    /// let name: String = db
    ///     .tenant_tx(&scope, |tx| Box::pin(async move {
    ///         Ok(sqlx::query_scalar("SELECT name FROM tenant").fetch_one(&mut **tx).await?)
    ///     }))
    ///     .await?;
    /// ```
    ///
    /// # Errors
    /// What the work gives (everything is rolled back), or the database's error.
    pub async fn tenant_tx<T, F>(&self, scope: &Scope, work: F) -> Result<T, ApiError>
    where
        F: for<'a> FnOnce(&'a mut TenantTx) -> Work<'a, T> + Send + 'static,
        T: Send + 'static,
    {
        let db = self.clone();
        let scope = scope.clone();
        let unit = async move {
            let result = async {
                let mut tx = db.begin(scope, "BEGIN").await?;
                let result = work(&mut tx).await;
                db.end(tx, result).await
            };
            db.watched(result.await)
        };
        match tokio::spawn(unit.in_current_span()).await {
            Ok(result) => result,
            Err(panicked) => Err(ApiError::internal(panicked)),
        }
    }

    /// Runs `work`, which only reads, in a read-only transaction. When the database was lost under it (it restarted,
    /// or an administrator ended the session) it is run a second time. There is nothing to commit, so what was read is
    /// given before the transaction ends.
    ///
    /// # Errors
    /// As [`Self::tenant_tx`].
    pub async fn tenant_read<T, F>(&self, scope: &Scope, work: F) -> Result<T, ApiError>
    where
        F: for<'a> Fn(&'a mut TenantTx) -> Work<'a, T> + Send + Sync + 'static,
        T: Send + 'static,
    {
        let db = self.clone();
        let scope = scope.clone();
        let (give, given) = oneshot::channel();
        let unit = async move {
            let (mut result, mut tx) = db.read(scope.clone(), &work).await;
            if result.as_ref().is_err_and(|error| error.database_error().is_some_and(is_connection_loss)) {
                drop(tx);
                (result, tx) = db.read(scope, &work).await;
            }
            // Who asked may have hung up.
            let _ = give.send(result);
            if let Some(tx) = tx {
                let _ = db.watched(db.finish(tx).await);
            }
        };
        let unit = tokio::spawn(unit.in_current_span());
        match given.await {
            Ok(result) => result,
            Err(_) => Err(unit
                .await
                .err()
                .map_or_else(|| ApiError::internal("a read ended without an answer"), ApiError::internal)),
        }
    }

    /// What `work` reads, and the transaction that is still to be ended, if one was begun.
    async fn read<T, F>(&self, scope: Scope, work: &F) -> (Result<T, ApiError>, Option<TenantTx>)
    where
        F: for<'a> Fn(&'a mut TenantTx) -> Work<'a, T>,
    {
        match self.begin(scope, "BEGIN READ ONLY").await {
            Ok(mut tx) => (self.watched(work(&mut tx).await), Some(tx)),
            Err(error) => (self.watched(Err(error)), None),
        }
    }

    /// Notes when a connection was lost.
    fn watched<T>(&self, result: Result<T, ApiError>) -> Result<T, ApiError> {
        if let Err(error) = &result
            && error.database_error().is_some_and(is_connection_loss)
        {
            self.doubt.cast();
        }
        result
    }

    async fn begin(&self, scope: Scope, statement: &'static str) -> Result<TenantTx, ApiError> {
        let waited = std::time::Instant::now();
        let mut lease = self.app.acquire(self.doubt.remains()).await?;
        metrics::histogram!("stratum_db_pool_wait_seconds").record(waited.elapsed().as_secs_f64());
        PgTransactionManager::begin(&mut lease, Some(sqlx::SqlSafeStr::into_sql_str(statement))).await?;
        // As a typed parameter, never as text in the statement; true: until the end of this transaction.
        sqlx::query("SELECT set_config('app.tenant_id', $1, true)")
            .bind(scope.tenant.to_string())
            .execute(&mut *lease)
            .await?;
        Ok(TenantTx { lease, scope, now: self.clock.now(), clock: self.clock.clone(), events: Vec::new() })
    }

    async fn end<T>(&self, mut tx: TenantTx, result: Result<T, ApiError>) -> Result<T, ApiError> {
        match result {
            Ok(value) => {
                let events = std::mem::take(&mut tx.events);
                let tenant = tx.scope.tenant;
                let published = !events.is_empty();
                if published {
                    // Last of all, so that the lock on the tenant's counter is held for the commit only.
                    Box::pin(self.outbox.store(&mut tx.lease, tenant, tx.now, events)).await?;
                }
                self.finish(tx).await?;
                if published {
                    self.outbox.wake(tenant);
                }
                Ok(value)
            }
            Err(error) => {
                // The connection goes back clean, or not at all.
                match PgTransactionManager::rollback(&mut tx.lease).await {
                    Ok(()) => tx.lease.give_back(),
                    Err(lost) => tracing::debug!(event_type = "rollback_refused", "{lost}"),
                }
                Err(error)
            }
        }
    }

    /// Commits, and gives the connection back.
    async fn finish(&self, mut tx: TenantTx) -> Result<(), ApiError> {
        PgTransactionManager::commit(&mut tx.lease).await?;
        tx.lease.give_back();
        Ok(())
    }
}

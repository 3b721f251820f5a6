//! What can be asked before the tenant is known: which tenant does this key belong to?
//!
//! Its role may read the key columns and `tenant_id`, and nothing else: no name, no password, no state. Whatever is
//! done next runs in a transaction of the tenant that was found.

use std::future::Future;

use sqlx::postgres::PgPool;
use stratum_core::Timestamp;
use stratum_core::id::TenantId;
use uuid::Uuid;

use crate::http::ApiError;

/// The role `stratum_directory`'s connections.
#[derive(Debug, Clone)]
pub struct Directory {
    pool: PgPool,
}

impl Directory {
    pub(super) fn new(pool: PgPool) -> Self {
        Self { pool }
    }

    /// The tenant of the account with this normalised address.
    ///
    /// # Errors
    /// The database's.
    pub async fn tenant_of_email(&self, email_key: &str) -> Result<Option<TenantId>, ApiError> {
        self.tenant("SELECT tenant_id FROM account WHERE email_key = $1", email_key.to_owned()).await
    }

    /// The tenant whose session this refresh token belongs to; `token_hash` is its SHA-256.
    ///
    /// # Errors
    /// The database's.
    pub async fn tenant_of_refresh_token(&self, token_hash: &[u8]) -> Result<Option<TenantId>, ApiError> {
        self.tenant("SELECT tenant_id FROM refresh_token WHERE token_hash = $1", token_hash.to_owned()).await
    }

    /// The tenant whose source has this key; `key_hash` is its SHA-256.
    ///
    /// # Errors
    /// The database's.
    pub async fn tenant_of_source_key(&self, key_hash: &[u8]) -> Result<Option<TenantId>, ApiError> {
        self.tenant("SELECT tenant_id FROM source WHERE key_hash = $1", key_hash.to_owned()).await
    }

    /// Every tenant, oldest first: background work visits them one by one, each in a transaction of its own.
    ///
    /// # Errors
    /// The database's.
    pub async fn tenants(&self) -> Result<Vec<TenantId>, ApiError> {
        let pool = self.pool.clone();
        let rows: Vec<(Uuid,)> = spawned(async move {
            sqlx::query_as("SELECT tenant_id FROM tenant ORDER BY tenant_id").fetch_all(&pool).await
        })
        .await?;
        Ok(rows.into_iter().map(|(id,)| TenantId::from_uuid(id)).collect())
    }

    /// The tenants that a statement finds work for at `now`, which it takes as `$1`; it reads listed columns only.
    ///
    /// # Errors
    /// The database's.
    pub async fn tenants_due(
        &self,
        statement: &'static str,
        now: Timestamp,
    ) -> Result<Vec<TenantId>, ApiError> {
        let pool = self.pool.clone();
        let rows: Vec<(Uuid,)> =
            spawned(async move { sqlx::query_as(statement).bind(now.to_chrono()).fetch_all(&pool).await })
                .await?;
        Ok(rows.into_iter().map(|(id,)| TenantId::from_uuid(id)).collect())
    }

    /// Runs a statement of another room that finds tenants by what the directory may read (such as due jobs).
    ///
    /// # Errors
    /// The database's; "permission denied" when the migrations grant the directory no such column.
    pub async fn fetch<R>(&self, statement: &'static str) -> Result<Vec<R>, ApiError>
    where
        R: for<'r> sqlx::FromRow<'r, sqlx::postgres::PgRow> + Send + Unpin + 'static,
    {
        let pool = self.pool.clone();
        spawned(async move { sqlx::query_as(statement).fetch_all(&pool).await }).await
    }

    pub(super) async fn close(&self) {
        self.pool.close().await;
    }

    async fn tenant<K>(&self, statement: &'static str, key: K) -> Result<Option<TenantId>, ApiError>
    where
        K: for<'q> sqlx::Encode<'q, sqlx::Postgres> + sqlx::Type<sqlx::Postgres> + Send + 'static,
    {
        let pool = self.pool.clone();
        let row: Option<(Uuid,)> =
            spawned(async move { sqlx::query_as(statement).bind(key).fetch_optional(&pool).await }).await?;
        Ok(row.map(|(id,)| TenantId::from_uuid(id)))
    }
}

async fn spawned<T: Send + 'static>(
    work: impl Future<Output = sqlx::Result<T>> + Send + 'static,
) -> Result<T, ApiError> {
    match tokio::spawn(work).await {
        Ok(result) => Ok(result?),
        Err(panicked) => Err(ApiError::internal(panicked)),
    }
}

//! Whether a session still counts: looked up once in five seconds, so that a request costs no extra query, and a
//! revocation is known everywhere within those five seconds (in this process at once).

use std::time::Duration;

use moka::future::Cache;
use sqlx::Row as _;
use stratum_core::id::TenantId;
use stratum_core::vocabulary::Role;
use uuid::Uuid;

use super::sources::{self, SourceState};
use crate::db::{Db, Scope};
use crate::http::ApiError;
use crate::tenant::{Standing, parse};

/// How long an answer is believed.
const BELIEVED: Duration = Duration::from_secs(5);

/// What must be known of a person's session before a request runs.
#[derive(Debug, Clone, Copy)]
pub(super) struct SessionState {
    /// The person's role now.
    pub(super) role: Role,
    /// The state of the tenant.
    pub(super) standing: Standing,
    /// Neither revoked nor of a person who was deactivated.
    pub(super) live: bool,
}

/// The sessions, tenants and sources seen in the last five seconds.
#[derive(Debug)]
pub struct Sessions {
    people: Cache<Uuid, Option<SessionState>>,
    sources: Cache<Vec<u8>, Option<SourceState>>,
    tenants: Cache<Uuid, Option<Standing>>,
}

impl Sessions {
    pub(super) fn new() -> Self {
        Self { people: cache(100_000), sources: cache(10_000), tenants: cache(10_000) }
    }

    /// The state of a session; `None` when there is none.
    pub(super) async fn of_person(
        &self,
        db: &Db,
        tenant: TenantId,
        session: Uuid,
    ) -> Result<Option<SessionState>, ApiError> {
        if let Some(known) = self.people.get(&session).await {
            return Ok(known);
        }
        let state = db
            .tenant_read(&Scope::system(tenant), move |tx| {
                Box::pin(async move {
                    let row = sqlx::query(
                        "SELECT a.role, a.is_active, s.revoked_at IS NOT NULL AS revoked,
                                t.status, t.subscription_status, t.tier
                         FROM session s
                         JOIN account a USING (tenant_id, user_id)
                         JOIN tenant t USING (tenant_id)
                         WHERE s.session_id = $1",
                    )
                    .bind(session)
                    .fetch_optional(&mut **tx)
                    .await?;
                    let Some(row) = row else { return Ok(None) };
                    let active: bool = row.try_get("is_active")?;
                    let revoked: bool = row.try_get("revoked")?;
                    Ok(Some(SessionState {
                        role: parse(row.try_get("role")?)?,
                        standing: Standing::of(&row)?,
                        live: active && !revoked,
                    }))
                })
            })
            .await?;
        self.people.insert(session, state).await;
        Ok(state)
    }

    /// The source that has this key; `None` when there is none.
    pub(super) async fn of_source(
        &self,
        db: &Db,
        key_hash: Vec<u8>,
    ) -> Result<Option<SourceState>, ApiError> {
        if let Some(known) = self.sources.get(&key_hash).await {
            return Ok(known);
        }
        let state = sources::find(db, &key_hash).await?;
        self.sources.insert(key_hash, state).await;
        Ok(state)
    }

    /// The state of a tenant that an operator visits; `None` when there is no such tenant.
    pub(super) async fn of_tenant(&self, db: &Db, tenant: TenantId) -> Result<Option<Standing>, ApiError> {
        if let Some(known) = self.tenants.get(&tenant.as_uuid()).await {
            return Ok(known);
        }
        let standing = db
            .tenant_read(&Scope::system(tenant), |tx| {
                Box::pin(async move {
                    let row = sqlx::query("SELECT status, subscription_status, tier FROM tenant")
                        .fetch_optional(&mut **tx)
                        .await?;
                    row.map(|row| Standing::of(&row)).transpose()
                })
            })
            .await?;
        self.tenants.insert(tenant.as_uuid(), standing).await;
        Ok(standing)
    }

    /// Forgets a session that was just revoked.
    pub(super) async fn forget(&self, session: Uuid) {
        self.people.invalidate(&session).await;
    }

    /// Forgets everything: many sessions were revoked at once, or a tenant changed its state.
    pub fn forget_all(&self) {
        self.people.invalidate_all();
        self.sources.invalidate_all();
        self.tenants.invalidate_all();
    }
}

fn cache<K: std::hash::Hash + Eq + Send + Sync + 'static, V: Clone + Send + Sync + 'static>(
    capacity: u64,
) -> Cache<K, V> {
    Cache::builder().max_capacity(capacity).time_to_live(BELIEVED).build()
}

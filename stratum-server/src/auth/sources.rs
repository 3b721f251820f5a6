//! Sources: the programs that send data, and the keys that they authenticate with.

use sqlx::Row as _;
use stratum_core::enumeration;
use stratum_core::id::TenantId;
use uuid::Uuid;

use super::tokens::{random_secret, secret_hash};
use crate::db::{Db, Scope, TenantTx};
use crate::http::ApiError;
use crate::tenant::{Standing, parse};

enumeration! {
    /// What kind of program a source is.
    pub enum SourceType "source type" {
        /// A page in a browser: its key can be read by anybody.
        Website = "website",
        /// A server of the tenant.
        Server = "server",
        /// A server-side tag manager, whose key pages know as well.
        Sgtm = "sgtm",
        /// A file import.
        Import = "import",
        /// A customer relationship management system.
        Crm = "crm",
    }
}

impl SourceType {
    /// Whether anybody can read the key in a page.
    #[must_use]
    pub fn is_public(self) -> bool {
        matches!(self, Self::Website | Self::Sgtm)
    }
}

/// What is known of the source that has a key.
#[derive(Debug, Clone, Copy)]
pub(super) struct SourceState {
    pub(super) tenant: TenantId,
    pub(super) source_id: Uuid,
    pub(super) source_type: SourceType,
    pub(super) active: bool,
    pub(super) standing: Standing,
}

/// The hash of a key as it came in the header.
pub(super) fn key_hash(key: &str) -> Vec<u8> {
    secret_hash(key)
}

pub(super) async fn find(db: &Db, key_hash: &[u8]) -> Result<Option<SourceState>, ApiError> {
    let Some(tenant) = db.directory().tenant_of_source_key(key_hash).await? else { return Ok(None) };
    let key_hash = key_hash.to_owned();
    db.tenant_read(&Scope::system(tenant), move |tx| {
        let key_hash = key_hash.clone();
        Box::pin(async move {
            let row = sqlx::query(
                "SELECT s.source_id, s.source_type, s.is_active, t.status, t.subscription_status, t.tier
                 FROM source s JOIN tenant t USING (tenant_id) WHERE s.key_hash = $1",
            )
            .bind(key_hash)
            .fetch_optional(&mut **tx)
            .await?;
            let Some(row) = row else { return Ok(None) };
            Ok(Some(SourceState {
                tenant,
                source_id: row.try_get("source_id")?,
                source_type: parse(row.try_get("source_type")?)?,
                active: row.try_get("is_active")?,
                standing: Standing::of(&row)?,
            }))
        })
    })
    .await
}

/// Makes a source and gives its id and its key, which is shown this once.
///
/// # Errors
/// The database's.
pub async fn create(
    tx: &mut TenantTx,
    name: &str,
    source_type: SourceType,
) -> Result<(Uuid, String), ApiError> {
    let (key, hash) = random_secret("src_");
    let id = Uuid::now_v7();
    sqlx::query(
        "INSERT INTO source (tenant_id, source_id, name, source_type, key_hash, key_hint, created_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7)",
    )
    .bind(tx.scope().tenant.as_uuid())
    .bind(id)
    .bind(name)
    .bind(source_type.as_str())
    .bind(hash)
    .bind(key.chars().take(8).collect::<String>())
    .bind(tx.now().to_chrono())
    .execute(&mut **tx)
    .await?;
    Ok((id, key))
}

//! The audit chain of each tenant: every change, one after the other, each hashed together with the one before.
//!
//! What an entry is and how the chain is hashed is [`stratum_autopilot::audit`]'s subject; this room keeps the chain.
//! [`append`] runs in the transaction of the change it records. It locks the end of the tenant's chain until that
//! transaction ends, so it comes last in a unit of work. `verify` checks a stored chain, `signing` signs where it ends once
//! a day, `records` hands out pieces of it.

mod records;
pub mod signing;
mod verify;

use sqlx::postgres::PgArguments;
use sqlx::query::Query;
use sqlx::{Postgres, Row as _};
use stratum_autopilot::audit::{AuditAction, AuditRecord, ChainHead, NewAuditEntry};
use stratum_core::{Digest, canonical};
use uuid::Uuid;

pub use records::routes;
pub use signing::{HeadSigning, SignedHead};
pub use verify::verify;

use crate::db::TenantTx;
use crate::http::ApiError;

/// An entry with the time, the actor and the request of the transaction; the caller adds which thing, what and why.
///
/// ```ignore
/// let entry = audit::entry(tx, AuditAction::SettingsChanged, "enforcement_settings")
///     .changes(Changes::between(&before, &after, &[]));
/// audit::append(tx, entry).await?;
/// ```
#[must_use]
pub fn entry(tx: &TenantTx, action: AuditAction, resource_type: &str) -> NewAuditEntry {
    let scope = tx.scope();
    let mut entry = NewAuditEntry::new(tx.now(), scope.actor, action, resource_type)
        .request_id(scope.request_id.to_string());
    if let Some(reason) = &scope.access_reason {
        entry = entry.reason(reason);
    }
    if let Some(hash) = &scope.address_hash {
        entry = entry.address_hash(hash);
    }
    entry
}

/// Appends to the chain of the transaction's tenant and gives the record as it was linked.
///
/// # Errors
/// The database's; then the transaction must not commit, for nothing happens that is not recorded.
pub async fn append(tx: &mut TenantTx, entry: NewAuditEntry) -> Result<AuditRecord, ApiError> {
    watched(store(tx, entry).await)
}

async fn store(tx: &mut TenantTx, entry: NewAuditEntry) -> Result<AuditRecord, ApiError> {
    let linked = link(tx, entry).await?;
    // One statement: the whole tenant waits until this transaction ends.
    let statement = sqlx::query(
        "WITH entry AS (
             INSERT INTO audit_entry (tenant_id, seq, entry_id, created_at, action, actor_type, actor_id,
                                      resource_type, resource_id, prev_hash, hash, entry, intervention_no)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12::json, $13)
         )
         UPDATE audit_head SET seq = $2, hash = $11, interventions = $14",
    );
    linked.bound(statement).execute(&mut **tx).await?;
    Ok(linked.record)
}

/// Counts an entry that could not be appended.
pub(crate) fn watched<T>(appended: Result<T, ApiError>) -> Result<T, ApiError> {
    if appended.is_err() {
        metrics::counter!("stratum_audit_append_failures_total").increment(1);
    }
    appended
}

/// A record at its place in the locked chain, still to be stored.
#[derive(Debug)]
pub(crate) struct Linked {
    pub(crate) record: AuditRecord,
    /// The very text that was hashed.
    text: String,
    id: Uuid,
    seq: i64,
    interventions: i64,
}

/// Locks the end of the tenant's chain and links an entry to it. Between this and the commit comes the one statement
/// that stores the record, and nothing else that could be done before.
///
/// # Errors
/// The database's.
pub(crate) async fn link(tx: &mut TenantTx, entry: NewAuditEntry) -> Result<Linked, ApiError> {
    let (head, before) = lock_head(tx).await?;
    let (record, head) = head.append(entry).map_err(ApiError::internal)?;
    let text = canonical::to_string(&record.entry).map_err(ApiError::internal)?;
    Ok(Linked {
        text,
        id: Uuid::now_v7(),
        seq: i64::try_from(head.seq).map_err(ApiError::internal)?,
        interventions: before.saturating_add(i64::from(record.entry.action.intervention().is_some())),
        record,
    })
}

impl Linked {
    /// Binds `$1` to `$14` of a statement that stores the record.
    pub(crate) fn bound<'q>(
        &'q self,
        statement: Query<'q, Postgres, PgArguments>,
    ) -> Query<'q, Postgres, PgArguments> {
        let entry = &self.record.entry;
        statement
            .bind(entry.tenant_id.as_uuid())
            .bind(self.seq)
            .bind(self.id)
            .bind(entry.created_at.to_chrono())
            .bind(entry.action.as_str())
            .bind(entry.actor_type.as_str())
            .bind(entry.actor_id)
            .bind(&entry.resource_type)
            .bind(&entry.resource_id)
            .bind(self.record.prev_hash.as_bytes().as_slice())
            .bind(self.record.hash.as_bytes().as_slice())
            .bind(&self.text)
            .bind(entry.action.intervention().map(|_| self.interventions))
            .bind(self.interventions)
    }
}

/// The end of the tenant's chain, locked, and its number of interventions; made when there is none.
async fn lock_head(tx: &mut TenantTx) -> Result<(ChainHead, i64), ApiError> {
    const LOCK: &str = "SELECT seq, hash, interventions FROM audit_head FOR NO KEY UPDATE";
    let tenant = tx.scope().tenant;
    let row = match sqlx::query(LOCK).fetch_optional(&mut **tx).await? {
        Some(row) => row,
        None => {
            sqlx::query(
                "INSERT INTO audit_head (tenant_id, seq, hash) VALUES ($1, 0, $2) ON CONFLICT (tenant_id) DO NOTHING",
            )
            .bind(tenant.as_uuid())
            .bind(Digest::ZERO.as_bytes().as_slice())
            .execute(&mut **tx)
            .await?;
            sqlx::query(LOCK).fetch_one(&mut **tx).await?
        }
    };
    let seq: i64 = row.try_get("seq")?;
    let head = ChainHead {
        tenant_id: tenant,
        seq: u64::try_from(seq).map_err(ApiError::internal)?,
        hash: digest(row.try_get("hash")?)?,
    };
    Ok((head, row.try_get("interventions")?))
}

fn digest(bytes: Vec<u8>) -> Result<Digest, ApiError> {
    let bytes: [u8; 32] =
        bytes.try_into().map_err(|_| ApiError::internal("a stored hash has not 32 bytes"))?;
    Ok(Digest::from_bytes(bytes))
}

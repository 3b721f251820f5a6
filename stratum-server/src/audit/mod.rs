//! The audit chain of each tenant: every change, one after the other, each hashed together with the one before.
//!
//! What an entry is and how the chain is hashed is [`stratum_autopilot::audit`]'s subject; this room keeps the chain.
//! [`append`] runs in the transaction of the change it records. It locks the end of the tenant's chain until that
//! transaction ends, so it comes last in a unit of work. `verify` checks a stored chain, `signing` signs where it ends once
//! a day.

pub mod signing;
mod verify;

use sqlx::Row as _;
use stratum_autopilot::audit::{AuditAction, AuditRecord, ChainHead, NewAuditEntry};
use stratum_core::{Digest, canonical};
use uuid::Uuid;

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
    let appended = link(tx, entry).await;
    if appended.is_err() {
        metrics::counter!("stratum_audit_append_failures_total").increment(1);
    }
    appended
}

async fn link(tx: &mut TenantTx, entry: NewAuditEntry) -> Result<AuditRecord, ApiError> {
    let head = lock_head(tx).await?;
    let (record, head) = head.append(entry).map_err(ApiError::internal)?;
    // The very text that was hashed.
    let text = canonical::to_string(&record.entry).map_err(ApiError::internal)?;
    let seq = i64::try_from(head.seq).map_err(ApiError::internal)?;
    sqlx::query(
        "INSERT INTO audit_entry (tenant_id, seq, entry_id, created_at, action, actor_type, actor_id,
                                  resource_type, resource_id, prev_hash, hash, entry, intervention_no)
         SELECT $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12::json,
                CASE WHEN $13 THEN COALESCE((SELECT max(intervention_no) FROM audit_entry), 0) + 1 END",
    )
    .bind(head.tenant_id.as_uuid())
    .bind(seq)
    .bind(Uuid::now_v7())
    .bind(record.entry.created_at.to_chrono())
    .bind(record.entry.action.as_str())
    .bind(record.entry.actor_type.as_str())
    .bind(record.entry.actor_id)
    .bind(&record.entry.resource_type)
    .bind(&record.entry.resource_id)
    .bind(record.prev_hash.as_bytes().as_slice())
    .bind(record.hash.as_bytes().as_slice())
    .bind(text)
    .bind(record.entry.action.intervention().is_some())
    .execute(&mut **tx)
    .await?;
    sqlx::query("UPDATE audit_head SET seq = $1, hash = $2")
        .bind(seq)
        .bind(head.hash.as_bytes().as_slice())
        .execute(&mut **tx)
        .await?;
    Ok(record)
}

/// The end of the tenant's chain, locked; made when there is none.
async fn lock_head(tx: &mut TenantTx) -> Result<ChainHead, ApiError> {
    let tenant = tx.scope().tenant;
    let row = sqlx::query(
        "INSERT INTO audit_head (tenant_id, seq, hash) VALUES ($1, 0, $2)
         ON CONFLICT (tenant_id) DO UPDATE SET seq = audit_head.seq
         RETURNING seq, hash",
    )
    .bind(tenant.as_uuid())
    .bind(Digest::ZERO.as_bytes().as_slice())
    .fetch_one(&mut **tx)
    .await?;
    let seq: i64 = row.try_get("seq")?;
    Ok(ChainHead {
        tenant_id: tenant,
        seq: u64::try_from(seq).map_err(ApiError::internal)?,
        hash: digest(row.try_get("hash")?)?,
    })
}

fn digest(bytes: Vec<u8>) -> Result<Digest, ApiError> {
    let bytes: [u8; 32] =
        bytes.try_into().map_err(|_| ApiError::internal("a stored hash has not 32 bytes"))?;
    Ok(Digest::from_bytes(bytes))
}

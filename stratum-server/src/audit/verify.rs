//! Checking a stored chain.

use serde_json::Value;
use sqlx::Row as _;
use stratum_autopilot::audit::{ChainHead, StoredRecord, Verification, Verifier};

use super::digest;
use crate::db::TenantTx;
use crate::http::ApiError;

/// Records read at once.
const BATCH: i64 = 1000;

/// Checks the chain of the transaction's tenant from `from_seq` (1 where absent) to `to_seq` (its end where absent). Up
/// to its end the chain must also lead to the head that is kept beside it.
///
/// # Errors
/// The database's. A broken chain is no error: the verification says where and why.
pub async fn verify(
    tx: &mut TenantTx,
    from_seq: Option<i64>,
    to_seq: Option<i64>,
) -> Result<Verification, ApiError> {
    let first = from_seq.unwrap_or(1).max(1);
    let last = to_seq.unwrap_or(i64::MAX);
    let mut verifier = Verifier::new(before(tx, first).await?);
    if to_seq.is_none()
        && let Some(head) = kept_head(tx).await?
    {
        verifier = verifier.expecting(head);
    }
    let mut next = first;
    loop {
        let rows = sqlx::query(
            "SELECT seq, prev_hash, hash, entry FROM audit_entry
             WHERE seq BETWEEN $1 AND $2 ORDER BY seq LIMIT $3",
        )
        .bind(next)
        .bind(last)
        .bind(BATCH)
        .fetch_all(&mut **tx)
        .await?;
        for row in &rows {
            let record = StoredRecord {
                entry: row.try_get::<Value, _>("entry")?,
                prev_hash: digest(row.try_get("prev_hash")?)?,
                hash: digest(row.try_get("hash")?)?,
            };
            if let Err(broken) = verifier.check(&record) {
                return Ok(Verification::new(verifier, Some(broken)));
            }
            next = row.try_get::<i64, _>("seq")?.saturating_add(1);
        }
        if i64::try_from(rows.len()).unwrap_or(i64::MAX) < BATCH {
            return Ok(Verification::new(verifier, None));
        }
    }
}

/// The head that the records from `first` on follow.
pub(super) async fn before(tx: &mut TenantTx, first: i64) -> Result<ChainHead, ApiError> {
    let tenant_id = tx.scope().tenant;
    let seq = first.saturating_sub(1);
    let hash: Option<Vec<u8>> = sqlx::query_scalar("SELECT hash FROM audit_entry WHERE seq = $1")
        .bind(seq)
        .fetch_optional(&mut **tx)
        .await?;
    match hash {
        Some(hash) => Ok(ChainHead {
            tenant_id,
            seq: u64::try_from(seq).map_err(ApiError::internal)?,
            hash: digest(hash)?,
        }),
        None => Ok(ChainHead::genesis(tenant_id)),
    }
}

pub(super) async fn kept_head(tx: &mut TenantTx) -> Result<Option<ChainHead>, ApiError> {
    let tenant_id = tx.scope().tenant;
    let row = sqlx::query("SELECT seq, hash FROM audit_head").fetch_optional(&mut **tx).await?;
    let Some(row) = row else { return Ok(None) };
    let seq: i64 = row.try_get("seq")?;
    Ok(Some(ChainHead {
        tenant_id,
        seq: u64::try_from(seq).map_err(ApiError::internal)?,
        hash: digest(row.try_get("hash")?)?,
    }))
}

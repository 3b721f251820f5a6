//! `GET /api/v1/audit-logs/records`: a piece of the chain as it is stored, for those who verify it elsewhere.

use axum::extract::State;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sqlx::Row as _;
use stratum_autopilot::audit::ChainHead;
use stratum_core::Digest;
use stratum_core::problem::Problem;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

use super::{digest, verify};
use crate::auth::Caller;
use crate::db::TenantTx;
use crate::http::{ApiError, Data, Query};
use crate::state::AppState;

/// Most records of one answer.
const MOST: i64 = 500;

/// The operation.
pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(read))
}

/// Which piece.
#[derive(Debug, Clone, Copy, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct PieceQuery {
    /// The first position, from 1; 1 where nothing is said.
    from_seq: Option<i64>,
    /// The last position; 499 after the first, which is the most, where nothing is said.
    to_seq: Option<i64>,
}

/// A piece of the chain, with what it takes to verify it without trusting the server that sent it.
#[derive(Debug, Serialize, ToSchema)]
struct ChainPiece {
    /// The end of what comes before; for the first record of all position 0 and a hash of zeros.
    from: Head,
    /// The records in order, each with the bytes' meaning that was hashed.
    records: Vec<PieceRecord>,
    /// The end of the whole chain, kept beside it.
    head: Head,
}

/// An end of the chain.
#[derive(Debug, Serialize, ToSchema)]
struct Head {
    /// Whose chain.
    tenant_id: Uuid,
    /// The position of the last record; 0 before the first.
    seq: u64,
    /// Its hash.
    #[schema(value_type = String)]
    hash: Digest,
}

/// A record as it is stored.
#[derive(Debug, Serialize, ToSchema)]
struct PieceRecord {
    /// The entry.
    #[schema(value_type = Object)]
    entry: Value,
    /// The hash of the record before it.
    #[schema(value_type = String)]
    prev_hash: Digest,
    /// SHA-256("stratum.audit.v1" ‖ 0 ‖ prev_hash ‖ canonical JSON (RFC 8785) of the entry).
    #[schema(value_type = String)]
    hash: Digest,
}

impl From<ChainHead> for Head {
    fn from(head: ChainHead) -> Self {
        Self { tenant_id: head.tenant_id.as_uuid(), seq: head.seq, hash: head.hash }
    }
}

/// Records of the audit chain as they are stored, to verify outside of the server.
#[utoipa::path(get, path = "/api/v1/audit-logs/records", tag = "audit", params(PieceQuery),
    responses((status = 200, body = inline(Data<ChainPiece>))), security(("bearer" = [])))]
async fn read(
    State(state): State<AppState>,
    caller: Caller,
    Query(query): Query<PieceQuery>,
) -> Result<Data<ChainPiece>, ApiError> {
    let first = query.from_seq.unwrap_or(1);
    let last = query.to_seq.unwrap_or_else(|| first.saturating_add(MOST - 1));
    if first < 1 {
        return Err(Problem::new("?from_seq", "out_of_range", "positions begin at 1").into());
    }
    if !(first..first.saturating_add(MOST)).contains(&last) {
        let message =
            format!("from {first} on a piece ends at {first} to {}", first.saturating_add(MOST - 1));
        return Err(Problem::new("?to_seq", "out_of_range", message).into());
    }
    let piece = state
        .db
        .tenant_read(caller.scope(), move |tx| Box::pin(async move { piece(tx, first, last).await }))
        .await?;
    Ok(Data { data: piece })
}

async fn piece(tx: &mut TenantTx, first: i64, last: i64) -> Result<ChainPiece, ApiError> {
    let from = verify::before(tx, first).await?;
    let head = verify::kept_head(tx).await?.unwrap_or_else(|| ChainHead::genesis(tx.scope().tenant));
    let rows = sqlx::query(
        "SELECT prev_hash, hash, entry FROM audit_entry WHERE seq BETWEEN $1 AND $2 ORDER BY seq",
    )
    .bind(first)
    .bind(last)
    .fetch_all(&mut **tx)
    .await?;
    let records = rows
        .iter()
        .map(|row| {
            Ok(PieceRecord {
                entry: row.try_get("entry")?,
                prev_hash: digest(row.try_get("prev_hash")?)?,
                hash: digest(row.try_get("hash")?)?,
            })
        })
        .collect::<Result<Vec<_>, ApiError>>()?;
    Ok(ChainPiece { from: from.into(), records, head: head.into() })
}

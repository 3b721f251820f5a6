//! The rows of jobs, and what goes over the wire.

use serde::Serialize;
use serde_json::Value;
use sqlx::Row as _;
use sqlx::postgres::PgRow;
use stratum_core::{Timestamp, enumeration};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::clock::instant;
use crate::db::TenantTx;
use crate::http::{Accepted, ApiError};
use crate::tenant::parse;

enumeration! {
    /// What a job does.
    pub enum Kind "job kind" {
        /// Decide recorded decisions again.
        TrustGateReplay = "trust_gate_replay",
        /// Try a policy on recorded decisions.
        TrustGateBacktest = "trust_gate_backtest",
    }
}

enumeration! {
    /// The state of a job.
    pub enum JobStatus "job status" {
        /// Waits.
        Pending = "PENDING",
        /// Is being done.
        Running = "RUNNING",
        /// Done.
        Completed = "COMPLETED",
        /// Done in part.
        Partial = "PARTIAL",
        /// Not done; may be retried.
        Failed = "FAILED",
        /// Not wanted any more.
        Cancelled = "CANCELLED",
    }
}

/// A job that was queued.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
pub struct JobQueued {
    /// Its id: `GET /api/v1/jobs/{job_id}`.
    pub job_id: Uuid,
    /// PENDING.
    #[schema(value_type = String, example = "PENDING")]
    pub status: JobStatus,
}

/// A job.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Job {
    /// Its id.
    pub job_id: Uuid,
    /// What it does.
    pub kind: String,
    /// Its state.
    #[schema(value_type = String, example = "COMPLETED")]
    pub status: JobStatus,
    /// How often it was begun.
    pub attempts: i32,
    /// How far it is, 0 to 100.
    pub progress_pct: Option<i32>,
    /// What came of it.
    #[schema(value_type = Option<Object>)]
    pub result: Option<Value>,
    /// Why it failed: code and message.
    #[schema(value_type = Option<Object>)]
    pub error: Option<Value>,
    /// When it was queued.
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Timestamp,
    /// When it was begun last.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub started_at: Option<Timestamp>,
    /// When it ended.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub finished_at: Option<Timestamp>,
}

impl Job {
    pub(super) fn of(row: &PgRow) -> Result<Self, ApiError> {
        let optional = |name: &str| -> Result<Option<Timestamp>, ApiError> {
            row.try_get::<Option<_>, _>(name)?.map(instant).transpose()
        };
        Ok(Self {
            job_id: row.try_get("job_id")?,
            kind: row.try_get("kind")?,
            status: parse(&row.try_get::<String, _>("status")?)?,
            attempts: row.try_get("attempts")?,
            progress_pct: row.try_get("progress_pct")?,
            result: row.try_get("result")?,
            error: row.try_get("error")?,
            created_at: instant(row.try_get("created_at")?)?,
            started_at: optional("started_at")?,
            finished_at: optional("finished_at")?,
        })
    }
}

/// Queues a job in the transaction of the request that asks for it.
///
/// # Errors
/// The database's.
pub async fn queue(
    tx: &mut TenantTx,
    kind: Kind,
    request: &Value,
    created_by: Option<Uuid>,
) -> Result<Accepted<JobQueued>, ApiError> {
    let job_id = Uuid::now_v7();
    sqlx::query(
        "INSERT INTO job (tenant_id, job_id, kind, status, request, due_at, created_by, created_at)
         VALUES ($1, $2, $3, 'PENDING', $4, $5, $6, $5)",
    )
    .bind(tx.scope().tenant.as_uuid())
    .bind(job_id)
    .bind(kind.as_str())
    .bind(request)
    .bind(tx.now().to_chrono())
    .bind(created_by)
    .execute(&mut **tx)
    .await?;
    Ok(Accepted(JobQueued { job_id, status: JobStatus::Pending }))
}

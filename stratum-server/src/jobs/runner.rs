//! Running what is queued.

use std::time::Duration;

use serde_json::{Value, json};
use sqlx::Row as _;
use stratum_core::Timestamp;
use stratum_core::id::TenantId;
use uuid::Uuid;

use super::store::{JobStatus, Kind};
use crate::db::{Scope, TenantTx};
use crate::gate;
use crate::http::ApiError;
use crate::realtime::Channel;
use crate::state::AppState;
use crate::tenant::parse;

/// The tenants with a job that is due: pending, or begun by a server that died.
const DUE: &str = "SELECT DISTINCT tenant_id FROM job
                   WHERE due_at <= $1 AND (status = 'PENDING' OR (status = 'RUNNING' AND lease_until <= $1))";
/// How often the loop looks for work.
const BEAT: Duration = Duration::from_millis(500);
/// How long a job may run before it is taken for dead.
const LEASE_MINUTES: i64 = 10;
/// How often a job is begun before it fails.
const MOST_ATTEMPTS: i32 = 3;

struct Claimed {
    id: Uuid,
    kind: Kind,
    request: Value,
    attempts: i32,
}

/// Runs until the server stops.
pub async fn run(state: AppState) {
    loop {
        match state.db.directory().tenants_due(DUE, state.now()).await {
            Ok(tenants) => {
                for tenant in tenants {
                    if let Err(error) = run_tenant(&state, tenant).await {
                        tracing::error!(event_type = "job", tenant_id = %tenant, "{error:?}");
                    }
                }
            }
            Err(error) => tracing::error!(event_type = "job", "{error:?}"),
        }
        state.figures.beat("jobs");
        tokio::select! {
            () = state.stop.cancelled() => return,
            () = tokio::time::sleep(BEAT) => {}
        }
    }
}

async fn run_tenant(state: &AppState, tenant: TenantId) -> Result<(), ApiError> {
    let scope = Scope::system(tenant);
    while let Some(claimed) = state.db.tenant_tx(&scope, |tx| Box::pin(claim(tx))).await? {
        let Claimed { id, kind, request, attempts } = claimed;
        let outcome = state
            .db
            .tenant_tx(&scope, move |tx| {
                Box::pin(async move {
                    let result = perform(tx, kind, &request).await?;
                    finish(tx, id, kind, JobStatus::Completed, Some(result), None).await
                })
            })
            .await;
        if let Err(error) = outcome {
            tracing::error!(event_type = "job", tenant_id = %tenant, kind = %kind, "{error:?}");
            let last = attempts >= MOST_ATTEMPTS || error.status().is_client_error();
            let told = json!({ "code": error.code(), "message": error.message() });
            state
                .db
                .tenant_tx(&scope, move |tx| {
                    Box::pin(async move {
                        if last {
                            finish(tx, id, kind, JobStatus::Failed, None, Some(told)).await
                        } else {
                            put_back(tx, id, attempts).await
                        }
                    })
                })
                .await?;
        }
    }
    Ok(())
}

async fn claim(tx: &mut TenantTx) -> Result<Option<Claimed>, ApiError> {
    let now = tx.now();
    let row = sqlx::query(
        "UPDATE job SET status = 'RUNNING', attempts = attempts + 1, started_at = $1, lease_until = $2
         WHERE (tenant_id, job_id) IN (
             SELECT tenant_id, job_id FROM job
             WHERE due_at <= $1 AND (status = 'PENDING' OR (status = 'RUNNING' AND lease_until <= $1))
             ORDER BY due_at, job_id LIMIT 1 FOR UPDATE SKIP LOCKED)
         RETURNING job_id, kind, request, attempts",
    )
    .bind(now.to_chrono())
    .bind(now.plus_minutes(LEASE_MINUTES).to_chrono())
    .fetch_optional(&mut **tx)
    .await?;
    row.map(|row| {
        Ok(Claimed {
            id: row.try_get("job_id")?,
            kind: parse(&row.try_get::<String, _>("kind")?)?,
            request: row.try_get("request")?,
            attempts: row.try_get("attempts")?,
        })
    })
    .transpose()
}

async fn perform(tx: &mut TenantTx, kind: Kind, request: &Value) -> Result<Value, ApiError> {
    let instant = |name: &str| -> Option<Timestamp> { request.get(name)?.as_str()?.parse().ok() };
    let result = match kind {
        Kind::TrustGateReplay => {
            serde_json::to_value(gate::run_replay(tx, None, instant("from"), instant("to")).await?)
        }
        Kind::TrustGateBacktest => serde_json::to_value(gate::run_backtest(tx, request).await?),
    };
    result.map_err(ApiError::internal)
}

async fn finish(
    tx: &mut TenantTx,
    id: Uuid,
    kind: Kind,
    status: JobStatus,
    result: Option<Value>,
    error: Option<Value>,
) -> Result<(), ApiError> {
    // A job that was cancelled meanwhile stays so.
    let changed = sqlx::query(
        "UPDATE job SET status = $2, result = $3, error = $4, finished_at = $5, lease_until = NULL,
                progress_pct = CASE WHEN $2 = 'COMPLETED' THEN 100 ELSE progress_pct END
         WHERE job_id = $1 AND status = 'RUNNING'",
    )
    .bind(id)
    .bind(status.as_str())
    .bind(result)
    .bind(error)
    .bind(tx.now().to_chrono())
    .execute(&mut **tx)
    .await?;
    metrics::counter!("stratum_job_runs_total", "kind" => kind.as_str(), "result" => status.as_str())
        .increment(1);
    if changed.rows_affected() == 1 {
        let payload = json!({ "job_id": id, "kind": kind, "status": status, "progress_pct": null });
        tx.publish(Channel::Dashboard, "job_update", payload)?;
    }
    Ok(())
}

/// Tries again after 10, 20, 40 … seconds.
async fn put_back(tx: &mut TenantTx, id: Uuid, attempts: i32) -> Result<(), ApiError> {
    let seconds = 10_i64.saturating_mul(1_i64.checked_shl(attempts.unsigned_abs()).unwrap_or(1));
    sqlx::query("UPDATE job SET status = 'PENDING', due_at = $2, lease_until = NULL WHERE job_id = $1 AND status = 'RUNNING'")
        .bind(id)
        .bind(tx.now().plus_millis(seconds.saturating_mul(1000)).to_chrono())
        .execute(&mut **tx)
        .await?;
    Ok(())
}

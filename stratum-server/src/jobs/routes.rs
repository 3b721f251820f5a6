//! `GET /jobs`, `GET /jobs/{job_id}`, cancel and retry.

use axum::extract::State;
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

use super::store::{Job, JobStatus};
use crate::auth::Caller;
use crate::db::TenantTx;
use crate::http::{Accepted, ApiError, Data, ListParams, ListQuery, Page, Path};
use crate::state::AppState;

/// The room's operations.
pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(list))
        .routes(routes!(one))
        .routes(routes!(cancel))
        .routes(routes!(retry))
}

/// The filters of the list.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct JobQuery {
    /// Only in this state.
    #[param(value_type = Option<String>)]
    status: Option<JobStatus>,
    /// Only of this kind.
    kind: Option<String>,
}

/// Jobs of the tenant, newest first.
#[utoipa::path(get, path = "/api/v1/jobs", tag = "integrations", params(JobQuery, ListParams),
    responses((status = 200, body = inline(Page<Job>))), security(("bearer" = [])))]
async fn list(
    State(state): State<AppState>,
    caller: Caller,
    query: ListQuery<JobQuery>,
) -> Result<Page<Job>, ApiError> {
    query.sort.choose(&[], "")?;
    let paging = query.paging;
    let JobQuery { status, kind } = query.filter;
    let (jobs, total) = state
        .db
        .tenant_read(caller.scope(), move |tx| {
            let kind = kind.clone();
            Box::pin(async move {
                let status = status.map(JobStatus::as_str);
                let total: i64 = sqlx::query_scalar(
                    "SELECT count(*) FROM job WHERE ($1::text IS NULL OR status = $1) AND ($2::text IS NULL OR kind = $2)",
                )
                .bind(status)
                .bind(&kind)
                .fetch_one(&mut **tx)
                .await?;
                let rows = sqlx::query(
                    "SELECT * FROM job WHERE ($1::text IS NULL OR status = $1) AND ($2::text IS NULL OR kind = $2)
                     ORDER BY created_at DESC, job_id DESC LIMIT $3 OFFSET $4",
                )
                .bind(status)
                .bind(&kind)
                .bind(paging.limit())
                .bind(paging.offset())
                .fetch_all(&mut **tx)
                .await?;
                Ok((rows.iter().map(Job::of).collect::<Result<Vec<_>, _>>()?, total))
            })
        })
        .await?;
    Ok(Page::new(jobs, total, paging))
}

/// State of any job.
#[utoipa::path(get, path = "/api/v1/jobs/{job_id}", tag = "integrations", params(("job_id" = Uuid, Path)),
    responses((status = 200, body = inline(Data<Job>))), security(("bearer" = [])))]
async fn one(
    State(state): State<AppState>,
    caller: Caller,
    Path(job): Path<Uuid>,
) -> Result<Data<Job>, ApiError> {
    let job = state.db.tenant_read(caller.scope(), move |tx| Box::pin(find(tx, job))).await?;
    Ok(Data { data: job })
}

async fn find(tx: &mut TenantTx, job: Uuid) -> Result<Job, ApiError> {
    let row = sqlx::query("SELECT * FROM job WHERE job_id = $1")
        .bind(job)
        .fetch_optional(&mut **tx)
        .await?
        .ok_or_else(|| ApiError::not_found("job"))?;
    Job::of(&row)
}

/// Cancels a pending or running job.
#[utoipa::path(post, path = "/api/v1/jobs/{job_id}/cancel", tag = "integrations", params(("job_id" = Uuid, Path)),
    responses((status = 200, body = inline(Data<Job>))), security(("bearer" = [])))]
async fn cancel(
    State(state): State<AppState>,
    caller: Caller,
    Path(job): Path<Uuid>,
) -> Result<Data<Job>, ApiError> {
    let job = state
        .db
        .tenant_tx(caller.scope(), move |tx| {
            Box::pin(transition(tx, job, &[JobStatus::Pending, JobStatus::Running], JobStatus::Cancelled))
        })
        .await?;
    Ok(Data { data: job })
}

/// Runs a failed job again.
#[utoipa::path(post, path = "/api/v1/jobs/{job_id}/retry", tag = "integrations", params(("job_id" = Uuid, Path)),
    responses((status = 202, body = inline(Data<Job>))), security(("bearer" = [])))]
async fn retry(
    State(state): State<AppState>,
    caller: Caller,
    Path(job): Path<Uuid>,
) -> Result<Accepted<Job>, ApiError> {
    let job = state
        .db
        .tenant_tx(caller.scope(), move |tx| {
            Box::pin(transition(tx, job, &[JobStatus::Failed], JobStatus::Pending))
        })
        .await?;
    Ok(Accepted(job))
}

async fn transition(
    tx: &mut TenantTx,
    job: Uuid,
    from: &[JobStatus],
    to: JobStatus,
) -> Result<Job, ApiError> {
    let now = tx.now().to_chrono();
    let changed = sqlx::query(
        "UPDATE job SET status = $2, error = NULL, due_at = $3,
                finished_at = CASE WHEN $2 = 'CANCELLED' THEN $3::timestamptz END
         WHERE job_id = $1 AND status = ANY($4)",
    )
    .bind(job)
    .bind(to.as_str())
    .bind(now)
    .bind(from.iter().map(|status| status.as_str()).collect::<Vec<_>>())
    .execute(&mut **tx)
    .await?;
    let found = find(tx, job).await?;
    if changed.rows_affected() == 1 { Ok(found) } else { Err(ApiError::invalid_transition(found.status, to)) }
}

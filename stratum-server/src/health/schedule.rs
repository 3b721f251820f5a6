//! Health on time: every five minutes for each connected platform, and within seconds of new signals.

use std::time::Duration;

use sqlx::Row as _;
use stratum_core::id::TenantId;
use stratum_core::vocabulary::Platform;

use super::{Trigger, evaluate_platform};
use crate::db::{Scope, TenantTx};
use crate::http::ApiError;
use crate::state::AppState;
use crate::tenant::parse;

/// Minutes from one scheduled evaluation to the next.
const CADENCE_MINUTES: i64 = 5;
/// The tenants with an evaluation that is due.
const DUE: &str = "SELECT DISTINCT tenant_id FROM health_due WHERE next_at <= $1 OR requested_at IS NOT NULL";
/// How often the loop looks for work.
const BEAT: Duration = Duration::from_millis(500);

/// Asks for an evaluation of these platforms as soon as this transaction has committed. A platform that data come from
/// for the first time is taken as connected and put on the schedule.
///
/// # Errors
/// The database's.
pub async fn request_evaluation(
    tx: &mut TenantTx,
    platforms: impl IntoIterator<Item = Platform>,
) -> Result<(), ApiError> {
    let mut names: Vec<&str> = platforms.into_iter().map(Platform::as_str).collect();
    names.sort_unstable();
    names.dedup();
    if names.is_empty() {
        return Ok(());
    }
    // A platform that data come from counts in the tenant's health from now on.
    sqlx::query(
        "INSERT INTO connection (tenant_id, platform, status, created_at, updated_at)
         SELECT $1, platform, 'CONNECTED', $2, $2 FROM UNNEST($3::text[]) AS p(platform) ORDER BY platform
         ON CONFLICT DO NOTHING",
    )
    .bind(tx.scope().tenant.as_uuid())
    .bind(tx.now().to_chrono())
    .bind(&names)
    .execute(&mut **tx)
    .await?;
    sqlx::query(
        "INSERT INTO health_due (tenant_id, platform, next_at, requested_at)
         SELECT $1, platform, $2, $2 FROM UNNEST($3::text[]) AS p(platform) ORDER BY platform
         ON CONFLICT (tenant_id, platform) DO UPDATE SET requested_at = COALESCE(health_due.requested_at, $2)",
    )
    .bind(tx.scope().tenant.as_uuid())
    .bind(tx.now().to_chrono())
    .bind(names)
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Runs until the server stops: finds the tenants with work and evaluates what is due.
pub async fn run(state: AppState) {
    loop {
        match state.db.directory().tenants_due(DUE, state.now()).await {
            Ok(tenants) => {
                for tenant in tenants {
                    if let Err(error) = evaluate_due(&state, tenant).await {
                        tracing::error!(event_type = "health_evaluation", tenant_id = %tenant, "{error:?}");
                    }
                }
            }
            Err(error) => tracing::error!(event_type = "health_schedule", "{error:?}"),
        }
        state.figures.beat("health");
        tokio::select! {
            () = state.stop.cancelled() => return,
            () = tokio::time::sleep(BEAT) => {}
        }
    }
}

/// Evaluates every platform of a tenant that is due; each in a transaction of its own.
async fn evaluate_due(state: &AppState, tenant: TenantId) -> Result<(), ApiError> {
    let scope = Scope::system(tenant);
    while state.db.tenant_tx(&scope, |tx| Box::pin(evaluate_next(tx))).await? {}
    Ok(())
}

/// Claims one platform that is due and evaluates it; false if there is none.
async fn evaluate_next(tx: &mut TenantTx) -> Result<bool, ApiError> {
    let now = tx.now();
    let claimed = sqlx::query(
        "SELECT platform, next_at <= $1 AS scheduled FROM health_due
         WHERE next_at <= $1 OR requested_at IS NOT NULL
         ORDER BY platform LIMIT 1 FOR UPDATE SKIP LOCKED",
    )
    .bind(now.to_chrono())
    .fetch_optional(&mut **tx)
    .await?;
    let Some(row) = claimed else { return Ok(false) };
    let platform: Platform = parse(&row.try_get::<String, _>("platform")?)?;
    let scheduled: bool = row.try_get("scheduled")?;
    sqlx::query(
        "UPDATE health_due SET requested_at = NULL, next_at = CASE WHEN next_at <= $2 THEN $3 ELSE next_at END
         WHERE platform = $1",
    )
    .bind(platform.as_str())
    .bind(now.to_chrono())
    .bind(now.plus_minutes(CADENCE_MINUTES).to_chrono())
    .execute(&mut **tx)
    .await?;
    let trigger = if scheduled { Trigger::Schedule } else { Trigger::Signals };
    evaluate_platform(tx, platform, trigger).await?;
    Ok(true)
}

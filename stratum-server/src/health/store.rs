//! The rows of snapshots.

use chrono::{DateTime, Utc};
use serde_json::Value;
use sqlx::Row as _;
use sqlx::types::Json;
use stratum_core::Timestamp;
use stratum_core::gate::OpenIncident;
use stratum_core::health::{HealthFacts, HealthSnapshot};
use stratum_core::policy::{CompiledTrustPolicy, TrustPolicy};
use stratum_core::vocabulary::Platform;

use super::Trigger;
use crate::clock::instant;
use crate::db::TenantTx;
use crate::http::ApiError;
use crate::tenant::parse;

/// The tenant's trust policy; the defaults where none was set.
///
/// # Errors
/// The database's.
pub async fn policy(tx: &mut TenantTx) -> Result<CompiledTrustPolicy, ApiError> {
    let stored: Option<Json<TrustPolicy>> =
        sqlx::query_scalar("SELECT policy FROM trust_settings").fetch_optional(&mut **tx).await?;
    stored.map_or_else(TrustPolicy::default, |Json(policy)| policy).compile().map_err(ApiError::internal)
}

/// The platforms that count in the tenant's health.
///
/// # Errors
/// The database's.
pub async fn connected(tx: &mut TenantTx) -> Result<Vec<Platform>, ApiError> {
    let names: Vec<String> =
        sqlx::query_scalar("SELECT platform FROM connection WHERE status <> 'DISCONNECTED'")
            .fetch_all(&mut **tx)
            .await?;
    let mut platforms = names.iter().map(|name| parse(name)).collect::<Result<Vec<Platform>, _>>()?;
    platforms.sort_unstable();
    Ok(platforms)
}

/// Stores a snapshot with the measurements it used.
///
/// # Errors
/// The database's.
pub async fn insert(
    tx: &mut TenantTx,
    snapshot: &HealthSnapshot,
    facts: &HealthFacts,
    trigger: Trigger,
) -> Result<(), ApiError> {
    sqlx::query(
        "INSERT INTO health_snapshot (tenant_id, snapshot_id, platform, trigger, score, status, computed_at,
                                      data_as_of, snapshot, facts)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
    )
    .bind(snapshot.tenant_id.as_uuid())
    .bind(snapshot.snapshot_id.map(|id| id.as_uuid()))
    .bind(snapshot.platform.as_str())
    .bind(trigger.as_str())
    .bind(snapshot.score.get())
    .bind(snapshot.status.as_str())
    .bind(snapshot.computed_at.to_chrono())
    .bind(snapshot.data_as_of.map(Timestamp::to_chrono))
    .bind(Json(snapshot))
    .bind(Json(facts))
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// The newest snapshot of each platform asked for, at `at` or before.
///
/// # Errors
/// The database's.
pub async fn newest(
    tx: &mut TenantTx,
    platforms: &[Platform],
    at: Timestamp,
) -> Result<Vec<HealthSnapshot>, ApiError> {
    let rows: Vec<Json<HealthSnapshot>> = sqlx::query_scalar(
        "SELECT newest.snapshot FROM UNNEST($1::text[]) AS p(platform)
         CROSS JOIN LATERAL (
             SELECT snapshot FROM health_snapshot
             WHERE platform = p.platform AND computed_at <= $2
             ORDER BY computed_at DESC LIMIT 1
         ) AS newest",
    )
    .bind(platforms.iter().map(|platform| platform.as_str()).collect::<Vec<_>>())
    .bind(at.to_chrono())
    .fetch_all(&mut **tx)
    .await?;
    Ok(rows.into_iter().map(|Json(snapshot)| snapshot).collect())
}

/// As [`newest`], and with them the incidents that are open there, ordered by platform and kind. One statement: this is
/// read before every decision.
///
/// # Errors
/// The database's.
pub async fn newest_with_incidents(
    tx: &mut TenantTx,
    platforms: &[Platform],
    at: Timestamp,
) -> Result<(Vec<HealthSnapshot>, Vec<OpenIncident>), ApiError> {
    // The sub-select hides how many platforms there are from the planner, which would else plan anew each time.
    let rows = sqlx::query(
        "SELECT p.platform, newest.snapshot,
                (SELECT array_agg(i.kind || ' ' || i.severity) FROM incident i
                 WHERE i.platform = p.platform AND i.status <> 'CLOSED') AS incidents
         FROM UNNEST((SELECT $1::text[])) AS p(platform)
         LEFT JOIN LATERAL (
             SELECT snapshot FROM health_snapshot
             WHERE platform = p.platform AND computed_at <= $2
             ORDER BY computed_at DESC LIMIT 1
         ) AS newest ON true",
    )
    .bind(platforms.iter().map(|platform| platform.as_str()).collect::<Vec<_>>())
    .bind(at.to_chrono())
    .fetch_all(&mut **tx)
    .await?;
    let (mut snapshots, mut incidents) = (Vec::with_capacity(rows.len()), Vec::new());
    for row in &rows {
        let platform: Platform = parse(row.try_get("platform")?)?;
        snapshots.extend(
            row.try_get::<Option<Json<HealthSnapshot>>, _>("snapshot")?.map(|Json(snapshot)| snapshot),
        );
        for incident in row.try_get::<Option<Vec<String>>, _>("incidents")?.unwrap_or_default() {
            let (kind, severity) = incident
                .split_once(' ')
                .ok_or_else(|| ApiError::internal("an incident is a kind and a severity"))?;
            incidents.push(OpenIncident { platform, kind: parse(kind)?, severity: parse(severity)? });
        }
    }
    incidents.sort_by_key(|incident| (incident.platform.as_str(), incident.kind.as_str()));
    Ok((snapshots, incidents))
}

/// The snapshots since an instant, of one platform or of all, oldest first.
///
/// # Errors
/// The database's.
pub async fn since(
    tx: &mut TenantTx,
    platform: Option<Platform>,
    from: Timestamp,
) -> Result<Vec<HealthSnapshot>, ApiError> {
    let rows: Vec<Json<HealthSnapshot>> = sqlx::query_scalar(
        "SELECT snapshot FROM health_snapshot
         WHERE ($1::text IS NULL OR platform = $1) AND computed_at >= $2 ORDER BY computed_at, platform",
    )
    .bind(platform.map(Platform::as_str))
    .bind(from.to_chrono())
    .fetch_all(&mut **tx)
    .await?;
    Ok(rows.into_iter().map(|Json(snapshot)| snapshot).collect())
}

/// When these platforms were evaluated on request, since an instant.
///
/// # Errors
/// The database's.
pub async fn requested_since(
    tx: &mut TenantTx,
    platforms: &[Platform],
    from: Timestamp,
) -> Result<Vec<Timestamp>, ApiError> {
    let rows: Vec<DateTime<Utc>> = sqlx::query_scalar(
        "SELECT computed_at FROM health_snapshot
         WHERE platform = ANY($1) AND trigger = 'REQUEST' AND computed_at > $2",
    )
    .bind(platforms.iter().map(|platform| platform.as_str()).collect::<Vec<_>>())
    .bind(from.to_chrono())
    .fetch_all(&mut **tx)
    .await?;
    rows.into_iter().map(instant).collect()
}

/// The EMQ component of the newest snapshot of each of the last seven days, oldest first.
///
/// # Errors
/// The database's.
pub async fn daily_emq(
    tx: &mut TenantTx,
    platform: Platform,
    now: Timestamp,
) -> Result<Vec<Option<f64>>, ApiError> {
    let rows: Vec<(DateTime<Utc>, Option<Value>)> = sqlx::query_as(
        "SELECT DISTINCT ON (date_trunc('day', computed_at))
                date_trunc('day', computed_at),
                jsonb_path_query_first(snapshot, '$.components[*] ? (@.name == \"EMQ\").score')
         FROM health_snapshot
         WHERE platform = $1 AND computed_at >= $2
         ORDER BY date_trunc('day', computed_at), computed_at DESC",
    )
    .bind(platform.as_str())
    .bind(now.plus_hours(-7 * 24).to_chrono())
    .fetch_all(&mut **tx)
    .await?;
    Ok(rows
        .into_iter()
        .rev()
        .take(7)
        .rev()
        .map(|(_, score)| score.and_then(|score| score.as_f64()))
        .collect())
}

/// Spend of each platform over the last seven complete days before `today`, in minor units.
///
/// # Errors
/// The database's.
pub async fn spend_7d(tx: &mut TenantTx, today: chrono::NaiveDate) -> Result<Vec<(Platform, i64)>, ApiError> {
    let rows = sqlx::query(
        "SELECT c.platform, sum(m.spend_cents)::bigint AS spend
         FROM daily_metric m JOIN campaign c USING (tenant_id, campaign_id)
         WHERE m.entity_type = 'CAMPAIGN' AND m.day < $1 AND m.day >= $1 - 7 GROUP BY c.platform",
    )
    .bind(today)
    .fetch_all(&mut **tx)
    .await?;
    rows.iter()
        .map(|row| Ok((parse(&row.try_get::<String, _>("platform")?)?, row.try_get("spend")?)))
        .collect()
}

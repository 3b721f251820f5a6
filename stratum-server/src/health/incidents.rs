//! Incidents of the signals: the library's state machine, fed by the five-minute evaluations.

use sqlx::Row as _;
use sqlx::types::Json;
use stratum_core::gate::OpenIncident;
use stratum_core::health::HealthSnapshot;
use stratum_core::id::IncidentId;
use stratum_core::incident::{IncidentEvent, IncidentStatus, PlatformIncidents, TimelineKind};
use stratum_core::vocabulary::Platform;
use uuid::Uuid;

use crate::db::TenantTx;
use crate::http::ApiError;
use crate::realtime::Channel;
use crate::tenant::parse;

/// The incidents that are open, of one platform or of all.
///
/// # Errors
/// The database's.
pub async fn open_incidents(
    tx: &mut TenantTx,
    platform: Option<Platform>,
) -> Result<Vec<OpenIncident>, ApiError> {
    let rows = sqlx::query(
        "SELECT platform, kind, severity FROM incident
         WHERE status <> 'CLOSED' AND ($1::text IS NULL OR platform = $1) ORDER BY platform, kind",
    )
    .bind(platform.map(Platform::as_str))
    .fetch_all(&mut **tx)
    .await?;
    rows.iter()
        .map(|row| {
            Ok(OpenIncident {
                platform: parse(&row.try_get::<String, _>("platform")?)?,
                kind: parse(&row.try_get::<String, _>("kind")?)?,
                severity: parse(&row.try_get::<String, _>("severity")?)?,
            })
        })
        .collect()
}

/// Moves the platform's incidents on by one scheduled evaluation, and stores and publishes what happened.
///
/// # Errors
/// The database's.
pub async fn observe(tx: &mut TenantTx, snapshot: &HealthSnapshot) -> Result<(), ApiError> {
    let stored: Option<Json<PlatformIncidents>> =
        sqlx::query_scalar("SELECT state FROM incident_state WHERE platform = $1 FOR UPDATE")
            .bind(snapshot.platform.as_str())
            .fetch_optional(&mut **tx)
            .await?;
    let state = stored
        .map_or_else(|| PlatformIncidents::new(snapshot.tenant_id, snapshot.platform), |Json(state)| state);
    let next = state
        .observe(snapshot, None, |_| IncidentId::from_uuid(Uuid::now_v7()))
        .map_err(ApiError::internal)?;
    sqlx::query(
        "INSERT INTO incident_state (tenant_id, platform, state, updated_at) VALUES ($1, $2, $3, $4)
         ON CONFLICT (tenant_id, platform) DO UPDATE SET state = excluded.state, updated_at = excluded.updated_at",
    )
    .bind(snapshot.tenant_id.as_uuid())
    .bind(snapshot.platform.as_str())
    .bind(Json(&next.state))
    .bind(tx.now().to_chrono())
    .execute(&mut **tx)
    .await?;
    for event in &next.events {
        record(tx, event).await?;
    }
    Ok(())
}

async fn record(tx: &mut TenantTx, event: &IncidentEvent) -> Result<(), ApiError> {
    let incident = &event.incident;
    sqlx::query(
        "INSERT INTO incident (tenant_id, incident_id, platform, kind, severity, status, opened_at, closed_at,
                               detail, timeline)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
         ON CONFLICT (tenant_id, incident_id) DO UPDATE
         SET severity = excluded.severity, status = excluded.status, closed_at = excluded.closed_at,
             detail = excluded.detail, timeline = excluded.timeline",
    )
    .bind(tx.scope().tenant.as_uuid())
    .bind(incident.incident_id.as_uuid())
    .bind(incident.platform.as_str())
    .bind(incident.kind.as_str())
    .bind(incident.severity.as_str())
    .bind(incident.status.as_str())
    .bind(incident.opened_at.to_chrono())
    .bind(incident.closed_at.map(|at| at.to_chrono()))
    .bind(Json(incident))
    .bind(Json(&incident.timeline))
    .execute(&mut **tx)
    .await?;
    let kind = match event.entry {
        TimelineKind::IncidentClosed => "incident_closed",
        _ if incident.status == IncidentStatus::Closed => "incident_closed",
        _ => "incident_opened",
    };
    tx.publish(Channel::Incidents, kind, incident)
}

//! `GET …/incidents`: what the incident rules opened and closed.

use axum::extract::State;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sqlx::Row as _;
use sqlx::postgres::PgRow;
use sqlx::types::Json;
use stratum_core::Timestamp;
use stratum_core::id::{IncidentId, UserId};
use stratum_core::incident::{Incident, IncidentStatus};
use stratum_core::vocabulary::{IncidentKind, IncidentSeverity, Platform};
use utoipa::{IntoParams, ToSchema};

use crate::auth::Caller;
use crate::http::{ApiError, ListParams, ListQuery, Page};
use crate::state::AppState;

/// The filters of the log.
#[derive(Debug, Clone, Copy, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct LogQuery {
    /// Only OPEN, ACKNOWLEDGED or CLOSED.
    #[param(value_type = Option<String>)]
    status: Option<IncidentStatus>,
    /// Only this kind.
    #[param(value_type = Option<String>)]
    kind: Option<IncidentKind>,
    /// Only this platform.
    #[param(value_type = Option<String>)]
    platform: Option<Platform>,
    /// Still open at this instant or opened later.
    #[param(value_type = Option<String>)]
    from: Option<Timestamp>,
    /// Opened before this instant.
    #[param(value_type = Option<String>)]
    to: Option<Timestamp>,
}

/// Something that was wrong with the signals of a platform for a while.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct LoggedIncident {
    #[schema(value_type = String, format = Uuid)]
    id: IncidentId,
    /// SIGNAL_HEALTH, EMQ, ANOMALY or PLATFORM.
    #[schema(value_type = String, example = "SIGNAL_HEALTH")]
    kind: IncidentKind,
    /// HIGH, or CRITICAL, which holds the gate.
    #[schema(value_type = String, example = "HIGH")]
    severity: IncidentSeverity,
    /// Of which platform.
    #[schema(value_type = String, example = "META")]
    platform: Platform,
    /// What it is, in a few words.
    title: String,
    /// What happened, in order, as `timeline`.
    #[schema(value_type = Object)]
    detail: Value,
    /// OPEN, ACKNOWLEDGED or CLOSED.
    #[schema(value_type = String, example = "OPEN")]
    status: IncidentStatus,
    /// When it began.
    #[schema(value_type = String, format = DateTime)]
    opened_at: Timestamp,
    /// Who looks at it.
    #[schema(value_type = Option<String>, format = Uuid)]
    acknowledged_by: Option<UserId>,
    /// When it ended; null while it lasts.
    #[schema(value_type = Option<String>, format = DateTime)]
    closed_at: Option<Timestamp>,
    /// Hours from the beginning to the end.
    recovery_hours: Option<f64>,
    /// Points of EMQ: the mean while it lasted less that of the week before.
    emq_impact: Option<f64>,
}

impl LoggedIncident {
    fn read(row: &PgRow) -> Result<Self, ApiError> {
        let Json(incident): Json<Incident> = row.try_get("detail")?;
        let what = match incident.kind {
            IncidentKind::SignalHealth => "signal health was low",
            IncidentKind::Emq => "match quality fell",
            IncidentKind::Anomaly => "figures left their range",
            IncidentKind::Platform => "the platform's API failed",
        };
        Ok(Self {
            id: incident.incident_id,
            kind: incident.kind,
            severity: incident.severity,
            platform: incident.platform,
            title: format!("{}: {what}", incident.platform),
            status: incident.status,
            opened_at: incident.opened_at,
            acknowledged_by: incident.acknowledged_by,
            closed_at: incident.closed_at,
            recovery_hours: incident.recovery_hours(),
            emq_impact: incident.emq_impact(),
            detail: serde_json::json!({ "timeline": incident.timeline }),
        })
    }
}

/// Signal incidents, newest first.
#[utoipa::path(get, path = "/api/v1/tenant/{tenant_id}/incidents", tag = "trust",
    params(("tenant_id" = String, Path), LogQuery, ListParams),
    responses((status = 200, body = inline(Page<LoggedIncident>))), security(("bearer" = [])))]
pub(super) async fn list(
    State(state): State<AppState>,
    caller: Caller,
    query: ListQuery<LogQuery>,
) -> Result<Page<LoggedIncident>, ApiError> {
    query.sort.choose(&[], "")?;
    let (filter, paging) = (query.filter, query.paging);
    let (rows, total) = state
        .db
        .tenant_read(caller.scope(), move |tx| {
            Box::pin(async move {
                let rows = sqlx::query(
                    "SELECT detail, count(*) OVER () AS total FROM incident
                     WHERE ($1::text IS NULL OR status = $1) AND ($2::text IS NULL OR kind = $2)
                       AND ($3::text IS NULL OR platform = $3)
                       AND ($4::timestamptz IS NULL OR closed_at IS NULL OR closed_at >= $4)
                       AND ($5::timestamptz IS NULL OR opened_at < $5)
                     ORDER BY opened_at DESC, incident_id DESC LIMIT $6 OFFSET $7",
                )
                .bind(filter.status.map(IncidentStatus::as_str))
                .bind(filter.kind.map(IncidentKind::as_str))
                .bind(filter.platform.map(Platform::as_str))
                .bind(filter.from.map(Timestamp::to_chrono))
                .bind(filter.to.map(Timestamp::to_chrono))
                .bind(paging.limit())
                .bind(paging.offset())
                .fetch_all(&mut **tx)
                .await?;
                let total: i64 = rows.first().map_or(Ok(0), |row| row.try_get("total"))?;
                Ok((rows.iter().map(LoggedIncident::read).collect::<Result<Vec<_>, _>>()?, total))
            })
        })
        .await?;
    Ok(Page::new(rows, total, paging))
}

//! `GET …/autopilot/enforcement/audit-log`: the interventions, read from the audit chain.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use chrono::{DateTime, Utc};
use moka::future::Cache;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sqlx::Row as _;
use sqlx::postgres::PgRow;
use sqlx::types::Json;
use stratum_autopilot::audit::{ActorType, AuditAction, AuditEntry, InterventionAction};
use stratum_autopilot::enforcement::{EnforcementMode, ViolationType};
use stratum_core::Timestamp;
use stratum_core::id::ActionId;
use stratum_core::problem::Problem;
use stratum_core::vocabulary::{ActionType, EntityType, GateDecision};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

use crate::auth::Caller;
use crate::db::TenantTx;
use crate::http::{ApiError, ListParams, ListQuery, Page, Paging, WrittenPage};
use crate::state::AppState;
use crate::tenant::parse;

/// The operation.
pub(super) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(list))
}

/// The filters of the log.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct LogQuery {
    /// How many days back, 1 to 365; 30 where nothing is said.
    days: Option<u32>,
    /// Only where this limit was met.
    #[param(value_type = Option<String>)]
    violation_type: Option<ViolationType>,
    /// Only this intervention.
    #[param(value_type = Option<String>)]
    intervention: Option<InterventionAction>,
    /// Only about this entity.
    entity_id: Option<String>,
}

/// One intervention, override or switch change.
#[derive(Debug, Serialize, ToSchema)]
struct LogEntry {
    /// The audit entry.
    id: Uuid,
    /// Its position in the chain.
    audit_seq: i64,
    /// When.
    #[schema(value_type = String, format = DateTime)]
    timestamp: Timestamp,
    /// About which action.
    #[schema(value_type = Option<String>, format = Uuid)]
    action_id: Option<ActionId>,
    /// What the action does.
    #[schema(value_type = Option<String>)]
    action_type: Option<ActionType>,
    /// To what kind of thing.
    #[schema(value_type = Option<String>)]
    entity_type: Option<EntityType>,
    /// The platform's id of it.
    entity_id: Option<String>,
    /// The first limit that was met.
    #[schema(value_type = Option<String>)]
    violation_type: Option<ViolationType>,
    /// What was done.
    #[schema(value_type = String, example = "BLOCKED")]
    intervention_action: InterventionAction,
    /// The strictest mode among the limits that were met.
    #[schema(value_type = Option<String>)]
    enforcement_mode: Option<EnforcementMode>,
    /// Every limit that was met.
    #[schema(value_type = Vec<Object>)]
    violations: Vec<Value>,
    /// What the gate said.
    #[schema(value_type = Option<String>)]
    gate_decision: Option<GateDecision>,
    /// The health that the gate compared.
    health_score: Option<f64>,
    /// What changed, before.
    #[schema(value_type = Option<Object>)]
    before: Option<Value>,
    /// What changed, after.
    #[schema(value_type = Option<Object>)]
    after: Option<Value>,
    /// Anything else worth keeping.
    #[schema(value_type = Object)]
    details: Value,
    /// The request that led to it.
    request_id: Option<String>,
    /// The person who did it.
    user_id: Option<Uuid>,
    /// Why a person decided otherwise than gate or limits.
    override_reason: Option<String>,
}

/// Interventions, overrides and switch changes, newest first.
#[utoipa::path(get, path = "/api/v1/tenant/{tenant_id}/autopilot/enforcement/audit-log", tag = "enforcement",
    params(("tenant_id" = String, Path), LogQuery, ListParams), responses((status = 200, body = inline(Page<LogEntry>))))]
async fn list(
    State(state): State<AppState>,
    caller: Caller,
    query: ListQuery<LogQuery>,
) -> Result<Response, ApiError> {
    query.sort.choose(&[], "")?;
    let days = query.filter.days.unwrap_or(30);
    if !(1..=365).contains(&days) {
        let message = format!("this is from 1 to 365, not {days}");
        return Err(Problem::new("?days", "out_of_range", message).into());
    }
    let paging = query.paging;
    let LogQuery { violation_type, intervention, entity_id, .. } = &query.filter;
    if violation_type.is_none() && intervention.is_none() && entity_id.is_none() {
        let pages = state.log_pages.clone();
        let (rows, total) = state
            .db
            .tenant_read(caller.scope(), move |tx| {
                let pages = pages.clone();
                Box::pin(async move {
                    let from = since(tx, days);
                    newest(tx, &pages, from, paging).await
                })
            })
            .await?;
        return Ok(WrittenPage::new(rows, total, paging).into_response());
    }
    let (entries, total) = state
        .db
        .tenant_read(caller.scope(), move |tx| {
            let filter = query.filter.clone();
            Box::pin(async move {
                let from = since(tx, days);
                page(tx, &filter, from, paging).await
            })
        })
        .await?;
    Ok(Page::new(entries, total, paging).into_response())
}

fn since(tx: &TenantTx, days: u32) -> DateTime<Utc> {
    tx.now().plus_hours(i64::from(days).saturating_mul(-24)).to_chrono()
}

/// Pages of the log as they were written out last. An entry never changes, so a page that lies between the same two
/// entries is the same page; that it is the one asked for, and the tenant's own, the database says each time.
#[derive(Debug, Clone)]
pub struct LogPages(Cache<PageKey, Arc<str>>);

/// The tenant, and the numbers of the first and the last intervention of a page.
type PageKey = (Uuid, i64, i64);

impl Default for LogPages {
    /// Up to 16 MiB, each for a minute: then a database that was restored from a backup is seen as well.
    fn default() -> Self {
        let weight = |_: &PageKey, rows: &Arc<str>| u32::try_from(rows.len()).unwrap_or(u32::MAX);
        let pages = Cache::builder().max_capacity(16 * 1024 * 1024).weigher(weight);
        Self(pages.time_to_live(Duration::from_secs(60)).build())
    }
}

async fn page(
    tx: &mut TenantTx,
    filter: &LogQuery,
    from: DateTime<Utc>,
    paging: Paging,
) -> Result<(Vec<LogEntry>, i64), ApiError> {
    let actions: Vec<&str> = match filter.intervention {
        Some(intervention) => vec![intervention.as_str()],
        None => InterventionAction::ALL.iter().map(|intervention| intervention.as_str()).collect(),
    };
    let violation = filter.violation_type.map(ViolationType::as_str);
    let total = sqlx::query_scalar(
        "SELECT count(*) FROM audit_entry
         WHERE action = ANY($1) AND created_at >= $2
           AND ($3::text IS NULL OR EXISTS (
               SELECT FROM json_array_elements(entry->'intervention'->'violations') AS v WHERE v->>'type' = $3))
           AND ($4::text IS NULL OR entry->'intervention'->>'entity_id' = $4)",
    )
    .bind(&actions)
    .bind(from)
    .bind(violation)
    .bind(&filter.entity_id)
    .fetch_one(&mut **tx)
    .await?;
    let rows = sqlx::query(
        "SELECT entry_id, seq, action, entry FROM audit_entry
         WHERE action = ANY($1) AND created_at >= $2
           AND ($3::text IS NULL OR EXISTS (
               SELECT FROM json_array_elements(entry->'intervention'->'violations') AS v WHERE v->>'type' = $3))
           AND ($4::text IS NULL OR entry->'intervention'->>'entity_id' = $4)
         ORDER BY seq DESC LIMIT $5 OFFSET $6",
    )
    .bind(&actions)
    .bind(from)
    .bind(violation)
    .bind(&filter.entity_id)
    .bind(paging.limit())
    .bind(paging.offset())
    .fetch_all(&mut **tx)
    .await?;
    Ok((rows.iter().map(LogEntry::read).collect::<Result<_, _>>()?, total))
}

/// The page of a log without filters, written out, and how many entries the log has. Interventions are numbered without
/// gap, so they are counted without being read.
async fn newest(
    tx: &mut TenantTx,
    pages: &LogPages,
    from: DateTime<Utc>,
    paging: Paging,
) -> Result<(Arc<str>, i64), ApiError> {
    let bounds: Option<(Option<i64>, i64)> = sqlx::query_as(
        "SELECT (SELECT intervention_no FROM audit_entry WHERE intervention_no IS NOT NULL AND created_at >= $1
                 ORDER BY created_at, intervention_no LIMIT 1),
                interventions
         FROM audit_head",
    )
    .bind(from)
    .fetch_optional(&mut **tx)
    .await?;
    let Some((Some(first), last)) = bounds else { return Ok(("[]".into(), 0)) };
    let total = last.saturating_sub(first).saturating_add(1);
    let high = last.saturating_sub(paging.offset());
    let low = high.saturating_sub(paging.limit()).saturating_add(1).max(first);
    if low > high {
        return Ok(("[]".into(), total));
    }
    let key = (tx.scope().tenant.as_uuid(), low, high);
    if let Some(rows) = pages.0.get(&key).await {
        return Ok((rows, total));
    }
    let rows = sqlx::query(
        "SELECT entry_id, seq, action, entry FROM audit_entry
         WHERE intervention_no BETWEEN $1 AND $2 ORDER BY intervention_no DESC",
    )
    .bind(low)
    .bind(high)
    .fetch_all(&mut **tx)
    .await?;
    let entries = rows.iter().map(LogEntry::read).collect::<Result<Vec<_>, _>>()?;
    let rows: Arc<str> = serde_json::to_string(&entries).map_err(ApiError::internal)?.into();
    pages.0.insert(key, Arc::clone(&rows)).await;
    Ok((rows, total))
}

impl LogEntry {
    fn read(row: &PgRow) -> Result<Self, ApiError> {
        let Json(entry): Json<AuditEntry> = row.try_get("entry")?;
        let about = entry.intervention.unwrap_or_default();
        let violations: Vec<Value> = about.violations.into_iter().map(with_numbers).collect();
        let is_person = matches!(entry.actor_type, ActorType::User | ActorType::Operator);
        let (before, after) = entry.changes.map(|changes| (changes.before, changes.after)).unzip();
        Ok(Self {
            id: row.try_get("entry_id")?,
            audit_seq: row.try_get("seq")?,
            timestamp: entry.created_at,
            action_id: about.action_id,
            action_type: about.action_type,
            entity_type: about.entity_type,
            entity_id: about.entity_id,
            violation_type: violations
                .first()
                .and_then(|violation| violation.get("type")?.as_str()?.parse().ok()),
            intervention_action: parse(&row.try_get::<String, _>("action")?)?,
            enforcement_mode: about.enforcement_mode,
            violations,
            gate_decision: about.gate_decision,
            health_score: about.health_score.map(|score| score.shown()),
            before,
            after,
            details: if about.details.is_null() {
                Value::Object(serde_json::Map::new())
            } else {
                about.details
            },
            request_id: entry.request_id,
            user_id: entry.actor_id.filter(|_| is_person),
            override_reason: entry.reason.filter(|_| is_override(entry.action)),
        })
    }
}

/// The chain keeps fractions as decimal text; a limit and what was compared with it are shown as numbers.
fn with_numbers(mut violation: Value) -> Value {
    let Some(members) = violation.as_object_mut() else { return violation };
    for name in ["kind", "limit", "actual", "rule_id", "allowed_max_cents", "allowed_from"] {
        let value = members.entry(name).or_insert(Value::Null);
        if name == "limit" || name == "actual" {
            let number = value.as_str().and_then(|text| text.parse::<f64>().ok());
            if let Some(number) = number.and_then(serde_json::Number::from_f64) {
                *value = Value::Number(number);
            }
        }
    }
    violation
}

const fn is_override(action: AuditAction) -> bool {
    matches!(
        action,
        AuditAction::OverrideLogged | AuditAction::Override | AuditAction::Confirmed | AuditAction::Approved
    )
}

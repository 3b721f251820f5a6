//! `GET …/autopilot/status` and `PUT …/autopilot/mode`.

use std::collections::BTreeSet;

use axum::extract::State;
use serde::Deserialize;
use serde_json::json;
use sqlx::Row as _;
use stratum_autopilot::approval::{ApprovalSettings, AutopilotMode};
use stratum_autopilot::audit::{AuditAction, Changes, Intervention};
use stratum_core::gate::evaluate;
use stratum_core::id::UserId;
use stratum_core::vocabulary::{ActionType, GateSubject, HealthStatus};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::settings::{Autopilot, mode_ceiling};
use super::wire::{Counts, EnforcementInShort, KillSwitch, Mode, PlatformGate, Status};
use super::{event_emq_band, operators};
use crate::actions;
use crate::audit;
use crate::auth::Caller;
use crate::clock::instant;
use crate::db::TenantTx;
use crate::enforcement::wire::optional_text;
use crate::health::facts::Calendar;
use crate::http::{ApiError, Data, Json};
use crate::realtime::Channel;
use crate::state::AppState;
use crate::tenant::Tenant;
use crate::{enforcement, gate, health};

/// The room's operations.
pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(status)).routes(routes!(set_mode)).merge(operators::routes())
}

/// Mode, gate, limits, counters and kill switch.
#[utoipa::path(get, path = "/api/v1/tenant/{tenant_id}/autopilot/status", tag = "autopilot",
    params(("tenant_id" = String, Path)), responses((status = 200, body = inline(Data<Status>))))]
async fn status(State(state): State<AppState>, caller: Caller) -> Result<Data<Status>, ApiError> {
    let status = state.db.tenant_read(caller.scope(), |tx| Box::pin(load_status(tx))).await?;
    Ok(Data::from(status))
}

async fn load_status(tx: &mut TenantTx) -> Result<Status, ApiError> {
    let autopilot = Autopilot::load(tx).await?;
    let ceiling = mode_ceiling(&Tenant::load(tx).await?);
    let limits = enforcement::store::load(tx).await?.settings;
    let (counts, changes_today, last_applied_at) = load_counts(tx).await?;
    Ok(Status {
        enabled: !autopilot.frozen(),
        mode: autopilot.approval.mode.min(ceiling),
        mode_ceiling: ceiling,
        kill_switch: KillSwitch::from(&autopilot),
        gate: gates(tx, &autopilot).await?,
        enforcement: EnforcementInShort {
            enforcement_enabled: limits.enforcement_enabled,
            default_mode: limits.default_mode,
        },
        counts,
        changes_remaining_today: i64::from(limits.max_changes_per_day).saturating_sub(changes_today).max(0),
        four_eyes: autopilot.approval.four_eyes,
        auto_approve_types: autopilot.approval.auto_approve_types.clone(),
        action_ttl_hours: autopilot.approval.action_ttl_hours,
        event_emq_band: event_emq_band(tx).await?,
        last_applied_at,
    })
}

async fn gates(tx: &mut TenantTx, autopilot: &Autopilot) -> Result<Vec<PlatformGate>, ApiError> {
    let policy = health::store::policy(tx).await?;
    let mut gates = Vec::new();
    for platform in health::store::connected(tx).await? {
        // Of all types, a pause has no threshold of its own by default.
        let subject = GateSubject::PauseCampaign;
        let facts = gate::facts::load_with(tx, subject, &[platform], None, &autopilot.switches).await?;
        let evaluation = evaluate(&policy, &facts);
        let snapshot = facts.snapshots.first();
        gates.push(PlatformGate {
            platform,
            decision: evaluation.decision(),
            score: evaluation.score().map(|score| score.shown()),
            status: snapshot.map_or(HealthStatus::Unhealthy, |snapshot| snapshot.status),
        });
    }
    Ok(gates)
}

async fn load_counts(tx: &mut TenantTx) -> Result<(Counts, i64, Option<stratum_core::Timestamp>), ApiError> {
    let calendar = Calendar::load(tx).await?;
    let row = sqlx::query(
        "SELECT count(*) FILTER (WHERE state = 'QUEUED') AS queued,
                count(*) FILTER (WHERE state IN ('APPROVED', 'APPLYING')) AS approved,
                count(*) FILTER (WHERE (applied_at AT TIME ZONE $2)::date = $1) AS applied,
                count(*) FILTER (WHERE (failed_at AT TIME ZONE $2)::date = $1) AS failed,
                count(*) FILTER (WHERE (dismissed_at AT TIME ZONE $2)::date = $1) AS dismissed,
                max(applied_at) AS last_applied
         FROM action",
    )
    .bind(calendar.date(tx.now()))
    .bind(calendar.zone.name())
    .fetch_one(&mut **tx)
    .await?;
    let counts = Counts {
        queued: row.try_get("queued")?,
        approved: row.try_get("approved")?,
        applied_today: row.try_get("applied")?,
        failed_today: row.try_get("failed")?,
        dismissed_today: row.try_get("dismissed")?,
    };
    let last = row.try_get::<Option<_>, _>("last_applied")?.map(instant).transpose()?;
    Ok((counts, counts.approved.saturating_add(counts.applied_today), last))
}

/// How far automation may go.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct ModeBody {
    /// SUGGEST_ONLY, APPROVAL_REQUIRED or GUARDED_AUTO.
    #[schema(value_type = String, example = "GUARDED_AUTO")]
    mode: AutopilotMode,
    /// Whether nobody may approve what they queued by hand.
    #[serde(default)]
    four_eyes: Option<bool>,
    /// The whole list of types that the system may approve.
    #[serde(default)]
    #[schema(value_type = Option<Vec<String>>)]
    auto_approve_types: Option<BTreeSet<ActionType>>,
    /// How long a queued action waits for approval, 1 to 72.
    #[serde(default)]
    action_ttl_hours: Option<u32>,
    /// Up to 500 characters.
    #[serde(default)]
    reason: Option<String>,
}

/// Chooses how far automation may go; what is left out keeps its value.
#[utoipa::path(put, path = "/api/v1/tenant/{tenant_id}/autopilot/mode", tag = "autopilot",
    request_body = ModeBody, params(("tenant_id" = String, Path)),
    responses((status = 200, body = inline(Data<Mode>))))]
async fn set_mode(
    State(state): State<AppState>,
    caller: Caller,
    Json(body): Json<ModeBody>,
) -> Result<Data<Mode>, ApiError> {
    let by = caller.person()?;
    let reason = optional_text("/reason", body.reason.as_deref(), 500)?;
    let mode = state.db.tenant_tx(caller.scope(), move |tx| Box::pin(choose(tx, body, by, reason))).await?;
    Ok(Data::from(mode))
}

async fn choose(
    tx: &mut TenantTx,
    body: ModeBody,
    by: UserId,
    reason: Option<String>,
) -> Result<Mode, ApiError> {
    let ceiling = mode_ceiling(&Tenant::load(tx).await?);
    if body.mode > ceiling {
        return Err(ApiError::forbidden(
            "TIER_REQUIRED",
            format!("the tier of this tenant lets automation go as far as {ceiling}"),
        ));
    }
    let mut autopilot = Autopilot::lock(tx).await?;
    let before = autopilot.approval.clone();
    let after = ApprovalSettings {
        mode: body.mode,
        four_eyes: body.four_eyes.unwrap_or(before.four_eyes),
        auto_approve_types: body.auto_approve_types.unwrap_or_else(|| before.auto_approve_types.clone()),
        action_ttl_hours: body.action_ttl_hours.unwrap_or(before.action_ttl_hours),
    };
    after.validate()?;
    if after != before {
        autopilot.approval = after.clone();
        autopilot.mode_changed_by = Some(by.as_uuid());
        autopilot.mode_changed_at = Some(tx.now());
        autopilot.save(tx).await?;
        actions::wake(tx, None).await?;
        let json = |settings: &ApprovalSettings| serde_json::to_value(settings).map_err(ApiError::internal);
        let mut entry = audit::entry(tx, AuditAction::SettingsChanged, "autopilot_settings")
            .changes(Changes::between(&json(&before)?, &json(&after)?, &[]))
            .intervention(Intervention::default());
        if let Some(reason) = reason {
            entry = entry.reason(reason);
        }
        audit::append(tx, entry).await?;
        let payload = json!({ "mode": after.mode, "changed_by": by });
        tx.publish(Channel::Autopilot, "autopilot_mode_change", payload)?;
    }
    Ok(Mode {
        mode: after.mode,
        four_eyes: after.four_eyes,
        auto_approve_types: after.auto_approve_types,
        action_ttl_hours: after.action_ttl_hours,
        changed_by: autopilot.mode_changed_by.unwrap_or_else(|| by.as_uuid()),
        changed_at: autopilot.mode_changed_at.unwrap_or_else(|| tx.now()),
    })
}

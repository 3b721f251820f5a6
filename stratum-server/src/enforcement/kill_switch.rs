//! `POST …/autopilot/enforcement/kill-switch`: stopping every automated execution of the tenant, and starting again.

use axum::extract::State;
use serde::{Deserialize, Serialize};
use serde_json::json;
use stratum_autopilot::audit::{AuditAction, Changes, Intervention};
use stratum_autopilot::kill_switch::{Scope, SwitchRefusal};
use stratum_core::Timestamp;
use stratum_core::id::UserId;
use stratum_core::problem::Problem;
use stratum_core::vocabulary::Role;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

use super::wire::optional_text;
use crate::actions;
use crate::audit;
use crate::auth::Caller;
use crate::autopilot::Autopilot;
use crate::db::TenantTx;
use crate::http::{ApiError, Data, Json};
use crate::state::AppState;

/// The operation.
pub(super) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(turn))
}

/// Which way to turn it.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct SwitchBody {
    /// False stops all automated execution; true resumes it, which needs an admin and a reason.
    enabled: bool,
    /// Up to 500 characters.
    #[serde(default)]
    reason: Option<String>,
}

/// How the switch stands.
#[derive(Debug, Serialize, ToSchema)]
struct SwitchAnswer {
    /// Whether automation runs.
    enabled: bool,
    /// Whether the tenant's switch is engaged.
    kill_switch_active: bool,
    /// How many approved actions do not run because of it.
    actions_halted: i64,
    /// Who turned it last.
    changed_by: Uuid,
    /// When.
    #[schema(value_type = String, format = DateTime)]
    changed_at: Timestamp,
    /// Why.
    reason: Option<String>,
}

/// Stops or resumes automated execution. Repeating it changes nothing.
#[utoipa::path(post, path = "/api/v1/tenant/{tenant_id}/autopilot/enforcement/kill-switch", tag = "enforcement",
    request_body = SwitchBody, params(("tenant_id" = String, Path)),
    responses((status = 200, body = inline(Data<SwitchAnswer>))))]
async fn turn(
    State(state): State<AppState>,
    caller: Caller,
    Json(body): Json<SwitchBody>,
) -> Result<Data<SwitchAnswer>, ApiError> {
    if body.enabled {
        caller.require(Scope::Tenant.released_by())?;
    }
    let reason = optional_text("/reason", body.reason.as_deref(), 500)?;
    let (by, role) = (caller.person()?, caller.role());
    let answer = state
        .db
        .tenant_tx(caller.scope(), move |tx| Box::pin(set(tx, body.enabled, by, role, reason)))
        .await?;
    Ok(Data::from(answer))
}

async fn set(
    tx: &mut TenantTx,
    enabled: bool,
    by: UserId,
    role: Role,
    reason: Option<String>,
) -> Result<SwitchAnswer, ApiError> {
    let mut autopilot = Autopilot::lock(tx).await?;
    let was = autopilot.switches.tenant;
    let why = reason.as_deref().unwrap_or_default();
    let turned = if enabled {
        autopilot.switches.release(Scope::Tenant, role, why)
    } else {
        autopilot.switches.engage(Scope::Tenant, role, why)
    };
    let changed = turned.map_err(|refusal| match refusal {
        SwitchRefusal::RoleTooLow => {
            ApiError::forbidden("FORBIDDEN", "this role may not turn the kill switch")
        }
        SwitchRefusal::ReasonMissing => {
            Problem::new("/reason", "reason_required", "say why automation may run again").into()
        }
    })?;
    if changed {
        autopilot.switch_reason = reason;
        autopilot.switched_by = Some(by.as_uuid());
        autopilot.switched_at = Some(tx.now());
        autopilot.save(tx).await?;
        // What is approved shows at once that it waits, or runs again.
        actions::wake(tx, None).await?;
        announce(tx, &autopilot, was).await?;
    }
    let halted: i64 = sqlx::query_scalar("SELECT count(*) FROM action WHERE state = 'APPROVED'")
        .fetch_one(&mut **tx)
        .await?;
    let active = autopilot.switches.tenant;
    Ok(SwitchAnswer {
        enabled: !active,
        kill_switch_active: active,
        actions_halted: if active { halted } else { 0 },
        changed_by: autopilot.switched_by.unwrap_or_else(|| by.as_uuid()),
        changed_at: autopilot.switched_at.unwrap_or_else(|| tx.now()),
        reason: autopilot.switch_reason,
    })
}

async fn announce(tx: &mut TenantTx, autopilot: &Autopilot, was: bool) -> Result<(), ApiError> {
    let active = autopilot.switches.tenant;
    let mut entry = audit::entry(tx, AuditAction::KillSwitchChanged, "kill_switch")
        .changes(Changes { before: json!({ "active": was }), after: json!({ "active": active }) })
        .intervention(Intervention::default());
    if let Some(reason) = &autopilot.switch_reason {
        entry = entry.reason(reason);
    }
    audit::append(tx, entry).await?;
    autopilot.announce(tx)
}

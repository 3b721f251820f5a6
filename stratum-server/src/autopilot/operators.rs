//! The operators' freeze: of all tenants, or of one platform in all of them. No tenant can release it.
//!
//! One row says how the operators' switches stand. Every claim and every approval reads it in its own transaction, so a
//! freeze holds everywhere once it is committed, and for a tenant that is made later, too. Each tenant is told then, one
//! after the other: its chain, its stream, and its own row. A tenant that could not be told of a release stays frozen
//! until it is: the next turn of any switch tells whoever was missed.

use std::collections::BTreeSet;

use axum::extract::State;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use sqlx::Row as _;
use stratum_autopilot::audit::{Actor, AuditAction, Changes, Intervention};
use stratum_autopilot::kill_switch::{KillSwitches, Scope as Switch, SwitchRefusal};
use stratum_core::Timestamp;
use stratum_core::problem::Problem;
use stratum_core::vocabulary::{Platform, Role};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::settings::Autopilot;
use crate::actions;
use crate::audit;
use crate::auth::Caller;
use crate::clock::instant;
use crate::db::{Db, Scope, TenantTx};
use crate::enforcement::wire::text;
use crate::http::{ApiError, Data, Json};
use crate::state::AppState;
use crate::tenant::parse;

/// The operation.
pub(super) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(turn))
}

/// Which switch to turn, and which way.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct FreezeBody {
    /// False stops automated execution; true lets it go on.
    enabled: bool,
    /// In all tenants on this platform; absent: on every platform.
    #[serde(default)]
    #[schema(value_type = Option<String>, example = "META")]
    platform: Option<Platform>,
    /// 10 to 500 characters; every tenant's audit chain shows it.
    reason: String,
}

/// How the operators' switches stand.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Freeze {
    /// Whether everything is stopped.
    pub all: bool,
    /// The platforms that are stopped.
    #[schema(value_type = Vec<String>)]
    pub platforms: BTreeSet<Platform>,
    /// When a switch was turned last.
    #[schema(value_type = String, format = DateTime)]
    pub changed_at: Timestamp,
    #[serde(skip)]
    reason: Option<String>,
}

/// Freezes or releases all tenants, or one platform in all of them. Repeating it changes nothing, and tells the tenants
/// that an earlier call could not reach.
#[utoipa::path(post, path = "/api/v1/superadmin/kill-switch", tag = "superadmin", request_body = FreezeBody,
    responses((status = 200, body = inline(Data<Freeze>))))]
async fn turn(
    State(state): State<AppState>,
    caller: Caller,
    Json(body): Json<FreezeBody>,
) -> Result<Data<Freeze>, ApiError> {
    let by = caller.person()?;
    let reason = text("/reason", &body.reason, 10, 500)?;
    let (role, switch) = (caller.role(), body.platform.map_or(Switch::AllTenants, Switch::Platform));
    let freeze = state
        .db
        .tenant_tx(caller.scope(), move |tx| {
            Box::pin(async move { set(tx, body.enabled, switch, role, &reason).await })
        })
        .await?;
    let scope = Scope { actor: Actor::operator(Some(by)), ..caller.scope().clone() };
    tell_everybody(&state.db, &scope).await?;
    Ok(Data::from(freeze))
}

async fn set(
    tx: &mut TenantTx,
    enabled: bool,
    switch: Switch,
    role: Role,
    reason: &str,
) -> Result<Freeze, ApiError> {
    let row = sqlx::query("SELECT * FROM operator_freeze FOR UPDATE").fetch_one(&mut **tx).await?;
    tx.waited();
    let mut switches = read(&row)?;
    let turned =
        if enabled { switches.release(switch, role, reason) } else { switches.engage(switch, role, reason) };
    let changed = turned.map_err(|refusal| match refusal {
        SwitchRefusal::RoleTooLow => {
            ApiError::forbidden("FORBIDDEN", "only the operator may turn this switch")
        }
        SwitchRefusal::ReasonMissing => {
            ApiError::from(Problem::new("/reason", "reason_required", "say why; every tenant's log shows it"))
        }
    })?;
    if changed {
        sqlx::query(
            "UPDATE operator_freeze
             SET all_tenants = $1, platforms = $2, reason = $3, changed_by = $4, changed_at = $5",
        )
        .bind(switches.all_tenants)
        .bind(names(&switches.platforms))
        .bind(reason)
        .bind(tx.scope().actor.id)
        .bind(tx.now().to_chrono())
        .execute(&mut **tx)
        .await?;
    }
    load(tx).await
}

/// How the operators' switches stand.
///
/// # Errors
/// The database's.
pub async fn load(tx: &mut TenantTx) -> Result<Freeze, ApiError> {
    let row = sqlx::query("SELECT * FROM operator_freeze").fetch_one(&mut **tx).await?;
    let switches = read(&row)?;
    let changed_at: Option<_> = row.try_get("changed_at")?;
    Ok(Freeze {
        all: switches.all_tenants,
        platforms: switches.platforms,
        changed_at: changed_at.map(instant).transpose()?.unwrap_or_else(|| tx.now()),
        reason: row.try_get("reason")?,
    })
}

fn read(row: &sqlx::postgres::PgRow) -> Result<KillSwitches, ApiError> {
    Ok(KillSwitches {
        tenant: false,
        all_tenants: row.try_get("all_tenants")?,
        platforms: platforms(&row.try_get::<Vec<String>, _>("platforms")?)?,
    })
}

/// The platforms that stand in a column.
pub(super) fn platforms(names: &[String]) -> Result<BTreeSet<Platform>, ApiError> {
    names.iter().map(|name| parse(name)).collect()
}

fn names(platforms: &BTreeSet<Platform>) -> Vec<&'static str> {
    platforms.iter().map(|platform| platform.as_str()).collect()
}

/// Tells every tenant, whatever becomes of the others.
async fn tell_everybody(db: &Db, by: &Scope) -> Result<(), ApiError> {
    let mut failed = None;
    for tenant in db.directory().tenants().await? {
        let scope = Scope { tenant, ..by.clone() };
        if let Err(error) = db.tenant_tx(&scope, |tx| Box::pin(tell(tx))).await {
            tracing::error!(event_type = "operator_freeze", tenant_id = %tenant, "{error:?}");
            failed = Some(error);
        }
    }
    failed.map_or(Ok(()), Err)
}

/// Tells a tenant how the operators' switches stand, if it was told something else last. What it had claimed before is
/// committed when this returns, and whatever it claims later has seen the switches.
///
/// # Errors
/// The database's.
pub async fn tell(tx: &mut TenantTx) -> Result<(), ApiError> {
    let mut autopilot = Autopilot::lock(tx).await?;
    let freeze = load(tx).await?;
    let told = autopilot.told.clone();
    if (told.all_tenants, &told.platforms) == (freeze.all, &freeze.platforms) {
        return Ok(());
    }
    sqlx::query(
        "UPDATE autopilot_settings SET operator_frozen = $1, operator_frozen_platforms = $2, updated_at = $3",
    )
    .bind(freeze.all)
    .bind(names(&freeze.platforms))
    .bind(tx.now().to_chrono())
    .execute(&mut **tx)
    .await?;
    autopilot.switches = KillSwitches {
        tenant: autopilot.switches.tenant,
        all_tenants: freeze.all,
        platforms: freeze.platforms.clone(),
    };
    // What is approved shows at once that it waits, or runs again.
    actions::wake(tx, None).await?;
    let shown = |all: bool, platforms: &BTreeSet<Platform>| -> Value {
        json!({ "operator_frozen": all, "operator_frozen_platforms": platforms })
    };
    let mut entry = audit::entry(tx, AuditAction::KillSwitchChanged, "operator_kill_switch")
        .changes(Changes {
            before: shown(told.all_tenants, &told.platforms),
            after: shown(freeze.all, &freeze.platforms),
        })
        .intervention(Intervention::default().details(json!({ "reason": freeze.reason })));
    if let Some(reason) = &freeze.reason {
        entry = entry.reason(reason);
    }
    audit::append(tx, entry).await?;
    autopilot.announce(tx)
}

/// Tells a tenant that was just made, where something is frozen.
///
/// # Errors
/// The database's.
pub async fn inherit(tx: &mut TenantTx) -> Result<(), ApiError> {
    let freeze = load(tx).await?;
    if freeze.all || !freeze.platforms.is_empty() { tell(tx).await } else { Ok(()) }
}

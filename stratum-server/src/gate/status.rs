//! Health, variance, gate, autopilot and kill switch on one page.

use axum::extract::State;
use serde::Serialize;
use sqlx::Row as _;
use stratum_core::gate;
use stratum_core::vocabulary::{GateDecision, GateSubject, Platform};
use utoipa::ToSchema;

use super::facts;
use super::wire::Reason;
use crate::auth::Caller;
use crate::db::TenantTx;
use crate::health::facts::Calendar;
use crate::health::wire::SignalHealth;
use crate::health::{signal_health, store, variance};
use crate::http::{ApiError, Data};
use crate::state::AppState;

/// Everything about trust at one glance.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(super) struct TrustStatus {
    /// Health now.
    pub signal_health: SignalHealth,
    /// How far platform and reference are apart.
    pub attribution_variance_status: String,
    /// What the gate says of an action on each connected platform.
    pub gate: Vec<PlatformGate>,
    /// How far automation may go.
    pub autopilot: AutopilotSummary,
    /// What people should see first; null where nothing is wrong.
    pub banner: Option<Banner>,
}

/// What the gate says of an action on a platform.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = PlatformVerdict)]
pub(super) struct PlatformGate {
    /// Which platform.
    #[schema(value_type = String, example = "META")]
    pub platform: Platform,
    /// PASS, HOLD or BLOCK.
    #[schema(value_type = String, example = "PASS")]
    pub decision: GateDecision,
    /// Why.
    pub reasons: Vec<Reason>,
}

/// How far automation may go.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(super) struct AutopilotSummary {
    /// SUGGEST_ONLY, APPROVAL_REQUIRED or GUARDED_AUTO.
    pub mode: String,
    /// Whether anything may run on its own.
    pub enabled: bool,
    /// Whether the kill switch is engaged.
    pub kill_switch_active: bool,
}

/// What people should see first.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(super) struct Banner {
    /// INFO, WARNING or CRITICAL.
    pub severity: &'static str,
    /// As a sentence.
    pub message: String,
}

/// Health, variance, gate, autopilot and kill switch together.
#[utoipa::path(get, path = "/api/v1/tenant/{tenant_id}/trust-status", tag = "trust",
    params(("tenant_id" = Uuid, Path)), responses((status = 200, body = inline(Data<TrustStatus>))),
    security(("bearer" = [])))]
pub(super) async fn read(
    State(state): State<AppState>,
    caller: Caller,
) -> Result<Data<TrustStatus>, ApiError> {
    let status = state.db.tenant_read(caller.scope(), |tx| Box::pin(load(tx))).await?;
    Ok(Data { data: status })
}

async fn load(tx: &mut TenantTx) -> Result<TrustStatus, ApiError> {
    let now = tx.now();
    let health = signal_health(tx, None, now).await?;
    let last = Calendar::load(tx).await?.last_complete_day(now);
    let variance = variance(tx, last, 7, None).await?;
    let policy = store::policy(tx).await?;
    let mut gates = Vec::new();
    for platform in store::connected(tx).await? {
        // A pause: the subject with no threshold but the tenant's own.
        let facts = facts::load(tx, GateSubject::PauseCampaign, &[platform], None).await?;
        let evaluation = gate::evaluate(&policy, &facts);
        gates.push(PlatformGate {
            platform,
            decision: evaluation.decision(),
            reasons: evaluation.reasons().iter().map(Reason::from).collect(),
        });
    }
    let autopilot = autopilot(tx).await?;
    Ok(TrustStatus {
        attribution_variance_status: variance.status.to_string(),
        banner: banner(&gates, &autopilot),
        signal_health: health,
        gate: gates,
        autopilot,
    })
}

async fn autopilot(tx: &mut TenantTx) -> Result<AutopilotSummary, ApiError> {
    let row = sqlx::query("SELECT mode, frozen FROM autopilot_settings").fetch_optional(&mut **tx).await?;
    let (mode, frozen) = match row {
        Some(row) => (row.try_get("mode")?, row.try_get("frozen")?),
        None => ("APPROVAL_REQUIRED".to_owned(), false),
    };
    Ok(AutopilotSummary { enabled: !frozen && mode != "SUGGEST_ONLY", kill_switch_active: frozen, mode })
}

fn banner(gates: &[PlatformGate], autopilot: &AutopilotSummary) -> Option<Banner> {
    if autopilot.kill_switch_active {
        return Some(Banner {
            severity: "CRITICAL",
            message: "the kill switch is engaged: nothing is executed".to_owned(),
        });
    }
    let worst = gates.iter().max_by_key(|gate| gate.decision)?;
    let severity = match worst.decision {
        GateDecision::Pass => return None,
        GateDecision::Hold => "WARNING",
        GateDecision::Block => "CRITICAL",
    };
    let reason = worst.reasons.first().map(|reason| reason.message.clone()).unwrap_or_default();
    Some(Banner { severity, message: reason })
}

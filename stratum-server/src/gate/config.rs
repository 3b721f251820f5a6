//! The tenant's trust policy over the wire: thresholds, weights and overrides in force, and changing them.

use std::collections::{BTreeMap, BTreeSet};

use axum::extract::State;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Deserializer, Serialize};
use sqlx::Row as _;
use sqlx::types::Json as SqlJson;
use stratum_autopilot::audit::{AuditAction, Changes};
use stratum_core::Timestamp;
use stratum_core::policy::{EXECUTION_FLOOR, TrustPolicy};
use stratum_core::vocabulary::{ActionType, GateProfile, HealthComponent, HealthPreset};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::auth::Caller;
use crate::clock::instant;
use crate::db::TenantTx;
use crate::health;
use crate::http::{ApiError, Data, Json};
use crate::state::AppState;
use crate::{actions, audit};

/// Thresholds and weights in force.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(super) struct TrustGateConfig {
    /// FIVE, FOUR or CUSTOM.
    #[schema(value_type = String, example = "FIVE")]
    pub preset: HealthPreset,
    /// The weight of each component in force.
    #[schema(value_type = Object)]
    pub weights: BTreeMap<HealthComponent, f64>,
    /// From which score the status is HEALTHY.
    pub healthy_threshold: f64,
    /// From which score the status is DEGRADED.
    pub degraded_threshold: f64,
    /// Nothing executes automatically below this; no setting.
    pub execution_floor: f64,
    /// STANDARD or CAUTIOUS.
    #[schema(value_type = String, example = "STANDARD")]
    pub profile: GateProfile,
    /// The tenant's own thresholds by action type.
    #[schema(value_type = Object)]
    pub overrides: BTreeMap<ActionType, f64>,
    /// Whether the tenant's own event EMQ counts a tenth.
    pub cdp_blend: bool,
    /// Without one of these the gate holds.
    #[schema(value_type = Vec<String>)]
    pub required_components: Vec<HealthComponent>,
    /// Who changed it last.
    pub updated_by: Option<Uuid>,
    /// When; null while nothing was changed.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub updated_at: Option<Timestamp>,
}

/// What to change: absent keeps, null clears where there is something to clear.
#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub(super) struct TrustGateConfigPatch {
    /// FIVE, FOUR or CUSTOM.
    #[schema(value_type = Option<String>)]
    pub preset: Option<HealthPreset>,
    /// With CUSTOM only: each at least 0, EMQ at least 20, 100 in all.
    #[serde(deserialize_with = "present")]
    #[schema(value_type = Option<Object>)]
    pub weights: Option<Option<BTreeMap<HealthComponent, f64>>>,
    /// At most 100.
    pub healthy_threshold: Option<f64>,
    /// Above 0, below the healthy threshold.
    pub degraded_threshold: Option<f64>,
    /// STANDARD or CAUTIOUS.
    #[schema(value_type = Option<String>)]
    pub profile: Option<GateProfile>,
    /// 70 to 100 each; replaces the overrides there are.
    #[schema(value_type = Option<Object>)]
    pub overrides: Option<BTreeMap<ActionType, f64>>,
    /// Whether the tenant's own event EMQ counts a tenth.
    pub cdp_blend: Option<bool>,
    /// Added to the fixed ones.
    #[schema(value_type = Option<Vec<String>>)]
    pub required_components: Option<BTreeSet<HealthComponent>>,
}

/// Tells `null` from an absent field.
fn present<'de, T: Deserialize<'de>, D: Deserializer<'de>>(deserializer: D) -> Result<Option<T>, D::Error> {
    T::deserialize(deserializer).map(Some)
}

impl TrustGateConfigPatch {
    /// The policy with what the patch says.
    #[must_use]
    pub(super) fn applied_to(self, mut policy: TrustPolicy) -> TrustPolicy {
        if let Some(preset) = self.preset {
            // Another preset has its own weights; those of the tenant belong to CUSTOM.
            if preset != HealthPreset::Custom {
                policy.weights = None;
            }
            policy.preset = preset;
        }
        if let Some(weights) = self.weights {
            policy.weights = weights;
        }
        policy.healthy_threshold = self.healthy_threshold.unwrap_or(policy.healthy_threshold);
        policy.degraded_threshold = self.degraded_threshold.unwrap_or(policy.degraded_threshold);
        policy.profile = self.profile.unwrap_or(policy.profile);
        policy.overrides = self.overrides.unwrap_or(policy.overrides);
        policy.cdp_blend = self.cdp_blend.unwrap_or(policy.cdp_blend);
        policy.required_components = self.required_components.unwrap_or(policy.required_components);
        policy
    }
}

struct Stored {
    policy: TrustPolicy,
    updated_by: Option<Uuid>,
    updated_at: Option<DateTime<Utc>>,
}

async fn load(tx: &mut TenantTx, lock: bool) -> Result<Stored, ApiError> {
    const READ: &str = "SELECT policy, updated_by, updated_at FROM trust_settings";
    const READ_AND_LOCK: &str = "SELECT policy, updated_by, updated_at FROM trust_settings FOR UPDATE";
    let row = sqlx::query(if lock { READ_AND_LOCK } else { READ }).fetch_optional(&mut **tx).await?;
    if lock {
        tx.waited();
    }
    Ok(match row {
        Some(row) => {
            let SqlJson(policy) = row.try_get("policy")?;
            Stored {
                policy,
                updated_by: row.try_get("updated_by")?,
                updated_at: Some(row.try_get("updated_at")?),
            }
        }
        None => Stored { policy: TrustPolicy::default(), updated_by: None, updated_at: None },
    })
}

fn to_wire(stored: &Stored) -> Result<TrustGateConfig, ApiError> {
    let compiled = stored.policy.compile().map_err(ApiError::internal)?;
    Ok(TrustGateConfig {
        preset: stored.policy.preset,
        weights: compiled.components().collect(),
        healthy_threshold: stored.policy.healthy_threshold,
        degraded_threshold: stored.policy.degraded_threshold,
        execution_floor: EXECUTION_FLOOR,
        profile: stored.policy.profile,
        overrides: stored.policy.overrides.clone(),
        cdp_blend: stored.policy.cdp_blend,
        required_components: compiled.required_components().collect(),
        updated_by: stored.updated_by,
        updated_at: stored.updated_at.map(instant).transpose()?,
    })
}

/// Thresholds and weights in force.
#[utoipa::path(get, path = "/api/v1/tenant/{tenant_id}/trust-gate/config", tag = "trust",
    params(("tenant_id" = Uuid, Path)), responses((status = 200, body = inline(Data<TrustGateConfig>))),
    security(("bearer" = [])))]
pub(super) async fn read(
    State(state): State<AppState>,
    caller: Caller,
) -> Result<Data<TrustGateConfig>, ApiError> {
    let stored = state.db.tenant_read(caller.scope(), |tx| Box::pin(load(tx, false))).await?;
    Ok(Data::from(to_wire(&stored)?))
}

/// Changes preset, thresholds, overrides; the execution floor of 70 stays.
#[utoipa::path(put, path = "/api/v1/tenant/{tenant_id}/trust-gate/config", tag = "trust",
    request_body = TrustGateConfigPatch, params(("tenant_id" = Uuid, Path)),
    responses((status = 200, body = inline(Data<TrustGateConfig>))), security(("bearer" = [])))]
pub(super) async fn change(
    State(state): State<AppState>,
    caller: Caller,
    Json(patch): Json<TrustGateConfigPatch>,
) -> Result<Data<TrustGateConfig>, ApiError> {
    let user = caller.user_id().map(Uuid::from);
    let stored = state
        .db
        .tenant_tx(caller.scope(), move |tx| {
            Box::pin(async move {
                let before = load(tx, true).await?.policy;
                let policy = patch.applied_to(before.clone());
                policy.compile()?;
                let now = tx.now().to_chrono();
                sqlx::query(
                    "INSERT INTO trust_settings (tenant_id, policy, updated_by, updated_at) VALUES ($1, $2, $3, $4)
                     ON CONFLICT (tenant_id) DO UPDATE
                     SET policy = excluded.policy, updated_by = excluded.updated_by, updated_at = excluded.updated_at",
                )
                .bind(tx.scope().tenant.as_uuid())
                .bind(SqlJson(&policy))
                .bind(user)
                .bind(now)
                .execute(&mut **tx)
                .await?;
                // Weights may have changed: what health is now is asked for again.
                let platforms = health::store::connected(tx).await?;
                health::request_evaluation(tx, platforms).await?;
                // And thresholds: what waits is looked at with the new ones at once.
                actions::wake(tx, None).await?;
                let entry = audit::entry(tx, AuditAction::SettingsChanged, "trust_policy")
                    .changes(Changes::between(&to_value(&before)?, &to_value(&policy)?, &[]));
                audit::append(tx, entry).await?;
                Ok(Stored { policy, updated_by: user, updated_at: Some(now) })
            })
        })
        .await?;
    Ok(Data::from(to_wire(&stored)?))
}

fn to_value(policy: &TrustPolicy) -> Result<serde_json::Value, ApiError> {
    serde_json::to_value(policy).map_err(ApiError::internal)
}

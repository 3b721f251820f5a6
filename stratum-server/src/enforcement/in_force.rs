//! Everything of a tenant that a decision goes by, read in one statement: it is read before every decision.

use sqlx::Row as _;
use sqlx::types::Json;
use stratum_autopilot::decision::CompiledDecisionPolicy;
use stratum_core::policy::TrustPolicy;
use stratum_core::vocabulary::{EntityType, Platform};

use super::store;
use crate::actions::KnownEntity;
use crate::autopilot::Autopilot;
use crate::db::TenantTx;
use crate::health::facts::Calendar;
use crate::http::ApiError;

/// What is in force for a tenant.
#[derive(Debug)]
pub struct InForce {
    /// Its time zone and currency.
    pub calendar: Calendar,
    /// Its mode and its kill switches, as they are; not locked.
    pub autopilot: Autopilot,
    /// What the signals must be like, and how far a change may go.
    pub policy: CompiledDecisionPolicy,
    /// The entity that was asked for; `None` where there is none, or several platforms have one and none is named.
    pub entity: Option<KnownEntity>,
}

impl InForce {
    /// Loads it, with what is stored of one entity.
    ///
    /// # Errors
    /// The database's; a stored policy that does not compile is an internal error.
    pub async fn load(
        tx: &mut TenantTx,
        platform: Option<Platform>,
        entity_type: EntityType,
        entity_id: &str,
    ) -> Result<Self, ApiError> {
        let platforms: Vec<&str> = match &platform {
            Some(platform) => vec![platform.as_str()],
            None => Platform::ALL.iter().map(|platform| platform.as_str()).collect(),
        };
        let rows = sqlx::query(
            "SELECT t.timezone, t.currency, t.created_at, g.policy, s.settings, s.rules, s.updated_by, s.updated_at,
                    a.mode, a.four_eyes, a.auto_approve_types, a.action_ttl_hours, a.frozen, a.frozen_reason, a.frozen_by,
                    a.frozen_at, a.operator_frozen, a.operator_frozen_platforms, a.mode_changed_by, a.mode_changed_at,
                    o.all_tenants, o.platforms,
                    e.platform, e.name, e.status, e.daily_budget_cents, e.lifetime_budget_cents, e.bid_cents
             FROM tenant t CROSS JOIN operator_freeze o
             LEFT JOIN trust_settings g USING (tenant_id)
             LEFT JOIN enforcement_settings s USING (tenant_id)
             LEFT JOIN autopilot_settings a USING (tenant_id)
             LEFT JOIN LATERAL (
                 SELECT platform, name, status, daily_budget_cents, lifetime_budget_cents, bid_cents FROM entity
                 WHERE platform = ANY ($1) AND entity_type = $2 AND entity_id = $3 LIMIT 2
             ) AS e ON true",
        )
        .bind(platforms)
        .bind(entity_type.as_str())
        .bind(entity_id)
        .fetch_all(&mut **tx)
        .await?;
        let row = rows.first().ok_or_else(|| ApiError::not_found("tenant"))?;
        let limits = store::read(row)?;
        let trust: Option<Json<TrustPolicy>> = row.try_get("policy")?;
        let trust = trust.map_or_else(TrustPolicy::default, |Json(policy)| policy);
        let known: Option<&str> = row.try_get("platform")?;
        Ok(Self {
            calendar: Calendar::of(row)?,
            autopilot: Autopilot::of(row)?,
            policy: CompiledDecisionPolicy::new(
                trust.compile().map_err(ApiError::internal)?,
                limits.settings.compile().map_err(ApiError::internal)?,
            ),
            entity: match (known, rows.len()) {
                (Some(_), 1) => Some(KnownEntity::read(row)?),
                _ => None,
            },
        })
    }
}

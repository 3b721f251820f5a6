//! The rows of a tenant's limits and of its own rules.

use serde::Deserialize;
use sqlx::Row as _;
use sqlx::types::Json;
use stratum_autopilot::decision::CompiledDecisionPolicy;
use stratum_autopilot::enforcement::{EnforcementRule, EnforcementSettings};
use stratum_core::{Currency, Timestamp};
use uuid::Uuid;

use crate::clock::instant;
use crate::db::TenantTx;
use crate::health;
use crate::http::ApiError;
use crate::tenant::parse;

/// A tenant's limits as stored.
#[derive(Debug, Clone)]
pub struct Stored {
    /// The limits, own rules included.
    pub settings: EnforcementSettings,
    /// When each of the own rules was made, in the order of `settings.rules`.
    pub rules_made_at: Vec<Timestamp>,
    /// The tenant's currency, in which every amount is.
    pub currency: Currency,
    /// Who changed the settings last; nobody where the defaults are in force.
    pub updated_by: Option<Uuid>,
    /// When; where the defaults are in force, when the tenant was made.
    pub updated_at: Timestamp,
}

/// A rule as the statement below gathers it.
#[derive(Debug, Deserialize)]
struct RuleRow {
    rule: EnforcementRule,
    created_at: Timestamp,
}

/// The limits in force: what was set, else the defaults for the tenant's currency.
///
/// # Errors
/// The database's.
pub async fn load(tx: &mut TenantTx) -> Result<Stored, ApiError> {
    // One statement: this is read before every check.
    let row = sqlx::query(
        "SELECT t.currency, t.created_at, s.settings, s.updated_by, s.updated_at,
                (SELECT jsonb_agg(jsonb_build_object('rule', r.rule, 'created_at', r.created_at) ORDER BY r.rule_id)
                 FROM enforcement_rule r WHERE r.tenant_id = t.tenant_id) AS rules
         FROM tenant t LEFT JOIN enforcement_settings s USING (tenant_id)",
    )
    .fetch_one(&mut **tx)
    .await?;
    let currency: Currency = parse(&row.try_get::<String, _>("currency")?)?;
    let settings: Option<Json<EnforcementSettings>> = row.try_get("settings")?;
    let rules: Option<Json<Vec<RuleRow>>> = row.try_get("rules")?;
    let updated_at: Option<_> = row.try_get("updated_at")?;
    let mut settings =
        settings.map_or_else(|| EnforcementSettings::for_currency(currency), |Json(settings)| settings);
    let rules = rules.map(|Json(rules)| rules).unwrap_or_default();
    let rules_made_at = rules.iter().map(|row| row.created_at).collect();
    settings.rules = rules.into_iter().map(|row| row.rule).collect();
    Ok(Stored {
        settings,
        rules_made_at,
        currency,
        updated_by: row.try_get("updated_by")?,
        updated_at: instant(updated_at.map_or_else(|| row.try_get("created_at"), Ok)?)?,
    })
}

/// Locks the settings against other writers until the transaction ends, and loads them.
///
/// # Errors
/// The database's.
pub async fn lock(tx: &mut TenantTx) -> Result<Stored, ApiError> {
    // The tenant's row stands for settings that may not be stored yet, and for the set of its rules.
    sqlx::query("SELECT 1 FROM tenant FOR NO KEY UPDATE").execute(&mut **tx).await?;
    tx.waited();
    load(tx).await
}

/// Stores the settings without the own rules, which have rows of their own.
///
/// # Errors
/// The database's.
pub async fn save(
    tx: &mut TenantTx,
    settings: &EnforcementSettings,
    by: Option<Uuid>,
) -> Result<(), ApiError> {
    let without_rules = EnforcementSettings { rules: Vec::new(), ..settings.clone() };
    sqlx::query(
        "INSERT INTO enforcement_settings (tenant_id, settings, updated_by, updated_at) VALUES ($1, $2, $3, $4)
         ON CONFLICT (tenant_id) DO UPDATE
         SET settings = excluded.settings, updated_by = excluded.updated_by, updated_at = excluded.updated_at",
    )
    .bind(tx.scope().tenant.as_uuid())
    .bind(Json(without_rules))
    .bind(by)
    .bind(tx.now().to_chrono())
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Stores a rule, in place of one with the same name.
///
/// # Errors
/// The database's.
pub async fn save_rule(tx: &mut TenantTx, rule: &EnforcementRule) -> Result<(), ApiError> {
    sqlx::query(
        "INSERT INTO enforcement_rule (tenant_id, rule_id, rule, created_at) VALUES ($1, $2, $3, $4)
         ON CONFLICT (tenant_id, rule_id) DO UPDATE SET rule = excluded.rule",
    )
    .bind(tx.scope().tenant.as_uuid())
    .bind(&rule.rule_id)
    .bind(Json(rule))
    .bind(tx.now().to_chrono())
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Removes a rule.
///
/// # Errors
/// The database's.
pub async fn delete_rule(tx: &mut TenantTx, rule_id: &str) -> Result<(), ApiError> {
    sqlx::query("DELETE FROM enforcement_rule WHERE rule_id = $1").bind(rule_id).execute(&mut **tx).await?;
    Ok(())
}

/// The whole policy that a change is decided by: what the signals must be like, and how far it may go.
///
/// # Errors
/// The database's; a stored policy that does not compile is an internal error.
pub async fn policy(tx: &mut TenantTx) -> Result<CompiledDecisionPolicy, ApiError> {
    let trust = health::store::policy(tx).await?;
    let enforcement = load(tx).await?.settings.compile().map_err(ApiError::internal)?;
    Ok(CompiledDecisionPolicy::new(trust, enforcement))
}

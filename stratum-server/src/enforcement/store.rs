//! The rows of a tenant's limits and of its own rules.

use serde::{Deserialize, Serialize};
use sqlx::Row as _;
use sqlx::postgres::PgRow;
use sqlx::types::Json;
use stratum_autopilot::enforcement::{EnforcementRule, EnforcementSettings};
use stratum_core::{Currency, Timestamp};
use uuid::Uuid;

use crate::clock::instant;
use crate::db::TenantTx;
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

impl Stored {
    /// When a rule of one's own was made, if there is one of this name.
    #[must_use]
    pub fn made_at(&self, rule_id: &str) -> Option<Timestamp> {
        let mut rules = self.settings.rules.iter().zip(&self.rules_made_at);
        rules.find(|(rule, _)| rule.rule_id == rule_id).map(|(_, &made)| made)
    }
}

/// A rule as it stands in the list of a tenant's own.
#[derive(Debug, Deserialize)]
struct RuleRow {
    rule: EnforcementRule,
    created_at: Timestamp,
}

/// The same, to be written.
#[derive(Debug, Serialize)]
struct NewRuleRow<'a> {
    rule: &'a EnforcementRule,
    created_at: Timestamp,
}

/// The limits in force: what was set, else the defaults for the tenant's currency.
///
/// # Errors
/// The database's.
pub async fn load(tx: &mut TenantTx) -> Result<Stored, ApiError> {
    let row = sqlx::query(
        "SELECT t.currency, t.created_at, s.settings, s.rules, s.updated_by, s.updated_at
         FROM tenant t LEFT JOIN enforcement_settings s USING (tenant_id)",
    )
    .fetch_one(&mut **tx)
    .await?;
    read(&row)
}

/// Reads the columns `currency` and `created_at` of the tenant, and `settings`, `rules`, `updated_by` and `updated_at` of
/// its settings.
///
/// # Errors
/// An internal one: what is stored was written by us.
pub(super) fn read(row: &PgRow) -> Result<Stored, ApiError> {
    let currency: Currency = parse(row.try_get("currency")?)?;
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
    // The lock is on the very row that is read: who waited for it is given what the one before has written.
    const LOCK: &str = "SELECT t.currency, t.created_at, s.settings, s.rules, s.updated_by, s.updated_at
         FROM enforcement_settings s JOIN tenant t USING (tenant_id) FOR NO KEY UPDATE OF s";
    if let Some(row) = sqlx::query(LOCK).fetch_optional(&mut **tx).await? {
        tx.waited();
        return read(&row);
    }
    // Nothing was ever set. Whoever is first makes the row.
    sqlx::query(
        "INSERT INTO enforcement_settings (tenant_id) VALUES ($1) ON CONFLICT (tenant_id) DO NOTHING",
    )
    .bind(tx.scope().tenant.as_uuid())
    .execute(&mut **tx)
    .await?;
    let row = sqlx::query(LOCK).fetch_one(&mut **tx).await?;
    tx.waited();
    read(&row)
}

/// Stores locked settings without the own rules.
///
/// # Errors
/// The database's.
pub async fn save(
    tx: &mut TenantTx,
    settings: &EnforcementSettings,
    by: Option<Uuid>,
) -> Result<(), ApiError> {
    let without_rules = EnforcementSettings { rules: Vec::new(), ..settings.clone() };
    sqlx::query("UPDATE enforcement_settings SET settings = $1, updated_by = $2, updated_at = $3")
        .bind(Json(without_rules))
        .bind(by)
        .bind(tx.now().to_chrono())
        .execute(&mut **tx)
        .await?;
    Ok(())
}

/// As [`save`], and lets the executor look at once at the actions that wait, as [`crate::actions::wake`] does. One
/// statement: other writers of the tenant wait until this transaction ends.
///
/// # Errors
/// The database's.
pub async fn save_and_wake(
    tx: &mut TenantTx,
    settings: &EnforcementSettings,
    by: Option<Uuid>,
) -> Result<(), ApiError> {
    let without_rules = EnforcementSettings { rules: Vec::new(), ..settings.clone() };
    sqlx::query(
        "WITH saved AS (
             UPDATE enforcement_settings SET settings = $1, updated_by = $2, updated_at = $3
         ), waiting AS (
             SELECT tenant_id, action_id, due_at FROM action
             WHERE state IN ('QUEUED', 'APPROVED') ORDER BY action_id FOR UPDATE
         )
         UPDATE action SET due_at = $3
         WHERE (tenant_id, action_id) IN (SELECT tenant_id, action_id FROM waiting WHERE due_at > $3)",
    )
    .bind(Json(without_rules))
    .bind(by)
    .bind(tx.now().to_chrono())
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Stores a rule, in place of one with the same name. `before` was locked.
///
/// # Errors
/// The database's.
pub async fn save_rule(tx: &mut TenantTx, before: &Stored, rule: &EnforcementRule) -> Result<(), ApiError> {
    let mut rules = others(before, &rule.rule_id);
    let made = before.made_at(&rule.rule_id).unwrap_or_else(|| tx.now());
    rules.push(NewRuleRow { rule, created_at: made });
    rules.sort_unstable_by(|a, b| a.rule.rule_id.cmp(&b.rule.rule_id));
    save_rules(tx, &rules).await
}

/// Removes a rule. `before` was locked.
///
/// # Errors
/// The database's.
pub async fn delete_rule(tx: &mut TenantTx, before: &Stored, rule_id: &str) -> Result<(), ApiError> {
    save_rules(tx, &others(before, rule_id)).await
}

fn others<'a>(before: &'a Stored, rule_id: &str) -> Vec<NewRuleRow<'a>> {
    let rules = before.settings.rules.iter().zip(&before.rules_made_at);
    rules
        .filter(|(rule, _)| rule.rule_id != rule_id)
        .map(|(rule, &created_at)| NewRuleRow { rule, created_at })
        .collect()
}

async fn save_rules(tx: &mut TenantTx, rules: &[NewRuleRow<'_>]) -> Result<(), ApiError> {
    sqlx::query("UPDATE enforcement_settings SET rules = $1").bind(Json(rules)).execute(&mut **tx).await?;
    Ok(())
}

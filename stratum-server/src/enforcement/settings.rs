//! `GET` and `PUT …/autopilot/enforcement/settings`.

use axum::extract::State;
use serde::{Deserialize, Deserializer};
use stratum_autopilot::audit::{AuditAction, Changes, Intervention};
use stratum_autopilot::enforcement::{EnforcementMode, EnforcementSettings as Settings};
use stratum_core::Currency;
use stratum_core::problem::{Problem, Problems};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::store::{self, Stored};
use super::wire::EnforcementSettings;
use crate::actions;
use crate::audit;
use crate::auth::Caller;
use crate::db::TenantTx;
use crate::http::{ApiError, Data, Json};
use crate::state::AppState;

/// The operations on the limits.
pub(super) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(read)).routes(routes!(replace))
}

/// The limits in force.
#[utoipa::path(get, path = "/api/v1/tenant/{tenant_id}/autopilot/enforcement/settings", tag = "enforcement",
    params(("tenant_id" = String, Path)), responses((status = 200, body = inline(Data<EnforcementSettings>))))]
async fn read(State(state): State<AppState>, caller: Caller) -> Result<Data<EnforcementSettings>, ApiError> {
    let stored = state.db.tenant_read(caller.scope(), |tx| Box::pin(store::load(tx))).await?;
    Ok(Data::from(EnforcementSettings::from(&stored)))
}

/// The limits to change; what is left out keeps its value.
#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
struct SettingsBody {
    enforcement_enabled: Option<bool>,
    #[schema(value_type = Option<String>, example = "SOFT_BLOCK")]
    default_mode: Option<EnforcementMode>,
    /// Above 0, at most 100.
    max_daily_budget_increase_pct: Option<f64>,
    /// Major units, above 0.
    max_campaign_budget: Option<i64>,
    roas_threshold: Option<f64>,
    /// 1 to 90.
    roas_lookback_days: Option<u32>,
    /// 1 to 1000.
    max_changes_per_day: Option<u32>,
    /// 0 to 168.
    min_hours_between_changes: Option<u32>,
    /// Null for no limit.
    #[serde(deserialize_with = "given")]
    #[schema(value_type = Option<i64>)]
    daily_spend_limit_cents: Option<Option<i64>>,
    ad_frequency_cap: Option<f64>,
    pause_roas_frac: Option<f64>,
    pause_min_spend_cents: Option<i64>,
}

/// Keeps apart what was left out and what is null.
fn given<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Option<i64>>, D::Error> {
    Option::deserialize(deserializer).map(Some)
}

impl SettingsBody {
    fn onto(self, settings: &mut Settings, currency: Currency) -> Result<(), Problem> {
        fn put<T>(slot: &mut T, given: Option<T>) {
            if let Some(value) = given {
                *slot = value;
            }
        }
        put(&mut settings.enforcement_enabled, self.enforcement_enabled);
        put(&mut settings.default_mode, self.default_mode);
        put(&mut settings.max_daily_budget_increase_pct, self.max_daily_budget_increase_pct);
        put(&mut settings.roas_threshold, self.roas_threshold);
        put(&mut settings.roas_lookback_days, self.roas_lookback_days);
        put(&mut settings.max_changes_per_day, self.max_changes_per_day);
        put(&mut settings.min_hours_between_changes, self.min_hours_between_changes);
        put(&mut settings.daily_spend_limit_cents, self.daily_spend_limit_cents);
        put(&mut settings.ad_frequency_cap, self.ad_frequency_cap);
        put(&mut settings.pause_roas_frac, self.pause_roas_frac);
        put(&mut settings.pause_min_spend_cents, self.pause_min_spend_cents);
        if let Some(major) = self.max_campaign_budget {
            settings.max_campaign_budget_cents =
                major.checked_mul(currency.minor_per_major()).ok_or_else(|| {
                    Problem::new("/max_campaign_budget", "out_of_range", "no budget is as large as this")
                })?;
        }
        Ok(())
    }
}

/// Changes the limits. What waits is looked at again by the new ones.
#[utoipa::path(put, path = "/api/v1/tenant/{tenant_id}/autopilot/enforcement/settings", tag = "enforcement",
    request_body = SettingsBody, params(("tenant_id" = String, Path)),
    responses((status = 200, body = inline(Data<EnforcementSettings>))))]
async fn replace(
    State(state): State<AppState>,
    caller: Caller,
    Json(body): Json<SettingsBody>,
) -> Result<Data<EnforcementSettings>, ApiError> {
    let by = caller.user_id().map(|user| user.as_uuid());
    let settings = state
        .db
        .tenant_tx(caller.scope(), move |tx| {
            Box::pin(async move {
                let before = store::lock(tx).await?;
                let mut settings = before.settings.clone();
                body.onto(&mut settings, before.currency)?;
                settings.compile().map_err(in_the_words_of_the_api)?;
                let after = Stored { settings, updated_by: by, updated_at: tx.now(), ..before.clone() };
                match differences(&before, &after)? {
                    Some(changes) => {
                        store::save_and_wake(tx, &after.settings, by).await?;
                        note(tx, changes, &after).await?;
                    }
                    None => store::save(tx, &after.settings, by).await?,
                }
                Ok(EnforcementSettings::from(&after))
            })
        })
        .await?;
    Ok(Data::from(settings))
}

/// The library counts the largest budget in minor units, the API in major ones.
fn in_the_words_of_the_api(problems: Problems) -> ApiError {
    let mut problems = problems.into_vec();
    let mut found = stratum_core::problem::ProblemCollector::new();
    for mut problem in problems.drain(..) {
        if problem.path == "/max_campaign_budget_cents" {
            problem = Problem::new(
                "/max_campaign_budget",
                problem.code,
                "the largest budget is a whole number of major units above 0",
            );
        }
        found.push(problem);
    }
    match found.into_problems() {
        Some(problems) => ApiError::validation(problems),
        None => ApiError::internal("settings were refused without a problem"),
    }
}

/// Audits a change of rules and lets the executor look again at what waits. Nothing happens where nothing changed.
///
/// # Errors
/// The database's.
pub(super) async fn changed(tx: &mut TenantTx, before: &Stored, after: &Stored) -> Result<(), ApiError> {
    let Some(changes) = differences(before, after)? else { return Ok(()) };
    actions::wake(tx, None).await?;
    note(tx, changes, after).await
}

fn differences(before: &Stored, after: &Stored) -> Result<Option<Changes>, ApiError> {
    let json = |stored: &Stored| serde_json::to_value(&stored.settings).map_err(ApiError::internal);
    Ok(Changes::between(&json(before)?, &json(after)?, &[]))
}

async fn note(tx: &mut TenantTx, changes: Changes, after: &Stored) -> Result<(), ApiError> {
    let entry =
        audit::entry(tx, AuditAction::SettingsChanged, "enforcement_settings").changes(changes).intervention(
            Intervention { enforcement_mode: Some(after.settings.default_mode), ..Intervention::default() },
        );
    audit::append(tx, entry).await?;
    Ok(())
}

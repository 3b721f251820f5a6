//! What goes over the wire about limits.

use serde::{Deserialize, Serialize};
use stratum_autopilot::action::{EntityStatus, ProposedChange};
use stratum_autopilot::enforcement::{
    EnforcementMode, EnforcementRule as Rule, EnforcementSettings as Settings, Violation as Found,
    ViolationKind, ViolationType,
};
use stratum_core::Timestamp;
use stratum_core::problem::Problem;
use stratum_core::vocabulary::Platform;
use utoipa::ToSchema;
use uuid::Uuid;

use super::store::Stored;

/// A limit that is violated.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct Violation {
    /// Which limit.
    #[serde(rename = "type")]
    #[schema(value_type = String, example = "BUDGET_EXCEEDED")]
    pub violation_type: ViolationType,
    /// Which limit of that type, where the type has several.
    #[schema(value_type = Option<String>, example = "DAILY_INCREASE")]
    pub kind: Option<ViolationKind>,
    /// As a sentence.
    pub message: String,
    /// The limit, in the unit of the type.
    pub limit: Option<f64>,
    /// What was compared with it; null where it is unknown.
    pub actual: Option<f64>,
    /// How strict it is.
    #[schema(value_type = String, example = "SOFT_BLOCK")]
    pub mode: EnforcementMode,
    /// The tenant's own rule; null for a built-in limit.
    pub rule_id: Option<String>,
    /// The largest `after_cents` that this limit allows now.
    pub allowed_max_cents: Option<i64>,
    /// From when this limit allows the change.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub allowed_from: Option<Timestamp>,
}

impl From<&Found> for Violation {
    fn from(found: &Found) -> Self {
        Self {
            violation_type: found.violation_type,
            kind: found.kind,
            message: found.message.clone(),
            limit: found.limit,
            actual: found.actual,
            mode: found.mode,
            rule_id: found.rule_id.clone(),
            allowed_max_cents: found.allowed_max_cents,
            allowed_from: found.allowed_from,
        }
    }
}

/// What a budget or bid is to become: exactly one of the first two.
#[derive(Debug, Clone, Copy, Default, Deserialize, ToSchema)]
#[serde(transparent)]
#[schema(value_type = Object, example = json!({"change_pct": 15}))]
pub struct ActionValue(
    /// The proposal as the library reads it.
    pub ProposedChange,
);

/// What the platform shows now, where the caller knows it better than the last synchronisation.
#[derive(Debug, Clone, Copy, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct CurrentValue {
    /// The budget or bid, in minor units.
    pub before_cents: Option<i64>,
    /// ACTIVE or PAUSED.
    #[schema(value_type = Option<String>, example = "ACTIVE")]
    pub status: Option<EntityStatus>,
}

/// The limits.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct EnforcementSettings {
    /// Whether anything may be approved automatically.
    pub enforcement_enabled: bool,
    /// How strict the built-in limits are.
    #[schema(value_type = String, example = "SOFT_BLOCK")]
    pub default_mode: EnforcementMode,
    /// How far a budget may rise in one day, in per cent of the day's opening budget.
    pub max_daily_budget_increase_pct: f64,
    /// The largest budget, in major units of the tenant's currency.
    pub max_campaign_budget: i64,
    /// Below this return nothing is raised.
    pub roas_threshold: f64,
    /// Over how many complete days the return is taken.
    pub roas_lookback_days: u32,
    /// Changes of the tenant in one of its days.
    pub max_changes_per_day: u32,
    /// Hours between two changes of one entity.
    pub min_hours_between_changes: u32,
    /// The most that the tenant wants to spend in a day, in minor units; null for no limit.
    pub daily_spend_limit_cents: Option<i64>,
    /// Impressions per person in 7 days above which nothing is raised.
    pub ad_frequency_cap: f64,
    /// Below this fraction of `roas_threshold` a campaign ought to be paused.
    pub pause_roas_frac: f64,
    /// The spend over the lookback from which that is said, in minor units.
    pub pause_min_spend_cents: i64,
    /// The tenant's own rules.
    pub rules: Vec<EnforcementRule>,
    /// Who changed them last; null where the defaults are in force.
    pub updated_by: Option<Uuid>,
    /// When.
    #[schema(value_type = String, format = DateTime)]
    pub updated_at: Timestamp,
}

impl From<&Stored> for EnforcementSettings {
    fn from(stored: &Stored) -> Self {
        let Settings { default_mode, .. } = stored.settings;
        let settings = &stored.settings;
        Self {
            enforcement_enabled: settings.enforcement_enabled,
            default_mode,
            max_daily_budget_increase_pct: settings.max_daily_budget_increase_pct,
            max_campaign_budget: settings
                .max_campaign_budget_cents
                .checked_div(stored.currency.minor_per_major())
                .unwrap_or_default(),
            roas_threshold: settings.roas_threshold,
            roas_lookback_days: settings.roas_lookback_days,
            max_changes_per_day: settings.max_changes_per_day,
            min_hours_between_changes: settings.min_hours_between_changes,
            daily_spend_limit_cents: settings.daily_spend_limit_cents,
            ad_frequency_cap: settings.ad_frequency_cap,
            pause_roas_frac: settings.pause_roas_frac,
            pause_min_spend_cents: settings.pause_min_spend_cents,
            rules: settings
                .rules
                .iter()
                .zip(&stored.rules_made_at)
                .map(|(rule, &made)| EnforcementRule::new(rule, default_mode, made))
                .collect(),
            updated_by: stored.updated_by,
            updated_at: stored.updated_at,
        }
    }
}

/// A tenant's own rule.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct EnforcementRule {
    /// Its name.
    pub rule_id: String,
    /// Which limit it adds to.
    #[schema(value_type = String, example = "FREQUENCY_CAP_EXCEEDED")]
    pub rule_type: ViolationType,
    /// The limit, in the unit of the type.
    pub threshold_value: f64,
    /// How strict it is.
    #[schema(value_type = String, example = "HARD_BLOCK")]
    pub enforcement_mode: EnforcementMode,
    /// Whether it applies.
    pub enabled: bool,
    /// Why it is there.
    pub description: Option<String>,
    /// The only platform on which it applies.
    #[schema(value_type = Option<String>)]
    pub platform: Option<Platform>,
    /// When it was made.
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Timestamp,
}

impl EnforcementRule {
    /// The rule, with the mode that is in force for it.
    #[must_use]
    pub fn new(rule: &Rule, default_mode: EnforcementMode, created_at: Timestamp) -> Self {
        Self {
            rule_id: rule.rule_id.clone(),
            rule_type: rule.rule_type,
            threshold_value: rule.threshold_value,
            enforcement_mode: rule.enforcement_mode.unwrap_or(default_mode),
            enabled: rule.enabled,
            description: rule.description.clone(),
            platform: rule.platform,
            created_at,
        }
    }
}

/// A text of the request, trimmed, if it has as many characters as it should.
///
/// # Errors
/// 422 `LENGTH`.
pub fn text(path: &str, given: &str, least: usize, most: usize) -> Result<String, Problem> {
    let trimmed = given.trim();
    if (least..=most).contains(&trimmed.chars().count()) {
        return Ok(trimmed.to_owned());
    }
    let name = path.trim_start_matches('/');
    Err(Problem::new(path, "length", format!("{name} has {least} to {most} characters")))
}

/// As [`text`], for one that may be absent or blank.
///
/// # Errors
/// 422 `LENGTH`.
pub fn optional_text(path: &str, given: Option<&str>, most: usize) -> Result<Option<String>, Problem> {
    match given.map(str::trim).filter(|text| !text.is_empty()) {
        Some(given) => text(path, given, 1, most).map(Some),
        None => Ok(None),
    }
}

//! The tenant's own rules: `POST`, `PUT` and `DELETE …/autopilot/enforcement/rules`.

use axum::extract::{FromRequestParts, State};
use http::StatusCode;
use http::request::Parts;
use serde::Deserialize;
use stratum_autopilot::enforcement::{EnforcementMode, EnforcementRule as Rule, ViolationType};
use stratum_core::problem::{Problem, ProblemCollector};
use stratum_core::vocabulary::Platform;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::settings::changed;
use super::store::{self, Stored};
use super::wire::EnforcementRule;
use crate::auth::Caller;
use crate::db::TenantTx;
use crate::http::{ApiError, Created, Data, Json, Path};
use crate::state::AppState;
use crate::tenant::Tenant;

/// The operations on rules.
pub(super) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(create)).routes(routes!(replace)).routes(routes!(remove))
}

/// Proof that the tenant's tier has rules of its own. It is asked for before the body is read.
struct MayHaveRules;

impl FromRequestParts<AppState> for MayHaveRules {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, ApiError> {
        let caller = Caller::from_request_parts(parts, state).await?;
        let tenant = state.db.tenant_read(caller.scope(), |tx| Box::pin(Tenant::load(tx))).await?;
        if tenant.features().iter().any(|name| name == "custom_enforcement_rules") {
            return Ok(Self);
        }
        Err(ApiError::forbidden("TIER_REQUIRED", "rules of one's own belong to the tier ENTERPRISE"))
    }
}

/// A rule's name in the path.
#[derive(Debug, Deserialize)]
struct RulePath {
    rule_id: String,
}

/// A rule to be made.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NewRule {
    /// 1 to 64 characters: words of a-z and 0-9 with a hyphen between them.
    rule_id: String,
    /// Which limit it adds to.
    #[schema(value_type = String, example = "FREQUENCY_CAP_EXCEEDED")]
    rule_type: ViolationType,
    /// The limit: minor units, a return, or impressions per person in 7 days.
    threshold_value: f64,
    /// How strict; the settings' default mode where nothing is said.
    #[schema(value_type = Option<String>)]
    enforcement_mode: Option<EnforcementMode>,
    /// Whether it applies.
    enabled: Option<bool>,
    /// Why it is there, up to 500 characters.
    description: Option<String>,
    /// The only platform on which it applies.
    #[schema(value_type = Option<String>)]
    platform: Option<Platform>,
}

/// A rule as it is to be from now on.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct RuleBody {
    /// Which limit it adds to.
    #[schema(value_type = String, example = "FREQUENCY_CAP_EXCEEDED")]
    rule_type: ViolationType,
    /// The limit: minor units, a return, or impressions per person in 7 days.
    threshold_value: f64,
    /// How strict; the settings' default mode where nothing is said.
    #[schema(value_type = Option<String>)]
    enforcement_mode: Option<EnforcementMode>,
    /// Whether it applies.
    enabled: Option<bool>,
    /// Why it is there, up to 500 characters.
    description: Option<String>,
    /// The only platform on which it applies.
    #[schema(value_type = Option<String>)]
    platform: Option<Platform>,
}

impl RuleBody {
    fn named(self, rule_id: String) -> Rule {
        Rule {
            enforcement_mode: self.enforcement_mode,
            enabled: self.enabled.unwrap_or(true),
            description: self.description.map(|text| text.trim().to_owned()).filter(|text| !text.is_empty()),
            platform: self.platform,
            ..Rule::new(rule_id, self.rule_type, self.threshold_value)
        }
    }
}

impl NewRule {
    /// The rule, if it and its name are valid.
    fn checked(self) -> Result<Rule, ApiError> {
        let Self { rule_id, rule_type, threshold_value, enforcement_mode, enabled, description, platform } =
            self;
        let body = RuleBody { rule_type, threshold_value, enforcement_mode, enabled, description, platform };
        let mut found = ProblemCollector::new();
        let words = |text: &str| {
            text.split('-').all(|word| {
                !word.is_empty() && word.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit())
            })
        };
        let fits = (1..=64).contains(&rule_id.len()) && words(&rule_id);
        if !fits {
            found.push(
                Problem::new(
                    "/rule_id",
                    "invalid_rule_id",
                    "a rule id is 1 to 64 characters: words of a-z and 0-9 with a hyphen between them",
                )
                .help("write it as weekend-cap"),
            );
        }
        // A name that does not fit was told already.
        let rule = body.named(if fits { rule_id } else { "rule".to_owned() });
        found.take("", rule.validate());
        Ok(found.into_result(rule)?)
    }
}

/// Adds a rule.
#[utoipa::path(post, path = "/api/v1/tenant/{tenant_id}/autopilot/enforcement/rules", tag = "enforcement",
    request_body = NewRule, params(("tenant_id" = String, Path)),
    responses((status = 201, body = inline(Data<EnforcementRule>))))]
async fn create(
    State(state): State<AppState>,
    caller: Caller,
    _: MayHaveRules,
    Json(body): Json<NewRule>,
) -> Result<Created<EnforcementRule>, ApiError> {
    let rule = body.checked()?;
    let location = format!("/api/v1/tenant/{}/autopilot/enforcement/rules/{}", caller.tenant(), rule.rule_id);
    let made = state
        .db
        .tenant_tx(caller.scope(), move |tx| {
            Box::pin(async move {
                let before = store::lock(tx).await?;
                if before.settings.rules.iter().any(|other| other.rule_id == rule.rule_id) {
                    return Err(ApiError::conflict("RULE_EXISTS", "there is a rule with this name"));
                }
                put(tx, &before, &rule).await
            })
        })
        .await?;
    Ok(Created { location, data: made })
}

/// Replaces a rule.
#[utoipa::path(put, path = "/api/v1/tenant/{tenant_id}/autopilot/enforcement/rules/{rule_id}", tag = "enforcement",
    request_body = RuleBody, params(("tenant_id" = String, Path), ("rule_id" = String, Path)),
    responses((status = 200, body = inline(Data<EnforcementRule>))))]
async fn replace(
    State(state): State<AppState>,
    caller: Caller,
    _: MayHaveRules,
    Path(RulePath { rule_id }): Path<RulePath>,
    Json(body): Json<RuleBody>,
) -> Result<Data<EnforcementRule>, ApiError> {
    let rule = body.named(rule_id);
    let replaced = state
        .db
        .tenant_tx(caller.scope(), move |tx| {
            Box::pin(async move {
                let before = store::lock(tx).await?;
                if !before.settings.rules.iter().any(|other| other.rule_id == rule.rule_id) {
                    return Err(ApiError::not_found("rule"));
                }
                rule.validate()?;
                put(tx, &before, &rule).await
            })
        })
        .await?;
    Ok(Data::from(replaced))
}

/// Removes a rule.
#[utoipa::path(delete, path = "/api/v1/tenant/{tenant_id}/autopilot/enforcement/rules/{rule_id}", tag = "enforcement",
    params(("tenant_id" = String, Path), ("rule_id" = String, Path)), responses((status = 204)))]
async fn remove(
    State(state): State<AppState>,
    caller: Caller,
    Path(RulePath { rule_id }): Path<RulePath>,
) -> Result<StatusCode, ApiError> {
    state
        .db
        .tenant_tx(caller.scope(), move |tx| {
            Box::pin(async move {
                let before = store::lock(tx).await?;
                if !before.settings.rules.iter().any(|rule| rule.rule_id == rule_id) {
                    return Err(ApiError::not_found("rule"));
                }
                store::delete_rule(tx, &before, &rule_id).await?;
                let after = store::load(tx).await?;
                changed(tx, &before, &after).await
            })
        })
        .await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn put(tx: &mut TenantTx, before: &Stored, rule: &Rule) -> Result<EnforcementRule, ApiError> {
    store::save_rule(tx, before, rule).await?;
    let after = store::load(tx).await?;
    changed(tx, before, &after).await?;
    let made = after.made_at(&rule.rule_id).unwrap_or_else(|| tx.now());
    Ok(EnforcementRule::new(rule, after.settings.default_mode, made))
}

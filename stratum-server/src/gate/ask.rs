//! Asking the gate about a proposed action: recorded like every decision, and without any other effect.

use axum::extract::State;
use serde::Deserialize;
use stratum_autopilot::decision::{DecisionFacts, DecisionPolicy};
use stratum_autopilot::enforcement::EnforcementSettings;
use stratum_core::problem::{Problem, ProblemCollector};
use stratum_core::vocabulary::{EntityType, GateSubject, Platform};
use utoipa::ToSchema;

use super::wire::GateEvaluation;
use super::{decide_and_record, facts};
use crate::auth::Caller;
use crate::health;
use crate::http::{ApiError, Data, Json};
use crate::state::AppState;

/// The change that the gate is asked about.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct AskBody {
    /// What the change does.
    #[schema(value_type = String, example = "BUDGET_INCREASE")]
    action_type: GateSubject,
    /// The platforms that it touches, 1 to 4.
    #[schema(value_type = Vec<String>)]
    platforms: Vec<Platform>,
    /// What it changes; needed for everything but AUDIENCE_SYNC.
    #[serde(default)]
    #[schema(value_type = Option<String>, example = "CAMPAIGN")]
    entity_type: Option<EntityType>,
    /// The platform's id of it.
    #[serde(default)]
    entity_id: Option<String>,
    /// What is proposed; the gate does not look at it, enforcement does.
    #[serde(default)]
    #[schema(value_type = Option<Object>)]
    proposed_value: Option<serde_json::Value>,
}

impl AskBody {
    fn check(&mut self) -> Result<(), ApiError> {
        let mut found = ProblemCollector::new();
        self.platforms.sort_unstable();
        self.platforms.dedup();
        if self.platforms.is_empty() {
            found.push(Problem::new("/platforms", "length", "a change touches 1 to 4 platforms"));
        }
        if self.action_type != GateSubject::AudienceSync {
            for (path, given) in
                [("/entity_type", self.entity_type.is_some()), ("/entity_id", self.entity_id.is_some())]
            {
                if !given {
                    found.push(Problem::new(
                        path,
                        "required",
                        format!("{} changes something", self.action_type),
                    ));
                }
            }
        }
        if self.entity_id.as_ref().is_some_and(|id| !(1..=255).contains(&id.chars().count())) {
            found.push(Problem::new("/entity_id", "length", "an entity id has 1 to 255 characters"));
        }
        if self.proposed_value.as_ref().is_some_and(|value| !value.is_object()) {
            found.push(Problem::new("/proposed_value", "invalid_type", "a proposed value is an object"));
        }
        found.into_result(()).map_err(ApiError::validation)
    }
}

/// Evaluates the gate for a proposed action; executes nothing.
#[utoipa::path(post, path = "/api/v1/tenant/{tenant_id}/trust-gate/evaluate", tag = "trust", request_body = AskBody,
    params(("tenant_id" = Uuid, Path)), responses((status = 200, body = inline(Data<GateEvaluation>))),
    security(("bearer" = [])))]
pub(super) async fn ask(
    State(state): State<AppState>,
    caller: Caller,
    Json(mut body): Json<AskBody>,
) -> Result<Data<GateEvaluation>, ApiError> {
    body.check()?;
    let evaluation = state
        .db
        .tenant_tx(caller.scope(), move |tx| {
            Box::pin(async move {
                let entity = body.entity_type.zip(body.entity_id.as_deref());
                let facts = facts::load(tx, body.action_type, &body.platforms, entity).await?;
                let trust = health::store::policy(tx).await?.policy().clone();
                let policy = DecisionPolicy::new(trust, EnforcementSettings::default()).compile()?;
                Ok(decide_and_record(tx, None, &policy, &DecisionFacts::of_gate(facts)).await?.wire)
            })
        })
        .await?;
    Ok(Data::from(evaluation))
}

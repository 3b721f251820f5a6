//! `POST …/autopilot/enforcement/check` and `…/confirm`.

use axum::extract::State;
use serde::{Deserialize, Serialize};
use stratum_autopilot::action::{self, EntityStatus};
use stratum_autopilot::audit::{AuditAction, Intervention};
use stratum_autopilot::enforcement::{CheckSubject, EnforcementMode};
use stratum_core::Timestamp;
use stratum_core::id::ActionId;
use stratum_core::problem::{Problem, ProblemCollector};
use stratum_core::vocabulary::{ActionType, EntityType, GateDecision, Platform};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

use super::InForce;
use super::confirmation;
use super::wire::{ActionValue, CurrentValue, Violation};
use crate::actions::decide::{Question, check_of};
use crate::actions::{self, StoredAction};
use crate::audit;
use crate::auth::Caller;
use crate::db::TenantTx;
use crate::gate::decide_and_record;
use crate::gate::wire::{Reason, reasons};
use crate::health;
use crate::http::{ApiError, Data, Json};
use crate::state::AppState;

/// Both operations.
pub(super) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(check)).routes(routes!(confirm))
}

/// The change that is asked about.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct CheckBody {
    /// A queued action; only for one is a confirmation token issued, and its own values count.
    #[schema(value_type = Option<String>, format = Uuid)]
    action_id: Option<ActionId>,
    /// What the change does.
    #[schema(value_type = String, example = "BUDGET_INCREASE")]
    action_type: ActionType,
    /// Where; absent: where the entity is known to be, else every connected platform must pass.
    #[schema(value_type = Option<String>, example = "META")]
    platform: Option<Platform>,
    /// To what kind of thing.
    #[schema(value_type = String, example = "CAMPAIGN")]
    entity_type: EntityType,
    /// The platform's id of it.
    entity_id: String,
    /// What it is to become.
    #[serde(default)]
    proposed_value: Option<ActionValue>,
    /// What it is now; absent: as stored.
    #[serde(default)]
    current_value: Option<CurrentValue>,
    /// Figures to assume; absent: as stored.
    #[serde(default)]
    metrics: Option<AssumedMetrics>,
}

/// Figures to assume instead of the stored ones.
#[derive(Debug, Clone, Copy, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
struct AssumedMetrics {
    /// Revenue / spend over the lookback.
    roas: Option<f64>,
    /// Spend over the lookback, in minor units.
    spend_cents: Option<i64>,
    /// Impressions per person in 7 days.
    frequency: Option<f64>,
    /// Conversions over the lookback; no limit looks at them.
    conversions: Option<i64>,
}

/// Whether it would be allowed, and why not.
#[derive(Debug, Serialize, ToSchema)]
struct CheckAnswer {
    /// Whether the limits allow it: no violation, or advisory ones only.
    allowed: bool,
    /// The strictest mode among the violated limits.
    #[schema(value_type = String, example = "SOFT_BLOCK")]
    mode: EnforcementMode,
    /// Whether a confirmation would allow it.
    requires_confirmation: bool,
    /// The token to confirm with, for an action; valid for 60 minutes.
    confirmation_token: Option<String>,
    /// Every violated limit.
    violations: Vec<Violation>,
    /// What the gate says.
    gate: GateAnswer,
    /// Whether a kill switch is engaged.
    kill_switch_active: bool,
}

/// What the gate says.
#[derive(Debug, Serialize, ToSchema)]
struct GateAnswer {
    /// PASS, HOLD or BLOCK.
    #[schema(value_type = String, example = "PASS")]
    decision: GateDecision,
    /// The lowest score among the platforms.
    score: Option<f64>,
    /// Every reason.
    reasons: Vec<Reason>,
}

/// Would this change be allowed now? Changes nothing; the question and the answer are logged.
#[utoipa::path(post, path = "/api/v1/tenant/{tenant_id}/autopilot/enforcement/check", tag = "enforcement",
    request_body = CheckBody, params(("tenant_id" = String, Path)),
    responses((status = 200, body = inline(Data<CheckAnswer>))))]
async fn check(
    State(state): State<AppState>,
    caller: Caller,
    Json(body): Json<CheckBody>,
) -> Result<Data<CheckAnswer>, ApiError> {
    let body = body.checked()?;
    let answer = state.db.tenant_tx(caller.scope(), move |tx| Box::pin(answer(tx, body))).await?;
    Ok(Data::from(answer))
}

impl CheckBody {
    fn checked(mut self) -> Result<Self, ApiError> {
        let mut found = ProblemCollector::new();
        self.entity_id = self.entity_id.trim().to_owned();
        if !(1..=255).contains(&self.entity_id.chars().count()) {
            found.push(Problem::new("/entity_id", "length", "an entity id has 1 to 255 characters"));
        }
        let metrics = self.metrics.unwrap_or_default();
        for (name, negative) in [
            ("roas", metrics.roas.is_some_and(|value| value < 0.0)),
            ("spend_cents", metrics.spend_cents.is_some_and(|value| value < 0)),
            ("frequency", metrics.frequency.is_some_and(|value| value < 0.0)),
            ("conversions", metrics.conversions.is_some_and(|value| value < 0)),
        ] {
            if negative {
                let path = format!("/metrics/{name}");
                found.push(Problem::new(path, "out_of_range", format!("{name} is at least 0")));
            }
        }
        Ok(found.into_result(self)?)
    }

    /// Refuses a question about an action that is asked in the words of another.
    fn must_be_about(&self, action: &action::Action) -> Result<(), ApiError> {
        let mut found = ProblemCollector::new();
        for (field, same) in [
            ("action_type", self.action_type == action.action_type()),
            ("platform", self.platform.is_none_or(|platform| platform == action.platform())),
            ("entity_type", self.entity_type == action.entity_type()),
            ("entity_id", self.entity_id == action.entity_id()),
        ] {
            if !same {
                let message = format!("the action has another {field}");
                found.push(Problem::new(format!("/{field}"), "action_mismatch", message));
            }
        }
        Ok(found.into_result(())?)
    }
}

async fn answer(tx: &mut TenantTx, body: CheckBody) -> Result<CheckAnswer, ApiError> {
    let stored = match body.action_id {
        Some(id) => {
            let stored = actions::store::get(tx, id).await?;
            body.must_be_about(&stored.action)?;
            Some(stored)
        }
        None => None,
    };
    let in_force = InForce::load(tx, body.platform, body.entity_type, &body.entity_id).await?;
    let (subject, platforms) = match &stored {
        Some(stored) => (CheckSubject::from(&stored.action), vec![stored.action.platform()]),
        None => proposed(tx, &body, &in_force).await?,
    };
    let switches = in_force.autopilot.switches.clone();
    let kill_switch_active =
        in_force.autopilot.frozen() || platforms.iter().any(|&platform| switches.engaged_for(platform));
    let id = stored.as_ref().map(|stored| stored.action.id());
    let mut question = Question::load(tx, subject, &platforms, id, in_force, &switches).await?;
    if let (Some(metrics), Some(limits)) = (body.metrics, question.facts.limits.as_mut()) {
        let known = &mut limits.known;
        known.campaign.roas = metrics.roas.or(known.campaign.roas);
        known.campaign.spend_cents = metrics.spend_cents.or(known.campaign.spend_cents);
        known.exposure.frequency = metrics.frequency.or(known.exposure.frequency);
    }
    let action = stored.as_ref().map(|stored| &stored.action);
    let recorded = decide_and_record(tx, action, &question.policy, &question.facts).await?;
    let (gate, check) = (&recorded.decision.gate, check_of(&recorded)?);
    let confirmation_token = note(tx, stored.as_ref(), &question, &recorded).await?;
    Ok(CheckAnswer {
        allowed: check.allowed,
        mode: check.mode,
        requires_confirmation: check.requires_confirmation,
        confirmation_token,
        violations: check.violations.iter().map(Violation::from).collect(),
        gate: GateAnswer {
            decision: gate.decision(),
            score: gate.score().map(|score| score.shown()),
            reasons: reasons(gate),
        },
        kill_switch_active,
    })
}

/// Logs a hard block, and issues the token for a soft block of an action that waits for approval.
async fn note(
    tx: &mut TenantTx,
    stored: Option<&StoredAction>,
    question: &Question,
    recorded: &crate::gate::Recorded,
) -> Result<Option<String>, ApiError> {
    let check = check_of(recorded)?;
    let about = match (stored, &question.facts.limits) {
        (Some(stored), _) => Intervention::about(&stored.action),
        (None, Some(limits)) => Intervention {
            action_type: Some(limits.change.action_type),
            platform: limits.change.platform,
            entity_type: Some(limits.change.entity_type),
            entity_id: Some(limits.change.entity_id.clone()),
            ..Intervention::default()
        },
        (None, None) => Intervention::default(),
    };
    let about = about.gate(&recorded.decision.gate).enforcement(check);
    match (check.mode, stored) {
        (EnforcementMode::HardBlock, _) => {
            let mut entry = audit::entry(tx, AuditAction::Blocked, "action").intervention(about);
            if let Some(stored) = stored {
                entry = entry.resource_id(stored.action.id());
            }
            audit::append(tx, entry).await?;
            Ok(None)
        }
        (EnforcementMode::SoftBlock, Some(stored)) if !stored.action.state().is_final() => {
            Ok(Some(confirmation::issue(tx, stored, check, about).await?.token))
        }
        _ => Ok(None),
    }
}

/// The change that a body proposes, in absolute values, and the platforms whose health counts.
async fn proposed(
    tx: &mut TenantTx,
    body: &CheckBody,
    in_force: &InForce,
) -> Result<(CheckSubject, Vec<Platform>), ApiError> {
    let known = in_force.entity.as_ref();
    let platform = body.platform.or(known.map(|known| known.platform));
    let platforms = match platform {
        Some(platform) => vec![platform],
        None => health::store::connected(tx).await?,
    };
    let mut proposal = body.proposed_value.unwrap_or_default().0;
    if let Some(known) = known {
        proposal = known.with_budget_kind(proposal);
    }
    let current = body.current_value.unwrap_or_default();
    let before = known.map(|known| known.before(body.action_type, proposal.budget_kind));
    let change = action::resolve(
        body.action_type,
        body.entity_type,
        &proposal,
        current.before_cents.or(before.and_then(|before| before.cents)),
        current.status.or(before.and_then(|before| before.status)).or(assumed(body.action_type)),
        in_force.calendar.currency,
    )?;
    let subject = CheckSubject {
        action_type: body.action_type,
        platform,
        entity_type: body.entity_type,
        entity_id: body.entity_id.clone(),
        change,
    };
    Ok((subject, platforms))
}

/// No limit looks at the status before, so a question about a status change may leave it open.
const fn assumed(action_type: ActionType) -> Option<EntityStatus> {
    Some(if action_type.is_pause() { EntityStatus::Active } else { EntityStatus::Paused })
}

/// The token of a soft block, and why it is confirmed.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct ConfirmBody {
    /// As the refusal carried it; presented once, within 60 minutes.
    confirmation_token: String,
    /// 10 to 1000 characters.
    override_reason: String,
}

/// A confirmation that took place.
#[derive(Debug, Serialize, ToSchema)]
struct ConfirmAnswer {
    /// True.
    confirmed: bool,
    /// What the action does.
    #[schema(value_type = String, example = "BUDGET_INCREASE")]
    action_type: ActionType,
    /// The platform's id of what it changes.
    entity_id: String,
    /// The audit entry that says so.
    audit_id: Uuid,
    /// Until when an approval may use it: 15 minutes.
    #[schema(value_type = String, format = DateTime)]
    valid_until: Timestamp,
}

/// Confirms a soft block with its single-use token. Everything is checked again.
#[utoipa::path(post, path = "/api/v1/tenant/{tenant_id}/autopilot/enforcement/confirm", tag = "enforcement",
    request_body = ConfirmBody, params(("tenant_id" = String, Path)),
    responses((status = 200, body = inline(Data<ConfirmAnswer>))))]
async fn confirm(
    State(state): State<AppState>,
    caller: Caller,
    Json(body): Json<ConfirmBody>,
) -> Result<Data<ConfirmAnswer>, ApiError> {
    let by = caller.person()?;
    let reason = super::wire::text("/override_reason", &body.override_reason, 10, 1000)?;
    let confirmed = state
        .db
        .tenant_tx(caller.scope(), move |tx| {
            Box::pin(async move { confirmation::confirm(tx, &body.confirmation_token, by, &reason).await })
        })
        .await??;
    Ok(Data::from(ConfirmAnswer {
        confirmed: true,
        action_type: confirmed.stored.action.action_type(),
        entity_id: confirmed.stored.action.entity_id().to_owned(),
        audit_id: confirmed.audit_id,
        valid_until: confirmed.valid_until,
    }))
}

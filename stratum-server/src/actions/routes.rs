//! The operations on actions: the status line first, then what people do with one.

use axum::extract::State;
use http::StatusCode;
use serde::{Deserialize, Serialize};
use stratum_autopilot::action::{self, ActionStatus, NewAction, Origin};
use stratum_core::id::{ActionId, TenantId, UserId};
use stratum_core::problem::{Problem, ProblemCollector};
use stratum_core::vocabulary::{ActionType, EntityType, Platform, Role};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

use super::approve::{self, Attempt};
use super::lists::{self, ActionQuery, NEWEST, ORDERS, Summary};
use super::wire::{Action, ActionWithHistory};
use super::{Queued, kill_switch_active, known_entity, queue, retract, store};
use crate::auth::Caller;
use crate::autopilot::Autopilot;
use crate::db::TenantTx;
use crate::enforcement::wire::{ActionValue, CurrentValue, optional_text, text};
use crate::health::facts::Calendar;
use crate::http::idempotency::{self, Answer, Keyed};
use crate::http::{ApiError, Data, Json, ListParams, ListQuery, Page, Path, Query};
use crate::state::AppState;

/// The room's operations.
pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(list, create))
        .routes(routes!(summary))
        .routes(routes!(approve_all))
        .routes(routes!(get))
        .routes(routes!(approve_one))
        .routes(routes!(revoke))
        .routes(routes!(dismiss))
        .routes(routes!(rollback))
}

/// An action in the path.
#[derive(Debug, Clone, Copy, Deserialize)]
struct ActionPath {
    action_id: Uuid,
}

impl ActionPath {
    const fn id(self) -> ActionId {
        ActionId::from_uuid(self.action_id)
    }
}

/// Lists actions, newest first.
#[utoipa::path(get, path = "/api/v1/tenant/{tenant_id}/autopilot/actions", tag = "autopilot",
    params(("tenant_id" = String, Path), ActionQuery, ListParams), responses((status = 200, body = inline(Page<Action>))))]
async fn list(
    State(state): State<AppState>,
    caller: Caller,
    query: ListQuery<ActionQuery>,
) -> Result<Page<Action>, ApiError> {
    let order = query.sort.choose(ORDERS, NEWEST)?;
    let (filter, paging) = (query.filter, query.paging);
    let (rows, total) = state
        .db
        .tenant_read(caller.scope(), move |tx| {
            let filter = filter.clone();
            Box::pin(async move { lists::page(tx, &filter, order, paging).await })
        })
        .await?;
    Ok(Page::new(rows, total, paging))
}

/// A change to be queued.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NewActionBody {
    /// What it does.
    #[schema(value_type = String, example = "BUDGET_INCREASE")]
    action_type: ActionType,
    /// Where.
    #[schema(value_type = String, example = "META")]
    platform: Platform,
    /// To what kind of thing.
    #[schema(value_type = String, example = "CAMPAIGN")]
    entity_type: EntityType,
    /// The platform's id of it, 1 to 255 characters.
    entity_id: String,
    /// Its name; absent: as stored.
    #[serde(default)]
    entity_name: Option<String>,
    /// What a budget or bid is to become.
    #[serde(default)]
    proposed_value: Option<ActionValue>,
    /// What it is now; absent: as stored.
    #[serde(default)]
    current_value: Option<CurrentValue>,
    /// Why, up to 1000 characters.
    #[serde(default)]
    reason: Option<String>,
}

/// Queues an action. It never executes at once.
#[utoipa::path(post, path = "/api/v1/tenant/{tenant_id}/autopilot/actions", tag = "autopilot",
    request_body = NewActionBody, params(("tenant_id" = String, Path), ("Idempotency-Key" = Option<String>, Header)),
    responses((status = 201, body = inline(Data<Action>))))]
async fn create(
    State(state): State<AppState>,
    caller: Caller,
    Keyed { body, key }: Keyed<NewActionBody>,
) -> Result<Answer, ApiError> {
    let by = caller.person()?;
    idempotency::run(&state.db, caller.scope(), key, move |tx| {
        Box::pin(async move {
            let new = body.resolved(tx, by).await?;
            answer(tx.scope().tenant, queue(tx, new).await?)
        })
    })
    .await
}

impl NewActionBody {
    /// The proposal in absolute values, with every problem told at once.
    async fn resolved(self, tx: &mut TenantTx, by: UserId) -> Result<NewAction, ApiError> {
        let mut found = ProblemCollector::new();
        let entity_id = found.take("", text("/entity_id", &self.entity_id, 1, 255)).unwrap_or_default();
        let name = found.take("", optional_text("/entity_name", self.entity_name.as_deref(), 255));
        let reason = found.take("", optional_text("/reason", self.reason.as_deref(), 1000));
        let known = known_entity(tx, Some(self.platform), self.entity_type, &entity_id).await?;
        let mut proposal = self.proposed_value.unwrap_or_default().0;
        if let Some(known) = &known {
            proposal = known.with_budget_kind(proposal);
        }
        let stored = known
            .as_ref()
            .map(|known| known.before(self.action_type, proposal.budget_kind))
            .unwrap_or_default();
        let current = self.current_value.unwrap_or_default();
        let change = found.take(
            "",
            action::resolve(
                self.action_type,
                self.entity_type,
                &proposal,
                current.before_cents.or(stored.cents),
                current.status.or(stored.status),
                Calendar::load(tx).await?.currency,
            ),
        );
        let Some(change) = change else {
            return Err(found.into_result(()).err().map_or_else(unexplained, Into::into));
        };
        found.into_result(())?;
        Ok(NewAction {
            id: ActionId::from_uuid(Uuid::now_v7()),
            tenant_id: tx.scope().tenant,
            action_type: self.action_type,
            platform: self.platform,
            entity_type: self.entity_type,
            entity_id,
            entity_name: name.flatten().or(known.and_then(|known| known.name)),
            change,
            origin: Origin::Manual,
            created_by: Some(by),
            reason: reason.flatten(),
            pair_id: None,
            reverts: None,
            ttl_hours: Autopilot::load(tx).await?.approval.action_ttl_hours,
        })
    }
}

fn unexplained() -> ApiError {
    ApiError::internal("a change was refused without a problem")
}

/// 201 with the queued action, or the refusal; what was logged about it is committed either way.
fn answer(tenant: TenantId, queued: Queued) -> Result<Answer, ApiError> {
    match queued {
        Ok(stored) => {
            let location = format!("/api/v1/tenant/{tenant}/autopilot/actions/{}", stored.action.id());
            Answer::created(location, Action::from(&stored))
        }
        Err(refusal) => Ok(Answer::refusal(&refusal)),
    }
}

/// How far back the summary looks.
#[derive(Debug, Clone, Copy, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
struct SummaryQuery {
    /// 1 to 90 days; 7 where nothing is said.
    days: Option<u32>,
}

/// Counts per status, type and platform.
#[utoipa::path(get, path = "/api/v1/tenant/{tenant_id}/autopilot/actions/summary", tag = "autopilot",
    params(("tenant_id" = String, Path), SummaryQuery), responses((status = 200, body = inline(Data<Summary>))))]
async fn summary(
    State(state): State<AppState>,
    caller: Caller,
    Query(query): Query<SummaryQuery>,
) -> Result<Data<Summary>, ApiError> {
    let days = query.days.unwrap_or(7);
    if !(1..=90).contains(&days) {
        let message = format!("this is from 1 to 90, not {days}");
        return Err(Problem::new("?days", "out_of_range", message).into());
    }
    let counted = state
        .db
        .tenant_read(caller.scope(), move |tx| {
            Box::pin(async move {
                lists::summary(tx, tx.now().plus_hours(i64::from(days).saturating_mul(-24))).await
            })
        })
        .await?;
    Ok(Data::from(counted))
}

/// One action with its decision trail.
#[utoipa::path(get, path = "/api/v1/tenant/{tenant_id}/autopilot/actions/{action_id}", tag = "autopilot",
    params(("tenant_id" = String, Path), ("action_id" = String, Path)),
    responses((status = 200, body = inline(Data<ActionWithHistory>))))]
async fn get(
    State(state): State<AppState>,
    caller: Caller,
    Path(path): Path<ActionPath>,
) -> Result<Data<ActionWithHistory>, ApiError> {
    let found = state
        .db
        .tenant_read(caller.scope(), move |tx| {
            Box::pin(async move {
                let stored = store::get(tx, path.id()).await?;
                let history = lists::history(tx, path.id()).await?;
                Ok(ActionWithHistory { action: Action::from(&stored), history })
            })
        })
        .await?;
    Ok(Data::from(found))
}

/// What an approval brings along.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
struct ApproveBody {
    /// 10 to 1000 characters: an admin executes although the gate does not pass.
    override_reason: Option<String>,
    /// Of a confirmed soft block.
    confirmation_token: Option<String>,
}

/// Approves an action. It runs once the gate passes, or by override.
#[utoipa::path(post, path = "/api/v1/tenant/{tenant_id}/autopilot/actions/{action_id}/approve", tag = "autopilot",
    request_body = ApproveBody, params(("tenant_id" = String, Path), ("action_id" = String, Path)),
    responses((status = 200, body = inline(Data<Action>))))]
async fn approve_one(
    State(state): State<AppState>,
    caller: Caller,
    Path(path): Path<ActionPath>,
    Keyed { body, .. }: Keyed<ApproveBody>,
) -> Result<Data<Action>, ApiError> {
    let forbidden = body.override_reason.as_ref().and_then(|_| caller.require(Role::Admin).err());
    let reason = body.override_reason.as_deref().map(|reason| text("/override_reason", reason, 10, 1000));
    let override_reason = match reason.transpose() {
        // Whoever may not override is told that, and not how to ask.
        Err(_) if forbidden.is_some() => None,
        reason => reason?,
    };
    let attempt =
        Attempt { by: caller.person()?, override_reason, confirmation_token: body.confirmation_token };
    if let Some(refusal) = forbidden {
        return state
            .db
            .tenant_tx(caller.scope(), move |tx| {
                Box::pin(async move {
                    approve::note_forbidden(tx, path.id(), &attempt, &refusal).await?;
                    Ok(Err(refusal))
                })
            })
            .await?;
    }
    let approved = state
        .db
        .tenant_tx(caller.scope(), move |tx| {
            Box::pin(async move { approve::approve(tx, path.id(), &attempt).await })
        })
        .await??;
    Ok(Data::from(Action::from(&approved)))
}

/// Which actions to approve.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct ApproveAllBody {
    /// 1 to 100.
    #[schema(value_type = Vec<String>)]
    action_ids: Vec<ActionId>,
}

/// What became of each.
#[derive(Debug, Serialize, ToSchema)]
struct ApproveAllAnswer {
    /// How many were approved.
    approved: usize,
    /// How many were refused.
    refused: usize,
    /// Each, in the order of the request.
    results: Vec<ApproveResult>,
}

/// What became of one.
#[derive(Debug, Serialize, ToSchema)]
struct ApproveResult {
    /// Which action.
    #[schema(value_type = String, format = Uuid)]
    id: ActionId,
    /// Its status now; null where there is no such action.
    #[schema(value_type = Option<String>)]
    status: Option<ActionStatus>,
    /// Why it was refused.
    error: Option<store::ActionError>,
}

/// Approves each listed action on its own.
#[utoipa::path(post, path = "/api/v1/tenant/{tenant_id}/autopilot/actions/approve-all", tag = "autopilot",
    request_body = ApproveAllBody, params(("tenant_id" = String, Path)),
    responses((status = 200, body = inline(Data<ApproveAllAnswer>))))]
async fn approve_all(
    State(state): State<AppState>,
    caller: Caller,
    Json(body): Json<ApproveAllBody>,
) -> Result<Data<ApproveAllAnswer>, ApiError> {
    if !(1..=100).contains(&body.action_ids.len()) {
        return Err(Problem::new("/action_ids", "length", "1 to 100 actions are approved at once").into());
    }
    let by = caller.person()?;
    let autopilot = state.db.tenant_read(caller.scope(), |tx| Box::pin(Autopilot::load(tx))).await?;
    if autopilot.frozen() {
        return Err(kill_switch_active());
    }
    let mut results = Vec::with_capacity(body.action_ids.len());
    for id in body.action_ids {
        let attempt = Attempt { by, override_reason: None, confirmation_token: None };
        let work = state.db.tenant_tx(caller.scope(), move |tx| {
            Box::pin(async move { approve::approve(tx, id, &attempt).await })
        });
        let (status, error) = match work.await.and_then(|outcome| outcome) {
            Ok(stored) => (Some(stored.action.status()), None),
            Err(error) if error.status().is_server_error() => return Err(error),
            Err(error) => (status_of(&state, &caller, id).await?, Some(error)),
        };
        let error = error.map(|error| store::ActionError {
            code: error.code().to_owned(),
            message: error.message().to_owned(),
        });
        results.push(ApproveResult { id, status, error });
    }
    let refused = results.iter().filter(|result| result.error.is_some()).count();
    let approved = results.len().saturating_sub(refused);
    Ok(Data::from(ApproveAllAnswer { approved, refused, results }))
}

async fn status_of(
    state: &AppState,
    caller: &Caller,
    id: ActionId,
) -> Result<Option<ActionStatus>, ApiError> {
    let read = state.db.tenant_read(caller.scope(), move |tx| {
        Box::pin(async move { Ok(store::get(tx, id).await?.action.status()) })
    });
    match read.await {
        Ok(status) => Ok(Some(status)),
        Err(error) if error.status() == StatusCode::NOT_FOUND => Ok(None),
        Err(error) => Err(error),
    }
}

/// Why something is taken back.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
struct ReasonBody {
    /// Up to 1000 characters.
    reason: Option<String>,
}

/// Takes back an approval that is not being executed yet.
#[utoipa::path(post, path = "/api/v1/tenant/{tenant_id}/autopilot/actions/{action_id}/revoke", tag = "autopilot",
    request_body = ReasonBody, params(("tenant_id" = String, Path), ("action_id" = String, Path)),
    responses((status = 200, body = inline(Data<Action>))))]
async fn revoke(
    State(state): State<AppState>,
    caller: Caller,
    Path(path): Path<ActionPath>,
    Keyed { body, .. }: Keyed<ReasonBody>,
) -> Result<Data<Action>, ApiError> {
    let reason = optional_text("/reason", body.reason.as_deref(), 1000)?;
    let revoked = state
        .db
        .tenant_tx(caller.scope(), move |tx| {
            Box::pin(async move { retract::revoke(tx, path.id(), reason.as_deref()).await })
        })
        .await?;
    Ok(Data::from(Action::from(&revoked)))
}

/// Cancels a queued action; works under the kill switch, too.
#[utoipa::path(post, path = "/api/v1/tenant/{tenant_id}/autopilot/actions/{action_id}/dismiss", tag = "autopilot",
    request_body = ReasonBody, params(("tenant_id" = String, Path), ("action_id" = String, Path)),
    responses((status = 200, body = inline(Data<Action>))))]
async fn dismiss(
    State(state): State<AppState>,
    caller: Caller,
    Path(path): Path<ActionPath>,
    Keyed { body, .. }: Keyed<ReasonBody>,
) -> Result<Data<Action>, ApiError> {
    let reason = optional_text("/reason", body.reason.as_deref(), 1000)?;
    let by = caller.user_id();
    let dismissed = state
        .db
        .tenant_tx(caller.scope(), move |tx| {
            Box::pin(async move { retract::dismiss(tx, path.id(), by, reason.as_deref()).await })
        })
        .await?;
    Ok(Data::from(Action::from(&dismissed)))
}

/// Why an applied action is taken back.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct RollbackBody {
    /// 3 to 1000 characters.
    reason: String,
}

/// Queues the reverse of an applied action.
#[utoipa::path(post, path = "/api/v1/tenant/{tenant_id}/autopilot/actions/{action_id}/rollback", tag = "autopilot",
    request_body = RollbackBody,
    params(("tenant_id" = String, Path), ("action_id" = String, Path), ("Idempotency-Key" = Option<String>, Header)),
    responses((status = 201, body = inline(Data<Action>))))]
async fn rollback(
    State(state): State<AppState>,
    caller: Caller,
    Path(path): Path<ActionPath>,
    Keyed { body, key }: Keyed<RollbackBody>,
) -> Result<Answer, ApiError> {
    let reason = text("/reason", &body.reason, 3, 1000)?;
    let by = caller.user_id();
    idempotency::run(&state.db, caller.scope(), key, move |tx| {
        Box::pin(async move {
            let queued = retract::rollback(tx, path.id(), by, reason).await?;
            answer(tx.scope().tenant, queued)
        })
    })
    .await
}

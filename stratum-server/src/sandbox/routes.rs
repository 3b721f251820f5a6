//! The sandbox's HTTP side.

use std::sync::Arc;

use axum::Router;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use http::{HeaderMap, StatusCode, header};
use serde::{Deserialize, Serialize};
use serde_json::json;
use stratum_autopilot::action::Change;
use stratum_autopilot::platform::sandbox::{Fault, Reply, SandboxEntity};
use stratum_autopilot::platform::{ChangeRequest, EntityRef, EntityValue, PlatformError, PlatformErrorCode};
use stratum_core::Timestamp;
use stratum_core::id::{ActionId, TenantId};
use stratum_core::problem::Problem;
use stratum_core::vocabulary::{EntityType, Platform};

use super::SandboxService;
use crate::http::{ApiError, Data, Json, Query};

type Shared = State<Arc<SandboxService>>;

/// Every route of a sandbox.
pub fn router(service: Arc<SandboxService>) -> Router {
    Router::new()
        .route("/v1/changes", post(apply))
        .route("/v1/changes/{key}", get(outcome))
        .route("/v1/entities", get(entities))
        .route("/v1/entities/{tenant_id}/{platform}/{entity_type}/{entity_id}", get(read).put(put))
        .route("/ledger", get(ledger))
        .route("/faults", get(faults).post(inject).delete(clear_faults))
        .route("/health", get(health))
        // Not NOT_FOUND: that says of an entity that the platform has none.
        .fallback(|| async {
            ApiError::new(StatusCode::NOT_FOUND, "NO_SUCH_ROUTE", "the sandbox has no such address")
        })
        .with_state(service)
}

/// The body of `POST /v1/changes`; the key travels as the header `Idempotency-Key`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ChangeBody {
    /// What to change.
    pub entity: EntityRef,
    /// From which value to which.
    pub change: Change,
    /// Until when the call is good.
    pub not_after: Timestamp,
}

async fn apply(State(service): Shared, headers: HeaderMap, Json(body): Json<ChangeBody>) -> Response {
    let idempotency_key = match key_of(&headers) {
        Ok(key) => key,
        Err(error) => return error.into_response(),
    };
    let ChangeBody { entity, change, not_after } = body;
    let request = ChangeRequest { idempotency_key, entity, change, not_after };
    answer(blocking(move || service.apply(&request)).await).await
}

fn key_of(headers: &HeaderMap) -> Result<ActionId, ApiError> {
    let text = headers.get("idempotency-key").and_then(|value| value.to_str().ok());
    let problem = |code: &'static str, message: &'static str| {
        Problem::new("Idempotency-Key", code, message)
            .help("send the action's id as the header Idempotency-Key")
    };
    match text {
        None => Err(problem("required", "a change carries an idempotency key").into()),
        Some(text) => {
            text.parse().map_err(|_| problem("invalid_value", "the idempotency key is no UUID").into())
        }
    }
}

async fn outcome(State(service): Shared, Path(key): Path<ActionId>) -> Response {
    answer(blocking(move || service.outcome_of(key)).await).await
}

async fn read(State(service): Shared, Path(entity): Path<EntityPath>) -> Response {
    answer(blocking(move || service.read(&entity.into())).await).await
}

async fn put(
    State(service): Shared,
    Path(entity): Path<EntityPath>,
    Json(value): Json<EntityValue>,
) -> Response {
    let entity = SandboxEntity::new(entity.into(), value);
    let stored = entity.clone();
    match blocking(move || service.put(stored)).await {
        Ok(Ok(())) => Data::from(entity).into_response(),
        Ok(Err(error)) => refusal(&error),
        Err(error) => error.into_response(),
    }
}

async fn entities(State(service): Shared) -> Data<Vec<SandboxEntity>> {
    Data::from(service.entities())
}

/// Which entries of the ledger are asked for.
#[derive(Debug, Deserialize)]
struct LedgerQuery {
    tenant_id: Option<TenantId>,
    entity_id: Option<String>,
    idempotency_key: Option<ActionId>,
}

async fn ledger(State(service): Shared, Query(query): Query<LedgerQuery>) -> Response {
    let entries = service.ledger(|entry| {
        query.tenant_id.is_none_or(|tenant| tenant == entry.entity.tenant_id)
            && query.entity_id.as_ref().is_none_or(|id| *id == entry.entity.entity_id)
            && query.idempotency_key.is_none_or(|key| key == entry.idempotency_key)
    });
    Data::from(entries).into_response()
}

/// The body of `POST /faults`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Script {
    faults: Vec<Fault>,
}

async fn inject(State(service): Shared, Json(script): Json<Script>) -> Data<Vec<Fault>> {
    Data::from(service.inject(script.faults))
}

async fn faults(State(service): Shared) -> Data<Vec<Fault>> {
    Data::from(service.faults())
}

async fn clear_faults(State(service): Shared) -> StatusCode {
    service.clear_faults();
    StatusCode::NO_CONTENT
}

async fn health(State(service): Shared) -> axum::Json<serde_json::Value> {
    axum::Json(json!({"status": "ok", "service": "stratum-sandbox", "accepted": service.accepted()}))
}

/// An entity as its path names it.
#[derive(Debug, Deserialize)]
struct EntityPath {
    tenant_id: TenantId,
    platform: Platform,
    entity_type: EntityType,
    entity_id: String,
}

impl From<EntityPath> for EntityRef {
    fn from(path: EntityPath) -> Self {
        let EntityPath { tenant_id, platform, entity_type, entity_id } = path;
        Self { tenant_id, platform, entity_type, entity_id }
    }
}

/// Runs what writes to disk where it may block. It runs to its end even when the caller hangs up.
async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, ApiError> {
    tokio::task::spawn_blocking(work).await.map_err(ApiError::internal)
}

/// Waits as long as the fault script says, then answers. The call itself was carried out before the wait, so that a caller
/// who gives up in the meantime has lost an answer and not a change.
async fn answer<T: Serialize>(reply: Result<Reply<T>, ApiError>) -> Response {
    match reply {
        Ok(Reply { result, delay }) => {
            tokio::time::sleep(delay).await;
            match result {
                Ok(value) => axum::Json(json!({ "data": value })).into_response(),
                Err(error) => refusal(&error),
            }
        }
        Err(error) => error.into_response(),
    }
}

fn refusal(error: &PlatformError) -> Response {
    let status = match error.code {
        PlatformErrorCode::Refused => StatusCode::UNPROCESSABLE_ENTITY,
        PlatformErrorCode::NotFound => StatusCode::NOT_FOUND,
        PlatformErrorCode::StateChanged => StatusCode::CONFLICT,
        PlatformErrorCode::RateLimited => StatusCode::TOO_MANY_REQUESTS,
        PlatformErrorCode::Unauthorized => StatusCode::UNAUTHORIZED,
        PlatformErrorCode::DeadlinePassed => StatusCode::PRECONDITION_FAILED,
        PlatformErrorCode::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
        PlatformErrorCode::Unknown => StatusCode::INTERNAL_SERVER_ERROR,
    };
    let mut response = (status, axum::Json(json!({ "error": error }))).into_response();
    if let Some(ms) = error.retry_after_ms {
        response.headers_mut().insert(header::RETRY_AFTER, ms.div_ceil(1000).into());
    }
    response
}

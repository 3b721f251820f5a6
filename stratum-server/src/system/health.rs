//! `/health`, `/ready` and `/metrics`.

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::{HeaderMap, StatusCode, header};
use secrecy::ExposeSecret as _;
use serde::Serialize;
use subtle::ConstantTimeEq as _;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::http::ApiError;
use crate::state::AppState;

/// The operations of this room.
pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(health)).routes(routes!(ready)).routes(routes!(metrics))
}

/// Whether the server lives.
#[derive(Debug, Serialize, ToSchema)]
struct Health {
    /// `ok`, or `down` without its database.
    #[schema(example = "ok")]
    status: &'static str,
    /// The version of the binary.
    version: &'static str,
    /// What the server was told that it is, such as `production`.
    environment: String,
    /// `ok` or `down`.
    #[schema(example = "ok")]
    database: &'static str,
    /// Seconds since the start.
    uptime_seconds: f64,
}

/// Whether the server and its database live. A bare object, without envelope.
#[utoipa::path(
    get, path = "/health", tag = "system",
    responses(
        (status = 200, description = "Alive", body = Health),
        (status = 503, description = "The database does not answer", body = Health),
    )
)]
async fn health(State(state): State<AppState>) -> Response {
    let up = state.figures.database_is_up();
    let body = Health {
        status: if up { "ok" } else { "down" },
        version: env!("CARGO_PKG_VERSION"),
        environment: state.config.environment.clone(),
        database: if up { "ok" } else { "down" },
        uptime_seconds: state.started.elapsed().as_secs_f64(),
    };
    let status = if up { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    (status, axum::Json(body)).into_response()
}

/// Whether the server can do its work.
#[derive(Debug, Serialize, ToSchema)]
struct Ready {
    /// Whether every check is.
    ready: bool,
    /// The checks.
    checks: Vec<Check>,
}

/// One thing that must be in order.
#[derive(Debug, Serialize, ToSchema)]
struct Check {
    /// What was looked at.
    name: &'static str,
    /// Whether it is in order.
    ok: bool,
    /// What is wrong.
    #[serde(skip_serializing_if = "Option::is_none")]
    detail: Option<&'static str>,
}

/// Whether requests can be served now. A bare object, without envelope.
#[utoipa::path(
    get, path = "/ready", tag = "system",
    responses(
        (status = 200, description = "Ready", body = Ready),
        (status = 503, description = "Not ready", body = Ready),
    )
)]
async fn ready(State(state): State<AppState>) -> Response {
    let check = |name, ok: bool, trouble| Check { name, ok, detail: (!ok).then_some(trouble) };
    let checks = vec![
        // The server does not listen before its migrations have run.
        check("migrations", true, ""),
        check("database", state.db.is_up().await, "the database does not answer"),
        check("running", !state.stop.is_cancelled(), "the server is stopping"),
        check("workers", state.figures.workers_are_alive(), "a worker has not been heard of for a minute"),
    ];
    let ready = checks.iter().all(|check| check.ok);
    let status = if ready { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    (status, axum::Json(Ready { ready, checks })).into_response()
}

/// The figures in the text format of Prometheus.
#[utoipa::path(
    get, path = "/metrics", tag = "system",
    responses(
        (status = 200, description = "Figures", content_type = "text/plain", body = String),
        (status = 401, description = "UNAUTHENTICATED"),
    )
)]
async fn metrics(State(state): State<AppState>, headers: HeaderMap) -> Result<Response, ApiError> {
    if let Some(token) = &state.config.metrics_token {
        let given = headers.get(header::AUTHORIZATION).map(|value| value.as_bytes()).unwrap_or_default();
        let expected = format!("Bearer {}", token.expose_secret());
        if !bool::from(given.ct_eq(expected.as_bytes())) {
            return Err(ApiError::unauthenticated("send the token of the metrics"));
        }
    }
    let text = state.figures.render();
    Ok(([(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], text).into_response())
}

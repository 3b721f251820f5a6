//! What happens around every request: an id, a span, a log line, figures, and the headers of security.

use std::time::Instant;

use axum::extract::{FromRequestParts, MatchedPath, Request};
use axum::middleware::Next;
use axum::response::Response;
use http::request::Parts;
use http::{HeaderMap, HeaderName, HeaderValue, Method, header};
use tracing::Instrument as _;
use uuid::Uuid;
use uuid::fmt::Hyphenated;

use super::ApiError;
use crate::auth::access;

static REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// The id of the request: the client's own if it sent a UUID, else a new one.
#[derive(Debug, Clone, Copy)]
pub struct RequestId(
    /// The id.
    pub Uuid,
);

impl<S: Send + Sync> FromRequestParts<S> for RequestId {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, ApiError> {
        Ok(parts.extensions.get().copied().unwrap_or_else(|| Self(Uuid::now_v7())))
    }
}

/// Gives the request its id and its span, and writes its log line and its figures once it is answered.
pub async fn layer(mut request: Request, next: Next) -> Response {
    let started = Instant::now();
    let given = request.headers().get(&REQUEST_ID).and_then(|id| id.to_str().ok());
    let id = given.and_then(|id| Uuid::try_parse(id).ok()).unwrap_or_else(Uuid::now_v7);
    request.extensions_mut().insert(RequestId(id));
    let method = name_of(request.method());
    // The pattern, not the path: a path may hold what must not be logged, and would make endless series. What is in no
    // table is nobody's to call.
    let pattern =
        request.extensions().get::<MatchedPath>().and_then(|path| access::at(path.as_str()).first());
    let route = pattern.map_or("-", |operation| operation.path);
    let span = tracing::info_span!(
        "request",
        request_id = %id,
        tenant_id = tracing::field::Empty,
        user_id = tracing::field::Empty
    );

    let mut response = next.run(request).instrument(span.clone()).await;

    let status = response.status();
    let elapsed = started.elapsed();
    let class = match status.as_u16() / 100 {
        2 => "2xx",
        3 => "3xx",
        4 => "4xx",
        5 => "5xx",
        _ => "1xx",
    };
    let labels = [("method", method), ("route", route), ("status", class)];
    metrics::counter!("stratum_http_requests_total", &labels).increment(1);
    metrics::histogram!("stratum_http_request_duration_seconds", &labels).record(elapsed.as_secs_f64());
    span.in_scope(|| {
        tracing::info!(
            event_type = "request",
            route,
            status = status.as_u16(),
            duration_ms = elapsed.as_secs_f64() * 1000.0,
            "{method}"
        );
    });
    secure(response.headers_mut());
    let mut text = [0; Hyphenated::LENGTH];
    if let Ok(value) = HeaderValue::from_str(id.hyphenated().encode_lower(&mut text)) {
        response.headers_mut().insert(REQUEST_ID.clone(), value);
    }
    response
}

/// The method, for figures: what nobody routes is one of the others.
fn name_of(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::POST => "POST",
        Method::PUT => "PUT",
        Method::DELETE => "DELETE",
        Method::PATCH => "PATCH",
        Method::HEAD => "HEAD",
        Method::OPTIONS => "OPTIONS",
        _ => "other",
    }
}

/// Headers that cost nothing and close what a browser would otherwise leave open. A page may set its own policy.
fn secure(headers: &mut HeaderMap) {
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(header::X_FRAME_OPTIONS, HeaderValue::from_static("DENY"));
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    headers
        .entry(header::CONTENT_SECURITY_POLICY)
        .or_insert(HeaderValue::from_static("default-src 'none'; frame-ancestors 'none'"));
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
}

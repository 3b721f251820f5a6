//! The one place where requests are held to the table of [`super::access`].
//!
//! The checks come in the order of the contract: route, method, size, authentication, rate, suspension or
//! subscription, the path's tenant, role. What follows (features, body, existence, state) is the handler's.

use axum::extract::{DefaultBodyLimit, MatchedPath, Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use http::{HeaderMap, HeaderName, Method, StatusCode, header};
use serde_json::{Value, json};
use stratum_autopilot::audit::{AuditAction, Changes};
use stratum_core::id::TenantId;
use stratum_core::vocabulary::Role;

use super::access::{self, Access, Operation};
use super::caller::{Caller, Credential, forbidden};
use super::rates::Allowance;
use super::sources::key_hash;
use crate::audit;
use crate::db::{Actor, ActorType, Scope};
use crate::http::limits;
use crate::http::{ApiError, ClientAddress, RequestId};
use crate::state::AppState;
use crate::tenant::{Standing, SubscriptionStatus, TenantStatus};

static SOURCE_KEY: HeaderName = HeaderName::from_static("x-source-key");
static ACCESS_REASON: HeaderName = HeaderName::from_static("x-access-reason");

/// Lets a request through to its handler, or answers it.
pub async fn guard(State(state): State<AppState>, mut request: Request, next: Next) -> Response {
    let Some(operations) = request.extensions().get::<MatchedPath>().map(|path| access::at(path.as_str()))
    else {
        return next.run(request).await; // to the fallback, which answers 404
    };
    let allowance = match Box::pin(admit(&state, operations, &mut request)).await {
        Ok(allowance) => allowance,
        Err(error) => return error.into_response(),
    };
    let mut response = next.run(request).await;
    if let Some(allowance) = allowance {
        allowance.write(response.headers_mut());
    }
    response
}

async fn admit(
    state: &AppState,
    operations: &'static [Operation],
    request: &mut Request,
) -> Result<Option<Allowance>, ApiError> {
    let operation = find(operations, request.method())?;
    check_size(operation, request.headers())?;
    DefaultBodyLimit::max(operation.body_limit).apply(request);

    let address = request.extensions().get::<ClientAddress>().copied();
    if operation.access == Access::Public {
        return match address {
            Some(address) => state.auth.rates.address(operation.bucket, address.0.ip()),
            None => Ok(None),
        };
    }
    let (mut caller, standing) = authenticate(state, operation, request.headers()).await?;
    let allowance = state.auth.rates.tenant(operation.bucket, standing.tier, caller.tenant())?;
    in_good_standing(standing, request.method())?;

    caller.scope.request_id =
        request.extensions().get::<RequestId>().map_or(caller.scope.request_id, |id| id.0);
    caller.scope.address_hash = address.map(|address| state.auth.address_hash(address.0.ip()));
    if let Some(asked) = path_tenant(operation.path, request.uri().path()) {
        enter(state, &mut caller, asked?, request.headers(), request.method()).await?;
    }
    check_role(operation, &caller)?;

    let span = tracing::Span::current();
    span.record("tenant_id", tracing::field::display(caller.tenant()));
    if let Some(user) = caller.user_id() {
        span.record("user_id", tracing::field::display(user));
    }
    request.extensions_mut().insert(caller);
    Ok(allowance)
}

fn find(operations: &'static [Operation], method: &Method) -> Result<&'static Operation, ApiError> {
    // HEAD is GET without the body.
    let wanted = if *method == Method::HEAD { &Method::GET } else { method };
    if let Some(found) = operations.iter().find(|operation| operation.method == *wanted) {
        return Ok(found);
    }
    if operations.is_empty() {
        // Routed, but not in the table: closed.
        return Err(ApiError::not_found("operation"));
    }
    let mut allowed: Vec<&str> = operations.iter().map(|operation| operation.method.as_str()).collect();
    if allowed.contains(&"GET") {
        allowed.push("HEAD");
    }
    allowed.sort_unstable();
    let allow = http::HeaderValue::try_from(allowed.join(", ")).map_err(ApiError::internal)?;
    Err(ApiError::new(
        StatusCode::METHOD_NOT_ALLOWED,
        "METHOD_NOT_ALLOWED",
        "this path does not know this method",
    )
    .header(header::ALLOW, allow))
}

/// A body that says that it is too large is not even read. One that does not say is cut off at the limit.
fn check_size(operation: &Operation, headers: &HeaderMap) -> Result<(), ApiError> {
    let length =
        headers.get(header::CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse::<usize>().ok());
    if length.is_some_and(|length| length > operation.body_limit) { Err(limits::too_large()) } else { Ok(()) }
}

async fn authenticate(
    state: &AppState,
    operation: &Operation,
    headers: &HeaderMap,
) -> Result<(Caller, Standing), ApiError> {
    if let (Access::SourceKey { .. }, Some(key)) = (operation.access, headers.get(&SOURCE_KEY)) {
        return source(state, key.to_str().unwrap_or_default()).await;
    }
    let token = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok()).and_then(bearer);
    let Some(token) = token else {
        return Err(ApiError::unauthenticated("send an access token: Authorization: Bearer …"));
    };
    person(state, token).await
}

fn bearer(value: &str) -> Option<&str> {
    let (scheme, token) = value.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

async fn person(state: &AppState, token: &str) -> Result<(Caller, Standing), ApiError> {
    let claims = state.auth.tokens.read(token, state.now()).await?;
    let session = state.auth.sessions.of_person(&state.db, claims.tid, claims.sid).await?;
    let Some(session) = session.filter(|session| session.live) else {
        return Err(ApiError::unauthenticated("this session was ended; sign in again"));
    };
    let expires_at = stratum_core::Timestamp::from_millis(claims.exp.saturating_mul(1000))?;
    let caller = Caller {
        role: session.role,
        credential: Credential::User {
            user_id: claims.sub,
            home: claims.tid,
            session_id: claims.sid,
            expires_at,
        },
        scope: Scope { actor: Actor::user(claims.sub), ..Scope::system(claims.tid) },
    };
    Ok((caller, session.standing))
}

async fn source(state: &AppState, key: &str) -> Result<(Caller, Standing), ApiError> {
    let Some(source) = state.auth.sessions.of_source(&state.db, key_hash(key)).await? else {
        return Err(ApiError::new(StatusCode::UNAUTHORIZED, "INVALID_SOURCE_KEY", "no source has this key"));
    };
    if !source.active {
        return Err(ApiError::forbidden("SOURCE_INACTIVE", "this source was switched off"));
    }
    let caller = Caller {
        role: Role::Viewer,
        credential: Credential::Source { source_id: source.source_id, source_type: source.source_type },
        scope: Scope { actor: Actor::api_key(source.source_id), ..Scope::system(source.tenant) },
    };
    Ok((caller, source.standing))
}

fn in_good_standing(standing: Standing, method: &Method) -> Result<(), ApiError> {
    if standing.status != TenantStatus::Active {
        return Err(ApiError::forbidden("TENANT_SUSPENDED", "this tenant was suspended by the operator"));
    }
    let lapsed = matches!(standing.subscription, SubscriptionStatus::Expired | SubscriptionStatus::Cancelled);
    if lapsed && !method.is_safe() {
        return Err(ApiError::new(
            StatusCode::PAYMENT_REQUIRED,
            "SUBSCRIPTION_EXPIRED",
            "the subscription has ended; what is there can be read, nothing can be changed",
        ));
    }
    Ok(())
}

/// The value of `{tenant_id}` in the path, where the pattern has one. One that is no UUID is no tenant's.
fn path_tenant(pattern: &str, path: &str) -> Option<Result<TenantId, ApiError>> {
    let position = pattern.split('/').position(|step| step == "{tenant_id}")?;
    let given = path.split('/').nth(position).unwrap_or_default();
    Some(given.parse().map_err(|_| ApiError::not_found("tenant")))
}

/// Another tenant's path is not there, except for an operator who says why.
async fn enter(
    state: &AppState,
    caller: &mut Caller,
    asked: TenantId,
    headers: &HeaderMap,
    method: &Method,
) -> Result<(), ApiError> {
    if asked == caller.tenant() {
        return Ok(());
    }
    if caller.role != Role::Superadmin {
        return Err(ApiError::not_found("tenant"));
    }
    let reason = headers.get(&ACCESS_REASON).and_then(|reason| reason.to_str().ok()).map(str::trim);
    let Some(reason) = reason.filter(|reason| !reason.is_empty()) else {
        return Err(ApiError::forbidden(
            "ACCESS_REASON_REQUIRED",
            "say why in X-Access-Reason: the tenant's audit log will show it",
        ));
    };
    if state.auth.sessions.of_tenant(&state.db, asked).await?.is_none() {
        return Err(ApiError::not_found("tenant"));
    }
    caller.scope.tenant = asked;
    caller.scope.actor.kind = ActorType::Operator;
    caller.scope.access_reason = Some(reason.chars().take(500).collect());
    let method = method.to_string();
    state
        .db
        .tenant_tx(&caller.scope, move |tx| {
            Box::pin(async move {
                let changes = Changes { before: Value::Null, after: json!({ "method": method }) };
                let entry =
                    audit::entry(tx, AuditAction::BreakGlass, "tenant").resource_id(asked).changes(changes);
                audit::append(tx, entry).await
            })
        })
        .await?;
    Ok(())
}

fn check_role(operation: &Operation, caller: &Caller) -> Result<(), ApiError> {
    match (operation.access, caller.credential) {
        (Access::Public, _) => Ok(()),
        (Access::Role(least), Credential::User { .. }) => caller.require(least),
        (Access::Role(least), Credential::Source { .. }) => Err(forbidden(least)),
        (Access::SourceKey { .. }, Credential::User { .. }) => caller.require(Role::Manager),
        (Access::SourceKey { public_sources }, Credential::Source { source_type, .. }) => {
            if public_sources || !source_type.is_public() {
                Ok(())
            } else {
                Err(ApiError::forbidden(
                    "SOURCE_TYPE_NOT_ALLOWED",
                    "the key of this source can be read in a page; send with the key of a server source",
                ))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_paths_tenant_is_found_where_the_pattern_has_it() {
        let pattern = "/api/v1/tenant/{tenant_id}/signals";
        let id = "0198c9a0-0000-7000-8000-000000000001";
        assert_eq!(
            path_tenant(pattern, &format!("/api/v1/tenant/{id}/signals")).unwrap().unwrap().to_string(),
            id
        );
        assert!(path_tenant(pattern, "/api/v1/tenant/x/signals").unwrap().is_err());
        assert!(path_tenant("/api/v1/auth/me", "/api/v1/auth/me").is_none());
    }
}

//! Signing in and out.

use axum::extract::State;
use http::{StatusCode, header};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sqlx::Row as _;
use stratum_autopilot::audit::AuditAction;
use stratum_core::id::UserId;
use stratum_core::{Problem, Timestamp};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

use super::account::{Account, User, email_key};
use super::caller::Credential;
use super::lockout::Failures;
use super::tokens::{ACCESS_SECONDS, REFRESH_SECONDS, random_secret, secret_hash};
use super::{Caller, access};
use crate::audit;
use crate::clock::instant;
use crate::db::{Actor, Scope, TenantTx};
use crate::http::{ApiError, ClientAddress, Data, Json, RequestId};
use crate::state::AppState;
use crate::tenant::Tenant;

/// The operations of this room.
pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(login))
        .routes(routes!(refresh))
        .routes(routes!(logout))
        .routes(routes!(me))
}

/// What to sign in with.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct LoginRequest {
    /// The address.
    #[schema(example = "admin@example.com")]
    email: String,
    /// The password, 1 to 128 characters.
    password: String,
}

/// An access token, and the refresh token for the next one.
#[derive(Debug, Serialize, ToSchema)]
struct TokenPair {
    /// For the `Authorization` header.
    access_token: String,
    /// For `/auth/refresh`, once.
    refresh_token: String,
    /// Always `bearer`.
    token_type: &'static str,
    /// Seconds for which the access token is good.
    expires_in: i64,
    /// Who signed in.
    user: User,
}

/// Exchanges an address and a password for a pair of tokens.
#[utoipa::path(
    post, path = "/api/v1/auth/login", tag = "auth", request_body = LoginRequest,
    responses(
        (status = 200, description = "A pair of tokens", body = Data<TokenPair>),
        (status = 401, description = "INVALID_CREDENTIALS"),
        (status = 403, description = "ACCOUNT_DISABLED, EMAIL_NOT_VERIFIED"),
        (status = 423, description = "ACCOUNT_LOCKED"),
    )
)]
async fn login(
    State(state): State<AppState>,
    request_id: RequestId,
    address: Option<axum::Extension<ClientAddress>>,
    Json(request): Json<LoginRequest>,
) -> Result<Data<TokenPair>, ApiError> {
    if !(1..=128).contains(&request.password.chars().count()) {
        return Err(Problem::new("/password", "out_of_range", "a password has 1 to 128 characters").into());
    }
    let key = email_key(&request.email);
    let Some(tenant) = state.db.directory().tenant_of_email(&key).await? else {
        state.auth.passwords.verify(request.password, None).await?;
        return Err(invalid_credentials());
    };
    let scope = Scope {
        request_id: request_id.0,
        address_hash: address.map(|address| state.auth.address_hash(address.0.0.ip())),
        ..Scope::system(tenant)
    };

    let lookup = key.clone();
    let account = state
        .db
        .tenant_read(&scope, move |tx| {
            let lookup = lookup.clone();
            Box::pin(async move { Account::by_email(tx, &lookup, false).await })
        })
        .await?;
    let Some(account) = account else { return Err(invalid_credentials()) };
    if let Some(seconds) = account.failures.locked_for(state.now()) {
        return Err(locked(seconds));
    }
    let correct = state.auth.passwords.verify(request.password, Some(account.password_hash)).await?;
    let user = account.user.id;

    let (user, session, refresh_token) = state
        .db
        .tenant_tx(&as_user(scope, user), move |tx| {
            Box::pin(async move { finish_login(tx, &key, correct).await })
        })
        .await??;
    Ok(pair(&state, user, session, refresh_token)?.into())
}

/// Counts the failure or opens the session. The inner result is the answer; its side effects are committed either way.
async fn finish_login(
    tx: &mut TenantTx,
    email_key: &str,
    correct: bool,
) -> Result<Result<(User, Uuid, String), ApiError>, ApiError> {
    // Locked, and looked at again: guesses may run side by side.
    let Some(account) = Account::by_email(tx, email_key, true).await? else {
        return Ok(Err(invalid_credentials()));
    };
    let (mut user, now) = (account.user, tx.now());
    if let Some(seconds) = account.failures.locked_for(now) {
        return Ok(Err(locked(seconds)));
    }
    if !correct {
        Account::remember(tx, user.id, account.failures.one_more(now)).await?;
        record(tx, AuditAction::LoginFailed, user.id).await?;
        return Ok(Err(invalid_credentials()));
    }
    if !user.is_active {
        return Ok(Err(ApiError::forbidden("ACCOUNT_DISABLED", "this account was switched off")));
    }
    let required: Value = sqlx::query_scalar("SELECT settings FROM tenant").fetch_one(&mut **tx).await?;
    let required =
        required.pointer("/auth/email_verification_required").and_then(Value::as_bool).unwrap_or(true);
    if required && !user.is_verified {
        return Ok(Err(ApiError::forbidden("EMAIL_NOT_VERIFIED", "confirm the e-mail address first")));
    }
    Account::remember(tx, user.id, Failures::default()).await?;
    sqlx::query("UPDATE account SET last_login_at = $2 WHERE user_id = $1")
        .bind(user.id.as_uuid())
        .bind(now.to_chrono())
        .execute(&mut **tx)
        .await?;
    let session = Uuid::now_v7();
    sqlx::query("INSERT INTO session (tenant_id, session_id, user_id, created_at) VALUES ($1, $2, $3, $4)")
        .bind(user.tenant_id.as_uuid())
        .bind(session)
        .bind(user.id.as_uuid())
        .bind(now.to_chrono())
        .execute(&mut **tx)
        .await?;
    let refresh_token = issue_refresh(tx, session).await?;
    record(tx, AuditAction::Login, user.id).await?;
    user.last_login_at = Some(now);
    Ok(Ok((user, session, refresh_token)))
}

/// The token to exchange.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct RefreshRequest {
    /// The refresh token of the last pair.
    refresh_token: String,
}

/// Exchanges a refresh token for a new pair. A token that comes a second time was stolen from one of its two bearers:
/// the whole session ends.
#[utoipa::path(
    post, path = "/api/v1/auth/refresh", tag = "auth", request_body = RefreshRequest,
    responses(
        (status = 200, description = "A new pair of tokens", body = Data<TokenPair>),
        (status = 401, description = "INVALID_TOKEN, TOKEN_EXPIRED, TOKEN_REUSED"),
    )
)]
async fn refresh(
    State(state): State<AppState>,
    request_id: RequestId,
    Json(request): Json<RefreshRequest>,
) -> Result<Data<TokenPair>, ApiError> {
    let hash = secret_hash(&request.refresh_token);
    let Some(tenant) = state.db.directory().tenant_of_refresh_token(&hash).await? else {
        return Err(token_error("INVALID_TOKEN", "this is no refresh token of ours"));
    };
    let scope = Scope { request_id: request_id.0, ..Scope::system(tenant) };
    let outcome =
        state.db.tenant_tx(&scope, move |tx| Box::pin(async move { rotate(tx, &hash).await })).await?;
    match outcome {
        Rotation::Renewed { user, session, refresh_token } => {
            Ok(pair(&state, *user, session, refresh_token)?.into())
        }
        Rotation::Refused { session, error } => {
            state.auth.sessions.forget(session).await;
            Err(error)
        }
    }
}

enum Rotation {
    Renewed { user: Box<User>, session: Uuid, refresh_token: String },
    Refused { session: Uuid, error: ApiError },
}

async fn rotate(tx: &mut TenantTx, hash: &[u8]) -> Result<Rotation, ApiError> {
    let row = sqlx::query(
        "SELECT r.session_id, r.expires_at, r.used_at IS NOT NULL AS used, s.user_id, s.revoked_at IS NOT NULL AS revoked
         FROM refresh_token r JOIN session s USING (tenant_id, session_id)
         WHERE r.token_hash = $1 FOR UPDATE OF r",
    )
    .bind(hash)
    .fetch_optional(&mut **tx)
    .await?;
    tx.waited();
    let Some(row) = row else { return Err(token_error("INVALID_TOKEN", "this is no refresh token of ours")) };
    let session: Uuid = row.try_get("session_id")?;
    let user_id = UserId::from_uuid(row.try_get("user_id")?);
    let refused = |code, message| Ok(Rotation::Refused { session, error: token_error(code, message) });
    if row.try_get("used")? {
        revoke(tx, session, "TOKEN_REUSED").await?;
        return refused(
            "TOKEN_REUSED",
            "this refresh token was used before, so the session was ended; sign in again",
        );
    }
    if row.try_get("revoked")? {
        return refused("INVALID_TOKEN", "this session was ended; sign in again");
    }
    if tx.now() >= instant(row.try_get("expires_at")?)? {
        return refused("TOKEN_EXPIRED", "the refresh token has ended; sign in again");
    }
    let Some(account) = Account::by_id(tx, user_id).await?.filter(|account| account.user.is_active) else {
        return refused("INVALID_TOKEN", "this account was switched off");
    };
    let now = tx.now().to_chrono();
    sqlx::query("UPDATE refresh_token SET used_at = $2 WHERE token_hash = $1")
        .bind(hash)
        .bind(now)
        .execute(&mut **tx)
        .await?;
    let refresh_token = issue_refresh(tx, session).await?;
    Ok(Rotation::Renewed { user: Box::new(account.user), session, refresh_token })
}

/// Which sessions to end.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct LogoutRequest {
    /// A refresh token of the session; the access token says as much.
    #[serde(default)]
    refresh_token: Option<String>,
    /// Ends all sessions of the person.
    #[serde(default)]
    all_devices: bool,
}

/// Ends the session of the access token, or all sessions of the person.
#[utoipa::path(
    post, path = "/api/v1/auth/logout", tag = "auth", request_body = LogoutRequest,
    responses((status = 204, description = "The session has ended")),
)]
async fn logout(
    State(state): State<AppState>,
    caller: Caller,
    Json(request): Json<LogoutRequest>,
) -> Result<StatusCode, ApiError> {
    let Credential::User { user_id, session_id, home, .. } = caller.credential() else {
        return Err(ApiError::unauthenticated("a key has no session"));
    };
    let scope = Scope { tenant: home, ..caller.scope().clone() };
    let (all, token) = (request.all_devices, request.refresh_token);
    let ended: Vec<Uuid> = state
        .db
        .tenant_tx(&scope, move |tx| {
            Box::pin(async move {
                let hash = token.as_deref().map(secret_hash);
                let ended: Vec<Uuid> = sqlx::query_scalar(
                    "UPDATE session SET revoked_at = $1, revoked_because = 'LOGOUT'
                     WHERE user_id = $2 AND revoked_at IS NULL
                       AND ($3 OR session_id = $4
                            OR session_id IN (SELECT session_id FROM refresh_token WHERE token_hash = $5))
                     RETURNING session_id",
                )
                .bind(tx.now().to_chrono())
                .bind(user_id.as_uuid())
                .bind(all)
                .bind(session_id)
                .bind(hash)
                .fetch_all(&mut **tx)
                .await?;
                record(tx, AuditAction::Logout, user_id).await?;
                Ok(ended)
            })
        })
        .await?;
    for session in ended {
        state.auth.sessions.forget(session).await;
    }
    Ok(StatusCode::NO_CONTENT)
}

/// Who is signed in, and what they may do.
#[derive(Debug, Serialize, ToSchema)]
struct Me {
    /// The person.
    user: User,
    /// The person's tenant.
    tenant: Tenant,
    /// What the person's role may do.
    permissions: &'static [&'static str],
    /// The features that are on.
    features: Vec<String>,
    /// Whether a second factor is asked for.
    mfa_enabled: bool,
}

/// The current user with tenant, permissions and features.
#[utoipa::path(
    get, path = "/api/v1/auth/me", tag = "auth",
    responses((status = 200, description = "Who is signed in", body = Data<Me>)),
)]
async fn me(State(state): State<AppState>, caller: Caller) -> Result<Data<Me>, ApiError> {
    let Credential::User { user_id, home, .. } = caller.credential() else {
        return Err(ApiError::unauthenticated("a key is nobody"));
    };
    let scope = Scope { tenant: home, ..caller.scope().clone() };
    let (user, tenant) = state
        .db
        .tenant_read(&scope, move |tx| {
            Box::pin(async move {
                let account =
                    Account::by_id(tx, user_id).await?.ok_or_else(|| ApiError::not_found("user"))?;
                Ok((account.user, Tenant::load(tx).await?))
            })
        })
        .await?;
    let (permissions, features) = (access::permissions(user.role), tenant.features());
    Ok(Me { mfa_enabled: user.mfa_enabled, permissions, features, user, tenant }.into())
}

async fn issue_refresh(tx: &mut TenantTx, session: Uuid) -> Result<String, ApiError> {
    let (token, hash) = random_secret("rt_");
    let expires: Timestamp = tx.now().plus_millis(REFRESH_SECONDS.saturating_mul(1000));
    sqlx::query(
        "INSERT INTO refresh_token (tenant_id, token_hash, session_id, issued_at, expires_at)
         VALUES ($1, $2, $3, $4, $5)",
    )
    .bind(tx.scope().tenant.as_uuid())
    .bind(hash)
    .bind(session)
    .bind(tx.now().to_chrono())
    .bind(expires.to_chrono())
    .execute(&mut **tx)
    .await?;
    Ok(token)
}

async fn revoke(tx: &mut TenantTx, session: Uuid, because: &'static str) -> Result<(), ApiError> {
    sqlx::query(
        "UPDATE session SET revoked_at = $2, revoked_because = $3 WHERE session_id = $1 AND revoked_at IS NULL",
    )
    .bind(session)
    .bind(tx.now().to_chrono())
    .bind(because)
    .execute(&mut **tx)
    .await?;
    Ok(())
}

fn pair(state: &AppState, user: User, session: Uuid, refresh_token: String) -> Result<TokenPair, ApiError> {
    let access_token = state.auth.tokens.issue(user.id, user.tenant_id, user.role, session, state.now())?;
    Ok(TokenPair { access_token, refresh_token, token_type: "bearer", expires_in: ACCESS_SECONDS, user })
}

fn as_user(scope: Scope, user: UserId) -> Scope {
    Scope { actor: Actor::user(user), ..scope }
}

async fn record(tx: &mut TenantTx, action: AuditAction, user: UserId) -> Result<(), ApiError> {
    let entry = audit::entry(tx, action, "user").resource_id(user);
    audit::append(tx, entry).await?;
    Ok(())
}

fn invalid_credentials() -> ApiError {
    ApiError::new(StatusCode::UNAUTHORIZED, "INVALID_CREDENTIALS", "the address or the password is wrong")
}

fn token_error(code: &'static str, message: &str) -> ApiError {
    ApiError::new(StatusCode::UNAUTHORIZED, code, message)
}

fn locked(seconds: u64) -> ApiError {
    ApiError::new(StatusCode::LOCKED, "ACCOUNT_LOCKED", "too many wrong passwords; wait before the next try")
        .header(header::RETRY_AFTER, seconds)
}

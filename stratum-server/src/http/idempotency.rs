//! `Idempotency-Key`: a request sent twice has its effect once, and both get the same answer.
//!
//! The row is written in the transaction of the effect, so that there is never an effect without its row, nor a row
//! without its effect, whatever dies in between.

use axum::extract::{FromRequest, MatchedPath, Request};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use http::{HeaderName, HeaderValue, StatusCode, header};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use sha2::{Digest as _, Sha256};
use sqlx::Row as _;

use super::json;
use super::{ApiError, Data};
use crate::db::{Db, Scope, TenantTx, Work};

static KEY: HeaderName = HeaderName::from_static("idempotency-key");
static REPLAYED: HeaderName = HeaderName::from_static("idempotency-replayed");

/// A JSON body together with the key under which its effect happens once. Takes the place of [`super::Json`].
#[derive(Debug)]
pub struct Keyed<T> {
    /// What was read.
    pub body: T,
    /// The caller's key; without one the request simply runs.
    pub key: Option<IdempotencyKey>,
}

/// A caller's key, and what it was sent with.
#[derive(Debug, Clone)]
pub struct IdempotencyKey {
    route: String,
    key: String,
    body_hash: [u8; 32],
}

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Keyed<T> {
    type Rejection = ApiError;

    async fn from_request(request: Request, state: &S) -> Result<Self, ApiError> {
        let given = request.headers().get(&KEY).cloned();
        let route = request
            .extensions()
            .get::<MatchedPath>()
            .map_or_else(|| request.uri().path().to_owned(), |path| path.as_str().to_owned());
        let method = request.method().clone();
        let path = request.uri().path().to_owned();
        let typed = json::require_json(request.headers());
        let body = json::read_body(request, state).await?;
        // Operations without a body take none at all as well as `{}`.
        let sent = if body.is_empty() { Bytes::from_static(b"{}") } else { typed.map(|()| body)? };
        let key = match given {
            Some(given) => Some(IdempotencyKey {
                route: format!("{method} {route}"),
                key: checked(&given)?,
                body_hash: digest(&path, &sent),
            }),
            None => None,
        };
        Ok(Self { body: json::parse(&sent)?, key })
    }
}

fn checked(given: &HeaderValue) -> Result<String, ApiError> {
    let text = given.to_str().unwrap_or_default();
    if (1..=128).contains(&text.len()) && text.bytes().all(|byte| (0x20..0x7f).contains(&byte)) {
        Ok(text.to_owned())
    } else {
        Err(ApiError::bad_request("an Idempotency-Key is 1 to 128 printable ASCII characters"))
    }
}

fn digest(path: &str, body: &[u8]) -> [u8; 32] {
    let mut hasher = Sha256::new();
    hasher.update(path.as_bytes());
    hasher.update([0]);
    hasher.update(body);
    hasher.finalize().into()
}

/// An answer that can be stored and sent again.
#[derive(Debug, Clone)]
pub struct Answer {
    status: StatusCode,
    location: Option<String>,
    body: Option<Value>,
    replayed: bool,
}

impl Answer {
    /// An answer with `data` in the envelope.
    ///
    /// # Errors
    /// When `data` does not serialize.
    pub fn new(status: StatusCode, data: impl Serialize) -> Result<Self, ApiError> {
        let body = serde_json::to_value(Data { data }).map_err(ApiError::internal)?;
        Ok(Self { status, location: None, body: Some(body), replayed: false })
    }

    /// 201 with `data`, and where it is.
    ///
    /// # Errors
    /// When `data` does not serialize.
    pub fn created(location: String, data: impl Serialize) -> Result<Self, ApiError> {
        Ok(Self { location: Some(location), ..Self::new(StatusCode::CREATED, data)? })
    }

    /// 204.
    #[must_use]
    pub fn no_content() -> Self {
        Self { status: StatusCode::NO_CONTENT, location: None, body: None, replayed: false }
    }

    /// A refusal whose side effects stay: what was logged about the attempt is committed. (An `Err` takes them back.)
    #[must_use]
    pub fn refusal(error: &ApiError) -> Self {
        Self { status: error.status(), location: None, body: Some(error.to_body()), replayed: false }
    }
}

impl IntoResponse for Answer {
    fn into_response(self) -> Response {
        let mut response = match self.body {
            Some(body) => (self.status, axum::Json(body)).into_response(),
            None => self.status.into_response(),
        };
        if let Some(location) = self.location.and_then(|location| HeaderValue::try_from(location).ok()) {
            response.headers_mut().insert(header::LOCATION, location);
        }
        if self.replayed {
            response.headers_mut().insert(REPLAYED.clone(), HeaderValue::from_static("true"));
        }
        response
    }
}

/// Runs `work` once per key. A repetition gets the stored answer; refusals (4xx) are stored as well, with their
/// effects taken back; our own failures (5xx) are not.
///
/// # Errors
/// 409 `IDEMPOTENCY_KEY_REUSED` when the key came with another body, 409 `IDEMPOTENCY_IN_PROGRESS` while the first
/// request still runs, and whatever the work gives.
pub async fn run<F>(db: &Db, scope: &Scope, key: Option<IdempotencyKey>, work: F) -> Result<Answer, ApiError>
where
    F: for<'a> FnOnce(&'a mut TenantTx) -> Work<'a, Answer> + Send + 'static,
{
    let Some(key) = key else { return db.tenant_tx(scope, work).await };
    db.tenant_tx(scope, move |tx| {
        Box::pin(async move {
            if let Some(stored) = key.stored(tx).await? {
                return Ok(stored);
            }
            sqlx::query("SAVEPOINT effect").execute(&mut **tx).await?;
            let answer = match work(tx).await {
                Ok(answer) => answer,
                Err(error) if error.status().is_client_error() => {
                    sqlx::query("ROLLBACK TO SAVEPOINT effect").execute(&mut **tx).await?;
                    tx.discard_events();
                    Answer::refusal(&error)
                }
                Err(error) => return Err(error),
            };
            if !answer.status.is_server_error() {
                key.store(tx, &answer).await?;
            }
            Ok(answer)
        })
    })
    .await
}

impl IdempotencyKey {
    async fn stored(&self, tx: &mut TenantTx) -> Result<Option<Answer>, ApiError> {
        // Two requests with one key: the second finds the lock taken and does not wait for the first.
        let mine: bool = sqlx::query_scalar("SELECT pg_try_advisory_xact_lock($1)")
            .bind(self.lock_number(tx.scope()))
            .fetch_one(&mut **tx)
            .await?;
        if !mine {
            return Err(ApiError::conflict(
                "IDEMPOTENCY_IN_PROGRESS",
                "a request with this Idempotency-Key is still running",
            ));
        }
        let row = sqlx::query(
            "SELECT body_hash, status, location, body, created_at < $3::timestamptz - interval '24 hours' AS expired
             FROM idempotency_key WHERE route = $1 AND key = $2",
        )
        .bind(&self.route)
        .bind(&self.key)
        .bind(tx.now().to_chrono())
        .fetch_optional(&mut **tx)
        .await?;
        let Some(row) = row else { return Ok(None) };
        if row.try_get("expired")? {
            sqlx::query("DELETE FROM idempotency_key WHERE route = $1 AND key = $2")
                .bind(&self.route)
                .bind(&self.key)
                .execute(&mut **tx)
                .await?;
            return Ok(None);
        }
        let body_hash: Vec<u8> = row.try_get("body_hash")?;
        if body_hash != self.body_hash {
            return Err(ApiError::conflict(
                "IDEMPOTENCY_KEY_REUSED",
                "this Idempotency-Key was used for another request; use a new one",
            ));
        }
        let status: i16 = row.try_get("status")?;
        let status = u16::try_from(status).ok().and_then(|code| StatusCode::from_u16(code).ok());
        Ok(Some(Answer {
            status: status.unwrap_or(StatusCode::OK),
            location: row.try_get("location")?,
            body: row.try_get("body")?,
            replayed: true,
        }))
    }

    async fn store(&self, tx: &mut TenantTx, answer: &Answer) -> Result<(), ApiError> {
        let tenant = tx.scope().tenant.as_uuid();
        sqlx::query(
            "INSERT INTO idempotency_key (tenant_id, route, key, body_hash, status, location, body, created_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        )
        .bind(tenant)
        .bind(&self.route)
        .bind(&self.key)
        .bind(self.body_hash.as_slice())
        .bind(i16::try_from(answer.status.as_u16()).unwrap_or(i16::MAX))
        .bind(&answer.location)
        .bind(&answer.body)
        .bind(tx.now().to_chrono())
        .execute(&mut **tx)
        .await?;
        // A few old ones with each new one: no job is needed to forget them.
        sqlx::query(
            "DELETE FROM idempotency_key WHERE (tenant_id, route, key) IN (
                 SELECT tenant_id, route, key FROM idempotency_key
                 WHERE created_at < $1::timestamptz - interval '24 hours' ORDER BY created_at LIMIT 5)",
        )
        .bind(tx.now().to_chrono())
        .execute(&mut **tx)
        .await?;
        Ok(())
    }

    fn lock_number(&self, scope: &Scope) -> i64 {
        let mut hasher = Sha256::new();
        hasher.update(scope.tenant.as_uuid().as_bytes());
        hasher.update(self.route.as_bytes());
        hasher.update([0]);
        hasher.update(self.key.as_bytes());
        let digest: [u8; 32] = hasher.finalize().into();
        let [a, b, c, d, e, f, g, h, ..] = digest;
        i64::from_be_bytes([a, b, c, d, e, f, g, h])
    }
}

//! The sandbox's client. What it makes of an answer that did not come is the heart of "never twice, never lost".

use std::time::Duration;

use anyhow::{Context as _, ensure};
use http::StatusCode;
use reqwest::{Client, RequestBuilder, Response, Url};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use stratum_autopilot::permit::Permit;
use stratum_autopilot::platform::{
    AdPlatform, Applied, CallOutcome, ChangeRequest, EntityRef, EntityValue, PlatformError, PlatformErrorCode,
};
use stratum_core::Timestamp;
use stratum_core::id::ActionId;

use crate::sandbox::ChangeBody;

/// How long a call may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Timeouts {
    /// To be connected.
    pub connect: Duration,
    /// From the first byte sent to the last received.
    pub call: Duration,
}

impl Default for Timeouts {
    /// 2 s to connect, 10 s for a call: well within the two minutes of a permit.
    fn default() -> Self {
        Self { connect: Duration::from_secs(2), call: Duration::from_secs(10) }
    }
}

/// A sandbox platform at an address, as an [`AdPlatform`]. Cheap to clone; clones share their connections.
#[derive(Debug, Clone)]
pub struct SandboxClient {
    client: Client,
    base: Url,
}

impl SandboxClient {
    /// A client of the platform at `base`, as in `http://127.0.0.1:8090`. Nothing is sent yet.
    ///
    /// # Errors
    /// When the address is no `http` or `https` address.
    pub fn new(base: &str, timeouts: Timeouts) -> anyhow::Result<Self> {
        let base: Url = base.parse().with_context(|| format!("{base:?} is no address of a platform"))?;
        ensure!(
            matches!(base.scheme(), "http" | "https") && !base.cannot_be_a_base(),
            "the platform's address begins with http:// or https://, unlike {base}"
        );
        let client = Client::builder()
            .connect_timeout(timeouts.connect)
            .timeout(timeouts.call)
            // A redirected change would go to somebody else.
            .redirect(reqwest::redirect::Policy::none())
            // A proxy between would answer in the platform's name.
            .no_proxy()
            // Nothing is repeated behind the executor's back.
            .retry(reqwest::retry::never())
            .build()?;
        Ok(Self { client, base })
    }

    /// Where the platform is.
    #[must_use]
    pub fn base(&self) -> &Url {
        &self.base
    }

    /// Sends a change. Private: the one way here is [`AdPlatform::apply`], which asks for a permit.
    async fn send(&self, request: &ChangeRequest) -> Result<Applied, PlatformError> {
        let body = ChangeBody {
            entity: request.entity.clone(),
            change: request.change,
            not_after: request.not_after,
        };
        let key = request.idempotency_key.to_string();
        let call = self.client.post(self.url(&["v1", "changes"])).header("idempotency-key", key).json(&body);
        let receipt: Applied = answer(call).await?;
        // A receipt for something else is no proof of this change.
        if receipt.idempotency_key == request.idempotency_key {
            Ok(receipt)
        } else {
            Err(PlatformError::new(PlatformErrorCode::Unknown, "the receipt is for another call"))
        }
    }

    /// Sets what an entity of the sandbox shows; one that it does not have is added.
    ///
    /// # Errors
    /// [`PlatformError`] when the sandbox could not be asked.
    pub async fn put(&self, entity: &EntityRef, value: &EntityValue) -> Result<(), PlatformError> {
        let _: serde_json::Value = answer(self.client.put(self.entity_url(entity)).json(value)).await?;
        Ok(())
    }

    fn entity_url(&self, entity: &EntityRef) -> Url {
        let tenant = entity.tenant_id.to_string();
        let (platform, kind) = (entity.platform.as_str(), entity.entity_type.as_str());
        self.url(&["v1", "entities", &tenant, platform, kind, &entity.entity_id])
    }

    /// The address with these steps, each escaped.
    fn url(&self, steps: &[&str]) -> Url {
        let mut url = self.base.clone();
        if let Ok(mut path) = url.path_segments_mut() {
            path.pop_if_empty().extend(steps);
        }
        url
    }
}

impl AdPlatform for SandboxClient {
    async fn apply(&self, permit: Permit, now: Timestamp) -> Result<Applied, PlatformError> {
        if permit.is_expired(now) {
            return Err(PlatformError::new(PlatformErrorCode::DeadlinePassed, "the permit has expired"));
        }
        self.send(&ChangeRequest::from(&permit)).await
    }

    async fn read(&self, entity: &EntityRef, _now: Timestamp) -> Result<EntityValue, PlatformError> {
        answer(self.client.get(self.entity_url(entity))).await
    }

    async fn outcome_of(
        &self,
        _entity: &EntityRef,
        idempotency_key: ActionId,
        _now: Timestamp,
    ) -> Result<CallOutcome, PlatformError> {
        answer(self.client.get(self.url(&["v1", "changes", &idempotency_key.to_string()]))).await
    }
}

/// Sends a call and reads its answer.
async fn answer<T: DeserializeOwned>(call: RequestBuilder) -> Result<T, PlatformError> {
    match call.send().await {
        Ok(response) => read(response).await,
        Err(error) => Err(not_answered(&error)),
    }
}

/// A call without an answer: nothing was sent when there was no connection; anything later leaves the outcome open.
fn not_answered(error: &reqwest::Error) -> PlatformError {
    if error.is_connect() || error.is_builder() {
        let message = format!("the platform could not be reached: {}", root_cause(error));
        PlatformError::new(PlatformErrorCode::Unavailable, message)
    } else if error.is_timeout() {
        PlatformError::new(PlatformErrorCode::Unknown, "the platform did not answer in time")
    } else {
        let message = format!("the connection broke before the answer: {}", root_cause(error));
        PlatformError::new(PlatformErrorCode::Unknown, message)
    }
}

/// The innermost error: the outer ones repeat the address.
fn root_cause(error: &reqwest::Error) -> String {
    let mut cause: &dyn std::error::Error = error;
    while let Some(inner) = cause.source() {
        cause = inner;
    }
    cause.to_string()
}

#[derive(Deserialize)]
struct Success<T> {
    data: T,
}

#[derive(Deserialize)]
struct Failure {
    error: PlatformError,
}

/// What every error of HTTP has, whoever wrote it.
#[derive(Deserialize)]
struct Words {
    error: Message,
}

#[derive(Deserialize)]
struct Message {
    message: String,
}

async fn read<T: DeserializeOwned>(response: Response) -> Result<T, PlatformError> {
    let status = response.status();
    let retry_after_ms = response
        .headers()
        .get(http::header::RETRY_AFTER)
        .and_then(|value| value.to_str().ok()?.parse::<u64>().ok())
        .map(|seconds| seconds.saturating_mul(1000));
    let body = response.bytes().await.map_err(|error| not_answered(&error))?;
    if status.is_success() {
        return serde_json::from_slice(&body).map(|Success { data }| data).map_err(|_| {
            PlatformError::new(PlatformErrorCode::Unknown, "the platform's answer cannot be read")
        });
    }
    if let Ok(Failure { error }) = serde_json::from_slice(&body) {
        return Err(error);
    }
    let words = serde_json::from_slice(&body).map(|Words { error }| error.message).unwrap_or_default();
    let mut error = PlatformError::new(code_of(status), format!("the platform answered {status}: {words}"));
    error.retry_after_ms = retry_after_ms;
    Err(error)
}

/// What a status says when the body does not: only what a server answers before it looks at a change proves that there was
/// none.
fn code_of(status: StatusCode) -> PlatformErrorCode {
    match status.as_u16() {
        401 | 403 => PlatformErrorCode::Unauthorized,
        429 => PlatformErrorCode::RateLimited,
        // Not the platform, or not its address.
        300..400 | 404 | 405 => PlatformErrorCode::Unavailable,
        400 | 413 | 415 | 422 => PlatformErrorCode::Refused,
        _ => PlatformErrorCode::Unknown,
    }
}

#[cfg(test)]
mod tests;

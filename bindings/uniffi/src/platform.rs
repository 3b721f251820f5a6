//! An ad platform that the app wrote in Kotlin or Swift.

use std::fmt;
use std::sync::Arc;

use stratum_ffi::stratum_autopilot::permit::Permit;
use stratum_ffi::stratum_autopilot::platform::{self, EntityValue, PlatformErrorCode as Code};
use stratum_ffi::stratum_core::Timestamp;
use stratum_ffi::stratum_core::id::ActionId;
use stratum_ffi::stratum_core::problem::Problems;

use crate::records::{CallOutcome, ChangeRequest, EntityRef, PlatformErrorCode, PlatformFailure};
use crate::typed::convert;

/// A platform of your own.
#[uniffi::export(with_foreign)]
#[async_trait::async_trait]
pub trait AdPlatform: Send + Sync {
    /// Makes one change, once for each idempotency key, not after `not_after`, and only while the platform still shows the
    /// value that the change starts from. Gives your own reference of it, if you have one.
    ///
    /// # Errors
    /// [`PlatformError`] when the change was certainly not made, or its code is `UNKNOWN`. After any other exception nobody
    /// knows, and the change is never sent again unasked.
    async fn apply(&self, change: ChangeRequest) -> Result<Option<String>, PlatformError>;

    /// What became of the call with this key, asked after its deadline. `UNKNOWN` where you cannot look it up.
    ///
    /// # Errors
    /// [`PlatformError`] when it could not be asked; it is asked again later.
    async fn outcome_of(
        &self,
        entity: EntityRef,
        idempotency_key: String,
    ) -> Result<CallOutcome, PlatformError>;
}

/// What a platform throws.
#[derive(Debug, Clone, PartialEq, uniffi::Error)]
pub enum PlatformError {
    /// The call gave no receipt.
    Failed {
        /// What kind of failure, and what is known of it.
        failure: PlatformFailure,
    },
}

impl fmt::Display for PlatformError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self::Failed { failure } = self;
        write!(f, "{:?}: {}", failure.code, failure.message)
    }
}

impl std::error::Error for PlatformError {}

impl From<uniffi::UnexpectedUniFFICallbackError> for PlatformError {
    /// An exception that is not a platform's error says nothing about the change: nobody knows whether it was made.
    fn from(unexpected: uniffi::UnexpectedUniFFICallbackError) -> Self {
        let failure = PlatformFailure {
            code: PlatformErrorCode::Unknown,
            message: unexpected.reason,
            retry_after_ms: None,
            actual: None,
        };
        Self::Failed { failure }
    }
}

/// The port of the engine over the app's platform.
pub(crate) struct Foreign(pub(crate) Arc<dyn AdPlatform>);

impl platform::AdPlatform for Foreign {
    async fn apply(
        &self,
        permit: Permit,
        now: Timestamp,
    ) -> Result<platform::Applied, platform::PlatformError> {
        let change = platform::ChangeRequest::from(&permit);
        // Nothing was sent yet, so a conversion that fails is certainly no change.
        let asked = convert(&change).map_err(|problems| broken(Code::Refused, &problems))?;
        let reference = self.0.apply(asked).await.map_err(|thrown| failure(&thrown))?;
        Ok(platform::Applied { idempotency_key: change.idempotency_key, applied_at: now, reference })
    }

    async fn read(
        &self,
        _entity: &platform::EntityRef,
        _now: Timestamp,
    ) -> Result<EntityValue, platform::PlatformError> {
        Err(platform::PlatformError::new(Code::Unavailable, "a platform of an app is not read"))
    }

    async fn outcome_of(
        &self,
        entity: &platform::EntityRef,
        idempotency_key: ActionId,
        _now: Timestamp,
    ) -> Result<platform::CallOutcome, platform::PlatformError> {
        let asked = convert(entity).map_err(|problems| broken(Code::Unavailable, &problems))?;
        let said = self.0.outcome_of(asked, idempotency_key.to_string()).await;
        let outcome = said.map_err(|thrown| failure(&thrown))?;
        convert(&outcome).map_err(|problems| broken(Code::Unavailable, &problems))
    }
}

fn failure(thrown: &PlatformError) -> platform::PlatformError {
    let PlatformError::Failed { failure } = thrown;
    // A failure that cannot be read leaves open what happened.
    convert(failure).unwrap_or_else(|problems| broken(Code::Unknown, &problems))
}

fn broken(code: Code, problems: &Problems) -> platform::PlatformError {
    platform::PlatformError::new(code, problems.to_string())
}

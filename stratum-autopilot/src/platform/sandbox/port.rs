//! A sandbox behind the port.

use std::sync::{Mutex, MutexGuard, PoisonError};

use stratum_core::Timestamp;
use stratum_core::id::ActionId;

use super::super::{
    AdPlatform, Applied, CallOutcome, ChangeRequest, EntityRef, EntityValue, PlatformError, PlatformErrorCode,
};
use super::Sandbox;
use crate::permit::Permit;

/// A [`Sandbox`] in this process, as an [`AdPlatform`]. Delays of its fault script are not waited for.
#[derive(Debug, Default)]
pub struct SandboxPlatform {
    sandbox: Mutex<Sandbox>,
}

impl SandboxPlatform {
    /// Puts a sandbox behind the port.
    #[must_use]
    pub const fn new(sandbox: Sandbox) -> Self {
        Self { sandbox: Mutex::new(sandbox) }
    }

    /// The sandbox itself, to look at or to change. Calls wait while the guard lives.
    pub fn lock(&self) -> MutexGuard<'_, Sandbox> {
        self.sandbox.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl AdPlatform for SandboxPlatform {
    async fn apply(&self, permit: Permit, now: Timestamp) -> Result<Applied, PlatformError> {
        if permit.is_expired(now) {
            return Err(PlatformError::new(PlatformErrorCode::DeadlinePassed, "the permit has expired"));
        }
        self.lock().apply(&ChangeRequest::from(&permit), now).result
    }

    async fn read(&self, entity: &EntityRef, _now: Timestamp) -> Result<EntityValue, PlatformError> {
        self.lock().read(entity).result
    }

    async fn outcome_of(
        &self,
        _entity: &EntityRef,
        idempotency_key: ActionId,
        _now: Timestamp,
    ) -> Result<CallOutcome, PlatformError> {
        self.lock().outcome_of(idempotency_key).result
    }
}

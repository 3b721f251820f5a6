//! The port that a platform's client implements.

use std::future::Future;

use stratum_core::Timestamp;
use stratum_core::id::ActionId;

use crate::permit::Permit;

use super::{Applied, CallOutcome, EntityRef, EntityValue, PlatformError};

/// An ad platform, or a router to several. See the [room](self::super) for the contract.
pub trait AdPlatform: Sync {
    /// Makes the change that the permit is for, if the platform still shows the value that it starts from. The permit is
    /// used up: another try needs another one.
    ///
    /// An implementation builds its call with [`super::ChangeRequest::from`], so that key, before value and deadline travel
    /// along.
    ///
    /// # Errors
    /// [`PlatformError`]. Only `UNKNOWN` leaves open whether the change was made: an implementation that is not sure
    /// answers that.
    fn apply(
        &self,
        permit: Permit,
        now: Timestamp,
    ) -> impl Future<Output = Result<Applied, PlatformError>> + Send;

    /// What the platform shows of an entity now.
    ///
    /// # Errors
    /// [`PlatformError`], `NOT_FOUND` where it has no such entity.
    fn read(
        &self,
        entity: &EntityRef,
        now: Timestamp,
    ) -> impl Future<Output = Result<EntityValue, PlatformError>> + Send;

    /// What became of the call with this key. Asked after the call's deadline only.
    ///
    /// `NOT_SEEN` is a promise that nothing was and nothing will be done for the calls made so far; an implementation that
    /// cannot promise it answers `UNKNOWN`. An error of the lookup itself leaves everything as it is: it is asked again.
    ///
    /// # Errors
    /// [`PlatformError`] when the platform could not be asked.
    fn outcome_of(
        &self,
        entity: &EntityRef,
        idempotency_key: ActionId,
        now: Timestamp,
    ) -> impl Future<Output = Result<CallOutcome, PlatformError>> + Send;
}

impl<P: AdPlatform + Send> AdPlatform for &P {
    fn apply(
        &self,
        permit: Permit,
        now: Timestamp,
    ) -> impl Future<Output = Result<Applied, PlatformError>> + Send {
        (**self).apply(permit, now)
    }

    fn read(
        &self,
        entity: &EntityRef,
        now: Timestamp,
    ) -> impl Future<Output = Result<EntityValue, PlatformError>> + Send {
        (**self).read(entity, now)
    }

    fn outcome_of(
        &self,
        entity: &EntityRef,
        idempotency_key: ActionId,
        now: Timestamp,
    ) -> impl Future<Output = Result<CallOutcome, PlatformError>> + Send {
        (**self).outcome_of(entity, idempotency_key, now)
    }
}

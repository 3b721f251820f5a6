//! A claim whose executor never reported: the platform is asked what became of the call.

use stratum_autopilot::action::{Action, Outcome, StatusReason};
use stratum_autopilot::engine::{AfterLapse, after_lapse};
use stratum_autopilot::platform::{AdPlatform, CallOutcome, EntityRef};
use stratum_core::Timestamp;

use super::conclude::{Told, conclude};
use crate::actions::store::ActionError;
use crate::db::{Db, Scope};

/// Asks, and records the answer. Where the platform cannot be asked, it is asked again later.
pub(super) async fn ask<P: AdPlatform>(
    db: &Db,
    scope: &Scope,
    platform: &P,
    action: &Action,
    now: Timestamp,
) {
    let Some(lease) = action.lease() else { return };
    let (id, entity) = (action.id(), EntityRef::from(action));
    let answer = platform.outcome_of(&entity, id, now).await;
    let after = after_lapse(action, &answer, now);
    let mut told = Told::default();
    match &answer {
        Ok(CallOutcome::Applied(receipt)) => told.reference = receipt.reference.clone(),
        Ok(CallOutcome::NotSeen | CallOutcome::Unknown) => {}
        Err(error) => {
            tracing::warn!(event_type = "outcome_not_told", action_id = %id, "{error}");
            told.error =
                Some(ActionError { code: error.code.as_str().to_owned(), message: error.message.clone() });
        }
    }
    if after == AfterLapse::Settle(Outcome::Failed(StatusReason::OutcomeUnknown)) {
        told.error = Some(ActionError {
            code: StatusReason::OutcomeUnknown.as_str().to_owned(),
            message: "nobody can tell whether the change was made; compare what the platform shows"
                .to_owned(),
        });
        told.observed = platform.read(&entity, now).await.ok();
    }
    let stored = db.tenant_tx(scope, move |tx| {
        Box::pin(conclude(tx, id, told, move |action, now| after.record(action, lease.attempt, now)))
    });
    if let Err(error) = stored.await {
        tracing::error!(event_type = "result_not_stored", action_id = %id, "{error:?}");
    }
}

//! What a platform's answer, or its silence, means for the action.

use stratum_core::Timestamp;

use crate::action::{APPROVED_TTL_MS, Action, Outcome, Refusal, StatusReason, Transition};
use crate::platform::{Applied, CallOutcome, PlatformError};

/// What an executor does with the answer to its call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AfterCall {
    /// It records a result.
    Settle(Outcome),
    /// The call certainly changed nothing: the action goes back to approved, for another try not before that time.
    Release {
        /// The earliest next try that the platform named, in milliseconds from now; 0 if it named none.
        retry_after_ms: u64,
    },
    /// The change may have been made. The claim stays until its lease lapses, then the platform is asked.
    LeaveOpen,
}

impl AfterCall {
    /// Carries it out; `None` where the claim is left open.
    ///
    /// # Errors
    /// [`Refusal`] if the claim is not this executor's any more: what it learnt is then known otherwise.
    pub fn record(
        self,
        action: &mut Action,
        attempt: u32,
        now: Timestamp,
    ) -> Result<Option<Transition>, Refusal> {
        match self {
            Self::Settle(outcome) => action.settle(attempt, outcome, now).map(Some),
            Self::Release { .. } => action.release(attempt, now).map(Some),
            Self::LeaveOpen => Ok(None),
        }
    }
}

/// What the answer to a call means.
#[must_use]
pub fn after_call(answer: &Result<Applied, PlatformError>) -> AfterCall {
    match answer {
        Ok(_) => AfterCall::Settle(Outcome::Applied),
        Err(error) if !error.code.certainly_not_executed() => AfterCall::LeaveOpen,
        Err(error) => match error.code.failure_reason() {
            Some(reason) => AfterCall::Settle(Outcome::Failed(reason)),
            None => AfterCall::Release { retry_after_ms: error.retry_after_ms.unwrap_or(0) },
        },
    }
}

/// What becomes of an action whose lease lapsed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AfterLapse {
    /// The platform knows: the result is recorded.
    Settle(Outcome),
    /// The platform has not made the change and will not: the action may be claimed again.
    Release,
    /// The platform could not be asked. It is asked again later.
    AskAgain,
}

impl AfterLapse {
    /// Carries it out; `None` where the platform is to be asked again.
    ///
    /// # Errors
    /// [`Refusal`] if the claim was settled meanwhile.
    pub fn record(
        self,
        action: &mut Action,
        attempt: u32,
        now: Timestamp,
    ) -> Result<Option<Transition>, Refusal> {
        match self {
            Self::Settle(outcome) => action.settle(attempt, outcome, now).map(Some),
            Self::Release => action.release(attempt, now).map(Some),
            Self::AskAgain => Ok(None),
        }
    }
}

/// What becomes of an action whose lease lapsed, by what the platform says about its call. See the [room](super).
///
/// A platform that cannot be asked is asked again until the approval would have expired; then the outcome is unknown for
/// good. So no action stays between two states.
#[must_use]
pub fn after_lapse(
    action: &Action,
    answer: &Result<CallOutcome, PlatformError>,
    now: Timestamp,
) -> AfterLapse {
    match answer {
        Ok(CallOutcome::Applied(_)) => AfterLapse::Settle(Outcome::Applied),
        Ok(CallOutcome::NotSeen) => AfterLapse::Release,
        Ok(CallOutcome::Unknown) => AfterLapse::Settle(Outcome::Failed(StatusReason::OutcomeUnknown)),
        Err(_) => {
            let waited_since = action.approval().map_or(action.state_since(), |approval| approval.at);
            if now < waited_since.plus_millis(APPROVED_TTL_MS) {
                AfterLapse::AskAgain
            } else {
                AfterLapse::Settle(Outcome::Failed(StatusReason::OutcomeUnknown))
            }
        }
    }
}

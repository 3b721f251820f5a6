//! What the autopilot is given and says.

use serde::{Deserialize, Serialize};
use stratum_ffi::stratum_autopilot::engine::{ClaimRefusal, EngineError, Stepped, Visit};
use stratum_ffi::stratum_core::problem::{Problem, Problems};

use crate::errors::{Problem as ProblemRecord, StratumError};
use crate::records::{ActionType, Change, EntityType, Platform};
use crate::values::Timestamp;

/// A change that is to be made.
#[derive(Debug, Clone, PartialEq, uniffi::Record)]
pub struct Proposal {
    /// A UUID of your own; also the idempotency key of the platform call. The same again is the same action.
    pub id: String,
    /// What it does.
    pub action_type: ActionType,
    /// Where.
    pub platform: Platform,
    /// To what kind of thing.
    pub entity_type: EntityType,
    /// The platform's id of it, 1 to 255 characters.
    pub entity_id: String,
    /// From which value to which, absolutely.
    pub change: Change,
    /// Its name, for people.
    #[uniffi(default)]
    pub entity_name: Option<String>,
    /// The UUID of the person who proposes it; left out: a program does.
    #[uniffi(default)]
    pub created_by: Option<String>,
    /// Why, in the proposer's words.
    #[uniffi(default)]
    pub reason: Option<String>,
    /// How long it may wait for approval, 1 to 72 hours; left out: 24.
    #[uniffi(default)]
    pub ttl_hours: Option<u32>,
}

/// Where an action stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, uniffi::Enum)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum ActionState {
    /// Waits for approval.
    Queued,
    /// Approved, free to be executed.
    Approved,
    /// Being executed, or its outcome is not known yet.
    Applying,
    /// Done on the platform.
    Applied,
    /// Not done, and not to be tried again.
    Failed,
    /// Cancelled before approval, or expired.
    Dismissed,
}

/// Why an action failed or was dismissed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, uniffi::Enum)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum StatusReason {
    /// It waited too long.
    Expired,
    /// The platform no longer showed the value that the action started from.
    StateChanged,
    /// Nobody can tell whether the call arrived. It is never sent again.
    OutcomeUnknown,
    /// A hard limit forbade it at the moment of execution.
    EnforcementBlocked,
    /// The platform refused.
    PlatformRefused,
}

/// What an approved action waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, uniffi::Enum)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum WaitingFor {
    /// The gate does not pass.
    Gate,
    /// A limit is violated that a person must confirm.
    Confirmation,
    /// The kill switch is engaged.
    KillSwitch,
    /// The last change of the same entity is too recent.
    MinInterval,
    /// The changes of the day are used up.
    ChangesPerDay,
}

/// An action with its state.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, uniffi::Record)]
pub struct Action {
    /// The id, which is also the idempotency key of the platform call.
    pub id: String,
    /// What it does.
    pub action_type: ActionType,
    /// Where.
    pub platform: Platform,
    /// To what kind of thing.
    pub entity_type: EntityType,
    /// The platform's id of it.
    pub entity_id: String,
    /// From which value to which.
    pub change: Change,
    /// Where it stands.
    pub state: ActionState,
    /// Why it failed or was dismissed.
    #[serde(default)]
    pub status_reason: Option<StatusReason>,
    /// When the present state expires; none for a final one and for one that is being executed.
    #[serde(default)]
    pub expires_at: Option<Timestamp>,
}

/// What became of an action in a run.
#[derive(Debug, Clone, PartialEq, uniffi::Enum)]
pub enum Step {
    /// Applied on the platform, now or found out now.
    Applied,
    /// Failed, or dismissed because it expired.
    Ended {
        /// Why.
        reason: Option<StatusReason>,
    },
    /// It stays approved.
    Waits {
        /// What it waits for.
        waiting_for: Option<WaitingFor>,
        /// From when the change limits allow it, where they are all it waits for.
        until: Option<Timestamp>,
    },
    /// The call certainly changed nothing, and may be made again after so many milliseconds.
    Released {
        /// 0 where the platform named no time.
        retry_after_ms: u64,
    },
    /// Nobody knows yet. The platform is asked once the call's deadline has passed.
    Open,
    /// There was nothing to do: somebody else was faster.
    Nothing,
    /// It could not be looked at.
    NotPossible {
        /// Why.
        problems: Vec<ProblemRecord>,
    },
}

/// One action of a run.
#[derive(Debug, Clone, PartialEq, uniffi::Record)]
pub struct Visited {
    /// Which action.
    pub action_id: String,
    /// What became of it.
    pub step: Step,
}

impl TryFrom<Visit> for Visited {
    type Error = Problems;

    fn try_from(visit: Visit) -> Result<Self, Problems> {
        let step = match visit.result {
            Ok(Stepped::Applied) => Step::Applied,
            Ok(Stepped::Ended(reason)) => Step::Ended { reason: crate::typed::convert(&reason)? },
            Ok(Stepped::Waits { waiting_for, until }) => {
                Step::Waits { waiting_for: crate::typed::convert(&waiting_for)?, until: until.map(Timestamp) }
            }
            Ok(Stepped::Released { retry_after_ms }) => Step::Released { retry_after_ms },
            Ok(Stepped::Open) => Step::Open,
            Ok(_) => Step::Nothing,
            Err(error) => {
                let StratumError::Refused { problems } = refused(error);
                Step::NotPossible { problems }
            }
        };
        Ok(Self { action_id: visit.action_id.to_string(), step })
    }
}

/// What the engine did not do, as problems.
pub(super) fn refused(error: EngineError) -> StratumError {
    let message = error.to_string();
    let code = match error {
        EngineError::Invalid(problems) => return problems.into(),
        EngineError::NotFound => "not_found".to_owned(),
        EngineError::SuggestOnly => "suggest_only".to_owned(),
        EngineError::State(refusal) | EngineError::Claim(ClaimRefusal::State(refusal)) => {
            refusal.code.as_str().to_ascii_lowercase()
        }
        EngineError::Claim(ClaimRefusal::NotPermitted(refusal)) => refusal.as_str().to_ascii_lowercase(),
        EngineError::Claim(ClaimRefusal::HalfOfPair) => "half_of_pair".to_owned(),
        EngineError::Approval(_) => "not_allowed_to_approve".to_owned(),
        EngineError::Override(_) => "override_refused".to_owned(),
        EngineError::Confirmation(_) => "confirmation_refused".to_owned(),
        EngineError::Switch(_) => "switch_refused".to_owned(),
        EngineError::NotApplied => "not_applied".to_owned(),
        _ => "store".to_owned(),
    };
    Problem::new("", code, message).into()
}

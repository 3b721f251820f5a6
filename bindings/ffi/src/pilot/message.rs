//! What an autopilot is told.

use serde::Deserialize;
use serde_json::Value;
use stratum_autopilot::action::{Action, Change, NewAction, Origin};
use stratum_autopilot::enforcement::EnforcementFacts;
use stratum_autopilot::platform::{Applied, CallOutcome, PlatformError, PlatformErrorCode};
use stratum_core::Timestamp;
use stratum_core::gate::GateFacts;
use stratum_core::id::{ActionId, TenantId, UserId};
use stratum_core::problem::{Problem, Problems};
use stratum_core::vocabulary::{ActionType, EntityType, Platform};

use crate::request;

/// An action to queue.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Proposed {
    pub(super) now: Timestamp,
    #[serde(default)]
    id: Option<ActionId>,
    /// Ten random bytes, from which an id is made where none is given.
    #[serde(default)]
    random: Option<[u8; 10]>,
    tenant_id: TenantId,
    action_type: ActionType,
    platform: Platform,
    entity_type: EntityType,
    entity_id: String,
    #[serde(default)]
    entity_name: Option<String>,
    change: Change,
    #[serde(default = "manual")]
    origin: Origin,
    #[serde(default)]
    pub(super) created_by: Option<UserId>,
    #[serde(default)]
    pub(super) reason: Option<String>,
    #[serde(default)]
    pair_id: Option<ActionId>,
    #[serde(default)]
    reverts: Option<ActionId>,
    #[serde(default = "a_day")]
    ttl_hours: u32,
}

const fn manual() -> Origin {
    Origin::Manual
}

const fn a_day() -> u32 {
    24
}

impl Proposed {
    pub(super) fn into_new(self) -> Result<NewAction, Problem> {
        let id = self
            .id
            .or_else(|| self.random.map(|random| ActionId::v7(self.now, random)))
            .ok_or_else(|| Problem::new("/id", "missing_field", "the action has no id"))?;
        Ok(NewAction {
            id,
            tenant_id: self.tenant_id,
            action_type: self.action_type,
            platform: self.platform,
            entity_type: self.entity_type,
            entity_id: self.entity_id,
            entity_name: self.entity_name,
            change: self.change,
            origin: self.origin,
            created_by: self.created_by,
            reason: self.reason,
            pair_id: self.pair_id,
            reverts: self.reverts,
            ttl_hours: self.ttl_hours,
        })
    }
}

/// A step that a person takes.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Step {
    pub(super) id: ActionId,
    #[serde(default)]
    pub(super) by: Option<UserId>,
    pub(super) now: Timestamp,
    #[serde(default)]
    pub(super) override_reason: Option<String>,
}

/// An action, by its id.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Named {
    pub(super) id: ActionId,
}

/// A tenant, by its id.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct OfTenant {
    pub(super) tenant_id: TenantId,
}

/// An action at an instant.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Asked {
    pub(super) id: ActionId,
    pub(super) now: Timestamp,
}

/// An action that is to be executed, with what is known of it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Claimed {
    pub(super) id: ActionId,
    pub(super) gate: GateFacts,
    pub(super) limits: EnforcementFacts,
}

/// What came of a call: the platform's own reference or receipt, or an error.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Answered {
    pub(super) id: ActionId,
    pub(super) now: Timestamp,
    #[serde(default)]
    receipt: Value,
    #[serde(default)]
    error: Option<PlatformError>,
}

impl Answered {
    /// A receipt that cannot be read is an answer that nobody understands: the change may have been made.
    pub(super) fn answer(self, action: &Action) -> Result<Applied, PlatformError> {
        if let Some(error) = self.error {
            return Err(error);
        }
        let receipt = |reference| Applied { idempotency_key: action.id(), applied_at: self.now, reference };
        match self.receipt {
            Value::Null => Ok(receipt(None)),
            Value::String(reference) => Ok(receipt(Some(reference))),
            other => request::part(&other, "/receipt").map_err(|problems| not_understood(&problems)),
        }
    }
}

fn not_understood(problems: &Problems) -> PlatformError {
    PlatformError::new(PlatformErrorCode::Unknown, problems.to_string())
}

/// What a platform knows about a call whose answer was lost, or why it could not be asked.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct LookedUp {
    pub(super) id: ActionId,
    pub(super) now: Timestamp,
    #[serde(default)]
    outcome: Value,
    #[serde(default)]
    error: Option<PlatformError>,
}

impl LookedUp {
    pub(super) fn answer(self) -> Result<CallOutcome, PlatformError> {
        match (self.error, self.outcome) {
            (Some(error), _) => Err(error),
            // A platform that cannot look a call up cannot promise anything about it.
            (None, Value::Null) => Ok(CallOutcome::Unknown),
            (None, said) => request::part(&said, "/outcome").map_err(|problems| not_understood(&problems)),
        }
    }
}

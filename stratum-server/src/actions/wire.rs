//! Actions as they go over the wire.

use serde::Serialize;
use serde_json::{Value, json};
use stratum_autopilot::action::{ActionState, ActionStatus, Change, Origin, StatusReason};
use stratum_autopilot::approval::WaitingFor;
use stratum_core::Timestamp;
use stratum_core::id::{ActionId, UserId};
use stratum_core::vocabulary::{ActionType, EntityType, Platform};
use utoipa::ToSchema;
use uuid::Uuid;

use super::StoredAction;
use super::store::ActionError;
use crate::enforcement::wire::Violation;
use crate::gate::wire::GateEvaluation;

/// One action.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Action {
    /// The id; also the idempotency key of the platform call.
    #[schema(value_type = String, format = Uuid)]
    pub id: ActionId,
    /// What it does.
    #[schema(value_type = String, example = "BUDGET_INCREASE")]
    pub action_type: ActionType,
    /// Where.
    #[schema(value_type = String, example = "META")]
    pub platform: Platform,
    /// To what kind of thing.
    #[schema(value_type = String, example = "CAMPAIGN")]
    pub entity_type: EntityType,
    /// The platform's id of it.
    pub entity_id: String,
    /// Its name.
    pub entity_name: Option<String>,
    /// QUEUED, APPROVED, APPLIED, FAILED or DISMISSED.
    #[schema(value_type = String, example = "QUEUED")]
    pub status: ActionStatus,
    /// Why it failed or was dismissed by the engine.
    #[schema(value_type = Option<String>)]
    pub status_reason: Option<StatusReason>,
    /// Who proposed it.
    #[schema(value_type = String, example = "MANUAL")]
    pub origin: Origin,
    /// What the change starts from.
    #[schema(value_type = Option<Object>)]
    pub current_value: Option<Value>,
    /// What it is to become, absolutely.
    #[schema(value_type = Object)]
    pub proposed_value: Value,
    /// What the platform shows since it was applied.
    #[schema(value_type = Option<Object>)]
    pub applied_value: Option<Value>,
    /// Why, in the proposer's words.
    pub reason: Option<String>,
    /// What the gate said last.
    pub gate: Option<GateEvaluation>,
    /// What an approved one waits for.
    #[schema(value_type = Option<String>)]
    pub waiting_for: Option<WaitingFor>,
    /// The pair of a budget move.
    #[schema(value_type = Option<String>, format = Uuid)]
    pub pair_id: Option<ActionId>,
    /// The applied action that this one takes back.
    #[schema(value_type = Option<String>, format = Uuid)]
    pub reverts: Option<ActionId>,
    /// When the present state expires.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub expires_at: Option<Timestamp>,
    /// What the newest check of the limits found.
    pub violations: Vec<Violation>,
    /// Who approved it; null for the system.
    #[schema(value_type = Option<String>, format = Uuid)]
    pub approved_by: Option<UserId>,
    /// When.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub approved_at: Option<Timestamp>,
    /// Why it is executed although the gate does not pass.
    pub override_reason: Option<String>,
    /// When the change was made.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub applied_at: Option<Timestamp>,
    /// Who dismissed it; null where it expired.
    #[schema(value_type = Option<String>, format = Uuid)]
    pub dismissed_by: Option<UserId>,
    /// When.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub dismissed_at: Option<Timestamp>,
    /// When it failed.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub failed_at: Option<Timestamp>,
    /// Why it failed.
    pub error: Option<ActionError>,
    /// How often it was claimed for execution.
    pub attempts: u32,
    /// The person who queued it.
    #[schema(value_type = Option<String>, format = Uuid)]
    pub created_by: Option<UserId>,
    /// When it was queued.
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Timestamp,
    /// When anything of it changed.
    #[schema(value_type = String, format = DateTime)]
    pub updated_at: Timestamp,
}

impl From<&StoredAction> for Action {
    fn from(stored: &StoredAction) -> Self {
        let action = &stored.action;
        let approval = action.approval();
        Self {
            id: action.id(),
            action_type: action.action_type(),
            platform: action.platform(),
            entity_type: action.entity_type(),
            entity_id: action.entity_id().to_owned(),
            entity_name: action.entity_name().map(str::to_owned),
            status: action.status(),
            status_reason: action.status_reason(),
            origin: action.origin(),
            current_value: Some(current(action.change())),
            proposed_value: proposed(action.change()),
            applied_value: stored.applied_value.clone(),
            reason: action.reason().map(str::to_owned),
            gate: stored.gate.clone(),
            waiting_for: stored.waiting_for,
            pair_id: action.pair_id(),
            reverts: action.reverts(),
            expires_at: action.expires_at(),
            violations: stored.violations.iter().map(Violation::from).collect(),
            approved_by: stored.approved_by(),
            approved_at: approval.map(|approval| approval.at),
            override_reason: approval.and_then(|approval| approval.override_reason.clone()),
            applied_at: stored.since(ActionState::Applied),
            dismissed_by: stored.dismissed_by,
            dismissed_at: stored.since(ActionState::Dismissed),
            failed_at: stored.since(ActionState::Failed),
            error: stored.error.clone(),
            attempts: action.attempts(),
            created_by: action.created_by(),
            created_at: action.created_at(),
            updated_at: stored.updated_at,
        }
    }
}

/// What a change starts from.
#[must_use]
pub fn current(change: &Change) -> Value {
    match change {
        Change::Budget { kind, before_cents, currency, .. } => {
            json!({ "before_cents": before_cents, "budget_kind": kind, "currency": currency })
        }
        Change::Bid { before_cents, currency, .. } => {
            json!({ "before_cents": before_cents, "currency": currency })
        }
        Change::Status { before, .. } => json!({ "status": before }),
    }
}

/// What a change leads to.
#[must_use]
pub fn proposed(change: &Change) -> Value {
    match change {
        Change::Budget { kind, before_cents, after_cents, currency } => json!({
            "before_cents": before_cents, "after_cents": after_cents, "budget_kind": kind, "currency": currency,
        }),
        Change::Bid { before_cents, after_cents, currency } => {
            json!({ "before_cents": before_cents, "after_cents": after_cents, "currency": currency })
        }
        Change::Status { after, .. } => json!({ "status": after }),
    }
}

/// One action with all that happened to it.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ActionWithHistory {
    /// The action.
    #[serde(flatten)]
    pub action: Action,
    /// What happened, oldest first.
    pub history: Vec<HistoryEntry>,
}

/// One change of the status.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct HistoryEntry {
    /// The status before; null at the beginning.
    #[schema(value_type = Option<String>)]
    pub from: Option<ActionStatus>,
    /// The status after.
    #[schema(value_type = String, example = "QUEUED")]
    pub to: ActionStatus,
    /// Who did it; null for the server itself.
    pub actor_id: Option<Uuid>,
    /// When.
    #[schema(value_type = String, format = DateTime)]
    pub at: Timestamp,
    /// Why, in the words of whoever did it.
    pub note: Option<String>,
}

//! The rows of actions. The library's `Action` is kept whole; the columns beside it repeat what queries ask for.

use serde::{Deserialize, Serialize};
use sqlx::Row as _;
use sqlx::postgres::PgRow;
use sqlx::types::Json;
use stratum_autopilot::action::{Action, ActionState, Approver};
use stratum_autopilot::approval::WaitingFor;
use stratum_autopilot::enforcement::{Confirmation, Violation};
use stratum_core::Timestamp;
use stratum_core::id::{ActionId, DecisionId, UserId};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::clock::instant;
use crate::db::TenantTx;
use crate::gate::wire::GateEvaluation;
use crate::http::ApiError;
use crate::tenant::parse;

/// How long the executor leaves an action alone that waits for something other than a time.
pub const RECONSIDER_AFTER_MINUTES: i64 = 5;

/// An action with what the server keeps beside it.
#[derive(Debug, Clone)]
pub struct StoredAction {
    /// The action.
    pub action: Action,
    /// What an approved one waits for.
    pub waiting_for: Option<WaitingFor>,
    /// What the newest check found.
    pub violations: Vec<Violation>,
    /// What the gate said last.
    pub gate: Option<GateEvaluation>,
    /// The confirmation that stays with it.
    pub confirmation: Option<Confirmation>,
    /// What the platform shows since it was applied, or showed when the outcome stayed unknown.
    pub applied_value: Option<serde_json::Value>,
    /// Why it failed.
    pub error: Option<ActionError>,
    /// Who dismissed it; nobody where it expired.
    pub dismissed_by: Option<UserId>,
    /// When anything of it changed.
    pub updated_at: Timestamp,
    /// When the executor looks at it again.
    pub due_at: Timestamp,
}

/// Why an action failed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ActionError {
    /// The platform's code or the reason of the failure.
    pub code: String,
    /// What it said, for the person who must act.
    pub message: String,
}

impl StoredAction {
    /// A new action, which the executor looks at as soon as it is stored.
    #[must_use]
    pub fn new(action: Action, now: Timestamp) -> Self {
        Self {
            action,
            waiting_for: None,
            violations: Vec::new(),
            gate: None,
            confirmation: None,
            applied_value: None,
            error: None,
            dismissed_by: None,
            updated_at: now,
            due_at: now,
        }
    }

    /// Lets the executor come back in `minutes`, or when the present state expires if that is sooner.
    pub fn reconsider_after(&mut self, now: Timestamp, minutes: i64) {
        self.reconsider_at(now.plus_minutes(minutes));
    }

    /// Lets the executor come back at an instant, or when the present state expires if that is sooner.
    pub fn reconsider_at(&mut self, at: Timestamp) {
        self.due_at = self.action.expires_at().map_or(at, |expires| expires.min(at));
    }

    /// Reads the columns of a row of `action` beside those that repeat the action itself.
    ///
    /// # Errors
    /// An internal one: what is stored was written by us.
    pub fn read(row: &PgRow) -> Result<Self, ApiError> {
        let Json(action) = row.try_get("action")?;
        let Json(violations) = row.try_get("violations")?;
        let waiting_for: Option<String> = row.try_get("waiting_for")?;
        let gate: Option<Json<GateEvaluation>> = row.try_get("gate")?;
        let confirmation: Option<Json<Confirmation>> = row.try_get("confirmation")?;
        let error: Option<Json<ActionError>> = row.try_get("error")?;
        let dismissed_by: Option<Uuid> = row.try_get("dismissed_by")?;
        Ok(Self {
            action,
            waiting_for: waiting_for.map(|text| parse(&text)).transpose()?,
            violations,
            gate: gate.map(|Json(gate)| gate),
            confirmation: confirmation.map(|Json(confirmation)| confirmation),
            applied_value: row.try_get("applied_value")?,
            error: error.map(|Json(error)| error),
            dismissed_by: dismissed_by.map(UserId::from_uuid),
            updated_at: instant(row.try_get("updated_at")?)?,
            due_at: instant(row.try_get("due_at")?)?,
        })
    }

    /// The newest decision of the gate about it.
    #[must_use]
    pub fn decision_id(&self) -> Option<DecisionId> {
        self.gate.as_ref().map(|gate| gate.id)
    }

    /// When it entered the state, if it is in it.
    #[must_use]
    pub fn since(&self, state: ActionState) -> Option<Timestamp> {
        (self.action.state() == state).then(|| self.action.state_since())
    }

    /// The person who approved it; nobody where the system did.
    #[must_use]
    pub fn approved_by(&self) -> Option<UserId> {
        match self.action.approval()?.by {
            Approver::User(user) => Some(user),
            Approver::System => None,
        }
    }
}

/// Loads an action.
///
/// # Errors
/// 404, the database's.
pub async fn get(tx: &mut TenantTx, id: ActionId) -> Result<StoredAction, ApiError> {
    one(
        sqlx::query(
            "SELECT action, waiting_for, violations, gate, confirmation, applied_value, error, dismissed_by, updated_at,
                    due_at
             FROM action WHERE action_id = $1",
        )
        .bind(id.as_uuid())
        .fetch_optional(&mut **tx)
        .await?,
    )
}

/// Loads an action and locks it until the transaction ends. The transaction's instant is that at which the lock was had.
///
/// # Errors
/// 404, the database's.
pub async fn lock(tx: &mut TenantTx, id: ActionId) -> Result<StoredAction, ApiError> {
    let row = sqlx::query(
        "SELECT action, waiting_for, violations, gate, confirmation, applied_value, error, dismissed_by, updated_at,
                due_at
         FROM action WHERE action_id = $1 FOR UPDATE",
    )
    .bind(id.as_uuid())
    .fetch_optional(&mut **tx)
    .await?;
    tx.waited();
    one(row)
}

fn one(row: Option<PgRow>) -> Result<StoredAction, ApiError> {
    StoredAction::read(&row.ok_or_else(|| ApiError::not_found("action"))?)
}

/// Stores an action: a new row, or everything that may have changed of one.
///
/// # Errors
/// 409 `ALREADY_REVERTED` for a second reversal of one action; the database's.
pub async fn save(tx: &mut TenantTx, stored: &StoredAction) -> Result<(), ApiError> {
    let action = &stored.action;
    let at = |state| stored.since(state).map(Timestamp::to_chrono);
    let saved = sqlx::query(
        "INSERT INTO action (tenant_id, action_id, action_type, platform, entity_type, entity_id, state, status,
                             status_reason, waiting_for, action, violations, decision_id, gate, confirmation,
                             applied_value, error, pair_id, reverts, created_by, approved_by, dismissed_by, created_at,
                             updated_at, approved_at, applied_at, dismissed_at, failed_at, expires_at, due_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23,
                 $24, $25, $26, $27, $28, $29, $30)
         ON CONFLICT (tenant_id, action_id) DO UPDATE
         SET state = excluded.state, status = excluded.status, status_reason = excluded.status_reason,
             waiting_for = excluded.waiting_for, action = excluded.action, violations = excluded.violations,
             decision_id = excluded.decision_id, gate = excluded.gate, confirmation = excluded.confirmation,
             applied_value = excluded.applied_value, error = excluded.error, approved_by = excluded.approved_by,
             dismissed_by = excluded.dismissed_by, updated_at = excluded.updated_at, approved_at = excluded.approved_at,
             applied_at = excluded.applied_at, dismissed_at = excluded.dismissed_at, failed_at = excluded.failed_at,
             expires_at = excluded.expires_at, due_at = excluded.due_at",
    )
    .bind(action.tenant_id().as_uuid())
    .bind(action.id().as_uuid())
    .bind(action.action_type().as_str())
    .bind(action.platform().as_str())
    .bind(action.entity_type().as_str())
    .bind(action.entity_id())
    .bind(action.state().as_str())
    .bind(action.status().as_str())
    .bind(action.status_reason().map(|reason| reason.as_str()))
    .bind(stored.waiting_for.map(WaitingFor::as_str))
    .bind(Json(action))
    .bind(Json(&stored.violations))
    .bind(stored.decision_id().map(DecisionId::as_uuid))
    .bind(stored.gate.as_ref().map(Json))
    .bind(stored.confirmation.as_ref().map(Json))
    .bind(&stored.applied_value)
    .bind(stored.error.as_ref().map(Json))
    .bind(action.pair_id().map(ActionId::as_uuid))
    .bind(action.reverts().map(ActionId::as_uuid))
    .bind(action.created_by().map(UserId::as_uuid))
    .bind(stored.approved_by().map(UserId::as_uuid))
    .bind(stored.dismissed_by.map(UserId::as_uuid))
    .bind(action.created_at().to_chrono())
    .bind(stored.updated_at.to_chrono())
    .bind(action.approval().map(|approval| approval.at.to_chrono()))
    .bind(at(ActionState::Applied))
    .bind(at(ActionState::Dismissed))
    .bind(at(ActionState::Failed))
    .bind(action.expires_at().map(Timestamp::to_chrono))
    .bind(stored.due_at.to_chrono())
    .execute(&mut **tx)
    .await;
    match saved {
        Ok(_) => Ok(()),
        Err(error) if crate::db::constraint_of(&error) == Some("action_reverted_once") => {
            Err(already_reverted())
        }
        Err(error) => Err(error.into()),
    }
}

/// 409: somebody has queued the reversal already.
#[must_use]
pub fn already_reverted() -> ApiError {
    ApiError::conflict("ALREADY_REVERTED", "this action was reverted, or its reversal is under way")
}

/// Lets the executor look at once at the actions that wait: of one platform, or of all.
///
/// # Errors
/// The database's.
pub async fn wake(
    tx: &mut TenantTx,
    platform: Option<stratum_core::vocabulary::Platform>,
) -> Result<(), ApiError> {
    // An action that is just being looked at is waited for: what was decided about it rests on what was there before.
    // In the order of their ids, so that two of these never wait for each other. One that is due as it is stays as it is.
    sqlx::query(
        "WITH waiting AS (
             SELECT tenant_id, action_id, due_at FROM action
             WHERE state IN ('QUEUED', 'APPROVED') AND ($2::text IS NULL OR platform = $2)
             ORDER BY action_id FOR UPDATE
         )
         UPDATE action SET due_at = $1
         WHERE (tenant_id, action_id) IN (SELECT tenant_id, action_id FROM waiting WHERE due_at > $1)",
    )
    .bind(tx.now().to_chrono())
    .bind(platform.map(|platform| platform.as_str()))
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Whether a person ever took an approval of this action back.
///
/// # Errors
/// The database's.
pub async fn was_revoked(tx: &mut TenantTx, id: ActionId) -> Result<bool, ApiError> {
    Ok(sqlx::query_scalar(
        "SELECT EXISTS (SELECT FROM action_transition
                        WHERE action_id = $1 AND from_status = 'APPROVED' AND to_status = 'QUEUED'
                          AND actor_id IS NOT NULL)",
    )
    .bind(id.as_uuid())
    .fetch_one(&mut **tx)
    .await?)
}

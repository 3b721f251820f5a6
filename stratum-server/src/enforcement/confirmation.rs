//! The tokens of soft blocks: issued with a refusal, confirmed by a person, used by an approval. Of a token only its hash
//! is stored.

use rand::Rng as _;
use serde_json::json;
use sqlx::types::Json;
use stratum_autopilot::action::Action;
use stratum_autopilot::audit::{AuditAction, Intervention};
use stratum_autopilot::enforcement::{
    Confirmation, ConfirmationAttempt, ConfirmationRefusal, ConfirmationToken, EnforcementCheck,
};
use stratum_core::id::UserId;
use stratum_core::problem::Problem;
use stratum_core::{Digest, Timestamp};
use uuid::Uuid;

use crate::actions::decide::{Question, check_of, decide};
use crate::actions::{self, StoredAction, step};
use crate::audit;
use crate::autopilot::Autopilot;
use crate::db::TenantTx;
use crate::http::ApiError;

/// A token that was just issued.
#[derive(Debug, Clone)]
pub struct Issued {
    /// What the person presents.
    pub token: String,
    /// Until when.
    pub expires_at: Timestamp,
}

/// Issues a token for the soft block of a stored action, and notes it in the audit chain.
///
/// # Errors
/// An internal one where the check holds no soft block; the database's.
pub async fn issue(
    tx: &mut TenantTx,
    stored: &StoredAction,
    check: &EnforcementCheck,
    seen: Intervention,
) -> Result<Issued, ApiError> {
    let mut bytes = [0_u8; 32];
    rand::rng().fill_bytes(&mut bytes);
    let token = ConfirmationToken::from_random(bytes);
    let confirmation =
        Confirmation::issue(&token, &stored.action, check, tx.now()).map_err(ApiError::internal)?;
    sqlx::query(
        "INSERT INTO confirmation_token (tenant_id, token_hash, action_id, token, expires_at, created_at)
         VALUES ($1, $2, $3, $4, $5, $6)",
    )
    .bind(tx.scope().tenant.as_uuid())
    .bind(confirmation.token_digest().as_bytes().as_slice())
    .bind(stored.action.id().as_uuid())
    .bind(Json(&confirmation))
    .bind(confirmation.expires_at().to_chrono())
    .bind(tx.now().to_chrono())
    .execute(&mut **tx)
    .await?;
    let about = seen.details(json!({
        "expires_at": confirmation.expires_at(),
        "payload_digest": confirmation.payload_digest(),
        "violations_digest": confirmation.violations_digest(),
    }));
    let entry = step::entry(tx, stored, AuditAction::ConfirmationIssued, about);
    audit::append(tx, entry).await?;
    Ok(Issued { token: token.reveal(), expires_at: confirmation.expires_at() })
}

/// The refusal of an approval that a soft block stops, with a fresh token.
///
/// # Errors
/// As [`issue`].
pub async fn require(
    tx: &mut TenantTx,
    stored: &StoredAction,
    check: &EnforcementCheck,
    seen: Intervention,
) -> Result<ApiError, ApiError> {
    let issued = issue(tx, stored, check, seen).await?;
    let code = "ENFORCEMENT_CONFIRMATION_REQUIRED";
    Ok(actions::confirmation_required(code, check, &issued.token, issued.expires_at))
}

/// Lets an approval use a confirmed token. `None` where the token is none that counts for this action now: the approval
/// then asks for another.
///
/// # Errors
/// The database's.
pub async fn attach(
    tx: &mut TenantTx,
    token: &str,
    action: &Action,
    check: &EnforcementCheck,
) -> Result<Option<Confirmation>, ApiError> {
    let Ok(token) = token.trim().parse::<ConfirmationToken>() else { return Ok(None) };
    let Some(mut confirmation) = find(tx, token.digest()).await? else { return Ok(None) };
    if confirmation.attach(action, check, tx.now()).is_err() {
        return Ok(None);
    }
    save(tx, &confirmation).await?;
    Ok(Some(confirmation))
}

/// A confirmation that took place.
#[derive(Debug)]
pub struct Confirmed {
    /// The action.
    pub stored: StoredAction,
    /// The audit entry that says so.
    pub audit_id: Uuid,
    /// Until when an approval may use it.
    pub valid_until: Timestamp,
}

/// Presents a token: everything is checked again. The inner error is a refusal whose trace is to be committed.
///
/// # Errors
/// 404 `TOKEN_NOT_FOUND`, 409 `TOKEN_USED` or `KILL_SWITCH_ACTIVE`, 410 `CONFIRMATION_EXPIRED`, 422 for the reason; the
/// database's.
pub async fn confirm(
    tx: &mut TenantTx,
    token: &str,
    by: UserId,
    reason: &str,
) -> Result<Result<Confirmed, ApiError>, ApiError> {
    let autopilot = Autopilot::lock(tx).await?;
    let token: ConfirmationToken = token.trim().parse().map_err(|_: Problem| not_found())?;
    let mut confirmation = find(tx, token.digest()).await?.ok_or_else(not_found)?;
    let mut stored = actions::store::lock(tx, confirmation.action_id()).await?;
    let question = Question::about(tx, &stored.action, &autopilot.switches).await?;
    let recorded = decide(tx, &mut stored, &question).await?;
    let (gate, check) = (&recorded.decision.gate, check_of(&recorded)?);
    actions::store::save(tx, &stored).await?;
    let seen = Intervention::about(&stored.action).gate(gate).enforcement(check);
    let attempt = ConfirmationAttempt {
        check,
        gate: gate.decision(),
        frozen: question.facts.gate.frozen,
        user_id: by,
        reason,
        now: tx.now(),
    };
    let valid_until = match confirmation.confirm(&token, &stored.action, &attempt) {
        Ok(confirmed) => confirmed.valid_until,
        Err(ConfirmationRefusal::NewViolation) => {
            let issued = issue(tx, &stored, check, seen).await?;
            return Ok(Err(actions::confirmation_required(
                "NEW_VIOLATION",
                check,
                &issued.token,
                issued.expires_at,
            )));
        }
        Err(ConfirmationRefusal::EnforcementBlocked) => {
            let entry = step::entry(tx, &stored, AuditAction::Blocked, seen).reason(reason);
            audit::append(tx, entry).await?;
            return Ok(Err(actions::enforcement_blocked(check)));
        }
        Err(refusal) => return Ok(Err(refused(refusal))),
    };
    save(tx, &confirmation).await?;
    let entry = step::entry(tx, &stored, AuditAction::Confirmed, seen).reason(reason.trim());
    let seq = audit::append(tx, entry).await?.entry.seq;
    let audit_id = sqlx::query_scalar("SELECT entry_id FROM audit_entry WHERE seq = $1")
        .bind(i64::try_from(seq).map_err(ApiError::internal)?)
        .fetch_one(&mut **tx)
        .await?;
    Ok(Ok(Confirmed { stored, audit_id, valid_until }))
}

async fn find(tx: &mut TenantTx, digest: Digest) -> Result<Option<Confirmation>, ApiError> {
    let found: Option<Json<Confirmation>> =
        sqlx::query_scalar("SELECT token FROM confirmation_token WHERE token_hash = $1 FOR UPDATE")
            .bind(digest.as_bytes().as_slice())
            .fetch_optional(&mut **tx)
            .await?;
    Ok(found.map(|Json(confirmation)| confirmation))
}

async fn save(tx: &mut TenantTx, confirmation: &Confirmation) -> Result<(), ApiError> {
    sqlx::query("UPDATE confirmation_token SET token = $1, used_at = $2 WHERE token_hash = $3")
        .bind(Json(confirmation))
        .bind(confirmation.confirmed().map(|confirmed| confirmed.at.to_chrono()))
        .bind(confirmation.token_digest().as_bytes().as_slice())
        .execute(&mut **tx)
        .await?;
    Ok(())
}

fn not_found() -> ApiError {
    refused(ConfirmationRefusal::TokenNotFound)
}

fn refused(refusal: ConfirmationRefusal) -> ApiError {
    use http::StatusCode;
    let conflict = |code, message| ApiError::conflict(code, message);
    match refusal {
        ConfirmationRefusal::TokenNotFound => {
            ApiError::new(StatusCode::NOT_FOUND, "TOKEN_NOT_FOUND", "there is no such confirmation token")
        }
        ConfirmationRefusal::TokenUsed => conflict("TOKEN_USED", "this token was presented before"),
        ConfirmationRefusal::ConfirmationExpired => ApiError::new(
            StatusCode::GONE,
            "CONFIRMATION_EXPIRED",
            "the token has expired; approve again to get another",
        ),
        ConfirmationRefusal::KillSwitchActive => actions::kill_switch_active(),
        ConfirmationRefusal::GateNotPassed => {
            conflict("GATE_NOT_PASSED", "the trust gate does not pass, and no confirmation softens it")
        }
        ConfirmationRefusal::ReasonLength => {
            Problem::new("/override_reason", "length", "the reason has 10 to 1000 characters").into()
        }
        ConfirmationRefusal::EnforcementBlocked
        | ConfirmationRefusal::NewViolation
        | ConfirmationRefusal::NothingToConfirm
        | ConfirmationRefusal::NotConfirmed => {
            conflict("CONFLICT", "there is nothing that this token could confirm now")
        }
    }
}

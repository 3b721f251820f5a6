//! Refusals of the state machine, the limits and the kill switch, as the API tells them.

use http::StatusCode;
use serde_json::json;
use stratum_autopilot::action::{Refusal, RefusalCode};
use stratum_autopilot::enforcement::{EnforcementCheck, EnforcementMode, Violation as Found};
use stratum_core::Timestamp;

use crate::enforcement::wire::Violation;
use crate::http::ApiError;

/// A transition that did not take place.
#[must_use]
pub fn refused(refusal: &Refusal) -> ApiError {
    match refusal.code {
        RefusalCode::ActionExpired => ApiError::conflict(
            "ACTION_EXPIRED",
            "the action has expired; queue it again if it is still wanted",
        ),
        RefusalCode::InvalidTransition | RefusalCode::LeaseLost => {
            ApiError::invalid_transition(refusal.from.status(), refusal.to.status())
        }
    }
}

/// 409: nothing is approved, confirmed or executed while a kill switch is engaged.
#[must_use]
pub fn kill_switch_active() -> ApiError {
    ApiError::conflict("KILL_SWITCH_ACTIVE", "the kill switch is engaged; an admin releases it with a reason")
}

/// 403: a hard limit forbids the change, and nobody can confirm it.
#[must_use]
pub fn enforcement_blocked(check: &EnforcementCheck) -> ApiError {
    with_violations(
        ApiError::forbidden("ENFORCEMENT_BLOCKED", "a hard limit forbids this change"),
        check.of_mode(EnforcementMode::HardBlock),
        check,
    )
}

/// 409: a person must confirm what a soft limit stops, with the token that this carries.
#[must_use]
pub fn confirmation_required(
    code: &'static str,
    check: &EnforcementCheck,
    token: &str,
    expires_at: Timestamp,
) -> ApiError {
    let error = ApiError::new(
        StatusCode::CONFLICT,
        code,
        "a limit stops this change until a person confirms it with the token",
    );
    with_violations(error, check.of_mode(EnforcementMode::SoftBlock), check)
        .detail("/confirmation_token", "CONFIRMATION_TOKEN", token)
        .with("confirmation_token", token)
        .with("expires_at", json!(expires_at))
}

fn with_violations<'a>(
    error: ApiError,
    found: impl Iterator<Item = &'a Found>,
    check: &EnforcementCheck,
) -> ApiError {
    found
        .fold(error, |error, violation| {
            let code = violation.kind.map_or(violation.violation_type.as_str(), |kind| kind.as_str());
            error.detail("", code, violation.message.clone())
        })
        .with("violations", json!(check.violations.iter().map(Violation::from).collect::<Vec<_>>()))
}

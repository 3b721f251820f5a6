//! What a platform call can end in other than a receipt, and what that says about the change.

use std::fmt;

use serde::{Deserialize, Serialize};
use stratum_core::enumeration;

use crate::action::StatusReason;

use super::EntityValue;

enumeration! {
    /// Why a platform call gave no receipt.
    pub enum PlatformErrorCode "platform error" {
        /// The platform declined the change: a limit, a rule, something it does not offer. Asking again changes nothing.
        Refused = "REFUSED",
        /// The platform does not have the entity.
        NotFound = "NOT_FOUND",
        /// The platform no longer shows the value that the change starts from.
        StateChanged = "STATE_CHANGED",
        /// Too many calls or changes; allowed again after the time given.
        RateLimited = "RATE_LIMITED",
        /// The credentials are missing, expired or not sufficient.
        Unauthorized = "UNAUTHORIZED",
        /// The call came after its deadline and was not looked at.
        DeadlinePassed = "DEADLINE_PASSED",
        /// No call was sent, or the platform said so before it did anything: no connection, circuit open, maintenance.
        Unavailable = "UNAVAILABLE",
        /// The call was sent and no usable answer came: a time-out, a broken connection, an answer of 5xx. The change may
        /// have been made.
        Unknown = "UNKNOWN",
    }
}

impl PlatformErrorCode {
    /// Whether this answer proves that the change was not made.
    #[must_use]
    pub const fn certainly_not_executed(self) -> bool {
        !matches!(self, Self::Unknown)
    }

    /// The reason with which the action fails, for errors that another try cannot cure; `None` for the rest.
    #[must_use]
    pub const fn failure_reason(self) -> Option<StatusReason> {
        match self {
            Self::Refused | Self::NotFound => Some(StatusReason::PlatformRefused),
            Self::StateChanged => Some(StatusReason::StateChanged),
            Self::RateLimited
            | Self::Unauthorized
            | Self::DeadlinePassed
            | Self::Unavailable
            | Self::Unknown => None,
        }
    }
}

/// A platform call that gave no receipt.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct PlatformError {
    /// What kind.
    pub code: PlatformErrorCode,
    /// What the platform said, for the person who must act.
    pub message: String,
    /// In how many milliseconds the call may be made again, for `RATE_LIMITED`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retry_after_ms: Option<u64>,
    /// What the platform shows instead, for `STATE_CHANGED`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub actual: Option<EntityValue>,
}

impl PlatformError {
    /// An error with the platform's words.
    pub fn new(code: PlatformErrorCode, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), retry_after_ms: None, actual: None }
    }

    /// Adds in how many milliseconds the call may be made again.
    #[must_use]
    pub const fn retry_after(mut self, ms: u64) -> Self {
        self.retry_after_ms = Some(ms);
        self
    }

    /// Adds what the platform shows now.
    #[must_use]
    pub const fn showing(mut self, actual: EntityValue) -> Self {
        self.actual = Some(actual);
        self
    }
}

impl fmt::Display for PlatformError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({})", self.message, self.code)
    }
}

impl std::error::Error for PlatformError {}

//! How far a tenant lets automation go.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use stratum_core::enumeration;
use stratum_core::problem::{Problem, Problems};
use stratum_core::vocabulary::ActionType;

use crate::action::{DEFAULT_TTL_HOURS, MAX_TTL_HOURS};

enumeration! {
    /// How far automation may go, by reach: each mode does all that the ones before it do.
    pub enum AutopilotMode "autopilot mode" {
        /// Only people queue; rules and recommendations record what they would queue.
        SuggestOnly = "SUGGEST_ONLY",
        /// The system queues, people approve.
        ApprovalRequired = "APPROVAL_REQUIRED",
        /// The system approves what [`super::automatic`] lets it.
        GuardedAuto = "GUARDED_AUTO",
    }
}

impl AutopilotMode {
    /// The number that stands for the mode in documents: 0, 1 for `GUARDED_AUTO`, 2 for `APPROVAL_REQUIRED`. It does not
    /// order modes by reach; `<` does.
    #[must_use]
    pub const fn level(self) -> u8 {
        match self {
            Self::SuggestOnly => 0,
            Self::GuardedAuto => 1,
            Self::ApprovalRequired => 2,
        }
    }
}

/// The types that the system may approve unless an admin says otherwise.
pub const DEFAULT_AUTO_APPROVE_TYPES: [ActionType; 4] =
    [ActionType::BudgetDecrease, ActionType::BidDecrease, ActionType::PauseAdset, ActionType::PauseCreative];

/// A tenant's choice of how its actions are approved.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default)]
pub struct ApprovalSettings {
    /// How far automation may go; never farther than the tier's ceiling.
    pub mode: AutopilotMode,
    /// Whether a person may not approve what they queued by hand.
    pub four_eyes: bool,
    /// The types that the system may approve.
    pub auto_approve_types: BTreeSet<ActionType>,
    /// How long a queued action waits for approval, 1 to 72 hours.
    pub action_ttl_hours: u32,
}

impl Default for ApprovalSettings {
    fn default() -> Self {
        Self {
            mode: AutopilotMode::ApprovalRequired,
            four_eyes: false,
            auto_approve_types: DEFAULT_AUTO_APPROVE_TYPES.into_iter().collect(),
            action_ttl_hours: DEFAULT_TTL_HOURS,
        }
    }
}

impl ApprovalSettings {
    /// Validates the settings.
    ///
    /// # Errors
    /// `out_of_range` for the hours.
    pub fn validate(&self) -> Result<(), Problems> {
        if (1..=MAX_TTL_HOURS).contains(&self.action_ttl_hours) {
            return Ok(());
        }
        Err(Problem::new(
            "/action_ttl_hours",
            "out_of_range",
            format!("action_ttl_hours is 1 to {MAX_TTL_HOURS}, not {}", self.action_ttl_hours),
        )
        .into())
    }
}

//! Whether the system may approve an action itself.

use serde::{Deserialize, Serialize};
use stratum_core::emq::EmqBand;
use stratum_core::enumeration;
use stratum_core::vocabulary::{ActionType, GateDecision};

use super::{ApprovalSettings, AutopilotMode};
use crate::enforcement::EnforcementCheck;

enumeration! {
    /// Why the system does not approve an action itself.
    pub enum AutomaticRefusal "reason against automatic approval" {
        /// The tenant's mode, or the ceiling of its tier, leaves approval to people.
        ModeLeavesItToPeople = "MODE_LEAVES_IT_TO_PEOPLE",
        /// A kill switch is engaged.
        KillSwitchActive = "KILL_SWITCH_ACTIVE",
        /// Enforcement is switched off, and with it automation.
        EnforcementDisabled = "ENFORCEMENT_DISABLED",
        /// A limit is violated that is more than advisory.
        LimitViolated = "LIMIT_VIOLATED",
        /// The gate does not pass.
        GateNotPassed = "GATE_NOT_PASSED",
        /// The type is not on the tenant's automatic list.
        TypeNotListed = "TYPE_NOT_LISTED",
        /// The event EMQ of the last 24 hours is too low for this type.
        EmqBandTooLow = "EMQ_BAND_TOO_LOW",
    }
}

/// What automatic approval looks at beside the tenant's settings.
#[derive(Debug, Clone, Copy)]
pub struct AutomaticFacts<'a> {
    /// What the action does.
    pub action_type: ActionType,
    /// The farthest mode that the tenant's tier allows.
    pub mode_ceiling: AutopilotMode,
    /// Whether a kill switch is engaged.
    pub frozen: bool,
    /// Whether the tenant's enforcement is switched on.
    pub enforcement_enabled: bool,
    /// The check of the action made now.
    pub check: &'a EnforcementCheck,
    /// What the gate says now.
    pub gate: GateDecision,
    /// The band of the mean event EMQ of the last 24 hours; no event at all is `POOR`.
    pub event_emq_band: EmqBand,
}

/// Whether the system approves, and if not, every reason.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct AutomaticApproval {
    /// Whether the system may approve the action.
    pub approved: bool,
    /// Every condition that does not hold, in the order of the vocabulary.
    pub reasons: Vec<AutomaticRefusal>,
}

/// Whether the system may approve an action: every condition must hold, else it waits for a person.
///
/// EMQ only narrows the tenant's list: excellent leaves it whole, good leaves its protective types, fair its budget and
/// bid decreases, poor nothing. The gate itself never looks at it.
#[must_use]
pub fn automatic(settings: &ApprovalSettings, facts: &AutomaticFacts<'_>) -> AutomaticApproval {
    let mode = settings.mode.min(facts.mode_ceiling);
    let reasons: Vec<AutomaticRefusal> = [
        (mode == AutopilotMode::GuardedAuto, AutomaticRefusal::ModeLeavesItToPeople),
        (!facts.frozen, AutomaticRefusal::KillSwitchActive),
        (facts.enforcement_enabled, AutomaticRefusal::EnforcementDisabled),
        (facts.check.allowed && !facts.check.requires_confirmation, AutomaticRefusal::LimitViolated),
        (facts.gate == GateDecision::Pass, AutomaticRefusal::GateNotPassed),
        (settings.auto_approve_types.contains(&facts.action_type), AutomaticRefusal::TypeNotListed),
        (facts.event_emq_band.automation().may_approve(facts.action_type), AutomaticRefusal::EmqBandTooLow),
    ]
    .into_iter()
    .filter_map(|(holds, refusal)| (!holds).then_some(refusal))
    .collect();
    AutomaticApproval { approved: reasons.is_empty(), reasons }
}

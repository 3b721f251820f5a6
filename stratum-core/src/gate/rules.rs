//! The rule table: which conditions a platform meets. The row form and the columns form both ask here, and nowhere else.
//!
//! Source: the project's specification, section 2, rows 1 to 11. What concerns the request as a whole (another tenant's
//! snapshot, row 1; frozen, row 2) is added by the caller.

use super::{
    CLOCK_TOLERANCE_MS, DATA_HOLD_AFTER_MS, GateReason, SNAPSHOT_BLOCK_AFTER_MS, SNAPSHOT_HOLD_AFTER_MS,
};
use crate::policy::CompiledTrustPolicy;
use crate::vocabulary::{GateDecision, GateSubject};

/// A set of reason codes, one bit each.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct ReasonSet(u16);

impl ReasonSet {
    pub(super) const EMPTY: Self = Self(0);

    const BLOCKING: Self = Self::of_decision(GateDecision::Block);
    const HOLDING: Self = Self::of_decision(GateDecision::Hold);

    pub(super) const fn only(code: GateReason) -> Self {
        Self(1 << code.index())
    }

    pub(super) const fn with(self, code: GateReason) -> Self {
        Self(self.0 | Self::only(code).0)
    }

    pub(super) const fn when(self, condition: bool, code: GateReason) -> Self {
        if condition { self.with(code) } else { self }
    }

    pub(super) const fn contains(self, code: GateReason) -> bool {
        self.0 & Self::only(code).0 != 0
    }

    pub(super) const fn bits(self) -> u16 {
        self.0
    }

    /// The strictest result among the codes; no code at all is a pass.
    pub(super) const fn decision(self) -> GateDecision {
        if self.0 & Self::BLOCKING.0 != 0 {
            GateDecision::Block
        } else if self.0 & Self::HOLDING.0 != 0 {
            GateDecision::Hold
        } else {
            GateDecision::Pass
        }
    }

    #[expect(
        clippy::indexing_slicing,
        clippy::arithmetic_side_effects,
        reason = "runs when compiling; a constant function cannot iterate"
    )]
    const fn of_decision(decision: GateDecision) -> Self {
        let mut set = Self::EMPTY;
        let mut position = 0;
        while position < GateReason::ALL.len() {
            let code = GateReason::ALL[position];
            set = set.when(code.decision().index() == decision.index(), code);
            position += 1;
        }
        set
    }
}

/// What the rules need to know of one platform.
#[derive(Debug, Clone, Copy)]
pub(super) struct PlatformState {
    /// 0 to 100; anything else is invalid input.
    pub(super) score: f64,
    /// 0 to 100; 0 means that nothing was measured.
    pub(super) coverage_pct: f64,
    /// Credentials invalid, or every request failed.
    pub(super) api_down: bool,
    /// Milliseconds since the snapshot was computed; negative if it lies ahead.
    pub(super) snapshot_age_ms: i64,
    /// Milliseconds since the newest platform data; `None` if unknown.
    pub(super) data_age_ms: Option<i64>,
    /// A critical incident is open.
    pub(super) critical_incident: bool,
    /// A required component has no score.
    pub(super) component_missing: bool,
}

/// Every condition that one platform with a snapshot meets.
#[expect(
    clippy::neg_cmp_op_on_partial_ord,
    reason = "written so that NaN never passes: what cannot be compared is below every limit"
)]
pub(super) fn conditions(
    policy: &CompiledTrustPolicy,
    subject: GateSubject,
    state: &PlatformState,
) -> ReasonSet {
    let from_future = state.snapshot_age_ms < -CLOCK_TOLERANCE_MS;
    let data_fresh =
        state.data_age_ms.is_some_and(|age| (-CLOCK_TOLERANCE_MS..=DATA_HOLD_AFTER_MS).contains(&age));

    ReasonSet::EMPTY
        .when(!(0.0..=100.0).contains(&state.score), GateReason::InvalidInput)
        .when(!(state.coverage_pct > 0.0), GateReason::NoData)
        .when(state.api_down, GateReason::ApiDown)
        .when(state.snapshot_age_ms > SNAPSHOT_BLOCK_AFTER_MS || from_future, GateReason::HealthExpired)
        .when(state.snapshot_age_ms > SNAPSHOT_HOLD_AFTER_MS, GateReason::HealthStale)
        .when(!data_fresh, GateReason::DataStale)
        .when(state.critical_incident, GateReason::IncidentOpen)
        .when(state.component_missing, GateReason::ComponentMissing)
        .when(!(state.score >= policy.block_below()), GateReason::HealthUnhealthy)
        .when(!(state.score >= policy.threshold(subject)), GateReason::HealthBelowThreshold)
}

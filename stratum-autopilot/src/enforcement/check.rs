//! The one function that checks a change against every limit.

use serde::{Deserialize, Serialize};
use stratum_core::order;

use super::compiled::Limit;
use super::{
    CheckSubject, CompiledEnforcement, EnforcementFacts, EnforcementMode, Violation, ViolationKind,
    ViolationType, rules,
};

/// What enforcement says about a change.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct EnforcementCheck {
    /// Whether the change may run: no violation, or advisory ones only.
    pub allowed: bool,
    /// The strictest mode among the violated limits; `ADVISORY` where none is violated.
    pub mode: EnforcementMode,
    /// Whether a person's confirmation would allow it.
    pub requires_confirmation: bool,
    /// Every violated limit: by type, then kind, built-in before own rules, then rule id.
    pub violations: Vec<Violation>,
    /// The campaign that ought to be paused, where this check found one and no pause of it is open yet.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub propose_pause_of: Option<String>,
}

impl EnforcementCheck {
    /// The violations of one mode.
    pub fn of_mode(&self, mode: EnforcementMode) -> impl Iterator<Item = &Violation> {
        self.violations.iter().filter(move |violation| violation.mode == mode)
    }

    /// Whether a violation of this kind was found.
    #[must_use]
    pub fn has_kind(&self, kind: ViolationKind) -> bool {
        self.violations.iter().any(|violation| violation.kind == Some(kind))
    }

    /// Whether a violation of this type was found.
    #[must_use]
    pub fn has_type(&self, violation_type: ViolationType) -> bool {
        self.violations.iter().any(|violation| violation.violation_type == violation_type)
    }
}

/// Checks a change against every limit of the tenant, and finds all that it violates.
///
/// Exactly at a limit is allowed. What is unknown violates the limit that needs it. Infallible on purpose: facts that
/// make no sense give violations, not an error that a caller could forget to handle.
#[must_use]
pub fn check(
    enforcement: &CompiledEnforcement,
    subject: &CheckSubject,
    facts: &EnforcementFacts,
) -> EnforcementCheck {
    let mut checking = Checking { enforcement, subject, facts, violations: Vec::new() };
    rules::budget(&mut checking);
    rules::change_limits(&mut checking);
    let mut propose_pause_of = None;
    if subject.is_raising() {
        rules::roas(&mut checking);
        rules::daily_spend(&mut checking);
        propose_pause_of = rules::pause_required(&mut checking);
        rules::ad_frequency(&mut checking);
    }
    let mut violations = checking.violations;
    order::few(&mut violations, |a, b| {
        (a.violation_type, a.kind, &a.rule_id).cmp(&(b.violation_type, b.kind, &b.rule_id))
    });
    let mode = violations.iter().map(|violation| violation.mode).max().unwrap_or(EnforcementMode::Advisory);
    EnforcementCheck {
        allowed: mode == EnforcementMode::Advisory,
        mode,
        requires_confirmation: mode == EnforcementMode::SoftBlock,
        violations,
        propose_pause_of,
    }
}

/// A check under way: what the rules read, and what they have found.
pub(super) struct Checking<'a> {
    pub(super) enforcement: &'a CompiledEnforcement,
    pub(super) subject: &'a CheckSubject,
    pub(super) facts: &'a EnforcementFacts,
    violations: Vec<Violation>,
}

impl<'a> Checking<'a> {
    /// The limits of a type that apply to the subject.
    pub(super) fn limits(&self, violation_type: ViolationType) -> impl Iterator<Item = &'a Limit> + use<'a> {
        self.enforcement.limits(violation_type, self.subject.platform)
    }

    /// Notes a violation.
    pub(super) fn found(&mut self, violation: Violation) {
        self.violations.push(violation);
    }
}

impl Limit {
    /// A violation of this limit, in the limit's own unit.
    pub(super) fn violated(
        &self,
        violation_type: ViolationType,
        kind: Option<ViolationKind>,
        actual: Option<f64>,
        message: String,
    ) -> Violation {
        Violation {
            violation_type,
            kind,
            message,
            limit: Some(self.shown),
            actual,
            mode: self.mode,
            rule_id: self.rule_id.clone(),
            allowed_max_cents: None,
            allowed_from: None,
        }
    }
}

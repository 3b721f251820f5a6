//! Two answers as one: the reasons against it kept apart by kind, and what would change it.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};
use stratum_core::gate::{self, GateEvaluation, Reason, ReasonKind, Remedy};
use stratum_core::policy::CompiledTrustPolicy;
use stratum_core::vocabulary::{HealthComponent, Platform};
use stratum_core::{Timestamp, enumeration};

use super::DecisionFacts;
use crate::enforcement::{EnforcementCheck, EnforcementMode, Violation, ViolationKind};

enumeration! {
    /// Who refused.
    pub enum RefusalSource "refusal source" {
        /// The trust gate.
        Gate = "GATE",
        /// The tenant's limits.
        Enforcement = "ENFORCEMENT",
    }
}

/// One reason why a change does not execute. Its numbers stand in the answer of its source.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Refusal {
    /// Who refused.
    pub source: RefusalSource,
    /// The reason code of the gate, the violation type of enforcement, or `NOT_CHECKED`.
    pub code: Cow<'static, str>,
    /// Which limit of the violation type.
    pub violation_kind: Option<ViolationKind>,
    /// The tenant's own rule.
    pub rule_id: Option<String>,
    /// On which platform.
    pub platform: Option<Platform>,
    /// About which component.
    pub component: Option<HealthComponent>,
    /// The reason as a sentence; nothing depends on it.
    pub message: String,
}

impl Refusal {
    fn of_gate(reason: &Reason) -> Self {
        Self {
            source: RefusalSource::Gate,
            code: reason.code.as_str().into(),
            violation_kind: None,
            rule_id: None,
            platform: reason.platform,
            component: reason.component,
            message: reason.message(),
        }
    }

    fn of_limit(violation: &Violation) -> Self {
        Self {
            source: RefusalSource::Enforcement,
            code: violation.violation_type.as_str().into(),
            violation_kind: violation.kind,
            rule_id: violation.rule_id.clone(),
            platform: None,
            component: None,
            message: violation.message.clone(),
        }
    }

    fn not_checked() -> Self {
        Self {
            source: RefusalSource::Enforcement,
            code: "NOT_CHECKED".into(),
            violation_kind: None,
            rule_id: None,
            platform: None,
            component: None,
            message: "the tenant's limits were not checked".to_owned(),
        }
    }
}

/// Why a change does not execute. What is not permitted or not evaluated executes as little as what is forbidden.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Refusals {
    /// A rule said no.
    pub forbidden: Vec<Refusal>,
    /// Nothing said yes.
    pub not_permitted: Vec<Refusal>,
    /// An input is missing, stale or broken.
    pub not_evaluated: Vec<Refusal>,
}

impl Refusals {
    pub(super) fn of(gate: &GateEvaluation, check: Option<&EnforcementCheck>, unchecked: bool) -> Self {
        let mut refusals = Self::default();
        for reason in gate.reasons() {
            refusals.note(reason.code.kind(), || Refusal::of_gate(reason));
        }
        for violation in refusing(check) {
            refusals.note(kind_of(violation), || Refusal::of_limit(violation));
        }
        if unchecked {
            refusals.not_evaluated.push(Refusal::not_checked());
        }
        refusals
    }

    /// Whether nothing speaks against the change.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.forbidden.is_empty() && self.not_permitted.is_empty() && self.not_evaluated.is_empty()
    }

    fn note(&mut self, kind: ReasonKind, refusal: impl FnOnce() -> Refusal) {
        match kind {
            ReasonKind::Permitted => {}
            ReasonKind::Forbidden => self.forbidden.push(refusal()),
            ReasonKind::NotPermitted => self.not_permitted.push(refusal()),
            ReasonKind::NotEvaluated => self.not_evaluated.push(refusal()),
        }
    }
}

/// The violations that keep a change from executing; an advisory one is a warning.
fn refusing(check: Option<&EnforcementCheck>) -> impl Iterator<Item = &Violation> {
    let violations = check.map(|check| check.violations.as_slice()).unwrap_or_default();
    violations.iter().filter(|violation| violation.mode != EnforcementMode::Advisory)
}

/// A limit that could not be compared was not evaluated; a hard one said no; for a soft one nobody has said yes.
const fn kind_of(violation: &Violation) -> ReasonKind {
    match (violation.actual, violation.mode) {
        (None, _) => ReasonKind::NotEvaluated,
        (Some(_), EnforcementMode::HardBlock) => ReasonKind::Forbidden,
        (Some(_), EnforcementMode::SoftBlock) => ReasonKind::NotPermitted,
        (Some(_), EnforcementMode::Advisory) => ReasonKind::Permitted,
    }
}

/// What would change the answer.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct WouldChange {
    /// What would make the gate pass: the components that must rise and how far, the data that must arrive.
    pub remedies: Vec<Remedy>,
    /// The largest `after_cents` that every limit would allow, from `allowed_from` on where that is given; null if no
    /// smaller increase is allowed either.
    pub allowed_max_cents: Option<i64>,
    /// The instant from which every limit would allow the change, at most to `allowed_max_cents` where that is given.
    pub allowed_from: Option<Timestamp>,
    /// Whether a person's confirmation would lift what enforcement refuses.
    pub confirmation: bool,
    /// Whether a person with the right to override may execute it although the gate does not pass.
    pub gate_override: bool,
}

impl WouldChange {
    pub(super) fn of(
        policy: &CompiledTrustPolicy,
        facts: &DecisionFacts,
        gate: &GateEvaluation,
        check: Option<&EnforcementCheck>,
    ) -> Self {
        let before = facts.limits.as_ref().and_then(|limits| limits.change.change.cents()).map(|(b, _)| b);
        let (allowed_max_cents, allowed_from) = bounds(refusing(check), before);
        Self {
            remedies: gate::remedies(policy, &facts.gate, gate),
            allowed_max_cents,
            allowed_from,
            confirmation: check.is_some_and(|check| check.requires_confirmation),
            gate_override: gate.override_possible(facts.gate.action_type).is_ok(),
        }
    }
}

/// The largest amount and the earliest instant at which none of the violations stands any more; neither, if one of them
/// gives way to no amount and no time.
fn bounds<'a>(
    violations: impl Iterator<Item = &'a Violation>,
    before_cents: Option<i64>,
) -> (Option<i64>, Option<Timestamp>) {
    let (mut most, mut from): (Option<i64>, Option<Timestamp>) = (None, None);
    for violation in violations {
        match (violation.allowed_max_cents, violation.allowed_from) {
            (None, None) => return (None, None),
            (max, at) => {
                most = max.map_or(most, |max| Some(most.map_or(max, |least| least.min(max))));
                from = at.map_or(from, |at| Some(from.map_or(at, |latest| latest.max(at))));
            }
        }
    }
    // A largest amount that is no increase is no way out, and then the instant is none either.
    if most.zip(before_cents).is_some_and(|(most, before)| most <= before) {
        return (None, None);
    }
    (most, from)
}

//! The decision for one change: the rule table over every platform concerned, with all reasons.

use serde::Serialize;

use super::evidence::GatePass;
use super::rules::{PlatformState, ReasonSet, conditions};
use super::{
    DATA_HOLD_AFTER_MS, GateFacts, GateReason, PASS_VALID_FOR_MS, Reason, SNAPSHOT_BLOCK_AFTER_MS,
    SNAPSHOT_HOLD_AFTER_MS,
};
use crate::canonical::Digest;
use crate::health::HealthSnapshot;
use crate::math::{amount, round9};
use crate::order;
use crate::policy::CompiledTrustPolicy;
use crate::score::Score;
use crate::time::{HOUR_MS, MINUTE_MS, Timestamp};
use crate::vocabulary::{GateDecision, GateSubject, IncidentSeverity, Platform};

/// How far a snapshot's score may be from what its own components add up to.
const CONTRADICTION_TOLERANCE: f64 = 1e-6;

/// What the gate said. Made by [`evaluate`] alone and not changeable, so that a pass is one.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct GateEvaluation {
    decision: GateDecision,
    /// The lowest score among the platforms; null where one has no snapshot.
    score: Option<Score>,
    /// The score from which this change passes, 70 to 100.
    threshold: f64,
    /// Block before hold, then in the order of the rule table, then by platform; a pass has the reason `OK`.
    reasons: Vec<Reason>,
    /// Until when a pass holds; null otherwise.
    valid_until: Option<Timestamp>,
    evaluated_at: Timestamp,
    /// SHA-256 of the policy that decided.
    policy_digest: Digest,
    #[serde(skip)]
    pass: Option<GatePass>,
}

impl GateEvaluation {
    /// `PASS`, `HOLD` or `BLOCK`.
    #[must_use]
    pub const fn decision(&self) -> GateDecision {
        self.decision
    }

    /// The lowest score among the platforms concerned; `None` where one has no snapshot.
    #[must_use]
    pub const fn score(&self) -> Option<Score> {
        self.score
    }

    /// The score from which this change passes, 70 to 100.
    #[must_use]
    pub const fn threshold(&self) -> f64 {
        self.threshold
    }

    /// Every reason: block before hold, then in the order of the rule table, then by platform. Never empty.
    #[must_use]
    pub fn reasons(&self) -> &[Reason] {
        &self.reasons
    }

    /// Until when a pass holds: five minutes, or the rest of the snapshot's hour if that is shorter.
    #[must_use]
    pub const fn valid_until(&self) -> Option<Timestamp> {
        self.valid_until
    }

    /// The instant of the decision.
    #[must_use]
    pub const fn evaluated_at(&self) -> Timestamp {
        self.evaluated_at
    }

    /// SHA-256 of the policy that decided.
    #[must_use]
    pub const fn policy_digest(&self) -> Digest {
        self.policy_digest
    }

    /// The evidence of a pass, from which a permit can be made; `None` unless the decision is `PASS`.
    #[must_use]
    pub const fn pass(&self) -> Option<&GatePass> {
        self.pass.as_ref()
    }

    /// Whether a reason of this code was given.
    #[must_use]
    pub fn has(&self, code: GateReason) -> bool {
        self.reasons.iter().any(|reason| reason.code == code)
    }
}

/// Decides whether a change may run: every platform concerned is asked, the strictest answer wins.
///
/// Infallible on purpose: facts that make no sense are a `BLOCK` with `INVALID_INPUT`, not an error that a caller could
/// forget to handle.
#[must_use]
pub fn evaluate(policy: &CompiledTrustPolicy, facts: &GateFacts) -> GateEvaluation {
    let mut reasons = Vec::new();
    if facts.platforms.is_empty() {
        reasons.push(Reason::new(GateReason::InvalidInput, None));
    }
    if facts.frozen {
        reasons.push(Reason::new(GateReason::Frozen, None));
    }
    for snapshot in &facts.snapshots {
        if snapshot.tenant_id != facts.tenant_id || !facts.platforms.contains(&snapshot.platform) {
            reasons.push(Reason::new(GateReason::InvalidInput, Some(snapshot.platform)));
        }
    }

    let mut lowest = None;
    let mut every_platform_has_one = true;
    let mut snapshots_hold_from: Option<Timestamp> = None;
    for &platform in &facts.platforms {
        match snapshot_of(facts, platform) {
            Ok(snapshot) => {
                explain(policy, facts, snapshot, &mut reasons);
                lowest = Some(lowest.map_or(snapshot.score, |score: Score| score.min(snapshot.score)));
                let holds_from = snapshot.computed_at.plus_millis(SNAPSHOT_HOLD_AFTER_MS);
                snapshots_hold_from =
                    Some(snapshots_hold_from.map_or(holds_from, |earlier| earlier.min(holds_from)));
            }
            Err(code) => {
                reasons.push(Reason::new(code, Some(platform)));
                every_platform_has_one = false;
            }
        }
    }
    conclude(policy, facts, lowest.filter(|_| every_platform_has_one), snapshots_hold_from, reasons)
}

/// The one snapshot of a platform; the reason where there is none, or more than one.
fn snapshot_of(facts: &GateFacts, platform: Platform) -> Result<&HealthSnapshot, GateReason> {
    let mut of_platform = facts
        .snapshots
        .iter()
        .filter(|snapshot| snapshot.platform == platform && snapshot.tenant_id == facts.tenant_id);
    match (of_platform.next(), of_platform.next()) {
        (Some(snapshot), None) => Ok(snapshot),
        (None, _) => Err(GateReason::NoData),
        (Some(_), Some(_)) => Err(GateReason::InvalidInput),
    }
}

fn conclude(
    policy: &CompiledTrustPolicy,
    facts: &GateFacts,
    score: Option<Score>,
    snapshots_hold_from: Option<Timestamp>,
    mut reasons: Vec<Reason>,
) -> GateEvaluation {
    let threshold = policy.threshold(facts.action_type);
    let found = reasons.iter().fold(ReasonSet::EMPTY, |set, reason| set.with(reason.code));
    let decision = found.decision();
    let valid_until = match (decision, snapshots_hold_from) {
        (GateDecision::Pass, Some(hold_from)) => {
            Some(facts.now.plus_millis(PASS_VALID_FOR_MS).min(hold_from))
        }
        _ => None,
    };
    if reasons.is_empty() {
        reasons.push(Reason::new(GateReason::Ok, None).compared(score.map(Score::get), threshold));
    } else {
        // `BLOCK` stands last in the vocabulary, so reversed it comes first.
        let place = |reason: &Reason| {
            (std::cmp::Reverse(reason.code.decision()), reason.code, reason.platform, reason.component)
        };
        order::few(&mut reasons, |a, b| place(a).cmp(&place(b)));
    }
    GateEvaluation {
        decision,
        score,
        threshold,
        reasons,
        valid_until,
        evaluated_at: facts.now,
        policy_digest: policy.digest(),
        pass: valid_until.zip(score).map(|(until, score)| GatePass::new(facts, score, until)),
    }
}

/// Adds every reason that one platform gives.
fn explain(
    policy: &CompiledTrustPolicy,
    facts: &GateFacts,
    snapshot: &HealthSnapshot,
    reasons: &mut Vec<Reason>,
) {
    let platform = snapshot.platform;
    let missing =
        || policy.required_components().filter(|&component| snapshot.component(component).is_none());
    let state = PlatformState {
        score: snapshot.score.get(),
        coverage_pct: snapshot.coverage_pct,
        api_down: snapshot.api.is_down(),
        snapshot_age_ms: facts.now.millis_since(snapshot.computed_at),
        data_age_ms: snapshot.data_as_of.map(|at| facts.now.millis_since(at)),
        critical_incident: facts
            .incidents
            .iter()
            .any(|incident| incident.platform == platform && incident.severity == IncidentSeverity::Critical),
        component_missing: missing().next().is_some(),
    };
    let found = conditions(policy, facts.action_type, &state)
        .when(contradicts_itself(snapshot), GateReason::InvalidInput);
    if found == ReasonSet::EMPTY {
        return;
    }
    for &code in GateReason::ALL.iter().filter(|&&code| found.contains(code)) {
        let reason = Reason::new(code, Some(platform));
        if code == GateReason::ComponentMissing {
            reasons.extend(missing().map(|component| Reason { component: Some(component), ..reason }));
        } else {
            reasons.push(with_numbers(policy, facts.action_type, &state, reason));
        }
    }
}

fn with_numbers(
    policy: &CompiledTrustPolicy,
    subject: GateSubject,
    state: &PlatformState,
    reason: Reason,
) -> Reason {
    let units = |ms: i64, unit: i64| round9(amount(ms) / amount(unit));
    let snapshot_minutes = Some(units(state.snapshot_age_ms, MINUTE_MS));
    match reason.code {
        GateReason::HealthExpired => {
            reason.compared(snapshot_minutes, units(SNAPSHOT_BLOCK_AFTER_MS, MINUTE_MS))
        }
        GateReason::HealthStale => {
            reason.compared(snapshot_minutes, units(SNAPSHOT_HOLD_AFTER_MS, MINUTE_MS))
        }
        GateReason::DataStale => reason
            .compared(state.data_age_ms.map(|age| units(age, HOUR_MS)), units(DATA_HOLD_AFTER_MS, HOUR_MS)),
        GateReason::HealthUnhealthy => reason.compared(Some(state.score), policy.block_below()),
        GateReason::HealthBelowThreshold => reason.compared(Some(state.score), policy.threshold(subject)),
        _ => reason,
    }
}

/// Whether the score is not what the snapshot's own components add up to: such a snapshot was not made by us, or was
/// changed since.
#[expect(clippy::neg_cmp_op_on_partial_ord, reason = "a weight of NaN contradicts, too")]
fn contradicts_itself(snapshot: &HealthSnapshot) -> bool {
    let sum: f64 = snapshot
        .components
        .iter()
        .map(|reading| reading.score.map_or(0.0, |score| reading.weight * score.get()))
        .sum();
    !((sum / 100.0 - snapshot.score.get()).abs() <= CONTRADICTION_TOLERANCE)
}

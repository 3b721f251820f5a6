//! The decision at the claim: may this action, or this pair, be executed now?

use std::fmt;

use stratum_core::Timestamp;
use stratum_core::gate::{GateEvaluation, GateFacts, ManualOverride, PASS_VALID_FOR_MS, evaluate};
use stratum_core::policy::CompiledTrustPolicy;

use crate::action::{Action, ActionState, Approver, Outcome, Refusal, RefusalCode, StatusReason};
use crate::approval::WaitingFor;
use crate::enforcement::{
    ClaimVerdict, CompiledEnforcement, Confirmation, EnforcementCheck, EnforcementFacts, at_claim,
};
use crate::permit::{Permit, PermitBasis, PermitRefusal};

/// Everything that the decision looks at, read in the transaction that stores its result.
#[derive(Debug, Clone, Copy)]
pub struct ClaimFacts<'a> {
    /// The tenant's trust policy.
    pub trust: &'a CompiledTrustPolicy,
    /// The tenant's limits.
    pub enforcement: &'a CompiledEnforcement,
    /// What the gate decides on: about this action, with freshly read snapshots of every platform concerned and every kill
    /// switch. Its `now` is the instant of the claim.
    pub gate: &'a GateFacts,
    /// What enforcement looks at.
    pub limits: &'a EnforcementFacts,
    /// The confirmation that stays with the action, if it has one.
    pub confirmation: Option<&'a Confirmation>,
}

/// What was decided about one action, with both verdicts for the audit.
#[derive(Debug)]
pub struct ClaimDecision {
    /// What the gate said.
    pub gate: GateEvaluation,
    /// What enforcement said.
    pub check: EnforcementCheck,
    /// What happens.
    pub step: ClaimStep,
}

/// What happens to an action that an executor wants to claim.
#[derive(Debug)]
pub enum ClaimStep {
    /// It is executed: store the claimed action and the intent entry together, then give the permit to the platform.
    Execute {
        /// The action as claimed. The store still has it as approved.
        action: Box<Action>,
        /// The right to apply it.
        permit: Box<Permit>,
    },
    /// It stays approved.
    Wait {
        /// What it waits for.
        waiting_for: WaitingFor,
        /// From when the change limits allow it, where they are all it waits for.
        until: Option<Timestamp>,
    },
    /// A hard limit forbids it: store it as failed.
    Fail(Box<Action>),
}

/// Why there was nothing to decide.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ClaimRefusal {
    /// The action is in a state from which it cannot be claimed, or has expired.
    State(Refusal),
    /// The facts are about something else than the action.
    NotPermitted(PermitRefusal),
    /// The action is half of a pair, and was not decided about together with the other half.
    HalfOfPair,
}

impl fmt::Display for ClaimRefusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::State(refusal) => refusal.fmt(f),
            Self::NotPermitted(refusal) => write!(f, "no permit: {refusal}"),
            Self::HalfOfPair => {
                f.write_str("this is half of a pair, which is released together or not at all")
            }
        }
    }
}

impl std::error::Error for ClaimRefusal {}

/// Decides whether an approved action is executed now. Changes nothing: the result is for the caller to store.
///
/// A kill switch comes first, then the gate (or the override that the approval carries), then the limits. Whatever says no
/// leaves the action approved, except a hard limit, for which it fails.
///
/// # Errors
/// [`ClaimRefusal`]; `HalfOfPair` for every action with a `pair_id`: [`claim_pair`] decides about those.
pub fn claim(action: &Action, facts: &ClaimFacts<'_>) -> Result<ClaimDecision, ClaimRefusal> {
    if action.pair_id().is_some() {
        return Err(ClaimRefusal::HalfOfPair);
    }
    decide(action, facts)
}

/// Decides whether the second half of a pair is executed now, after the first half was applied: what was released together
/// goes on together. The gate facts name the platforms of both.
///
/// # Errors
/// [`ClaimRefusal`]; `HalfOfPair` if `applied` is not the other half, or not applied.
pub fn claim_second_half(
    action: &Action,
    applied: &Action,
    facts: &ClaimFacts<'_>,
) -> Result<ClaimDecision, ClaimRefusal> {
    if !are_a_pair(action, applied) || applied.state() != ActionState::Applied {
        return Err(ClaimRefusal::HalfOfPair);
    }
    names_both([action, applied], facts)?;
    decide(action, facts)
}

fn are_a_pair(one: &Action, other: &Action) -> bool {
    one.pair_id().is_some()
        && one.pair_id() == other.pair_id()
        && one.tenant_id() == other.tenant_id()
        && one.id() != other.id()
}

fn names_both(halves: [&Action; 2], facts: &ClaimFacts<'_>) -> Result<(), ClaimRefusal> {
    if halves.iter().all(|half| facts.gate.platforms.contains(&half.platform())) {
        Ok(())
    } else {
        Err(ClaimRefusal::NotPermitted(PermitRefusal::EvidenceMismatch))
    }
}

fn decide(action: &Action, facts: &ClaimFacts<'_>) -> Result<ClaimDecision, ClaimRefusal> {
    let now = facts.gate.now;
    let mut claimed = action.clone();
    claimed.claim(now).map_err(ClaimRefusal::State)?;

    let gate = evaluate(facts.trust, facts.gate);
    let ruling = at_claim(facts.enforcement, action, facts.limits, facts.confirmation);
    let overridden = override_of(action, facts);
    let basis = match (gate.pass(), &overridden) {
        (Some(pass), _) => PermitBasis::Gate(pass),
        (None, Some(given)) => PermitBasis::Override(given),
        (None, None) => {
            let waiting_for = if facts.gate.frozen { WaitingFor::KillSwitch } else { WaitingFor::Gate };
            let step = ClaimStep::Wait { waiting_for, until: None };
            return Ok(ClaimDecision { gate, check: ruling.check, step });
        }
    };
    let step = match ruling.verdict {
        ClaimVerdict::Apply(clearance) => {
            let permit =
                Permit::issue(&claimed, basis, clearance, now).map_err(ClaimRefusal::NotPermitted)?;
            ClaimStep::Execute { action: Box::new(claimed), permit: Box::new(permit) }
        }
        ClaimVerdict::Wait { waiting_for, until } => ClaimStep::Wait { waiting_for, until },
        ClaimVerdict::Fail(reason) => ClaimStep::Fail(Box::new(failed(action, reason, now)?)),
    };
    Ok(ClaimDecision { gate, check: ruling.check, step })
}

/// The override that the approval carries, where these facts allow one.
///
/// A person decided on what the gate said when they approved. That decision holds as long as a pass does, five minutes:
/// later the signals may be worse than what was overridden, and the action waits for the gate like any other.
fn override_of(action: &Action, facts: &ClaimFacts<'_>) -> Option<ManualOverride> {
    let approval = action.approval()?;
    if facts.gate.now.millis_since(approval.at) > PASS_VALID_FOR_MS {
        return None;
    }
    let (Approver::User(user_id), Some(reason)) = (approval.by, approval.override_reason.as_deref()) else {
        return None;
    };
    ManualOverride::decide(facts.trust, facts.gate, user_id, reason).ok()
}

/// The action as failed, without a call: it is claimed and settled in one step that nobody sees halfway.
pub(super) fn failed(action: &Action, reason: StatusReason, now: Timestamp) -> Result<Action, ClaimRefusal> {
    let mut failed = action.clone();
    let lease = failed.claim(now).map_err(ClaimRefusal::State)?;
    failed.settle(lease.attempt, Outcome::Failed(reason), now).map_err(ClaimRefusal::State)?;
    Ok(failed)
}

/// What was decided about a pair: two actions on two platforms that move one budget.
#[derive(Debug)]
pub struct PairDecision {
    /// About the half that lowers, then about the half that raises.
    pub halves: [(GateEvaluation, EnforcementCheck); 2],
    /// What happens to both.
    pub step: PairStep,
}

/// What happens to a pair.
#[derive(Debug)]
pub enum PairStep {
    /// Both are executed, the lowering half first: between the two calls less is spent, never more.
    Execute(Box<[(Action, Permit); 2]>),
    /// Both stay approved.
    Wait {
        /// What the first of them that waits, waits for.
        waiting_for: WaitingFor,
        /// From when the change limits allow both, where they are all it waits for.
        until: Option<Timestamp>,
    },
    /// A hard limit forbids one of them: store both as failed.
    Fail(Box<[Action; 2]>),
}

/// Decides about both halves of a pair: they are released together or not at all.
///
/// The gate facts of each half name the platforms of both. Neither half runs after the other has ended without being
/// applied; a half whose other half is applied already is claimed with [`claim_second_half`].
///
/// # Errors
/// [`ClaimRefusal`] of either; `INVALID_TRANSITION` if the two are not one pair.
pub fn claim_pair(halves: [&Action; 2], facts: [&ClaimFacts<'_>; 2]) -> Result<PairDecision, ClaimRefusal> {
    let [mut first, mut second] = halves;
    let [mut first_facts, mut second_facts] = facts;
    if !are_a_pair(first, second) {
        let to = ActionState::Applying;
        let refusal = Refusal { code: RefusalCode::InvalidTransition, from: first.state(), to };
        return Err(ClaimRefusal::State(refusal));
    }
    for facts in facts {
        names_both(halves, facts)?;
    }
    if first.action_type().is_raising() {
        std::mem::swap(&mut first, &mut second);
        std::mem::swap(&mut first_facts, &mut second_facts);
    }
    let one = decide(first, first_facts)?;
    let other = decide(second, second_facts)?;
    let now = first_facts.gate.now;
    let step = match (one.step, other.step) {
        (
            ClaimStep::Execute { action, permit },
            ClaimStep::Execute { action: other_action, permit: other_permit },
        ) => PairStep::Execute(Box::new([(*action, *permit), (*other_action, *other_permit)])),
        (ClaimStep::Fail(ended), _) | (_, ClaimStep::Fail(ended)) => {
            let reason = ended.status_reason().unwrap_or(StatusReason::EnforcementBlocked);
            PairStep::Fail(Box::new([failed(first, reason, now)?, failed(second, reason, now)?]))
        }
        (ClaimStep::Wait { waiting_for, until }, ClaimStep::Wait { until: other_until, .. }) => {
            PairStep::Wait { waiting_for, until: until.zip(other_until).map(|(one, other)| one.max(other)) }
        }
        (ClaimStep::Wait { waiting_for, until }, ClaimStep::Execute { .. })
        | (ClaimStep::Execute { .. }, ClaimStep::Wait { waiting_for, until }) => {
            PairStep::Wait { waiting_for, until }
        }
    };
    Ok(PairDecision { halves: [(one.gate, one.check), (other.gate, other.check)], step })
}

//! One policy, or two side by side, tried on what is known of the past.

use serde::{Deserialize, Serialize};
use stratum_core::Timestamp;
use stratum_core::gate::GateReason;
use stratum_core::problem::{ProblemCollector, Problems};
use stratum_core::vocabulary::{GateDecision, GateSubject, Platform};

use super::history::{BacktestVerdict, CheckedHistory, PlatformHistory};
use super::run::{Backtest, BacktestPolicy, BacktestReport};
use crate::decision::DecisionRecord;

/// What would this policy have decided?
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct BacktestRequest {
    /// The policy to try; the defaults if absent.
    #[serde(default)]
    pub policy: BacktestPolicy,
    /// The health of the past, platform by platform; empty where only records are tried. It is tried on the gate alone:
    /// limits need a change to look at.
    pub history: Vec<PlatformHistory>,
    /// Which kinds of change are asked for at each point of the history.
    #[serde(default = "default_action_types")]
    pub action_types: Vec<GateSubject>,
    /// Recorded decisions, decided again: gate and limits.
    #[serde(default)]
    pub records: Vec<DecisionRecord>,
}

impl BacktestRequest {
    /// A question about a health history and the raising of budgets.
    #[must_use]
    pub fn new(policy: BacktestPolicy, history: Vec<PlatformHistory>) -> Self {
        Self { policy, history, action_types: default_action_types(), records: Vec::new() }
    }
}

fn default_action_types() -> Vec<GateSubject> {
    vec![GateSubject::BudgetIncrease]
}

/// What a policy would have decided.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct BacktestRun {
    /// How many of the verdicts are `PASS`.
    pub executed: u64,
    /// How many are `HOLD`.
    pub held: u64,
    /// How many are `BLOCK`.
    pub blocked: u64,
    /// Platform by platform and point by point as they were given, each for every kind of change.
    pub verdicts: Vec<BacktestVerdict>,
    /// What became of the recorded decisions; null without any.
    pub records: Option<BacktestReport>,
}

/// What would change if another policy had been in force?
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct ComparisonRequest {
    /// The policy in force; the defaults if absent.
    #[serde(default)]
    pub current: BacktestPolicy,
    /// The policy to try beside it.
    pub proposed: BacktestPolicy,
    /// As for one policy.
    pub history: Vec<PlatformHistory>,
    /// As for one policy.
    #[serde(default = "default_action_types")]
    pub action_types: Vec<GateSubject>,
    /// As for one policy; each policy is compared with what was recorded.
    #[serde(default)]
    pub records: Vec<DecisionRecord>,
}

impl ComparisonRequest {
    /// A question about a health history and the raising of budgets.
    #[must_use]
    pub fn new(current: BacktestPolicy, proposed: BacktestPolicy, history: Vec<PlatformHistory>) -> Self {
        Self { current, proposed, history, action_types: default_action_types(), records: Vec::new() }
    }
}

/// Two policies on the same past.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct BacktestComparison {
    /// By the policy in force.
    pub current: BacktestRun,
    /// By the one to try.
    pub proposed: BacktestRun,
    /// How many verdicts are `PASS` by the first alone.
    pub executed_but_would_be_held: u64,
    /// How many are `PASS` by the second alone.
    pub held_but_would_be_executed: u64,
    /// The verdicts that differ, in their order.
    pub changes: Vec<VerdictChange>,
}

/// A verdict that differs.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct VerdictChange {
    /// When.
    pub timestamp: Timestamp,
    /// On which platform.
    pub platform: Platform,
    /// To what kind of change.
    pub action_type: GateSubject,
    /// By the policy in force.
    pub from: GateDecision,
    /// By the one to try.
    pub to: GateDecision,
    /// Why the stricter of the two refuses.
    pub reasons: Vec<GateReason>,
}

/// Tries a policy on what is known of the past.
///
/// ```
/// use std::collections::BTreeMap;
/// use stratum_autopilot::backtest::{BacktestPolicy, BacktestRequest, PastHealth, PlatformHistory, run};
/// use stratum_core::policy::FIVE;
/// use stratum_core::vocabulary::{GateDecision, Platform};
///
/// let day = |timestamp: &str, score| {
///     let components = FIVE.iter().map(|&(component, _)| (component, Some(score))).collect::<BTreeMap<_, _>>();
///     PastHealth::new(timestamp.parse().unwrap(), components)
/// };
/// let points = vec![day("2026-02-27T00:00:00Z", 82.0), day("2026-02-28T00:00:00Z", 66.0)];
/// let history = vec![PlatformHistory { platform: Platform::Meta, points }];
///
/// let tried = run(&BacktestRequest::new(BacktestPolicy::default(), history)).unwrap();
/// assert_eq!((tried.executed, tried.held, tried.blocked), (1, 1, 0));
/// assert_eq!(tried.verdicts[1].decision, GateDecision::Hold);
/// ```
///
/// # Errors
/// Every problem at once: those of the policy below `/policy`, of the history (`out_of_range`, `not_a_number`) and
/// `duplicate_value`; else those of the first record that cannot be used, as [`super::backtest`] gives them.
pub fn run(request: &BacktestRequest) -> Result<BacktestRun, Problems> {
    let mut found = ProblemCollector::new();
    let policy = found.take("/policy", Backtest::new(&request.policy));
    let history = found.take("", CheckedHistory::new(&request.history, &request.action_types));
    match (policy, history) {
        (Some(policy), Some(history)) => run_one(policy, &history, &request.records),
        _ => Err(problems_of(found)),
    }
}

/// Tries two policies on the same past and tells what differs.
///
/// # Errors
/// As [`run`], the policies' below `/current` and `/proposed`.
pub fn compare(request: &ComparisonRequest) -> Result<BacktestComparison, Problems> {
    let mut found = ProblemCollector::new();
    let current = found.take("/current", Backtest::new(&request.current));
    let proposed = found.take("/proposed", Backtest::new(&request.proposed));
    let history = found.take("", CheckedHistory::new(&request.history, &request.action_types));
    let (Some(current), Some(proposed), Some(history)) = (current, proposed, history) else {
        return Err(problems_of(found));
    };
    let current = run_one(current, &history, &request.records)?;
    let proposed = run_one(proposed, &history, &request.records)?;
    let changes: Vec<VerdictChange> =
        current.verdicts.iter().zip(&proposed.verdicts).filter_map(change).collect();
    let passes = |of: fn(&VerdictChange) -> GateDecision| {
        changes
            .iter()
            .fold(0_u64, |sum, change| sum.saturating_add(u64::from(of(change) == GateDecision::Pass)))
    };
    Ok(BacktestComparison {
        executed_but_would_be_held: passes(|change| change.from),
        held_but_would_be_executed: passes(|change| change.to),
        current,
        proposed,
        changes,
    })
}

fn run_one(
    policy: Backtest,
    history: &CheckedHistory<'_>,
    records: &[DecisionRecord],
) -> Result<BacktestRun, Problems> {
    let verdicts = history.verdicts(policy.trust())?;
    let counted = |decision| {
        verdicts
            .iter()
            .fold(0_u64, |sum, verdict| sum.saturating_add(u64::from(verdict.decision == decision)))
    };
    Ok(BacktestRun {
        executed: counted(GateDecision::Pass),
        held: counted(GateDecision::Hold),
        blocked: counted(GateDecision::Block),
        records: if records.is_empty() { None } else { Some(policy.all(records)?.finish()) },
        verdicts,
    })
}

fn change((current, proposed): (&BacktestVerdict, &BacktestVerdict)) -> Option<VerdictChange> {
    if current.decision == proposed.decision {
        return None;
    }
    let stricter = if current.decision > proposed.decision { current } else { proposed };
    Some(VerdictChange {
        timestamp: current.timestamp,
        platform: current.platform,
        action_type: current.action_type,
        from: current.decision,
        to: proposed.decision,
        reasons: stricter.reasons.clone(),
    })
}

/// What was found; a sentence of its own for the case that cannot be, a refusal without a problem.
fn problems_of(found: ProblemCollector) -> Problems {
    let unexplained = || stratum_core::Problem::new("", "invalid_value", "the request was refused").into();
    found.into_problems().unwrap_or_else(unexplained)
}

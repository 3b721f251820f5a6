//! Recorded decisions, decided again by another policy.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use stratum_core::id::DecisionId;
use stratum_core::policy::{CompiledTrustPolicy, TrustPolicy};
use stratum_core::problem::{Problem, ProblemCollector, Problems};
use stratum_core::vocabulary::GateDecision;
use stratum_core::{Currency, Digest};

use crate::action::Change;
use crate::decision::{DecisionFacts, DecisionRecord, decide};
use crate::enforcement::{CompiledEnforcement, EnforcementSettings};

/// At most so many changed decisions are named.
pub const MAX_EXAMPLES: usize = 50;

/// The policy to try.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default)]
pub struct BacktestPolicy {
    /// The trust policy.
    pub trust: TrustPolicy,
    /// The limits; those that were in force at each decision if absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub enforcement: Option<EnforcementSettings>,
}

/// What another policy would have decided.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct BacktestReport {
    /// How many decisions were decided again: `would_execute` + `would_hold`.
    pub decisions: u64,
    /// How many came out otherwise, by what they were and what they would be.
    pub changed: Vec<ChangedDecisions>,
    /// How many would be `PASS`.
    pub would_execute: u64,
    /// How many would be `HOLD` or `BLOCK`.
    pub would_hold: u64,
    /// The first changed decisions that have an id; at most [`MAX_EXAMPLES`].
    pub examples: Vec<DecisionId>,
}

/// Decisions that came out otherwise.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ChangedDecisions {
    /// What was decided.
    pub from: GateDecision,
    /// What would be decided.
    pub to: GateDecision,
    /// How many.
    pub count: u64,
    /// By how much their budget changes move budgets, up and down added, in minor units of the tenant's currency.
    pub budget_cents: i64,
}

#[derive(Debug, Clone, Copy, Default)]
struct Tally {
    count: u64,
    budget_cents: i64,
}

/// A backtest under way.
#[derive(Debug, Clone)]
pub struct Backtest {
    trust: CompiledTrustPolicy,
    enforcement: Option<CompiledEnforcement>,
    /// The limits of the last record, compiled: neighbours in history mostly share them.
    limits_in_force: Option<(Digest, CompiledEnforcement)>,
    outcomes: BTreeMap<(GateDecision, GateDecision), Tally>,
    currency: Option<Currency>,
    examples: Vec<DecisionId>,
}

impl Backtest {
    /// Begins with no decision.
    ///
    /// # Errors
    /// Every problem of the policy, below `/trust` and `/enforcement`.
    pub fn new(policy: &BacktestPolicy) -> Result<Self, Problems> {
        let mut found = ProblemCollector::new();
        let trust = found.take("/trust", policy.trust.compile());
        let enforcement = policy.enforcement.as_ref().map(EnforcementSettings::compile);
        let enforcement = enforcement.and_then(|compiled| found.take("/enforcement", compiled));
        let trust = found.into_result(trust)?;
        let trust =
            trust.ok_or_else(|| Problem::new("/trust", "invalid_policy", "the policy does not compile"))?;
        Ok(Self {
            trust,
            enforcement,
            limits_in_force: None,
            outcomes: BTreeMap::new(),
            currency: None,
            examples: Vec::new(),
        })
    }

    /// Decides one recorded decision again. Nothing is counted of a record that gives an error.
    ///
    /// # Errors
    /// `digest_mismatch` and `invalid_record` for a record that cannot be trusted or read; `currency_mismatch` if its
    /// budget is in another currency than those before.
    pub fn add(&mut self, record: &DecisionRecord) -> Result<(), Problems> {
        record.check_digests()?;
        let facts = record.read_facts()?;
        let from = record.decision().ok_or_else(|| {
            Problem::new("/outcome/decision", "invalid_record", "the outcome names no decision")
        })?;
        let (budget_cents, currency) = budget_move(&facts).unzip();
        self.agree_on(currency)?;
        let limits = match &self.enforcement {
            Some(limits) => limits,
            None => limits_in_force(&mut self.limits_in_force, record)?,
        };
        let to = decide(&self.trust, limits, &facts)?.decision;

        self.currency = self.currency.or(currency);
        let tally = self.outcomes.entry((from, to)).or_default();
        tally.count = tally.count.saturating_add(1);
        tally.budget_cents = tally.budget_cents.saturating_add(budget_cents.unwrap_or(0));
        if from != to && self.examples.len() < MAX_EXAMPLES {
            self.examples.extend(record.decision_id);
        }
        Ok(())
    }

    /// Adds what another backtest of the same policy has counted.
    ///
    /// # Errors
    /// `policies_differ`, `currency_mismatch`.
    pub fn merge(&mut self, other: Self) -> Result<(), Problem> {
        let digest_of =
            |limits: &Option<CompiledEnforcement>| limits.as_ref().map(CompiledEnforcement::digest);
        if self.trust.digest() != other.trust.digest()
            || digest_of(&self.enforcement) != digest_of(&other.enforcement)
        {
            return Err(Problem::new("", "policies_differ", "the two backtests try different policies"));
        }
        self.agree_on(other.currency)?;
        self.currency = self.currency.or(other.currency);
        for (outcome, more) in other.outcomes {
            let tally = self.outcomes.entry(outcome).or_default();
            tally.count = tally.count.saturating_add(more.count);
            tally.budget_cents = tally.budget_cents.saturating_add(more.budget_cents);
        }
        self.examples.extend(other.examples);
        self.examples.truncate(MAX_EXAMPLES);
        Ok(())
    }

    /// The report.
    #[must_use]
    pub fn finish(self) -> BacktestReport {
        let mut report = BacktestReport { examples: self.examples, ..BacktestReport::default() };
        for ((from, to), Tally { count, budget_cents }) in self.outcomes {
            report.decisions = report.decisions.saturating_add(count);
            let side = match to {
                GateDecision::Pass => &mut report.would_execute,
                GateDecision::Hold | GateDecision::Block => &mut report.would_hold,
            };
            *side = side.saturating_add(count);
            if from != to {
                report.changed.push(ChangedDecisions { from, to, count, budget_cents });
            }
        }
        report
    }

    /// The trust policy that is tried.
    pub(super) const fn trust(&self) -> &CompiledTrustPolicy {
        &self.trust
    }

    /// Adds every record.
    ///
    /// # Errors
    /// The problems of the first record that cannot be used below `/records/{index}`.
    pub(super) fn all<'a>(
        mut self,
        records: impl IntoIterator<Item = &'a DecisionRecord>,
    ) -> Result<Self, Problems> {
        for (index, record) in records.into_iter().enumerate() {
            self.add(record).map_err(|problems| problems.under(&format!("/records/{index}")))?;
        }
        Ok(self)
    }

    fn agree_on(&self, currency: Option<Currency>) -> Result<(), Problem> {
        match (self.currency, currency) {
            (Some(ours), Some(theirs)) if ours != theirs => Err(Problem::new(
                "/facts/limits/change/change/currency",
                "currency_mismatch",
                format!("{ours} and {theirs} do not add"),
            )
            .help("backtest the decisions of one currency at a time")),
            _ => Ok(()),
        }
    }
}

/// The limits that were in force at a decision; compiled once for neighbours that share them.
fn limits_in_force<'a>(
    compiled: &'a mut Option<(Digest, CompiledEnforcement)>,
    record: &DecisionRecord,
) -> Result<&'a CompiledEnforcement, Problems> {
    let same = compiled.take().filter(|(digest, _)| *digest == record.policy_digest);
    let limits = match same {
        Some((_, limits)) => limits,
        None => {
            let settings = record.read_policy()?.enforcement;
            settings.compile().map_err(|problems| problems.under("/policy/enforcement"))?
        }
    };
    Ok(&compiled.insert((record.policy_digest, limits)).1)
}

/// By how much a change moves a budget, whichever way.
fn budget_move(facts: &DecisionFacts) -> Option<(i64, Currency)> {
    match facts.limits.as_ref()?.change.change {
        Change::Budget { before_cents, after_cents, currency, .. } => {
            Some((after_cents.saturating_sub(before_cents).saturating_abs(), currency))
        }
        Change::Bid { .. } | Change::Status { .. } => None,
    }
}

/// Decides recorded decisions again by another policy and reports what would have changed.
///
/// # Errors
/// The problems of the policy below `/policy`; those of the first record that cannot be used below `/records/{index}`.
pub fn backtest<'a>(
    records: impl IntoIterator<Item = &'a DecisionRecord>,
    policy: &BacktestPolicy,
) -> Result<BacktestReport, Problems> {
    let run = Backtest::new(policy).map_err(|problems| problems.under("/policy"))?;
    Ok(run.all(records)?.finish())
}

//! Whether a sync may run now, as every language asks for it.

use serde::{Deserialize, Serialize};
use stratum_core::gate::{GateEvaluation, GateFacts, GateReason};
use stratum_core::policy::TrustPolicy;
use stratum_core::problem::{Problem, ProblemCollector, Problems};
use stratum_core::vocabulary::{GateDecision, GateSubject};
use stratum_core::{Timestamp, enumeration};

use super::difference::SyncHold;
use super::permit::ask_gate;
use super::schedule::SyncInterval;

enumeration! {
    /// What started a sync.
    pub enum SyncTrigger "sync trigger" {
        /// A person.
        Manual = "MANUAL",
        /// Its schedule.
        Schedule = "SCHEDULE",
        /// A program; it waits for the gate as the schedule does.
        Api = "API",
    }
}

enumeration! {
    /// What a sync does now.
    pub enum SyncStep "sync step" {
        /// It runs.
        Run = "run",
        /// It runs because a person says so, although the gate holds: to be audited.
        RunByHand = "run_by_hand",
        /// It removes those who left, and asks again for those to be added.
        Wait = "wait",
        /// It removes those who left and fails for those to be added.
        Fail = "fail",
        /// It waits until a person confirms what a comparison holds: that the segment is empty, or that a replacement of which
        /// nobody can be sent is to take everybody out.
        Confirm = "confirm",
        /// It does not start: the same audience is being synced.
        Refuse = "refuse",
    }
}

/// A sync, and what the gate looks at.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct SyncCheckRequest {
    /// The tenant's trust policy; left out: the defaults.
    #[serde(default)]
    pub policy: TrustPolicy,
    /// What the gate looks at: `AUDIENCE_SYNC` on one platform. A kill switch does not stop it.
    pub facts: GateFacts,
    /// What started it.
    pub trigger: SyncTrigger,
    /// How many are to be added; where nobody is, the gate is not asked.
    pub adds: u64,
    /// Whether the comparison holds it.
    #[serde(default)]
    pub held: Option<SyncHold>,
    /// Whether the same audience is being synced.
    #[serde(default)]
    pub running: bool,
    /// When this run was due; now where left out.
    #[serde(default)]
    pub slot_at: Option<Timestamp>,
    /// The hours from run to run, 1 to 168; 24 where left out.
    #[serde(default)]
    pub interval_hours: Option<i64>,
    /// How many runs in a row failed before this one.
    #[serde(default)]
    pub failures: u32,
}

/// What a sync does now.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct SyncCheck {
    /// What it does.
    pub step: SyncStep,
    /// Whether people may be added.
    pub may_add: bool,
    /// Whether people may be removed: those who must leave, wherever the sync does not refuse to start.
    pub may_remove: bool,
    /// Why nobody is added, in the gate's words.
    pub held_by: Vec<GateReason>,
    /// What the gate said; nothing where it was not asked.
    pub gate: Option<GateEvaluation>,
    /// When it is tried next: a quarter of an hour later where the gate holds, else in its next slot.
    pub next_run_at: Timestamp,
}

impl SyncCheckRequest {
    /// Says what the sync does now.
    ///
    /// # Errors
    /// Every problem of the policy, under `/policy`; `invalid_value` for facts that are not about an audience on one
    /// platform; `out_of_range` for an interval that is none.
    pub fn check(&self) -> Result<SyncCheck, Problems> {
        let mut found = ProblemCollector::new();
        let policy = found.take("/policy", self.policy.compile());
        if self.facts.action_type != GateSubject::AudienceSync {
            let text = format!("this is about AUDIENCE_SYNC, not {}", self.facts.action_type);
            found.push(Problem::new("/facts/action_type", "invalid_value", text).help("write AUDIENCE_SYNC"));
        }
        if self.facts.platforms.len() != 1 {
            let text = "an audience is on one platform";
            found.push(Problem::new("/facts/platforms", "invalid_value", text).help("name one platform"));
        }
        let interval = self.interval_hours.map_or(Ok(SyncInterval::default()), SyncInterval::hours);
        let interval = found.take("/interval_hours", interval);
        let (Some(policy), Some(interval)) = (policy, interval) else {
            return Err(found
                .into_problems()
                .unwrap_or_else(|| Problem::new("", "invalid", "refused").into()));
        };
        found.into_result(())?;

        let gate = (self.adds > 0 && !self.running && self.held.is_none())
            .then(|| ask_gate(&policy, self.facts.clone()));
        let step = match (self.running, self.held, gate.as_ref().map(GateEvaluation::decision)) {
            (true, ..) => SyncStep::Refuse,
            (false, Some(_), _) => SyncStep::Confirm,
            (false, None, None | Some(GateDecision::Pass)) => SyncStep::Run,
            (false, None, Some(GateDecision::Hold)) if self.trigger == SyncTrigger::Manual => {
                SyncStep::RunByHand
            }
            (false, None, Some(GateDecision::Hold)) => SyncStep::Wait,
            (false, None, Some(GateDecision::Block)) => SyncStep::Fail,
        };
        let slot_at = self.slot_at.unwrap_or(self.facts.now);
        let held_by = match (&gate, step) {
            (Some(gate), SyncStep::Wait | SyncStep::Fail | SyncStep::RunByHand) => codes(gate),
            _ => Vec::new(),
        };
        Ok(SyncCheck {
            step,
            may_add: self.adds > 0 && matches!(step, SyncStep::Run | SyncStep::RunByHand),
            may_remove: step != SyncStep::Refuse,
            held_by,
            gate,
            next_run_at: match step {
                SyncStep::Wait => interval.hold_retry(slot_at, self.facts.now),
                SyncStep::Fail => interval.next_run(slot_at, self.failures.saturating_add(1)),
                _ => interval.next_run(slot_at, 0),
            },
        })
    }
}

/// The codes of the reasons, each once, as they stand.
fn codes(gate: &GateEvaluation) -> Vec<GateReason> {
    let mut codes = Vec::new();
    for reason in gate.reasons() {
        if !codes.contains(&reason.code) {
            codes.push(reason.code);
        }
    }
    codes
}

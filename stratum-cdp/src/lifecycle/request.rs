//! The stage of people, as every language asks for it.

use serde::{Deserialize, Serialize};
use stratum_core::Timestamp;
use stratum_core::problem::{Problem, ProblemCollector, Problems};

use super::{
    LifecycleEvaluation, LifecycleFacts, LifecycleLimit, LifecyclePolicy, LifecycleReason, LifecycleStage,
};

/// What is known of a person, and where the person stood.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct LifecycleRequest {
    /// The limits; the defaults where left out.
    #[serde(default)]
    pub policy: LifecyclePolicy,
    /// What is known.
    pub facts: LifecycleFacts,
    /// At which instant.
    pub now: Timestamp,
    /// Where the person stood until now; left out for somebody new.
    #[serde(default)]
    pub previous: Option<LifecycleStage>,
}

/// A change of stage, as it is recorded.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct LifecycleTransition {
    /// Where the person stood; nothing for somebody new.
    pub from: Option<LifecycleStage>,
    /// Where the person stands.
    pub to: LifecycleStage,
    /// Since when.
    pub at: Timestamp,
    /// Why.
    pub cause: LifecycleReason,
}

/// Where a person stands, and whether that is new.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct LifecycleResponse {
    /// Where the person stands.
    pub stage: LifecycleStage,
    /// Why.
    pub reason: LifecycleReason,
    /// What was found: days since the person was seen, or events in the last days.
    pub value: Option<f64>,
    /// What it was compared with.
    pub limit: Option<f64>,
    /// The field of the policy that set the limit.
    pub policy_field: Option<LifecycleLimit>,
    /// The change to be recorded, if there was one.
    pub transition: Option<LifecycleTransition>,
}

impl LifecycleRequest {
    /// Finds the stage.
    ///
    /// # Errors
    /// Every problem of the policy, under `/policy`; `out_of_range` for more active days than the window has.
    pub fn evaluate(&self) -> Result<LifecycleResponse, Problems> {
        let mut found = ProblemCollector::new();
        let policy = found.take("/policy", self.policy.compile());
        // A window of N days of 24 hours touches N + 1 calendar days.
        if self.facts.recent_days_after_purchase > self.policy.active.saturating_add(1) {
            let text = format!("{} days touch at most one calendar day more", self.policy.active);
            found.push(Problem::new("/facts/recent_days_after_purchase", "out_of_range", text));
        }
        match policy {
            Some(policy) if found.is_empty() => {
                let evaluation = policy.evaluate(&self.facts, self.now);
                let transition = (self.previous != Some(evaluation.stage)).then_some(LifecycleTransition {
                    from: self.previous,
                    to: evaluation.stage,
                    at: self.now,
                    cause: evaluation.reason,
                });
                let LifecycleEvaluation { stage, reason, value, limit, policy_field } = evaluation;
                Ok(LifecycleResponse { stage, reason, value, limit, policy_field, transition })
            }
            _ => Err(found
                .into_problems()
                .unwrap_or_else(|| Problem::new("/policy", "invalid", "the policy cannot be used").into())),
        }
    }
}

/// What is known of a person, and the instants of all own events.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct LifecycleActivityRequest {
    /// The limits; the defaults where left out. Activity is counted over `active` days.
    #[serde(default)]
    pub policy: LifecyclePolicy,
    /// What is known; what is counted here is replaced.
    pub facts: LifecycleFacts,
    /// The instants of the person's own events, in any order; later ones than `now` are left out.
    pub events: Vec<Timestamp>,
    /// When the first purchase was, if there was one.
    #[serde(default)]
    pub first_purchase_at: Option<Timestamp>,
    /// At which instant.
    pub now: Timestamp,
}

impl LifecycleActivityRequest {
    /// Counts the activity.
    ///
    /// # Errors
    /// Every problem of the policy, under `/policy`.
    pub fn count(&self) -> Result<LifecycleFacts, Problems> {
        let policy = self.policy.compile().map_err(|problems| problems.under("/policy"))?;
        let mut facts = self.facts;
        facts.count_activity(&self.events, self.first_purchase_at, &policy, self.now);
        Ok(facts)
    }
}

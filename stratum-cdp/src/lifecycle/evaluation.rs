//! The stage: the first rule that holds.

use stratum_core::math::{amount, count};
use stratum_core::time::DAY_MS;
use stratum_core::{Timestamp, enumeration};

use super::{CompiledLifecycle, LifecycleFacts};

enumeration! {
    /// Where a person stands.
    pub enum LifecycleStage "lifecycle stage" {
        /// Nobody knows who it is.
        Anonymous = "anonymous",
        /// Known by name, no more.
        Known = "known",
        /// Showed interest.
        Lead = "lead",
        /// Bought.
        Customer = "customer",
        /// Bought, and keeps coming.
        Active = "active",
        /// Bought, and comes less.
        AtRisk = "at_risk",
        /// Gone.
        Churned = "churned",
    }
}

enumeration! {
    /// Why a person stands there.
    pub enum LifecycleReason "lifecycle reason" {
        /// No e-mail address, phone number or external id is known.
        NotIdentified = "NOT_IDENTIFIED",
        /// Not seen for more days than a limit.
        NotSeen = "NOT_SEEN",
        /// Less than half as many events as before.
        LessActivity = "LESS_ACTIVITY",
        /// Seen on several days since the first purchase, and lately.
        Returning = "RETURNING",
        /// Bought, and nothing else.
        Purchased = "PURCHASED",
        /// Showed interest.
        LeadSignal = "LEAD_SIGNAL",
        /// Known by name, and nothing else.
        Identified = "IDENTIFIED",
    }
}

/// A stage with its reason: what was compared with what, and which limit of the policy that was.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub struct LifecycleEvaluation {
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
}

enumeration! {
    /// A field of the policy.
    pub enum LifecycleLimit "lifecycle limit" {
        /// Of activity.
        Active = "active",
        /// Of absence.
        AtRisk = "at_risk",
        /// Of absence for good.
        Churned = "churned",
    }
}

/// With fewer events than this before, fewer now say nothing.
const ENOUGH_EVENTS: u64 = 5;
/// On so many days an active customer was seen.
const ACTIVE_DAYS: u32 = 2;

impl CompiledLifecycle {
    /// Where a person stands at an instant.
    #[must_use]
    pub fn evaluate(&self, facts: &LifecycleFacts, now: Timestamp) -> LifecycleEvaluation {
        use LifecycleReason as Reason;
        use LifecycleStage as Stage;
        // A clock ahead of ours does not make anybody younger than now.
        let unseen = now.millis_since(facts.last_seen_at).max(0);
        let beyond = |days: u32| unseen > i64::from(days).saturating_mul(DAY_MS);
        let not_seen = |stage, days: u32, field| LifecycleEvaluation {
            value: Some(amount(unseen) / amount(DAY_MS)),
            limit: Some(f64::from(days)),
            policy_field: Some(field),
            ..because(stage, Reason::NotSeen)
        };
        if !facts.identified {
            because(Stage::Anonymous, Reason::NotIdentified)
        } else if beyond(self.policy.churned) {
            not_seen(Stage::Churned, self.policy.churned, LifecycleLimit::Churned)
        } else if facts.purchases == 0 {
            if facts.lead_signal {
                because(Stage::Lead, Reason::LeadSignal)
            } else {
                because(Stage::Known, Reason::Identified)
            }
        } else if beyond(self.policy.at_risk) {
            not_seen(Stage::AtRisk, self.policy.at_risk, LifecycleLimit::AtRisk)
        } else if facts.events_before >= ENOUGH_EVENTS
            && facts.recent_events.saturating_mul(2) < facts.events_before
        {
            LifecycleEvaluation {
                value: Some(count(facts.recent_events)),
                limit: Some(count(facts.events_before) / 2.0),
                policy_field: None,
                ..because(Stage::AtRisk, Reason::LessActivity)
            }
        } else if !beyond(self.policy.active) && facts.recent_days_after_purchase >= ACTIVE_DAYS {
            LifecycleEvaluation {
                value: Some(amount(unseen) / amount(DAY_MS)),
                limit: Some(f64::from(self.policy.active)),
                policy_field: Some(LifecycleLimit::Active),
                ..because(Stage::Active, Reason::Returning)
            }
        } else {
            because(Stage::Customer, Reason::Purchased)
        }
    }
}

const fn because(stage: LifecycleStage, reason: LifecycleReason) -> LifecycleEvaluation {
    LifecycleEvaluation { stage, reason, value: None, limit: None, policy_field: None }
}

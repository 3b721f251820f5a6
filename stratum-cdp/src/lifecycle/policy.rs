//! The limits of a tenant.

use serde::{Deserialize, Serialize};
use stratum_core::problem::{Problem, ProblemCollector, Problems};

/// After how many days without an event a customer is what. Increasing, 1 to 3650.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default)]
pub struct LifecyclePolicy {
    /// Up to so many days a customer can be active; activity is counted over as many.
    pub active: u32,
    /// After more days than this a customer is at risk.
    pub at_risk: u32,
    /// After more days than this anybody is gone.
    pub churned: u32,
}

impl Default for LifecyclePolicy {
    fn default() -> Self {
        Self { active: 30, at_risk: 90, churned: 180 }
    }
}

impl LifecyclePolicy {
    /// The policy, checked.
    ///
    /// # Errors
    /// Every problem at once: `out_of_range`, `not_increasing`.
    pub fn compile(&self) -> Result<CompiledLifecycle, Problems> {
        let mut found = ProblemCollector::new();
        let mut before = 0;
        for (name, days) in [("active", self.active), ("at_risk", self.at_risk), ("churned", self.churned)] {
            if !(1..=3650).contains(&days) {
                let text = format!("a limit is of 1 to 3650 days, not {days}");
                found.push(Problem::new(format!("/{name}"), "out_of_range", text));
            } else if days <= before {
                let text = format!("{days} days are not more than the {before} before");
                found.push(
                    Problem::new(format!("/{name}"), "not_increasing", text)
                        .help("active is the smallest limit, churned the largest"),
                );
            }
            before = days;
        }
        found.into_result(CompiledLifecycle { policy: *self })
    }
}

/// A policy that can be asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CompiledLifecycle {
    pub(super) policy: LifecyclePolicy,
}

impl CompiledLifecycle {
    /// Activity is counted over so many days.
    #[must_use]
    pub const fn active_days(&self) -> u32 {
        self.policy.active
    }
}

//! `enforcement.check`.

use serde::{Deserialize, Serialize};
use stratum_autopilot::decision::LimitFacts;
use stratum_autopilot::enforcement::{self, EnforcementCheck, EnforcementSettings};
use stratum_core::problem::Problems;

/// What `enforcement.check` is asked.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct EnforcementRequest {
    /// The tenant's limits; left out: the defaults.
    #[serde(default)]
    pub policy: EnforcementSettings,
    /// The change, and what is known about it.
    pub facts: LimitFacts,
}

/// Checks a change against every limit of the tenant.
///
/// # Errors
/// Every problem of the limits, under `/policy`. Facts that make no sense are violations, not errors.
pub fn check(request: &EnforcementRequest) -> Result<EnforcementCheck, Problems> {
    let limits = request.policy.compile().map_err(|problems| problems.under("/policy"))?;
    Ok(enforcement::check(&limits, &request.facts.change, &request.facts.known))
}

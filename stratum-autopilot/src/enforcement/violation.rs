//! One violated limit: what was compared, how strict it is, and what would change it.

use serde::{Deserialize, Serialize};
use stratum_core::Timestamp;

use super::{EnforcementMode, ViolationKind, ViolationType};

/// One violated limit. Violations are data: a decision never depends on the message.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Violation {
    /// Which limit.
    #[serde(rename = "type")]
    pub violation_type: ViolationType,
    /// Which limit of that type, where the type has several.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<ViolationKind>,
    /// What was violated, in one sentence for the person who must act.
    pub message: String,
    /// The limit, in the unit of the type: minor units, percent, a return, impressions per person, changes or hours.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<f64>,
    /// What was compared with it, in the same unit; null where it is unknown.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub actual: Option<f64>,
    /// How strict the violated rule is.
    pub mode: EnforcementMode,
    /// The tenant's own rule; null for a built-in one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rule_id: Option<String>,
    /// The largest `after_cents` that this limit allows now, in minor units. Not above the amount before where the limit
    /// allows no increase at all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub allowed_max_cents: Option<i64>,
    /// The instant from which this limit allows the change.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub allowed_from: Option<Timestamp>,
}

impl Violation {
    /// What a confirmation of this violation is a confirmation of.
    #[must_use]
    pub fn key(&self) -> ViolationKey {
        ViolationKey {
            violation_type: self.violation_type,
            kind: self.kind,
            rule_id: self.rule_id.clone(),
            limit: self.limit,
        }
    }

    /// Whether the change is refused for now but time alone will allow it: the two change limits.
    #[must_use]
    pub fn passes_with_time(&self) -> bool {
        self.kind.is_some_and(ViolationKind::passes_with_time)
    }
}

/// The identity of a violation: which limit of which rule at which value.
///
/// The measured figure is no part of it (it moves from one minute to the next), but the limit is: who confirmed going
/// beyond 20 % has not confirmed going beyond 10 %.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ViolationKey {
    /// Which limit.
    #[serde(rename = "type")]
    pub violation_type: ViolationType,
    /// Which limit of that type.
    #[serde(default)]
    pub kind: Option<ViolationKind>,
    /// The tenant's own rule; null for a built-in one.
    #[serde(default)]
    pub rule_id: Option<String>,
    /// The limit.
    #[serde(default)]
    pub limit: Option<f64>,
}

impl ViolationKey {
    /// The order in which keys are written: type, kind, built-in before own rules, rule id, limit.
    #[must_use]
    pub fn compare(&self, other: &Self) -> std::cmp::Ordering {
        (self.violation_type, self.kind, &self.rule_id)
            .cmp(&(other.violation_type, other.kind, &other.rule_id))
            .then_with(|| self.limit.unwrap_or(0.0).total_cmp(&other.limit.unwrap_or(0.0)))
    }
}

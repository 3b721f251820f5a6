//! The rules of a segment as they stand on the wire.

use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use stratum_core::enumeration;

/// The most levels of groups, the outermost being the first.
pub const MAX_LEVELS: usize = 5;
/// The most conditions of a segment.
pub const MAX_CONDITIONS: usize = 100;
/// The most values of `in` and `not_in`.
pub const MAX_VALUES: usize = 1_000;
/// The most days of a window, and the most units of `within_last`.
pub const MAX_WINDOW: u32 = 3_650;

enumeration! {
    /// How the conditions and groups of a group are taken together.
    pub enum Logic "logic" {
        /// All of them.
        And = "and",
        /// At least one of them.
        Or = "or",
        /// The opposite of the only one.
        Not = "not",
    }
}

enumeration! {
    /// What a condition asks of a field. A field without a value meets none but `is_null`.
    pub enum ConditionOperator "operator" {
        /// The same value: numbers by value, times by instant, text letter for letter.
        Equals = "equals",
        /// Another value.
        NotEquals = "not_equals",
        /// Text that holds the value, case aside.
        Contains = "contains",
        /// Text that does not.
        NotContains = "not_contains",
        /// Text that begins with the value, case aside.
        StartsWith = "starts_with",
        /// Text that ends with the value, case aside.
        EndsWith = "ends_with",
        /// A larger number.
        GreaterThan = "greater_than",
        /// A smaller number.
        LessThan = "less_than",
        /// A number not smaller.
        GreaterOrEqual = "greater_or_equal",
        /// A number not larger.
        LessOrEqual = "less_or_equal",
        /// A number or time from the first value to the second, both included.
        Between = "between",
        /// One of the values.
        In = "in",
        /// Another than all of the values.
        NotIn = "not_in",
        /// No value.
        IsNull = "is_null",
        /// Any value.
        IsNotNull = "is_not_null",
        /// An earlier time.
        Before = "before",
        /// A later time.
        After = "after",
        /// A time in the last hours, days, weeks or calendar months, not in the future.
        WithinLast = "within_last",
    }
}

enumeration! {
    /// The unit of `within_last`.
    pub enum TimeUnit "unit" {
        /// 60 minutes.
        Hours = "hours",
        /// 24 hours.
        Days = "days",
        /// 7 days of 24 hours.
        Weeks = "weeks",
        /// Calendar months, in UTC.
        Months = "months",
    }
}

enumeration! {
    /// How people come to be members.
    pub enum SegmentType "segment type" {
        /// By a list that somebody keeps.
        Static = "static",
        /// By the rules.
        Dynamic = "dynamic",
        /// By rules of which at least one is about a prediction.
        Computed = "computed",
    }
}

/// A group of conditions and further groups: at most 5 levels and 100 conditions in all.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct SegmentRules {
    /// How they are taken together.
    pub logic: Logic,
    /// The conditions of this group.
    #[serde(default)]
    pub conditions: Vec<SegmentCondition>,
    /// The groups below this one.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub groups: Vec<SegmentRules>,
}

/// One condition: what is asked of one field.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct SegmentCondition {
    /// The field: `profile.total_events`, `data.city`, `trait.ltv`, `rfm.segment`, `prediction.churn_band`,
    /// `identifier.email`, `consent.ads`, `segment.<id>`, `event.Purchase.count`, `event.Purchase.sum.total`, …
    pub field: String,
    /// What is asked of it.
    pub operator: ConditionOperator,
    /// A scalar; two for `between`; a list for `in` and `not_in`; `{n, unit}` for `within_last`; none for `is_null` and
    /// `is_not_null`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<Value>,
    /// For fields of `event.`: only events of the last so many days of 24 hours, 1 to 3650.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(range(min = 1, max = 3650)))]
    pub window_days: Option<u32>,
}

impl fmt::Debug for SegmentCondition {
    /// Without the value: it may name a person.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SegmentCondition")
            .field("field", &self.field)
            .field("operator", &self.operator)
            .field("window_days", &self.window_days)
            .finish_non_exhaustive()
    }
}

impl SegmentCondition {
    /// A condition without a window.
    pub fn new(field: impl Into<String>, operator: ConditionOperator, value: Option<Value>) -> Self {
        Self { field: field.into(), operator, value, window_days: None }
    }
}

impl SegmentRules {
    /// A group of conditions.
    #[must_use]
    pub const fn new(logic: Logic, conditions: Vec<SegmentCondition>) -> Self {
        Self { logic, conditions, groups: Vec::new() }
    }
}

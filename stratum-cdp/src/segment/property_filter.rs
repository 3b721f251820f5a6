//! A condition about one property of an event: what traits and the steps of funnels ask besides the name of the event.

use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use stratum_core::Problem;
use stratum_core::problem::Problems;

use super::condition::{Scalar, Test};
use super::field::Field;
use super::profile::at_path;
use super::rules::ConditionOperator;
use super::values::read_test;

/// What one property of an event must be.
///
/// `within_last` is not allowed: what it means moves with the clock, and what is counted here does not. A window, or
/// `before` and `after`, say the same.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct PropertyFilter {
    /// The property, a path of keys joined by dots: `country`, `shipping.method`.
    pub field: String,
    /// What is asked of it.
    pub operator: ConditionOperator,
    /// As the value of a condition of a segment.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<Value>,
}

/// A filter that was found valid.
#[derive(Clone)]
pub(crate) struct CompiledFilter {
    path: Vec<String>,
    test: Test,
}

impl PropertyFilter {
    /// A filter.
    pub fn new(field: impl Into<String>, operator: ConditionOperator, value: Option<Value>) -> Self {
        Self { field: field.into(), operator, value }
    }

    /// Checks the filter.
    ///
    /// # Errors
    /// Every problem, with its place below the filter.
    pub(crate) fn compile(&self) -> Result<CompiledFilter, Problems> {
        if self.operator == ConditionOperator::WithinLast {
            let moving = "what is within the last days moves with the clock, and this must not";
            let problem = Problem::new("/operator", "not_allowed_here", moving);
            return Err(problem.help("use before and after, or a window").into());
        }
        let field = Field::parse(&format!("data.{}", self.field));
        let field = field.map_err(|problem| Problem { path: "/field".to_owned(), ..problem })?;
        let test = read_test(&field, self.operator, self.value.as_ref())?;
        match field {
            Field::Data(path) => Ok(CompiledFilter { path, test }),
            _ => Err(Problem::new("/field", "invalid_format", "this is no path of keys").into()),
        }
    }
}

impl CompiledFilter {
    /// Whether the properties of an event meet the filter.
    pub(crate) fn holds(&self, properties: &Map<String, Value>) -> bool {
        self.test.holds(Scalar::of(at_path(properties, &self.path)))
    }
}

impl fmt::Debug for PropertyFilter {
    /// Without the value: it may name a person.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PropertyFilter")
            .field("field", &self.field)
            .field("operator", &self.operator)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for CompiledFilter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("CompiledFilter(…)")
    }
}

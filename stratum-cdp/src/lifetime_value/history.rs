//! What the models know of a customer.

use serde::{Deserialize, Serialize};
use stratum_core::problem::{Problem, ProblemCollector};

/// When a customer bought, summed up. Times count from the first purchase, in any one unit.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct PurchaseHistory {
    /// Purchases after the first.
    pub x: u32,
    /// The age at the last purchase; 0 without a repeat purchase.
    pub t_x: f64,
    /// The age now.
    #[serde(rename = "T")]
    pub age: f64,
}

impl PurchaseHistory {
    /// The field in which something is wrong, and what.
    fn wrong(&self) -> Option<(&'static str, &'static str)> {
        if !(self.age.is_finite() && self.age >= 0.0) {
            Some(("T", "the age is a finite number of at least 0"))
        } else if !(0.0..=self.age).contains(&self.t_x) {
            Some(("t_x", "the age at the last purchase is from 0 to the age now"))
        } else if self.x == 0 && self.t_x > 0.0 {
            Some(("t_x", "without a repeat purchase the age at the last one is 0"))
        } else {
            None
        }
    }

    /// Notes figures that no customer has; `pointer` says where a field stands.
    pub(super) fn check(&self, pointer: impl FnOnce(&str) -> String, found: &mut ProblemCollector) {
        if let Some((field, text)) = self.wrong() {
            found.push(
                Problem::new(pointer(field), "out_of_range", text)
                    .help("x counts the purchases after the first; times count from the first, in one unit"),
            );
        }
    }
}

/// What a customer spent at each repeat purchase, on average.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct SpendHistory {
    /// Repeat purchases.
    pub x: u32,
    /// The mean amount of these purchases, in any one unit of money; 0 without one.
    pub m: f64,
}

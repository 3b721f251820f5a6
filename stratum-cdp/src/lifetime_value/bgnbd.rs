//! The BG/NBD model: purchases at a gamma-distributed rate, and after each a beta-distributed chance never to return.

use serde::{Deserialize, Serialize};
use stratum_core::math::{exp, ln};
use stratum_core::problem::{Problem, ProblemCollector, Problems};

use super::PurchaseHistory;
use super::expectation::expected_of_new;

/// The parameters of the model.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct BgNbd {
    /// Shape of the distribution of purchase rates.
    pub r: f64,
    /// Its rate, in the unit of time of the histories.
    pub alpha: f64,
    /// First shape of the distribution of the chance to leave.
    pub a: f64,
    /// Its second shape.
    pub b: f64,
}

impl BgNbd {
    /// A model with these parameters.
    ///
    /// # Errors
    /// `out_of_range` for every one that is not finite and above 0.
    pub fn new(r: f64, alpha: f64, a: f64, b: f64) -> Result<Self, Problems> {
        let model = Self { r, alpha, a, b };
        let mut found = ProblemCollector::new();
        model.check("", &mut found);
        found.into_result(model)
    }

    pub(crate) fn check(&self, path: &str, found: &mut ProblemCollector) {
        for (name, value) in [("r", self.r), ("alpha", self.alpha), ("a", self.a), ("b", self.b)] {
            if !(value.is_finite() && value > 0.0) {
                let text = format!("{name} is a finite number above 0");
                found.push(Problem::new(format!("{path}/{name}"), "out_of_range", text));
            }
        }
    }

    /// The chance that the customer still comes; 1 without a repeat purchase, as nobody leaves before one.
    #[must_use]
    pub fn p_alive(&self, customer: &PurchaseHistory) -> f64 {
        if customer.x == 0 {
            return 1.0;
        }
        let x = f64::from(customer.x);
        let left = (self.r + x) * ln((self.alpha + customer.age) / (self.alpha + customer.t_x));
        1.0 / (1.0 + self.a / (self.b + x - 1.0) * exp(left))
    }

    /// The purchases to expect from the customer in the next `t`.
    #[must_use]
    pub fn expected_purchases(&self, customer: &PurchaseHistory, t: f64) -> f64 {
        // To a customer who still comes the past has only moved the parameters.
        let x = f64::from(customer.x);
        let moved = Self { r: self.r + x, alpha: self.alpha + customer.age, a: self.a, b: self.b + x };
        self.p_alive(customer) * expected_of_new(&moved, t)
    }

    /// The purchases to expect from a new customer in the first `t` after the first purchase.
    #[must_use]
    pub fn expected_of_new(&self, t: f64) -> f64 {
        expected_of_new(self, t)
    }

    pub(super) const fn as_array(&self) -> [f64; 4] {
        [self.r, self.alpha, self.a, self.b]
    }

    pub(super) const fn from_array([r, alpha, a, b]: [f64; 4]) -> Self {
        Self { r, alpha, a, b }
    }
}

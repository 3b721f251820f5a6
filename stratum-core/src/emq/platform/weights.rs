//! A tenant's own weights of the drivers.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::driver::EmqDriver;
use crate::math;
use crate::problem::{Problem, ProblemCollector, Problems};

/// A weight for each of the five drivers: each at least 0, 100 in all.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(transparent)]
pub struct DriverWeights(pub BTreeMap<EmqDriver, f64>);

impl Default for DriverWeights {
    /// 30, 25, 20, 15 and 10.
    fn default() -> Self {
        Self(EmqDriver::ALL.iter().map(|&driver| (driver, driver.default_weight())).collect())
    }
}

impl DriverWeights {
    /// Validates the weights. Nothing is filled in and nothing renormalised.
    ///
    /// # Errors
    /// Every problem at once: `missing_field`, `not_a_number`, `below_minimum`, `weights_sum`.
    pub fn compile(&self) -> Result<CompiledDriverWeights, Problems> {
        let mut found = ProblemCollector::new();
        let mut compiled = [0.0; EmqDriver::ALL.len()];
        for (&driver, slot) in EmqDriver::ALL.iter().zip(&mut compiled) {
            let path = format!("/{driver}");
            match self.0.get(&driver) {
                None => found.push(
                    Problem::new(path, "missing_field", format!("the weight of {driver} is missing"))
                        .help("give all five drivers a weight; 0 switches one off"),
                ),
                Some(weight) if !weight.is_finite() => {
                    found.push(Problem::new(path, "not_a_number", "a weight is a finite number"));
                }
                Some(&weight) if weight < 0.0 => {
                    found.push(Problem::new(
                        path,
                        "below_minimum",
                        format!("a weight is at least 0, not {weight}"),
                    ));
                }
                Some(&weight) => *slot = weight,
            }
        }
        let sum =
            math::sum(&self.0.values().copied().filter(|weight| weight.is_finite()).collect::<Vec<_>>());
        if (sum - 100.0).abs() > 1e-9 {
            found.push(
                Problem::new("", "weights_sum", format!("the weights add up to {sum}, not to 100"))
                    .help("nothing is renormalised: write weights with a sum of 100"),
            );
        }
        found.into_result(CompiledDriverWeights(compiled))
    }
}

/// [`DriverWeights`] that were found valid.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct CompiledDriverWeights([f64; EmqDriver::ALL.len()]);

impl CompiledDriverWeights {
    /// The weight of a driver, 0 to 100.
    #[must_use]
    pub fn weight(&self, driver: EmqDriver) -> f64 {
        self.0.get(driver.index()).copied().unwrap_or(0.0)
    }
}

impl Default for CompiledDriverWeights {
    fn default() -> Self {
        let mut weights = [0.0; EmqDriver::ALL.len()];
        for (driver, slot) in EmqDriver::ALL.iter().zip(&mut weights) {
            *slot = driver.default_weight();
        }
        Self(weights)
    }
}

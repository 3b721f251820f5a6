//! Several changes side by side, and the one that earns most.

use std::cmp::Reverse;

use serde::{Deserialize, Serialize};
use stratum_core::math::round9;

use super::exact::billionths;
use super::figures::SimulatedFigures;

/// What one change would lead to.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct Scenario {
    /// The change of spend in percent.
    pub budget_change_pct: f64,
    /// The figures of the horizon.
    pub predicted: SimulatedFigures,
    /// Whether the new spend lies beyond one and a half times the largest that was seen in a day.
    pub extrapolation: bool,
}

/// The change with the largest net profit (revenue where the margin is not known) among those that return at least the
/// threshold; of equal ones the smallest change, of two opposite ones the lower spend. 0 if none returns as much.
pub(super) fn recommended(scenarios: &[Scenario], roas_threshold: f64) -> f64 {
    let returns =
        |scenario: &&Scenario| scenario.predicted.roas.is_some_and(|roas| roas >= round9(roas_threshold));
    let gain = |figures: &SimulatedFigures| figures.net_profit_cents.unwrap_or(figures.revenue_cents);
    scenarios
        .iter()
        .filter(returns)
        .max_by_key(|scenario| {
            let change = billionths(scenario.budget_change_pct);
            (gain(&scenario.predicted), Reverse(change.saturating_abs()), Reverse(change))
        })
        .map_or(0.0, |scenario| scenario.budget_change_pct)
}

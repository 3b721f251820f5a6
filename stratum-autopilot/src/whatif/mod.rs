//! What would happen if: a budget changed, or more events were matched.
//!
//! [`simulate`] answers the first with a power response: a metric of total `Y` becomes `Y · r^β` when spend becomes `r`
//! times what it was. β is fitted to the account's own days where they allow it, and assumed (and flagged so) where they do
//! not. [`roi`] answers the second, as an estimate. Neither queues an action: what they say has to go through
//! enforcement and the gate like any other change.
//!
//! ```
//! use stratum_autopilot::whatif::{DailyFigures, SimulationRequest, simulate};
//!
//! // 28 days of 100.00 spent and 400.00 returned. Spend never moved, so how revenue follows it is assumed.
//! let days = vec![DailyFigures::new(10_000, 40_000, 8.0, 150.0, 20_000.0); 28];
//! let mut request = SimulationRequest::new(days, 100.0);
//! request.horizon_days = 10;
//!
//! let simulation = simulate(&request).unwrap();
//! let predicted = simulation.predicted.unwrap();
//! assert_eq!(predicted.revenue_cents, 672_717);         // 4000.00 · 2^0.75
//! assert_eq!(predicted.roas, Some(3.363585661));
//! assert_eq!(simulation.marginal_roas, Some(2.522689246));
//! assert!(simulation.elasticity.revenue.assumed);
//! ```

mod elasticity;
mod exact;
mod figures;
mod request;
mod roi;
mod scenario;
mod simulate;

pub use elasticity::{Elasticities, Elasticity};
pub use figures::{DailyFigures, FigureChanges, MAX_DAILY_CENTS, MAX_DAILY_COUNT, SimulatedFigures};
pub use request::{DAYS, DEFAULT_SCENARIOS, SimulationRequest};
pub use roi::{DEFAULT_TARGET_MATCH_RATE, RECOVERY_CAP, Roi, RoiFlag, RoiRequest, roi};
pub use scenario::Scenario;
pub use simulate::{Simulation, SimulationFlag, SimulationInterval, simulate};

#[cfg(test)]
mod tests;

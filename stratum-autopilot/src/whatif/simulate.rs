//! The simulation.

use serde::{Deserialize, Serialize};
use stratum_core::enumeration;
use stratum_core::problem::Problems;

use super::elasticity::Elasticities;
use super::figures::{FigureChanges, SimulatedFigures, SpendRatio, Totals};
use super::request::SimulationRequest;
use super::scenario::{Scenario, recommended};

enumeration! {
    /// What to know before a simulation is believed.
    pub enum SimulationFlag "simulation flag" {
        /// How some metric follows spend is assumed: the days do not tell.
        Assumed = "assumed",
        /// The new daily spend lies beyond one and a half times the largest that was seen.
        Extrapolation = "extrapolation",
        /// Nothing was spent, so nothing can be said.
        NotDefined = "not_defined",
    }
}

/// What would happen.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct Simulation {
    /// The change of spend in percent.
    pub budget_change_pct: f64,
    /// For how many days the figures stand.
    pub horizon_days: u32,
    /// What the horizon brings if nothing changes: the 28 days, scaled.
    pub current: SimulatedFigures,
    /// What it brings with the change; null where nothing was spent.
    pub predicted: Option<SimulatedFigures>,
    /// The difference in percent.
    pub change_pct: Option<FigureChanges>,
    /// What one more unit of spend would return at the new spend; null where nothing is spent.
    pub marginal_roas: Option<f64>,
    /// The prediction at both ends of β's intervals.
    pub interval: Option<SimulationInterval>,
    /// How strongly each metric follows spend.
    pub elasticity: Elasticities,
    /// What to know before this is believed.
    pub flags: Vec<SimulationFlag>,
    /// Several changes side by side, in the order asked for; none where nothing was spent.
    pub scenarios: Vec<Scenario>,
    /// The change among the scenarios that earns most at a return of at least `roas_threshold`; 0 if none returns as much.
    pub recommended_change_pct: f64,
}

/// The lowest and the highest figures that β's intervals give.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct SimulationInterval {
    /// Each metric at the end of its interval that gives less.
    pub lower: SimulatedFigures,
    /// Each metric at the end that gives more.
    pub upper: SimulatedFigures,
}

/// Simulates a change of spend by the power response `Y · r^β`, β fitted to the days or assumed.
///
/// ```
/// use stratum_autopilot::whatif::{DailyFigures, SimulationRequest, simulate};
/// let days = vec![DailyFigures::new(10_000, 40_000, 8.0, 150.0, 20_000.0); 28];
/// let mut request = SimulationRequest::new(days, 0.0);
/// request.contribution_margin = Some(0.36);
/// let simulation = simulate(&request).unwrap();
/// assert_eq!(simulation.predicted, Some(simulation.current)); // no change, no difference
/// assert_eq!(simulation.recommended_change_pct, 25.0);        // of six scenarios the one that earns most
/// ```
///
/// # Errors
/// Every problem of the request at once: `insufficient_data` for fewer than 28 days, `out_of_range`, `not_a_number`,
/// `too_many`.
pub fn simulate(request: &SimulationRequest) -> Result<Simulation, Problems> {
    request.check()?;
    let totals = Totals::of(&request.days);
    let elasticity = Elasticities::of(&request.days);
    let betas = elasticity.betas(|metric| metric.beta);
    let figures =
        |ratio, betas| totals.figures(request.horizon_days, ratio, betas, request.contribution_margin);
    let ratio = SpendRatio::of_change_pct(request.budget_change_pct);
    let defined = totals.are_defined();

    // Below r = 1 the weaker response loses less, so which end gives more depends on the side.
    let (weaker, stronger) =
        (elasticity.betas(|metric| metric.lower), elasticity.betas(|metric| metric.upper));
    let (less, more) =
        if request.budget_change_pct < 0.0 { (&stronger, &weaker) } else { (&weaker, &stronger) };
    let interval = SimulationInterval { lower: figures(ratio, less), upper: figures(ratio, more) };

    let changes = if defined { request.scenarios.as_slice() } else { &[] };
    let scenarios: Vec<Scenario> = changes
        .iter()
        .map(|&budget_change_pct| {
            let ratio = SpendRatio::of_change_pct(budget_change_pct);
            Scenario {
                budget_change_pct,
                predicted: figures(ratio, &betas),
                extrapolation: totals.extrapolates(ratio),
            }
        })
        .collect();
    let flags = [
        (elasticity.any_assumed(), SimulationFlag::Assumed),
        (totals.extrapolates(ratio), SimulationFlag::Extrapolation),
        (!defined, SimulationFlag::NotDefined),
    ];
    Ok(Simulation {
        budget_change_pct: request.budget_change_pct,
        horizon_days: request.horizon_days,
        current: figures(SpendRatio::UNCHANGED, &betas),
        predicted: defined.then(|| figures(ratio, &betas)),
        change_pct: defined.then(|| totals.changes(ratio, &betas)),
        marginal_roas: totals.marginal_roas(ratio, betas.revenue),
        interval: defined.then_some(interval),
        elasticity,
        flags: flags.iter().filter(|(raised, _)| *raised).map(|(_, flag)| *flag).collect(),
        recommended_change_pct: recommended(&scenarios, request.roas_threshold),
        scenarios,
    })
}

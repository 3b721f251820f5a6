//! The question to the simulator.

use serde::{Deserialize, Serialize};
use stratum_core::problem::{Problem, ProblemCollector, Problems};

use super::exact::check_range;
use super::figures::DailyFigures;

/// So many complete days are simulated on.
pub const DAYS: u32 = 28;

/// The changes that are compared where nothing else is asked, in percent.
pub const DEFAULT_SCENARIOS: [f64; 6] = [-50.0, -25.0, 0.0, 25.0, 50.0, 100.0];

const CHANGE_RANGE: (f64, f64) = (-100.0, 200.0);
const LONGEST_HORIZON: u32 = 90;
const MOST_SCENARIOS: usize = 31;
const MOST_ROAS: f64 = 1e6;

/// What would happen if spend changed by `budget_change_pct`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct SimulationRequest {
    /// The last 28 complete days of what is simulated (a campaign, a platform, all), in any order.
    pub days: Vec<DailyFigures>,
    /// The change of spend in percent, −100 to 200; to nine decimals.
    pub budget_change_pct: f64,
    /// For how many days, 1 to 90.
    #[serde(default = "default_horizon")]
    pub horizon_days: u32,
    /// What is left of a unit of revenue after its variable costs other than advertising, 0 to 1; without it net profit is
    /// not known.
    #[serde(default)]
    pub contribution_margin: Option<f64>,
    /// The return (revenue / spend) below which no scenario is recommended; at least 0.
    #[serde(default = "default_roas_threshold")]
    pub roas_threshold: f64,
    /// The changes that are compared for the recommendation, in percent, each −100 to 200; at most 31.
    #[serde(default = "default_scenarios")]
    pub scenarios: Vec<f64>,
}

const fn default_horizon() -> u32 {
    DAYS
}

const fn default_roas_threshold() -> f64 {
    2.0
}

fn default_scenarios() -> Vec<f64> {
    DEFAULT_SCENARIOS.to_vec()
}

impl SimulationRequest {
    /// A question for the next 28 days with the usual scenarios.
    #[must_use]
    pub fn new(days: Vec<DailyFigures>, budget_change_pct: f64) -> Self {
        Self {
            days,
            budget_change_pct,
            horizon_days: default_horizon(),
            contribution_margin: None,
            roas_threshold: default_roas_threshold(),
            scenarios: default_scenarios(),
        }
    }

    /// Whether the request can be simulated.
    ///
    /// # Errors
    /// Every problem at once.
    pub(super) fn check(&self) -> Result<(), Problems> {
        let mut found = ProblemCollector::new();
        let given = self.days.len();
        match given.cmp(&(DAYS as usize)) {
            std::cmp::Ordering::Less => found.push(
                Problem::new("/days", "insufficient_data", format!("these are {given} days of {DAYS}"))
                    .help("wait until 28 days are complete, or choose a wider scope"),
            ),
            std::cmp::Ordering::Greater => found.push(
                Problem::new("/days", "out_of_range", format!("these are {given} days, not {DAYS}"))
                    .help("give the last 28 complete days"),
            ),
            std::cmp::Ordering::Equal => {}
        }
        for (index, day) in self.days.iter().enumerate() {
            day.check(&format!("/days/{index}"), &mut found);
        }
        check_range(&mut found, "/budget_change_pct", "a change", self.budget_change_pct, CHANGE_RANGE);
        if !(1..=LONGEST_HORIZON).contains(&self.horizon_days) {
            found.push(Problem::new(
                "/horizon_days",
                "out_of_range",
                format!("a horizon is from 1 to {LONGEST_HORIZON} days, not {}", self.horizon_days),
            ));
        }
        if let Some(margin) = self.contribution_margin {
            check_range(&mut found, "/contribution_margin", "a contribution margin", margin, (0.0, 1.0));
        }
        check_range(&mut found, "/roas_threshold", "a return", self.roas_threshold, (0.0, MOST_ROAS));
        if self.scenarios.len() > MOST_SCENARIOS {
            found.push(Problem::new(
                "/scenarios",
                "too_many",
                format!("at most {MOST_SCENARIOS} scenarios are compared, not {}", self.scenarios.len()),
            ));
        }
        for (index, &change) in self.scenarios.iter().enumerate() {
            check_range(&mut found, format!("/scenarios/{index}"), "a change", change, CHANGE_RANGE);
        }
        found.into_result(())
    }
}

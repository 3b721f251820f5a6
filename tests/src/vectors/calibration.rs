//! Calibration against decimals of sixty digits and exact fractions.

use anyhow::Result;
use serde::Deserialize;
use serde_json::Value;
use stratum_autopilot::backtest::{Calibration, CalibrationReport, wilson_interval};
use stratum_core::Score;

use super::{Tally, differs, list};

#[derive(Deserialize)]
struct ReportCase {
    name: String,
    outcomes: Vec<Outcome>,
    expected: CalibrationReport,
}

#[derive(Deserialize)]
struct Outcome {
    health: Score,
    good: bool,
}

pub(super) fn reports(content: &Value, tally: &mut Tally) -> Result<()> {
    for case in list::<ReportCase>(content, "cases")? {
        let mut calibration = Calibration::new();
        for outcome in case.outcomes {
            calibration.add(outcome.health, outcome.good);
        }
        tally.count(&case.name, differs("the report", &calibration.finish(), &case.expected));
    }
    Ok(())
}

#[derive(Deserialize)]
struct IntervalCase {
    successes: u64,
    trials: u64,
    low: f64,
    high: f64,
}

pub(super) fn intervals(content: &Value, tally: &mut Tally) -> Result<()> {
    for IntervalCase { successes, trials, low, high } in list(content, "cases")? {
        let found = wilson_interval(successes, trials);
        tally.count(&format!("{successes} of {trials}"), differs("the interval", &found, &Some((low, high))));
    }
    Ok(())
}

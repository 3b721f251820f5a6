//! `backtest.run` and `backtest.compare`.

use stratum_autopilot::backtest::{
    self, BacktestComparison, BacktestRequest, BacktestRun, ComparisonRequest,
};
use stratum_core::problem::Problems;

/// Tries a policy on the past.
///
/// # Errors
/// Every problem of the policy, under `/policy`, and of the past.
pub fn run(request: &BacktestRequest) -> Result<BacktestRun, Problems> {
    backtest::run(request)
}

/// Tries two policies on the same past.
///
/// # Errors
/// Every problem of the policies, under `/current` and `/proposed`, and of the past.
pub fn compare(request: &ComparisonRequest) -> Result<BacktestComparison, Problems> {
    backtest::compare(request)
}

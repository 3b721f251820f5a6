//! A policy tried on history before it is switched on, and how often decisions turned out right.
//!
//! [`Backtest`] decides recorded decisions again by another policy and counts what would have changed. [`Calibration`]
//! compares the health at the time of a decision with what came of it. Both are partial states (`new`, `add`, `merge`,
//! `finish`), so that history can be counted in pieces and in any order. [`run()`] tries a policy on the health of past
//! days, too, where no decision was recorded, and [`compare`] two policies side by side.
//!
//! ```
//! use stratum_autopilot::backtest::Calibration;
//! use stratum_core::Score;
//!
//! let mut calibration = Calibration::new();
//! for (health, good) in [(95.0, true), (92.0, true), (45.0, false)] {
//!     calibration.add(Score::new(health).unwrap(), good);
//! }
//! let report = calibration.finish();
//! assert_eq!(report.bins[1].share_good, 1.0); // two of two from 90 to 100
//! assert_eq!(report.bins[1].low, 0.342380228); // and yet, by Wilson, perhaps only every third
//! ```

mod calibration;
mod comparison;
mod history;
mod run;

pub use calibration::{Calibration, CalibrationBin, CalibrationReport, wilson_interval};
pub use comparison::{
    BacktestComparison, BacktestRequest, BacktestRun, ComparisonRequest, VerdictChange, compare, run,
};
pub use history::{BacktestVerdict, PastHealth, PlatformHistory};
pub use run::{Backtest, BacktestPolicy, BacktestReport, ChangedDecisions, MAX_EXAMPLES, backtest};

#[cfg(test)]
mod past_tests;
#[cfg(test)]
mod tests;

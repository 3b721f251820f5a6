//! Anomalies: a day that does not look like the days before it.
//!
//! Two families live here. [`z_score`] and [`judge`] are the rules of the trust decision: sample standard deviation, a
//! constant series that breaks is ±10, severities at 2.5, 3 and 4. The [`detectors`] are the field's usual ones over whole
//! series, with the population standard deviation, for whoever wants to look at data.
//!
//! ```
//! use stratum_core::anomaly::z_score;
//! let week = [98.0, 102.0, 98.0, 102.0, 98.0, 102.0, 100.0];
//! assert_eq!(z_score(104.0, &week), Some(2.0));            // mean 100, sample standard deviation 2
//! assert_eq!(z_score(100.01, &[100.0; 7]), Some(10.0));    // a constant series that breaks
//! ```

pub mod detectors;
mod metrics;
mod z;

pub use metrics::{
    AnomalyDirection, AnomalyMetric, AnomalySeverity, MetricAnomaly, MetricSeries, NEAR_FROM, judge,
};
pub use z::{MAX_Z, MIN_PREVIOUS, PREVIOUS_DAYS, z_score};

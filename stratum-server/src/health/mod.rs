//! The health of each connected platform: evaluated, stored, watched for incidents, and told over the API.
//!
//! `facts` loads what an evaluation reads, `evaluate` runs the library on it and stores the snapshot, `schedule` does so
//! every five minutes and within seconds of new signals, `store` keeps the rows, `incidents` runs the incident rules, `incident_log` tells what they found,
//! `variance` compares platform figures with GA4, `routes` and `wire` are the HTTP side.

mod evaluate;
pub mod facts;
mod incident_log;
mod incidents;
mod routes;
mod schedule;
pub mod store;
mod variance;
pub mod wire;

pub use evaluate::{Trigger, evaluate_platform};
pub use incidents::{observe as watch_incidents, open_incidents};
pub use routes::{routes, signal_health};
pub use schedule::{request_evaluation, run};
pub use variance::variance;

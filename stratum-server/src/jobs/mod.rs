//! Work that a request was answered 202 for: queued in the request's transaction, run in the background, seen and retried
//! over the API.
//!
//! A job is claimed under a lease and runs in one transaction with its result, so a server that dies leaves it to be
//! claimed again. Only work that changes nothing but its own row is queued here; actions have the executor.

mod routes;
mod runner;
mod store;

pub use routes::routes;
pub use runner::run;
pub use store::{Job, JobQueued, Kind, queue};

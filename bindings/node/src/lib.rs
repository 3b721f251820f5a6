//! Stratum for Node: the compiled part of `@stratum-trust/node`.
//!
//! This package converts and decides nothing. What users see is in `index.cjs` and the files beside it; here are the doors
//! to the table of operations.
//!
//! Every function has `catch_unwind`, and what may panic runs under `guard` besides: a test reads these files and says so.

pub mod autopilot;
pub mod columns;
pub mod decisions;
pub mod desk;
pub mod door;
pub mod errors;
pub mod task;

//! Actions from their proposal to the platform's ledger, over HTTP: a real database, and a sandbox platform on loopback.
#![allow(unreachable_pub, missing_debug_implementations, reason = "each test file uses a part of the desk")]
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::arithmetic_side_effects,
    reason = "tests fail by panicking"
)]

#[path = "../common/mod.rs"]
mod common;
mod desk;

mod enforcement;
mod executor;
mod flow;
mod instants;
mod operators;
mod pauses;
mod people;
mod slots;
mod switches;
mod tokens;
mod traces;

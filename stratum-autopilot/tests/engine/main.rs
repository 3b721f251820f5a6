//! The engine between its ports in memory: rules by example, and any order of calls with failures anywhere.
#![cfg(test)]
#![allow(clippy::arithmetic_side_effects, reason = "a test fails by panicking")]

mod any_order;
mod pairs;
mod rules;
mod world;

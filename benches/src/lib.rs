//! Inputs that the benchmarks share.
#![expect(clippy::arithmetic_side_effects, reason = "counts of generated inputs")]

pub mod people;

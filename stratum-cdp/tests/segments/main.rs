//! Segments: what is refused when they are saved, who is a member and why, and that three evaluations agree.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::arithmetic_side_effects,
    reason = "tests may panic: that is how they fail"
)]

mod cases;
mod columns;
mod debug;
mod logic;
mod reasons;
mod saving;
mod values;

//! Stratum for Kotlin and Swift (and, for the tests, uniffi's Python).
//!
//! This package converts and decides nothing. The operations whose facts an app builds by hand have records and a typed
//! call; every other goes through [`door::call`], JSON in and JSON out. All of them end in the one table of operations.
//!
//! | room | subject |
//! |---|---|
//! | [`door`] | every operation by its name |
//! | [`typed`] | the hot operations with records |
//! | [`records`] | facts, policies and answers, generated from the schemas |
//! | [`values`] | instants, numbers and JSON on their way through the border |
//! | [`autopilot`] | actions on a platform of the app, from the proposal to the receipt |
//! | [`platform`] | that platform |
//! | [`errors`] | problems become a typed exception |
#![warn(missing_docs)]

pub mod autopilot;
pub mod door;
pub mod errors;
pub mod platform;
// The description of a schema says what can be said, and a field whose name says it all has none; the words of a vocabulary
// are those of the table.
#[allow(missing_docs, clippy::enum_variant_names)]
#[rustfmt::skip]
pub mod records;
pub mod typed;
pub mod values;

uniffi::setup_scaffolding!("stratum");

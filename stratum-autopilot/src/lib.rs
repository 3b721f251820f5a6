//! The change: actions and their lifecycle, enforcement of the tenant's limits, permits, platforms, the engine that walks
//! an action through all of them, and the audit chain that proves what happened.
//!
//! Nothing executes without a [`permit::Permit`], and a permit is made only of evidence that the gate or an authorised
//! person gave for that very action.
//!
//! | room | subject |
//! |---|---|
//! | [`action`] | what an automated change is, and the states it goes through |
//! | [`enforcement`] | the tenant's limits: what a change violates, and what would change that |
//! | [`approval`] | who may let an action run, and what it waits for |
//! | [`permit`] | the right to apply one action once |
//! | [`kill_switch`] | stopping everything, and who may start it again |
//! | [`platform`] | what the engine asks of an ad platform, and a sandbox that behaves like one |
//! | [`store`] | what the engine reads and stores: the ports, and an implementation in memory |
//! | [`engine`] | from proposal to receipt: the decisions between, and what survives a crash |
//! | [`decision`] | gate and limits as one decision: recorded, and decided again byte for byte |
//! | [`backtest`] | a policy tried on recorded decisions, and how well health foretold their outcome |
//! | [`whatif`] | what another budget, or better matching, would bring: a simulation and an estimate |
//! | [`audit`] | what happened, in a chain that shows every later change |
#![forbid(unsafe_code)]
#![warn(missing_docs)]

pub mod action;
pub mod approval;
pub mod audit;
pub mod backtest;
pub mod decision;
pub mod enforcement;
pub mod engine;
pub mod kill_switch;
pub mod permit;
pub mod platform;
pub mod store;
pub mod whatif;

//! How far automation may go: the mode, the conditions of approval, and the switches that stop everything.
//!
//! `settings` keeps the row, `routes` and `wire` are the HTTP side, `operators` the switches over all tenants. A tenant's
//! own kill switch is turned in [`crate::enforcement`], where the contract has it.

mod emq;
pub mod operators;
mod routes;
pub mod settings;
pub mod wire;

pub use emq::event_emq_band;
pub use routes::routes;
pub use settings::Autopilot;

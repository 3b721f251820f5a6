//! Actions: queued, approved, applied, reverted; each step with its history, its audit entry and its live event.
//!
//! The library's transitions decide what may follow what; this room locks, loads and stores. `store` keeps the rows,
//! `entity` is what an action changes,
//! `decide` asks gate and limits about it, `step` records what happened to one, `queue`, `approve` and `retract`
//! are the steps that people take, `lists` reads, `routes` and `wire` are the HTTP side. What the server itself does with
//! actions is in [`crate::executor`].

pub mod approve;
pub mod decide;
mod entity;
mod lists;
mod queue;
mod refusals;
pub mod retract;
mod routes;
pub mod step;
pub mod store;
pub mod wire;

pub use entity::{KnownEntity, known_entity};
pub use queue::{Queued, propose_pause, queue};
pub use refusals::{confirmation_required, enforcement_blocked, kill_switch_active, refused};
pub use routes::routes;
pub use store::{StoredAction, wake};

//! Signals: the measurements that tenants push and collectors write, and what health makes of them.
//!
//! A signal is (tenant, platform, name, value, observed_at, attributes). [`vocabulary`] says which names feed health and
//! over which window, [`measurements`] takes stored rows together, [`store`] keeps them, `routes` is the HTTP side.

pub mod measurements;
mod routes;
pub mod store;
pub mod vocabulary;
pub mod wire;

pub use routes::routes;

//! Campaigns with their ad sets and creatives, as far as health and the autopilot need them: registering one by hand, and
//! the daily figures of the platform and of the reference.

mod routes;
pub mod store;
pub mod wire;

pub use routes::routes;

//! The server seen from outside: probes, figures, logs and documentation.

mod docs;
mod figures;
mod health;
pub mod log;

pub use docs::{document, routes as docs_routes};
pub use figures::Figures;
pub use health::routes;

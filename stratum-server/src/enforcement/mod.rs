//! The tenant's own limits: what they are, what a change violates, who confirmed what, and the switch that stops it all.
//!
//! `store` keeps limits and rules, `in_force` reads all that a decision goes by, `facts` what it is compared with, `confirmation` keeps the tokens of soft
//! blocks; `settings`, `rules`, `checks`, `kill_switch` and `audit_log` are the operations, `wire` their types.

mod audit_log;
mod checks;
pub mod confirmation;
pub mod facts;
mod in_force;
mod kill_switch;
mod rules;
mod settings;
pub mod store;
pub mod wire;

pub use audit_log::LogPages;
pub use in_force::InForce;
use utoipa_axum::router::OpenApiRouter;

use crate::state::AppState;

/// The room's operations.
pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .merge(settings::routes())
        .merge(rules::routes())
        .merge(checks::routes())
        .merge(kill_switch::routes())
        .merge(audit_log::routes())
}

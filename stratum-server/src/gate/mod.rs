//! The trust gate on stored facts: every decision recorded, before anything follows from it.
//!
//! `facts` loads what the gate looks at; `record` decides, appends to the audit chain and keeps what it takes to decide
//! again; `ask`, `decisions`, `config`, `backtest`, `calibration` and `status` are the operations, `wire` what they share.

mod ask;
mod backtest;
mod calibration;
mod config;
mod decisions;
pub mod facts;
pub mod record;
mod status;
pub mod wire;

use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::state::AppState;

pub(crate) use backtest::run_backtest;
pub(crate) use decisions::run_replay;
pub use record::{Recorded, decide_and_record};

/// The room's operations.
pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(ask::ask))
        .routes(routes!(config::read, config::change))
        .routes(routes!(decisions::list))
        .routes(routes!(decisions::one))
        .routes(routes!(decisions::replay_decisions))
        .routes(routes!(backtest::queue))
        .routes(routes!(calibration::read))
        .routes(routes!(status::read))
}

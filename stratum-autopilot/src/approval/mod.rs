//! Approval: who may let a queued action run, and what an approved one waits for.
//!
//! The system approves only where every condition of [`automatic`] holds; everything else waits for a person
//! ([`by_person`]). Approval never replaces the gate: an approved action runs once the gate passes, or expires.
//!
//! ```
//! use stratum_autopilot::approval::{ApprovalSettings, AutopilotMode};
//! use stratum_core::vocabulary::ActionType;
//!
//! let settings = ApprovalSettings::default();
//! assert_eq!(settings.mode, AutopilotMode::ApprovalRequired);             // nothing is automatic at first
//! assert!(settings.auto_approve_types.contains(&ActionType::BudgetDecrease));
//! assert!(AutopilotMode::ApprovalRequired < AutopilotMode::GuardedAuto); // modes compare by reach
//! ```

mod automatic;
mod person;
mod settings;
#[cfg(test)]
mod tests;
mod waiting;

pub use automatic::{AutomaticApproval, AutomaticFacts, AutomaticRefusal, automatic};
pub use person::{PersonRefusal, by_person};
pub use settings::{ApprovalSettings, AutopilotMode, DEFAULT_AUTO_APPROVE_TYPES};
pub use waiting::WaitingFor;

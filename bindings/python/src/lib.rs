//! Stratum for Python: `import stratum`.
//!
//! This package converts and decides nothing. What users see is in `py/stratum`; the classes here are the ones whose speed
//! counts, and the doors to the table of operations.

mod action;
mod arrow;
mod arrow_in;
mod arrow_out;
mod audit;
mod convert;
mod credit_totals;
mod door;
mod errors;
mod executor;
mod frame;
mod gate;
mod health;
mod links;
mod path_counts;
mod platform;
mod records;

/// The compiled part of `stratum`; use the package, not this module.
#[pyo3::pymodule]
mod _native {
    #[pymodule_export]
    use super::action::{Action, action_id, queue_action};
    #[pymodule_export]
    use super::audit::AuditChains;
    #[pymodule_export]
    use super::credit_totals::CreditTotals;
    #[pymodule_export]
    use super::door::{call, call_json, operations, panic_for_tests, schema_json};
    #[pymodule_export]
    use super::executor::{CallResult, Claim, Executor};
    #[pymodule_export]
    use super::frame::{Columns, call_frame};
    #[pymodule_export]
    use super::gate::{Gate, GateEvaluation};
    #[pymodule_export]
    use super::health::{HealthSnapshot, evaluate_health};
    #[pymodule_export]
    use super::links::Links;
    #[pymodule_export]
    use super::path_counts::{PathCounts, shapley_of_table};
    #[pymodule_export]
    use super::records::{ComponentReading, HealthIssue, Reason, Remedy};

    /// Panics become exceptions, so the text that Rust prints of them would only alarm.
    #[pymodule_init]
    fn init() {
        stratum_ffi::guard::keep_guarded_panics_quiet();
    }
}

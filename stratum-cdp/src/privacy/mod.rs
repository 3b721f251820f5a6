//! The rights of the person: what is exported, what is erased where, who stays suppressed, and how long events are kept.
//!
//! Everything here is a plan or a rule: a pure answer that a server carries out and records. An [`ErasurePlan`] names every
//! store that can hold something of the person, so that whoever adds a store has to say here what erasure means for it.
//!
//! ```
//! use stratum_cdp::privacy::{DataStore, ErasureRequest, Subject, plan_erasure};
//! # use stratum_core::Timestamp;
//! let asked: Timestamp = "2026-03-01T12:00:00Z".parse().unwrap();
//! let mut subject = Subject::new("0198c9a0-0000-7000-8000-0000000000aa".parse().unwrap());
//! let plan = plan_erasure(&ErasureRequest::new(subject.clone(), asked)).unwrap();
//! assert!(plan.deletions.iter().any(|deletion| deletion.store == DataStore::Events));
//! assert_eq!(plan.due_at.to_string(), "2026-03-31T12:00:00.000Z");
//!
//! subject.legal_hold = Some("case 12/2026".to_owned());
//! let refused = plan_erasure(&ErasureRequest::new(subject, asked)).unwrap_err();
//! assert_eq!(refused.iter().next().unwrap().code, "legal_hold");
//! ```

mod erasure;
mod export;
mod retention;
mod subject;
mod suppression;
mod suppression_request;

pub use erasure::{Deletion, ErasurePlan, ErasureRequest, Kept, plan_erasure};
pub use export::{ExportFormat, ExportPlan, ExportRequest, ExportSection, plan_export};
pub use retention::{RetentionPlan, RetentionRequest, plan_retention};
pub use subject::{DataStore, Subject, SyncedAudience};
pub use suppression::{SuppressionEntry, SuppressionList, SuppressionReason, SuppressionVerdict};
pub use suppression_request::{
    ListedIdentifier, SuppressedPerson, SuppressionAddRequest, SuppressionChange, SuppressionCheckRequest,
    SuppressionCheckResponse, SuppressionLiftRequest, SuppressionSubject, TenantKey, UnreadIdentifier,
};

#[cfg(test)]
mod tests;

//! What the engine must be able to read and to store, as ports, with an implementation in memory beside them.
//!
//! One thing holds them together: a tenant's **revision**. It moves with every [`Commit`], and a commit is taken only while
//! the revision is still the one that its decision was read at. So a claim decided before a kill switch was engaged is
//! never stored after it, two executors never claim one action, and a cap on changes per day is never overrun by two
//! decisions at once. Actions, confirmations, kill switches and audit entries of one commit are stored together or not at
//! all: without its intent entry no claim exists.
//!
//! ```
//! use stratum_autopilot::audit::{Actor, AuditAction, NewAuditEntry};
//! use stratum_autopilot::store::{ActionStore, Commit, MemoryStore, StoreError};
//!
//! let store = MemoryStore::new();
//! let tenant = "0198c9a0-0000-7000-8000-000000000001".parse().unwrap();
//! let now = "2026-03-01T12:00:00Z".parse().unwrap();
//! pollster::block_on(async {
//!     let read_at = store.revision(tenant).await.unwrap();
//!     let entry = || NewAuditEntry::new(now, Actor::system(), AuditAction::SettingsChanged, "autopilot");
//!     store.commit(tenant, read_at, Commit::new([entry()])).await.unwrap();
//!     // The same decision again was read at a revision that is over.
//!     assert_eq!(store.commit(tenant, read_at, Commit::new([entry()])).await, Err(StoreError::Conflict));
//! });
//! ```

#[cfg(any(test, feature = "contract-tests"))]
pub mod contract;
mod history;
mod memory;
mod ports;
mod types;

pub use history::ChangeHistory;
pub use memory::{MemorySignals, MemoryStore};
pub use ports::{ActionStore, AuditLog, SettingsStore, SignalStore};
pub use types::{Commit, LoadedAction, Moment, Revision, StoreError, TenantSettings};

#[cfg(test)]
mod tests;

//! The audit chain: what happened, by whom, and why, so that a later change of any byte shows.
//!
//! Each tenant has one chain. A record is hashed together with the hash of the record before it:
//! SHA-256("stratum.audit.v1" ‖ 0 ‖ `prev_hash` ‖ canonical JSON of the entry). [`ChainHead::append`] makes the next record
//! and does no I/O: the caller stores it in the transaction of the change. [`Verifier`] reads the stored records as they
//! stand, with fields that this version does not know, and names the first broken link.
//!
//! ```
//! use stratum_autopilot::audit::{Actor, AuditAction, BrokenLinkCause, ChainHead, NewAuditEntry, verify};
//!
//! let tenant = "0198c9a0-0000-7000-8000-000000000001".parse().unwrap();
//! let now = "2026-03-01T12:00:00Z".parse().unwrap();
//! let start = ChainHead::genesis(tenant);
//! let frozen = NewAuditEntry::new(now, Actor::system(), AuditAction::KillSwitchChanged, "autopilot")
//!     .reason("spend doubled within an hour");
//! let (first, head) = start.append(frozen).unwrap();
//! let (second, head) = head.append(NewAuditEntry::new(now, Actor::system(), AuditAction::Dismissed, "action")).unwrap();
//!
//! let mut records = vec![first.to_stored().unwrap(), second.to_stored().unwrap()];
//! assert_eq!(verify(start, &records).unwrap(), head);
//!
//! records[0].entry["reason"] = "maintenance".into();
//! let broken = verify(start, &records).unwrap_err();
//! assert_eq!((broken.seq, broken.cause), (1, BrokenLinkCause::Hash));
//! ```

mod chain;
mod entry;
mod exact;
mod verify;
mod vocabulary;

pub use chain::{AuditRecord, ChainHead, StoredRecord};
pub use entry::{Actor, AuditEntry, Changes, Intervention, NewAuditEntry};
pub use exact::exact_numbers;
pub use verify::{BrokenLink, BrokenLinkCause, Verification, Verifier, verify};
pub use vocabulary::{ActorType, AuditAction, InterventionAction};

/// What every hash of the chain begins with, followed by a zero byte; another layout of the record gets another name.
pub const HASH_DOMAIN: &str = "stratum.audit.v1";

#[cfg(test)]
mod tests;

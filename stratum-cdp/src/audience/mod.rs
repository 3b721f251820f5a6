//! Audiences at ad platforms: whom to add and to remove, whether now, and the requests that each platform wants.
//!
//! [`difference`] compares who is eligible with whom the platform has. [`AudienceAdditions`] takes
//! [`Consented`](crate::consent::Consented) members only, and adding them asks the trust gate: what it lets through is a
//! [`SyncPermit`] for one batch, which [`AudienceDestination::add`] takes by value. [`AudienceRemovals`] takes anybody and needs
//! no permit: who withdraws consent has to leave, and nothing holds that up.
//!
//! ```
//! use serde_json::json;
//! use stratum_cdp::audience::{AudienceFacts, AudiencePayloadsRequest, SyncHold, difference};
//!
//! let found = difference(&AudienceFacts::new(&[1, 2, 5], Some(&[2, 3])));
//! assert_eq!((found.adds, found.removes, found.unchanged), (vec![1, 5], vec![3], 1));
//!
//! // A hundred people do not leave at once: somebody has to say that the segment really is empty.
//! let had: Vec<u64> = (0..100).collect();
//! let found = difference(&AudienceFacts::new(&[], Some(&had)));
//! assert_eq!((found.held, found.removes.len()), (Some(SyncHold::SuspiciousEmpty), 0));
//!
//! let request: AudiencePayloadsRequest = serde_json::from_value(json!({
//!     "connection": {"platform": "SNAPCHAT", "ids": {"segment_id": "S-1"}},
//!     "action": "add",
//!     "now": "2026-03-01T12:00:00Z",
//!     "consent_checked": true,
//!     "members": [
//!         {"member_id": "jane", "identifiers": [{"type": "email", "value": "jane@shop.example"}]},
//!         {"member_id": "omar", "identifiers": [{"type": "anonymous_id", "value": "v-17"}]},
//!     ],
//! })).unwrap();
//! let answer = request.payloads().unwrap();
//! assert_eq!(answer.requests[0].path, "/v1/segments/S-1/users");
//! assert_eq!(answer.requests[0].items, ["jane"]);
//! assert_eq!(answer.skipped[0].reason.as_str(), "no_identifiers");
//! ```

mod batch;
mod check;
#[cfg(any(test, feature = "contract-tests"))]
pub mod contract;
mod destination;
mod difference;
mod difference_request;
mod estimate;
pub mod google;
mod member;
pub mod meta;
mod permit;
mod progress;
mod request;
mod schedule;
pub mod snapchat;
pub mod tiktok;

pub use batch::{AudienceAdditions, AudienceRemovals, MergedMember};
pub use check::{SyncCheck, SyncCheckRequest, SyncStep, SyncTrigger};
pub use destination::{AudienceDestination, MemoryAudiences};
pub use difference::{
    AudienceDifference, AudienceFacts, SUSPICIOUS_FROM, SyncHold, SyncMode, acknowledge, can_replace,
    difference,
};
pub use difference_request::{DifferenceRequest, DifferenceResponse};
pub use estimate::{IdentifierShare, MatchEstimate, MatchEstimateRequest, MatchKey};
pub use member::{AudienceConnection, AudienceMember, PreparedMember};
pub use permit::{AudienceRef, ManualSync, SyncBasis, SyncPermit, SyncPermitRefusal, ask_gate, sync_facts};
pub use progress::{SyncBatch, SyncOperation, SyncProgress, SyncStatus, batch_limit, batches};
pub use request::{AudienceAction, AudiencePayloadsRequest, AudiencePayloadsResponse, SkippedMember};
pub use schedule::{HOLD_RETRY_MS, SyncInterval};

#[cfg(test)]
mod tests;

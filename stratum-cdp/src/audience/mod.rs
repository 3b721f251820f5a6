//! Audiences at ad platforms: whom to add and to remove, in the requests that each platform wants.
//!
//! [`AudienceAdditions`] takes [`Consented`](crate::consent::Consented) members only. [`AudienceRemovals`] takes anybody:
//! who withdraws consent has to leave, and nothing holds that up.
//!
//! ```
//! use serde_json::json;
//! use stratum_cdp::audience::AudiencePayloadsRequest;
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
mod estimate;
pub mod google;
mod member;
pub mod meta;
mod request;
pub mod snapchat;
pub mod tiktok;

pub use batch::{AudienceAdditions, AudienceRemovals, MergedMember};
pub use estimate::{IdentifierShare, MatchEstimate, MatchEstimateRequest, MatchKey};
pub use member::{AudienceConnection, AudienceMember, PreparedMember};
pub use request::{AudienceAction, AudiencePayloadsRequest, AudiencePayloadsResponse, SkippedMember};

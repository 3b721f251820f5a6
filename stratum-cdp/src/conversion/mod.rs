//! Conversions for ad platforms: from an event to the requests that each platform wants, and what is set aside.
//!
//! A [`ConversionBatch`] takes events of one connection and gives [`PlatformRequest`]s within the platform's limits, without
//! anything secret. Meta and TikTok refuse a whole request for one bad event, so every event is checked first and what the
//! platform would not take is named with a [`SkipReason`]. A batch takes [`Consented`](crate::consent::Consented) events
//! only: nothing is built of the data of a person who did not consent to ads.
//!
//! [`ConversionEvent::from_event`] makes one of an event of the CDP.
//!
//! ```
//! use serde_json::json;
//! use stratum_cdp::conversion::ConversionPayloadsRequest;
//!
//! let request: ConversionPayloadsRequest = serde_json::from_value(json!({
//!     "connection": {"platform": "META", "ids": {"api_version": "v25.0", "dataset_id": "17"}},
//!     "now": "2026-03-01T12:00:00Z",
//!     "events": [{
//!         "event_id": "o-1", "event_name": "Purchase", "event_time": "2026-03-01T11:58:00Z", "action_source": "physical_store",
//!         "identifiers": [{"type": "phone", "value": "+965 2234 5678"}],
//!         "properties": {"value": 12.5, "currency": "KWD"},
//!         "consent": {"ad_user_data": "granted"},
//!     }, {
//!         "event_id": "o-2", "event_name": "Purchase", "event_time": "2026-03-01T11:58:00Z", "action_source": "physical_store",
//!         "identifiers": [{"type": "phone", "value": "+965 2234 5679"}],
//!     }],
//! })).unwrap();
//! let answer = request.payloads().unwrap();
//! assert_eq!(answer.requests[0].path, "/v25.0/17/events");
//! assert_eq!(answer.requests[0].items, ["o-1"]);
//! assert_eq!(answer.skipped[0].reason.as_str(), "consent_denied"); // who has not decided has not consented
//! ```

mod app;
mod batch;
mod click;
mod common;
mod event;
mod from_event;
pub mod google;
pub mod google_legacy;
mod hashed;
mod keys;
pub mod meta;
mod names;
pub mod offline;
mod outgoing;
mod quality;
mod request;
mod settings;
pub mod snapchat;
pub mod tiktok;

pub use app::{AppOs, ConversionApp, TrackingStatus};
pub use batch::{Conversion, ConversionBatch};
pub(crate) use batch::{Group, Groups};
pub use event::{
    ActionSource, AdConsent, AdDecision, ConversionEvent, ConversionItem, ConversionProperties,
    ConversionUser, RawIdentifier,
};
pub use from_event::{
    ConversionMapping, ConversionRefusal, ConversionsFromEvents, ConversionsFromEventsRequest,
    UnconvertedEvent,
};
pub use hashed::{Hashed, Private};
pub(crate) use keys::MatchKeys;
pub use names::{EventNameRequest, EventNameResponse, StandardEvent};
pub use outgoing::{HttpMethod, PlatformAuth, PlatformBody, PlatformRequest};
pub use quality::{
    ConversionQuality, ConversionQualityRequest, EventQuality, QualityImprovement, QualityStep,
};
pub use request::{ConversionPayloadsRequest, ConversionPayloadsResponse, SkippedEvent};
pub use settings::{ConversionConnection, SkipReason, SnapchatLimitedUse};
pub(crate) use settings::{check_ids, check_items, filled};

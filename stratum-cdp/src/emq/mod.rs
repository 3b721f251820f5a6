//! From an event to its event match quality.
//!
//! The formula is the core's ([`stratum_core::emq::event`]); here stand the rules that say which facts an event holds.
//!
//! ```
//! use serde_json::json;
//! use stratum_cdp::{emq, event::Event, identifier::CleaningPolicy};
//!
//! let purchase = Event::from_json(
//!     json!({
//!         "event_name": "Purchase",
//!         "event_time": "2026-03-01T12:00:00Z",
//!         "identifiers": [{"type": "email", "value": "jane@shop.example"}, {"type": "anonymous_id", "value": "v-91"}],
//!         "properties": {"order_id": "A-17", "total": 42.5, "currency": "USD", "items": [{"sku": "S-1"}]},
//!         "context": {
//!             "user_agent": "Mozilla/5.0",
//!             "ip": "203.0.113.7",
//!             "page": {"url": "https://shop.example/thanks"},
//!             "campaign": {"source": "newsletter"},
//!         },
//!     }),
//!     &CleaningPolicy::default(),
//! )
//! .unwrap();
//! let emq = emq::evaluate_event(&purchase, "2026-03-01T12:00:10Z".parse().unwrap()).unwrap();
//! assert_eq!(emq.score.get(), 88.0);
//! ```

mod facts;
mod request;

pub use facts::facts;
pub use request::{EventEmqRequest, EventEmqResponse};
use stratum_core::emq::event::EventEmq;
use stratum_core::{Problem, Problems, Timestamp};

use crate::event::{Event, EventKind};

/// The EMQ of an event that was received at `received_at`.
///
/// # Errors
/// `not_scored` for a kind other than `track`, `event_time_in_future` for an event dated more than five minutes ahead.
pub fn evaluate_event(event: &Event, received_at: Timestamp) -> Result<EventEmq, Problems> {
    if event.kind() != EventKind::Track {
        return Err(Problem::new(
            "/kind",
            "not_scored",
            format!("an event of kind {} has no emq", event.kind()),
        )
        .help("only track events are scored")
        .into());
    }
    stratum_core::emq::event::evaluate(&facts(event, received_at)).map_err(|refusal| refusal.problem().into())
}

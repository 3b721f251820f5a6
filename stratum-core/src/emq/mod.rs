//! Event match quality (EMQ): how well events can be matched to people, 0 to 100.
//!
//! Two figures share the name and are never mixed. [`event`] scores one event as the tenant sends it; its mean over a day
//! gives the [`EmqBand`] that narrows automatic approval. [`platform`] scores what an ad platform makes of the events,
//! from five measured drivers; it feeds the EMQ component of signal health.
//!
//! ```
//! use stratum_core::emq::{EmqBand, event::{self, ContextSignals, EventFacts, IdentifierKinds}};
//!
//! let purchase = EventFacts {
//!     identifiers: IdentifierKinds::EMAIL | IdentifierKinds::ANONYMOUS_ID,
//!     completeness: 100.0,
//!     latency_s: 10.0,
//!     context: ContextSignals::ALL,
//! };
//! let emq = event::evaluate(&purchase).unwrap();
//! assert_eq!(emq.score.get(), 88.0); // 0.4·70 + 25 + 20 + 15
//! assert_eq!(emq.band, EmqBand::Excellent);
//! ```

mod band;
mod bits;
pub mod event;
pub mod platform;

pub use band::{AutomationLevel, EmqBand};

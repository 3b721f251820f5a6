//! EMQ of one event: 0.40 identifiers + 0.25 completeness + 0.20 timeliness + 0.15 context.
//!
//! The event itself belongs to the customer data library; here it is four small facts, so that millions a second can be
//! scored. [`completeness`] makes one of them from the name of the event and the properties that it carries.
//!
//! ```
//! use stratum_core::emq::event::{self, ContextSignals, EventFacts, EventProperties, EventRefusal, IdentifierKinds};
//!
//! let completeness = event::completeness("PageView", EventProperties::PAGE_URL, true);
//! assert_eq!(completeness, 70.0); // the required property, neither of the two recommended ones
//! let mut facts = EventFacts {
//!     identifiers: IdentifierKinds::ANONYMOUS_ID,
//!     completeness,
//!     latency_s: 1_950.0, // half-way between five minutes and an hour
//!     context: ContextSignals::PAGE,
//! };
//! assert_eq!(event::evaluate(&facts).unwrap().score.get(), 38.75); // 4 + 17.5 + 15 + 2.25
//!
//! facts.latency_s = -301.0;
//! assert_eq!(event::evaluate(&facts), Err(EventRefusal::EventTimeInFuture));
//! ```

mod columns;
mod completeness;
mod facts;
mod mean;
mod scoring;

pub use columns::EventColumns;
pub use completeness::{EventProperties, EventSchema, completeness};
pub use facts::{ContextSignals, EventFacts, IdentifierKinds};
pub use mean::{EventEmqMean, EventEmqSample, MeanEventEmq};
pub use scoring::{EventEmq, EventEmqFactors, EventRefusal, MAX_FUTURE_S, evaluate};

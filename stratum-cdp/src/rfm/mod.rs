//! Recency, frequency, monetary value: who bought last, how often and for how much, in scores from 1 to 5 and one of
//! eleven names.
//!
//! A customer is scored by fixed limits ([`RfmPolicy`], the default) or by rank among all customers (quintiles). From
//! purchases to the three figures leads [`RfmSketch`], which merges, so that parts of the purchases can be summed up apart.
//!
//! ```
//! use stratum_cdp::rfm::{RfmFacts, RfmPolicy, RfmSegment};
//! use stratum_core::Currency;
//!
//! let policy = RfmPolicy::default().compile(Currency::USD).unwrap();
//! let rfm = policy.score(&RfmFacts { recency_days: 5.0, frequency: 12, monetary_cents: 640_00 }).unwrap();
//! assert_eq!((rfm.cell(), rfm.segment()), ("RFM544".to_owned(), RfmSegment::Champions));
//! assert_eq!(rfm.mean(), 4.33);
//! ```

mod aggregate;
mod columns;
mod policy;
mod quantiles;
mod request;
mod score;
mod segment;
mod sketch;

pub use aggregate::{CustomerPurchase, RfmAggregateRequest, RfmAggregation, RfmState};
pub use columns::{RfmColumns, RfmScores};
pub use policy::{CompiledRfm, RfmMode, RfmPolicy};
pub use quantiles::{Order, Ties, quantile_scores};
pub use request::{RfmRequest, RfmResponse, ScoredCustomer};
pub use score::{Rfm, RfmFacts};
pub use segment::RfmSegment;
pub use sketch::{CustomerPurchases, Purchase, RfmSketch};

//! EMQ of a platform: what an ad platform makes of the tenant's events, from five measured drivers.
//!
//! The score is Σ weight · driver / 100. A missing driver counts 0, its weight is not spread over the others, and its
//! status is critical: what nobody measures cannot be trusted.
//!
//! ```
//! use stratum_core::emq::platform::{self, ConfidenceBand, DriverMeasurements, EmqDriver, PlatformEmqRequest};
//!
//! let measured = DriverMeasurements {
//!     events_browser: Some(900),
//!     events_server: Some(1_000),
//!     events_matched: Some(800),               // 80 of 100, below the good limit of 85
//!     pages_total: Some(40),
//!     pages_with_pixel: Some(40),
//!     event_kinds_expected: Some(10),
//!     event_kinds_configured: Some(9),         // 95
//!     conversion_latency_hours: Some(1.0),     // 90
//!     conversion_variance_frac: Some(0.05),    // 90
//!     data_age_hours: Some(1.0),               // 100
//!     ..DriverMeasurements::default()
//! };
//! let emq = platform::evaluate(&PlatformEmqRequest::new(measured)).unwrap();
//! assert_eq!(emq.score.get(), 89.25);          // 24 + 23.75 + 18 + 13.5 + 10
//! assert_eq!(emq.confidence_band, ConfidenceBand::Reliable);
//! assert_eq!(emq.playbook[0].key, "event_match_rate:add_hashed_identifiers");
//! assert_eq!(emq.playbook[0].estimated_gain, 1.5);
//! ```

mod aggregate;
mod driver;
mod evaluation;
mod impact;
mod measurement;
mod playbook;
mod volatility;
mod weights;

pub use aggregate::{AggregatedEmq, PlatformShare, aggregate};
pub use driver::{DriverReading, DriverStatus, EmqDriver, Trend};
pub use evaluation::{ConfidenceBand, PlatformEmq, PlatformEmqRequest, evaluate};
pub use impact::{MAX_RECOVERABLE_FRAC, RoasFacts, RoasImpact, roas_impact};
pub use measurement::DriverMeasurements;
pub use playbook::{PlaybookItem, PlaybookPriority, PlaybookStatus, REOPEN_AFTER_DAYS, playbook};
pub use volatility::{DailyScore, Volatility, VolatilityTrend, volatility};
pub use weights::{CompiledDriverWeights, DriverWeights};

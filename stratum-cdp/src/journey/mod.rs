//! Journeys: the touches that led to a conversion, or to none.
//!
//! ```
//! use stratum_cdp::journey::{Conversion, Journey, Touchpoint};
//!
//! let at = |time: &str| time.parse().unwrap();
//! let touches = vec![
//!     Touchpoint::click("email", at("2026-03-05T10:00:00Z")),
//!     Touchpoint::click("meta", at("2026-03-01T10:00:00Z")),
//! ];
//! let journey = Journey::new(touches, Some(Conversion::new(at("2026-03-06T10:00:00Z"), 120_00)));
//! assert_eq!(journey.channel_path().path, ["meta", "email"]);
//! assert_eq!(journey.confidence(), Some(0.6));
//! ```

mod build;
mod path;
mod request;
mod settings;
mod touch;

pub use build::build;
pub use path::{Conversion, Journey};
pub use request::{
    ClickId, ImportedConversion, ImportedTouch, JourneyEvent, JourneyReport, JourneyRequest, Refund,
};
pub use settings::{JourneySettings, LookBack, SourceRule};
pub use touch::{MatchEvidence, TouchKind, Touchpoint};

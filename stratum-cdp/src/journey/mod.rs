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
//! assert_eq!(journey.channel_path().channels, ["meta", "email"]);
//! assert_eq!(journey.match_confidence(), Some(0.6));
//! ```

mod path;
mod touch;

pub use path::{ChannelPath, Conversion, Journey};
pub use touch::{MatchEvidence, TouchKind, Touchpoint};

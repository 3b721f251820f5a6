//! Attribution: what each channel has earned of the conversions that it led to, by rules.
//!
//! A rule gives each touch of a journey a share; the shares of a conversion sum to it exactly, in minor units by largest
//! remainder, so that what the channels were credited adds up to the revenue to the cent.
//!
//! ```
//! use stratum_cdp::attribution::{RuleModel, RuleSettings};
//!
//! let days_before = |days: i64| -days * 86_400_000;
//! let touches = [days_before(10), days_before(3), days_before(1)];
//! let rules = RuleSettings::default().compile().unwrap();
//! let weights: Vec<f64> = rules.shares(RuleModel::TimeDecay, &touches, None).weights().collect();
//! assert!((weights[0] - 0.183890).abs() < 1e-6 && (weights[2] - 0.448329).abs() < 1e-6);
//! // 100.00 in thirds: the cent that is left goes to the later touch.
//! assert_eq!(rules.shares(RuleModel::Linear, &touches, None).credits(100_00), [33_33, 33_33, 33_34]);
//! assert_eq!(rules.shares(RuleModel::Linear, &touches, None).credits(-100_00), [-33_33, -33_33, -33_34]);
//! ```

mod model;
mod shares;

pub use model::{RuleModel, RuleSettings, Rules};
pub use shares::{CONVERSION_PARTS, Shares};

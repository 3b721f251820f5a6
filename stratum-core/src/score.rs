//! Scores and ratios that cannot hold NaN.
//!
//! ```
//! use stratum_core::Score;
//! let health = Score::new(69.97).unwrap();
//! assert_eq!(health.shown(), 69.9); // floored, so that 69.97 never looks like a pass
//! assert!(Score::new(f64::NAN).is_err());
//! assert!(Score::new(100.01).is_err());
//! ```

use std::cmp::Ordering;
use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::math::round9;
use crate::problem::Problem;

macro_rules! bounded {
    ($(#[$doc:meta])* $name:ident, $low:literal, $high:literal, $noun:literal) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Default)]
        pub struct $name(f64);

        impl $name {
            /// The smallest value.
            pub const MIN: Self = Self($low);
            /// The largest value.
            pub const MAX: Self = Self($high);

            /// The value rounded to nine decimals.
            ///
            /// # Errors
            /// `not_a_number` for NaN and infinities, `out_of_range` outside the bounds.
            pub fn new(value: f64) -> Result<Self, Problem> {
                if !value.is_finite() {
                    return Err(Problem::new("", "not_a_number", concat!("a ", $noun, " is a finite number"))
                        .help("leave an unmeasured value out instead of writing NaN or infinity"));
                }
                // Adding zero turns -0 into 0, so that equal values have equal bits.
                let value = round9(value) + 0.0;
                if ($low..=$high).contains(&value) {
                    Ok(Self(value))
                } else {
                    Err(Problem::new("", "out_of_range", format!(concat!("a ", $noun, " is from ", stringify!($low), " to ", stringify!($high), ", not {}"), value)))
                }
            }

            /// The value rounded to nine decimals and moved into the bounds; `None` for NaN and infinities, which count as missing.
            #[must_use]
            pub fn clamped(value: f64) -> Option<Self> {
                value.is_finite().then(|| Self(round9(value).clamp($low, $high) + 0.0))
            }

            /// The number.
            #[must_use]
            pub const fn get(self) -> f64 {
                self.0
            }
        }

        impl Eq for $name {}

        impl PartialOrd for $name {
            fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
                Some(self.cmp(other))
            }
        }

        impl Ord for $name {
            fn cmp(&self, other: &Self) -> Ordering {
                self.0.total_cmp(&other.0)
            }
        }

        impl TryFrom<f64> for $name {
            type Error = Problem;

            fn try_from(value: f64) -> Result<Self, Problem> {
                Self::new(value)
            }
        }

        impl From<$name> for f64 {
            fn from(value: $name) -> f64 {
                value.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_f64(self.0)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                Self::new(f64::deserialize(deserializer)?).map_err(serde::de::Error::custom)
            }
        }

        #[cfg(feature = "schema")]
        impl schemars::JsonSchema for $name {
            fn schema_name() -> std::borrow::Cow<'static, str> {
                stringify!($name).into()
            }

            fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
                schemars::json_schema!({
                    "description": concat!("A ", $noun, "."),
                    "type": "number",
                    "minimum": $low,
                    "maximum": $high,
                })
            }
        }
    };
}

bounded! {
    /// A score from 0 (worst) to 100 (best), with at most nine decimals. Thresholds compare this value.
    Score, 0.0, 100.0, "score"
}

bounded! {
    /// A fraction from 0 to 1, with at most nine decimals.
    Ratio, 0.0, 1.0, "ratio"
}

impl Score {
    /// The score as people see it: floored to one decimal, so that 69.97 shows 69.9 and never 70.0.
    #[must_use]
    pub fn shown(self) -> f64 {
        // A score has nine decimals, so what is not a whole tenth is at least 1e-8 below the next one after the
        // multiplication; 1e-9 only absorbs the rounding of the multiplication itself.
        (self.0 * 10.0 + 1e-9).floor() / 10.0
    }
}

//! Regions: whose numbering plan a phone number without a country code is read by.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use stratum_core::Problem;

/// The ISO 3166-1 alpha-2 code of a country or territory.
///
/// ```
/// use stratum_cdp::identifier::Region;
/// assert_eq!("kw".parse::<Region>().unwrap().as_str(), "KW");
/// assert!("Kuwait".parse::<Region>().is_err());
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Region([u8; 2]);

impl Region {
    /// The two letters, upper case.
    #[must_use]
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or("ZZ")
    }

    /// A number below 676 that no two codes share.
    #[cfg(feature = "phone-metadata")]
    pub(super) fn index(self) -> usize {
        self.0.iter().fold(0, |index, letter| {
            usize::from(letter.saturating_sub(b'A')).saturating_add(26_usize.saturating_mul(index))
        })
    }
}

impl FromStr for Region {
    type Err = Problem;

    fn from_str(text: &str) -> Result<Self, Problem> {
        match text.as_bytes() {
            &[first, second] if first.is_ascii_alphabetic() && second.is_ascii_alphabetic() => {
                Ok(Self([first.to_ascii_uppercase(), second.to_ascii_uppercase()]))
            }
            _ => Err(Problem::new("", "invalid_region", "a region is two letters (ISO 3166-1 alpha-2)")
                .help("write KW, US, DE, …")),
        }
    }
}

impl fmt::Display for Region {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for Region {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Region({self})")
    }
}

impl Serialize for Region {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for Region {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(feature = "schema")]
impl schemars::JsonSchema for Region {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Region".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({
            "description": "The ISO 3166-1 alpha-2 code of a country or territory: KW, US, DE.",
            "type": "string",
            "pattern": "^[A-Za-z]{2}$"
        })
    }
}

//! What a computed trait is, as it stands on the wire.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use stratum_core::enumeration;

use crate::segment::PropertyFilter;

enumeration! {
    /// How a trait is computed.
    pub enum TraitType "trait type" {
        /// How many events; with a property, how many that have it.
        Count = "count",
        /// The sum of a property.
        Sum = "sum",
        /// The mean of a property.
        Average = "average",
        /// The least value of a property.
        Min = "min",
        /// The largest value of a property.
        Max = "max",
        /// The property of the first event that has it; without a property the time of the first event.
        First = "first",
        /// The property of the last event that has it; without a property the time of the last event.
        Last = "last",
        /// How many different values a property has.
        UniqueCount = "unique_count",
        /// Whether there is any event; with a property, any that has it.
        Exists = "exists",
        /// A formula on other traits and fields of the profile.
        Formula = "formula",
    }
}

impl TraitType {
    /// Whether it needs a property.
    pub(super) const fn needs_property(self) -> bool {
        matches!(self, Self::Sum | Self::Average | Self::Min | Self::Max | Self::UniqueCount)
    }

    /// The type of its value, where that does not depend on the property.
    pub(super) const fn output(self) -> Option<OutputType> {
        match self {
            Self::Count | Self::Sum | Self::Average | Self::Min | Self::Max | Self::UniqueCount => {
                Some(OutputType::Number)
            }
            Self::Exists => Some(OutputType::Boolean),
            Self::First | Self::Last | Self::Formula => None,
        }
    }
}

enumeration! {
    /// Of what type the value of a trait is.
    pub enum OutputType "output type" {
        /// A number.
        Number = "number",
        /// A text.
        String = "string",
        /// True or false.
        Boolean = "boolean",
        /// An instant, as RFC 3339 text.
        Date = "date",
    }
}

impl Default for OutputType {
    /// What a trait gives that does not say.
    fn default() -> Self {
        Self::Number
    }
}

/// A computed trait.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct TraitDefinition {
    /// Its name: a to z, 0 to 9 and `_`, a letter first, at most 100. No two traits share it.
    pub name: String,
    /// How it is computed.
    pub trait_type: TraitType,
    /// What it is computed from.
    #[serde(default)]
    pub source_config: TraitSource,
    /// Of what type its value is; where the type of a property's value differs, there is no value.
    #[serde(default)]
    pub output_type: OutputType,
    /// What it is where nothing is found; `null` if left out. Counts, sums and `exists` always find something: 0, `false`.
    #[serde(default)]
    pub default_value: Option<Value>,
}

/// What a trait is computed from.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default)]
#[non_exhaustive]
pub struct TraitSource {
    /// The name of the events, compared exactly; every track event if left out.
    pub event_name: Option<String>,
    /// The property, a path of keys joined by dots.
    pub property: Option<String>,
    /// Only events of the last so many days of 24 hours, 1 to 3650; if left out, of all the time for which events are kept.
    /// That is 13 calendar months, and no window is longer than that.
    #[cfg_attr(feature = "schema", schemars(range(min = 1, max = 3650)))]
    pub time_window_days: Option<u32>,
    /// What the properties of the events must be; all of them.
    pub filters: Vec<PropertyFilter>,
    /// The formula, of a trait of type `formula`.
    pub formula: Option<String>,
}

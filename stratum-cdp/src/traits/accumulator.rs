//! What some events come to, for one trait.

use std::cmp::Ordering;
use std::collections::BTreeSet;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::Value;
use stratum_core::Timestamp;

use super::definition::TraitType;
use crate::segment::number::{Number, amount_of};

/// When an event happened, and its id: the order of events.
pub(super) type EventKey = (i64, String);

/// An amount in units of 10⁻¹²; in a stored state decimal text, because no reader of JSON keeps so many digits.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Units(i128);

impl Serialize for Units {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for Units {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map(Self).map_err(serde::de::Error::custom)
    }
}

/// What one event gives to one trait.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Contribution {
    /// The event itself, of a trait without a property.
    Event,
    /// An amount.
    Amount(Units),
    /// The property has no amount, and one was asked for.
    Skipped,
    /// The property's value, as canonical JSON.
    Text(String),
}

impl std::fmt::Debug for Contribution {
    /// Nothing: the value of a property may name a person.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Contribution(…)")
    }
}

impl Contribution {
    /// What the value of a property gives to a trait.
    pub(super) fn of(trait_type: TraitType, value: &Value) -> Self {
        match trait_type {
            TraitType::Sum | TraitType::Average | TraitType::Min | TraitType::Max => {
                amount_of(value).map_or(Self::Skipped, |units| Self::Amount(Units(units)))
            }
            TraitType::First | TraitType::Last => Self::Text(value.to_string()),
            // Numbers that are equal are one value, however they are written.
            TraitType::UniqueCount => {
                Self::Text(stratum_core::canonical::write(value).unwrap_or_else(|_| value.to_string()))
            }
            TraitType::Count | TraitType::Exists | TraitType::Formula => Self::Event,
        }
    }
}

/// What events come to: the same whatever their order.
#[derive(Clone, Default)]
pub(super) struct Accumulator {
    events: u64,
    skipped: u64,
    amounts: u64,
    sum: Units,
    min: Option<Units>,
    max: Option<Units>,
    first: Option<(EventKey, Contribution)>,
    last: Option<(EventKey, Contribution)>,
    unique: BTreeSet<String>,
}

impl std::fmt::Debug for Accumulator {
    /// How much there is: the values of properties may name a person.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Accumulator")
            .field("events", &self.events)
            .field("skipped", &self.skipped)
            .finish_non_exhaustive()
    }
}

impl Accumulator {
    pub(super) fn add(&mut self, trait_type: TraitType, key: (i64, &str), contribution: &Contribution) {
        self.events = self.events.saturating_add(1);
        match contribution {
            Contribution::Skipped => {
                self.skipped = self.skipped.saturating_add(1);
                return;
            }
            Contribution::Amount(amount) => {
                self.amounts = self.amounts.saturating_add(1);
                self.sum = Units(self.sum.0.saturating_add(amount.0));
                self.min = Some(self.min.map_or(*amount, |least| least.min(*amount)));
                self.max = Some(self.max.map_or(*amount, |most| most.max(*amount)));
            }
            Contribution::Text(text) if trait_type == TraitType::UniqueCount => {
                self.unique.insert(text.clone());
            }
            Contribution::Text(_) | Contribution::Event => {}
        }
        let wins = |held: &Option<(EventKey, Contribution)>, wanted| {
            held.as_ref().is_none_or(|((at_ms, id), _)| key.cmp(&(*at_ms, id)) == wanted)
        };
        if trait_type == TraitType::First && wins(&self.first, Ordering::Less) {
            self.first = Some(((key.0, key.1.to_owned()), contribution.clone()));
        }
        if trait_type == TraitType::Last && wins(&self.last, Ordering::Greater) {
            self.last = Some(((key.0, key.1.to_owned()), contribution.clone()));
        }
    }

    /// How many values could not be read as what the trait asks for.
    pub(super) const fn skipped(&self) -> u64 {
        self.skipped
    }

    /// The value; `None` where nothing was found.
    pub(super) fn finish(&self, trait_type: TraitType) -> Option<Value> {
        match trait_type {
            TraitType::Count => Some(self.events.into()),
            TraitType::Exists => Some((self.events > 0).into()),
            TraitType::UniqueCount => Some(u64::try_from(self.unique.len()).unwrap_or(u64::MAX).into()),
            TraitType::Sum => shown(self.sum),
            TraitType::Average => shown(mean(self.sum, self.amounts)?),
            TraitType::Min => shown(self.min?),
            TraitType::Max => shown(self.max?),
            TraitType::First => found(self.first.as_ref()?),
            TraitType::Last => found(self.last.as_ref()?),
            TraitType::Formula => None,
        }
    }
}

/// The mean in units of 10⁻¹², half away from zero.
fn mean(Units(sum): Units, amounts: u64) -> Option<Units> {
    let amounts = i128::from(amounts);
    let (whole, rest) = (sum.checked_div(amounts)?, sum.checked_rem(amounts)?);
    let up = rest.saturating_abs().saturating_mul(2) >= amounts;
    Some(Units(if up { whole.saturating_add(sum.signum()) } else { whole }))
}

/// A sum that is whole is written as a whole number, a fraction as the nearest double.
fn shown(Units(amount): Units) -> Option<Value> {
    Number::Sum(amount).shown().map(Value::Number)
}

fn found((key, contribution): &(EventKey, Contribution)) -> Option<Value> {
    match contribution {
        Contribution::Text(text) => serde_json::from_str(text).ok(),
        Contribution::Event => Timestamp::from_millis(key.0).ok().map(|at| at.to_string().into()),
        Contribution::Amount(_) | Contribution::Skipped => None,
    }
}

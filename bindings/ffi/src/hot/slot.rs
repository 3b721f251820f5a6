//! Values to numbers and back, one after the other.

use std::cell::Cell;
use std::collections::BTreeMap;

use stratum_autopilot::action::{BudgetKind, EntityStatus};
use stratum_autopilot::enforcement::{EnforcementMode, ViolationType};
use stratum_core::emq::EmqBand;
use stratum_core::emq::event::EventRefusal;
use stratum_core::gate::GateReason;
use stratum_core::health::HealthIssueCode;
use stratum_core::math::{amount, count};
use stratum_core::vocabulary::{
    ActionType, EntityType, GateDecision, GateSubject, HealthComponent, HealthPreset, HealthStatus,
    IncidentKind, IncidentSeverity, Platform,
};
use stratum_core::{Currency, Score, Timestamp};

use super::shape::Absence;
#[cfg(feature = "schema")]
use super::shape::{Kind, Vocabulary};

/// More items than any list of a request that is worth a fast path.
pub const MOST_ITEMS: usize = 12;

/// A value that lies in slots.
pub(crate) trait Slot: Sized {
    /// How its absence lies in slots.
    const ABSENCE: Absence = Absence::Nan;

    /// Of an `Option`: how the absence of what it holds lies in slots.
    #[cfg(feature = "schema")]
    const OPTIONAL: Option<Absence> = None;

    /// How it lies in slots, for the generator.
    #[cfg(feature = "schema")]
    fn kind() -> Kind;

    /// Reads it; `None` where the slots hold no such value.
    fn read(slots: &mut Slots<'_>) -> Option<Self>;

    /// Writes it.
    fn write(&self, answer: &mut Answer<'_>);
}

/// The slots of a request, read from the front.
pub(crate) struct Slots<'a> {
    numbers: &'a [Cell<f64>],
    texts: Option<&'a [String]>,
}

impl<'a> Slots<'a> {
    /// Slots without their texts: an id is only known to be another id's equal or not, and every text is empty.
    pub(crate) const fn numbers(numbers: &'a [Cell<f64>]) -> Self {
        Self { numbers, texts: None }
    }

    /// Slots with the texts of the call.
    pub(crate) const fn with_texts(numbers: &'a [Cell<f64>], texts: &'a [String]) -> Self {
        Self { numbers, texts: Some(texts) }
    }

    #[inline(always)]
    fn next(&mut self) -> Option<f64> {
        let (first, rest) = self.numbers.split_first()?;
        self.numbers = rest;
        Some(first.get())
    }

    #[inline(always)]
    fn next_is_nan(&self) -> bool {
        self.numbers.first().is_some_and(|number| number.get().is_nan())
    }

    fn whole(&mut self) -> Option<i64> {
        let number = self.next()?;
        #[expect(clippy::cast_possible_truncation, reason = "a whole number within 2⁵³ is exact")]
        let whole = number as i64;
        (number.abs() <= 9_007_199_254_740_991.0 && amount(whole) == number).then_some(whole)
    }

    fn position(&mut self) -> Option<usize> {
        usize::try_from(self.whole()?).ok()
    }

    fn text(&mut self) -> Option<Result<&'a str, i64>> {
        let position = self.whole()?;
        match self.texts {
            None => Some(Err(position)),
            Some(texts) => texts.get(usize::try_from(position).ok()?).map(|text| Ok(text.as_str())),
        }
    }
}

/// The slots of an answer, written from the front.
pub(crate) struct Answer<'a> {
    numbers: &'a [Cell<f64>],
    at: usize,
}

impl<'a> Answer<'a> {
    pub(crate) const fn new(numbers: &'a [Cell<f64>]) -> Self {
        Self { numbers, at: 0 }
    }

    #[inline(always)]
    fn push(&mut self, number: f64) {
        if let Some(slot) = self.numbers.get(self.at) {
            slot.set(number);
        }
        self.at = self.at.saturating_add(1);
    }

    fn position(&mut self, position: usize) {
        self.push(u32::try_from(position).map_or(f64::NAN, f64::from));
    }

    /// Whether everything found a slot.
    pub(crate) const fn fits(&self) -> bool {
        self.at <= self.numbers.len()
    }
}

impl<T: Slot> Slot for Option<T> {
    const ABSENCE: Absence = Absence::Own;

    #[cfg(feature = "schema")]
    const OPTIONAL: Option<Absence> = Some(T::ABSENCE);

    #[cfg(feature = "schema")]
    fn kind() -> Kind {
        T::kind()
    }

    fn read(slots: &mut Slots<'_>) -> Option<Self> {
        let present = match T::ABSENCE {
            Absence::Nan if slots.next_is_nan() => slots.next().is_none(),
            Absence::Flag => bool::read(slots)?,
            Absence::Nan | Absence::Own => true,
        };
        if present { T::read(slots).map(Some) } else { Some(None) }
    }

    fn write(&self, answer: &mut Answer<'_>) {
        match (self, T::ABSENCE) {
            (Some(value), Absence::Flag) => {
                true.write(answer);
                value.write(answer);
            }
            (None, Absence::Flag) => false.write(answer),
            (Some(value), _) => value.write(answer),
            (None, _) => answer.push(f64::NAN),
        }
    }
}

/// A value that may be left out.
pub(super) fn or_default<T: Slot + Default>(slots: &mut Slots<'_>) -> Option<T> {
    match T::ABSENCE {
        Absence::Own => T::read(slots),
        Absence::Nan | Absence::Flag => Option::<T>::read(slots).map(Option::unwrap_or_default),
    }
}

impl<T: Slot> Slot for Vec<T> {
    #[cfg(feature = "schema")]
    fn kind() -> Kind {
        Kind::List(Box::new(T::kind()))
    }

    fn read(slots: &mut Slots<'_>) -> Option<Self> {
        let items = slots.position()?;
        if items > MOST_ITEMS {
            return None;
        }
        // At once: a list that is collected grows as it goes.
        let mut list = Self::with_capacity(items);
        for _ in 0..items {
            list.push(T::read(slots)?);
        }
        Some(list)
    }

    fn write(&self, answer: &mut Answer<'_>) {
        answer.position(self.len());
        self.iter().for_each(|item| item.write(answer));
    }
}

/// One slot: what a number means, and how it is written.
macro_rules! single {
    ($($type:ty = $kind:expr, $read:expr, $write:expr;)+) => {$(
        impl Slot for $type {
            #[cfg(feature = "schema")]
            fn kind() -> Kind {
                $kind
            }

            fn read(slots: &mut Slots<'_>) -> Option<Self> {
                let read: fn(&mut Slots<'_>) -> Option<Self> = $read;
                read(slots)
            }

            fn write(&self, answer: &mut Answer<'_>) {
                let write: fn(&Self) -> f64 = $write;
                answer.push(write(self));
            }
        }
    )+};
}

single! {
    f64 = Kind::Number, |slots| slots.next().filter(|number| number.is_finite()), |number| *number;
    Score = Kind::Number, |slots| Self::new(slots.next()?).ok(), |score| score.get();
    bool = Kind::Flag, |slots| match slots.next()? { 0.0 => Some(false), 1.0 => Some(true), _ => None }, |flag| f64::from(*flag);
    i64 = Kind::Whole, |slots| slots.whole(), |whole| amount(*whole);
    u64 = Kind::Whole, |slots| Self::try_from(slots.whole()?).ok(), |whole| count(*whole);
    u32 = Kind::Whole, |slots| Self::try_from(slots.whole()?).ok(), |whole| f64::from(*whole);
    Timestamp = Kind::Instant, |slots| Self::from_millis(slots.whole()?).ok(), |at| amount(at.millis());
    Currency = Kind::Currency, |slots| currency(slots.whole()?), |_| f64::NAN;
    String = Kind::Text, |slots| Some(slots.text()?.unwrap_or_default().to_owned()), |_| f64::NAN;
}

fn currency(digits: i64) -> Option<Currency> {
    let letter =
        |digit: i64| char::from_digit(u32::try_from(digit.rem_euclid(26)).ok()?.checked_add(10)?, 36);
    let text: Option<String> =
        [digits.div_euclid(676), digits.div_euclid(26), digits].into_iter().map(letter).collect();
    text?.parse().ok()
}

/// An id that stands for itself only by its position: version 7 sorts by time, so the position is its time.
macro_rules! ids {
    ($($type:ty),+) => {$(
        impl Slot for $type {
            #[cfg(feature = "schema")]
            fn kind() -> Kind {
                Kind::Id
            }

            fn read(slots: &mut Slots<'_>) -> Option<Self> {
                match slots.text()? {
                    Ok(text) => text.parse().ok(),
                    Err(position) => Some(Self::v7(Timestamp::from_millis(position).ok()?, [0; 10])),
                }
            }

            fn write(&self, answer: &mut Answer<'_>) {
                answer.push(u32::try_from(self.as_uuid().as_u128() >> 80).map_or(f64::NAN, f64::from));
            }
        }
    )+};
}

ids! { stratum_core::id::TenantId, stratum_core::id::SnapshotId }

/// The vocabulary of an enumeration of the wire.
#[cfg(feature = "schema")]
macro_rules! words {
    ($enumeration:ty) => {
        Vocabulary {
            name: stringify!($enumeration),
            words: <$enumeration>::ALL.iter().map(|word| word.as_str()).collect(),
        }
    };
}

macro_rules! codes {
    ($($type:ident),+ $(,)?) => {$(
        impl Slot for $type {
            #[cfg(feature = "schema")]
            fn kind() -> Kind {
                Kind::Code(words!($type))
            }

            fn read(slots: &mut Slots<'_>) -> Option<Self> {
                Self::ALL.get(slots.position()?).copied()
            }

            fn write(&self, answer: &mut Answer<'_>) {
                answer.position(self.index());
            }
        }
    )+};
}

codes! {
    ActionType, BudgetKind, EmqBand, EnforcementMode, EntityStatus, EntityType, EventRefusal, GateDecision, GateReason,
    GateSubject, HealthComponent, HealthIssueCode, HealthPreset, HealthStatus, IncidentKind, IncidentSeverity, Platform,
    ViolationType,
}

impl Slot for BTreeMap<HealthComponent, Option<f64>> {
    const ABSENCE: Absence = Absence::Own;

    #[cfg(feature = "schema")]
    fn kind() -> Kind {
        Kind::Numbers(words!(HealthComponent))
    }

    fn read(slots: &mut Slots<'_>) -> Option<Self> {
        let mut given = Self::new();
        for &component in HealthComponent::ALL {
            if let Some(score) = Option::<f64>::read(slots)? {
                given.insert(component, Some(score));
            }
        }
        Some(given)
    }

    fn write(&self, answer: &mut Answer<'_>) {
        for component in HealthComponent::ALL {
            self.get(component).copied().flatten().write(answer);
        }
    }
}

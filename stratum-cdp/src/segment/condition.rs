//! One compiled condition: what is asked of the value of a field.

use std::borrow::Cow;
use std::cmp::Ordering;
use std::fmt;

use chrono::{Months, NaiveDate, NaiveTime};
use serde_json::Value;
use stratum_core::Timestamp;
use stratum_core::time::{DAY_MS, HOUR_MS};

use super::field::Field;
use super::fold::fold;
use super::number::Number;
use super::rules::TimeUnit;

/// The value of a field.
#[derive(Clone, Copy)]
pub(crate) enum Scalar<'a> {
    Null,
    Boolean(bool),
    Number(Number),
    Text(&'a str),
    Time(i64),
    /// A list or an object: a value, but none that an operator could read.
    Structure,
}

impl<'a> Scalar<'a> {
    pub(crate) fn of(value: Option<&'a Value>) -> Self {
        match value {
            None | Some(Value::Null) => Self::Null,
            Some(Value::Bool(flag)) => Self::Boolean(*flag),
            Some(Value::Number(number)) => Number::of(number).map_or(Self::Null, Self::Number),
            Some(Value::String(text)) => Self::Text(text),
            Some(Value::Array(_) | Value::Object(_)) => Self::Structure,
        }
    }

    pub(crate) const fn is_null(&self) -> bool {
        matches!(self, Self::Null)
    }

    /// The instant: of a time, or of text that is one.
    fn instant(&self) -> Option<i64> {
        match self {
            Self::Time(at) => Some(*at),
            Self::Text(text) => instant_of(text),
            _ => None,
        }
    }
}

/// The instant of RFC 3339 text, or of a date (its midnight in UTC).
pub(crate) fn instant_of(text: &str) -> Option<i64> {
    if !(10..=40).contains(&text.len()) {
        return None;
    }
    if text.len() == 10 {
        let day = NaiveDate::parse_from_str(text, "%Y-%m-%d").ok()?;
        // The reader takes `+2026-1-01` too; the wire knows one form.
        return (day.to_string() == text).then(|| day.and_time(NaiveTime::MIN).and_utc().timestamp_millis());
    }
    text.parse::<Timestamp>().ok().map(Timestamp::millis)
}

/// The values of `equals`, `not_equals`, `in` and `not_in`, by type.
#[derive(Clone, Default)]
pub(crate) struct Values {
    pub(crate) texts: Vec<String>,
    pub(crate) times: Vec<i64>,
    pub(crate) numbers: Vec<Number>,
    pub(crate) booleans: Vec<bool>,
}

impl Values {
    /// Sorted, so that a thousand values are searched in ten steps.
    pub(crate) fn sort(&mut self) {
        self.texts.sort_unstable();
        self.texts.dedup();
        self.times.sort_unstable();
        self.times.dedup();
        self.numbers.sort_unstable_by(|a, b| a.compare(*b));
        self.numbers.dedup_by(|a, b| a.compare(*b) == Ordering::Equal);
    }

    fn hold(&self, value: Scalar<'_>) -> bool {
        match value {
            Scalar::Null | Scalar::Structure => false,
            Scalar::Boolean(flag) => self.booleans.contains(&flag),
            Scalar::Number(number) => self.numbers.binary_search_by(|one| one.compare(number)).is_ok(),
            Scalar::Time(at) => self.times.binary_search(&at).is_ok(),
            Scalar::Text(text) => {
                self.texts.binary_search_by(|one| one.as_str().cmp(text)).is_ok()
                    || (!self.times.is_empty()
                        && instant_of(text).is_some_and(|at| self.times.binary_search(&at).is_ok()))
            }
        }
    }
}

/// One end of a range of numbers.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Bound {
    pub(crate) number: Number,
    pub(crate) included: bool,
}

/// How text is searched.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum TextMatch {
    Contains,
    StartsWith,
    EndsWith,
}

/// What is asked of a value.
#[derive(Clone)]
pub(crate) enum Test {
    IsNull,
    IsNotNull,
    Among {
        values: Values,
        negated: bool,
    },
    Text {
        how: TextMatch,
        folded: String,
        negated: bool,
    },
    Numbers {
        low: Option<Bound>,
        high: Option<Bound>,
    },
    /// Milliseconds, both included.
    Times {
        low: i64,
        high: i64,
    },
    WithinLast {
        n: u32,
        unit: TimeUnit,
    },
}

/// One condition, ready to be asked.
#[derive(Debug, Clone)]
pub(crate) struct Condition {
    pub(crate) field: Field,
    /// The field as it was written.
    pub(crate) name: String,
    /// Where it stands in the rules.
    pub(crate) path: String,
    pub(crate) operator: super::rules::ConditionOperator,
    pub(crate) test: Test,
    pub(crate) window_days: Option<u32>,
}

impl fmt::Debug for Test {
    /// Nothing: the values may name a person.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Test(…)")
    }
}

impl Test {
    /// The test at an instant: `within_last` becomes a range of times.
    pub(crate) fn at(&self, now: Timestamp) -> Cow<'_, Self> {
        match self {
            Self::WithinLast { n, unit } => {
                Cow::Owned(Self::Times { low: back(now, *n, *unit), high: now.millis() })
            }
            other => Cow::Borrowed(other),
        }
    }

    /// Whether a value meets the test. No value meets `is_null` and nothing else; a value of a type that the operator
    /// cannot read meets only what says that it is something else.
    pub(crate) fn holds(&self, value: Scalar<'_>) -> bool {
        if value.is_null() {
            return matches!(self, Self::IsNull);
        }
        match self {
            Self::IsNull => false,
            Self::IsNotNull => true,
            Self::Among { values, negated } => values.hold(value) != *negated,
            Self::Text { how, folded, negated } => match value {
                Scalar::Text(text) => how.finds(&fold(text), folded) != *negated,
                _ => false,
            },
            Self::Numbers { low, high } => match value {
                Scalar::Number(number) => above(number, *low) && below(number, *high),
                _ => false,
            },
            Self::Times { low, high } => value.instant().is_some_and(|at| (*low..=*high).contains(&at)),
            // Resolved by `at`; asked without an instant it is not known to be recent.
            Self::WithinLast { .. } => false,
        }
    }
}

impl TextMatch {
    fn finds(self, text: &str, part: &str) -> bool {
        match self {
            Self::Contains => text.contains(part),
            Self::StartsWith => text.starts_with(part),
            Self::EndsWith => text.ends_with(part),
        }
    }
}

fn above(number: Number, low: Option<Bound>) -> bool {
    low.is_none_or(|low| match number.compare(low.number) {
        Ordering::Greater => true,
        Ordering::Equal => low.included,
        Ordering::Less => false,
    })
}

fn below(number: Number, high: Option<Bound>) -> bool {
    high.is_none_or(|high| match number.compare(high.number) {
        Ordering::Less => true,
        Ordering::Equal => high.included,
        Ordering::Greater => false,
    })
}

/// The instant `n` units before `now`. A month that has no such day ends on its last.
fn back(now: Timestamp, n: u32, unit: TimeUnit) -> i64 {
    let n = i64::from(n);
    match unit {
        TimeUnit::Hours => now.millis().saturating_sub(HOUR_MS.saturating_mul(n)),
        TimeUnit::Days => now.millis().saturating_sub(DAY_MS.saturating_mul(n)),
        TimeUnit::Weeks => now.millis().saturating_sub(DAY_MS.saturating_mul(7).saturating_mul(n)),
        TimeUnit::Months => u32::try_from(n)
            .ok()
            .and_then(|n| now.to_chrono().checked_sub_months(Months::new(n)))
            .map_or(i64::MIN, |at| at.timestamp_millis()),
    }
}

/// Which events count: after `since` and not after `until`, in milliseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct EventWindow {
    pub(crate) since: i64,
    pub(crate) until: i64,
}

impl EventWindow {
    /// Up to `now`, as cohorts and traits count. Windows are of days of 24 hours, their far end excluded.
    pub(crate) fn of(now: Timestamp, days: Option<u32>) -> Self {
        let until = now.millis();
        let since =
            days.map_or(i64::MIN, |days| until.saturating_sub(DAY_MS.saturating_mul(i64::from(days))));
        Self { since, until }
    }

    pub(crate) const fn holds(self, at: i64) -> bool {
        (at > self.since) & (at <= self.until)
    }
}

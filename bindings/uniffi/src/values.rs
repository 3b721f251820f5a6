//! Instants, numbers and JSON on their way through the border.

use std::cell::Cell;
use std::collections::HashMap;

use serde::ser::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::Value;
use stratum_ffi::stratum_core;
use stratum_ffi::stratum_core::problem::{Problem, ProblemCollector, Problems, pointer_step};

use crate::errors::StratumError;

/// An instant, to the millisecond: `java.time.Instant` in Kotlin, `Date` in Swift, `datetime` in Python.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Timestamp(pub stratum_core::Timestamp);

uniffi::custom_type!(Timestamp, i64, {
    lower: |at| at.0.millis(),
    try_lift: |ms| stratum_core::Timestamp::from_millis(ms).map(Timestamp).map_err(|problem| StratumError::from(problem).into()),
});

/// A JSON object as text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Json(pub String);

uniffi::custom_type!(Json, String, {
    lower: |json| json.0,
    try_lift: |text| Ok(Json(text)),
});

impl Serialize for Json {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        // Text that is no JSON goes on as a string, which the operation refuses with its place.
        match serde_json::from_str::<Value>(&self.0) {
            Ok(value) => value.serialize(serializer),
            Err(_) => serializer.serialize_str(&self.0),
        }
    }
}

impl<'de> Deserialize<'de> for Json {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Value::deserialize(deserializer).map(|value| Self(value.to_string()))
    }
}

thread_local! {
    /// Whether numbers without a form in JSON are marked instead of refused.
    static MARKED: Cell<bool> = const { Cell::new(false) };
}

/// Stands where such a number stood. No text of a request begins with this character.
const MARK: &str = "\u{0}not a number";

/// The JSON of a record.
///
/// # Errors
/// `not_a_number` with its place, for every number that JSON has no form for.
pub(crate) fn to_json<Q: Serialize>(record: &Q) -> Result<Value, Problems> {
    if let Ok(json) = serde_json::to_value(record) {
        return Ok(json);
    }
    // Only for a record that is wrong: once more, with a mark where each wrong number stands.
    MARKED.set(true);
    let marked = serde_json::to_value(record);
    MARKED.set(false);
    let mut found = ProblemCollector::new();
    match &marked {
        Ok(marked) => note_marks(marked, "", &mut found),
        Err(error) => found.push(Problem::new("", "internal", format!("this record has no JSON: {error}"))),
    }
    found.into_result(Value::Null)
}

fn note_marks(value: &Value, path: &str, found: &mut ProblemCollector) {
    match value {
        Value::String(text) if text == MARK => {
            let problem = Problem::new(path, "not_a_number", "a request holds finite numbers only");
            found.push(problem.help("leave out what was not measured"));
        }
        Value::Object(members) => {
            for (key, member) in members {
                note_marks(member, &format!("{path}{}", pointer_step(key)), found);
            }
        }
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                note_marks(item, &format!("{path}/{index}"), found);
            }
        }
        _ => {}
    }
}

/// Writes numbers, and refuses those that JSON has no form for.
pub(crate) fn finite<T: Numbers, S: Serializer>(numbers: &T, serializer: S) -> Result<S::Ok, S::Error> {
    numbers.write(serializer)
}

/// A number, or what holds numbers.
pub(crate) trait Numbers {
    fn write<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error>;
}

/// Numbers on their way to JSON.
struct Finite<'a, T>(&'a T);

impl<T: Numbers> Serialize for Finite<'_, T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.write(serializer)
    }
}

impl Numbers for f64 {
    fn write<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if self.is_finite() {
            serializer.serialize_f64(*self)
        } else if MARKED.get() {
            serializer.serialize_str(MARK)
        } else {
            Err(S::Error::custom("not a number"))
        }
    }
}

impl<T: Numbers> Numbers for Option<T> {
    fn write<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Some(number) => serializer.serialize_some(&Finite(number)),
            None => serializer.serialize_none(),
        }
    }
}

impl<T: Numbers> Numbers for Vec<T> {
    fn write<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.iter().map(Finite))
    }
}

impl<K: Serialize, V: Numbers, B> Numbers for HashMap<K, V, B> {
    fn write<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.iter().map(|(key, number)| (key, Finite(number))))
    }
}

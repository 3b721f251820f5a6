//! Takes an object apart, field by field, and notes whatever is wrong with each.

use std::fmt;

use serde_json::{Map, Value};
use stratum_core::Problem;
use stratum_core::problem::{ProblemCollector, pointer_step};

use crate::identifier::trim;

/// Where a value stands; written out only when a problem is noted.
#[derive(Clone, Copy)]
pub(crate) enum Place<'a> {
    /// The whole input.
    Root,
    /// A field of an object.
    Field(&'a Place<'a>, &'a str),
    /// An item of a list.
    Item(&'a Place<'a>, usize),
}

impl fmt::Display for Place<'_> {
    /// The JSON pointer.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Root => Ok(()),
            Self::Field(parent, name) => write!(f, "{parent}{}", pointer_step(name)),
            Self::Item(parent, index) => write!(f, "{parent}/{index}"),
        }
    }
}

/// The fields of an object that were not read yet, and where the object stands.
pub(crate) struct Fields<'a> {
    rest: Map<String, Value>,
    place: Place<'a>,
    found: &'a mut ProblemCollector,
}

impl<'a> Fields<'a> {
    /// The fields of `value`; notes a problem and gives `None` if it is no object.
    pub(crate) fn of(value: Value, place: Place<'a>, found: &'a mut ProblemCollector) -> Option<Self> {
        match value {
            Value::Object(rest) => Some(Self { rest, place, found }),
            other => {
                found.push(wrong_type(place, "an object", &other));
                None
            }
        }
    }

    /// Takes a field out; `None` if it is absent or null.
    pub(crate) fn take(&mut self, name: &str) -> Option<Value> {
        self.rest.remove(name).filter(|value| !value.is_null())
    }

    /// Notes a problem of this field.
    pub(crate) fn refuse(&mut self, name: &str, code: &'static str, message: impl Into<String>, help: &str) {
        let problem = Problem::new(Place::Field(&self.place, name).to_string(), code, message);
        self.found.push(if help.is_empty() { problem } else { problem.help(help) });
    }

    /// Notes that the field is of another type.
    pub(crate) fn refuse_type(&mut self, name: &str, wanted: &str, value: &Value) {
        self.found.push(wrong_type(Place::Field(&self.place, name), wanted, value));
    }

    /// Text without white space at its ends, `None` if nothing is left; at most `max` characters.
    pub(crate) fn text(&mut self, name: &str, max: usize) -> Option<String> {
        let text = self.string(name)?;
        let trimmed = trim(&text);
        if trimmed.is_empty() {
            return None;
        }
        if trimmed.len() > max && trimmed.chars().count() > max {
            self.refuse(name, "too_long", format!("this is at most {max} characters long"), "");
            return None;
        }
        Some(if trimmed.len() == text.len() { text } else { trimmed.to_owned() })
    }

    /// Text as it is.
    pub(crate) fn string(&mut self, name: &str) -> Option<String> {
        match self.take(name)? {
            Value::String(text) => Some(text),
            other => {
                self.refuse_type(name, "text", &other);
                None
            }
        }
    }

    /// A truth value.
    pub(crate) fn flag(&mut self, name: &str) -> Option<bool> {
        match self.take(name)? {
            Value::Bool(flag) => Some(flag),
            other => {
                self.refuse_type(name, "true or false", &other);
                None
            }
        }
    }

    /// A whole number of pixels.
    pub(crate) fn size(&mut self, name: &str) -> Option<u32> {
        let value = self.take(name)?;
        let size = value.as_u64().and_then(|size| u32::try_from(size).ok());
        if size.is_none() {
            self.refuse_type(name, "a whole number from 0 to 4294967295", &value);
        }
        size
    }

    /// A value that is read from text; notes a problem if the field is absent.
    pub(crate) fn required<T: std::str::FromStr<Err = Problem>>(&mut self, name: &str) -> Option<T> {
        match self.required_string(name)?.trim().parse::<T>() {
            Ok(value) => Some(value),
            Err(problem) => {
                self.found.push(problem.under(&Place::Field(&self.place, name).to_string()));
                None
            }
        }
    }

    /// Like [`Self::string`], and notes a problem if the field is absent.
    pub(crate) fn required_string(&mut self, name: &str) -> Option<String> {
        if self.is_absent(name) {
            self.refuse(name, "missing_field", "this is required", "");
            return None;
        }
        self.string(name)
    }

    /// Whether the field is absent or null; a null is read by this.
    pub(crate) fn is_absent(&mut self, name: &str) -> bool {
        self.takes_null(name) || !self.rest.contains_key(name)
    }

    /// Whether the field is there and null; it is read by this.
    pub(crate) fn takes_null(&mut self, name: &str) -> bool {
        let null = self.rest.get(name).is_some_and(Value::is_null);
        if null {
            self.rest.remove(name);
        }
        null
    }

    /// An object, as it is.
    pub(crate) fn map(&mut self, name: &str) -> Option<Map<String, Value>> {
        match self.take(name)? {
            Value::Object(map) => Some(map),
            other => {
                self.refuse_type(name, "an object", &other);
                None
            }
        }
    }

    /// An object, read by `read`.
    pub(crate) fn object<T>(&mut self, name: &str, read: impl FnOnce(&mut Fields<'_>) -> T) -> Option<T> {
        let value = self.take(name)?;
        let place = Place::Field(&self.place, name);
        Fields::of(value, place, self.found).map(|mut fields| read(&mut fields))
    }

    /// The object that stands at `index` of the list `name`, read by `read`.
    pub(crate) fn item<T>(
        &mut self,
        name: &str,
        index: usize,
        value: Value,
        read: impl FnOnce(&mut Fields<'_>) -> Option<T>,
    ) -> Option<T> {
        let list = Place::Field(&self.place, name);
        let place = Place::Item(&list, index);
        Fields::of(value, place, self.found).and_then(|mut fields| read(&mut fields))
    }

    /// Notes every field that was not read. A key may be a person's address: one that does not look like a name is replaced by
    /// its position among those that were not read.
    pub(crate) fn refuse_the_rest(&mut self) {
        for (position, name) in std::mem::take(&mut self.rest).keys().enumerate() {
            if is_field_name(name) {
                self.refuse(name, "unknown_field", "no such field is known here", "");
            } else {
                let help = "its name is not shown, as it may be a person's; the path has its position among the unknown fields";
                self.refuse(&position.to_string(), "unknown_field", "no such field is known here", help);
            }
        }
    }
}

/// `[A-Za-z_][A-Za-z0-9_.-]{0,63}`
fn is_field_name(name: &str) -> bool {
    name.len() <= 64
        && name.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_')
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.' | b'-'))
}

/// What a value is called in a message.
fn noun(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a truth value",
        Value::Number(_) => "a number",
        Value::String(_) => "text",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    }
}

fn wrong_type(place: Place<'_>, wanted: &str, value: &Value) -> Problem {
    Problem::new(place.to_string(), "wrong_type", format!("this is {wanted}, not {}", noun(value)))
}

//! Exact comparison of an answer with what a vector expects.

use serde_json::Value;
use stratum_core::problem::pointer_step;

/// The first place at which `found` is not what `expected` asks for, or `None`.
///
/// Objects are compared on the keys that are expected, at any depth; lists in length and order; numbers by their value,
/// exactly, so that 70 and 70.0 are equal and 69.99999999999999 is something else.
#[must_use]
pub fn difference(found: &Value, expected: &Value) -> Option<String> {
    at("", found, expected)
}

fn at(path: &str, found: &Value, expected: &Value) -> Option<String> {
    match (found, expected) {
        (Value::Object(found), Value::Object(expected)) => expected.iter().find_map(|(key, expected)| {
            let place = format!("{path}{}", pointer_step(key));
            match found.get(key) {
                Some(found) => at(&place, found, expected),
                None => Some(format!("{place} is missing, expected {expected}")),
            }
        }),
        (Value::Array(found), Value::Array(expected)) => {
            let pairs = found.iter().zip(expected).enumerate();
            let first = pairs
                .into_iter()
                .find_map(|(index, (found, expected))| at(&format!("{path}/{index}"), found, expected));
            first.or_else(|| {
                (found.len() != expected.len())
                    .then(|| format!("{path} has {} items, expected {}", found.len(), expected.len()))
            })
        }
        (Value::Number(a), Value::Number(b)) => {
            let whole = a.as_i64().zip(b.as_i64()).map(|(a, b)| a == b);
            let equal = whole.unwrap_or_else(|| a.as_f64() == b.as_f64());
            (!equal).then(|| format!("{path} is {a}, expected {b}"))
        }
        _ => (found != expected).then(|| format!("{path} is {found}, expected {expected}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn keys_that_are_not_expected_are_left_alone_and_all_else_is_exact() {
        let found = json!({"a": 1.0, "b": [{"c": null, "d": 0.1}], "e": "x"});
        assert_eq!(difference(&found, &json!({"a": 1, "b": [{"d": 0.1}]})), None);
        for (expected, place) in [
            (json!({"a": 1.0000000000000002}), "/a is"),
            (json!({"b": []}), "/b has 1 items"),
            (json!({"b": [{"c": false}]}), "/b/0/c is null"),
            (json!({"f": 1}), "/f is missing"),
            (json!({"e": "X"}), "/e is"),
            (json!([]), " is {"),
        ] {
            let said = difference(&found, &expected).unwrap();
            assert!(said.starts_with(place), "{said}");
        }
    }
}

//! Numbers that survive every store and every language.

use serde_json::{Number, Value};
use stratum_core::canonical;

/// The same JSON with numbers only as integers within ±(2⁵³ − 1); every other number becomes its decimal text.
///
/// A database that keeps `0.1` as a decimal and a program that keeps it as a double then hash the same bytes.
///
/// ```
/// use serde_json::json;
/// use stratum_autopilot::audit::exact_numbers;
/// let value = json!({"health": 69.9999, "budget_cents": 12_000, "share": 1.0});
/// assert_eq!(exact_numbers(value), json!({"health": "69.9999", "budget_cents": 12_000, "share": 1}));
/// ```
#[must_use]
pub fn exact_numbers(value: Value) -> Value {
    match value {
        Value::Number(number) => exact_number(number),
        Value::Array(items) => Value::Array(items.into_iter().map(exact_numbers).collect()),
        Value::Object(members) => {
            Value::Object(members.into_iter().map(|(key, member)| (key, exact_numbers(member))).collect())
        }
        Value::Null | Value::Bool(_) | Value::String(_) => value,
    }
}

fn exact_number(number: Number) -> Value {
    // The canonical text of 1.0 is `1`, and that of an integer beyond 2^53 - 1 is refused: it stays as it was written.
    let value = Value::Number(number);
    let text = canonical::write(&value).unwrap_or_else(|_| value.to_string());
    match text.parse::<i64>() {
        Ok(integer) if integer.unsigned_abs() <= canonical::MAX_SAFE_INTEGER => Value::from(integer),
        _ => Value::String(text),
    }
}

//! The value of a condition: whether the operator fits the field, and the value the operator.

use serde_json::Value;
use stratum_core::problem::{Problem, ProblemCollector, Problems};
use stratum_core::spelling::nearest;

use super::condition::{Bound, Test, TextMatch, Values, instant_of};
use super::field::{EventFactKind, Field, FieldType, is_storable};
use super::fold::fold;
use super::number::Number;
use super::rules::{ConditionOperator, MAX_VALUES, MAX_WINDOW, TimeUnit};

use ConditionOperator as Op;

/// The longest text of a condition, in bytes.
const MAX_TEXT: usize = 1_024;

/// The test of a condition.
///
/// # Errors
/// Every problem, with paths below the condition.
pub(super) fn read_test(field: &Field, operator: Op, value: Option<&Value>) -> Result<Test, Problems> {
    let kind = field.field_type();
    if !fits(operator, kind) {
        return Err(mismatch(operator, kind).into());
    }
    let value = match (operator, value) {
        (Op::IsNull, None) => return Ok(Test::IsNull),
        (Op::IsNotNull, None) => return Ok(Test::IsNotNull),
        (Op::IsNull | Op::IsNotNull, Some(_)) => {
            return Err(Problem::new("/value", "not_allowed_here", format!("{operator} has no value"))
                .help("leave it out")
                .into());
        }
        (_, None) => {
            return Err(Problem::new("/value", "missing_field", format!("{operator} needs a value")).into());
        }
        (_, Some(value)) => value,
    };
    let reader = ValueReader { field, kind };
    match operator {
        Op::Equals | Op::NotEquals => {
            let mut values = Values::default();
            reader.add(value, &mut values).map_err(|problem| problem.under("/value"))?;
            Ok(Test::Among { values, negated: operator == Op::NotEquals })
        }
        Op::In | Op::NotIn => {
            let values = reader.list(value).map_err(|problems| problems.under("/value"))?;
            Ok(Test::Among { values, negated: operator == Op::NotIn })
        }
        Op::Contains | Op::NotContains | Op::StartsWith | Op::EndsWith => {
            let text = text_of(value).map_err(|problem| problem.under("/value"))?;
            if text.is_empty() {
                return Err(Problem::new("/value", "too_short", "every text holds the empty one")
                    .help("ask is_not_null for any value")
                    .into());
            }
            let how = match operator {
                Op::StartsWith => TextMatch::StartsWith,
                Op::EndsWith => TextMatch::EndsWith,
                _ => TextMatch::Contains,
            };
            Ok(Test::Text { how, folded: fold(text).into_owned(), negated: operator == Op::NotContains })
        }
        Op::GreaterThan | Op::GreaterOrEqual | Op::LessThan | Op::LessOrEqual => {
            let number = reader.number(value).map_err(|problem| problem.under("/value"))?;
            let included = matches!(operator, Op::GreaterOrEqual | Op::LessOrEqual);
            let bound = Some(Bound { number, included });
            Ok(match operator {
                Op::GreaterThan | Op::GreaterOrEqual => Test::Numbers { low: bound, high: None },
                _ => Test::Numbers { low: None, high: bound },
            })
        }
        Op::Before | Op::After => {
            let at = instant(value).map_err(|problem| problem.under("/value"))?;
            Ok(match operator {
                Op::Before => Test::Times { low: i64::MIN, high: at.saturating_sub(1) },
                _ => Test::Times { low: at.saturating_add(1), high: i64::MAX },
            })
        }
        Op::Between => reader.between(value).map_err(|problems| problems.under("/value")),
        Op::WithinLast => within_last(value).map_err(|problems| problems.under("/value")),
        // Both were answered above.
        Op::IsNull => Ok(Test::IsNull),
        Op::IsNotNull => Ok(Test::IsNotNull),
    }
}

/// Whether an operator can be asked of a field of this type.
const fn fits(operator: Op, kind: FieldType) -> bool {
    match operator {
        Op::IsNull | Op::IsNotNull | Op::Equals | Op::NotEquals | Op::In | Op::NotIn => true,
        Op::Contains | Op::NotContains | Op::StartsWith | Op::EndsWith => {
            matches!(kind, FieldType::Text | FieldType::Word(_) | FieldType::Any)
        }
        Op::GreaterThan | Op::LessThan | Op::GreaterOrEqual | Op::LessOrEqual => {
            matches!(kind, FieldType::Number | FieldType::Any)
        }
        Op::Between => matches!(kind, FieldType::Number | FieldType::Time | FieldType::Any),
        Op::Before | Op::After | Op::WithinLast => matches!(kind, FieldType::Time | FieldType::Any),
    }
}

const fn noun(kind: FieldType) -> &'static str {
    match kind {
        FieldType::Text | FieldType::Word(_) => "a text",
        FieldType::Number => "a number",
        FieldType::Boolean => "true or false",
        FieldType::Time => "a time",
        FieldType::Any => "any value",
    }
}

fn mismatch(operator: Op, kind: FieldType) -> Problem {
    let fitting: Vec<&str> = Op::ALL.iter().filter(|&&one| fits(one, kind)).map(|one| one.as_str()).collect();
    Problem::new(
        "/operator",
        "type_mismatch",
        format!("the field holds {}, which {operator} cannot read", noun(kind)),
    )
    .help(format!("use one of: {}", fitting.join(", ")))
}

struct ValueReader<'a> {
    field: &'a Field,
    kind: FieldType,
}

impl ValueReader<'_> {
    /// Adds a scalar in the type of the field.
    fn add(&self, value: &Value, values: &mut Values) -> Result<(), Problem> {
        match self.kind {
            FieldType::Text => values.texts.push(text_of(value)?.to_owned()),
            FieldType::Word(words) => values.texts.push(word(text_of(value)?, words)?.to_owned()),
            FieldType::Number => values.numbers.push(self.number(value)?),
            FieldType::Boolean => {
                values.booleans.push(value.as_bool().ok_or_else(|| wrong(value, "true or false"))?)
            }
            FieldType::Time => values.times.push(instant(value)?),
            FieldType::Any => match value {
                Value::Bool(flag) => values.booleans.push(*flag),
                Value::Number(_) => values.numbers.push(self.number(value)?),
                Value::String(text) => match instant_of(text) {
                    // Text that is an instant equals every spelling of that instant.
                    Some(at) => values.times.push(at),
                    None => values.texts.push(text_of(value)?.to_owned()),
                },
                _ => return Err(wrong(value, "a text, a number, true or false")),
            },
        }
        Ok(())
    }

    fn list(&self, value: &Value) -> Result<Values, Problems> {
        let Value::Array(items) = value else { return Err(wrong(value, "a list of values").into()) };
        if items.is_empty() {
            return Err(Problem::new("", "too_short", "the list holds no value").into());
        }
        if items.len() > MAX_VALUES {
            let message = format!("the list holds at most {MAX_VALUES} values, not {}", items.len());
            return Err(Problem::new("", "too_long", message)
                .help("make it a static segment and ask for segment.<id>")
                .into());
        }
        let mut found = ProblemCollector::new();
        let mut values = Values::default();
        for (index, item) in items.iter().enumerate() {
            if let Err(problem) = self.add(item, &mut values) {
                found.push(problem.under(&format!("/{index}")));
            }
        }
        values.sort();
        found.into_result(values)
    }

    fn number(&self, value: &Value) -> Result<Number, Problem> {
        let Value::Number(number) = value else { return Err(wrong(value, "a number")) };
        let number = Number::of(number).ok_or_else(|| wrong(value, "a number"))?;
        if let Field::Event(event) = self.field
            && matches!(event.fact, EventFactKind::Sum(_))
        {
            return number.as_exact_sum().map(Number::Sum).ok_or_else(|| {
                Problem::new(
                    "",
                    "out_of_range",
                    "a sum is compared with a number below 10^18 of at most 12 decimals",
                )
            });
        }
        Ok(number)
    }

    fn between(&self, value: &Value) -> Result<Test, Problems> {
        let (low, high) = match value {
            Value::Array(ends) => match ends.as_slice() {
                [low, high] => (low, high),
                _ => {
                    return Err(Problem::new(
                        "",
                        "wrong_length",
                        format!("between has two values, here are {}", ends.len()),
                    )
                    .help("write [low, high]")
                    .into());
                }
            },
            _ => return Err(wrong(value, "a list of two values").help("write [low, high]").into()),
        };
        let times = match self.kind {
            FieldType::Time => true,
            FieldType::Any => low.is_string() || high.is_string(),
            _ => false,
        };
        let mut found = ProblemCollector::new();
        let test = if times {
            let low = found.take("/0", instant(low));
            let high = found.take("/1", instant(high));
            low.zip(high).map(|(low, high)| (low <= high, Test::Times { low, high }))
        } else {
            let low = found.take("/0", self.number(low));
            let high = found.take("/1", self.number(high));
            low.zip(high).map(|(low, high)| {
                let bound = |number| Some(Bound { number, included: true });
                (low.compare(high).is_le(), Test::Numbers { low: bound(low), high: bound(high) })
            })
        };
        if matches!(test, Some((false, _))) {
            found.push(
                Problem::new("", "invalid_range", "the first value is above the second")
                    .help("write [low, high]"),
            );
        }
        found.into_result(())?;
        Ok(test.map_or(Test::IsNull, |(_, test)| test))
    }
}

fn text_of(value: &Value) -> Result<&str, Problem> {
    let text = value.as_str().ok_or_else(|| wrong(value, "a text"))?;
    if text.len() > MAX_TEXT {
        return Err(Problem::new("", "too_long", format!("a text is at most {MAX_TEXT} bytes long")));
    }
    if !is_storable(text) {
        return Err(Problem::new("", "invalid_format", "the text holds the character U+0000"));
    }
    Ok(text)
}

fn word<'w>(text: &str, words: &[&'w str]) -> Result<&'w str, Problem> {
    words.iter().find(|word| word.eq_ignore_ascii_case(text)).copied().ok_or_else(|| {
        let shown: String = text.chars().take(40).collect();
        let problem =
            Problem::new("", "unknown_value", format!("{shown:?} is none of the values of this field"));
        match nearest(text, words.iter().copied()) {
            Some(meant) => problem.help(format!("did you mean {meant}?")),
            None => problem.help(format!("write one of: {}", words.join(", "))),
        }
    })
}

fn instant(value: &Value) -> Result<i64, Problem> {
    let text = value.as_str().ok_or_else(|| wrong(value, "a time"))?;
    instant_of(text).ok_or_else(|| {
        Problem::new("", "invalid_timestamp", "this is no RFC 3339 instant")
            .help("write it as 2026-03-01T12:00:00.000Z, or as the date 2026-03-01 for its midnight in UTC")
    })
}

fn within_last(value: &Value) -> Result<Test, Problems> {
    let Value::Object(members) = value else {
        return Err(wrong(value, "an object").help("write {\"n\": 30, \"unit\": \"days\"}").into());
    };
    let mut found = ProblemCollector::new();
    for name in members.keys().filter(|name| !matches!(name.as_str(), "n" | "unit")) {
        let shown: String = name.chars().take(40).collect();
        let place = stratum_core::problem::pointer_step(name);
        found.push(
            Problem::new(place, "unknown_field", format!("there is no field {shown:?} here"))
                .help("the fields are: n, unit"),
        );
    }
    let n = match members.get("n") {
        None => Err(Problem::new("", "missing_field", "n is missing")),
        Some(n) => match n.as_u64().and_then(|n| u32::try_from(n).ok()) {
            Some(n) if (1..=MAX_WINDOW).contains(&n) => Ok(n),
            _ if n.is_number() => {
                Err(Problem::new("", "out_of_range", format!("n is a whole number, 1 to {MAX_WINDOW}")))
            }
            _ => Err(wrong(n, "a whole number")),
        },
    };
    let unit = match members.get("unit") {
        None => Err(Problem::new("", "missing_field", "unit is missing")),
        Some(unit) => unit.as_str().ok_or_else(|| wrong(unit, "a text")).and_then(str::parse::<TimeUnit>),
    };
    let n = found.take("/n", n);
    let unit = found.take("/unit", unit);
    found.into_result(())?;
    Ok(n.zip(unit).map_or(Test::IsNull, |(n, unit)| Test::WithinLast { n, unit }))
}

fn wrong(value: &Value, expected: &str) -> Problem {
    let found = match value {
        Value::Null => "null",
        Value::Bool(_) => "true or false",
        Value::Number(_) => "a number",
        Value::String(_) => "a text",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    };
    Problem::new("", "wrong_type", format!("this is {found}, where {expected} is expected"))
}

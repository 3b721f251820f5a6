//! The value of a formula.

use std::cmp::Ordering;

use stratum_core::Timestamp;
use stratum_core::math::{amount, finite};
use stratum_core::time::DAY_MS;

use super::{Arithmetic, Comparison, Function, Node, Operand};

pub(super) fn evaluate(node: &Node, now: Timestamp, value_of: &dyn Fn(&str) -> Operand) -> Operand {
    match node {
        Node::Value(value) => value.clone(),
        Node::Name(name) => value_of(name),
        Node::Negative(inner) => match evaluate(inner, now, value_of) {
            Operand::Number(number) => Operand::Number(-number),
            _ => Operand::Null,
        },
        Node::Arithmetic(sign, a, b) => {
            arithmetic(*sign, &evaluate(a, now, value_of), &evaluate(b, now, value_of))
        }
        Node::Comparison(comparison, a, b) => {
            compared(*comparison, &evaluate(a, now, value_of), &evaluate(b, now, value_of))
        }
        Node::Call(function, arguments) => call(*function, arguments, now, value_of),
    }
}

fn number(value: Option<f64>) -> Operand {
    // Adding zero makes −0 plain 0, which all of JSON's readers agree about.
    value.and_then(finite).map_or(Operand::Null, |value| Operand::Number(value + 0.0))
}

fn arithmetic(sign: Arithmetic, a: &Operand, b: &Operand) -> Operand {
    let (Operand::Number(a), Operand::Number(b)) = (a, b) else { return Operand::Null };
    number(match sign {
        Arithmetic::Plus => Some(a + b),
        Arithmetic::Minus => Some(a - b),
        Arithmetic::Times => Some(a * b),
        Arithmetic::Over => (*b != 0.0).then(|| a / b),
    })
}

fn compared(comparison: Comparison, a: &Operand, b: &Operand) -> Operand {
    let ordering = match (a, b) {
        (Operand::Number(a), Operand::Number(b)) => a.partial_cmp(b),
        (Operand::Text(a), Operand::Text(b)) => Some(a.cmp(b)),
        (Operand::Boolean(a), Operand::Boolean(b)) => Some(a.cmp(b)),
        (Operand::Time(a), Operand::Time(b)) => Some(a.cmp(b)),
        // A text that was written into the formula, beside an instant.
        (Operand::Time(a), Operand::Text(b)) => b.parse().ok().map(|b| a.cmp(&b)),
        (Operand::Text(a), Operand::Time(b)) => a.parse::<Timestamp>().ok().map(|a| a.cmp(b)),
        _ => None,
    };
    ordering.map_or(Operand::Null, |ordering| {
        Operand::Boolean(match comparison {
            Comparison::Equal => ordering == Ordering::Equal,
            Comparison::NotEqual => ordering != Ordering::Equal,
            Comparison::Less => ordering == Ordering::Less,
            Comparison::AtMost => ordering != Ordering::Greater,
            Comparison::Greater => ordering == Ordering::Greater,
            Comparison::AtLeast => ordering != Ordering::Less,
        })
    })
}

fn call(
    function: Function,
    arguments: &[Node],
    now: Timestamp,
    value_of: &dyn Fn(&str) -> Operand,
) -> Operand {
    let mut values = arguments.iter().map(|argument| evaluate(argument, now, value_of));
    match function {
        Function::Coalesce => values.find(|value| *value != Operand::Null).unwrap_or(Operand::Null),
        Function::Min => extreme(values, Ordering::Less),
        Function::Max => extreme(values, Ordering::Greater),
        Function::Round => rounded(values.next().as_ref(), values.next().as_ref()),
        Function::If => match (values.next(), arguments.get(1), arguments.get(2)) {
            (Some(Operand::Boolean(true)), Some(then), _) => evaluate(then, now, value_of),
            (Some(Operand::Boolean(false)), _, Some(otherwise)) => evaluate(otherwise, now, value_of),
            _ => Operand::Null,
        },
        Function::DaysSince => match values.next() {
            Some(Operand::Time(at)) => Operand::Number(amount(now.millis_since(at).div_euclid(DAY_MS))),
            _ => Operand::Null,
        },
    }
}

/// The least or largest of numbers or of times; null if one is missing or the types differ.
fn extreme(mut values: impl Iterator<Item = Operand>, wanted: Ordering) -> Operand {
    let Some(mut best) = values.next() else { return Operand::Null };
    if !matches!(best, Operand::Number(_) | Operand::Time(_)) {
        return Operand::Null;
    }
    for value in values {
        let ordering = match (&value, &best) {
            (Operand::Number(a), Operand::Number(b)) => a.partial_cmp(b),
            (Operand::Time(a), Operand::Time(b)) => Some(a.cmp(b)),
            _ => None,
        };
        match ordering {
            Some(ordering) if ordering == wanted => best = value,
            Some(_) => {}
            None => return Operand::Null,
        }
    }
    best
}

/// Half away from zero, to 0 to 12 digits.
fn rounded(value: Option<&Operand>, digits: Option<&Operand>) -> Operand {
    let Some(Operand::Number(value)) = value else { return Operand::Null };
    let scale = match digits {
        None => 1.0,
        Some(Operand::Number(digits)) if (0.0..=12.0).contains(digits) => {
            (0_u8..12).take_while(|&step| f64::from(step) < digits.trunc()).fold(1.0, |scale, _| scale * 10.0)
        }
        Some(_) => return Operand::Null,
    };
    number(Some((value * scale).round() / scale))
}

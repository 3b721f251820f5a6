//! The value of a formula.

use std::cmp::Ordering;
use std::ops::ControlFlow;

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

/// Half away from zero, to 0 to 12 decimals.
fn rounded(value: Option<&Operand>, digits: Option<&Operand>) -> Operand {
    let Some(Operand::Number(value)) = value else { return Operand::Null };
    let digits = match digits {
        None => 0,
        Some(Operand::Number(digits)) if (0.0..=12.0).contains(digits) => {
            (0_u8..12).take_while(|&step| f64::from(step) < digits.trunc()).count()
        }
        Some(_) => return Operand::Null,
    };
    number(to_decimals(*value, digits))
}

/// A number stands for the shortest decimal that reads back as it: what a person wrote, and sees. So that 1.005 is not taken
/// for the double a little below it.
fn to_decimals(value: f64, digits: usize) -> Option<f64> {
    let text = value.to_string();
    let Some((whole, decimals)) = text.split_once('.') else { return Some(value) };
    let Some((kept, cut)) = decimals.split_at_checked(digits) else { return Some(value) };
    let mut number: Vec<u8> = whole.bytes().chain(*b".").chain(kept.bytes()).collect();
    if cut.as_bytes().first().is_some_and(|&digit| digit >= b'5') {
        // One more in the last place; nines become zeros up to the first other digit.
        let carried = number.iter_mut().rev().filter(|byte| byte.is_ascii_digit()).try_for_each(|digit| {
            let is_nine = *digit == b'9';
            *digit = if is_nine { b'0' } else { digit.saturating_add(1) };
            if is_nine { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
        });
        if carried.is_continue() {
            let sign = usize::from(number.first() == Some(&b'-'));
            number.insert(sign, b'1');
        }
    }
    str::from_utf8(&number).ok()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rounding_goes_by_the_digits_that_are_written() {
        // Python 3.11: decimal.Decimal(repr(value)).quantize(10 ** -digits, ROUND_HALF_UP)
        for (value, digits, expected) in [
            (1.005, 2, 1.01),
            (-1.005, 2, -1.01),
            (2.675, 2, 2.68),
            (1.004_999, 2, 1.0),
            (9.995, 2, 10.0),
            (-99.5, 0, -100.0),
            (0.5, 0, 1.0),
            (0.05, 0, 0.0),
            (1e-7, 7, 1e-7),
            (4.35, 1, 4.4),
            (0.1, 12, 0.1),
            (1e300, 2, 1e300),
            (123_456_789.987_654_3, 3, 123_456_789.988),
        ] {
            assert_eq!(to_decimals(value, digits), Some(expected), "{value} to {digits}");
        }
    }
}

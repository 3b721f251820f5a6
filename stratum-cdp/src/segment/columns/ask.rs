//! One condition over one column.

use super::super::bitmap::{Bitmap, WORD};
use super::super::condition::{Bound, Scalar, Test};
use super::super::number::Number;
use super::{Column, NULL_INTEGER};

/// Doubles up to here stand for every whole number.
const EXACT: i128 = 9_007_199_254_740_992;

/// The open rows that meet the test.
pub(super) fn column(column: &Column<'_>, test: &Test, absent_is_false: bool, open: &Bitmap) -> Bitmap {
    match (column, test) {
        (Column::Numbers(values), Test::Numbers { low, high }) => {
            if let Some((low, high)) = real_range(*low, *high) {
                return select(values, open, |&value| (low <= value) & (value <= high));
            }
        }
        (Column::Integers(values), Test::Numbers { low, high }) => {
            if let Some((low, high)) = integer_range(*low, *high) {
                return select(values, open, |&value| {
                    (value != NULL_INTEGER) & (low <= value) & (value <= high)
                });
            }
        }
        (Column::Times(values), Test::Times { low, high }) => {
            let (low, high) = (*low, *high);
            return select(values, open, |&value| (value != NULL_INTEGER) & (low <= value) & (value <= high));
        }
        (Column::Flags(values), _) => {
            let absent = if absent_is_false { Scalar::Boolean(false) } else { Scalar::Null };
            let answers =
                [Scalar::Boolean(false), Scalar::Boolean(true), absent].map(|value| test.holds(value));
            return select(values, open, |&flag| match flag {
                0 => answers[0],
                1 => answers[1],
                _ => answers[2],
            });
        }
        (Column::Text { codes, dictionary }, _) => {
            let answers: Vec<bool> = dictionary.iter().map(|text| test.holds(Scalar::Text(text))).collect();
            let of_null = test.holds(Scalar::Null);
            return select(codes, open, |&code| {
                usize::try_from(code).ok().and_then(|code| answers.get(code)).copied().unwrap_or(of_null)
            });
        }
        _ => {}
    }
    rows(open, |row| test.holds(column.value(row)))
}

/// The open rows whose value meets a predicate, a word of 64 at a time. The predicates of ranges have no branches: values
/// follow each other at random, and a branch guessed wrong costs more than a comparison.
pub(super) fn select<T>(values: &[T], open: &Bitmap, meets: impl Fn(&T) -> bool) -> Bitmap {
    let words = values
        .chunks(WORD)
        .zip(open.words())
        .map(|(chunk, &open)| {
            if open == 0 {
                return 0;
            }
            // The last value becomes the highest bit.
            chunk.iter().rev().fold(0_u64, |bits, value| (bits << 1) | u64::from(meets(value))) & open
        })
        .collect();
    Bitmap::from_words(words, open.row_count())
}

/// The open rows that meet a predicate, one at a time.
pub(super) fn rows(open: &Bitmap, meets: impl Fn(usize) -> bool) -> Bitmap {
    Bitmap::from_rows(open.row_count(), open.rows().filter(|&row| meets(row)))
}

/// A range of doubles with both ends included, if doubles can say it. NaN and infinities lie in none.
fn real_range(low: Option<Bound>, high: Option<Bound>) -> Option<(f64, f64)> {
    let low = match low {
        None => f64::MIN,
        Some(bound) => {
            let value = as_double(bound.number)?;
            if bound.included { value } else { value.next_up() }
        }
    };
    let high = match high {
        None => f64::MAX,
        Some(bound) => {
            let value = as_double(bound.number)?;
            if bound.included { value } else { value.next_down() }
        }
    };
    // Past the largest double lies infinity, which is no value.
    (low.is_finite() && high.is_finite()).then_some((low, high))
}

fn as_double(number: Number) -> Option<f64> {
    match number {
        Number::Real(value) => Some(value),
        Number::Integer(whole) if whole.abs() <= EXACT => {
            i64::try_from(whole).ok().map(stratum_core::math::amount)
        }
        Number::Integer(_) | Number::Sum(_) => None,
    }
}

/// A range of whole numbers with both ends included, if its ends are whole.
pub(super) fn integer_range(low: Option<Bound>, high: Option<Bound>) -> Option<(i64, i64)> {
    let whole = |bound: Bound, step: i128| match bound.number {
        Number::Integer(whole) if bound.included => Some(whole),
        Number::Integer(whole) => Some(whole.saturating_add(step)),
        _ => None,
    };
    let low = low.map_or(Some(i128::from(i64::MIN)), |bound| whole(bound, 1))?;
    let high = high.map_or(Some(i128::from(i64::MAX)), |bound| whole(bound, -1))?;
    let clamped = |end: i128| i64::try_from(end.clamp(i128::from(i64::MIN), i128::from(i64::MAX))).ok();
    // A range that lies beyond every value stays empty.
    if low > i128::from(i64::MAX) || high < i128::from(i64::MIN) {
        return Some((i64::MAX, i64::MIN));
    }
    Some((clamped(low)?, clamped(high)?))
}

/// A range of sums with both ends included.
pub(super) fn sum_range(low: Option<Bound>, high: Option<Bound>) -> Option<(i128, i128)> {
    let sum = |bound: Bound, step: i128| match bound.number {
        Number::Sum(sum) if bound.included => Some(sum),
        Number::Sum(sum) => Some(sum.saturating_add(step)),
        _ => None,
    };
    let low = low.map_or(Some(i128::MIN), |bound| sum(bound, 1))?;
    let high = high.map_or(Some(i128::MAX), |bound| sum(bound, -1))?;
    Some((low, high))
}

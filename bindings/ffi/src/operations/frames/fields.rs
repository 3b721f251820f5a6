//! Columns of the fields of profiles, each read as what its field holds.

use stratum_cdp::segment::{Field, FieldType};
use stratum_core::problem::{Problem, Problems, pointer_step};

use super::values::Joined;
use crate::batch::{Column, ColumnKind, ColumnSpec, NO_CODE, NO_INTEGER};

/// The column that a field is read from. Flags and instants may be missing and come in several forms, so [`read`] looks at them.
pub(super) fn spec(name: &str) -> ColumnSpec {
    let (kind, doc) = match field_type(name) {
        FieldType::Boolean => (ColumnKind::Any, "Booleans, or 0 and 1; a missing one is false."),
        FieldType::Time => (ColumnKind::Any, "Instants, milliseconds since 1970, or RFC 3339 texts."),
        FieldType::Number => (ColumnKind::Number, "A number that a condition of the segment asks for."),
        FieldType::Text | FieldType::Word(_) => {
            (ColumnKind::Text, "A text that a condition of the segment asks for.")
        }
        _ => (ColumnKind::Any, "What a condition of the segment asks for."),
    };
    ColumnSpec { name: name.to_owned().into(), doc: doc.into(), kind, required: true }
}

/// What a segment does not know it would not have taken.
fn field_type(name: &str) -> FieldType {
    Field::parse(name).map_or(FieldType::Any, |field| field.field_type())
}

/// The values of a field's column, of which `before` rows stand in earlier parts.
///
/// # Errors
/// `wrong_type` for a column that does not hold what its field holds; `invalid_value` for a flag that is neither 0 nor 1, and
/// `not_whole` for milliseconds that are not whole, at the first row.
pub(super) fn read<'a>(name: &str, column: Column<'a>, before: usize) -> Result<Joined<'a>, Problems> {
    let wrong = |row: usize, code: &'static str, said: &str| -> Problems {
        let row = before.saturating_add(row);
        let path = format!("{}/{row}", pointer_step(name));
        Problem::new(path, code, format!("{name} is {said} in row {row}")).help(spec(name).doc).into()
    };
    match (field_type(name), column) {
        (FieldType::Boolean, Column::Integers(values)) => {
            let flag = |(row, &value): (usize, &i64)| match value {
                0 => Ok(0),
                1 => Ok(1),
                NO_INTEGER => Ok(NO_CODE),
                _ => Err(wrong(row, "invalid_value", "neither 0 nor 1")),
            };
            values.iter().enumerate().map(flag).collect::<Result<_, _>>().map(Joined::Flags)
        }
        (FieldType::Boolean, Column::Numbers(values)) => {
            let flag = |(row, &value): (usize, &f64)| {
                if value.is_nan() {
                    Ok(NO_CODE)
                } else if value.abs() < f64::MIN_POSITIVE {
                    Ok(0)
                } else if value.total_cmp(&1.0).is_eq() {
                    Ok(1)
                } else {
                    Err(wrong(row, "invalid_value", "neither 0 nor 1"))
                }
            };
            values.iter().enumerate().map(flag).collect::<Result<_, _>>().map(Joined::Flags)
        }
        // A column in which every value is missing has no type of its own.
        (FieldType::Boolean, Column::Texts(texts)) if texts.iter().all(|text| text.is_none()) => {
            Ok(Joined::Flags(vec![NO_CODE; texts.len()]))
        }
        (FieldType::Time, Column::Integers(values)) => Ok(Joined::times(values)),
        (FieldType::Time, Column::Numbers(values)) => {
            // From here on a number no longer tells every whole number from the next.
            const EXACT: f64 = 9_007_199_254_740_992.0;
            let instant = |(row, &value): (usize, &f64)| {
                if value.is_nan() {
                    return Ok(NO_INTEGER);
                }
                #[expect(clippy::cast_possible_truncation, reason = "a whole number below 2^53")]
                let whole = (value.abs() <= EXACT && value.fract() == 0.0).then_some(value as i64);
                whole.ok_or_else(|| wrong(row, "not_whole", "no whole number of milliseconds"))
            };
            values.iter().enumerate().map(instant).collect::<Result<_, _>>().map(Joined::Times)
        }
        (FieldType::Boolean, Column::Texts(_) | Column::Instants(_))
        | (FieldType::Time, Column::Codes(_)) => {
            let said = format!("the values of {name} are of another kind");
            Err(Problem::new(pointer_step(name), "wrong_type", said).help(spec(name).doc).into())
        }
        (_, column) => Ok(Joined::of(column)),
    }
}

//! Whether a column holds what its field holds. A flag that is read as a number is neither true nor false, and every
//! condition that asks for what it is not would choose its person.

use serde_json::Value;
use stratum_core::problem::Problem;

use super::super::condition::instant_of;
use super::super::field::{Field, FieldType};
use super::Column;

/// What is wrong with the column of a field, if anything is.
pub(super) fn check(place: String, name: &str, field: &Field, column: &Column<'_>) -> Option<Problem> {
    let (holds, wanted) = match field.field_type() {
        FieldType::Any => return None,
        FieldType::Boolean => {
            let right = |value: &Value| value.is_boolean();
            (matches!(column, Column::Flags(_)) || every(column, right), "flags")
        }
        FieldType::Number => {
            let right = |value: &Value| value.is_number();
            (matches!(column, Column::Numbers(_) | Column::Integers(_)) || every(column, right), "numbers")
        }
        FieldType::Time => {
            let right = |value: &Value| value.as_str().is_some_and(|text| instant_of(text).is_some());
            let holds = match column {
                Column::Times(_) => true,
                Column::Text { dictionary, .. } => dictionary.iter().all(|text| instant_of(text).is_some()),
                _ => every(column, right),
            };
            (holds, "instants")
        }
        FieldType::Text | FieldType::Word(_) => {
            let right = |value: &Value| value.is_string();
            (matches!(column, Column::Text { .. }) || every(column, right), "texts")
        }
    };
    (!holds).then(|| {
        Problem::new(
            place,
            "type_mismatch",
            format!("{name} holds {wanted}, the column holds something else"),
        )
        .help(format!("give {name} as a column of {wanted}"))
    })
}

/// Whether a column of JSON holds nothing but such values and nulls.
fn every(column: &Column<'_>, right: impl Fn(&Value) -> bool) -> bool {
    matches!(column, Column::Json(values) if values.iter().all(|value| value.is_null() || right(value)))
}

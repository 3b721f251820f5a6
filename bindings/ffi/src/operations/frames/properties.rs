//! What belongs to an event, from a column for each property.

use serde_json::{Map, Value};
use stratum_core::Timestamp;

use crate::batch::{Column, ColumnKind, ColumnSpec, Columns, NO_INTEGER};

/// Columns for these properties (paths of keys joined by dots), each once.
pub(super) fn specs<'a>(paths: impl Iterator<Item = &'a str>) -> Vec<ColumnSpec> {
    let mut paths: Vec<&str> = paths.collect();
    paths.sort_unstable();
    paths.dedup();
    let spec = |path: &str| ColumnSpec {
        name: path.to_owned().into(),
        doc: "A property of the events.".into(),
        kind: ColumnKind::Any,
        required: true,
    };
    paths.into_iter().map(spec).collect()
}

/// The properties of a piece of events.
pub(super) struct Properties<'a>(Vec<(String, Column<'a>)>);

impl<'a> Properties<'a> {
    pub(super) fn of(specs: &[ColumnSpec], piece: &Columns<'a>) -> Self {
        let named = |spec: &ColumnSpec| Some((spec.name.clone().into_owned(), piece.get(&spec.name)?));
        Self(specs.iter().filter_map(named).collect())
    }

    /// Those of a row; one that is missing is left out.
    pub(super) fn at(&self, row: usize) -> Map<String, Value> {
        let mut properties = Map::new();
        for (path, column) in &self.0 {
            if let Some(value) = value(column, row) {
                insert(&mut properties, path, value);
            }
        }
        properties
    }
}

/// Puts a value where its path leads.
fn insert(properties: &mut Map<String, Value>, path: &str, value: Value) {
    match path.split_once('.') {
        None => {
            properties.insert(path.to_owned(), value);
        }
        Some((key, rest)) => {
            let inner = properties.entry(key).or_insert_with(|| Value::Object(Map::new()));
            if let Value::Object(inner) = inner {
                insert(inner, rest, value);
            }
        }
    }
}

fn value(column: &Column<'_>, row: usize) -> Option<Value> {
    match column {
        Column::Numbers(values) => values.get(row).copied().and_then(number),
        Column::Integers(values) => {
            values.get(row).filter(|&&value| value != NO_INTEGER).map(|&value| value.into())
        }
        Column::Instants(values) => {
            let at = values.get(row).filter(|&&value| value != NO_INTEGER)?;
            Some(Timestamp::from_millis(*at).ok()?.to_string().into())
        }
        Column::Codes(flags) => match flags.get(row)? {
            0 => Some(false.into()),
            1 => Some(true.into()),
            _ => None,
        },
        Column::Texts(texts) => texts.get(row).map(Value::from),
    }
}

/// A number as JSON has it: a whole one without a point.
fn number(value: f64) -> Option<Value> {
    serde_json::Number::from_f64(value).map(Value::Number)
}

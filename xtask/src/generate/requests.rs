//! The schemas of the requests alone: what the small module for browsers carries inside, to name every problem of a
//! request. What only people read stands in a file beside it, which is fetched when somebody asks.

use std::collections::BTreeSet;

use anyhow::{Context, Result};
use serde_json::{Map, Value, json};

use super::document::{reach, referred};

/// Formats that say what the type says already.
const NUMBERS: [&str; 8] = ["double", "float", "int32", "int64", "uint", "uint8", "uint32", "uint64"];

/// The document of the operations as far as reading a request needs it.
pub(super) fn requests(document: &Value) -> Result<Value> {
    let definitions =
        document.get("$defs").and_then(Value::as_object).context("the document has definitions")?;
    let operations =
        document.get("operations").and_then(Value::as_array).context("the document lists operations")?;
    let mut reached = BTreeSet::new();
    let mut listed = Vec::new();
    for op in operations {
        let (Some(name), Some(request)) = (op.get("name"), op.get("request")) else { continue };
        reach(definitions, request, &mut reached);
        listed.push(json!({ "name": name, "request": request }));
    }
    let mut kept: Map<String, Value> = reached
        .into_iter()
        .filter_map(|name| Some((name.to_owned(), definitions.get(name)?.clone())))
        .collect();
    let mut helping = BTreeSet::new();
    kept.values().for_each(|definition| helps(definition, &mut helping));
    for (name, definition) in &mut kept {
        shorten(definition, helping.contains(name));
    }
    Ok(json!({ "operations": listed, "$defs": kept }))
}

/// The definitions whose description is the help where a field is missing.
fn helps(schema: &Value, found: &mut BTreeSet<String>) {
    if let Some(properties) = schema.get("properties").and_then(Value::as_object) {
        for (_, property) in properties.iter().filter(|(name, _)| is_required(schema, name)) {
            if property.get("description").is_none() {
                found.extend(referred(Some(property)).map(str::to_owned));
            }
        }
    }
    match schema {
        Value::Object(members) => members.values().for_each(|member| helps(member, found)),
        Value::Array(items) => items.iter().for_each(|item| helps(item, found)),
        _ => {}
    }
}

fn is_required(schema: &Value, name: &str) -> bool {
    let required = schema.get("required").and_then(Value::as_array);
    required.is_some_and(|names| names.iter().any(|required| required == name))
}

/// Removes what reading does not ask for.
fn shorten(schema: &mut Value, described: bool) {
    let required: Vec<String> = schema
        .get("required")
        .and_then(Value::as_array)
        .map(|names| names.iter().filter_map(Value::as_str).map(str::to_owned).collect())
        .unwrap_or_default();
    match schema {
        Value::Object(members) => {
            members.remove("default");
            if !described {
                members.remove("description");
            }
            if members.get("format").and_then(Value::as_str).is_some_and(|format| NUMBERS.contains(&format)) {
                members.remove("format");
            }
            for (keyword, member) in members.iter_mut() {
                match (keyword.as_str(), member) {
                    ("properties", Value::Object(properties)) => {
                        for (name, property) in properties {
                            shorten(property, required.contains(name));
                        }
                    }
                    (_, member) => shorten(member, false),
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|item| shorten(item, false)),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_keeps_what_its_problems_are_found_and_explained_by() {
        let document = json!({
            "operations": [{
                "name": "a.b", "doc": "Long.", "request": {"$ref": "#/$defs/Asked"}, "response": {"$ref": "#/$defs/Said"}
            }],
            "$defs": {
                "Asked": {
                    "type": "object", "description": "Long.", "required": ["default", "of"],
                    "properties": {
                        "default": {"type": "number", "format": "double", "minimum": 0, "description": "Kept."},
                        "of": {"$ref": "#/$defs/Id"},
                        "left": {"type": "string", "format": "date", "description": "Long.", "default": ""}
                    }
                },
                "Id": {"type": "string", "format": "uuid", "description": "Kept."},
                "Said": {"type": "object"}
            }
        });
        assert_eq!(
            requests(&document).unwrap(),
            json!({
                "operations": [{"name": "a.b", "request": {"$ref": "#/$defs/Asked"}}],
                "$defs": {
                    "Asked": {
                        "type": "object", "required": ["default", "of"],
                        "properties": {
                            "default": {"type": "number", "minimum": 0, "description": "Kept."},
                            "of": {"$ref": "#/$defs/Id"},
                            "left": {"type": "string", "format": "date"}
                        }
                    },
                    "Id": {"type": "string", "format": "uuid", "description": "Kept."}
                }
            })
        );
    }
}

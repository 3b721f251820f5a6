//! JSON Schema of every request and response, as one document with one `$defs`.
//!
//! It also holds what the ports are given and give back that a user may write in another language.
//!
//! The document is a generated file of the tree, so a running program carries it as text and needs no schema builder.

use std::sync::LazyLock;

use serde_json::Value;

/// The document: `operations` with `name`, `doc`, `request`, `response`, `columns`, and the `$defs` that they refer to.
#[cfg(feature = "customer")]
pub static TEXT: &str = include_str!("../operations.schema.json");

/// Of the operations that are not about the customer, as far as reading a request needs it: a browser downloads it.
#[cfg(not(feature = "customer"))]
pub static TEXT: &str = include_str!("../decide.requests.json");

/// The document, parsed. `null` only if the generated file were no JSON, which a test rules out.
#[must_use]
pub fn document() -> &'static Value {
    static DOCUMENT: LazyLock<Value> = LazyLock::new(|| serde_json::from_str(TEXT).unwrap_or_default());
    &DOCUMENT
}

/// The schema of an operation's request within [`document`].
#[must_use]
pub(crate) fn request_of(name: &str) -> Option<&'static Value> {
    let operations = document().get("operations")?.as_array()?;
    operations.iter().find(|op| op.get("name").and_then(Value::as_str) == Some(name))?.get("request")
}

#[cfg(feature = "schema")]
pub use build::{build, build_without_customer};

#[cfg(feature = "schema")]
mod build {
    use std::collections::BTreeSet;

    use schemars::generate::{SchemaGenerator, SchemaSettings};
    use serde_json::{Map, Value, json};
    use stratum_autopilot::platform::{
        Applied, CallOutcome, ChangeRequest, EntityRef, EntityValue, PlatformError,
    };

    use crate::batch::ColumnKind;
    use crate::table::{OPERATIONS, Op};

    const DEFINITIONS: &str = "#/$defs/";

    /// Makes the document from the types. A definition that reads and writes differently (a field with a default need not
    /// be sent but is always answered) stands twice: `X` as it is answered and `XInput` as it is asked for.
    #[must_use]
    pub fn build() -> Value {
        document(OPERATIONS.iter())
    }

    /// The document of the operations that are not about the customer.
    #[must_use]
    pub fn build_without_customer() -> Value {
        document(OPERATIONS.iter().filter(|op| !op.customer))
    }

    fn document<'a>(listed: impl Iterator<Item = &'a Op>) -> Value {
        let settings = || SchemaSettings::draft2020_12();
        let mut reading = SchemaGenerator::new(settings().for_deserialize());
        let mut writing = SchemaGenerator::new(settings().for_serialize());
        let mut operations = Vec::new();
        for op in listed {
            let mut entry = json!({
                "name": op.name,
                "doc": op.doc.lines().map(str::trim).collect::<Vec<_>>().join("\n").trim(),
                "request": (op.request_schema)(&mut reading),
                "response": (op.response_schema)(&mut writing),
            });
            if let (Some(batch), Some(members)) = (op.batch, entry.as_object_mut()) {
                members.insert("columns".to_owned(), batch.columns.iter().map(column).collect());
                if batch.reads_what_the_policy_names() {
                    members.insert("columns_of_the_policy".to_owned(), json!(true));
                }
            }
            operations.push(entry);
        }
        let ports = ports(&mut writing);
        let read = reading.take_definitions(true);
        let mut definitions = writing.take_definitions(true);
        let differing = differing(&read, &definitions);
        for (name, mut definition) in read {
            rename(&mut definition, &differing);
            if differing.contains(&name) {
                definitions.insert(format!("{name}Input"), definition);
            } else {
                definitions.insert(name, definition);
            }
        }
        for entry in &mut operations {
            if let Some(request) = entry.get_mut("request") {
                rename(request, &differing);
            }
        }
        definitions.values_mut().for_each(plain_descriptions);
        json!({
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            "title": "The operations of Stratum",
            "operations": operations,
            "ports": ports,
            "$defs": definitions,
        })
    }

    /// What a port that a user writes in another language is given and gives back.
    fn ports(generator: &mut SchemaGenerator) -> Value {
        json!({
            "ad_platform": {
                "apply": {
                    "request": generator.subschema_for::<ChangeRequest>(),
                    "response": generator.subschema_for::<Applied>(),
                    "error": generator.subschema_for::<PlatformError>(),
                },
                "read": {
                    "request": generator.subschema_for::<EntityRef>(),
                    "response": generator.subschema_for::<EntityValue>(),
                },
                "outcome_of": {
                    "request": generator.subschema_for::<EntityRef>(),
                    "response": generator.subschema_for::<CallOutcome>(),
                },
            },
        })
    }

    fn column(spec: &crate::batch::ColumnSpec) -> Value {
        let mut entry = json!({
            "name": spec.name, "doc": spec.doc, "required": spec.required, "type": spec.kind.json_type(),
        });
        if let (ColumnKind::Code(vocabulary), Some(members)) = (spec.kind, entry.as_object_mut()) {
            members.insert("values".to_owned(), json!((vocabulary.names)()));
        }
        entry
    }

    /// Descriptions come from the documentation of the Rust types: links and line breaks mean nothing elsewhere.
    fn plain_descriptions(schema: &mut Value) {
        match schema {
            Value::Object(members) => {
                for (key, member) in members {
                    match member {
                        Value::String(text) if key == "description" => {
                            *text = text.replace("[`", "`").replace("`]", "`").replace('\n', " ");
                        }
                        other => plain_descriptions(other),
                    }
                }
            }
            Value::Array(items) => items.iter_mut().for_each(plain_descriptions),
            _ => {}
        }
    }

    /// The names that mean something else when read than when written, directly or through what they refer to.
    fn differing(read: &Map<String, Value>, written: &Map<String, Value>) -> BTreeSet<String> {
        let mut differing: BTreeSet<String> = read
            .iter()
            .filter(|(name, definition)| written.get(*name).is_some_and(|other| other != *definition))
            .map(|(name, _)| name.clone())
            .collect();
        loop {
            let more: Vec<String> = read
                .iter()
                .filter(|(name, definition)| {
                    written.contains_key(*name)
                        && !differing.contains(*name)
                        && refers_to_any(definition, &differing)
                })
                .map(|(name, _)| name.clone())
                .collect();
            if more.is_empty() {
                return differing;
            }
            differing.extend(more);
        }
    }

    fn referred(reference: &Value) -> Option<&str> {
        reference.as_str()?.strip_prefix(DEFINITIONS)
    }

    fn refers_to_any(schema: &Value, names: &BTreeSet<String>) -> bool {
        match schema {
            Value::Object(members) => members.iter().any(|(key, member)| {
                (key == "$ref" && referred(member).is_some_and(|name| names.contains(name)))
                    || refers_to_any(member, names)
            }),
            Value::Array(items) => items.iter().any(|item| refers_to_any(item, names)),
            _ => false,
        }
    }

    fn rename(schema: &mut Value, names: &BTreeSet<String>) {
        match schema {
            Value::Object(members) => {
                for (key, member) in members {
                    match referred(member).filter(|name| key == "$ref" && names.contains(*name)) {
                        Some(name) => *member = json!(format!("{DEFINITIONS}{name}Input")),
                        None => rename(member, names),
                    }
                }
            }
            Value::Array(items) => items.iter_mut().for_each(|item| rename(item, names)),
            _ => {}
        }
    }

    #[cfg(test)]
    mod tests {
        use super::*;

        #[test]
        fn every_reference_of_the_document_leads_somewhere() {
            fn references<'a>(schema: &'a Value, found: &mut Vec<&'a str>) {
                match schema {
                    Value::Object(members) => {
                        found.extend(members.get("$ref").and_then(referred));
                        members.values().for_each(|member| references(member, found));
                    }
                    Value::Array(items) => items.iter().for_each(|item| references(item, found)),
                    _ => {}
                }
            }
            let document = build();
            let mut found = Vec::new();
            references(&document, &mut found);
            assert!(found.len() > 10);
            for name in found {
                assert!(document["$defs"].get(name).is_some(), "{name} is not defined");
            }
        }

        #[test]
        fn every_request_refuses_unknown_fields() {
            let document = build();
            for op in document["operations"].as_array().unwrap() {
                let name = referred(&op["request"]["$ref"]).unwrap();
                assert_eq!(document["$defs"][name]["additionalProperties"], false, "{name}");
            }
        }
    }
}

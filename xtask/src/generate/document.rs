//! What the document of the operations says, in the form in which the writers of every language ask for it.

use std::collections::BTreeSet;

use anyhow::{Context, Result};
use serde_json::{Map, Value};

/// One operation of the table.
pub(super) struct Operation<'a> {
    pub(super) name: &'a str,
    pub(super) doc: &'a str,
    /// The name of what it is asked.
    pub(super) request: &'a str,
    /// The name of what it answers.
    pub(super) response: &'a str,
}

/// The operations in the order of the table.
pub(super) fn operations(document: &Value) -> Result<Vec<Operation<'_>>> {
    let listed =
        document.get("operations").and_then(Value::as_array).context("the document lists operations")?;
    listed
        .iter()
        .map(|op| {
            let text = |key: &str| op.get(key).and_then(Value::as_str).unwrap_or_default();
            Ok(Operation {
                name: text("name"),
                doc: text("doc"),
                request: referred(op.get("request")).context("a request has a name")?,
                response: referred(op.get("response")).context("a response has a name")?,
            })
        })
        .collect()
}

/// The definitions that an answer can hold, or that a port is given: they are read, so they have one form. The rest is
/// only written.
pub(super) fn answered<'a>(document: &'a Value, definitions: &'a Map<String, Value>) -> BTreeSet<&'a str> {
    let mut answered = BTreeSet::new();
    for op in document.get("operations").and_then(Value::as_array).into_iter().flatten() {
        reach(definitions, op.get("response").unwrap_or(&Value::Null), &mut answered);
    }
    reach(definitions, document.get("ports").unwrap_or(&Value::Null), &mut answered);
    answered
}

pub(super) fn referred(schema: Option<&Value>) -> Option<&str> {
    schema?.get("$ref")?.as_str()?.strip_prefix("#/$defs/")
}

/// The forms of an object that names its form by a constant.
pub(super) fn forms(definition: &Value) -> Option<&Vec<Value>> {
    let forms = definition.get("oneOf").or_else(|| definition.get("anyOf"))?.as_array()?;
    forms.iter().all(|form| form.get("properties").is_some()).then_some(forms)
}

/// The property that names a form, and its constant.
pub(super) fn tag(form: &Value) -> Option<(&str, &str)> {
    let properties = form.get("properties")?.as_object()?;
    properties.iter().find_map(|(name, property)| Some((name.as_str(), property.get("const")?.as_str()?)))
}

/// `BUDGET_MOVE` becomes `BudgetMove`.
pub(super) fn form_name(form: &Value) -> String {
    let words = tag(form).map_or("", |(_, constant)| constant).split('_');
    words
        .map(|word| {
            let mut letters = word.chars();
            let first = letters.next().map(|first| first.to_ascii_uppercase()).into_iter();
            first.chain(letters.map(|letter| letter.to_ascii_lowercase())).collect::<String>()
        })
        .collect()
}

pub(super) fn strings(list: &Value) -> impl Iterator<Item = &str> {
    list.as_array().into_iter().flatten().filter_map(Value::as_str)
}

pub(super) fn reach<'a>(
    definitions: &'a Map<String, Value>,
    schema: &'a Value,
    found: &mut BTreeSet<&'a str>,
) {
    if let Some(name) = referred(Some(schema))
        && found.insert(name)
        && let Some(target) = definitions.get(name)
    {
        reach(definitions, target, found);
    }
    match schema {
        Value::Object(members) => members.values().for_each(|member| reach(definitions, member, found)),
        Value::Array(items) => items.iter().for_each(|item| reach(definitions, item, found)),
        _ => {}
    }
}

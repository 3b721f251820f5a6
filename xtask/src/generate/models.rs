//! The classes of the Python package: a frozen dataclass with keyword arguments for each object of the schemas.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use anyhow::{Context, Result};
use serde_json::{Map, Value};

use super::document::{form_name, forms, referred, strings, tag};
use super::python::{HEADER, KEYWORDS, Style, Writer, docstring};

/// Classes that the compiled part has already.
const NATIVE: &[&str] = &["ComponentReading", "HealthIssue", "HealthSnapshot", "Reason", "Remedy"];

/// `stratum/models.py`.
pub(super) fn models(document: &Value) -> Result<String> {
    let writer = Writer::new(document, Style::Classes)?;
    let vocabularies: String = writer
        .definitions()
        .iter()
        .filter(|(_, definition)| definition.get("enum").is_some())
        .map(|(name, _)| format!("        {name},\n"))
        .collect();
    let native = NATIVE.join(", ");
    let mut text = format!(
        r#"{HEADER}"""Requests, policies and answers as frozen classes with keyword arguments.

Each has ``to_dict`` and ``from_dict``; wherever a dict is accepted, so is one of these.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from dataclasses import field as _field
from datetime import datetime
from typing import TYPE_CHECKING, Any, ClassVar, Literal, Union

from ._model import Model, register
from ._native import {native}

if TYPE_CHECKING:
    from .types import (
        Id,
        Instant,
{vocabularies}    )
"#
    );
    for (name, definition) in writer.definitions() {
        // What is asked has the class of what is answered; its fields with a default may be left out of a dict all the same.
        let doubled = name.strip_suffix("Input").is_some_and(|name| writer.definitions().contains_key(name));
        if doubled || NATIVE.contains(&name.as_str()) {
            continue;
        }
        if let Some(variants) = forms(definition) {
            let mut by_tag = Vec::new();
            for form in variants {
                let class = format!("{name}{}", form_name(form));
                text.push_str(&object(&writer, &class, form, !writer.is_answered(name))?);
                let (key, constant) = tag(form).context("a form has a tag")?;
                by_tag.push((key, constant, class));
            }
            let classes: Vec<&str> = by_tag.iter().map(|(_, _, class)| class.as_str()).collect();
            let key = by_tag.first().map(|(key, _, _)| *key).unwrap_or_default();
            let by_constant: Vec<String> =
                by_tag.iter().map(|(_, constant, class)| format!("\"{constant}\": {class}")).collect();
            write!(text, "\n{name} = Union[{}]\n", classes.join(", "))?;
            let about = definition.get("description").and_then(Value::as_str).unwrap_or_default();
            text.push_str(&docstring(about, ""));
            write!(text, "\nregister(\"{name}\", \"{key}\", {{{}}})\n", by_constant.join(", "))?;
        } else if definition.get("properties").is_some() {
            text.push_str(&object(&writer, name, definition, !writer.is_answered(name))?);
        }
    }
    Ok(text)
}

fn object(writer: &Writer<'_>, name: &str, schema: &Value, asked: bool) -> Result<String> {
    let about = schema.get("description").and_then(Value::as_str).unwrap_or_default();
    let required: BTreeSet<&str> = schema.get("required").map(strings).into_iter().flatten().collect();
    let properties =
        schema.get("properties").and_then(Value::as_object).context("an object has properties")?;
    let mut text = format!(
        "\n\n@dataclass(frozen=True, kw_only=True)\nclass {name}(Model):\n{}",
        docstring(about, "    ")
    );
    let parts = parts(writer, properties, asked);
    if !parts.is_empty() {
        writeln!(text, "\n    _parts: ClassVar[Mapping[str, str]] = {{{}}}", parts.join(", "))?;
    }
    for (key, property) in properties {
        let field = if KEYWORDS.contains(&key.as_str()) { format!("{key}_") } else { key.clone() };
        let kind = writer.kind(property, asked);
        let optional = !required.contains(key.as_str());
        match default(writer, property, optional) {
            Some(default) => {
                let kind = if default == "None" && !kind.ends_with("None") {
                    format!("{kind} | None")
                } else {
                    kind
                };
                writeln!(text, "\n    {field}: {kind} = {default}")?;
            }
            None => writeln!(text, "\n    {field}: {kind}")?,
        }
        if let Some(about) = property.get("description").and_then(Value::as_str) {
            text.push_str(&docstring(about, "    "));
        }
    }
    Ok(text)
}

/// Which fields hold objects or instants, and of which class.
fn parts(writer: &Writer<'_>, properties: &Map<String, Value>, asked: bool) -> Vec<String> {
    let named = |(key, property): (&String, &Value)| {
        part(writer, property, asked).map(|class| format!("\"{key}\": \"{class}\""))
    };
    properties.iter().filter_map(named).collect()
}

fn part(writer: &Writer<'_>, schema: &Value, asked: bool) -> Option<String> {
    if let Some(name) = referred(Some(schema)) {
        let target = writer.definitions().get(name)?;
        let is_class = target.get("properties").is_some() || forms(target).is_some();
        return if is_class { Some(writer.class(name)) } else { part(writer, target, asked) };
    }
    if !asked && schema.get("format").and_then(Value::as_str) == Some("date-time") {
        return Some("datetime".to_owned());
    }
    let variants = schema.get("anyOf").and_then(Value::as_array).into_iter().flatten();
    variants.chain(schema.get("items")).find_map(|inner| part(writer, inner, asked))
}

/// The default of a field as Python writes it; `None` if it must be given.
fn default(writer: &Writer<'_>, property: &Value, optional: bool) -> Option<String> {
    if let Some(constant) = property.get("const").and_then(Value::as_str) {
        return Some(format!("\"{constant}\""));
    }
    if !optional {
        return None;
    }
    // A class that cannot be made of nothing is no default: the field is left out instead.
    let of_class = referred(Some(property)).filter(|name| {
        writer
            .definitions()
            .get(name.strip_suffix("Input").unwrap_or(name))
            .is_some_and(|target| target.get("properties").is_some() && target.get("required").is_none())
    });
    Some(match (property.get("default"), of_class) {
        (Some(Value::Object(_)), Some(class)) => {
            format!("_field(default_factory=lambda: {}())", writer.class(class))
        }
        (Some(Value::Object(members)), None) if members.is_empty() => {
            "_field(default_factory=dict)".to_owned()
        }
        (Some(Value::Array(items)), _) if items.is_empty() => "_field(default_factory=list)".to_owned(),
        (Some(Value::Bool(true)), _) => "True".to_owned(),
        (Some(Value::Bool(false)), _) => "False".to_owned(),
        (Some(number @ Value::Number(_)), _) => number.to_string(),
        (Some(Value::String(value)), _) => format!("\"{value}\""),
        _ => "None".to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn objects_become_classes_with_keyword_arguments_and_defaults() {
        let document = json!({
            "operations": [{"name": "a.b", "doc": "Does.", "request": {"$ref": "#/$defs/Asked"}, "response": {"$ref": "#/$defs/Said"}}],
            "$defs": {
                "Asked": {"type": "object", "required": ["way"], "properties": {
                    "way": {"$ref": "#/$defs/Way"},
                    "limit": {"type": "number", "default": 70.0},
                    "names": {"type": "array", "items": {"type": "string"}, "default": []},
                    "from": {"type": ["string", "null"]}}},
                "Said": {"type": "object", "required": ["at", "parts"], "properties": {
                    "at": {"$ref": "#/$defs/At"}, "parts": {"type": "array", "items": {"$ref": "#/$defs/Part"}}}},
                "At": {"type": "string", "format": "date-time"},
                "Part": {"type": "object", "required": ["of"], "properties": {"of": {"type": "integer"}}},
                "PartInput": {"type": "object", "properties": {"of": {"type": "integer"}}},
                "Way": {"oneOf": [
                    {"properties": {"kind": {"const": "AIR"}}, "required": ["kind"]},
                    {"properties": {"kind": {"const": "SEA"}}, "required": ["kind"]}]},
            },
        });
        let python = models(&document).unwrap();
        for expected in [
            "class Asked(Model):\n\n    _parts: ClassVar[Mapping[str, str]] = {\"way\": \"Way\"}\n",
            "\n    limit: float = 70.0\n",
            "\n    names: Sequence[str] = _field(default_factory=list)\n",
            "\n    from_: str | None = None\n",
            "class Said(Model):\n\n    _parts: ClassVar[Mapping[str, str]] = {\"at\": \"datetime\", \"parts\": \"Part\"}\n\n    at: datetime\n\n    parts: list[Part]\n",
            "\nWay = Union[WayAir, WaySea]\n\nregister(\"Way\", \"kind\", {\"AIR\": WayAir, \"SEA\": WaySea})\n",
            "class WayAir(Model):\n\n    kind: Literal[\"AIR\"] = \"AIR\"\n",
        ] {
            assert!(python.contains(expected), "{expected}\nis not in\n{python}");
        }
        assert!(!python.contains("class PartInput"));
    }
}

//! A value against the JSON Schema of its request: every problem, where serde would stop at the first.
//!
//! This knows the part of JSON Schema that the types of the operations make use of. A keyword that it does not know is no
//! problem: serde has the last word.

use serde_json::{Map, Value};
use stratum_core::problem::{Problem, ProblemCollector, pointer_step};
use stratum_core::spelling::nearest;

use super::formats;

/// Notes every problem of `value`, which stands at `path`.
pub(super) fn check(schema: &Value, value: &Value, path: &str, found: &mut ProblemCollector) {
    if let Some(target) = resolve(schema) {
        check(target, value, path, found);
    }
    for part in array(schema, "allOf") {
        check(part, value, path, found);
    }
    let variants: Vec<&Value> =
        ["anyOf", "oneOf"].iter().flat_map(|keyword| array(schema, keyword)).collect();
    if !variants.is_empty() {
        check_variants(&variants, value, path, found);
    }
    if !check_type(schema, value, path, found) {
        return;
    }
    match value {
        Value::Object(members) => check_members(schema, members, path, found),
        Value::Array(items) => {
            if let Some(of_item) = schema.get("items") {
                for (index, item) in items.iter().enumerate() {
                    check(of_item, item, &format!("{path}/{index}"), found);
                }
            }
        }
        Value::String(text) => check_text(schema, text, path, found),
        Value::Number(_) => check_number(schema, value, path, found),
        Value::Bool(_) | Value::Null => {}
    }
}

fn resolve(schema: &Value) -> Option<&'static Value> {
    let name = schema.get("$ref")?.as_str()?.strip_prefix("#/$defs/")?;
    crate::schema::document().get("$defs")?.get(name)
}

fn array<'a>(schema: &'a Value, keyword: &str) -> &'a [Value] {
    schema.get(keyword).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default()
}

/// Whether the value is of a type that the schema allows.
fn check_type(schema: &Value, value: &Value, path: &str, found: &mut ProblemCollector) -> bool {
    let allowed: Vec<&str> = match schema.get("type") {
        Some(Value::String(one)) => vec![one],
        Some(Value::Array(several)) => several.iter().filter_map(Value::as_str).collect(),
        _ => return true,
    };
    let fits = allowed.iter().any(|&kind| match kind {
        "null" => value.is_null(),
        "boolean" => value.is_boolean(),
        "number" => value.is_number(),
        "integer" => value.is_i64() || value.is_u64(),
        "string" => value.is_string(),
        "array" => value.is_array(),
        "object" => value.is_object(),
        _ => true,
    });
    if !fits {
        let wanted: Vec<&str> = allowed.iter().map(|kind| noun(kind)).collect();
        found.push(Problem::new(
            path,
            "wrong_type",
            format!("this is {}, where {} is expected", described(value), wanted.join(" or ")),
        ));
    }
    fits
}

fn noun(kind: &str) -> &str {
    match kind {
        "null" => "null",
        "boolean" => "true or false",
        "number" => "a number",
        "integer" => "a whole number",
        "string" => "a text",
        "array" => "a list",
        "object" => "an object",
        other => other,
    }
}

fn described(value: &Value) -> String {
    match value {
        Value::Null => "null".to_owned(),
        Value::Bool(value) => value.to_string(),
        Value::Number(number) => number.to_string(),
        Value::String(text) => format!("the text {:?}", shortened(text)),
        Value::Array(_) => "a list".to_owned(),
        Value::Object(_) => "an object".to_owned(),
    }
}

fn shortened(text: &str) -> String {
    text.chars().take(40).collect()
}

fn check_members(schema: &Value, members: &Map<String, Value>, path: &str, found: &mut ProblemCollector) {
    let properties = schema.get("properties").and_then(Value::as_object);
    for name in array(schema, "required").iter().filter_map(Value::as_str) {
        if !members.contains_key(name) {
            let problem = Problem::new(
                format!("{path}{}", pointer_step(name)),
                "missing_field",
                format!("{name} is missing"),
            );
            let about = properties.and_then(|properties| properties.get(name)).and_then(description);
            found.push(match about {
                Some(about) => problem.help(about),
                None => problem,
            });
        }
    }
    for (name, member) in members {
        let place = format!("{path}{}", pointer_step(name));
        if let Some(of_name) = schema.get("propertyNames") {
            check(of_name, &Value::String(name.clone()), &place, found);
        }
        match (property(properties, name), schema.get("additionalProperties")) {
            (Some(of_member), _) => check(of_member, member, &place, found),
            (None, Some(Value::Bool(false))) => found.push(unknown_field(name, place, properties)),
            (None, Some(of_member)) => check(of_member, member, &place, found),
            (None, None) => {}
        }
    }
}

/// The schema of a member. The keys of a map over a vocabulary are capitals, and read in any case as its values are.
fn property<'a>(properties: Option<&'a Map<String, Value>>, name: &str) -> Option<&'a Value> {
    let properties = properties?;
    properties.get(name).or_else(|| {
        let same =
            |key: &&String| key.eq_ignore_ascii_case(name) && !key.contains(|c: char| c.is_ascii_lowercase());
        properties.keys().find(same).and_then(|key| properties.get(key))
    })
}

fn description(schema: &Value) -> Option<&str> {
    schema.get("description").or_else(|| resolve(schema)?.get("description"))?.as_str()
}

fn unknown_field(name: &str, place: String, properties: Option<&Map<String, Value>>) -> Problem {
    let known = || properties.into_iter().flat_map(Map::keys).map(String::as_str);
    let problem =
        Problem::new(place, "unknown_field", format!("there is no field {:?} here", shortened(name)));
    match nearest(name, known()) {
        Some(meant) => problem.help(format!("did you mean {meant}?")),
        None => problem.help(format!("the fields are: {}", known().collect::<Vec<_>>().join(", "))),
    }
}

fn check_text(schema: &Value, text: &str, path: &str, found: &mut ProblemCollector) {
    let values: Vec<&str> = array(schema, "enum").iter().filter_map(Value::as_str).collect();
    let mut accepted =
        values.iter().copied().chain(array(schema, "x-aliases").iter().filter_map(Value::as_str));
    if !values.is_empty() && !accepted.any(|value| value.eq_ignore_ascii_case(text)) {
        let problem =
            Problem::new(path, "unknown_value", format!("{:?} is none of the values", shortened(text)));
        found.push(match nearest(text, values.iter().copied()) {
            Some(meant) => problem.help(format!("did you mean {meant}? one of: {}", values.join(", "))),
            None => problem.help(format!("write one of: {}", values.join(", "))),
        });
    }
    let format = schema.get("format").and_then(Value::as_str).unwrap_or_default();
    if let Some(problem) = formats::problem(format, text) {
        found.push(problem.under(path));
    }
}

fn check_number(schema: &Value, value: &Value, path: &str, found: &mut ProblemCollector) {
    let bound = |keyword: &str| schema.get(keyword).and_then(Value::as_f64);
    let Some(number) = value.as_f64() else { return };
    let (low, high) = (bound("minimum"), bound("maximum"));
    if low.is_some_and(|low| number < low) || high.is_some_and(|high| number > high) {
        let range = match (low, high) {
            (Some(low), Some(high)) => format!("from {low} to {high}"),
            (Some(low), None) => format!("{low} or more"),
            (None, Some(high)) => format!("at most {high}"),
            (None, None) => return,
        };
        found.push(Problem::new(path, "out_of_range", format!("this is {range}, not {value}")));
    }
}

/// A value that may have several forms: judged by the form that it names itself, else by the one it is nearest to.
fn check_variants(variants: &[&Value], value: &Value, path: &str, found: &mut ProblemCollector) {
    let forms: Vec<&Value> = variants.iter().map(|variant| resolve(variant).unwrap_or(variant)).collect();
    if let Some((tag, named)) = forms.iter().find_map(|form| tag_of(form))
        && let Some(members) = value.as_object()
        && forms.iter().all(|form| is_null(form) || tag_of(form).is_some_and(|(other, _)| other == tag))
    {
        let chosen = members.get(tag);
        let fitting = forms.iter().find(|form| {
            tag_of(form).is_some_and(|(_, constant)| chosen.is_some_and(|chosen| chosen == constant))
        });
        match (fitting, chosen) {
            (Some(form), _) => check(form, value, path, found),
            (None, chosen) => {
                let names: Vec<&str> = forms.iter().filter_map(|form| tag_of(form)?.1.as_str()).collect();
                let place = format!("{path}{}", pointer_step(tag));
                let problem = match chosen {
                    None => Problem::new(place, "missing_field", format!("{tag} is missing")),
                    Some(other) => Problem::new(
                        place,
                        "unknown_value",
                        format!("this is {}, not {}", described(other), described(named)),
                    ),
                };
                found.push(problem.help(format!("write one of: {}", names.join(", "))));
            }
        }
        return;
    }
    let mut best: Option<Vec<Problem>> = None;
    for form in forms.iter().filter(|form| !is_null(form) || value.is_null()) {
        let mut of_form = ProblemCollector::new();
        check(form, value, path, &mut of_form);
        let Some(problems) = of_form.into_problems() else { return };
        let problems = problems.into_vec();
        if best.as_ref().is_none_or(|best| problems.len() < best.len()) {
            best = Some(problems);
        }
    }
    best.into_iter().flatten().for_each(|problem| found.push(problem));
}

/// The property whose constant names a form.
fn tag_of(form: &Value) -> Option<(&str, &Value)> {
    let properties = form.get("properties")?.as_object()?;
    properties.iter().find_map(|(name, property)| Some((name.as_str(), property.get("const")?)))
}

fn is_null(form: &Value) -> bool {
    form.get("type").and_then(Value::as_str) == Some("null")
}

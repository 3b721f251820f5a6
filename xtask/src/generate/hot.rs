//! The JavaScript of the hot operations: it writes requests into slots and reads answers from them, as
//! `stratum_ffi::hot` describes them, for Node and for the browser.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use stratum_ffi::hot::shape::{Absence, Field, Kind, Presence, Shape, Vocabulary};
use stratum_ffi::hot::{HotOperation, MOST_ITEMS};

use super::typescript::HEADER;

const SLOTS: &str = include_str!("hot/slots.js");
const DECISIONS: &str = include_str!("hot/decisions.js");
const TYPES: &str = include_str!("hot/decisions.d.ts");
const EXPORTS: &str = "{ decisions }";

/// How a file gives its functions to others.
#[derive(Debug, Clone, Copy)]
pub(super) enum Modules {
    /// `import` and `export`.
    Es,
    /// `require`.
    Common,
}

/// The file of a package.
pub(super) fn shim(modules: Modules) -> String {
    let mut writer = Writer::default();
    let operations = stratum_ffi::hot::operations();
    for HotOperation { facts, answer, .. } in &operations {
        writer.writes(facts);
        writer.reads(answer);
    }
    let most = |shape: fn(&HotOperation) -> &Shape| {
        operations.iter().map(|operation| slots_of(shape(operation))).max().unwrap_or_default()
    };
    let (strict, exports) = match modules {
        Modules::Es => ("", format!("export {EXPORTS};")),
        Modules::Common => ("\"use strict\";\n\n", format!("module.exports = {EXPORTS};")),
    };
    let vocabularies: String = writer.vocabularies.values().map(String::as_str).collect();
    let functions: String = writer.functions.values().map(String::as_str).collect();
    format!(
        "{HEADER}\n{strict}{SLOTS}\n// The vocabularies, in the order of their codes.\n\n{vocabularies}\n\
         const ASKED_SLOTS = {};\nconst ANSWER_SLOTS = {};\n\n// What a request and an answer hold.\n\n{functions}\
         {DECISIONS}\n{exports}\n",
        most(|operation| &operation.facts),
        most(|operation| &operation.answer),
    )
}

/// The types of what users see of it.
pub(super) fn types() -> String {
    format!("{HEADER}\n{TYPES}")
}

/// The most slots that a shape takes.
fn slots_of(shape: &Shape) -> usize {
    shape.fields.iter().map(|field| slots(&field.kind).saturating_add(1)).sum()
}

fn slots(kind: &Kind) -> usize {
    match kind {
        Kind::Object(shape) => slots_of(shape),
        Kind::List(item) => slots(item).saturating_mul(MOST_ITEMS).saturating_add(1),
        Kind::Numbers(vocabulary) => vocabulary.words.len(),
        Kind::OneOf { forms, .. } => {
            forms.iter().map(|(_, form)| slots_of(form)).max().unwrap_or_default().saturating_add(1)
        }
        Kind::Nothing => 0,
        _ => 1,
    }
}

/// Each function once, by its name.
#[derive(Default)]
struct Writer {
    vocabularies: BTreeMap<String, String>,
    functions: BTreeMap<String, String>,
}

impl Writer {
    /// The function that writes an object into slots.
    fn writes(&mut self, shape: &Shape) -> String {
        let name = format!("write{}", shape.name);
        let fields = self.write_fields(shape, 0);
        self.function(&name, "of, at", &format!("{OBJECT}{fields}"))
    }

    /// The fields of an object one after the other; `beside` is how many others were seen.
    fn write_fields(&mut self, shape: &Shape, beside: usize) -> String {
        let mut body = format!("  let seen = {beside};\n  let value;\n  let found;\n");
        for (position, field) in shape.fields.iter().enumerate() {
            let _ = writeln!(body, "  value = of.{};", field.name);
            // Not before: of an object that was read, V8 knows where it comes from, and need not ask.
            if position == 0 {
                body.push_str(PLAIN);
            }
            body.push_str(&self.write_field(field));
        }
        if shape.strict {
            body.push_str(ALL_SEEN);
        } else {
            body.push_str("  return at;\n");
        }
        body
    }

    fn write_field(&mut self, field: &Field) -> String {
        let absent = match (&field.kind, field.absence) {
            (Kind::Numbers(vocabulary), _) => {
                format!("at = missing(at, {});", vocabulary.words.len())
            }
            (Kind::Nothing, _) => return "  if (value !== undefined) return -1;\n".to_owned(),
            (_, Absence::Flag) => "asked[at++] = 0;".to_owned(),
            (_, Absence::Nan | Absence::Own) => "asked[at++] = NaN;".to_owned(),
        };
        let flag = if field.absence == Absence::Flag && field.presence != Presence::Required {
            "asked[at++] = 1; "
        } else {
            ""
        };
        let write = format!("{flag}{}", self.write(&field.kind));
        match field.presence {
            Presence::Required => format!("  seen += 1;\n  {write}\n"),
            Presence::Default => {
                format!("  if (value === undefined) {absent}\n  else {{ seen += 1; {write} }}\n")
            }
            Presence::Nullable | Presence::Omitted => format!(
                "  if (value === undefined) {absent}\n  else if (value === null) {{ seen += 1; {absent} }}\n  \
                 else {{ seen += 1; {write} }}\n"
            ),
        }
    }

    /// Statements that write `value`.
    fn write(&mut self, kind: &Kind) -> String {
        let found = |how: String| format!("if ((found = {how}) < 0) return -1; asked[at++] = found;");
        match kind {
            Kind::Number => {
                "if (typeof value !== \"number\" || value - value !== 0) return -1; asked[at++] = value + 0;".to_owned()
            }
            Kind::Whole => "if (!Number.isSafeInteger(value)) return -1; asked[at++] = value + 0;".to_owned(),
            Kind::Flag => {
                "if (value === true) asked[at++] = 1; else if (value === false) asked[at++] = 0; else return -1;".to_owned()
            }
            Kind::Instant => {
                "if ((found = instant(value)) !== found) return -1; asked[at++] = found;".to_owned()
            }
            Kind::Currency => found("currency(value)".to_owned()),
            Kind::Id => found("id(value)".to_owned()),
            Kind::Text => found("text(value)".to_owned()),
            Kind::Code(vocabulary) => {
                let name = self.vocabulary(vocabulary);
                format!(
                    "if ((found = {name}_POSITIONS.get(value)) === undefined) return -1; asked[at++] = found;"
                )
            }
            Kind::Object(_) | Kind::List(_) | Kind::Numbers(_) | Kind::OneOf { .. } => {
                let name = self.writes_many(kind);
                format!("if ((at = {name}(value, at)) < 0) return -1;")
            }
            Kind::Nothing => "return -1;".to_owned(),
        }
    }

    /// The function that writes something of many slots.
    fn writes_many(&mut self, kind: &Kind) -> String {
        match kind {
            Kind::Object(shape) => self.writes(shape),
            Kind::List(item) => {
                let name = format!("write{}List", named(item));
                let write = self.write(item);
                let body = format!(
                    "  if (!Array.isArray(of) || of.length > {MOST_ITEMS}) return -1;\n  let found;\n  \
                     asked[at++] = of.length;\n  for (let item = 0; item < of.length; item += 1) {{\n    \
                     const value = of[item];\n    {write}\n  }}\n  return at;\n"
                );
                self.function(&name, "of, at", &body)
            }
            Kind::Numbers(vocabulary) => {
                let name = format!("write{}Numbers", vocabulary.name);
                let mut body = format!("{OBJECT}  let seen = 0;\n  let value;\n");
                for (position, word) in vocabulary.words.iter().enumerate() {
                    let _ = writeln!(body, "  value = of.{word};");
                    if position == 0 {
                        body.push_str(PLAIN);
                    }
                    body.push_str(
                        "  if (value === undefined) asked[at++] = NaN;\n  \
                         else if (value === null) { seen += 1; asked[at++] = NaN; }\n  \
                         else if (typeof value !== \"number\" || value - value !== 0) return -1;\n  \
                         else { seen += 1; asked[at++] = value + 0; }\n",
                    );
                }
                body.push_str(ALL_SEEN);
                self.function(&name, "of, at", &body)
            }
            Kind::OneOf { tag, forms } => {
                let mut body = format!("{OBJECT}  const tag = of.{tag};\n");
                for (position, (word, form)) in forms.iter().enumerate() {
                    let fields = self.write_fields(form, 1);
                    let name = format!("write{}", form.name);
                    self.function(&name, "of, at", &fields);
                    let _ = writeln!(body, "  if (tag === \"{word}\") {{");
                    let _ =
                        writeln!(body, "    asked[at] = {position};\n    return {name}(of, at + 1);\n  }}");
                }
                body.push_str("  return -1;\n");
                self.function(&format!("writeOneOf{}", forms.len()), "of, at", &body)
            }
            _ => String::new(),
        }
    }

    /// The function that reads an object from slots.
    fn reads(&mut self, shape: &Shape) -> String {
        let mut body = String::new();
        let (mut always, mut sometimes) = (Vec::new(), String::new());
        for Field { name, kind, presence, absence } in &shape.fields {
            let read = self.read(kind);
            let absent = if *presence == Presence::Omitted { "undefined" } else { "null" };
            let read = match (presence, absence) {
                (Presence::Required | Presence::Default, _) => read,
                (_, Absence::Flag) => format!("answer[next++] === 0 ? {absent} : {read}"),
                (_, Absence::Nan | Absence::Own) => {
                    format!("answer[next] !== answer[next] ? skip({absent}) : {read}")
                }
            };
            let _ = writeln!(body, "  const {name} = {read};");
            if *presence == Presence::Omitted {
                let _ = writeln!(sometimes, "  if ({name} !== undefined) read.{name} = {name};");
            } else {
                always.push(*name);
            }
        }
        let always = always.join(", ");
        if sometimes.is_empty() {
            let _ = writeln!(body, "  return {{ {always} }};");
        } else {
            let _ = writeln!(body, "  const read = {{ {always} }};\n{sometimes}  return read;");
        }
        self.function(&format!("read{}", shape.name), "", &body)
    }

    /// An expression that reads a value.
    fn read(&mut self, kind: &Kind) -> String {
        match kind {
            Kind::Flag => "answer[next++] === 1".to_owned(),
            Kind::Instant => "instantText(answer[next++])".to_owned(),
            Kind::Id | Kind::Text => "texts[answer[next++]]".to_owned(),
            Kind::Code(vocabulary) => format!("{}[answer[next++]]", self.vocabulary(vocabulary)),
            Kind::Object(shape) => format!("{}()", self.reads(shape)),
            Kind::List(item) => {
                let read = self.read(item);
                let body = format!(
                    "  const read = new Array(answer[next++]);\n  for (let item = 0; item < read.length; item += 1) \
                     read[item] = {read};\n  return read;\n"
                );
                format!("{}()", self.function(&format!("read{}List", named(item)), "", &body))
            }
            _ => "answer[next++]".to_owned(),
        }
    }

    fn function(&mut self, name: &str, parameters: &str, body: &str) -> String {
        let text = format!("function {name}({parameters}) {{\n{body}}}\n\n");
        self.functions.insert(name.to_owned(), text);
        name.to_owned()
    }

    fn vocabulary(&mut self, vocabulary: &Vocabulary) -> String {
        let name = constant(vocabulary.name);
        let words: Vec<String> = vocabulary.words.iter().map(|word| format!("  \"{word}\",\n")).collect();
        let text =
            format!("const {name} = [\n{}];\nconst {name}_POSITIONS = positions({name});\n", words.concat());
        self.vocabularies.insert(name.clone(), text);
        name
    }
}

const OBJECT: &str = "  if (typeof of !== \"object\" || of === null) return -1;\n";

/// An object whose fields are its own, as JSON would write it; an array is none.
const PLAIN: &str = "  const parent = Object.getPrototypeOf(of);\n  \
                     if (parent !== Object.prototype && parent !== null) return -1;\n";

/// What is left over after the known fields is a field that does not exist.
const ALL_SEEN: &str = "  for (const _ in of) seen -= 1;\n  return seen === 0 ? at : -1;\n";

fn named(kind: &Kind) -> &str {
    match kind {
        Kind::Object(shape) => shape.name,
        Kind::Code(vocabulary) => vocabulary.name,
        _ => "Value",
    }
}

/// `GateReason` becomes `GATE_REASON`.
fn constant(name: &str) -> String {
    let mut constant = String::new();
    for letter in name.chars() {
        if letter.is_ascii_uppercase() && !constant.is_empty() {
            constant.push('_');
        }
        constant.push(letter.to_ascii_uppercase());
    }
    constant
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::Value;
    use std::collections::BTreeSet;

    /// Every shape within a kind.
    fn shapes<'a>(kind: &'a Kind, found: &mut Vec<&'a Shape>) {
        match kind {
            Kind::Object(shape) => {
                found.push(shape);
                shape.fields.iter().for_each(|field| shapes(&field.kind, found));
            }
            Kind::List(item) => shapes(item, found),
            Kind::OneOf { forms, .. } => {
                forms.iter().flat_map(|(_, form)| &form.fields).for_each(|field| shapes(&field.kind, found));
            }
            _ => {}
        }
    }

    #[test]
    fn every_field_of_a_request_has_its_slot_and_may_be_missing_where_the_schema_says_so() {
        let document = stratum_ffi::schema::document();
        let kinds: Vec<Kind> = stratum_ffi::hot::operations()
            .into_iter()
            .map(|operation| Kind::Object(operation.facts))
            .collect();
        let mut found = Vec::new();
        kinds.iter().for_each(|kind| shapes(kind, &mut found));
        let mut compared = 0;
        for shape in found {
            let asked = document["$defs"].get(format!("{}Input", shape.name));
            let Some(definition) = asked.or_else(|| document["$defs"].get(shape.name)) else { continue };
            let names: BTreeSet<&str> = shape.fields.iter().map(|field| field.name).collect();
            let known = definition["properties"].as_object().unwrap();
            assert_eq!(names, known.keys().map(String::as_str).collect(), "{}", shape.name);
            assert_eq!(
                shape.strict,
                definition["additionalProperties"] == Value::Bool(false),
                "{}",
                shape.name
            );
            let required: BTreeSet<&str> = super::super::document::strings(&definition["required"]).collect();
            for field in &shape.fields {
                let must = field.presence == Presence::Required;
                assert_eq!(must, required.contains(field.name), "{}.{}", shape.name, field.name);
            }
            compared += 1;
        }
        assert!(compared >= 11, "{compared} shapes compared");
    }

    #[test]
    fn both_files_hold_the_same_code() {
        let body = |modules| {
            let text = shim(modules);
            text.split_once("// Values to slots").unwrap().1.rsplit_once("\n\n").unwrap().0.to_owned()
        };
        assert_eq!(body(Modules::Es), body(Modules::Common));
        assert!(shim(Modules::Es).ends_with("\nexport { decisions };\n"));
        assert!(shim(Modules::Common).ends_with("\nmodule.exports = { decisions };\n"));
    }
}

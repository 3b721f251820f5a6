//! Reading a JSON value with every problem told, not only the first.

use std::collections::{BTreeSet, VecDeque};

use serde::de::DeserializeOwned;
use serde_json::Value;
use serde_path_to_error::{Path, Segment};
use stratum_core::problem::{Problem, ProblemCollector, Problems, pointer_step};

/// How many problems of one body are told; more help nobody.
const MOST_PROBLEMS: usize = 50;

/// What a field that is missing or cannot be read is replaced with, to see whether anything else is wrong.
const FILLERS: &[&str] = &[
    "null",
    "\"\"",
    "0",
    "1.5",
    "false",
    "[]",
    "{}",
    "\"00000000-0000-0000-0000-000000000000\"",
    "\"2000-01-01T00:00:00.000Z\"",
    "\"2000-01-01\"",
    "\"META\"",
    "\"USD\"",
];

/// What a value is taken to measure, in bytes, where nobody says.
const SMALL: usize = 8 * 1024;

/// Reads `T` from a value. serde stops at the first problem; here the problem is noted, its place mended with
/// something that reads, and the reading begun again, until nothing is wrong or a place cannot be mended.
///
/// # Errors
/// Every problem that was found.
pub fn read<T: DeserializeOwned>(value: Value) -> Result<T, Problems> {
    read_within(value, SMALL)
}

/// As [`read`], for a value that is `length` bytes as text.
pub(super) fn read_within<T: DeserializeOwned>(mut value: Value, length: usize) -> Result<T, Problems> {
    let mut found = ProblemCollector::new();
    let mut budget = Budget::of(length);
    for _ in 0..MOST_PROBLEMS {
        let error = match budget.read::<T>(&value) {
            Some(Ok(read)) => return found.into_result(read),
            Some(Err(error)) => error,
            None => break,
        };
        let place = Place::of(error.path(), error.inner());
        found.push(problem_of(error.inner()).under(&place.pointer()));
        let mended =
            if place.unknown { place.remove(&mut value) } else { place.fill::<T>(&mut value, &mut budget) };
        if !mended {
            break;
        }
    }
    match found.into_problems() {
        Some(problems) => Err(problems),
        None => Err(Problem::new("", "invalid", "the body cannot be read").into()),
    }
}

/// How often a body may be read again in search of its problems: fewer times the larger it is, so that a bad body costs
/// little more than a good one.
struct Budget(usize);

impl Budget {
    fn of(length: usize) -> Self {
        Self(usize::div_euclid(1024 * 1024, length.max(1)).clamp(8, 400))
    }

    fn read<T: DeserializeOwned>(
        &mut self,
        value: &Value,
    ) -> Option<Result<T, serde_path_to_error::Error<serde_json::Error>>> {
        self.0 = self.0.checked_sub(1)?;
        Some(serde_path_to_error::deserialize::<_, T>(value))
    }
}

/// Where in the body a problem is.
#[derive(Debug, PartialEq, Eq)]
struct Place {
    steps: Vec<Step>,
    /// The field has no business there.
    unknown: bool,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Step {
    Key(String),
    Index(usize),
}

impl Place {
    fn of(path: &Path, error: &serde_json::Error) -> Self {
        let mut steps: Vec<Step> = path
            .iter()
            .filter_map(|segment| match segment {
                Segment::Seq { index } => Some(Step::Index(*index)),
                Segment::Map { key } => Some(Step::Key(key.clone())),
                // The variant of an enum tagged by its key is a key in the text as well.
                Segment::Enum { variant } => Some(Step::Key(variant.clone())),
                Segment::Unknown => None,
            })
            .collect();
        let text = error.to_string();
        let unknown = text.starts_with("unknown field");
        if (unknown || text.starts_with("missing field"))
            && let Some(name) = quoted(&text)
        {
            let last = Step::Key(name);
            if steps.last() != Some(&last) {
                steps.push(last);
            }
        }
        Self { steps, unknown }
    }

    fn pointer(&self) -> String {
        self.steps
            .iter()
            .map(|step| match step {
                Step::Key(key) => pointer_step(key),
                Step::Index(index) => format!("/{index}"),
            })
            .collect()
    }

    fn parent<'v>(&self, value: &'v mut Value) -> Option<&'v mut Value> {
        let (_, before) = self.steps.split_last()?;
        before.iter().try_fold(value, |at, step| match step {
            Step::Key(key) => at.get_mut(key),
            Step::Index(index) => at.get_mut(index),
        })
    }

    fn remove(&self, value: &mut Value) -> bool {
        match (self.parent(value), self.steps.last()) {
            (Some(Value::Object(members)), Some(Step::Key(key))) => members.remove(key).is_some(),
            _ => false,
        }
    }

    fn put(&self, value: &mut Value, part: Value) -> bool {
        match (self.parent(value), self.steps.last()) {
            (Some(Value::Object(members)), Some(Step::Key(key))) => {
                members.insert(key.clone(), part);
                true
            }
            (Some(Value::Array(items)), Some(Step::Index(index))) => match items.get_mut(*index) {
                Some(item) => {
                    *item = part;
                    true
                }
                None => false,
            },
            _ => false,
        }
    }

    /// Puts something at this place with which the reading gets past it. What a refusal asks for is tried as well.
    fn fill<T: DeserializeOwned>(&self, value: &mut Value, budget: &mut Budget) -> bool {
        let mut candidates: VecDeque<Value> =
            FILLERS.iter().filter_map(|filler| serde_json::from_str(filler).ok()).collect();
        let mut asked_for = BTreeSet::new();
        while let Some(candidate) = candidates.pop_front() {
            if !self.put(value, candidate) {
                return false;
            }
            loop {
                let error = match budget.read::<T>(value) {
                    Some(Ok(_)) => return true,
                    Some(Err(error)) => error,
                    None => return false,
                };
                let place = Self::of(error.path(), error.inner());
                // What is wrong with the tag of an enumeration is said of the enumeration, above this place.
                if self.steps.starts_with(&place.steps) {
                    if let Some(name) = suggested(error.inner())
                        && asked_for.insert(name.clone())
                    {
                        candidates.push_front(serde_json::json!({ name.clone(): {} }));
                        candidates.push_front(Value::String(name));
                    }
                    break;
                }
                if !place.steps.starts_with(&self.steps) {
                    return true;
                }
                // An object was right here, and wants fields of its own.
                if !place.fill::<T>(value, budget) {
                    break;
                }
            }
        }
        false
    }
}

/// What a refusal says that it would take: the first name of a list, or the example.
fn suggested(error: &serde_json::Error) -> Option<String> {
    let problem = problem_of(error);
    let named = problem.message.split_once("expected ").and_then(|(_, expected)| quoted(expected));
    named.or_else(|| {
        let help = problem.help?;
        let example = help.strip_prefix("write one of: ").or_else(|| help.strip_prefix("write it as "))?;
        example.split_whitespace().next().map(|word| word.trim_end_matches(',').to_owned())
    })
}

/// What serde said, as a problem. A [`Problem`] of the libraries went through serde as text and is taken apart again:
/// `sentence (code); help`.
pub(super) fn problem_of(error: &serde_json::Error) -> Problem {
    let text = error.to_string();
    // serde_json adds the line and column, which say nothing about a value.
    let text = text.split(" at line ").next().unwrap_or(&text).trim().to_owned();
    let code = match text.split_whitespace().next() {
        Some("unknown") if text.starts_with("unknown field") => "unknown_field",
        Some("unknown") => "unknown_value",
        Some("missing") => "required",
        Some("invalid") => "invalid_type",
        Some("duplicate") => "duplicate_field",
        _ => {
            let (body, help) =
                text.split_once("); ").map_or((text.as_str(), None), |(body, help)| (body, Some(help)));
            let body = body.strip_suffix(')').unwrap_or(body);
            if let Some((message, code)) = body.rsplit_once(" (") {
                let is_code = !code.is_empty() && code.chars().all(|c| c.is_ascii_lowercase() || c == '_');
                if is_code {
                    let problem = Problem::new("", code.to_owned(), message);
                    return match help {
                        Some(help) => problem.help(help),
                        None => problem,
                    };
                }
            }
            "invalid_value"
        }
    };
    Problem::new("", code, text)
}

/// The first name between backticks.
pub(super) fn quoted(text: &str) -> Option<String> {
    text.split('`').nth(1).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;
    use stratum_core::vocabulary::Platform;

    use crate::http::json::parse;

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    #[expect(dead_code, reason = "only read")]
    struct Order {
        name: String,
        platform: Platform,
        lines: Vec<Line>,
        note: Option<String>,
    }

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    #[expect(dead_code, reason = "only read")]
    struct Line {
        amount_cents: i64,
    }

    fn problems(body: &str) -> Vec<(String, String)> {
        let error = parse::<Order>(body.as_bytes()).unwrap_err();
        error.details().iter().map(|detail| (detail.path.clone(), detail.code.clone())).collect()
    }

    fn pair(path: &str, code: &str) -> (String, String) {
        (path.to_owned(), code.to_owned())
    }

    #[test]
    fn every_problem_of_a_body_is_told_at_once() {
        let body = r#"{"platform": "linkedin", "lines": [{"amount_cents": 1}, {"amount_cents": "x", "b": 1}], "a~b/c": 1}"#;
        let mut found = problems(body);
        found.sort();
        assert_eq!(
            found,
            [
                pair("/a~0b~1c", "UNKNOWN_FIELD"),
                pair("/lines/1/amount_cents", "INVALID_TYPE"),
                pair("/lines/1/b", "UNKNOWN_FIELD"),
                pair("/name", "REQUIRED"),
                pair("/platform", "UNKNOWN_VALUE"),
            ]
        );
    }

    #[derive(Debug, Deserialize)]
    #[serde(tag = "kind", rename_all = "SCREAMING_SNAKE_CASE", deny_unknown_fields)]
    #[expect(dead_code, reason = "only read")]
    enum Change {
        Budget { after_cents: i64 },
        Pause,
    }

    #[derive(Debug, Deserialize)]
    #[expect(dead_code, reason = "only read")]
    enum Outside {
        Tagged { cents: i64 },
    }

    #[derive(Debug, Deserialize)]
    #[expect(dead_code, reason = "only read")]
    struct Request {
        change: Change,
        outside: Outside,
        platform: Platform,
        until: stratum_core::Timestamp,
    }

    #[test]
    fn a_missing_enumeration_with_fields_does_not_hide_what_follows() {
        let error = parse::<Request>(b"{}").unwrap_err();
        let paths: Vec<&str> = error.details().iter().map(|detail| detail.path.as_str()).collect();
        assert_eq!(paths, ["/change", "/outside", "/platform", "/until"]);
    }

    #[test]
    fn the_search_for_problems_in_a_large_body_is_bounded() {
        let mut body = String::from("[");
        body.push_str(&"{},".repeat(200_000));
        body.push_str("{}]");
        let started = std::time::Instant::now();
        let error = parse::<Vec<Request>>(body.as_bytes()).unwrap_err();
        assert!(!error.details().is_empty());
        assert!(started.elapsed().as_secs() < 10, "{:?}", started.elapsed());
    }

    #[test]
    fn help_of_the_libraries_reaches_the_caller() {
        let error = parse::<Order>(br#"{"name": "n", "platform": "x", "lines": []}"#).unwrap_err();
        assert_eq!(error.details()[0].message, "\"x\" is no platform");
        assert!(error.details()[0].help.as_deref().unwrap().starts_with("write one of: META"));
    }
}

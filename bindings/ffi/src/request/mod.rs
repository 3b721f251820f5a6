//! Reading a request: the value, or every problem of it at once.
//!
//! serde stops at the first thing that is wrong. So it reads what is right, at full speed; what it refuses is compared with
//! the JSON Schema of the request, which finds the rest, too.

mod check;
mod formats;

use serde::de::{DeserializeOwned, IgnoredAny};
use serde_json::Value;
use stratum_core::place;
use stratum_core::problem::{Problem, ProblemCollector, Problems};

const DUPLICATE_FIELD: &str = "duplicate_field";

/// The request of an operation from JSON text.
///
/// # Errors
/// `invalid_json`, `duplicate_field`, and those of [`from_value`].
pub fn from_text<Q: DeserializeOwned>(operation: &str, body: &str) -> Result<Q, Problems> {
    // serde would read the fields of a type out of a list, too, and nothing at all out of an empty one.
    if !body.trim_start_matches([' ', '\t', '\n', '\r']).starts_with('{') {
        return Err(not_an_object(body));
    }
    serde_json::from_str(body).map_err(|error| explain(operation, body, &error))
}

fn not_an_object(body: &str) -> Problems {
    match serde_json::from_str::<IgnoredAny>(body) {
        Ok(_) => Problem::new("", "wrong_type", "the request is no JSON object")
            .help("send one JSON object, in UTF-8")
            .into(),
        Err(error) => invalid_json(&error),
    }
}

/// The request of an operation from a JSON value.
///
/// # Errors
/// Every problem at once: `missing_field`, `unknown_field`, `wrong_type`, `unknown_value`, `out_of_range`,
/// `invalid_timestamp`, `invalid_date`, `invalid_id`, `invalid_currency`, `invalid_digest`, `invalid_value`.
pub fn from_value<Q: DeserializeOwned>(operation: &str, value: &Value) -> Result<Q, Problems> {
    if !value.is_object() {
        return from_text(operation, &value.to_string());
    }
    // What is wrong is found in the same way for all.
    Q::deserialize(value).or_else(|_| from_text(operation, &value.to_string()))
}

/// A part that stands by itself, such as the policy of a batch or of a binding's object.
///
/// # Errors
/// As [`from_value`], below `path`.
pub fn part<P: DeserializeOwned>(value: &Value, path: &str) -> Result<P, Problems> {
    // In a browser each reading of a type is downloaded, so there the text is read as a request is.
    #[cfg(not(target_arch = "wasm32"))]
    if let Ok(part) = P::deserialize(value) {
        return Ok(part);
    }
    let text = value.to_string();
    serde_json::from_str(&text).map_err(|error| {
        // A text that a type refuses is told where the reader stands next: behind the object, if it was the last member.
        // Only a missing field is about the object itself.
        let is_last = !error.to_string().starts_with("missing field")
            && error.column().checked_sub(1).and_then(|at| text.as_bytes().get(at)) == Some(&b'}');
        let column = error.column().saturating_sub(usize::from(is_last));
        let place = place::pointer_at(&text, error.line(), column);
        Problems::from(said_by_serde(place, &error)).under(path)
    })
}

/// The problems that were collected; a sentence of its own for the case that cannot be, a refusal without one.
pub(crate) fn problems_of(found: ProblemCollector) -> Problems {
    found
        .into_problems()
        .unwrap_or_else(|| Problem::new("", "invalid_value", "the request was refused").into())
}

fn explain(operation: &str, body: &str, error: &serde_json::Error) -> Problems {
    let value = match serde_json::from_str::<Value>(body) {
        Ok(value) => value,
        Err(error) => return invalid_json(&error),
    };
    let mut found = ProblemCollector::new();
    let said = said_by_serde(place::pointer_at(body, error.line(), error.column()), error);
    // A value has lost what was written twice, so only serde, which read the text, can tell.
    if said.code == DUPLICATE_FIELD {
        found.push(said.clone());
    }
    if let Some(schema) = crate::schema::request_of(operation) {
        check::check(schema, &value, "", &mut found);
    }
    found.into_problems().unwrap_or_else(|| said.into())
}

fn said_by_serde(place: String, error: &serde_json::Error) -> Problem {
    let said = error.to_string();
    // serde_json adds where in the text it stood, which the path says better.
    let message = said.split(" at line ").next().unwrap_or_default();
    let code = if message.starts_with("duplicate field") { DUPLICATE_FIELD } else { "invalid_value" };
    Problem::new(place, code, message)
}

fn invalid_json(error: &serde_json::Error) -> Problems {
    Problem::new("", "invalid_json", format!("the request is no JSON: {error}"))
        .help("send one JSON object, in UTF-8")
        .into()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The requests of the conformance vectors that are answered, not refused.
    fn right_requests() -> Vec<(String, Value)> {
        let texts = [
            include_str!("../../../../tests/vectors/operations/health_evaluate.json"),
            include_str!("../../../../tests/vectors/operations/gate_evaluate.json"),
            include_str!("../../../../tests/vectors/operations/emq_event.json"),
            include_str!("../../../../tests/vectors/operations/emq_platform.json"),
            include_str!("../../../../tests/vectors/operations/enforcement_check.json"),
            include_str!("../../../../tests/vectors/operations/decision_evaluate.json"),
            include_str!("../../../../tests/vectors/operations/decision_replay.json"),
            include_str!("../../../../tests/vectors/operations/backtest_run.json"),
            include_str!("../../../../tests/vectors/operations/backtest_compare.json"),
            include_str!("../../../../tests/vectors/operations/whatif_simulate.json"),
            include_str!("../../../../tests/vectors/operations/whatif_roi.json"),
            include_str!("../../../../tests/vectors/operations/identity_stitch.json"),
            include_str!("../../../../tests/vectors/audit/verify.json"),
        ];
        let mut requests = Vec::new();
        for text in texts {
            let file: Value = serde_json::from_str(text).unwrap();
            let operation = file["operation"].as_str().unwrap();
            // What this build leaves out.
            if crate::find(operation).is_err() {
                continue;
            }
            for case in file["cases"].as_array().unwrap() {
                if case.get("expect_problems").is_none() {
                    requests.push((operation.to_owned(), case["request"].clone()));
                }
            }
        }
        requests
    }

    #[test]
    fn what_serde_reads_the_schema_allows_too_so_that_nothing_right_is_named_beside_a_problem() {
        let requests = right_requests();
        assert!(requests.len() > 300);
        for (operation, request) in requests {
            let mut found = ProblemCollector::new();
            check::check(crate::schema::request_of(&operation).unwrap(), &request, "", &mut found);
            assert_eq!(found.into_problems(), None, "{operation}: {request}");
        }
    }

    #[test]
    fn what_is_wrong_with_a_part_has_its_place_whether_it_stands_last_or_not() {
        for policy in [
            r#"{"preset": "SIX"}"#,
            r#"{"preset": "SIX", "profile": "x"}"#,
            r#"{"overrides": {}, "preset": "SIX"}"#,
        ] {
            let policy: Value = serde_json::from_str(policy).unwrap();
            let refused = part::<stratum_core::policy::TrustPolicy>(&policy, "/policy").unwrap_err();
            let places: Vec<&str> = refused.iter().map(|problem| problem.path.as_str()).collect();
            assert_eq!(places, ["/policy/preset"], "{policy}");
        }
    }

    #[test]
    fn one_field_too_many_is_named_and_nothing_that_is_right_beside_it() {
        for (operation, mut request) in right_requests() {
            request.as_object_mut().unwrap().insert("colour".to_owned(), Value::Null);
            let refused = crate::call_value(&operation, &request).unwrap_err();
            let places: Vec<_> =
                refused.iter().map(|problem| (problem.path.as_str(), problem.code.as_ref())).collect();
            assert_eq!(places, [("/colour", "unknown_field")], "{operation}");
        }
    }
}

//! The project's own format: requests to an operation of the table, with the answers or the problems that they must give.

use anyhow::{Context, Result};
use serde::Deserialize;
use serde_json::Value;
use stratum_core::problem::Problems;

use super::compare::difference;
use super::{Tally, list};

#[derive(Deserialize)]
struct Case {
    name: String,
    request: Value,
    #[serde(default, alias = "response")]
    expect: Option<Value>,
    #[serde(default)]
    expect_problems: Option<Vec<ExpectedProblem>>,
}

/// A problem that must be among the answer's; together they must be all of them, in any order.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
struct ExpectedProblem {
    path: String,
    code: String,
}

pub(super) fn run(content: &Value, tally: &mut Tally) -> Result<()> {
    let operation = content.get("operation").and_then(Value::as_str).context("the operation is a text")?;
    for case in list::<Case>(content, "cases")? {
        tally.count(&case.name, wrong_with(operation, &case));
    }
    Ok(())
}

/// The case through both doors, which must say the same.
fn wrong_with(operation: &str, case: &Case) -> Option<String> {
    let answer = stratum_ffi::call_value(operation, &case.request);
    let as_text = stratum_ffi::call_json(operation, &case.request.to_string());
    let read_back = as_text.map(|text| serde_json::from_str::<Value>(&text).unwrap_or_default());
    if read_back != answer {
        return Some(format!("as text the answer is {read_back:?}, as a value {answer:?}"));
    }
    match (answer, &case.expect, &case.expect_problems) {
        (Ok(found), Some(expected), None) => difference(&found, expected),
        (Err(problems), None, Some(expected)) => wrong_problems(&problems, expected),
        (Ok(found), None, Some(_)) => Some(format!("it was answered: {found}")),
        (Err(problems), Some(_), None) => Some(format!("it was refused: {problems}")),
        (_, None, None) | (_, Some(_), Some(_)) => {
            Some("a case has either expect or expect_problems".to_owned())
        }
    }
}

fn wrong_problems(found: &Problems, expected: &[ExpectedProblem]) -> Option<String> {
    let mut found: Vec<ExpectedProblem> = found
        .iter()
        .map(|problem| ExpectedProblem { path: problem.path.clone(), code: problem.code.to_string() })
        .collect();
    let mut expected = expected.to_vec();
    found.sort();
    expected.sort();
    (found != expected).then(|| format!("the problems are {found:?}, expected {expected:?}"))
}

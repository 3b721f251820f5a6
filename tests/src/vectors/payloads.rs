//! What goes to the ad platforms: conversions and audience members against the requests that are expected.

use anyhow::{Context, Result};
use serde::Deserialize;
use serde_json::{Map, Value, json};
use stratum_cdp::audience::AudiencePayloadsRequest;
use stratum_cdp::conversion::ConversionPayloadsRequest;

use super::{Tally, list};

#[derive(Deserialize)]
struct Case {
    id: String,
    #[serde(default)]
    action: Option<String>,
    input: Value,
    expect: Expected,
}

#[derive(Deserialize)]
struct Expected {
    requests: Vec<Value>,
    skipped: Vec<Value>,
}

/// The cleaning under which the vectors were made: documentation's own addresses count.
fn cleaning(content: &Value) -> Value {
    json!({"preset": "standard", "default_region": content.get("default_region")})
}

/// Events of one platform. The name of the file names it.
pub(super) fn events(name: &str, content: &Value, tally: &mut Tally) -> Result<()> {
    let platform = name.split('-').next().unwrap_or_default();
    for case in list::<Case>(content, "cases")? {
        let request = json!({
            "connection": {"platform": platform, "legacy_upload": name.contains("-legacy-")},
            "now": content.get("now"),
            "consent_checked": true,
            "cleaning": cleaning(content),
            "events": case.input,
        });
        let request: ConversionPayloadsRequest =
            serde_json::from_value(request).with_context(|| case.id.clone())?;
        let answer = request.payloads().map(|answer| json!(answer)).map_err(|problems| problems.to_string());
        tally.count(&case.id, wrong(answer, &case.expect, "event_id"));
    }
    Ok(())
}

/// Members of one platform's audience.
pub(super) fn audience(name: &str, content: &Value, tally: &mut Tally) -> Result<()> {
    let platform = name.split('-').next().unwrap_or_default();
    for case in list::<Case>(content, "cases")? {
        let request = json!({
            "connection": {"platform": platform},
            "action": case.action,
            "now": content.get("now"),
            "consent_checked": true,
            "cleaning": cleaning(content),
            "members": case.input,
        });
        let request: AudiencePayloadsRequest =
            serde_json::from_value(request).with_context(|| case.id.clone())?;
        let answer = request.payloads().map(|answer| json!(answer)).map_err(|problems| problems.to_string());
        tally.count(&case.id, wrong(answer, &case.expect, "member_id"));
    }
    Ok(())
}

/// What is different in an answer from what is expected of it.
fn wrong(answer: Result<Value, String>, expected: &Expected, id: &str) -> Option<String> {
    let answer = match answer {
        Ok(answer) => answer,
        Err(problems) => return Some(format!("it was refused: {problems}")),
    };
    let of = |name: &str| answer.get(name).and_then(Value::as_array).cloned().unwrap_or_default();
    let requests: Vec<Value> = of("requests")
        .into_iter()
        .map(|request| picked(request, &["method", "host", "path", "auth", "body"]))
        .collect();
    let skipped: Vec<Value> =
        of("skipped").into_iter().map(|skipped| picked(skipped, &[id, "reason"])).collect();
    unlike("requests", &requests, &expected.requests)
        .or_else(|| unlike("skipped", &skipped, &expected.skipped))
}

fn unlike(what: &str, found: &[Value], expected: &[Value]) -> Option<String> {
    let same = found.len() == expected.len()
        && found.iter().zip(expected).all(|(found, expected)| is_same(found, expected));
    (!same).then(|| format!("{what} are {}, expected {}", json!(found), json!(expected)))
}

fn picked(value: Value, names: &[&str]) -> Value {
    let Value::Object(members) = value else { return value };
    let kept: Map<String, Value> =
        members.into_iter().filter(|(name, _)| names.contains(&name.as_str())).collect();
    Value::Object(kept)
}

/// Whether two values say the same: members in any order, numbers by value.
fn is_same(found: &Value, expected: &Value) -> bool {
    match (found, expected) {
        (Value::Number(found), Value::Number(expected)) => found.as_f64() == expected.as_f64(),
        (Value::Array(found), Value::Array(expected)) => {
            found.len() == expected.len()
                && found.iter().zip(expected).all(|(found, expected)| is_same(found, expected))
        }
        (Value::Object(found), Value::Object(expected)) => {
            found.len() == expected.len()
                && found
                    .iter()
                    .all(|(name, value)| expected.get(name).is_some_and(|other| is_same(value, other)))
        }
        _ => found == expected,
    }
}

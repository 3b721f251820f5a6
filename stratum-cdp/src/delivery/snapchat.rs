//! Answers of Snapchat: the Conversions API and the users of segments.
//!
//! Source: Snap's pages on the Conversions API and on customer list audiences. The error codes of the Marketing API are
//! documented by example only.

use serde_json::{Map, Value};

use super::answer::{AnswerClass, PlatformCall};
use super::reading::{Finding, Reading, code_text, place_between};

pub(super) fn read(answer: &Reading<'_>) -> Option<Finding> {
    let body = answer.body()?;
    match answer.call {
        PlatformCall::Audience => segment(answer, body),
        _ => events(answer, body),
    }
}

fn events(answer: &Reading<'_>, body: &Map<String, Value>) -> Option<Finding> {
    match body.get("status")?.as_str()? {
        "OK" if answer.is_success() => Some(Finding::new(AnswerClass::Delivered)),
        "PARTIAL" if answer.is_success() => {
            // The records carry a number that is not said to be a place.
            let records = body.get("error_records").and_then(Value::as_array).map_or(0, Vec::len);
            let finding = Finding::new(AnswerClass::Partial);
            let count = u64::try_from(records).unwrap_or(u64::MAX).min(answer.items);
            Some(if count > 0 { finding.failed_count(count) } else { finding })
        }
        "INVALID" => {
            let reason = body.get("reason").and_then(Value::as_str).unwrap_or_default();
            let place = place_between(reason, "data[", ']').or((answer.items == 1).then_some(0));
            Some(Finding::new(AnswerClass::InvalidEvent).failed(place).code(Some("INVALID".to_owned())))
        }
        // Some other word under HTTP 200 is a refusal: only `OK` says that something was taken.
        "ERROR" | "FAILED" if answer.is_success() => Some(Finding::new(AnswerClass::Permanent)),
        _ => None,
    }
}

fn segment(answer: &Reading<'_>, body: &Map<String, Value>) -> Option<Finding> {
    if let Some(code) = body.get("error_code") {
        let class = match code.as_str()? {
            "E1001" => Some(AnswerClass::InvalidEvent),
            "E3002" | "E3003" => Some(AnswerClass::InvalidConfig),
            _ if answer.is_success() => Some(AnswerClass::Permanent),
            _ => None,
        };
        return class.map(|class| Finding::new(class).code(code_text(code)));
    }
    let word = body.get("request_status")?.as_str()?;
    if !answer.is_success() {
        return None;
    }
    let parts: &[Value] = body.get("users").and_then(Value::as_array).map_or(&[], Vec::as_slice);
    let failed: Vec<u64> = (0_u64..)
        .zip(parts)
        .filter(|(_, part)| part.get("sub_request_status").and_then(Value::as_str) != Some("SUCCESS"))
        .map(|(place, _)| place)
        .collect();
    if word == "SUCCESS" && failed.is_empty() {
        return Some(Finding::new(AnswerClass::Delivered));
    }
    // A part may hold many users: its place is that of an item only where there are as many parts as items.
    let one_each = u64::try_from(parts.len()) == Ok(answer.items);
    let class = match failed.len() {
        0 if word == "PARTIAL" => AnswerClass::Partial,
        0 => AnswerClass::Permanent,
        some if some < parts.len() => AnswerClass::Partial,
        _ => AnswerClass::InvalidEvent,
    };
    let finding = Finding::new(class);
    Some(if one_each { finding.failed(failed) } else { finding })
}

//! Answers of Meta: the Conversions API and the members of custom audiences.
//!
//! Source: Meta's pages on error codes and rate limiting of the Graph API. A token that has expired comes as 190 with
//! whatever HTTP status, so the code decides.

use serde_json::{Map, Value};

use super::answer::{AnswerClass, PlatformCall};
use super::reading::{Finding, Reading, code_text};

/// Of code 100 ("invalid parameter"): the object does not exist, or the token does not reach it.
const OBJECT_NOT_REACHED: i64 = 33;

pub(super) fn read(answer: &Reading<'_>) -> Option<Finding> {
    let body = answer.body()?;
    if let Some(error) = body.get("error").and_then(Value::as_object) {
        return refusal(error);
    }
    if !answer.is_success() {
        return None;
    }
    let count = |key| body.get(key).and_then(Value::as_u64);
    let refused = match answer.call {
        PlatformCall::Audience => {
            count("num_received")?;
            count("num_invalid_entries").unwrap_or_default()
        }
        _ => answer.items.saturating_sub(count("events_received")?),
    };
    // Which ones it does not say: the samples of an audience are keyed by something that is not documented.
    let class = match refused {
        0 => AnswerClass::Delivered,
        some if some < answer.items => AnswerClass::Partial,
        _ => AnswerClass::InvalidEvent,
    };
    Some(Finding::new(class).failed_count(refused))
}

fn refusal(error: &Map<String, Value>) -> Option<Finding> {
    let code = error.get("code").and_then(Value::as_i64)?;
    let subcode = error.get("error_subcode").and_then(Value::as_i64);
    let class = match code {
        102 | 190 => AnswerClass::AuthExpired,
        // Limits of the app, the user, the page, the ad account; from 80000 on those of a business use case.
        4 | 17 | 32 | 341 | 613 | 80_000..=80_014 => AnswerClass::Throttled,
        1 | 2 => AnswerClass::Retry,
        // The app may not do this, has no right to it, or the object is not its own.
        3 | 10 | 104 | 200..=299 | 803 | 1_487_301 | 1_487_366 | 2_655 => AnswerClass::InvalidConfig,
        100 if subcode == Some(OBJECT_NOT_REACHED) => AnswerClass::InvalidConfig,
        100 => AnswerClass::InvalidEvent,
        368 => AnswerClass::Permanent,
        _ if error.get("is_transient") == Some(&Value::Bool(true)) => AnswerClass::Retry,
        // A code that nobody here knows: the status decides.
        _ => return None,
    };
    let parts = [error.get("code"), error.get("error_subcode")];
    let code: Vec<String> = parts.into_iter().flatten().filter_map(code_text).collect();
    Some(Finding::new(class).code(Some(code.join("/"))))
}

//! Answers of TikTok: the Events API and the mapping of audiences.
//!
//! Source: the return codes of TikTok's API for Business. Nearly everything comes with HTTP 200, and the code decides; one
//! that is not 0 is never taken for a delivery.

use serde_json::{Map, Value};

use super::answer::{AnswerClass, NextStep, PlatformCall};
use super::reading::{Finding, Reading, code_text, place_between};

/// Fields of a request that belong to the connection's settings, not to an item.
const SETTINGS: [&str; 8] = [
    "advertiser_id",
    "audience_ids",
    "custom_audience_id",
    "event_source",
    "event_source_id",
    "id_schema",
    "pixel_code",
    "test_event_code",
];

pub(super) fn read(answer: &Reading<'_>) -> Option<Finding> {
    let body = answer.body()?;
    let code = body.get("code")?;
    let class = match code.as_i64()? {
        0 if answer.is_success() => AnswerClass::Delivered,
        20_001 => return Some(partial(answer, body).code(code_text(code))),
        // No permission; the app and its secret do not fit; the app is not let in.
        40_001 | 40_101 | 40_118 => AnswerClass::InvalidConfig,
        40_002 => return Some(invalid_parameter(answer, body).code(code_text(code))),
        // Calls per second, per minute, per day.
        40_016 | 40_100 | 40_133 => AnswerClass::Throttled,
        40_102..=40_105 => AnswerClass::AuthExpired,
        // Somebody else writes the same at this moment; problems on their side.
        40_202 | 50_000..=51_999 => AnswerClass::Retry,
        // A code that nobody here knows, where the status is as telling.
        _ if !answer.is_success() => return None,
        _ => AnswerClass::Permanent,
    };
    Some(Finding::new(class).code(code_text(code).filter(|_| class != AnswerClass::Delivered)))
}

fn partial(answer: &Reading<'_>, body: &Map<String, Value>) -> Finding {
    let failed = body.get("data").and_then(|data| data.get("failed_events")).and_then(Value::as_array);
    let places: Vec<u64> =
        failed.into_iter().flatten().filter_map(|event| event.get("order_in_batch")?.as_u64()).collect();
    let count = failed.map_or(0, |failed| u64::try_from(failed.len()).unwrap_or(u64::MAX));
    if count >= answer.items {
        // Each was looked at by itself, so sending fewer at once changes nothing.
        return Finding::new(AnswerClass::InvalidEvent)
            .failed(places)
            .failed_count(answer.items)
            .next(NextStep::DeadLetter);
    }
    let finding = Finding::new(AnswerClass::Partial).failed(places);
    if count > 0 { finding.failed_count(count) } else { finding }
}

/// The message of code 40002 begins with the field: `data.0.properties.contents.0.content_id: Not a valid string`.
fn invalid_parameter(answer: &Reading<'_>, body: &Map<String, Value>) -> Finding {
    let message = body.get("message").and_then(Value::as_str).unwrap_or_default();
    let items = if answer.call == PlatformCall::Audience { "batch_data." } else { "data." };
    let place = message.starts_with(items).then(|| place_between(message, items, '.')).flatten();
    if place.is_none() && SETTINGS.iter().any(|field| names(message, field)) {
        return Finding::new(AnswerClass::InvalidConfig);
    }
    Finding::new(AnswerClass::InvalidEvent).failed(place)
}

fn names(message: &str, field: &str) -> bool {
    message.strip_prefix(field).is_some_and(|rest| rest.starts_with([':', '.']))
}

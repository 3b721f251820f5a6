//! Answers of Google: the Data Manager API, the status of its requests, and the older upload of click conversions.
//!
//! Source: the error model of Google's APIs (google.rpc.Status), the enumerations ErrorReason and ProcessingErrorReason of
//! the Data Manager API, the error codes of the Google Ads API.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use super::answer::{AnswerClass, NextStep, PlatformCall};
use super::google_reasons::{ads_error, processing_error, violation};
use super::reading::{Finding, Reading, code_text, place_between};

pub(super) fn read(answer: &Reading<'_>) -> Option<Finding> {
    let body = answer.body()?;
    if let Some(error) = body.get("error").and_then(Value::as_object) {
        return refusal(answer, error);
    }
    if !answer.is_success() {
        return None;
    }
    match answer.call {
        PlatformCall::RequestStatus => processed(body),
        PlatformCall::ClickConversions => uploaded(answer, body),
        _ => {
            body.get("requestId")?.as_str()?;
            Some(Finding::new(AnswerClass::Delivered))
        }
    }
}

fn details(of: &Map<String, Value>) -> impl Iterator<Item = &Value> {
    of.get("details").and_then(Value::as_array).into_iter().flatten()
}

fn list<'a>(of: &'a Value, key: &str) -> &'a [Value] {
    of.get(key).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

fn refusal(answer: &Reading<'_>, error: &Map<String, Value>) -> Option<Finding> {
    if answer.call == PlatformCall::ClickConversions {
        let errors = details(error).flat_map(|detail| list(detail, "errors"));
        let ads = errors.filter_map(known_ads_error).max_by_key(|(class, _)| severity(*class));
        if let Some((class, reason)) = ads {
            return Some(Finding::new(class).code(code_text(reason)));
        }
    }
    let violations: Vec<&Value> = details(error).flat_map(|detail| list(detail, "fieldViolations")).collect();
    let found = match violations.as_slice() {
        [] => None,
        some => of_violations(some),
    };
    found.or_else(|| of_status(error))
}

/// The fields that were wrong. One of the settings decides: as long as it is wrong, no event gets through.
fn of_violations(violations: &[&Value]) -> Option<Finding> {
    let read = violations.iter().filter_map(|one| {
        let field = one.get("field").and_then(Value::as_str).unwrap_or_default();
        let reason = one.get("reason").unwrap_or(&Value::Null);
        Some((violation(field, reason.as_str().unwrap_or_default())?, field, reason))
    });
    let read: Vec<_> = read.collect();
    let (class, _, reason) = read
        .iter()
        .find(|(class, ..)| *class == AnswerClass::InvalidConfig)
        .or_else(|| read.iter().find(|(class, ..)| *class == AnswerClass::Retry))
        .or_else(|| read.first())?;
    let places = read.iter().filter(|_| *class == AnswerClass::InvalidEvent).filter_map(|(_, field, _)| {
        ["events[", "audience_members[", "audienceMembers["]
            .iter()
            .find_map(|list| place_between(field, list, ']'))
    });
    Some(Finding::new(*class).failed(places).code(code_text(reason)))
}

fn of_status(error: &Map<String, Value>) -> Option<Finding> {
    let status = error.get("status")?;
    let class = match status.as_str()? {
        "UNAUTHENTICATED" => AnswerClass::AuthExpired,
        "PERMISSION_DENIED" | "NOT_FOUND" | "FAILED_PRECONDITION" | "UNIMPLEMENTED" => {
            AnswerClass::InvalidConfig
        }
        "RESOURCE_EXHAUSTED" => AnswerClass::Throttled,
        "UNAVAILABLE" | "INTERNAL" | "DEADLINE_EXCEEDED" | "ABORTED" | "CANCELLED" | "UNKNOWN" => {
            AnswerClass::Retry
        }
        "INVALID_ARGUMENT" | "OUT_OF_RANGE" => AnswerClass::InvalidEvent,
        _ => return None,
    };
    Some(Finding::new(class).code(code_text(status)))
}

/// What became of a request, by destination. Nothing of it says which events.
fn processed(body: &Map<String, Value>) -> Option<Finding> {
    let destinations = body.get("requestStatusPerDestination")?.as_array()?;
    let words: Vec<&str> = destinations.iter().filter_map(|one| one.get("requestStatus")?.as_str()).collect();
    if words.is_empty() {
        return None;
    }
    if words.iter().all(|word| *word == "SUCCESS") {
        return Some(Finding::new(AnswerClass::Delivered));
    }
    if !words.iter().all(|word| ["SUCCESS", "PARTIAL_SUCCESS", "FAILED"].contains(word)) {
        return Some(Finding::new(AnswerClass::Retry).next(NextStep::AskAgain));
    }
    let counts: Vec<&Value> = destinations
        .iter()
        .filter_map(|one| one.get("errorInfo"))
        .flat_map(|info| list(info, "errorCounts"))
        .collect();
    let reason = |count: &Value| count.get("reason").cloned().unwrap_or_default();
    let failed: u64 = counts
        .iter()
        .filter_map(|count| count.get("recordCount")?.as_str()?.parse::<u64>().ok())
        .fold(0, u64::saturating_add);
    if words.iter().any(|word| *word != "FAILED") {
        let classes = counts.iter().map(|count| processing_error(reason(count).as_str().unwrap_or_default()));
        let worst = classes.max_by_key(|class| severity(*class)).unwrap_or(AnswerClass::Partial);
        let code = counts.first().and_then(|count| code_text(&reason(count)));
        let finding = Finding::new(AnswerClass::Partial).code(code).beside(worst).next(NextStep::CountFailed);
        return Some(if failed > 0 { finding.failed_count(failed) } else { finding });
    }
    // All of them failed: sent again only where nothing else than Google's own fault is named.
    let classes: Vec<(AnswerClass, Value)> = counts
        .iter()
        .map(|count| (processing_error(reason(count).as_str().unwrap_or_default()), reason(count)))
        .collect();
    let first_of = |wanted| classes.iter().find(|(class, _)| *class == wanted);
    let (class, code) = first_of(AnswerClass::InvalidConfig)
        .or_else(|| first_of(AnswerClass::InvalidEvent))
        .or_else(|| first_of(AnswerClass::Retry))
        .or_else(|| first_of(AnswerClass::Delivered))
        .map_or((AnswerClass::InvalidEvent, None), |(class, reason)| (*class, code_text(reason)));
    let finding = Finding::new(class).code(code);
    // Each event was looked at by itself, so sending fewer at once changes nothing.
    Some(if class == AnswerClass::InvalidEvent { finding.next(NextStep::DeadLetter) } else { finding })
}

/// The older upload takes what it can (`partialFailure`) and names the rest by place.
fn uploaded(answer: &Reading<'_>, body: &Map<String, Value>) -> Option<Finding> {
    let partial = body.get("partialFailureError").unwrap_or(&Value::Null);
    if partial.is_null() {
        body.get("results")?.as_array()?;
        return Some(Finding::new(AnswerClass::Delivered));
    }
    let mut failed = Vec::new();
    // Those of them that another try does not cure.
    let mut refused = BTreeSet::new();
    let mut read = false;
    let mut worst = AnswerClass::Delivered;
    let mut code = None;
    let mut everything = false;
    let errors = partial.as_object().into_iter().flat_map(details).flat_map(|detail| list(detail, "errors"));
    for error in errors {
        read = true;
        let (class, reason) = known_ads_error(error).unwrap_or((AnswerClass::InvalidEvent, &Value::Null));
        if class == AnswerClass::Delivered {
            continue;
        }
        match conversion(error) {
            Some(place) => {
                failed.push(place);
                if !may_be_sent_again(class) {
                    refused.insert(place);
                }
            }
            None => everything = true,
        }
        if severity(class) > severity(worst) {
            worst = class;
            code = code_text(reason);
        }
    }
    if !read {
        // Something failed, and nothing says what: of one conversion that is the one, of several nobody knows.
        let of_one = Finding::new(AnswerClass::InvalidEvent).next(NextStep::DeadLetter);
        return Some(if answer.items > 1 { Finding::new(AnswerClass::Partial) } else { of_one });
    }
    if worst == AnswerClass::Delivered {
        // Each of them is there already.
        return Some(Finding::new(worst));
    }
    failed.sort_unstable();
    failed.dedup();
    let all = everything || u64::try_from(failed.len()).is_ok_and(|count| count >= answer.items);
    let class = if all { worst } else { AnswerClass::Partial };
    let count = if all { answer.items } else { u64::try_from(failed.len()).unwrap_or(u64::MAX) };
    let again: Vec<u64> = failed.iter().copied().filter(|place| !refused.contains(place)).collect();
    // An error without a place may be of any of them: then the worst decides about all.
    let again = if everything { Vec::new() } else { again };
    let step = match class {
        AnswerClass::InvalidEvent if again.is_empty() => Some(NextStep::DeadLetter),
        AnswerClass::InvalidEvent => Some(NextStep::SetFailedAside),
        _ => None,
    };
    // What is wrong with the connection is, whatever else was taken or was worth less.
    let finding =
        Finding::new(class).failed(failed).again(again).failed_count(count).code(code).beside(worst);
    Some(match step {
        Some(step) => finding.next(step),
        None => finding,
    })
}

/// Whether the same may be sent again: later, or when the connection is in order.
const fn may_be_sent_again(class: AnswerClass) -> bool {
    matches!(
        class,
        AnswerClass::Retry | AnswerClass::Throttled | AnswerClass::AuthExpired | AnswerClass::InvalidConfig
    )
}

/// Which of several errors says what is to be done about all.
const fn severity(class: AnswerClass) -> u8 {
    match class {
        AnswerClass::Delivered => 0,
        AnswerClass::Retry | AnswerClass::Throttled => 1,
        AnswerClass::Partial | AnswerClass::InvalidEvent | AnswerClass::Permanent => 2,
        AnswerClass::InvalidConfig => 3,
        AnswerClass::AuthExpired => 4,
    }
}

fn conversion(error: &Value) -> Option<u64> {
    let path = error.get("location")?.get("fieldPathElements")?.as_array()?;
    let step =
        path.iter().find(|step| step.get("fieldName").and_then(Value::as_str) == Some("conversions"))?;
    // Protocol buffers leave out a zero.
    step.get("index").map_or(Some(0), Value::as_u64)
}

/// The class of an error of the Google Ads API, `{"errorCode": {"quotaError": "RESOURCE_EXHAUSTED"}}`.
fn known_ads_error(error: &Value) -> Option<(AnswerClass, &Value)> {
    let (kind, reason) = error.get("errorCode")?.as_object()?.iter().next()?;
    Some((ads_error(kind, reason.as_str()?)?, reason))
}

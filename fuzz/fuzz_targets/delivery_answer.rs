//! Whatever a platform answers, it has a meaning: an answer that nobody can read is never a delivery, and no item is named that
//! was not in the request.
//!
//! The first three bytes choose the platform, the call and the status; up to a blank line stand headers, then the body.
#![no_main]

use libfuzzer_sys::fuzz_target;
use serde_json::Value;
use stratum_cdp::delivery::{AnswerClass, NextStep, PlatformAnswer, PlatformCall, classify};
use stratum_core::vocabulary::Platform;

const STATUS: [u16; 12] = [200, 204, 302, 400, 401, 403, 404, 408, 413, 429, 500, 503];
const ITEMS: u64 = 5;

fuzz_target!(|data: &[u8]| {
    let [platform, call, status, rest @ ..] = data else { return };
    let platform = Platform::ALL[usize::from(*platform) % Platform::ALL.len()];
    let call = PlatformCall::ALL[usize::from(*call) % PlatformCall::ALL.len()];
    let status = STATUS[usize::from(*status) % STATUS.len()];
    let split = rest.windows(2).position(|pair| pair == b"\n\n");
    let (head, body) = split.map_or((&[][..], rest), |at| (&rest[..at], &rest[at + 2..]));
    let mut answer = PlatformAnswer::new(status);
    for line in String::from_utf8_lossy(head).lines() {
        let (name, value) = line.split_once(':').unwrap_or((line, ""));
        answer = answer.header(name, value);
    }
    let answer = answer.body(body);
    let verdict = classify(platform, call, ITEMS, &answer);

    assert!(verdict.failed_items.is_sorted_by(|a, b| a < b));
    assert!(verdict.failed_items.iter().all(|place| *place < ITEMS));
    assert_eq!(verdict.class == AnswerClass::Delivered, verdict.next == NextStep::Done);
    // Google's older upload refuses what it has already; that is delivered.
    if !(200..300).contains(&status) && call != PlatformCall::ClickConversions {
        assert_ne!(verdict.class, AnswerClass::Delivered);
    }
    if !matches!(answer.body, Value::Object(_) | Value::String(_)) {
        assert!(!matches!(verdict.class, AnswerClass::Delivered | AnswerClass::Partial));
    }
    // Google says that something failed: delivered only where it names what it has already.
    if platform == Platform::Google
        && call == PlatformCall::ClickConversions
        && verdict.class == AnswerClass::Delivered
    {
        let body = match &answer.body {
            Value::String(text) => serde_json::from_str(text).unwrap_or_default(),
            body => body.clone(),
        };
        if body.get("partialFailureError").is_some_and(|partial| !partial.is_null()) {
            let text = body.to_string();
            assert!(
                ["CLICK_CONVERSION_ALREADY_EXISTS", "ORDER_ID_ALREADY_IN_USE"]
                    .iter()
                    .any(|word| text.contains(word))
            );
        }
    }
    assert!(verdict.retry_items.iter().all(|place| verdict.failed_items.contains(place)));
    if let Some(code) = &verdict.platform_code {
        assert!(code.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-/".contains(&byte)), "{code}");
    }
});

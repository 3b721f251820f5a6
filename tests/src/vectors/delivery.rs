//! What the platforms' answers mean.

use anyhow::Result;
use serde::Deserialize;
use serde_json::Value;
use stratum_cdp::delivery::{AnswerClass, PlatformAnswer, PlatformCall, classify};
use stratum_core::vocabulary::Platform;

use super::{Tally, differs, list};

#[derive(Deserialize)]
struct AnswerCase {
    id: String,
    platform: Platform,
    call: PlatformCall,
    request_items: u64,
    response: PlatformAnswer,
    expect: Expected,
}

#[derive(Deserialize)]
struct Expected {
    class: AnswerClass,
    #[serde(default)]
    retry_after_s: Option<u64>,
    #[serde(default)]
    failed_items: Vec<u64>,
}

/// The class of each answer, when to ask again, and which items were not taken.
pub(super) fn answers(content: &Value, tally: &mut Tally) -> Result<()> {
    for case in list::<AnswerCase>(content, "cases")? {
        let verdict = classify(case.platform, case.call, case.request_items, &case.response);
        let wrong = differs("the class", &verdict.class, &case.expect.class)
            .or_else(|| differs("retry_after_s", &verdict.retry_after_s, &case.expect.retry_after_s))
            .or_else(|| differs("failed_items", &verdict.failed_items, &case.expect.failed_items));
        tally.count(&case.id, wrong);
    }
    Ok(())
}

//! In how many seconds a platform wants to be asked again.

use chrono::DateTime;
use serde_json::Value;
use stratum_core::vocabulary::Platform;

use super::reading::Reading;

const RETRY_INFO: &str = "type.googleapis.com/google.rpc.RetryInfo";

/// What the answer says: the header `Retry-After` (RFC 9110, section 10.2.3) first, else what the platform has of its own.
pub(super) fn seconds(platform: Platform, answer: &Reading<'_>) -> Option<u64> {
    header(answer).or_else(|| match platform {
        Platform::Meta => usage_header(answer),
        Platform::Google => retry_info(answer),
        Platform::Tiktok | Platform::Snapchat => None,
    })
}

/// Seconds, or a date, which is compared with the server's own clock: ours may be wrong.
fn header(answer: &Reading<'_>) -> Option<u64> {
    let text = answer.header("retry-after")?.trim();
    if let Ok(seconds) = text.parse() {
        return Some(seconds);
    }
    let until = DateTime::parse_from_rfc2822(text).ok()?;
    let sent = DateTime::parse_from_rfc2822(answer.header("date")?.trim()).ok()?;
    let wait = until.signed_duration_since(sent).num_seconds();
    Some(u64::try_from(wait).unwrap_or_default())
}

/// Meta's `X-Business-Use-Case-Usage`: by business a list of limits, each with the minutes until it lets calls through
/// again. All of them must, so the longest counts.
fn usage_header(answer: &Reading<'_>) -> Option<u64> {
    let usage: Value = serde_json::from_str(answer.header("x-business-use-case-usage")?).ok()?;
    let limits = usage.as_object()?.values().filter_map(Value::as_array).flatten();
    let minutes = limits.filter_map(|limit| limit.get("estimated_time_to_regain_access")?.as_u64()).max()?;
    (minutes > 0).then(|| minutes.saturating_mul(60))
}

/// Google's `RetryInfo`, a duration such as `41.5s`, rounded up.
fn retry_info(answer: &Reading<'_>) -> Option<u64> {
    let details = answer.body()?.get("error")?.get("details")?.as_array()?;
    let info =
        details.iter().find(|detail| detail.get("@type").and_then(Value::as_str) == Some(RETRY_INFO))?;
    let seconds = info.get("retryDelay")?.as_str()?.strip_suffix('s')?;
    let (whole, fraction) = seconds.split_once('.').unwrap_or((seconds, ""));
    let whole: u64 = whole.parse().ok()?;
    Some(whole.saturating_add(u64::from(fraction.bytes().any(|digit| digit != b'0'))))
}

//! API health: the share of failed calls in the last 60 minutes, and the credentials.

use super::limits::{self, MAX_COUNT};
use crate::health::{ApiCalls, ApiFacts};
use crate::math::{finite, lerp};
use crate::problem::ProblemCollector;

/// Error rate in per cent to score.
const ERROR_RATE_PCT: [(f64, f64); 5] = [(0.0, 100.0), (2.0, 90.0), (5.0, 70.0), (10.0, 40.0), (25.0, 0.0)];

/// 0 to 100; missing when no request was sent and the credentials are not known to be invalid.
///
/// Invalid or expired credentials score 0: they are known to be bad, not unknown.
#[must_use]
pub fn api_health(api: &ApiCalls) -> Option<f64> {
    if api.credentials_valid == Some(false) {
        return Some(0.0);
    }
    let requests = finite(api.requests)?;
    let failures = finite(api.failures)?;
    (requests > 0.0).then(|| lerp(&ERROR_RATE_PCT, failures * 100.0 / requests))
}

pub(super) fn check(api: &ApiCalls, found: &mut ProblemCollector) {
    limits::count("/api/requests", api.requests, found);
    limits::part("/api/failures", api.failures, api.requests, "requests", found);
}

/// The counts as the gate reads them. A count that is not known is read as no request at all.
pub(super) fn facts(api: &ApiCalls) -> ApiFacts {
    let known = api.requests.is_finite() && api.failures.is_finite();
    let whole = |value: f64| if known { whole(value) } else { 0 };
    ApiFacts {
        requests: whole(api.requests),
        failures: whole(api.failures),
        credentials_valid: api.credentials_valid,
    }
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped to 0..2^53 just before")]
fn whole(value: f64) -> u64 {
    value.clamp(0.0, MAX_COUNT) as u64
}

//! Freshness: the age of the newest platform data.

use crate::math::lerp;
use crate::time::{MINUTE_MS, Timestamp};

/// Age in hours to score.
const AGE_HOURS: [(f64, f64); 2] = [(24.0, 100.0), (48.0, 0.0)];

/// How far ahead of `now` an instant may lie and still be believed: clocks differ.
pub const FUTURE_TOLERANCE_MINUTES: i64 = 5;

/// 0 to 100: 100 up to 24 hours, 50 at 36, 0 from 48; missing when the instant lies more than 5 minutes ahead.
#[must_use]
pub fn freshness(newest: Timestamp, now: Timestamp) -> Option<f64> {
    believable(newest, now).then(|| lerp(&AGE_HOURS, now.hours_since(newest)))
}

/// Whether an instant of observation can be true: at most 5 minutes ahead.
pub(in crate::health) fn believable(observed: Timestamp, now: Timestamp) -> bool {
    observed.millis_since(now) <= FUTURE_TOLERANCE_MINUTES.saturating_mul(MINUTE_MS)
}

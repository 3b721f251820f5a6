//! Event loss: the share of expected events that did not arrive in the last 24 hours.

use super::limits;
use crate::health::EventTotals;
use crate::math::{finite, lerp};
use crate::problem::ProblemCollector;

/// Loss in per cent to score.
const LOSS_PCT: [(f64, f64); 5] = [(0.0, 100.0), (5.0, 90.0), (10.0, 70.0), (20.0, 40.0), (50.0, 0.0)];

/// 0 to 100; missing when the expected number is unknown or 0. More events than expected are no loss.
#[must_use]
pub fn event_loss(events: &EventTotals) -> Option<f64> {
    let expected = events.expected.and_then(finite).filter(|&expected| expected > 0.0)?;
    let lost = (expected - finite(events.received)?).max(0.0);
    Some(lerp(&LOSS_PCT, lost * 100.0 / expected))
}

pub(super) fn check(events: &EventTotals, found: &mut ProblemCollector) {
    if let Some(expected) = events.expected {
        limits::count("/event_loss/expected", expected, found);
    }
    limits::count("/event_loss/received", events.received, found);
}

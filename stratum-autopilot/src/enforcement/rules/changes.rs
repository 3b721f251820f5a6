//! `FREQUENCY_CAP_EXCEEDED`, kinds `CHANGES_PER_DAY` and `MIN_INTERVAL`: how often the tenant changes anything.

use stratum_core::math::{amount, count, round9};
use stratum_core::time::HOUR_MS;

use crate::enforcement::check::Checking;
use crate::enforcement::{Violation, ViolationKind, ViolationType};

/// Pauses are counted by the caller like any change, but never refused: stopping is always allowed.
pub(in crate::enforcement) fn change_limits(checking: &mut Checking<'_>) {
    if checking.subject.action_type.is_pause() {
        return;
    }
    let facts = checking.facts;
    let settings = checking.enforcement.settings();
    let violation = |kind, limit: u32, actual: f64, message: String, allowed_from| Violation {
        violation_type: ViolationType::FrequencyCapExceeded,
        kind: Some(kind),
        message,
        limit: Some(count(u64::from(limit))),
        actual: Some(actual),
        mode: settings.default_mode,
        rule_id: None,
        allowed_max_cents: None,
        allowed_from: Some(allowed_from),
    };

    let max = settings.max_changes_per_day;
    if facts.changes_today >= max {
        checking.found(violation(
            ViolationKind::ChangesPerDay,
            max,
            count(u64::from(facts.changes_today)),
            format!("{} changes were made or reserved today, {max} is the limit", facts.changes_today),
            facts.next_local_midnight,
        ));
    }

    let min_hours = settings.min_hours_between_changes;
    if let Some(last) = facts.last_change_at {
        let elapsed = facts.now.millis_since(last);
        let wanted = i64::from(min_hours).saturating_mul(HOUR_MS);
        if min_hours > 0 && elapsed < wanted {
            let hours = round9(amount(elapsed) / amount(HOUR_MS));
            checking.found(violation(
                ViolationKind::MinInterval,
                min_hours,
                hours,
                format!("the entity was changed {hours} hours ago, {min_hours} hours must pass"),
                last.plus_millis(wanted),
            ));
        }
    }
}

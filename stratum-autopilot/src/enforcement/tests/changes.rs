use stratum_core::time::HOUR_MS;
use stratum_core::vocabulary::ActionType;

use super::*;

fn changed(changes_today: u32) -> EnforcementFacts {
    EnforcementFacts { changes_today, ..good_facts() }
}

fn last_changed(ms_ago: i64) -> EnforcementFacts {
    EnforcementFacts { last_change_at: Some(now().plus_millis(-ms_ago)), ..good_facts() }
}

#[test]
fn the_tenth_change_of_the_day_is_allowed_and_the_eleventh_waits_for_midnight() {
    assert_eq!(found(&settings(), &raise(10_000, 12_000), &changed(9)), Vec::<&str>::new());
    let refused = check(&settings().compile().unwrap(), &raise(10_000, 12_000), &changed(10));
    assert_eq!(names(&refused), ["CHANGES_PER_DAY"]);
    let violation = &refused.violations[0];
    assert_eq!((violation.limit, violation.actual), (Some(10.0), Some(10.0)));
    assert_eq!(violation.allowed_from, Some(good_facts().next_local_midnight));
}

#[test]
fn exactly_four_hours_are_allowed_and_a_millisecond_less_is_not() {
    assert_eq!(found(&settings(), &raise(10_000, 12_000), &last_changed(4 * HOUR_MS)), Vec::<&str>::new());
    let refused =
        check(&settings().compile().unwrap(), &raise(10_000, 12_000), &last_changed(4 * HOUR_MS - 1));
    assert_eq!(names(&refused), ["MIN_INTERVAL"]);
    let violation = &refused.violations[0];
    assert_eq!((violation.limit, violation.actual), (Some(4.0), Some(3.999_999_722)));
    assert_eq!(violation.allowed_from, Some(now().plus_millis(1)));
}

#[test]
fn a_last_change_in_the_future_is_no_reason_to_go_ahead() {
    assert_eq!(found(&settings(), &raise(10_000, 12_000), &last_changed(-HOUR_MS)), ["MIN_INTERVAL"]);
}

#[test]
fn no_hours_between_changes_means_no_such_limit() {
    let free = EnforcementSettings { min_hours_between_changes: 0, ..settings() };
    assert_eq!(found(&free, &raise(10_000, 12_000), &last_changed(0)), Vec::<&str>::new());
}

#[test]
fn pauses_are_never_refused_by_the_change_limits_and_everything_else_is() {
    let busy = EnforcementFacts { changes_today: 10, ..last_changed(0) };
    for &action_type in ActionType::ALL {
        let kinds = found(&settings(), &subject(action_type, change_of(action_type)), &busy);
        if action_type.is_pause() {
            assert_eq!(kinds, Vec::<&str>::new(), "{action_type}");
        } else {
            assert_eq!(kinds, ["CHANGES_PER_DAY", "MIN_INTERVAL"], "{action_type}");
        }
    }
}

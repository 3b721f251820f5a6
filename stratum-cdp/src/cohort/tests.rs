//! Periods of the calendar, and that parts merge.

use proptest::collection::vec;
use proptest::prelude::*;
use stratum_core::Timestamp;
use stratum_core::time::Date;

use super::*;

#[test]
fn periods_begin_where_the_calendar_says() {
    // Python's datetime: date.fromisoformat(…).isocalendar() and .replace(day=1).
    for (at, day, monday, month) in [
        ("1969-12-28T23:59:59.999Z", "1969-12-28", "1969-12-22", "1969-12-01"),
        ("1970-01-01T00:00:00Z", "1970-01-01", "1969-12-29", "1970-01-01"),
        ("2024-02-29T12:00:00Z", "2024-02-29", "2024-02-26", "2024-02-01"),
        ("2026-01-01T00:00:00Z", "2026-01-01", "2025-12-29", "2026-01-01"),
        ("2026-03-02T00:00:00Z", "2026-03-02", "2026-03-02", "2026-03-01"),
    ] {
        let at: Timestamp = at.parse().unwrap();
        for (period, first) in
            [(CohortPeriod::Day, day), (CohortPeriod::Week, monday), (CohortPeriod::Month, month)]
        {
            let expected: Date = first.parse().unwrap();
            assert_eq!(period.first_day(period.number(at)), Some(expected), "{period} of {at}");
        }
    }
}

#[test]
fn an_empty_name_and_no_periods_are_both_refused() {
    let request: CohortRequest = serde_json::from_value(serde_json::json!({
        "period": "day", "periods": 0, "return_event": "", "now": "2026-03-01T00:00:00Z", "events": [],
    }))
    .unwrap();
    let problems = retention(&request).unwrap_err();
    let paths: Vec<&str> = problems.iter().map(|found| found.path.as_str()).collect();
    assert_eq!(paths, ["/periods", "/return_event"]);
}

proptest! {
    #[test]
    fn parts_merge_to_the_whole_and_nobody_is_retained_who_did_not_come(
        people in vec((0_i64..6, vec(0_i64..9, 0..5)), 0..40), split in 0_usize..40,
    ) {
        let add = |people: &[(i64, Vec<i64>)]| {
            let mut counts = CohortCounts::new();
            for (came, again) in people {
                let mut again = again.clone();
                again.sort_unstable();
                again.dedup();
                counts.add(*came, &again);
            }
            counts
        };
        let split = split.min(people.len());
        let mut merged = add(&people[split..]);
        merged.merge(add(&people[..split]));
        prop_assert_eq!(&merged, &add(&people));
        let cohorts = merged.finish(CohortPeriod::Day, 20, 7);
        prop_assert_eq!(cohorts.iter().map(|cohort| cohort.people).sum::<u64>(), people.len() as u64);
        for cohort in cohorts {
            prop_assert!(cohort.retained.iter().all(|period| period.count <= cohort.people));
        }
    }
}

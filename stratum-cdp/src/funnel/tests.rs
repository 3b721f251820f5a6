//! The definition, word by word, against what saves time.
#![allow(clippy::arithmetic_side_effects, reason = "a test fails by panicking")]

use std::collections::BTreeSet;

use proptest::collection::vec;
use proptest::prelude::*;
use serde_json::{Value, json};
use stratum_core::time::{DAY_MS, HOUR_MS};

use super::*;

fn funnel(steps: usize, order: StepOrder, window_days: u32, timeout_hours: Option<u32>) -> Funnel {
    let mut funnel = Funnel::new((0..steps).map(|step| FunnelStep::new(format!("step {step}"))).collect());
    funnel.order = order;
    funnel.conversion_window_days = window_days;
    funnel.step_timeout_hours = timeout_hours;
    funnel
}

/// The definition, word by word, without anything that saves time.
fn literally(funnel: &CompiledFunnel<'_>, events: &[StepEvent]) -> Option<(Vec<i64>, u32)> {
    let window = i64::from(funnel.funnel().conversion_window_days) * DAY_MS;
    let timeout = funnel.funnel().step_timeout_hours.map_or(i64::MAX, |hours| i64::from(hours) * HOUR_MS);
    let meets = |event: &StepEvent, step: usize| event.steps & (1 << step) != 0;
    let mut attempts = Vec::new();
    for start in 0..events.len() {
        let mut times = Vec::new();
        match funnel.funnel().order {
            StepOrder::Ordered => {
                if !meets(&events[start], 0) {
                    continue;
                }
                times.push(events[start].at_ms);
                let mut last = start;
                for step in 1..funnel.len() {
                    let Some(next) = (last + 1..events.len()).find(|&at| meets(&events[at], step)) else {
                        break;
                    };
                    let at = events[next].at_ms;
                    if at - times[0] > window || at - events[last].at_ms > timeout {
                        break;
                    }
                    times.push(at);
                    last = next;
                }
            }
            StepOrder::Unordered => {
                if !(0..funnel.len()).any(|step| meets(&events[start], step)) {
                    continue;
                }
                // Every set of steps that the events so far can take between them, tried one by one.
                let mut sets = BTreeSet::from([0_u32]);
                let mut last = events[start].at_ms;
                for event in &events[start..] {
                    let more = sets.iter().flat_map(|&set| {
                        let free = (0..funnel.len())
                            .filter(move |&step| meets(event, step) && set & (1 << step) == 0);
                        free.map(move |step| set | 1 << step)
                    });
                    sets.extend(more.collect::<Vec<_>>());
                    if sets.iter().all(|set| set.count_ones() as usize <= times.len()) {
                        continue;
                    }
                    if event.at_ms - events[start].at_ms > window || event.at_ms - last > timeout {
                        break;
                    }
                    times.push(event.at_ms);
                    last = event.at_ms;
                }
            }
        }
        attempts.push((times, events[start].row));
    }
    let most = attempts.iter().map(|(times, _)| times.len()).max()?;
    attempts.into_iter().find(|(times, _)| times.len() == most)
}

fn events() -> impl Strategy<Value = Vec<StepEvent>> {
    vec((0_i64..60, 0_u32..32), 0..40).prop_map(|mut drawn| {
        drawn.sort_unstable();
        let rows = drawn.into_iter().zip(0_u32..);
        rows.map(|((hours, steps), row)| StepEvent { at_ms: hours * HOUR_MS, steps, row }).collect()
    })
}

fn orders() -> impl Strategy<Value = StepOrder> {
    prop_oneof![Just(StepOrder::Ordered), Just(StepOrder::Unordered)]
}

#[test]
fn counts_are_written_and_read_with_a_group_that_has_no_value_and_merge_in_any_order() {
    let definition = funnel(2, StepOrder::Ordered, 7, None);
    let compiled = definition.compile().unwrap();
    let part = |took_ms: i64, group: Option<&str>| {
        let events =
            [StepEvent { at_ms: 0, steps: 1, row: 0 }, StepEvent { at_ms: took_ms, steps: 2, row: 1 }];
        let mut counts = FunnelCounts::new();
        counts.add(&compiled, &compiled.best_attempt(&events).unwrap(), Some(group));
        counts
    };
    let (one, other) = (part(1_000, None), part(500, None));
    let (mut merged, mut turned) = (one.clone(), other.clone());
    merged.merge(other);
    turned.merge(one);
    assert_eq!(merged, turned);
    assert_ne!(merged, part(1_000, Some("")));
    let text = serde_json::to_string(&merged).unwrap();
    assert_eq!(serde_json::from_str::<FunnelCounts>(&text).unwrap(), merged);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn the_best_attempt_is_what_the_definition_says(
        events in events(), steps in 2_usize..=5, order in orders(), timeout in proptest::option::of(1_u32..30),
    ) {
        let funnel = funnel(steps, order, 1, timeout);
        let compiled = funnel.compile().unwrap();
        let found = compiled.best_attempt(&events).map(|found| (found.times_ms().to_vec(), found.first_row));
        prop_assert_eq!(found, literally(&compiled, &events));
    }

    #[test]
    fn events_in_any_order_and_in_parts_give_what_each_person_gives(
        rows in vec((0_u32..6, 0_i64..60, 0_u32..8), 0..120), parts in 1_usize..4,
        spread in prop_oneof![Just(1_u64), Just(64), Just(1 << 50)],
    ) {
        let funnel = funnel(3, StepOrder::Ordered, 2, None);
        let funnel = funnel.compile().unwrap();
        let mut people = vec![Vec::new(); 6];
        for (row, &(person, hours, steps)) in (0_u32..).zip(&rows) {
            if steps != 0 {
                people[person as usize].push(StepEvent { at_ms: hours * HOUR_MS, steps, row });
            }
        }
        let mut merged = FunnelCounts::new();
        for part in 0..parts {
            let mut counts = FunnelCounts::new();
            for events in people.iter_mut().skip(part).step_by(parts) {
                events.sort_by_key(|event| (event.at_ms, event.row));
                if let Some(attempt) = funnel.best_attempt(events) {
                    counts.add(&funnel, &attempt, None);
                }
            }
            merged.merge(counts);
        }
        // Numbers of people that lie close together, and some that lie far apart.
        let mut dealt = DealtEvents::<()>::new(&funnel, rows.len());
        let (early, late) = rows.split_at(rows.len() / 2);
        for &(person, hours, steps) in early {
            dealt.add(u64::from(person) * spread, hours * HOUR_MS, steps, ()).unwrap();
        }
        let mut later = DealtEvents::new(&funnel, 0);
        for &(person, hours, steps) in late {
            later.add(u64::from(person) * spread, hours * HOUR_MS, steps, ()).unwrap();
        }
        dealt.append(later);
        let found = dealt.count(&funnel, |_| true).unwrap();
        prop_assert_eq!(found.finish(&funnel), merged.finish(&funnel));
    }
}

#[test]
fn a_later_attempt_counts_when_it_gets_further() {
    let funnel = funnel(2, StepOrder::Ordered, 1, None);
    let event = |days: i64, steps, row| StepEvent { at_ms: days * DAY_MS, steps, row };
    let attempt =
        funnel.compile().unwrap().best_attempt(&[event(0, 1, 0), event(5, 1, 1), event(6, 2, 2)]).unwrap();
    assert_eq!((attempt.reached, attempt.first_row), (2, 1));
}

#[test]
fn steps_that_one_event_can_meet_stand_in_nobodys_way() {
    // The first event can take either step, the second one the first step alone.
    let funnel = funnel(2, StepOrder::Unordered, 1, None);
    let event = |hours: i64, steps, row| StepEvent { at_ms: hours * HOUR_MS, steps, row };
    let attempt = funnel.compile().unwrap().best_attempt(&[event(0, 0b11, 0), event(1, 0b01, 1)]).unwrap();
    assert_eq!((attempt.reached, attempt.times_ms()), (2, &[0, HOUR_MS][..]));
}

#[test]
fn a_person_with_many_events_is_looked_up_as_one_with_few() {
    // The third step is met last of all; a month of other events lies between.
    let funnel = funnel(3, StepOrder::Unordered, 2, None);
    let event = |minute: u32, steps| StepEvent { at_ms: i64::from(minute) * 60_000, steps, row: minute };
    let mut events: Vec<StepEvent> = (0..43_200).map(|minute| event(minute, 1 + minute % 2)).collect();
    events.push(event(43_200, 0b100));
    let attempt = funnel.compile().unwrap().best_attempt(&events).unwrap();
    assert_eq!((attempt.reached, attempt.first_row), (3, 43_200 - 2 * 1_440));
}

#[test]
fn everything_wrong_with_a_funnel_is_said_at_once() {
    let wrong: Funnel = serde_json::from_value(json!({
        "steps": [{"event_name": " ", "step_name": "x".repeat(256)}],
        "conversion_window_days": 366,
        "step_timeout_hours": 0,
    }))
    .unwrap();
    let problems = wrong.compile().unwrap_err();
    let found: Vec<(&str, &str)> =
        problems.iter().map(|found| (found.path.as_str(), found.code.as_ref())).collect();
    assert_eq!(
        found,
        [
            ("/steps", "out_of_range"),
            ("/conversion_window_days", "out_of_range"),
            ("/step_timeout_hours", "out_of_range"),
            ("/steps/0/event_name", "too_short"),
            ("/steps/0/step_name", "too_long"),
        ]
    );
}

#[test]
fn instants_beyond_what_is_counted_are_refused_and_work_can_be_stopped() {
    let wide = funnel(20, StepOrder::Ordered, 1, None);
    let wide = wide.compile().unwrap();
    let mut dealt = DealtEvents::<()>::new(&wide, 0);
    for at_ms in [(1_i64 << 43) - 1, -(1_i64 << 43)] {
        dealt.add(7, at_ms, 1, ()).unwrap();
    }
    for at_ms in [1_i64 << 43, -(1_i64 << 43) - 1, i64::MAX, i64::MIN] {
        assert_eq!(dealt.add(7, at_ms, 1, ()).unwrap_err().code, "out_of_range");
    }
    assert_eq!(dealt.count(&wide, |_| true).unwrap().finish(&wide).entered, 1);
    assert_eq!(dealt.count(&wide, |_| false).unwrap_err().iter().next().unwrap().code, "cancelled");
}

#[test]
fn a_debug_text_shows_no_property() {
    let event: FunnelEvent = serde_json::from_value(json!({
        "profile_id": "p", "event_name": "Lead", "event_time": "2026-03-01T10:00:00Z", "properties": {"email": "jane@shop.example"},
    }))
    .unwrap();
    assert!(!format!("{event:?}").contains("jane"));
    assert_eq!(event.properties.get("email"), Some(&Value::from("jane@shop.example")));
}

//! Counters, times and attributes do not depend on the order in which events arrive.
#![allow(clippy::arithmetic_side_effects, reason = "a test fails by panicking")]

use proptest::collection::vec;
use proptest::prelude::*;
use serde_json::{Value, json};
use stratum_core::Currency;

use super::*;
use crate::event::Event;
use crate::identifier::CleaningPolicy;
use crate::identifier::CleaningSettings;

type Drawn = (i64, u8, u8, u8);

fn event((minute, kind, session, amount): Drawn) -> Value {
    let time = format!("2026-03-01T{:02}:{:02}:00Z", minute / 60, minute % 60);
    let mut event = json!({
        "event_time": time,
        "identifiers": [{"type": "external_id", "value": "U-1"}],
        "traits": {"city": if amount == 0 { Value::Null } else { json!(amount) }},
    });
    match kind {
        0 => event["kind"] = json!("identify"),
        1..=3 => event["event_name"] = json!(["Purchase", "Refund", "PageView"][usize::from(kind) - 1]),
        _ => event["event_name"] = json!("PageView"),
    }
    if kind == 1 || kind == 2 {
        event["properties"] =
            json!({"total": f64::from(amount) / 4.0, "currency": if amount == 7 { "EUR" } else { "USD" }});
    }
    if session > 0 {
        event["context"] = json!({"session_id": format!("s{session}")});
    }
    event
}

fn state(events: impl Iterator<Item = (usize, Drawn)>) -> ProfileState {
    let mut state = ProfileState::new();
    for (id, drawn) in events {
        let event = Event::from_json(event(drawn), &CleaningPolicy::default()).unwrap();
        state.add(&event, &format!("{id:02}"), Currency::USD);
    }
    state
}

proptest! {
    #[test]
    fn order_and_parts_do_not_matter(
        drawn in vec((0_i64..600, 0_u8..5, 0_u8..3, 0_u8..9), 0..30), split in 0_usize..30,
    ) {
        let numbered: Vec<(usize, Drawn)> = drawn.into_iter().enumerate().collect();
        let split = split.min(numbered.len());
        let whole = state(numbered.iter().copied());
        let mut merged = state(numbered[split..].iter().copied());
        merged.merge(state(numbered[..split].iter().rev().copied()));
        prop_assert!(whole == merged);
        let stored: ProfileState = serde_json::from_str(&serde_json::to_string(&whole).unwrap()).unwrap();
        prop_assert!(stored.finish() == whole.finish());
    }
}

#[test]
fn an_event_that_is_there_twice_counts_once_and_problems_name_their_event() {
    let one = event((5, 1, 0, 4));
    let request = ProfileRequest {
        currency: Currency::USD,
        events: vec![one.clone(), one],
        settings: CleaningSettings::default(),
    };
    assert_eq!(aggregate(&request).unwrap().total_revenue_cents, 100);
    let wrong = ProfileRequest {
        currency: Currency::USD,
        events: vec![event((5, 1, 0, 4)), json!({}), json!(1)],
        settings: CleaningSettings::default(),
    };
    let problems = aggregate(&wrong).unwrap_err();
    assert!(
        problems
            .iter()
            .all(|problem| problem.path.starts_with("/events/1") || problem.path.starts_with("/events/2"))
    );
    assert!(!format!("{wrong:?}").contains("U-1"));
}

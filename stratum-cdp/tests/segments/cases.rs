//! Random rules and random profiles that meet each other: few fields, few values, every operator.
#![allow(dead_code, unreachable_pub, reason = "each test uses a part")]

use proptest::prelude::*;
use serde_json::{Map, Value, json};
use stratum_cdp::segment::{ProfileFacts, Segment};
use stratum_core::Timestamp;

pub const NOW: &str = "2026-03-31T12:00:00.000Z";

pub fn now() -> Timestamp {
    NOW.parse().unwrap()
}

/// Times around `now` and around its windows, to the millisecond.
const TIMES: [&str; 9] = [
    "2026-03-31T12:00:00.000Z",
    "2026-03-31T12:00:00.001Z",
    "2026-03-31T11:00:00.000Z",
    "2026-03-24T12:00:00.000Z",
    "2026-03-24T12:00:00.001Z",
    "2026-02-28T12:00:00.000Z",
    "2026-02-28T11:59:59.999Z",
    "2026-03-01T00:00:00.000Z",
    "2025-01-01T00:00:00.000Z",
];
const TEXTS: [&str; 14] = [
    "Berlin",
    "BERLIN",
    "berlin mitte",
    "Straße",
    "STRASSE",
    "re\u{301}sume\u{301}",
    "R\u{e9}sum\u{e9}",
    "ΟΔΟΣ",
    "istanbul",
    "ısparta",
    "5",
    "12.50",
    "2026-03-01",
    "2026-03-01T01:00:00+01:00",
];
const PARTS: [&str; 8] = ["ber", "LIN", "strasse", "É", "ς", "I", "5", "mitte"];

fn number() -> impl Strategy<Value = Value> {
    prop_oneof![
        (-2_i64..6).prop_map(|n| json!(n)),
        prop_oneof![
            Just(0.1),
            Just(0.2),
            Just(0.3),
            Just(0.1 + 0.2),
            Just(1.0),
            Just(2.5),
            Just(12.5),
            Just(-0.0)
        ]
        .prop_map(|n| json!(n)),
        prop_oneof![Just(9_007_199_254_740_992_i64), Just(9_007_199_254_740_993)].prop_map(|n| json!(n)),
        Just(json!(9_007_199_254_740_992.0)),
    ]
}

fn text() -> impl Strategy<Value = Value> {
    proptest::sample::select(&TEXTS[..]).prop_map(|text| json!(text))
}

fn time() -> impl Strategy<Value = Value> {
    proptest::sample::select(&TIMES[..]).prop_map(|text| json!(text))
}

/// Whatever a tenant may write.
fn anything() -> impl Strategy<Value = Value> {
    prop_oneof![
        3 => number(),
        3 => text(),
        2 => time(),
        1 => any::<bool>().prop_map(|flag| json!(flag)),
        1 => Just(Value::Null),
        1 => Just(json!(["Berlin"])),
        1 => Just(json!({"f": "berlin", "t": 0})),
    ]
}

fn maybe<S: Strategy<Value = Value>>(value: S) -> impl Strategy<Value = Value> {
    prop_oneof![3 => value, 1 => Just(Value::Null)]
}

const EVENTS: [&str; 3] = ["Purchase", "Product View", "Refund"];

fn event() -> impl Strategy<Value = Value> {
    let properties = prop_oneof![
        Just(json!({})),
        anything().prop_map(|value| json!({"total": value})),
        (anything(), anything()).prop_map(|(a, b)| json!({"total": a, "item": {"brand": b}})),
    ];
    (proptest::sample::select(&EVENTS[..]), time(), properties)
        .prop_map(|(name, time, properties)| json!({"name": name, "time": time, "properties": properties}))
}

/// Random facts; the events have ids in their order.
pub fn profile() -> impl Strategy<Value = ProfileFacts> {
    let word =
        |words: &'static [&'static str]| maybe(proptest::sample::select(words).prop_map(|word| json!(word)));
    let fixed = (
        word(&["known", "customer", "active"]),
        (0_i64..5, 0_i64..4, 0_i64..4, -3_i64..3),
        maybe(time()),
        maybe(text()),
    );
    let data = proptest::collection::btree_map(
        proptest::sample::select(&["city", "age", "joined"][..]),
        anything(),
        0..3,
    );
    let nested = (anything(), any::<bool>());
    let derived = (
        word(&["lost", "champions"]),
        prop_oneof![Just(json!(4.33)), Just(json!(2.0)), Just(Value::Null)],
        word(&["LOW", "CRITICAL"]),
        prop_oneof![Just(json!(0.25)), Just(json!(0.75)), Just(Value::Null)],
        anything(),
    );
    let sets = (any::<[bool; 3]>(), any::<[bool; 2]>(), any::<[bool; 2]>());
    let events = proptest::collection::vec(event(), 0..6);
    (fixed, data, nested, derived, sets, events).prop_map(|(fixed, data, nested, derived, sets, events)| {
        let (stage, totals, seen, external_id) = fixed;
        let mut attributes: Map<String, Value> =
            data.into_iter().map(|(key, value)| (key.to_owned(), value)).collect();
        if nested.1 {
            attributes.insert("home".to_owned(), json!({"zip": nested.0}));
        }
        let (label, rfm_score, band, probability, value) = derived;
        let chosen = |names: &[&str], flags: &[bool]| -> Vec<String> {
            names.iter().zip(flags).filter(|(_, flag)| **flag).map(|(name, _)| (*name).to_owned()).collect()
        };
        let events: Vec<Value> = events
            .into_iter()
            .enumerate()
            .map(|(index, mut event)| {
                event["id"] = json!(format!("e{index}"));
                event
            })
            .collect();
        let facts = json!({
            "id": "p",
            "lifecycle_stage": stage,
            "total_events": totals.0,
            "total_sessions": totals.1,
            "total_purchases": totals.2,
            "total_revenue_cents": totals.3,
            "last_seen_at": seen,
            "external_id": external_id,
            "data": attributes,
            "traits": {"score": value},
            "rfm": {"segment": label, "rfm_score": rfm_score, "frequency": totals.1},
            "predictions": {"churn_band": band, "churn_probability": probability},
            "identifiers": chosen(&["email", "phone", "device_id"], &sets.0),
            "consents": chosen(&["ads", "email"], &sets.1),
            "segment_ids": chosen(&["vip", "b2b"], &sets.2),
            "events": events,
        });
        serde_json::from_value(facts).unwrap()
    })
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Kind {
    Text,
    Number,
    Flag,
    Time,
    Any,
}

const FIELDS: [(&str, Kind); 27] = [
    ("profile.total_events", Kind::Number),
    ("profile.total_revenue_cents", Kind::Number),
    ("profile.last_seen_at", Kind::Time),
    ("profile.first_seen_at", Kind::Time),
    ("profile.external_id", Kind::Text),
    ("rfm.frequency", Kind::Number),
    ("rfm.rfm_score", Kind::Number),
    ("prediction.churn_probability", Kind::Number),
    ("data.city", Kind::Any),
    ("data.age", Kind::Any),
    ("data.joined", Kind::Any),
    ("data.home", Kind::Any),
    ("data.home.zip", Kind::Any),
    ("trait.score", Kind::Any),
    ("identifier.email", Kind::Flag),
    ("identifier.device_id", Kind::Flag),
    ("consent.ads", Kind::Flag),
    ("segment.vip", Kind::Flag),
    ("event.Purchase.count", Kind::Number),
    ("event.Product View.count", Kind::Number),
    ("event.Purchase.exists", Kind::Flag),
    ("event.Purchase.first", Kind::Time),
    ("event.Refund.last", Kind::Time),
    ("event.Purchase.sum.total", Kind::Number),
    ("event.Refund.sum.item.brand", Kind::Number),
    ("event.Purchase.property.total", Kind::Any),
    ("event.Product View.property.item.brand", Kind::Any),
];

const WORDS: [(&str, [&str; 2]); 3] = [
    ("profile.lifecycle_stage", ["known", "active"]),
    ("rfm.segment", ["lost", "champions"]),
    ("prediction.churn_band", ["LOW", "CRITICAL"]),
];

fn scalar(kind: Kind) -> BoxedStrategy<Value> {
    match kind {
        Kind::Text => text().boxed(),
        Kind::Number => number().boxed(),
        Kind::Flag => any::<bool>().prop_map(|flag| json!(flag)).boxed(),
        Kind::Time => time().boxed(),
        Kind::Any => {
            prop_oneof![number(), text(), time(), any::<bool>().prop_map(|flag| json!(flag))].boxed()
        }
    }
}

fn test(kind: Kind) -> BoxedStrategy<Value> {
    let of = |operator: &'static str, value: BoxedStrategy<Value>| {
        value.prop_map(move |value| json!({"operator": operator, "value": value})).boxed()
    };
    let list = || proptest::collection::vec(scalar(kind), 1..4).prop_map(|list| json!(list)).boxed();
    let mut tests = vec![
        Just(json!({"operator": "is_null"})).boxed(),
        Just(json!({"operator": "is_not_null"})).boxed(),
        of("equals", scalar(kind)),
        of("not_equals", scalar(kind)),
        of("in", list()),
        of("not_in", list()),
    ];
    if matches!(kind, Kind::Text | Kind::Any) {
        for operator in ["contains", "not_contains", "starts_with", "ends_with"] {
            tests.push(of(
                operator,
                proptest::sample::select(&PARTS[..]).prop_map(|part| json!(part)).boxed(),
            ));
        }
    }
    if matches!(kind, Kind::Number | Kind::Any) {
        for operator in ["greater_than", "less_than", "greater_or_equal", "less_or_equal"] {
            tests.push(of(operator, number().boxed()));
        }
        tests.push(of("between", (0_i64..3, 3_i64..5).prop_map(|(low, high)| json!([low, high])).boxed()));
    }
    if matches!(kind, Kind::Time | Kind::Any) {
        tests.push(of("before", time().boxed()));
        tests.push(of("after", time().boxed()));
        let range = (time(), time())
            .prop_map(|(a, b)| if a.as_str() <= b.as_str() { json!([a, b]) } else { json!([b, a]) });
        tests.push(of("between", range.boxed()));
        let units = proptest::sample::select(&["hours", "days", "weeks", "months"][..]);
        tests.push(of(
            "within_last",
            (1_u32..9, units).prop_map(|(n, unit)| json!({"n": n, "unit": unit})).boxed(),
        ));
    }
    proptest::strategy::Union::new(tests).boxed()
}

fn condition() -> impl Strategy<Value = Value> {
    let free = proptest::sample::select(&FIELDS[..])
        .prop_flat_map(|(field, kind)| (Just(field), test(kind), proptest::option::of(1_u32..40)))
        .prop_map(|(field, mut test, window)| {
            test["field"] = json!(field);
            if field.starts_with("event.")
                && let Some(days) = window
            {
                test["window_days"] = json!(days);
            }
            // A sum is compared at the precision of sums.
            if field.contains(".sum.") {
                round(&mut test["value"]);
            }
            test
        });
    let words = (proptest::sample::select(&WORDS[..]), any::<bool>(), 0_usize..5).prop_map(
        |((field, words), which, how)| {
            let word = words[usize::from(which)];
            match how {
                0 => json!({"field": field, "operator": "equals", "value": word}),
                1 => json!({"field": field, "operator": "not_equals", "value": word}),
                2 => json!({"field": field, "operator": "in", "value": words}),
                3 => json!({"field": field, "operator": "starts_with", "value": &word[..2]}),
                _ => json!({"field": field, "operator": "is_null"}),
            }
        },
    );
    prop_oneof![6 => free, 1 => words]
}

fn round(value: &mut Value) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(round),
        Value::Number(number) if number.as_f64() == Some(0.1 + 0.2) => *value = json!(0.3),
        _ => {}
    }
}

/// Random rules of up to four levels.
pub fn rules() -> impl Strategy<Value = Value> {
    let leaf = proptest::collection::vec(condition(), 1..4)
        .prop_flat_map(|conditions| (Just(conditions), proptest::sample::select(&["and", "or", "not"][..])))
        .prop_map(|(mut conditions, logic)| {
            if logic == "not" {
                conditions.truncate(1);
            }
            json!({"logic": logic, "conditions": conditions})
        });
    leaf.prop_recursive(3, 24, 3, |inner| {
        prop_oneof![
            inner.clone().prop_map(|group| json!({"logic": "not", "groups": [group]})),
            (
                proptest::sample::select(&["and", "or"][..]),
                proptest::collection::vec(inner, 1..4),
                proptest::collection::vec(condition(), 0..3)
            )
                .prop_map(|(logic, groups, conditions)| json!({
                    "logic": logic, "groups": groups, "conditions": conditions
                })),
        ]
    })
}

pub fn compiled(rules: &Value) -> Segment {
    Segment::from_json(rules).unwrap_or_else(|problems| panic!("{problems}\n{rules}"))
}

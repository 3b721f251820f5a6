//! Traits are exact whatever the order and the parts in which events come.
#![allow(clippy::arithmetic_side_effects, reason = "a test fails by panicking")]

use proptest::collection::vec;
use proptest::prelude::*;
use serde_json::{Map, Value, json};
use stratum_core::Timestamp;

use super::*;

fn definitions(values: Value) -> Vec<TraitDefinition> {
    serde_json::from_value(values).unwrap()
}

fn all_types() -> Vec<TraitDefinition> {
    let mut list = Vec::new();
    for kind in ["count", "sum", "average", "min", "max", "first", "last", "unique_count", "exists"] {
        for window in [None, Some(2)] {
            let output = if kind == "exists" { "boolean" } else { "number" };
            list.push(json!({
                "name": format!("{kind}_{}", window.map_or("ever", |_| "lately")), "trait_type": kind, "output_type": output,
                "source_config": {"event_name": "Purchase", "property": "total", "time_window_days": window},
            }));
        }
    }
    list.push(json!({"name": "mix", "trait_type": "formula", "source_config": {"formula": "coalesce(sum_lately / count_lately, max_ever, 0)"}}));
    definitions(Value::Array(list))
}

fn hour(number: i64) -> Timestamp {
    Timestamp::from_millis(number * 3_600_000).unwrap()
}

type Drawn = (i64, u8, i64);

fn state(set: &TraitSet, events: impl Iterator<Item = (usize, Drawn)>) -> TraitState {
    let mut state = TraitState::new();
    for (id, (at, kind, amount)) in events {
        let total = match kind {
            0 => json!(amount),
            1 => json!(format!("{amount}.25")),
            2 => json!(0.1),
            3 => Value::Null,
            _ => json!("much"),
        };
        let properties: Map<String, Value> = [("total".to_owned(), total)].into_iter().collect();
        let name = if kind == 5 { "Refund" } else { "Purchase" };
        state.add(set, &format!("{id:03}"), name, hour(at), &properties);
    }
    state
}

proptest! {
    #[test]
    fn the_order_of_events_and_the_parts_of_a_merge_do_not_matter(
        drawn in vec((0_i64..96, 0_u8..6, -50_i64..50), 0..40), split in 0_usize..40, now in 90_i64..150,
    ) {
        let set = TraitSet::compile(&all_types()).unwrap();
        let numbered: Vec<(usize, Drawn)> = drawn.into_iter().enumerate().collect();
        let whole = state(&set, numbered.iter().copied());
        let reversed = state(&set, numbered.iter().rev().copied());
        let split = split.min(numbered.len());
        let mut merged = state(&set, numbered[split..].iter().copied());
        merged.merge(state(&set, numbered[..split].iter().copied()));
        prop_assert_eq!(&whole, &reversed);
        prop_assert_eq!(&whole, &merged);
        let stored = serde_json::to_string(&whole).unwrap();
        prop_assert_eq!(&whole, &serde_json::from_str(&stored).unwrap());
        merged.prune(&set, hour(90));
        let profile = ProfileFields::default();
        prop_assert_eq!(whole.finish(&set, &profile, hour(now)), merged.finish(&set, &profile, hour(now)));
    }

    #[test]
    fn reading_a_formula_never_panics(text in "[a-z0-9 ().,+*/<>=!'−×÷-]{0,60}") {
        if let Ok(formula) = Formula::parse(&text) {
            let _ = formula.evaluate(hour(0), &|_| Operand::Number(0.0));
        }
    }
}

#[test]
fn everything_wrong_with_traits_is_said_at_once() {
    let wrong = definitions(json!([
        {"name": "Total", "trait_type": "sum"},
        {"name": "a", "trait_type": "formula", "source_config": {"formula": "b + 1"}},
        {"name": "b", "trait_type": "formula", "source_config": {"formula": "a + totl_purchases", "event_name": "Purchase"}},
        {"name": "b", "trait_type": "exists", "source_config": {"time_window_days": 0}},
        {"name": "c", "trait_type": "formula", "source_config": {"formula": "round(1, 2, 3"}},
        {"name": "d", "trait_type": "count", "default_value": "x", "source_config": {"filters": [
            {"field": "a..b", "operator": "equals", "value": 1}, {"field": "a", "operator": "within_last", "value": {"n": 1, "unit": "days"}},
        ]}},
    ]));
    let problems = TraitSet::compile(&wrong).unwrap_err();
    let found: Vec<(&str, &str)> =
        problems.iter().map(|one| (one.path.as_str(), one.code.as_ref())).collect();
    assert_eq!(
        found,
        [
            ("/3/name", "duplicate_name"),
            ("/0/name", "invalid_format"),
            ("/0/source_config/property", "missing_field"),
            ("/2/source_config/event_name", "not_allowed_here"),
            ("/2/source_config/formula", "unknown_name"),
            ("/3/source_config/time_window_days", "out_of_range"),
            ("/3/output_type", "type_mismatch"),
            ("/4/source_config/formula", "invalid_formula"),
            ("/5/default_value", "type_mismatch"),
            ("/5/source_config/filters/0/field", "invalid_format"),
            ("/5/source_config/filters/1/operator", "not_allowed_here"),
        ]
    );
    assert_eq!(problems.iter().nth(4).unwrap().help.as_deref(), Some("did you mean total_purchases?"));
}

#[test]
fn formulas_that_go_in_circles_are_refused_and_others_are_computed_after_what_they_read() {
    let formula = |name: &str, text: &str| json!({"name": name, "trait_type": "formula", "source_config": {"formula": text}});
    let circle = definitions(json!([
        formula("a", "b"),
        formula("b", "trait.c"),
        formula("c", "a"),
        formula("d", "a")
    ]));
    let problems = TraitSet::compile(&circle).unwrap_err();
    assert!(problems.iter().all(|problem| problem.code == "cycle"));
    assert_eq!(problems.len(), 4);
    let chain = definitions(json!([formula("a", "b + 1"), formula("b", "c * 2"), formula("c", "3")]));
    let set = TraitSet::compile(&chain).unwrap();
    assert_eq!(set.formula_order().collect::<Vec<_>>(), ["c", "b", "a"]);
    let (values, _) = TraitState::new().finish(&set, &ProfileFields::default(), hour(0));
    assert_eq!(Value::Object(values), json!({"a": 7, "b": 6, "c": 3}));
}

#[test]
fn a_formula_has_limits() {
    let deep = format!("{}1{}", "(".repeat(MAX_DEPTH), ")".repeat(MAX_DEPTH));
    assert_eq!(Formula::parse(&deep).unwrap_err().iter().next().unwrap().code, "too_deep");
    let long = vec!["1"; MAX_NODES].join("+");
    assert_eq!(Formula::parse(&long).unwrap_err().iter().next().unwrap().code, "too_long");
    assert!(Formula::parse(&vec!["1"; MAX_NODES / 2].join("+")).is_ok());
}

/// What nobody asks for any more is not kept for ever, and what began anew is not taken for whole.
#[test]
fn a_trait_that_is_gone_is_forgotten_and_one_that_changed_needs_a_rebuild() {
    let count = |name: &str, event: &str| json!({"name": name, "trait_type": "count", "source_config": {"event_name": event}});
    let set = |list: Value| TraitSet::compile(&definitions(list)).unwrap();
    let (before, after) = (
        set(json!([count("old", "Purchase"), count("changed", "Purchase"), count("same", "Purchase")])),
        set(json!([count("changed", "Refund"), count("same", "Purchase")])),
    );
    let event = |state: &mut TraitState, set: &TraitSet, id: &str, name: &str| {
        state.add(set, id, name, hour(1), &Map::new());
    };
    let mut state = TraitState::new();
    event(&mut state, &before, "1", "Purchase");
    assert!(state.needs_rebuild(&before).is_empty());
    assert_eq!(state.needs_rebuild(&after), ["changed"]);
    let mut pruned = state.clone();
    assert_eq!(pruned.prune(&after, hour(2)), ["changed"]);
    let stored = serde_json::to_string(&pruned).unwrap();
    assert!(!stored.contains("old") && stored.contains("same"), "{stored}");
    // Whether the change is met at a pruning, at an event or at a merge, and after it was stored.
    let (mut added, mut fresh, mut merged) = (state.clone(), TraitState::new(), state);
    event(&mut added, &after, "2", "Refund");
    event(&mut fresh, &after, "2", "Refund");
    assert!(fresh.needs_rebuild(&after).is_empty());
    merged.merge(fresh.clone());
    event(&mut merged, &after, "3", "Refund");
    for mut state in [pruned, added, merged] {
        state = serde_json::from_str(&serde_json::to_string(&state).unwrap()).unwrap();
        state.merge(fresh.clone());
        assert_eq!(state.needs_rebuild(&after), ["changed"]);
    }
    // 13 months on, nothing of a person's events is left.
    assert!(fresh.prune(&after, hour(24 * 500)).is_empty());
    assert!(!serde_json::to_string(&fresh).unwrap().contains("\"2\""));
}

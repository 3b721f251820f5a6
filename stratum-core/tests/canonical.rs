//! Canonical JSON: equal to an independent implementation of RFC 8785, and a fixed point of its own.

use proptest::prelude::*;
use serde_json::{Value, json};
use stratum_core::canonical;

/// The independent implementation: serde_json_canonicalizer 0.4.1.
fn oracle(value: &Value) -> Option<String> {
    serde_json_canonicalizer::to_string(value).ok()
}

/// Any JSON value a few levels deep, with doubles of every magnitude.
fn json_value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        (-9_007_199_254_740_991..=9_007_199_254_740_991_i64).prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        (-1e9..1e9).prop_map(|double: f64| Value::from((double * 100.0).round() / 100.0)),
        any::<String>().prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 32, 6, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
            prop::collection::btree_map(any::<String>(), inner, 0..6)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

proptest! {
    #[test]
    fn what_is_written_equals_the_independent_implementation(value in json_value()) {
        if let Ok(text) = canonical::write(&value) {
            prop_assert_eq!(Some(text), oracle(&value));
        }
    }

    #[test]
    fn what_is_written_can_be_read_and_writes_itself_again(value in json_value()) {
        if let Ok(text) = canonical::write(&value) {
            let read: Value = serde_json::from_str(&text).unwrap();
            prop_assert_eq!(canonical::write(&read).unwrap(), text);
        }
    }

    #[test]
    fn the_order_of_keys_in_the_source_does_not_matter(mut pairs in prop::collection::btree_map(any::<String>(), any::<bool>(), 0..8)) {
        let forwards: serde_json::Map<_, _> = pairs.iter().map(|(key, value)| (key.clone(), json!(value))).collect();
        let mut backwards = serde_json::Map::new();
        while let Some((key, value)) = pairs.pop_last() {
            backwards.insert(key, json!(value));
        }
        prop_assert_eq!(canonical::write(&Value::Object(forwards)), canonical::write(&Value::Object(backwards)));
    }
}

#[test]
fn an_integer_that_a_double_cannot_hold_is_refused_in_either_form() {
    for safe in
        [json!(9_007_199_254_740_991_i64), json!(-9_007_199_254_740_991_i64), json!(9_007_199_254_740_991.0)]
    {
        assert!(canonical::write(&safe).is_ok(), "{safe}");
    }
    for too_large in [
        json!(9_007_199_254_740_992_i64),
        json!(-9_007_199_254_740_992_i64),
        json!(u64::MAX),
        json!(9_007_199_254_740_992.0),
        json!(-1e18),
        json!(999_999_999_999_999_900_000.0),
    ] {
        assert_eq!(canonical::write(&too_large).unwrap_err().code, "unsafe_integer", "{too_large}");
    }
    // With an exponent it is read back as the double that it was.
    assert_eq!(canonical::write(&json!(1e21)).unwrap(), "1e+21");
}

#[test]
fn a_refused_number_is_named_by_its_place() {
    let value = json!({"actions": [{"amount/cents": 1}, {"amount/cents": 9_007_199_254_740_993_i64}]});
    assert_eq!(canonical::write(&value).unwrap_err().path, "/actions/1/amount~1cents");
}

#[test]
fn keys_are_sorted_by_utf_16_code_units_and_not_by_scalar_values() {
    let value = json!({"\u{fb33}": 1, "\u{1f600}": 2});
    assert_eq!(canonical::write(&value).unwrap(), "{\"\u{1f600}\":2,\"\u{fb33}\":1}");
}

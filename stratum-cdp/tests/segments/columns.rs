//! Columns say what rows say, whatever the columns are made of.

use std::collections::BTreeMap;

use proptest::prelude::*;
use serde_json::{Value, json};
use stratum_cdp::segment::{
    Column, EventColumns, NULL_CODE, NULL_INTEGER, ProfileColumns, ProfileFacts, Segment,
};

use crate::cases::{compiled, now, profile, rules};

/// A column that owns its values.
enum Owned {
    Numbers(Vec<f64>),
    Integers(Vec<i64>),
    Times(Vec<i64>),
    Flags(Vec<u8>),
    Text(Vec<u32>, Vec<String>),
    Json(Vec<Value>),
}

impl Owned {
    fn column(&self) -> Column<'_> {
        match self {
            Self::Numbers(values) => Column::Numbers(values),
            Self::Integers(values) => Column::Integers(values),
            Self::Times(values) => Column::Times(values),
            Self::Flags(values) => Column::Flags(values),
            Self::Text(codes, dictionary) => Column::Text { codes, dictionary },
            Self::Json(values) => Column::Json(values),
        }
    }

    /// The narrowest column that holds the values as they are.
    fn of(values: Vec<Value>) -> Self {
        let known = || values.iter().filter(|value| !value.is_null());
        // Nothing says what a column of missing values holds.
        if known().next().is_none() {
            return Self::Json(values);
        }
        if known().all(Value::is_i64) {
            return Self::Integers(
                values.iter().map(|value| value.as_i64().unwrap_or(NULL_INTEGER)).collect(),
            );
        }
        // Whole numbers beyond 2^53 are no doubles.
        if known().all(|value| value.as_f64().is_some_and(|number| number.abs() < 9e15)) {
            return Self::Numbers(values.iter().map(|value| value.as_f64().unwrap_or(f64::NAN)).collect());
        }
        if known().all(Value::is_boolean) {
            return Self::Flags(values.iter().map(|value| value.as_bool().map_or(7, u8::from)).collect());
        }
        if known().all(Value::is_string) {
            return Self::text(&values);
        }
        Self::Json(values)
    }

    fn text(values: &[Value]) -> Self {
        let mut dictionary: Vec<String> = Vec::new();
        let mut codes = Vec::new();
        for value in values {
            codes.push(value.as_str().map_or(NULL_CODE, |text| {
                let code = dictionary.iter().position(|known| known == text).unwrap_or_else(|| {
                    dictionary.push(text.to_owned());
                    dictionary.len() - 1
                });
                u32::try_from(code).unwrap()
            }));
        }
        Self::Text(codes, dictionary)
    }

    fn times(values: &[Value]) -> Self {
        let millis = |text: &str| text.parse::<stratum_core::Timestamp>().unwrap().millis();
        Self::Times(values.iter().map(|value| value.as_str().map_or(NULL_INTEGER, millis)).collect())
    }
}

/// The value of a field as the profile's JSON has it; an independent, slow way.
fn value_of(profile: &Value, field: &str) -> Value {
    let (group, rest) = field.split_once('.').unwrap();
    let listed = |list: &str| json!(profile[list].as_array().unwrap().contains(&json!(rest)));
    match group {
        "profile" => profile[rest].clone(),
        "rfm" => profile["rfm"][rest].clone(),
        "prediction" => profile["predictions"][rest].clone(),
        "trait" => profile["traits"][rest].clone(),
        "identifier" => listed("identifiers"),
        "consent" => listed("consents"),
        "segment" => listed("segment_ids"),
        "data" => at(&profile["data"], rest),
        _ => panic!("{field}"),
    }
}

fn at(object: &Value, path: &str) -> Value {
    path.split('.').fold(object.clone(), |value, key| {
        value.as_object().and_then(|map| map.get(key)).cloned().unwrap_or_default()
    })
}

fn select(segment: &Segment, profiles: &[ProfileFacts], narrow: bool, by_profile: bool) -> Vec<bool> {
    let json: Vec<Value> = profiles.iter().map(|profile| serde_json::to_value(profile).unwrap()).collect();
    let mut owned: BTreeMap<String, Owned> = BTreeMap::new();
    for field in segment.fields().into_iter().filter(|field| !field.starts_with("event.")) {
        let values: Vec<Value> = json.iter().map(|profile| value_of(profile, field)).collect();
        let column = if field.ends_with("_at") {
            Owned::times(&values)
        } else if narrow {
            Owned::of(values)
        } else {
            Owned::Json(values)
        };
        owned.insert(field.to_owned(), column);
    }
    let mut events: Vec<(u32, &Value)> = (0_u32..)
        .zip(&json)
        .flat_map(|(row, profile)| {
            profile["events"].as_array().unwrap().iter().map(move |event| (row, event))
        })
        .collect();
    // Within a profile the later id stands later; profiles may be mixed.
    events.sort_by_key(|(row, event)| {
        let id = event["id"].as_str().unwrap().to_owned();
        if by_profile { (*row, id) } else { (0, id) }
    });
    let names: Vec<String> = ["Refund", "Purchase", "Product View"].map(str::to_owned).into();
    let property = |path: &str| {
        let values: Vec<Value> = events.iter().map(|(_, event)| at(&event["properties"], path)).collect();
        if narrow { Owned::of(values) } else { Owned::Json(values) }
    };
    let properties = [("total", property("total")), ("item.brand", property("item.brand"))];
    let row: Vec<u32> = events.iter().map(|(row, _)| *row).collect();
    let name: Vec<u32> = events
        .iter()
        .map(|(_, event)| {
            u32::try_from(names.iter().position(|name| event["name"] == json!(name)).unwrap()).unwrap()
        })
        .collect();
    let Owned::Times(time_ms) =
        Owned::times(&events.iter().map(|(_, event)| event["time"].clone()).collect::<Vec<_>>())
    else {
        panic!()
    };
    let columns = ProfileColumns {
        rows: profiles.len(),
        columns: owned.iter().map(|(name, column)| (name.clone(), column.column())).collect(),
        events: Some(EventColumns {
            profile: &row,
            name: &name,
            names: &names,
            time_ms: &time_ms,
            properties: properties
                .iter()
                .map(|(name, column)| ((*name).to_owned(), column.column()))
                .collect(),
        }),
    };
    let members = segment.at(now()).select(&columns).unwrap_or_else(|problems| panic!("{problems}"));
    (0..profiles.len()).map(|row| members.contains(row)).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn columns_choose_exactly_the_profiles_that_rows_choose(
        rules in rules(),
        profiles in proptest::collection::vec(profile(), 0..80),
        narrow: bool,
        by_profile: bool,
    ) {
        let segment = compiled(&rules);
        let at = segment.at(now());
        let expected: Vec<bool> = profiles.iter().map(|profile| at.evaluate(profile).is_member()).collect();
        prop_assert_eq!(select(&segment, &profiles, narrow, by_profile), expected);
    }
}

fn problems(rules: &Value, columns: &ProfileColumns<'_>) -> Vec<(String, String)> {
    let segment = compiled(rules);
    let problems = segment.at(now()).select(columns).unwrap_err();
    problems.iter().map(|problem| (problem.path.clone(), problem.code.to_string())).collect()
}

#[test]
fn every_column_that_is_missing_or_of_another_length_is_named() {
    let rules = json!({"logic": "or", "conditions": [
        {"field": "trait.a", "operator": "is_null"},
        {"field": "trait.b", "operator": "is_null"},
        {"field": "event.Purchase.sum.total", "operator": "equals", "value": 1},
    ]});
    let columns = ProfileColumns {
        rows: 2,
        columns: BTreeMap::from([("trait.a".to_owned(), Column::Numbers(&[1.0]))]),
        events: None,
    };
    let expected = [
        ("/columns/trait.a", "wrong_length"),
        ("/events", "missing_column"),
        ("/columns/trait.b", "missing_column"),
    ];
    assert_eq!(problems(&rules, &columns), expected.map(|(path, code)| (path.to_owned(), code.to_owned())));

    let names = ["Purchase".to_owned()];
    let with_events = ProfileColumns {
        columns: BTreeMap::from([
            ("trait.a".to_owned(), Column::Numbers(&[1.0, 2.0])),
            ("trait.b".to_owned(), Column::Flags(&[1, 0])),
        ]),
        events: Some(EventColumns {
            profile: &[2],
            name: &[0],
            names: &names,
            time_ms: &[5],
            properties: BTreeMap::new(),
        }),
        ..columns
    };
    let expected = [("/events/profile", "out_of_range"), ("/events/properties/total", "missing_column")];
    assert_eq!(
        problems(&rules, &with_events),
        expected.map(|(path, code)| (path.to_owned(), code.to_owned()))
    );
}

#[test]
fn nan_and_infinity_are_missing_numbers() {
    let values = [f64::NAN, f64::INFINITY, f64::NEG_INFINITY, 1.0];
    let members = |operator: &str, value: Value| {
        let rules = json!({"logic": "and", "conditions": [{"field": "trait.a", "operator": operator, "value": value}]});
        let columns = ProfileColumns {
            rows: 4,
            columns: BTreeMap::from([("trait.a".to_owned(), Column::Numbers(&values))]),
            events: None,
        };
        compiled(&rules).at(now()).select(&columns).unwrap().rows().collect::<Vec<_>>()
    };
    assert_eq!(members("is_null", Value::Null), [0, 1, 2]);
    assert_eq!(members("greater_than", json!(-5)), [3]);
    assert_eq!(members("less_than", json!(5)), [3]);
    assert_eq!(members("not_equals", json!(5)), [3]);
}

/// A flag that is read as a number is not false, so a condition that asks for "not false" would choose who denied.
#[test]
fn a_column_that_does_not_hold_what_its_field_holds_is_refused() {
    let numbers = [0.0, 1.0];
    let words = ["yes".to_owned(), "no".to_owned()];
    let text = || Column::Text { codes: &[0, 1], dictionary: &words };
    let json = [json!(0), json!(1)];
    let asked = |field: &str, value: Value| json!({"logic": "and", "conditions": [{"field": field, "operator": "not_equals", "value": value}]});
    let ads = || asked("consent.ads", json!(false));
    let seen = || {
        json!({"logic": "and", "conditions": [
            {"field": "profile.last_seen_at", "operator": "within_last", "value": {"n": 30, "unit": "days"}},
        ]})
    };
    let cases = [
        (ads(), "consent.ads", Column::Integers(&[0, 1])),
        (ads(), "consent.ads", Column::Numbers(&numbers)),
        (ads(), "consent.ads", text()),
        (ads(), "consent.ads", Column::Json(&json)),
        (seen(), "profile.last_seen_at", Column::Numbers(&numbers)),
        (seen(), "profile.last_seen_at", Column::Integers(&[0, 1])),
        (seen(), "profile.last_seen_at", text()),
        (asked("rfm.frequency", json!(5)), "rfm.frequency", text()),
        (asked("rfm.frequency", json!(5)), "rfm.frequency", Column::Flags(&[0, 1])),
        (asked("profile.external_id", json!("c-1")), "profile.external_id", Column::Integers(&[1, 2])),
        (asked("rfm.segment", json!("lost")), "rfm.segment", Column::Flags(&[0, 1])),
    ];
    for (rules, field, column) in cases {
        let columns = BTreeMap::from([(field.to_owned(), column)]);
        let expected = vec![(format!("/columns/{field}"), "type_mismatch".to_owned())];
        assert_eq!(problems(&rules, &ProfileColumns { rows: 2, columns, events: None }), expected);
    }
    // What the tenant wrote may hold anything.
    let columns = BTreeMap::from([("trait.a".to_owned(), text())]);
    let anything = ProfileColumns { rows: 2, columns, events: None };
    let members = compiled(&asked("trait.a", json!("yes"))).at(now()).select(&anything).unwrap();
    assert_eq!(members.rows().collect::<Vec<_>>(), [1]);
}

//! Person fields against the shared vectors, and what holds for every text.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests may panic: that is how they fail")]

use proptest::prelude::*;
use serde_json::{Value, json};
use stratum_cdp::identifier::PlatformValue;
use stratum_cdp::person::{PersonContext, PersonField, PersonRequest};

const FIELDS: &str = include_str!("../../tests/vectors/cdp/person-fields.json");

fn hash(value: Option<PlatformValue>) -> Option<String> {
    value.filter(|value| value.hashed).map(|value| value.value)
}

#[test]
fn every_field_has_the_texts_and_hashes_of_the_vectors() {
    let content: Value = serde_json::from_str(FIELDS).unwrap();
    let mut wrong = Vec::new();
    for case in content["cases"].as_array().unwrap() {
        let field: PersonField = case["field"].as_str().unwrap().parse().unwrap();
        let context = case["country"]
            .as_str()
            .map_or_else(PersonContext::default, |country| PersonContext::default().with_country(country));
        let person = field.normalize(case["raw"].as_str().unwrap(), &context);
        let values = person.platform_values();
        let found = [
            person.meta().map(str::to_owned),
            hash(values.meta),
            person.google().map(str::to_owned),
            hash(values.google),
        ];
        let expected =
            ["meta", "meta_hash", "google", "google_hash"].map(|key| case[key].as_str().map(str::to_owned));
        if found != expected {
            wrong.push(format!("{case}: {found:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_country_of_the_vectors_is_known_by_all_its_names() {
    let content: Value = serde_json::from_str(FIELDS).unwrap();
    let names = content["country_aliases"].as_object().unwrap();
    assert!(names.len() > 700);
    for (name, code) in names {
        let country = PersonField::Country.normalize(name, &PersonContext::default());
        assert_eq!(country.meta(), code.as_str(), "{name}");
    }
}

#[test]
fn each_platform_takes_the_fields_that_it_knows_hashed_or_as_they_are() {
    let request: PersonRequest = serde_json::from_value(json!({
        "first_name": "정", "city": "Kuwait City", "state": "Texas", "zip": "94035-1234", "country": "USA",
        "date_of_birth": "02/16/1991", "gender": "Female",
    }))
    .unwrap();
    let response = serde_json::to_value(request.normalize().unwrap()).unwrap();
    let platforms = |field: &str| response[field]["platforms"].clone();
    let plain = |text: &str| json!({"value": text, "hashed": false});
    // Meta's published example.
    let name =
        json!({"value": "8fa8cd9c440be61d0151429310034083132b35975c4bea67fdd74158eb51db14", "hashed": true});
    let everywhere = json!({"meta": &name, "google": &name, "tiktok": &name, "snapchat": &name});
    assert_eq!(platforms("first_name"), everywhere);
    assert_eq!(response["last_name"], Value::Null, "not asked for");
    assert_eq!(platforms("city")["tiktok"], plain("kuwaitcity"));
    assert_eq!(platforms("city")["google"], Value::Null);
    assert_eq!(platforms("state")["tiktok"], plain("tx"));
    assert_eq!(platforms("zip")["google"], plain("94035-1234"));
    assert_eq!(platforms("zip")["tiktok"], platforms("zip")["meta"]);
    assert_eq!(platforms("country")["google"], plain("US"));
    assert_eq!(platforms("country")["tiktok"], plain("us"));
    assert_eq!(platforms("date_of_birth")["tiktok"], Value::Null);
    assert_eq!(platforms("gender")["snapchat"], platforms("gender")["meta"]);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn a_normal_form_stays_as_it_is(field in 0..8_usize, raw in "[\\p{L}\\p{Nd}\\p{P}\\p{S} \u{a0}\u{200c}\u{ad}]{0,24}") {
        let field = PersonField::ALL[field];
        let context = PersonContext::default();
        let once = field.normalize(&raw, &context);
        if let Some(text) = once.meta() {
            let twice = field.normalize(text, &context);
            prop_assert_eq!(twice.meta(), Some(text));
        }
        if let (Some(text), true) = (once.google(), field != PersonField::Country) {
            let twice = field.normalize(text, &context);
            prop_assert_eq!(twice.google(), Some(text));
        }
    }

    #[test]
    fn a_debug_text_never_holds_a_field(raw in "[a-z]{12,20}") {
        let person = PersonField::LastName.normalize(&raw, &PersonContext::default());
        let shown = format!("{person:?}");
        prop_assert!(!shown.contains(&raw));
        let request: PersonRequest = serde_json::from_value(json!({"city": raw})).unwrap();
        let shown = format!("{request:?} {:?}", request.normalize());
        prop_assert!(!shown.contains(&raw));
    }
}

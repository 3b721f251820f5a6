//! What holds for every list of conversions and members: nothing denied leaves, nothing is lost, no request is too large.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::arithmetic_side_effects,
    reason = "a test fails by a panic"
)]

use proptest::prelude::*;
use serde_json::{Value, json};
use stratum_cdp::audience::AudiencePayloadsRequest;
use stratum_cdp::conversion::{
    ConversionEvent, ConversionPayloadsRequest, ConversionsFromEvents, ConversionsFromEventsRequest,
};

const PLATFORMS: [&str; 4] = ["META", "GOOGLE", "TIKTOK", "SNAPCHAT"];
const DECISIONS: [Option<&str>; 3] = [None, Some("granted"), Some("denied")];
const NAMES: [&str; 5] = ["purchase", "Lead", "page_view", "quiz", "subscribe"];
const SOURCES: [&str; 4] = ["website", "app", "physical_store", "chat"];

/// The address of person `number`; nobody else's text contains it.
fn address(number: usize) -> String {
    format!("<{number}>").replace(['<', '>'], "x") + "@shop.test"
}

fn consent(user_data: usize, personalization: usize) -> Value {
    let mut consent = serde_json::Map::new();
    for (name, choice) in [("ad_user_data", user_data), ("ad_personalization", personalization)] {
        if let Some(decision) = DECISIONS[choice] {
            consent.insert(name.to_owned(), json!(decision));
        }
    }
    Value::Object(consent)
}

/// What is drawn for one event or member: name, source, age in days, two decisions, whether it has an address, test code.
type Drawn = (usize, usize, u8, usize, usize, bool, bool);

fn drawn() -> impl Strategy<Value = Vec<Drawn>> {
    let one = (0..5_usize, 0..4_usize, 0..100_u8, 0..3_usize, 0..3_usize, any::<bool>(), any::<bool>());
    proptest::collection::vec(one, 0..40)
}

fn event(number: usize, (name, source, age, user_data, personalization, known, test): Drawn) -> Value {
    let at = chrono_day(age);
    let identifiers = if known { json!([{"type": "email", "value": address(number)}]) } else { json!([]) };
    let mut event = json!({
        "event_id": format!("e{number}"), "event_name": NAMES[name], "event_time": at, "action_source": SOURCES[source],
        "event_source_url": "https://shop.test/", "identifiers": identifiers,
        "user": {"user_agent": "UA", "ip": "203.0.113.7"},
        "properties": {"value": 5, "currency": "KWD"}, "consent": consent(user_data, personalization),
    });
    if test {
        event["test_event_code"] = json!("T");
    }
    event
}

/// Noon of the day `age` days before the tenth of April.
fn chrono_day(age: u8) -> String {
    let now: stratum_core::Timestamp = "2026-04-10T12:00:00Z".parse().unwrap();
    now.plus_hours(-24 * i64::from(age)).to_string()
}

fn names(list: &Value, field: &str) -> Vec<String> {
    list.as_array().unwrap().iter().map(|item| item[field].as_str().unwrap().to_owned()).collect()
}

fn names_of(answer: &ConversionsFromEvents) -> Vec<String> {
    answer.events.iter().map(|event| event.event_id.clone()).collect()
}

fn numbers(items: &[String]) -> Vec<usize> {
    items.iter().map(|item| item[1..].parse().unwrap()).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_conversion_is_sent_once_or_named_and_never_against_a_denial(
        list in drawn(), platform in 0..4_usize, legacy in any::<bool>(), checked in any::<bool>(), most in 1..7_u32,
    ) {
        let events: Vec<Value> = list.iter().enumerate().map(|(number, one)| event(number, *one)).collect();
        let request: ConversionPayloadsRequest = serde_json::from_value(json!({
            "connection": {"platform": PLATFORMS[platform], "legacy_upload": legacy && platform == 1, "max_items_per_request": most},
            "now": "2026-04-10T12:00:00Z", "consent_checked": checked, "events": events,
        })).unwrap();
        let answer = request.payloads().unwrap();
        let text: String = answer.requests.iter().map(|request| request.body_text()).collect();
        let mut seen = names(&json!(answer.skipped), "event_id");
        for request in &answer.requests {
            prop_assert!((1..=most as usize).contains(&request.items.len()));
            let order = numbers(&request.items);
            prop_assert!(order.is_sorted(), "{order:?}");
            seen.extend(request.items.iter().cloned());
        }
        seen.sort();
        let mut all: Vec<String> = (0..list.len()).map(|number| format!("e{number}")).collect();
        all.sort();
        prop_assert_eq!(seen, all);
        for (number, one) in list.iter().enumerate() {
            let denied = DECISIONS[one.3] == Some("denied") || (one.3 == 0 && !checked);
            if denied {
                let sent = answer.requests.iter().any(|request| request.items.contains(&format!("e{number}")));
                prop_assert!(!sent);
                prop_assert!(!text.contains(&stratum_core::Digest::of(address(number).as_bytes()).to_string()));
            }
        }
        prop_assert!(!text.contains("@shop.test"), "an address is only ever hashed");
        let shown = format!("{request:?}{answer:?}");
        prop_assert!(!shown.contains("\"e"), "an id may be an address: {shown}");
        prop_assert!(!shown.contains("@shop.test") && !shown.contains("203.0.113.7"), "{shown}");
    }

    #[test]
    fn an_event_of_the_customer_is_a_conversion_or_named_and_never_sent_against_a_denial(
        list in proptest::collection::vec((0..5_usize, 0..4_usize, 0..3_usize, 0..4_usize, any::<bool>()), 0..40),
        platform in 0..4_usize, somewhere in any::<bool>(),
    ) {
        let names = ["Purchase", "Lead", "PageView", "Login", "Ours"];
        let contexts = [json!({}), json!({"page": {"url": "https://shop.test/"}, "user_agent": "UA"}), json!({"app": {"id": "a"}}), json!("?")];
        let consents = [json!({}), json!({"ads": true}), json!({"ads": false})];
        let kinds = ["track", "track", "track", "identify"];
        let events: Vec<Value> = list.iter().enumerate().map(|(number, (name, context, consent, kind, known))| {
            let mut event = json!({
                "event_id": format!("e{number}"), "kind": kinds[*kind], "event_time": chrono_day(1), "context": contexts[*context],
                "identifiers": [{"type": "email", "value": if *known { address(number) } else { "n/a".to_owned() }}],
                "properties": {"total": 5, "currency": "KWD"}, "consent": consents[*consent],
            });
            if kinds[*kind] == "track" {
                event["event_name"] = json!(names[*name]);
            }
            event
        }).collect();
        let request: ConversionsFromEventsRequest = serde_json::from_value(json!({
            "events": events, "aliases": {"Ours": "lead"}, "action_source": somewhere.then_some("email"),
        })).unwrap();
        let answer = request.convert().unwrap();
        let mut places: Vec<usize> = answer.skipped.iter().map(|skipped| usize::try_from(skipped.index).unwrap()).collect();
        let converted = numbers(&names_of(&answer));
        prop_assert!(converted.is_sorted() && places.is_sorted());
        for &place in &converted {
            let (name, context, _, kind, known) = list[place];
            prop_assert!(name != 3 && context != 3 && kind != 3 && known && (context != 0 || somewhere));
        }
        places.extend(&converted);
        places.sort_unstable();
        prop_assert_eq!(places, (0..list.len()).collect::<Vec<_>>());
        let shown = format!("{request:?}{answer:?}");
        prop_assert!(!shown.contains("@shop.test"), "{shown}");
        let sent: ConversionPayloadsRequest = serde_json::from_value(json!({
            "connection": {"platform": PLATFORMS[platform]}, "now": "2026-04-10T12:00:00Z", "consent_checked": true, "events": answer.events,
        })).unwrap();
        let sent = sent.payloads().unwrap();
        for item in sent.requests.iter().flat_map(|request| numbers(&request.items)) {
            prop_assert!(list[item].2 != 2, "a denial of the event's own stops it");
        }
    }

    #[test]
    fn a_member_is_sent_merged_or_named_and_never_added_against_a_denial(
        list in drawn(), platform in 0..4_usize, removes in any::<bool>(), checked in any::<bool>(), most in 1..7_u32,
    ) {
        let members: Vec<Value> = list.iter().enumerate().map(|(number, one)| {
            // Every third is one person, so that some are the same.
            let identifiers = if one.5 { json!([{"type": "email", "value": address(number / 3)}]) } else { json!([]) };
            json!({"member_id": format!("m{number}"), "identifiers": identifiers, "consent": consent(one.3, one.4)})
        }).collect();
        let request: AudiencePayloadsRequest = serde_json::from_value(json!({
            "connection": {"platform": PLATFORMS[platform], "max_items_per_request": most},
            "action": if removes { "remove" } else { "add" },
            "now": "2026-04-10T12:00:00Z", "consent_checked": checked, "members": members,
        })).unwrap();
        let answer = request.payloads().unwrap();
        let shown = format!("{request:?}{answer:?}");
        prop_assert!(!shown.contains("\"m") && !shown.contains("@shop.test"), "an id may be an address: {shown}");
        let mut seen = names(&json!(answer.skipped), "member_id");
        seen.extend(names(&json!(answer.merged), "member_id"));
        for request in &answer.requests {
            prop_assert!((1..=most as usize).contains(&request.items.len()));
            prop_assert!(numbers(&request.items).is_sorted());
            seen.extend(request.items.iter().cloned());
        }
        seen.sort();
        let mut all: Vec<String> = (0..list.len()).map(|number| format!("m{number}")).collect();
        all.sort();
        prop_assert_eq!(seen, all);
        for (number, one) in list.iter().enumerate() {
            let denied = one.3 == 2 || one.4 == 2 || (one.3 == 0 && !checked);
            if denied && !removes {
                let name = format!("m{number}");
                prop_assert!(!answer.requests.iter().any(|request| request.items.contains(&name)));
                let skipped = answer.skipped.iter().any(|skipped| skipped.member_id == name);
                prop_assert!(skipped);
            }
        }
    }
}

#[test]
fn a_conversion_of_an_event_has_what_the_oracle_says_and_nothing_else() {
    let file = include_str!("../../tests/vectors/operations/conversion_from_events.json");
    let file: Value = serde_json::from_str(file).unwrap();
    let mut compared = 0;
    for case in file["cases"].as_array().unwrap() {
        let Some(expected) = case["expect"].get("events") else { continue };
        let request: ConversionsFromEventsRequest = serde_json::from_value(case["request"].clone()).unwrap();
        let answer = request.convert().unwrap();
        assert_eq!(json!(answer.events), *expected, "{}", case["name"]);
        let again: Vec<ConversionEvent> = serde_json::from_value(json!(answer.events)).unwrap();
        assert_eq!(again, answer.events, "what is answered can be asked with");
        compared += answer.events.len();
    }
    assert!(compared > 50, "{compared}");
}

#[test]
fn what_is_known_of_an_app_is_told_of_what_happened_in_one_and_of_nothing_else() {
    for platform in PLATFORMS {
        let mut sent = event(0, (0, 0, 0, 1, 0, true, false));
        sent["app"] = json!({
            "os": "ios", "os_version": "17.4", "id": "test.secret", "store_id": "17", "vendor_id": "secret-vendor", "locale": "en-KW",
            "advertiser_tracking_enabled": true, "application_tracking_enabled": true,
        });
        sent["identifiers"] = json!([{"type": "email", "value": address(0)}, {"type": "device_id", "value": "6D92078A-8246-4BA4-AE5B-76104861E7DC"}]);
        let body = |source: &str, sent: &Value| {
            let mut sent = sent.clone();
            sent["action_source"] = json!(source);
            let request: ConversionPayloadsRequest = serde_json::from_value(json!({
                "connection": {"platform": platform}, "now": "2026-04-10T12:00:00Z", "events": [sent],
            }))
            .unwrap();
            let answer = request.payloads().unwrap();
            assert!(answer.skipped.is_empty(), "{platform} {source}: {:?}", answer.skipped);
            assert!(!format!("{request:?}{answer:?}{:?}", request.events).contains("secret-vendor"));
            serde_json::from_str::<Value>(&answer.requests[0].body_text()).unwrap()
        };
        let event = |body: Value| body.get("data").or_else(|| body.get("events")).unwrap()[0].clone();
        let (website, app) = (event(body("website", &sent)), event(body("app", &sent)));
        for part in ["app_data", "app"] {
            assert!(website.get(part).is_none(), "{platform} {part}");
        }
        for part in ["idfa", "gaid", "idfv", "att_status", "locale"] {
            assert!(website["user"].get(part).is_none(), "{platform} {part}");
        }
        if platform == "TIKTOK" {
            assert_eq!((website.get("page").is_some(), app.get("page")), (true, None));
            assert!(app["user"].get("gaid").is_none());
        }
        if platform == "SNAPCHAT" {
            assert_eq!(app["app_data"].as_object().unwrap().len(), 2);
        }
    }
}

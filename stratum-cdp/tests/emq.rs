//! From an event as a source sends it to its EMQ (specification, section 3.1).
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests may panic: that is how they fail")]

use proptest::prelude::*;
use serde_json::{Value, json};
use stratum_cdp::emq::{EventEmqRequest, evaluate_event};
use stratum_cdp::event::Event;
use stratum_cdp::identifier::CleaningPolicy;
use stratum_core::Timestamp;
use stratum_core::emq::EmqBand;
use stratum_core::emq::event::EventEmq;

fn received() -> Timestamp {
    "2026-03-01T12:00:10Z".parse().unwrap()
}

/// Ten seconds before it was received, by an unknown visitor.
fn event(name: &str, properties: Value, context: Value) -> Event {
    let event = json!({
        "event_name": name,
        "event_time": "2026-03-01T12:00:00Z",
        "identifiers": [{"type": "anonymous_id", "value": "v-91"}],
        "properties": properties,
        "context": context,
    });
    Event::from_json(event, &CleaningPolicy::default()).unwrap()
}

fn emq(name: &str, properties: Value, context: Value) -> EventEmq {
    evaluate_event(&event(name, properties, context), received()).unwrap()
}

fn completeness(name: &str, properties: Value) -> f64 {
    emq(name, properties, json!({})).factors.data_completeness.get()
}

#[test]
fn the_worked_values_of_the_specification_come_out_exactly() {
    let context = json!({
        "user_agent": "Mozilla/5.0",
        "ip": "2001:db8::7",
        "campaign": {"source": "newsletter"},
        "page": {"url": "https://shop.example/", "title": "Shop", "referrer": "https://search.example/"},
    });
    let purchase = json!({
        "event_name": "Purchase",
        "event_time": "2026-03-01T12:00:00Z",
        "identifiers": [{"type": "email", "value": "jane@shop.example"}, {"type": "anonymous_id", "value": "v-91"}],
        "properties": {"order_id": "A-17", "total_cents": 4250, "currency": "USD", "items": [{"sku": "S-1"}]},
        "context": context,
    });
    let purchase = Event::from_json(purchase, &CleaningPolicy::default()).unwrap();
    let found = evaluate_event(&purchase, received()).unwrap();
    assert_eq!((found.score.get(), found.band), (88.0, EmqBand::Excellent));

    let page_view = emq("PageView", json!({}), context);
    assert_eq!((page_view.score.get(), page_view.band), (64.0, EmqBand::Good));

    let bare = event("PageView", json!({}), json!({}));
    let late = evaluate_event(&bare, "2026-03-02T12:00:00Z".parse().unwrap()).unwrap();
    assert_eq!((late.score.get(), late.band), (4.0, EmqBand::Poor));
}

#[test]
fn a_property_of_the_event_or_its_page_counts_and_blank_text_does_not() {
    assert_eq!(completeness("PageView", json!({"page_url": "/a"})), 70.0);
    assert_eq!(completeness("PageView", json!({"page_url": "", "page_title": "  ", "referrer": null})), 0.0);
    let page = json!({"page": {"url": "https://shop.example/", "referrer": "https://search.example/"}});
    assert_eq!(emq("PageView", json!({"page_url": ""}), page.clone()).factors.data_completeness.get(), 85.0);
    assert_eq!(emq("PageView", json!({"page_title": "Shop"}), page).factors.data_completeness.get(), 100.0);
    assert_eq!(
        completeness("Purchase", json!({"items": []})),
        30.0,
        "an empty list is neither null nor text"
    );
}

#[test]
fn money_counts_only_above_0() {
    for (total, expected) in [
        (json!(12.5), 70.0),
        (json!("12.50"), 70.0),
        (json!(0), 140.0 / 3.0),
        (json!(-1), 140.0 / 3.0),
        (json!("0.00"), 140.0 / 3.0),
        (json!("free"), 140.0 / 3.0),
        (json!("inf"), 140.0 / 3.0),
        (json!(true), 140.0 / 3.0),
    ] {
        let found = completeness("Purchase", json!({"order_id": "A", "currency": "USD", "total": total}));
        assert!((found - expected).abs() < 1e-9, "{total}: {found}");
    }
    assert_eq!(
        completeness("AddToCart", json!({"product_id": "P", "quantity": 0})),
        70.0,
        "a quantity is no money"
    );
}

#[test]
fn minor_units_stand_for_the_total_and_win() {
    let complete = |properties: Value| completeness("Purchase", properties) == 70.0;
    assert!(complete(json!({"order_id": "A", "currency": "USD", "total_cents": 1})));
    assert!(!complete(json!({"order_id": "A", "currency": "USD", "total_cents": 0, "total": 5})));
    assert!(complete(json!({"order_id": "A", "currency": "USD", "total_cents": null, "total": 5})));
}

#[test]
fn an_event_of_another_name_needs_one_property_that_is_not_empty() {
    assert_eq!(completeness("WarrantyRegistered", json!({"serial": "S-1"})), 100.0);
    assert_eq!(completeness("WarrantyRegistered", json!({"serial": false})), 100.0);
    for nothing in [
        json!({}),
        json!({"serial": " "}),
        json!({"serial": null}),
        json!({"price": 0}),
        json!({"total_cents": 0}),
    ] {
        assert_eq!(completeness("WarrantyRegistered", nothing.clone()), 40.0, "{nothing}");
    }
    let page = json!({"page": {"url": "https://shop.example/"}});
    assert_eq!(emq("WarrantyRegistered", json!({}), page).factors.data_completeness.get(), 40.0);
}

#[test]
fn the_context_counts_part_by_part() {
    for (context, expected) in [
        (json!({}), 0.0),
        (json!({"user_agent": "Mozilla/5.0"}), 30.0),
        (json!({"ip": "203.0.113.7"}), 30.0),
        (json!({"ip": "unknown"}), 0.0),
        (json!({"campaign": {"term": "shoes"}}), 25.0),
        (json!({"campaign": {"term": ""}}), 0.0),
        (json!({"click_ids": {"sclid": "s"}}), 25.0),
        (json!({"click_ids": {"sclid": "s"}, "campaign": {"source": "n"}}), 25.0),
        (json!({"page": {"referrer": "https://search.example/"}}), 15.0),
        (json!({"page": {"title": "Shop"}}), 0.0),
        (json!({"locale": "en", "session_id": "s"}), 0.0),
    ] {
        assert_eq!(
            emq("Login", json!({}), context.clone()).factors.context_richness.get(),
            expected,
            "{context}"
        );
    }
}

#[test]
fn a_click_id_raises_identifier_quality_once() {
    let clicked = emq("Login", json!({}), json!({"click_ids": {"gclid": "g", "fbclid": "f"}}));
    assert_eq!(clicked.factors.identifier_quality.get(), 30.0);
}

#[test]
fn two_values_of_one_type_count_once() {
    let event = json!({
        "event_name": "Login",
        "event_time": "2026-03-01T12:00:00Z",
        "identifiers": [{"type": "phone", "value": "+96550012345"}, {"type": "phone", "value": "+96550012346"}],
    });
    let event = Event::from_json(event, &CleaningPolicy::default()).unwrap();
    assert_eq!(evaluate_event(&event, received()).unwrap().factors.identifier_quality.get(), 50.0);
}

#[test]
fn an_event_from_the_future_is_refused_and_five_minutes_ahead_is_not() {
    let ahead = event("Login", json!({}), json!({}));
    assert!(evaluate_event(&ahead, "2026-03-01T11:55:00Z".parse().unwrap()).is_ok());
    let problems = evaluate_event(&ahead, "2026-03-01T11:54:59.999Z".parse().unwrap()).unwrap_err();
    let problem = problems.iter().next().unwrap();
    assert_eq!((problem.path.as_str(), &*problem.code), ("/event_time", "event_time_in_future"));
}

#[test]
fn only_track_events_are_scored() {
    let identify = json!({
        "kind": "identify",
        "event_time": "2026-03-01T12:00:00Z",
        "identifiers": [{"type": "email", "value": "jane@shop.example"}],
    });
    let identify = Event::from_json(identify, &CleaningPolicy::default()).unwrap();
    let problems = evaluate_event(&identify, received()).unwrap_err();
    assert_eq!(problems.iter().next().unwrap().code, "not_scored");
}

fn request(event: Value) -> EventEmqRequest {
    serde_json::from_value(json!({"event": event, "received_at": "2026-03-01T12:00:10Z"})).unwrap()
}

#[test]
fn a_request_names_the_problems_of_its_event_below_event() {
    let policy = CleaningPolicy::default();
    let problems = request(json!({"event_name": "a.b", "x": 1})).evaluate(&policy).unwrap_err();
    let paths: Vec<&str> = problems.iter().map(|problem| problem.path.as_str()).collect();
    assert_eq!(paths, ["/event/event_name", "/event/event_time", "/event/identifiers", "/event/x"]);

    let ahead = serde_json::to_value(event("Login", json!({}), json!({}))).unwrap();
    let ahead = EventEmqRequest { received_at: "2026-03-01T11:00:00Z".parse().unwrap(), ..request(ahead) };
    assert_eq!(ahead.evaluate(&policy).unwrap_err().iter().next().unwrap().path, "/event/event_time");
    assert!(serde_json::from_value::<EventEmqRequest>(json!({"event": {}, "received_at": "now"})).is_err());
}

#[test]
fn an_answer_says_which_identifiers_could_not_be_used() {
    let found = request(json!({
        "event_name": "Login",
        "event_time": "2026-03-01T12:00:00Z",
        "identifiers": [{"type": "phone", "value": "0501234567"}, {"type": "email", "value": "jane@shop.example"}],
        "properties": {"method": "password"},
    }))
    .evaluate(&CleaningPolicy::default())
    .unwrap();
    assert_eq!(found.score.get(), 69.0); // 24 + 25 + 20
    assert_eq!(found.warnings[0].path, "/identifiers/0");
    assert_eq!(found.warnings[0].message, "the number has no country code");
}

#[test]
fn an_answer_is_written_with_the_names_of_the_contract() {
    let found = emq("Search", json!({"search_string": "shoes"}), json!({"user_agent": "Mozilla/5.0"}));
    assert_eq!(
        serde_json::to_value(found).unwrap(),
        json!({
            "score": 53.5,
            "factors": {
                "identifier_quality": 10.0,
                "data_completeness": 100.0,
                "timeliness": 100.0,
                "context_richness": 30.0,
            },
            "band": "FAIR",
        })
    );
}

proptest! {
    #[test]
    fn one_more_identifier_never_lowers_the_score(mask in 1..32_u8, more in 0..32_u8, seconds in 0..200_000_i64) {
        let kinds = [
            ("email", "jane@shop.example"),
            ("phone", "+96550012345"),
            ("external_id", "U-1"),
            ("device_id", "d-1"),
            ("anonymous_id", "v-1"),
        ];
        let score = |mask: u8| {
            let identifiers: Vec<Value> = (0_u8..)
                .zip(kinds)
                .filter(|(bit, _)| mask >> bit & 1 == 1)
                .map(|(_, (kind, value))| json!({"type": kind, "value": value}))
                .collect();
            let event = json!({"event_name": "Login", "event_time": "2026-03-01T12:00:00Z", "identifiers": identifiers});
            let event = Event::from_json(event, &CleaningPolicy::default()).unwrap();
            evaluate_event(&event, event.event_time().plus_millis(seconds.saturating_mul(1_000))).unwrap().score
        };
        prop_assert!(score(mask | more) >= score(mask));
    }
}

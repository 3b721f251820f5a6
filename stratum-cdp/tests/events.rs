//! Reading an event: every limit of the wire, every problem at once, and what is left out of an event that is accepted.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "tests may panic: that is how they fail"
)]

use proptest::prelude::*;
use serde_json::{Map, Value, json};
use stratum_cdp::event::{Event, EventKind, EventWarningCode};
use stratum_cdp::identifier::CleaningPolicy;
use stratum_core::{Problems, Timestamp};

fn read(event: Value) -> Result<Event, Problems> {
    Event::from_json(event, &CleaningPolicy::default())
}

/// A small valid event with some fields replaced; null takes one out.
fn with(fields: Value) -> Value {
    let mut event = json!({
        "event_name": "Purchase",
        "event_time": "2026-03-01T12:00:00Z",
        "identifiers": [{"type": "external_id", "value": "U-1"}],
    });
    let (Value::Object(event_fields), Value::Object(fields)) = (&mut event, fields) else {
        panic!("two objects")
    };
    for (name, value) in fields {
        event_fields.insert(name, value);
    }
    event
}

fn problems(event: Value) -> Vec<(String, String)> {
    read(event).unwrap_err().iter().map(|problem| (problem.path.clone(), problem.code.to_string())).collect()
}

#[track_caller]
fn assert_refused(event: Value, path: &str, code: &str) {
    assert_eq!(problems(event), [(path.to_owned(), code.to_owned())]);
}

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

#[test]
fn an_event_is_read_with_everything_in_it() {
    let event = read(json!({
        "event_id": " e-1 ",
        "kind": "TRACK",
        "event_name": "Add to cart_2-b",
        "event_time": "2026-03-01T14:00:00.123987+02:00",
        "identifiers": [{"type": "EMAIL", "value": " Jane@Shop.example "}, {"type": "phone", "value": "+96550012345"}],
        "properties": {"product_id": "P-1", "nested": {"list": [1, 2]}},
        "traits": {"first_name": "Jane"},
        "context": {
            "user_agent": "Mozilla/5.0", "ip": "203.0.113.7", "locale": "en-US", "timezone": "Asia/Kuwait",
            "screen": {"width": 390, "height": 844}, "page": {"url": "https://shop.example/"}, "session_id": "s-1",
            "device": {"type": "phone"}, "campaign": {"source": "newsletter"}, "click_ids": {"gclid": "Cj0"},
            "unheard_of": {"dropped": true},
        },
        "consent": {"analytics": true, "ads": false},
    }))
    .unwrap();
    assert_eq!(event.event_id(), Some("e-1"));
    assert_eq!((event.kind(), event.event_name()), (EventKind::Track, Some("Add to cart_2-b")));
    assert_eq!(event.event_time(), at("2026-03-01T12:00:00.123Z"));
    assert_eq!(event.identifiers()[0].value(), "jane@shop.example");
    assert_eq!(event.properties()["nested"], json!({"list": [1, 2]}));
    assert_eq!(event.traits()["first_name"], "Jane");
    assert_eq!(event.context().device.kind.as_deref(), Some("phone"));
    assert_eq!(
        (event.consent().analytics, event.consent().ads, event.consent().sms),
        (Some(true), Some(false), None)
    );
    assert!(event.warnings().is_empty());
}

#[test]
fn what_an_event_writes_it_reads_again() {
    let event = read(with(json!({
        "event_id": "e-1",
        "context": {"device": {"type": "phone"}, "screen": {"width": 1, "height": 2}},
        "properties": {"total": "12.50"},
        "consent": {"ads": true},
    })))
    .unwrap();
    let written = serde_json::to_value(&event).unwrap();
    assert!(written["context"].get("page").is_none(), "empty parts are left out");
    assert_eq!(read(written.clone()).unwrap(), event);
    assert_eq!(serde_json::from_value::<Event>(written).unwrap(), event);
}

#[test]
fn every_problem_is_found_at_once_and_in_the_order_of_the_fields() {
    let event = json!({
        "event_id": "",
        "kind": "trak",
        "event_name": 7,
        "event_time": "yesterday",
        "identifiers": [{"type": "e-mail", "value": "x"}, {"type": "phone"}, 3, {"type": "phone", "value": 5, "x": 1}],
        "properties": [],
        "traits": "none",
        "context": {"user_agent": 5, "page": {"url": ["/"]}, "screen": {"width": 1.5, "height": -1}},
        "consent": {"ads": "yes", "calls": true},
        "eventTime": "2026-03-01T12:00:00Z",
    });
    let expected = [
        ("/event_id", "too_short"),
        ("/kind", "unknown_value"),
        ("/event_name", "wrong_type"),
        ("/event_time", "invalid_timestamp"),
        ("/identifiers/0/type", "unknown_value"),
        ("/identifiers/1/value", "missing_field"),
        ("/identifiers/2", "wrong_type"),
        ("/identifiers/3/value", "wrong_type"),
        ("/identifiers/3/x", "unknown_field"),
        ("/properties", "wrong_type"),
        ("/traits", "wrong_type"),
        ("/context/user_agent", "wrong_type"),
        ("/context/screen/width", "wrong_type"),
        ("/context/screen/height", "wrong_type"),
        ("/context/page/url", "wrong_type"),
        ("/consent/ads", "wrong_type"),
        ("/consent/calls", "unknown_field"),
        ("/eventTime", "unknown_field"),
    ];
    let found = problems(event);
    let found: Vec<(&str, &str)> = found.iter().map(|(path, code)| (path.as_str(), code.as_str())).collect();
    assert_eq!(found, expected);
}

#[test]
fn what_is_no_object_is_no_event() {
    for value in [json!(null), json!([]), json!("Purchase"), json!(1), json!(true)] {
        assert_refused(value, "", "wrong_type");
    }
    let found = problems(json!({}));
    let paths: Vec<&str> = found.iter().map(|(path, _)| path.as_str()).collect();
    assert_eq!(paths, ["/event_name", "/event_time", "/identifiers"]);
}

#[test]
fn a_name_has_1_to_255_letters_digits_spaces_underscores_and_dashes() {
    for name in ["A", "0", "page view", "Page_View-2", &"x".repeat(255)] {
        assert_eq!(read(with(json!({ "event_name": name }))).unwrap().event_name(), Some(name));
    }
    for name in ["", " Purchase", "_x", "-x", "a.b", "Käufe", "a/b", "a\n", "a\t"] {
        assert_refused(with(json!({ "event_name": name })), "/event_name", "invalid_format");
    }
    assert_refused(with(json!({"event_name": "x".repeat(256)})), "/event_name", "too_long");
    assert_refused(with(json!({"event_name": null})), "/event_name", "missing_field");
}

#[test]
fn only_a_track_event_has_a_name() {
    for kind in ["identify", "consent"] {
        assert_refused(with(json!({ "kind": kind })), "/event_name", "not_allowed_here");
        assert_eq!(read(with(json!({"kind": kind, "event_name": null}))).unwrap().event_name(), None);
    }
}

#[test]
fn an_alias_has_exactly_two_identifiers_and_needs_both() {
    let alias =
        |identifiers: Value| with(json!({"kind": "alias", "event_name": null, "identifiers": identifiers}));
    let (to, from) =
        (json!({"type": "external_id", "value": "U-1"}), json!({"type": "anonymous_id", "value": "v-1"}));
    assert!(read(alias(json!([to, from]))).is_ok());
    assert_refused(alias(json!([to])), "/identifiers", "out_of_range");
    assert_refused(
        alias(json!([to, from, {"type": "email", "value": "a@b.co"}])),
        "/identifiers",
        "out_of_range",
    );
    assert_refused(
        alias(json!([to, {"type": "email", "value": "null"}])),
        "/identifiers",
        "no_valid_identifier",
    );
    assert_refused(alias(json!([to, to])), "/identifiers", "no_valid_identifier");
}

#[test]
fn an_event_has_1_to_20_identifiers() {
    let many = |count: usize| {
        let identifiers: Vec<Value> =
            (0..count).map(|index| json!({"type": "device_id", "value": format!("d-{index}")})).collect();
        with(json!({ "identifiers": identifiers }))
    };
    assert_refused(many(0), "/identifiers", "too_short");
    assert_eq!(read(many(1)).unwrap().identifiers().len(), 1);
    assert_eq!(read(many(20)).unwrap().identifiers().len(), 20);
    assert_refused(many(21), "/identifiers", "too_long");
}

#[test]
fn an_identifier_that_cannot_be_used_is_left_out_with_a_warning() {
    let event = read(with(json!({"identifiers": [
        {"type": "email", "value": "jane@localhost"},
        {"type": "phone", "value": "0501234567"},
        {"type": "external_id", "value": "undefined"},
        {"type": "external_id", "value": null},
        {"type": "device_id", "value": "x".repeat(300)},
        {"type": "anonymous_id", "value": "v-1"},
        {"type": "anonymous_id", "value": " v-1 "},
    ]})))
    .unwrap();
    assert_eq!(event.identifiers().len(), 1, "a repeated identifier counts once");
    let warnings: Vec<(&str, EventWarningCode)> =
        event.warnings().iter().map(|warning| (warning.path.as_str(), warning.code)).collect();
    assert_eq!(
        warnings,
        [
            ("/identifiers/0", EventWarningCode::IdentifierInvalid),
            ("/identifiers/1", EventWarningCode::IdentifierInvalid),
            ("/identifiers/2", EventWarningCode::IdentifierBlocked),
            ("/identifiers/3", EventWarningCode::IdentifierBlocked),
            ("/identifiers/4", EventWarningCode::IdentifierTooLong),
        ]
    );
}

#[test]
fn without_an_identifier_that_can_be_used_the_event_is_refused() {
    let event = with(json!({"identifiers": [{"type": "email", "value": "noreply@shop.example"}]}));
    assert_refused(event, "/identifiers", "no_valid_identifier");
}

#[test]
fn a_raw_value_has_at_most_512_characters() {
    let event = |length: usize| {
        with(
            json!({"identifiers": [{"type": "device_id", "value": "x".repeat(length)}, {"type": "email", "value": "a@b.co"}]}),
        )
    };
    assert_eq!(read(event(512)).unwrap().warnings()[0].code, EventWarningCode::IdentifierTooLong);
    assert_refused(event(513), "/identifiers/0/value", "too_long");
}

#[test]
fn an_event_id_has_1_to_128_printable_characters_and_two_names() {
    let id = |id: &str| with(json!({ "event_id": id }));
    assert_eq!(read(id(&"é".repeat(128))).unwrap().event_id().unwrap().chars().count(), 128);
    assert_refused(id(&"x".repeat(129)), "/event_id", "too_long");
    assert_refused(id("a\u{0}b"), "/event_id", "invalid_format");
    assert_refused(id("  "), "/event_id", "too_short");
    assert_eq!(read(with(json!({"idempotency_key": "k"}))).unwrap().event_id(), Some("k"));
    assert_eq!(read(with(json!({"idempotency_key": "k", "event_id": "k"}))).unwrap().event_id(), Some("k"));
    assert_refused(
        with(json!({"idempotency_key": "k", "event_id": "e"})),
        "/idempotency_key",
        "duplicate_field",
    );
}

/// Objects within each other: `{}` is one level.
fn nested(levels: usize) -> Value {
    (1..levels).fold(json!({}), |inner, _| json!({ "x": inner }))
}

#[test]
fn properties_have_at_most_10_levels_of_objects_and_lists() {
    assert!(read(with(json!({"properties": nested(10)}))).is_ok());
    assert_refused(with(json!({"properties": nested(11)})), "/properties", "too_deep");
    let lists = |count: usize| (0..count).fold(json!(1), |inner, _| json!([inner]));
    assert!(read(with(json!({"properties": {"x": lists(9)}}))).is_ok());
    assert_refused(with(json!({"properties": {"x": lists(10)}})), "/properties", "too_deep");
}

#[test]
fn properties_and_traits_are_limited_in_bytes_of_compact_json() {
    // {"x":"…"} is eight bytes around the text.
    let of_bytes = |bytes: usize| json!({"x": "a".repeat(bytes - 8)});
    assert!(read(with(json!({"properties": of_bytes(65_536)}))).is_ok());
    assert_refused(with(json!({"properties": of_bytes(65_537)})), "/properties", "properties_too_large");
    assert!(read(with(json!({"traits": of_bytes(32_768)}))).is_ok());
    assert_refused(with(json!({"traits": of_bytes(32_769)})), "/traits", "traits_too_large");
}

#[test]
fn the_texts_of_the_context_have_their_limits_after_trimming() {
    for (field, max) in [("user_agent", 1_024), ("ip", 45), ("locale", 20), ("session_id", 128)] {
        let context = |length: usize| with(json!({"context": {field: format!(" {} ", "é".repeat(length))}}));
        assert!(read(context(max)).is_ok(), "{field}");
        assert_refused(context(max + 1), &format!("/context/{field}"), "too_long");
    }
    for (part, field, max) in [
        ("page", "url", 2_048),
        ("page", "title", 2_048),
        ("device", "type", 100),
        ("campaign", "source", 255),
        ("click_ids", "fbclid", 255),
    ] {
        let context = |length: usize| with(json!({"context": {part: {field: "x".repeat(length)}}}));
        assert!(read(context(max)).is_ok(), "{part} {field}");
        assert_refused(context(max + 1), &format!("/context/{part}/{field}"), "too_long");
    }
}

#[test]
fn null_stands_for_a_field_that_is_left_out() {
    let event = read(with(json!({
        "event_id": null, "kind": null, "properties": null, "traits": null, "consent": null,
        "context": {"user_agent": null, "page": null, "screen": null, "campaign": {"source": null, "medium": "  "}},
    })))
    .unwrap();
    assert!(event.context().is_empty() && event.consent().is_empty());
    assert_eq!((event.kind(), event.event_id()), (EventKind::Track, None));
}

#[test]
fn an_event_may_be_five_minutes_ahead_and_thirteen_calendar_months_old() {
    let event = read(with(json!({"event_time": "2026-03-31T12:00:00Z"}))).unwrap();
    let code = |received: &str| event.check_time(at(received)).map_err(|problem| problem.code.to_string());
    assert_eq!(code("2026-03-31T11:55:00Z"), Ok(()));
    assert_eq!(code("2026-03-31T11:54:59.999Z"), Err("event_time_in_future".to_owned()));
    // Thirteen months before the last of April 2027 is the 30th of March 2026.
    assert_eq!(code("2027-04-30T12:00:00Z"), Ok(()));
    assert_eq!(code("2027-05-01T12:00:00Z"), Err("event_too_old".to_owned()));
    assert_eq!(code("0000-01-01T00:00:00Z"), Err("event_time_in_future".to_owned()));
}

#[test]
fn a_debug_text_of_an_event_holds_nothing_that_names_a_person() {
    let event = read(json!({
        "event_name": "Lead",
        "event_time": "2026-03-01T12:00:00Z",
        "identifiers": [{"type": "email", "value": "secret-1@shop.example"}, {"type": "phone", "value": "secret-2"}],
        "properties": {"note": "secret-3"},
        "traits": {"first_name": "secret-4"},
        "context": {"ip": "203.0.113.7", "user_agent": "secret-5", "page": {"url": "secret-6"}, "session_id": "secret-7",
                    "device": {"model": "secret-8"}, "campaign": {"term": "secret-9"}, "click_ids": {"gclid": "secret-10"}},
    }))
    .unwrap();
    let shown = format!("{event:?} {:?}", event.context());
    assert!(!shown.contains("secret") && !shown.contains("203.0"), "{shown}");
    assert!(shown.contains("Lead"));
}

/// Any JSON, with keys that an event has among its keys.
fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        "\\PC{0,20}".prop_map(Value::from),
        Just(json!("2026-03-01T12:00:00Z")),
        Just(json!("email")),
        Just(json!("jane@shop.example")),
        Just(json!("alias")),
    ];
    let key = prop_oneof![
        prop::sample::select(vec![
            "event_id",
            "kind",
            "event_name",
            "event_time",
            "identifiers",
            "properties",
            "traits",
            "context",
            "consent",
            "type",
            "value",
            "page",
            "screen",
            "width",
            "url",
            "ads",
            "click_ids",
            "gclid",
        ])
        .prop_map(str::to_owned),
        "\\PC{0,6}",
    ];
    leaf.prop_recursive(5, 64, 8, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::btree_map(key.clone(), inner, 0..8)
                .prop_map(|map| Value::Object(map.into_iter().collect::<Map<_, _>>())),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_000))]

    #[test]
    fn any_json_gives_an_event_or_problems_and_never_a_panic(value in any_json()) {
        match read(value) {
            Ok(event) => {
                prop_assert!(!event.identifiers().is_empty());
                let again = read(serde_json::to_value(&event).unwrap()).unwrap();
                prop_assert_eq!(again.identifiers(), event.identifiers());
            }
            Err(problems) => prop_assert!(problems.iter().all(|problem| !problem.code.is_empty())),
        }
    }

    #[test]
    fn any_value_in_any_field_of_a_valid_event_never_panics(field in 0..9_usize, value in any_json()) {
        let names =
            ["event_id", "kind", "event_name", "event_time", "identifiers", "properties", "traits", "context", "consent"];
        let _ = read(with(json!({names[field]: value})));
    }

    #[test]
    fn any_bytes_give_an_event_or_an_error(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let _ = serde_json::from_slice::<Event>(&bytes);
    }
}

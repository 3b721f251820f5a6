//! The JSON Schema of a request names what the reader knows.
#![cfg(feature = "schema")]
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests may panic: that is how they fail")]

use serde_json::Value;
use stratum_cdp::emq::EventEmqRequest;

fn definition(name: &str) -> Value {
    schemars::schema_for!(EventEmqRequest).as_value()["$defs"][name].clone()
}

fn fields(definition: &Value) -> Vec<&str> {
    definition["properties"].as_object().unwrap().keys().map(String::as_str).collect()
}

#[test]
fn an_event_has_the_fields_that_are_read_and_no_others() {
    let event = definition("Event");
    let mut found = fields(&event);
    found.sort_unstable();
    assert_eq!(
        found,
        [
            "consent",
            "context",
            "event_id",
            "event_name",
            "event_time",
            "idempotency_key",
            "identifiers",
            "kind",
            "properties",
            "traits",
        ]
    );
    assert_eq!(event["additionalProperties"], false);
    assert_eq!(event["required"], serde_json::json!(["event_time", "identifiers"]));
}

#[test]
fn unknown_keys_of_the_context_are_no_error_and_those_of_the_consent_are() {
    assert!(definition("EventContext").get("additionalProperties").is_none());
    assert_eq!(definition("EventConsent")["additionalProperties"], false);
    assert_eq!(definition("Identifier")["additionalProperties"], false);
}

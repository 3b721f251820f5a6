//! CRM records: nothing that a provider may send breaks the reader, and nobody's name shows in a debug text.

use proptest::prelude::*;
use serde_json::{Value, json};
use stratum_cdp::crm::{CrmMapRequest, CrmMatchRequest, CrmProvider, CrmSettings};

const PROVIDERS: [CrmProvider; 3] = [CrmProvider::Hubspot, CrmProvider::Salesforce, CrmProvider::Zoho];

/// Any JSON under the names that are read, so that a random record reaches the fields.
fn json_value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        ".{0,12}".prop_map(Value::from),
        "[0-9T:+-]{0,24}".prop_map(Value::from),
        Just(json!("2026-02-01T00:00:00.000+0000")),
    ];
    leaf.prop_recursive(4, 64, 8, |inner| {
        let key = prop_oneof![
            Just("id".to_owned()),
            Just("Id".to_owned()),
            Just("properties".to_owned()),
            Just("updatedAt".to_owned()),
            Just("SystemModstamp".to_owned()),
            Just("Modified_Time".to_owned()),
            Just("associations".to_owned()),
            Just("contacts".to_owned()),
            Just("results".to_owned()),
            Just("Amount".to_owned()),
            Just("amount".to_owned()),
            Just("closedate".to_owned()),
            Just("Contact_Name".to_owned()),
            Just("email".to_owned()),
        ];
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::btree_map(key, inner, 0..8)
                .prop_map(|fields| Value::Object(fields.into_iter().collect())),
        ]
    })
}

proptest! {
    #[test]
    fn any_record_is_read_or_refused_with_a_place(record in json_value()) {
        for provider in PROVIDERS {
            let reader = CrmSettings::default().reader(provider);
            match reader.deal(&record) {
                Ok(mapped) => prop_assert!(!mapped.record.id.is_empty()),
                Err(problems) => prop_assert!(problems.iter().all(|problem| !problem.code.is_empty())),
            }
            if let Ok(mapped) = reader.contact(&record) {
                prop_assert!(!mapped.record.id.is_empty());
                prop_assert!(mapped.warnings.iter().all(|warning| warning.path.starts_with('/')));
            }
        }
    }

    /// Twice the same page changes nothing the second time.
    #[test]
    fn a_page_read_again_changes_nothing(names in prop::collection::vec("[a-z]{0,6}", 1..6)) {
        let records: Vec<Value> = names
            .iter()
            .enumerate()
            .map(|(place, name)| json!({"object_type": "CONTACT", "record": {
                "id": place, "updatedAt": "2026-02-01T00:00:00Z", "properties": {"firstname": name}}}))
            .collect();
        let first = page(&json!({"provider": "HUBSPOT", "records": records}));
        let known: Vec<Value> = first["results"].as_array().unwrap().iter().map(|result| json!({
            "object_type": "CONTACT", "id": result["id"], "updated_at": "2026-02-01T00:00:00Z", "digest": result["digest"],
        })).collect();
        let again = page(&json!({"provider": "HUBSPOT", "known": known, "records": records}));
        for result in again["results"].as_array().unwrap() {
            prop_assert_eq!(&result["outcome"], "UNCHANGED");
        }
    }
}

#[expect(clippy::unwrap_used, reason = "a test's request is valid")]
fn page(request: &Value) -> Value {
    let request: CrmMapRequest = serde_json::from_value(request.clone()).unwrap();
    serde_json::to_value(request.map().unwrap()).unwrap()
}

#[test]
fn nobody_is_named_in_a_debug_text() {
    let secrets = ["Lina", "lina@shop.test1", "50012345", "U-7", "Fleet for Lina"];
    let request = json!({"provider": "HUBSPOT", "records": [
        {"object_type": "CONTACT", "record": {"id": "1", "updatedAt": "2026-02-01T00:00:00Z", "properties": {
            "firstname": "Lina", "email": "lina@shop.test1", "phone": "+96550012345", "external_id": "U-7"}}},
        {"object_type": "DEAL", "record": {"id": "2", "updatedAt": "2026-02-01T00:00:00Z", "properties": {"dealname": "Fleet for Lina"}}},
    ]});
    let request: CrmMapRequest = serde_json::from_value(request).unwrap();
    let matching: CrmMatchRequest = serde_json::from_value(json!({"contacts": [{"id": "1", "created_at": "2026-02-01T00:00:00Z",
        "identity": {"email": "lina@shop.test1", "phone": "+96550012345", "external_id": "U-7"}}], "touches": []}))
    .unwrap();
    let shown = format!("{request:?} {:?} {matching:?}", request.map().unwrap());
    for secret in secrets {
        assert!(!shown.contains(secret), "{secret} shows");
    }
}

//! Suppression and plans as domain.md 10.9 states them.

use serde_json::json;
use stratum_core::Timestamp;

use super::*;
use crate::event::Event;
use crate::identifier::{CleaningPolicy, Identifier, IdentifierType, LookupKey};

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn event(time: &str, consent: serde_json::Value) -> Event {
    let event = json!({
        "event_name": "Purchase", "event_time": time, "consent": consent,
        "identifiers": [{"type": "email", "value": "jane@shop.example"}],
    });
    Event::from_json(event, &CleaningPolicy::default()).unwrap()
}

fn keys(event: &Event) -> Vec<LookupKey> {
    event.identifiers().iter().map(|identifier| LookupKey::new(b"tenant", identifier)).collect()
}

#[test]
fn an_older_import_stays_out_and_a_newer_consent_of_the_person_comes_in() {
    let erased = SuppressionEntry { since: at("2026-03-01T12:00:00Z"), reason: SuppressionReason::Erasure };
    let purchase = |time, consent| event(time, consent);
    let known = purchase("2026-02-01T00:00:00Z", json!({}));
    let mut list = SuppressionList::default();
    for key in keys(&known) {
        list.suppress(key, erased);
    }
    let verdict = |event: &Event| list.verdict(&keys(event), event);
    assert_eq!(verdict(&known), SuppressionVerdict::Suppressed);
    assert_eq!(
        verdict(&purchase("2026-02-01T00:00:00Z", json!({"ads": true}))),
        SuppressionVerdict::Suppressed
    );
    assert_eq!(verdict(&purchase("2026-03-02T00:00:00Z", json!({}))), SuppressionVerdict::Suppressed);
    assert_eq!(
        verdict(&purchase("2026-03-02T00:00:00Z", json!({"ads": false}))),
        SuppressionVerdict::Suppressed
    );
    let again = purchase("2026-03-02T00:00:00Z", json!({"email": true}));
    assert_eq!(verdict(&again), SuppressionVerdict::Lifted);
    list.lift(&keys(&again));
    assert_eq!(list.verdict(&keys(&known), &known), SuppressionVerdict::Clear);
}

#[test]
fn a_list_that_is_stored_and_read_again_holds_keyed_hashes_only() {
    let purchase = event("2026-02-01T00:00:00Z", json!({}));
    let mut list = SuppressionList::default();
    for key in keys(&purchase) {
        let since = at("2026-03-01T12:00:00Z");
        list.suppress(key, SuppressionEntry { since, reason: SuppressionReason::Manual });
    }
    let text = serde_json::to_string(&list).unwrap();
    // printf 'email\0jane@shop.example' | openssl dgst -sha256 -hmac tenant   (OpenSSL 3.0)
    assert_eq!(
        text,
        r#"{"4a5274a6b4cbf80076bac1020b680fb1d1e6b6aa9a533bcde411abe67358c3f9":{"since":"2026-03-01T12:00:00.000Z","reason":"manual"}}"#
    );
    assert_eq!(serde_json::from_str::<SuppressionList>(&text).unwrap(), list);
}

#[test]
fn two_tenants_have_two_keys_for_one_person_and_types_are_kept_apart() {
    let clean = |kind| Identifier::clean(kind, "abc", &CleaningPolicy::default()).unwrap();
    let (device, visitor) = (clean(IdentifierType::DeviceId), clean(IdentifierType::AnonymousId));
    assert_ne!(LookupKey::new(b"one", &device), LookupKey::new(b"two", &device));
    assert_ne!(LookupKey::new(b"one", &device), LookupKey::new(b"one", &visitor));
    assert_eq!(format!("{:?}", LookupKey::new(b"one", &device)), "LookupKey(…)");
}

#[test]
fn every_store_is_either_deleted_or_kept_with_a_reason() {
    let subject = Subject::new("0198c9a0-0000-7000-8000-0000000000aa".parse().unwrap());
    let plan = plan_erasure(&ErasureRequest::new(subject, at("2026-03-01T12:00:00Z"))).unwrap();
    let mut named: Vec<DataStore> = plan.deletions.iter().map(|deletion| deletion.store).collect();
    named.extend(plan.kept.iter().map(|kept| kept.store));
    named.sort_unstable();
    assert_eq!(named, DataStore::ALL);
}

/// An opt-out is one of ads: agreeing to be measured is no answer to it, and who denies ads has not come back.
#[test]
fn a_grant_of_something_else_lifts_no_opt_out_and_an_event_that_denies_ads_lifts_nothing() {
    let verdict = |reason, consent: serde_json::Value| {
        let event = event("2026-03-02T00:00:00Z", consent);
        let mut list = SuppressionList::default();
        for key in keys(&event) {
            list.suppress(key, SuppressionEntry { since: at("2026-03-01T12:00:00Z"), reason });
        }
        list.verdict(&keys(&event), &event)
    };
    use SuppressionReason::{Erasure, OptOut};
    use SuppressionVerdict::{Lifted, Suppressed};
    assert_eq!(verdict(OptOut, json!({"analytics": true, "ads": false})), Suppressed);
    assert_eq!(verdict(Erasure, json!({"analytics": true, "ads": false})), Suppressed);
    assert_eq!(verdict(OptOut, json!({"email": true})), Suppressed);
    assert_eq!(verdict(OptOut, json!({"ads": true, "analytics": false})), Lifted);
    assert_eq!(verdict(Erasure, json!({"email": true})), Lifted);
    assert_eq!(verdict(SuppressionReason::Manual, json!({"ads": true})), Suppressed);
}

/// Why the data is held is somebody's free text: it may name a person.
#[test]
fn the_words_of_a_legal_hold_are_in_no_error_and_no_debug_text() {
    let mut subject = Subject::new("0198c9a0-0000-7000-8000-0000000000aa".parse().unwrap());
    subject.legal_hold = Some("Jane Doe against the shop".to_owned());
    assert!(!format!("{subject:?}").contains("Jane"));
    let request = ErasureRequest::new(subject, at("2026-03-01T12:00:00Z"));
    assert!(!format!("{request:?}").contains("Jane"));
    let problems = plan_erasure(&request).unwrap_err();
    assert_eq!(problems.iter().next().unwrap().code, "legal_hold");
    assert!(!format!("{problems:?} {problems}").contains("Jane"));
}

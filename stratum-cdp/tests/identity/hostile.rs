//! Senders who choose every word: what they write stays theirs, costs no more than it should, and is never shown.

use serde_json::{Value, json};
use stratum_cdp::identifier::{Identifier, IdentifierType};
use stratum_cdp::identity::store::{StoredIdentifier, StoredSighting, Surroundings, decide};
use stratum_cdp::identity::{
    ConsentChoice, DropReason, IdentifierKey, Identities, IdentityEvent, IdentityPolicy, Observation,
};
use stratum_core::id::ProfileId;

use super::history::{act, event, reasons, strict, with};

/// More than sixteen bits number.
const MANY: usize = 65_540;

#[test]
fn however_many_purposes_there_are_each_keeps_its_own_decision() {
    let policy = IdentityPolicy::default().compile().unwrap();
    let browser = [Identifier::clean(IdentifierType::AnonymousId, "browser-1", policy.cleaning()).unwrap()];
    let at = "2026-03-01T12:00:00Z".parse().unwrap();
    let purposes: Vec<String> = (0..MANY).map(|number| format!("purpose-{number}")).collect();
    let mut found = Identities::new(policy);
    for (number, purpose) in purposes.iter().enumerate() {
        let choice = if number % 2 == 0 { ConsentChoice::Denied } else { ConsentChoice::Granted };
        let consent = [(purpose.as_str(), choice)];
        found.observe(&Observation { consent: &consent, ..Observation::new("e", at, &browser) });
    }
    let consent = found.profiles().remove(0).consent;
    assert_eq!(consent.len(), MANY);
    assert_eq!(consent["purpose-65535"], ConsentChoice::Granted);
    assert_eq!(consent["purpose-65538"], ConsentChoice::Denied);
    assert_eq!(consent["purpose-65539"], ConsentChoice::Granted);
}

#[test]
fn however_many_systems_there_are_the_customer_17_of_each_is_another() {
    let policy = IdentityPolicy::default().compile().unwrap();
    let customer = [Identifier::clean(IdentifierType::ExternalId, "17", policy.cleaning()).unwrap()];
    let at = "2026-03-01T12:00:00Z".parse().unwrap();
    let mut found = Identities::new(policy);
    for number in 0..MANY {
        let system = format!("s{number}");
        let seen = Observation { source_system: Some(&system), ..Observation::new("e", at, &customer) };
        assert!(found.observe(&seen).created, "{system}");
    }
}

fn problems(of: Value) -> Vec<(String, String)> {
    let event: IdentityEvent = serde_json::from_value(of).unwrap();
    let Err(problems) = event.check() else { return Vec::new() };
    problems.iter().map(|problem| (problem.path.clone(), problem.code.to_string())).collect()
}

#[test]
fn an_event_decides_at_most_twenty_purposes_of_one_to_sixty_four_characters() {
    let consent = |purposes: Vec<String>| -> Value {
        purposes
            .into_iter()
            .map(|purpose| (purpose, json!("granted")))
            .collect::<serde_json::Map<_, _>>()
            .into()
    };
    let numbered = |count: usize| (0..count).map(|number| format!("p{number}")).collect();
    let asked = |purposes| problems(with(event("e1", 0, &["anonymous_id:a1"]), "consent", consent(purposes)));
    let said = |code: &str| vec![("/consent".to_owned(), code.to_owned())];
    assert_eq!(asked(numbered(20)), []);
    assert_eq!(asked(numbered(21)), said("too_many"));
    assert_eq!(asked(vec!["é".repeat(64)]), []);
    assert_eq!(asked(vec!["é".repeat(65)]), said("too_long"));
    assert_eq!(asked(vec![String::new()]), said("too_short"));
}

#[test]
fn a_flood_of_devices_does_not_hide_the_persons_who_share_a_browser() {
    let person = |number: usize| {
        event(&format!("p{number}"), 0, &[&format!("email:p{number}@shop.test1"), "anonymous_id:b"])
    };
    let flood = (0..600)
        .map(|number| event(&format!("d{number}"), 1, &[&format!("device_id:d{number}"), "anonymous_id:b"]));
    let mut found = strict((1..=5).map(person).chain(flood));
    assert!(!reasons(&found).contains(&"shared"));
    act(&mut found, person(6));
    act(&mut found, event("last", 2, &["anonymous_id:b", "anonymous_id:c"]));
    assert_eq!(reasons(&found).last(), Some(&"shared"));
}

#[test]
fn an_identifier_keeps_a_bounded_number_of_sightings() {
    let policy = std::sync::Arc::new(IdentityPolicy::default().compile().unwrap());
    let at = "2026-03-01T12:00:00Z".parse().unwrap();
    let clean = |kind, value| Identifier::clean(kind, value, policy.cleaning()).unwrap();
    let seen = |number: usize| StoredSighting {
        anchor: IdentifierKey::new(IdentifierType::DeviceId, None, &format!("d{number}")),
        person: None,
        first_at: at,
        last_at: at,
    };
    let browser = StoredIdentifier {
        key: IdentifierKey::new(IdentifierType::AnonymousId, None, "b"),
        first_seen: Some(at),
        shared: false,
        sightings: (0..256).map(seen).collect(),
        parted: Vec::new(),
    };
    let around = Surroundings { unowned: vec![browser], ..Surroundings::default() };
    let both = [clean(IdentifierType::Email, "jane@shop.test1"), clean(IdentifierType::AnonymousId, "b")];
    let changes =
        decide(&around, &policy, &Observation::new("e", at, &both), ProfileId::v7(at, [1; 10])).unwrap();
    let (_, kept) = changes.sightings.iter().find(|(key, _)| key.value() == "b").unwrap();
    assert_eq!(kept.len(), 256);
    assert_eq!(kept.last().unwrap().anchor.kind(), IdentifierType::Email);
}

#[test]
fn what_is_formatted_for_debugging_shows_nobody() {
    let canary = "canary";
    let policy: IdentityPolicy =
        serde_json::from_value(json!({"blocked": {"email": ["canary@shop.test1"]}})).unwrap();
    let mut found = Identities::new(policy.compile().unwrap());
    act(
        &mut found,
        json!({
            "event_id": "canary-event", "event_time": "2026-03-01T12:00:00Z",
            "identifiers": [{"type": "email", "value": "canary@work.test1"}, {"type": "canary", "value": "canary"}],
            "traits": {"canary": "canary"}, "consent": {"canary": "granted"},
        }),
    );
    let traits = json!({"name": "canary"});
    let at = "2026-03-01T12:00:00Z".parse().unwrap();
    let ids = [Identifier::clean(IdentifierType::DeviceId, "canary-1", found.policy().cleaning()).unwrap()];
    let seen = Observation {
        traits: traits.as_object(),
        consent: &[("canary", ConsentChoice::Granted)],
        source_system: Some("canary"),
        ..Observation::new("canary", at, &ids)
    };
    let report = found.report();
    assert_eq!(report.dropped[0].reason, DropReason::UnknownType);
    for shown in [
        format!("{policy:?}"),
        format!("{:?}", found.policy()),
        format!("{found:?}"),
        format!("{seen:?}"),
        format!("{:?}", report.dropped),
    ] {
        assert!(!shown.contains(canary), "{shown}");
    }
}

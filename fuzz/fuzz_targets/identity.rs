//! Random histories of events and acts: nobody is two, every event is somebody's once, and undoing never breaks that.
#![no_main]

use std::collections::{BTreeMap, BTreeSet};

use libfuzzer_sys::fuzz_target;
use stratum_cdp::identity::{
    IdentifierKey, Identities, IdentityEvent, IdentityEventKind, IdentityPolicy, IdentityPreset, SentIdentifier,
};

/// Few enough that they meet: four of each type, and one that stands for nobody.
const NAMES: [(&str, &str); 21] = [
    ("external_id", "U1"), ("external_id", "U2"), ("external_id", "U3"), ("external_id", "U4"),
    ("email", "m1@shop.test1"), ("email", "m2@shop.test1"), ("email", "m3@shop.test1"), ("email", "m4@shop.test1"),
    ("phone", "+96550012345"), ("phone", "+96550012346"), ("phone", "+96550012347"), ("phone", "+96550012348"),
    ("device_id", "d1"), ("device_id", "d2"), ("device_id", "d3"), ("device_id", "d4"),
    ("anonymous_id", "a1"), ("anonymous_id", "a2"), ("anonymous_id", "a3"), ("anonymous_id", "a4"),
    ("email", "noreply@shop.test1"),
];

fn sent(byte: u8) -> SentIdentifier {
    let (kind, value) = NAMES[usize::from(byte) % NAMES.len()];
    SentIdentifier { kind: kind.to_owned(), value: Some(value.to_owned()) }
}

/// One event from four to eight bytes.
fn event(number: usize, bytes: &mut impl Iterator<Item = u8>) -> Option<IdentityEvent> {
    let (what, hour, scope) = (bytes.next()?, bytes.next()?, bytes.next()?);
    let kind = match what % 16 {
        0 => IdentityEventKind::Alias,
        1 | 2 => IdentityEventKind::Merge,
        3 | 4 => IdentityEventKind::Unmerge,
        _ => IdentityEventKind::Track,
    };
    let identifiers = match kind {
        IdentityEventKind::Unmerge => 0,
        IdentityEventKind::Alias => 2,
        IdentityEventKind::Merge => 2 + usize::from(scope >> 6) % 2,
        _ => 1 + usize::from(scope >> 6),
    };
    Some(IdentityEvent {
        event_id: format!("e{number}"),
        event_time: "2026-03-01T00:00:00Z".parse::<stratum_core::Timestamp>().ok()?.plus_hours(i64::from(hour)),
        kind,
        event_name: (what & 32 != 0).then(|| "Login".to_owned()),
        source_system: (scope & 1 != 0).then(|| "crm".to_owned()),
        identifiers: bytes.take(identifiers).map(sent).collect(),
        session_id: (kind == IdentityEventKind::Track && what & 64 != 0).then(|| format!("visit-{}", scope & 3)),
        traits: serde_json::Map::new(),
        consent: BTreeMap::new(),
        merge: (kind == IdentityEventKind::Unmerge).then(|| format!("m{}", scope % 8)),
        actor: None,
        note: None,
    })
}

fuzz_target!(|bytes: &[u8]| {
    let mut bytes = bytes.iter().copied();
    let Some(choice) = bytes.next() else { return };
    let preset = if choice & 1 == 0 { IdentityPreset::Strict } else { IdentityPreset::Standard };
    let mut policy = IdentityPolicy::preset(preset);
    policy.allow_known_merge = choice & 2 != 0;
    if choice & 4 != 0 {
        policy.max_cluster_ids = Some(4);
    }
    if choice & 8 != 0 {
        policy.checks.clear();
    }
    if choice & 16 != 0 {
        policy.evidence_threshold = 0.7;
    }
    let mut identities = Identities::new(policy.compile().expect("the policy is valid"));
    let (mut number, mut events) = (0, 0);
    while let Some(event) = event(number, &mut bytes) {
        number += 1;
        if event.check().is_err() {
            continue;
        }
        let before = identities.profiles();
        let outcome = identities.take(&event);
        events += usize::from(outcome.attributed);
        let after = identities.profiles();
        let mut held = BTreeSet::new();
        let mut belonging = 0;
        for profile in &after {
            assert!(!profile.identifiers.is_empty() && profile.identifiers.contains(&profile.canonical));
            assert!(profile.identifiers.iter().all(|id| held.insert(id.clone())), "one identifier, two profiles");
            belonging += profile.events.len();
        }
        assert_eq!(belonging, events, "an event was lost, or belongs twice");
        assert!(before.iter().flat_map(|profile| &profile.identifiers).all(|id| held.contains(id)), "nobody holds it");
    }
    let report = identities.report();
    assert_eq!(report, identities.clone().report());
    for (kind, value) in NAMES {
        let key = IdentifierKey::new(kind.parse().expect("a type"), None, value);
        let other = IdentifierKey::new("anonymous_id".parse().expect("a type"), None, "a1");
        let why = identities.explain(&key, &other);
        assert!(why.same_profile || why.chain.is_empty());
        if let Some(graph) = identities.graph(&key, 3) {
            assert!(graph.nodes.len() <= NAMES.len() * 2);
        }
    }
});

//! Bulk and streaming agree: what bulk does not hold the resolver makes the same of, in whatever order, and what bulk holds is
//! replayed through the resolver by itself.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails by a panic")]

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;
use serde_json::json;
use stratum_cdp::identifier::{Identifier, IdentifierType};
use stratum_cdp::identity::bulk::{NamedClusters, NamedLinks, StitchPolicy};
use stratum_cdp::identity::{Identities, IdentityPolicy, IdentityPreset, LinkType, Observation};
use stratum_core::Timestamp;

const KINDS: [IdentifierType; 5] = [
    IdentifierType::ExternalId,
    IdentifierType::Email,
    IdentifierType::Phone,
    IdentifierType::DeviceId,
    IdentifierType::AnonymousId,
];

/// When, and which identifiers: the type and which of it.
type Event = (i64, Vec<(usize, u32)>);
type Partition = BTreeSet<BTreeSet<String>>;

fn value(kind: usize, number: u32) -> String {
    match kind {
        1 => format!("person{number}@shop.test"),
        2 => format!("+1212555{:04}", number.saturating_add(1234)),
        _ => format!("id-{number}"),
    }
}

fn name(&(kind, number): &(usize, u32)) -> String {
    format!("{}:{}", KINDS[kind], value(kind, number))
}

fn resolved(policy: &IdentityPolicy, events: &[&Event]) -> Identities {
    let mut identities = Identities::new(policy.compile().unwrap());
    for (position, (hour, named)) in events.iter().enumerate() {
        let at = Timestamp::from_millis(hour.saturating_mul(3_600_000)).unwrap();
        let clean = |&(kind, number): &(usize, u32)| {
            Identifier::clean(KINDS[kind], &value(kind, number), identities.policy().cleaning()).unwrap()
        };
        let named: Vec<Identifier> = named.iter().map(clean).collect();
        identities.observe(&Observation {
            evidence: LinkType::Purchase,
            ..Observation::new(&format!("e{position}"), at, &named)
        });
    }
    identities
}

fn people(identities: &Identities) -> Partition {
    let profiles = identities.profiles().into_iter();
    profiles
        .map(|profile| profile.identifiers.iter().map(|label| label.as_str().to_owned()).collect())
        .collect()
}

fn in_bulk(policy: &StitchPolicy, events: &[Event]) -> NamedClusters {
    let mut links = NamedLinks::new();
    for (_, named) in events {
        let names: Vec<String> = named.iter().map(name).collect();
        links.add_event(names.iter().map(String::as_str)).unwrap();
    }
    links.finish(policy)
}

fn partition(clusters: &NamedClusters) -> Partition {
    let mut members: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
    for (identifier, label) in clusters.iter() {
        members.entry(label).or_default().insert(identifier.to_owned());
    }
    members.into_values().collect()
}

fn some_events() -> impl Strategy<Value = Vec<Event>> {
    let identifier = prop_oneof![(0..5_usize, 0..12_u32), (3..5_usize, 0..40_u32)];
    prop::collection::vec((0..2000_i64, prop::collection::vec(identifier, 1..4)), 1..40)
}

/// A policy of any limits, under which more links are refused than under the presets.
fn some_policy() -> impl Strategy<Value = IdentityPolicy> {
    let checks = prop::sample::subsequence(
        vec!["both_known", "source_conflict", "stronger_conflict", "shared", "weak_evidence"],
        0..=5,
    );
    let limits = prop::collection::vec(prop::option::of(1..6_u32), 5);
    let storm = prop::option::of((1..6_u32, 1..200_u32));
    (checks, limits, 1..4_u32, 1..60_u32, prop::option::of(3..30_u32), storm, any::<bool>()).prop_map(
        |(checks, limits, persons, days, most, storm, allowed)| {
            let limits: BTreeMap<&str, Option<u32>> =
                KINDS.iter().map(|kind| kind.as_str()).zip(limits).collect();
            let storm = storm.map(|(merges, hours)| json!({"max_merges": merges, "window_hours": hours}));
            serde_json::from_value(json!({
                "checks": checks, "limits": limits, "max_cluster_ids": most, "storm": storm,
                "shared": {"max_profiles": persons, "window_days": days}, "allow_known_merge": allowed,
            }))
            .unwrap()
        },
    )
}

fn check(policy: &IdentityPolicy, events: &[Event]) -> Result<(), TestCaseError> {
    let mut bulk = in_bulk(&StitchPolicy::from(policy), events);
    let numbers: BTreeMap<String, u32> =
        (0..).zip(bulk.iter()).map(|(number, (identifier, _))| (identifier.to_owned(), number)).collect();
    let replayed: Vec<&Event> =
        events.iter().filter(|(_, named)| bulk.is_held(numbers[&name(&named[0])])).collect();
    prop_assert_eq!(replayed.is_empty(), bulk.held().is_empty());
    bulk.settle(&resolved(policy, &replayed));
    // What the resolver refused and nobody held before is nobody's there, and a cluster of its own here.
    let mut whole = people(&resolved(policy, &events.iter().collect::<Vec<_>>()));
    let known: BTreeSet<String> = whole.iter().flatten().cloned().collect();
    whole.extend(
        numbers.keys().filter(|name| !known.contains(*name)).map(|name| BTreeSet::from([name.clone()])),
    );
    prop_assert_eq!(&partition(&bulk), &whole);
    prop_assert_eq!(usize::try_from(bulk.count()).unwrap(), whole.len());
    // The name of a cluster is its best identifier: the strongest type, then the smallest value.
    for (identifier, label) in bulk.iter() {
        let kind = |name: &str| KINDS.iter().position(|kind| name.starts_with(&format!("{kind}:")));
        prop_assert!((kind(label), label) <= (kind(identifier), identifier));
    }
    Ok(())
}

proptest! {
    #[test]
    fn bulk_with_what_it_held_replayed_is_the_resolver_under_strict(events in some_events()) {
        check(&IdentityPolicy::preset(IdentityPreset::Strict), &events)?;
    }

    #[test]
    fn bulk_with_what_it_held_replayed_is_the_resolver_under_standard(events in some_events()) {
        check(&IdentityPolicy::preset(IdentityPreset::Standard), &events)?;
    }

    #[test]
    fn bulk_with_what_it_held_replayed_is_the_resolver_under_any_policy(policy in some_policy(), events in some_events()) {
        check(&policy, &events)?;
    }
}

/// Two persons of whom different things are known, on one computer that may have one.
#[test]
fn persons_who_are_known_by_different_types_share_a_device_as_well() {
    let policy: IdentityPolicy =
        serde_json::from_value(json!({"shared": {"max_profiles": 1, "window_days": 30}})).unwrap();
    let events = [(0, vec![(1, 1), (3, 1)]), (1, vec![(2, 1), (3, 1)])];
    assert_eq!(people(&resolved(&policy, &events.iter().collect::<Vec<_>>())).len(), 2);
    assert_eq!(in_bulk(&StitchPolicy::from(&policy), &events).held().len(), 1);
    check(&policy, &events).unwrap();
}

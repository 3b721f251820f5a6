//! Clusters of links, against a breadth-first search that knows nothing of union-find.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    reason = "a test fails by a panic"
)]

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use proptest::prelude::*;
use stratum_cdp::identifier::IdentifierType;
use stratum_cdp::identity::bulk::{HoldReason, LinkFault, Links, NamedLinks, StateFault, StitchPolicy};

const NODES: u32 = 60;

fn labels_by_search(nodes: u32, links: &[(u32, u32)]) -> Vec<u32> {
    let mut beside = vec![BTreeSet::new(); nodes as usize];
    for &(a, b) in links {
        beside[a as usize].insert(b);
        beside[b as usize].insert(a);
    }
    let mut labels = vec![u32::MAX; nodes as usize];
    for start in 0..nodes {
        let mut waiting = VecDeque::from([start]);
        while let Some(node) = waiting.pop_front() {
            if labels[node as usize] == u32::MAX {
                labels[node as usize] = start;
                waiting.extend(&beside[node as usize]);
            }
        }
    }
    labels
}

fn linked(nodes: u32, links: &[(u32, u32)]) -> Links {
    let (left, right): (Vec<u32>, Vec<u32>) = links.iter().copied().unzip();
    let mut state = Links::new(nodes);
    state.add(&left, &right).unwrap();
    state
}

/// Identifiers of all types, and some of none.
fn name(node: u32) -> String {
    let kinds = ["email", "phone", "external_id", "device_id", "anonymous_id", "order"];
    format!("{}:v{}", kinds[node as usize % kinds.len()], 7 * node % 31)
}

fn some_links() -> impl Strategy<Value = Vec<(u32, u32)>> {
    prop::collection::vec((0..NODES, 0..NODES), 0..400)
}

proptest! {
    #[test]
    fn the_label_of_a_node_is_the_smallest_node_that_it_can_reach(links in some_links()) {
        let clusters = linked(NODES, &links).finish();
        let expected = labels_by_search(NODES, &links);
        let distinct: BTreeSet<u32> = expected.iter().copied().collect();
        prop_assert_eq!(clusters.labels(), expected.as_slice());
        prop_assert_eq!(clusters.count() as usize, distinct.len());
        for (label, size) in (0..).zip(clusters.sizes()) {
            prop_assert_eq!(size as usize, expected.iter().filter(|&&found| found == label).count());
        }
    }

    #[test]
    fn every_order_and_partition_of_the_links_gives_the_same_state(
        (links, shuffled) in some_links().prop_flat_map(|links| (Just(links.clone()), Just(links).prop_shuffle())),
        workers in 1..6_usize,
        nodes_of_a_worker in NODES..NODES + 20,
    ) {
        let mut whole = linked(NODES + 20, &links);
        let mut merged = Links::new(NODES + 20);
        for part in shuffled.chunks(shuffled.len() / workers + 1) {
            let sent = linked(nodes_of_a_worker, part).to_bytes();
            merged.merge(&Links::from_bytes(&sent, u32::MAX).unwrap());
        }
        prop_assert_eq!(whole.to_bytes(), merged.to_bytes());
        prop_assert_eq!(whole.finish(), merged.finish());
    }

    #[test]
    fn names_make_the_clusters_of_their_numbers_whatever_the_partition(links in some_links(), workers in 1..6_usize) {
        let mut whole = NamedLinks::new();
        for &(a, b) in &links {
            whole.add(&name(a), &name(b)).unwrap();
        }
        let mut merged = NamedLinks::new();
        for part in links.rchunks(links.len() / workers + 1) {
            let mut worker = NamedLinks::new();
            for &(a, b) in part {
                worker.add_event([name(b).as_str(), &name(a)]).unwrap();
            }
            merged.merge(&NamedLinks::from_bytes(&worker.to_bytes()).unwrap()).unwrap();
        }
        prop_assert_eq!(whole.to_bytes(), merged.to_bytes());

        // Names that two nodes share are one node.
        let mut ids: Vec<String> = (0..NODES).map(name).collect();
        ids.sort();
        ids.dedup();
        let id = |node| u32::try_from(ids.binary_search(&name(node)).unwrap()).unwrap();
        let ids_linked: Vec<(u32, u32)> = links.iter().map(|&(a, b)| (id(a), id(b))).collect();
        let expected = labels_by_search(u32::try_from(ids.len()).unwrap(), &ids_linked);
        let (whole, merged) = (whole.finish(&StitchPolicy::unlimited()), merged.finish(&StitchPolicy::unlimited()));
        let mut members: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
        for (identifier, label) in whole.iter() {
            prop_assert_eq!(merged.label_of(identifier), Some(label));
            members.entry(label).or_default().insert(identifier);
        }
        for &(a, _) in &links {
            let cluster: BTreeSet<&str> = (0..ids.len()).filter(|&other| expected[other] == expected[id(a) as usize]).map(|other| ids[other].as_str()).collect();
            prop_assert_eq!(&members[whole.label_of(&name(a)).unwrap()], &cluster);
        }
    }

    #[test]
    fn bytes_that_were_cut_or_changed_never_panic(links in some_links(), cut in 0..200_usize, at in 0..200_usize, byte: u8) {
        for mut bytes in [linked(NODES, &links).to_bytes(), {
            let mut named = NamedLinks::new();
            links.iter().for_each(|&(a, b)| named.add(&name(a), &name(b)).unwrap());
            named.to_bytes()
        }] {
            if let Some(changed) = bytes.get_mut(at) {
                *changed = byte;
            }
            bytes.truncate(bytes.len().saturating_sub(cut));
            let _ = Links::from_bytes(&bytes, 1000);
            let _ = NamedLinks::from_bytes(&bytes);
        }
    }
}

#[test]
fn a_state_of_another_kind_or_too_large_is_refused() {
    let mut links = linked(9, &[(1, 8)]);
    assert_eq!(NamedLinks::from_bytes(&links.to_bytes()).unwrap_err(), StateFault::Foreign);
    assert_eq!(Links::from_bytes(b"", 9).unwrap_err(), StateFault::Foreign);
    assert_eq!(Links::from_bytes(&links.to_bytes(), 8).unwrap_err(), StateFault::Damaged);
    let mut bytes = links.to_bytes();
    bytes.pop();
    assert_eq!(Links::from_bytes(&bytes, 9).unwrap_err(), StateFault::Damaged);
}

#[test]
fn columns_that_do_not_fit_add_nothing() {
    let mut links = Links::new(4);
    assert_eq!(links.add(&[0_u64], &[1, 2]), Err(LinkFault::Length { left: 1, right: 2 }));
    assert_eq!(links.add(&[0_u64, 4], &[1, 1]), Err(LinkFault::UnknownNode { row: 1, nodes: 4 }));
    assert_eq!(links.add(&[0_i64, 1], &[1, -1]), Err(LinkFault::UnknownNode { row: 1, nodes: 4 }));
    assert_eq!(
        links.add(&[0_u64], &[u64::from(u32::MAX) + 2]),
        Err(LinkFault::UnknownNode { row: 0, nodes: 4 })
    );
    assert_eq!(links.finish().count(), 4);
}

#[test]
fn a_cluster_that_breaks_a_limit_is_parted_and_named_with_every_reason() {
    let mut clusters = linked(9, &[(0, 1), (1, 2), (4, 5), (7, 6), (8, 6)]).finish();
    let mut policy =
        StitchPolicy { max_cluster_ids: Some(2), hold_conflicts: false, ..StitchPolicy::default() };
    policy.limits.email = Some(1);
    policy.limits.device_id = Some(0);
    let kind = |node| match node {
        0 | 1 => Some(IdentifierType::Email),
        3 => Some(IdentifierType::DeviceId),
        4 => Some(IdentifierType::ExternalId),
        _ => None,
    };
    let held = clusters.hold(&policy, kind);
    let found: Vec<_> =
        held.iter().map(|held| (held.label, held.identifiers, held.reasons.as_slice())).collect();
    let both = [HoldReason::Emails, HoldReason::TooLarge];
    assert_eq!(found, [(0, 3, both.as_slice()), (6, 3, &[HoldReason::TooLarge])]);
    assert_eq!(clusters.labels(), [0, 1, 2, 3, 4, 4, 6, 7, 8]);
    assert_eq!(clusters.count(), 8);
}

#[test]
fn a_family_phone_is_held_under_strict_and_joins_under_standard() {
    let family = |policy: &StitchPolicy| {
        let mut links = NamedLinks::new();
        links.add("email:ann@shop.example", "phone:+96550012345").unwrap();
        links.add("email:bob@shop.example", "phone:+96550012345").unwrap();
        links.finish(policy)
    };
    let strict = family(&StitchPolicy::default());
    assert_eq!(strict.label_of("phone:+96550012345"), Some("phone:+96550012345"));
    assert_eq!(strict.label_of("email:ann@shop.example"), Some("email:ann@shop.example"));
    let held = strict.held();
    assert_eq!(
        (held[0].0, held[0].1.reasons.as_slice()),
        ("email:ann@shop.example", [HoldReason::Conflict].as_slice())
    );
    let standard = family(&StitchPolicy::standard());
    assert_eq!(standard.label_of("phone:+96550012345"), Some("email:ann@shop.example"));
    assert!(standard.held().is_empty());
}

#[test]
fn two_addresses_without_anything_weaker_are_one_person() {
    let mut links = NamedLinks::new();
    links.add("email:a@shop.example", "email:b@shop.example").unwrap();
    links.add("external_id:7", "email:b@shop.example").unwrap();
    assert_eq!(
        links.finish(&StitchPolicy::default()).label_of("email:a@shop.example"),
        Some("external_id:7")
    );
}

#[test]
fn no_text_of_an_identifier_shows_in_debug() {
    let mut links = NamedLinks::new();
    links.add("email:secret@shop.example", "phone:+96550012345").unwrap();
    let before = format!("{links:?}");
    let after = format!("{:?}", links.finish(&StitchPolicy::default()));
    assert!(
        !before.contains("secret") && !after.contains("secret") && !after.contains("+965"),
        "{before} {after}"
    );
}

//! What holds for every history.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;
use serde_json::{Value, json};
use stratum_cdp::identity::{Identities, IdentityPolicy, IdentityPreset, ProfileView};

use super::history::{act, event, people, resolve, with};

pub(crate) const NAMES: [&str; 16] = [
    "external_id:U1",
    "external_id:U2",
    "external_id:U3",
    "email:m1@shop.test1",
    "email:m2@shop.test1",
    "email:m3@shop.test1",
    "phone:+96550012345",
    "phone:+96550012346",
    "device_id:d1",
    "device_id:d2",
    "device_id:d3",
    "anonymous_id:a1",
    "anonymous_id:a2",
    "anonymous_id:a3",
    "anonymous_id:a4",
    "anonymous_id:a5",
];

prop_compose! {
    fn an_event()(
        minute in 0_u32..4320,
        names in prop::collection::vec(prop::sample::select(NAMES.as_slice()), 1..4),
        name in prop::sample::select(["PageView", "Login", "Purchase"].as_slice()),
        plan in prop::option::of(0_u8..3),
    ) -> Value {
        let event = with(event("", minute, &names), "event_name", name);
        match plan {
            Some(plan) => with(event, "traits", json!({"plan": plan})),
            None => event,
        }
    }
}

/// Events with ids in the order of their arrival.
fn numbered(events: Vec<Value>) -> Vec<Value> {
    events.into_iter().enumerate().map(|(n, event)| with(event, "event_id", format!("e{n:02}"))).collect()
}

pub(crate) fn histories() -> impl Strategy<Value = Vec<Value>> {
    prop::collection::vec(an_event(), 1..16).prop_map(numbered)
}

pub(crate) fn policies() -> impl Strategy<Value = IdentityPolicy> {
    let tight =
        IdentityPolicy { max_cluster_ids: Some(4), ..IdentityPolicy::preset(IdentityPreset::Standard) };
    prop::sample::select(vec![
        IdentityPolicy::default(),
        IdentityPolicy::preset(IdentityPreset::Standard),
        tight,
    ])
}

/// A policy under which nothing is refused.
fn free() -> IdentityPolicy {
    serde_json::from_value(json!({
        "limits": {"external_id": null, "email": null, "phone": null, "device_id": null, "anonymous_id": null},
        "max_cluster_ids": null, "storm": null, "checks": [],
    }))
    .unwrap()
}

/// The profiles without the order of their events.
fn unordered(identities: &Identities) -> Vec<ProfileView> {
    let mut profiles = identities.profiles();
    for profile in &mut profiles {
        profile.events.sort();
    }
    profiles
}

proptest! {
    #[test]
    fn no_identifier_and_no_event_belongs_to_two_profiles(events in histories(), policy in policies()) {
        let found = resolve(&policy, events.clone());
        let all: Vec<String> = people(&found).into_iter().flatten().collect();
        prop_assert_eq!(all.iter().collect::<BTreeSet<_>>().len(), all.len());
        let belonging: Vec<String> = found.profiles().into_iter().flat_map(|profile| profile.events).collect();
        prop_assert_eq!(belonging.iter().collect::<BTreeSet<_>>().len(), events.len());
        prop_assert_eq!(belonging.len(), events.len());
    }

    #[test]
    fn what_events_bring_together_stays_within_every_limit(events in histories(), policy in policies()) {
        for ids in people(&resolve(&policy, events)) {
            let mut counts: BTreeMap<&str, u32> = BTreeMap::new();
            for id in &ids {
                *counts.entry(id.split(['@', ':']).next().unwrap()).or_default() += 1;
            }
            for (kind, count) in counts {
                prop_assert!(policy.limit(kind.parse().unwrap()).is_none_or(|limit| count <= limit));
            }
            prop_assert!(policy.max_cluster_ids.is_none_or(|most| ids.len() <= usize::try_from(most).unwrap()));
        }
    }

    #[test]
    fn where_nothing_is_refused_the_order_of_events_does_not_matter(
        (events, shuffled) in histories().prop_flat_map(|events| (Just(events.clone()), Just(events).prop_shuffle())),
        policy in prop::sample::select(vec![free(), IdentityPolicy::default()]),
    ) {
        let (one, other) = (resolve(&policy, events), resolve(&policy, shuffled));
        if one.report().refused.is_empty() && other.report().refused.is_empty() {
            prop_assert_eq!(unordered(&one), unordered(&other));
        }
    }

    #[test]
    fn a_merge_by_hand_that_is_undone_leaves_everything_as_it_was(events in histories(), policy in policies()) {
        let mut found = resolve(&policy, events);
        let before = found.profiles();
        let merges = found.report().changes.len();
        prop_assume!(before.len() > 1);
        let names: Vec<&str> = before.iter().take(3).map(|profile| profile.canonical.as_str()).collect();
        act(&mut found, with(event("by hand", 4320, &names), "kind", "merge"));
        prop_assert_eq!(people(&found).len(), before.len() - names.len() + 1);
        for merge in (merges + 1..merges + names.len()).rev() {
            act(&mut found, json!({
                "event_id": "undo", "event_time": "2026-03-05T00:00:00Z", "kind": "unmerge", "merge": format!("m{merge}"),
            }));
        }
        prop_assert_eq!(found.profiles(), before);
    }

    #[test]
    fn a_merge_of_events_that_is_undone_at_once_gives_back_both_sides(events in histories()) {
        let mut found = Identities::new(free().compile().unwrap());
        for event in events {
            let before = found.clone();
            act(&mut found, event);
            let merges = found.report().changes.len();
            if merges == before.report().changes.len() + 1 {
                act(&mut found, json!({
                    "event_id": "undo", "event_time": "2026-03-05T00:00:00Z", "kind": "unmerge", "merge": format!("m{merges}"),
                }));
                let mut expected = before.profiles();
                let mut undone = found.profiles();
                // The event itself, and what it brought that nobody held, stays with the survivor.
                let old: BTreeSet<String> = people(&before).into_iter().flatten().collect();
                for profile in expected.iter_mut().chain(&mut undone) {
                    profile.identifiers.retain(|label| old.contains(label.as_str()));
                }
                let ids = |profiles: &[ProfileView]| -> Vec<BTreeSet<String>> {
                    let mut sets: Vec<BTreeSet<String>> = profiles
                        .iter()
                        .map(|profile| profile.identifiers.iter().map(|label| label.as_str().to_owned()).collect())
                        .collect();
                    sets.sort();
                    sets
                };
                prop_assert_eq!(ids(&undone), ids(&expected));
            }
            found = before;
        }
    }

    #[test]
    fn repeating_a_merge_changes_nothing(events in histories(), policy in policies()) {
        let mut found = resolve(&policy, events);
        let profiles = found.profiles();
        prop_assume!(profiles.len() > 1);
        let names: Vec<&str> = profiles.iter().take(2).map(|profile| profile.canonical.as_str()).collect();
        let merge = with(event("by hand", 4320, &names), "kind", "merge");
        act(&mut found, merge.clone());
        let (once, changes) = (found.profiles(), found.report().changes);
        act(&mut found, merge);
        prop_assert_eq!(found.profiles(), once);
        prop_assert_eq!(found.report().changes, changes);
    }

    #[test]
    fn an_event_leaves_the_profiles_of_others_untouched(events in histories(), policy in policies()) {
        let mut found = Identities::new(policy.compile().unwrap());
        for event in events {
            let id = event["event_id"].as_str().unwrap().to_owned();
            let before = found.profiles();
            act(&mut found, event);
            let after = found.profiles();
            let own = after.iter().find(|profile| profile.events.contains(&id)).unwrap();
            for profile in before {
                let absorbed = own.identifiers.contains(&profile.canonical);
                prop_assert!(absorbed || after.contains(&profile), "another profile changed");
            }
        }
    }

    #[test]
    fn a_history_gives_the_same_report_each_time(events in histories(), policy in policies()) {
        prop_assert_eq!(resolve(&policy, events.clone()).report(), resolve(&policy, events).report());
    }
}

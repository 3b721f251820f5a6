//! Merging and undoing by hand.

use serde_json::{Value, json};

use super::history::{act, event, people, reasons, resolve, standard, strict, with};
use stratum_cdp::identity::{
    IdentityCompareRequest, IdentityEvent, IdentityPolicy, IdentityPreset, LinkType, RefusalReason, compare,
};

fn merge(id: &str, minute: u32, identifiers: &[&str]) -> Value {
    with(event(id, minute, identifiers), "kind", "merge")
}

fn unmerge(id: &str, time: &str, merge: &str) -> Value {
    json!({"event_id": id, "event_time": time, "kind": "unmerge", "merge": merge})
}

#[test]
fn an_operator_joins_what_every_check_keeps_apart_and_parts_it_again() {
    let events = [
        event("e1", 0, &["external_id:U1", "email:ann@shop.test1"]),
        event("e2", 1, &["external_id:U2", "email:bob@shop.test1"]),
    ];
    let mut found = strict(events);
    let before = found.profiles();
    act(&mut found, merge("e3", 2, &["external_id:U1", "external_id:U2"]));
    assert_eq!(people(&found).len(), 1);
    act(&mut found, unmerge("e4", "2026-03-02T00:00:00Z", "m1"));
    assert_eq!(found.profiles(), before);
    // An event does not undo what the operator did.
    act(&mut found, event("e5", 9, &["email:ann@shop.test1", "email:bob@shop.test1"]));
    assert_eq!(reasons(&found), ["split"]);
}

#[test]
fn under_strict_a_merge_can_be_undone_for_thirty_days() {
    let story = [
        event("e1", 0, &["external_id:U1"]),
        event("e2", 1, &["external_id:U2"]),
        merge("e3", 2, &["external_id:U1", "external_id:U2"]),
    ];
    let mut late = strict(story.clone());
    act(&mut late, unmerge("e4", "2026-03-31T00:03:00Z", "m1"));
    assert_eq!(reasons(&late), ["undo_too_late"]);
    assert_eq!(people(&late).len(), 1);
    let mut on_time = strict(story.clone());
    act(&mut on_time, unmerge("e4", "2026-03-31T00:02:00Z", "m1"));
    assert_eq!(people(&on_time).len(), 2);
    let mut any_time = resolve(&IdentityPolicy { undo_days: None, ..IdentityPolicy::default() }, story);
    act(&mut any_time, unmerge("e4", "2027-03-31T00:03:00Z", "m1"));
    assert_eq!(people(&any_time).len(), 2);
}

#[test]
fn the_names_of_merges_that_there_are_not_are_refused() {
    let mut found = standard([event("e1", 0, &["external_id:U1"])]);
    for name in ["m0", "m1", "1", "m", "m99999999999999999999", "m-1"] {
        act(&mut found, unmerge("u", "2026-03-02T00:00:00Z", name));
    }
    assert_eq!(reasons(&found), ["no_such_merge"; 6]);
}

#[test]
fn a_merge_by_hand_is_evidence_of_its_own() {
    let found = strict([
        event("e1", 0, &["external_id:U1"]),
        event("e2", 1, &["anonymous_id:a1"]),
        merge("e3", 2, &["external_id:U1", "anonymous_id:a1"]),
    ]);
    let key =
        |kind: &str, value| stratum_cdp::identity::IdentifierKey::new(kind.parse().unwrap(), None, value);
    let why = found.explain(&key("external_id", "U1"), &key("anonymous_id", "a1"));
    assert!(why.same_profile);
    assert_eq!(why.chain[0].evidence, LinkType::Manual);
    assert_eq!(why.confidence, Some(1.0));
}

#[test]
fn a_merge_of_somebody_unknown_or_of_nobody_changes_nothing() {
    let mut found = strict([event("e1", 0, &["external_id:U1"]), event("e2", 1, &["external_id:U2"])]);
    let before = found.profiles();
    act(&mut found, merge("e3", 2, &["external_id:U1", "external_id:U9"]));
    act(&mut found, merge("e4", 2, &["external_id:U1", "external_id:U2", "external_id:null"]));
    assert_eq!(found.profiles(), before);
    let dropped: Vec<&str> = found.report().dropped.iter().map(|dropped| dropped.reason.as_str()).collect();
    assert_eq!(dropped, ["unknown_identifier", "blocked"]);
}

/// A merge is named by its number under the policy in force; another policy makes other merges by the same numbers.
#[test]
fn comparing_policies_undoes_under_both_what_the_name_of_a_merge_means_under_the_one_in_force() {
    let story = |undone: &str| -> Vec<IdentityEvent> {
        let story = json!([
            event("e1", 0, &["email:ann@shop.test1"]),
            event("e2", 1, &["email:bob@shop.test1"]),
            event("e3", 2, &["email:ann@shop.test1", "phone:+96550012345"]),
            // The family's phone joins the two under `standard` alone.
            event("e4", 3, &["email:bob@shop.test1", "phone:+96550012345"]),
            event("e5", 4, &["external_id:U1"]),
            event("e6", 5, &["external_id:U2"]),
            merge("e7", 6, &["external_id:U1", "external_id:U2"]),
            unmerge("e8", "2026-03-02T00:00:00Z", undone),
        ]);
        serde_json::from_value(story).unwrap()
    };
    let compared = |current: IdentityPreset, proposed: IdentityPreset, merge: &str| {
        let [current, proposed] = [current, proposed].map(IdentityPolicy::preset);
        compare(&IdentityCompareRequest { current, proposed, events: story(merge) }).unwrap()
    };
    use IdentityPreset::{Standard, Strict};
    let by_hand = compared(Standard, Strict, "m2");
    assert_eq!([by_hand.current.undone, by_hand.proposed.undone], [1, 1]);
    assert_eq!([by_hand.current.profiles, by_hand.proposed.profiles], [3, 4]);
    assert!(!by_hand.proposed.refused.contains_key(&RefusalReason::NoSuchMerge));
    assert!(by_hand.not_applicable.is_empty());
    // Nobody joined the family there, and the merge by hand, which is the first there, stays.
    let family = compared(Standard, Strict, "m1");
    assert_eq!([family.current.undone, family.proposed.undone], [1, 0]);
    assert_eq!(family.not_applicable, ["e8"]);
    assert_eq!([family.current.profiles, family.proposed.profiles], [3, 3]);
    let turned = compared(Strict, Standard, "m1");
    assert_eq!([turned.current.undone, turned.proposed.undone], [1, 1]);
    assert_eq!(turned.proposed.profiles, 3);
    // What is no merge under the policy in force is none.
    let none = compared(Strict, Standard, "m2");
    assert_eq!([none.current.undone, none.proposed.undone], [0, 0]);
    assert_eq!(none.proposed.refused.get(&RefusalReason::NoSuchMerge), Some(&1));
    for merge in ["m1", "m2"] {
        let same = compared(Standard, Standard, merge);
        assert_eq!(same.current, same.proposed);
    }
}

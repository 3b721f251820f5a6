//! Events of one visit: evidence that is kept, and joins only where a policy admits it.

use serde_json::Value;
use stratum_cdp::identity::{IdentifierKey, IdentityPolicy, IdentityPreset, LinkType, RefusalReason};

use super::history::{event, people, reasons, resolve, standard, strict, with};

fn of_visit(visit: &str, event: Value) -> Value {
    with(event, "session_id", visit)
}

fn visit_of_two_names() -> [Value; 2] {
    [
        of_visit("s1", event("e1", 0, &["anonymous_id:a1"])),
        of_visit("s1", event("e2", 5, &["email:jane@shop.test1"])),
    ]
}

fn admitting() -> IdentityPolicy {
    IdentityPolicy { evidence_threshold: 0.7, ..IdentityPolicy::default() }
}

fn key(kind: &str, value: &str) -> IdentifierKey {
    IdentifierKey::new(kind.parse().unwrap(), None, value)
}

#[test]
fn neither_preset_joins_by_a_visit_and_both_keep_it_to_look_at() {
    for found in [strict(visit_of_two_names()), standard(visit_of_two_names())] {
        assert_eq!(people(&found).len(), 2);
        assert_eq!(reasons(&found), ["weak_evidence"]);
        let report = found.report();
        assert_eq!(report.conflicts.len(), 1);
        let conflict = &report.conflicts[0];
        assert_eq!((conflict.evidence, conflict.confidence), (LinkType::SameSession, 0.7));
        assert_eq!(conflict.reason, RefusalReason::WeakEvidence);
        assert_eq!([conflict.a.as_str(), conflict.b.as_str()], ["email:jane@shop.test1", "anonymous_id:a1"]);
    }
}

#[test]
fn a_threshold_that_admits_visits_joins_the_identifiers_of_their_events() {
    let found = resolve(&admitting(), visit_of_two_names());
    assert_eq!(people(&found), [["email:jane@shop.test1", "anonymous_id:a1"]]);
    let why = found.explain(&key("email", "jane@shop.test1"), &key("anonymous_id", "a1"));
    assert_eq!(why.chain[0].evidence, LinkType::SameSession);
    assert_eq!(why.confidence, Some(0.7));
    // Both sides are profiles by now: a merge, which can be undone.
    let met_later = [
        event("e1", 0, &["anonymous_id:a1"]),
        event("e2", 1, &["email:jane@shop.test1"]),
        of_visit("s1", event("e3", 2, &["anonymous_id:a1"])),
        of_visit("s1", event("e4", 3, &["email:jane@shop.test1"])),
    ];
    let found = resolve(&admitting(), met_later);
    assert_eq!(people(&found).len(), 1);
    assert_eq!(found.changes().len(), 1);
}

#[test]
fn what_an_event_names_is_stronger_than_the_visit_it_is_part_of() {
    let found = strict([
        of_visit("s1", event("e1", 0, &["anonymous_id:a1"])),
        of_visit(
            "s1",
            with(event("e2", 5, &["email:jane@shop.test1", "anonymous_id:a1"]), "event_name", "Login"),
        ),
        of_visit("s1", event("e3", 6, &["email:jane@shop.test1"])),
    ]);
    assert_eq!(people(&found).len(), 1);
    assert_eq!(reasons(&found), [""; 0]);
    let why = found.explain(&key("email", "jane@shop.test1"), &key("anonymous_id", "a1"));
    assert_eq!(why.chain[0].evidence, LinkType::Login);
    // The last event is of the visit in which the browser was named, too.
    assert_eq!(why.chain[0].times, 2);
}

#[test]
fn the_checks_stand_in_the_way_of_a_visit_as_of_an_event() {
    let policy =
        IdentityPolicy { evidence_threshold: 0.7, ..IdentityPolicy::preset(IdentityPreset::Standard) };
    let found = resolve(
        &policy,
        [
            of_visit("s1", event("e1", 0, &["external_id:U1"])),
            of_visit("s1", event("e2", 5, &["external_id:U2"])),
        ],
    );
    assert_eq!(people(&found).len(), 2);
    assert_eq!(reasons(&found), ["both_known"]);
}

#[test]
fn a_session_id_that_stands_for_none_and_one_of_an_alias_say_nothing() {
    let nobodys = ["null", "undefined", "0", "  "]
        .map(|visit| strict(visit_of_two_names().map(|event| of_visit(visit, event))));
    for found in nobodys {
        assert_eq!(reasons(&found), [""; 0]);
    }
    let alias = with(event("e2", 5, &["email:jane@shop.test1", "email:jane@work.test1"]), "kind", "alias");
    let found = strict([of_visit("s1", event("e1", 0, &["anonymous_id:a1"])), of_visit("s1", alias)]);
    assert_eq!(reasons(&found), [""; 0]);
}

#[test]
fn a_session_id_that_thousands_share_links_a_bounded_number() {
    let flood = (0..1000).map(|n| of_visit("one", event(&format!("e{n}"), n, &[&format!("device_id:d{n}")])));
    let found = resolve(&IdentityPolicy::default(), flood);
    assert_eq!(people(&found).len(), 1000);
    assert!(found.report().conflicts.len() <= 8 * 1000);
}

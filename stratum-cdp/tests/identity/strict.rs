//! The preset `strict`: each of its checks, and the stories that it was made for.

use super::history::{event, people, reasons, resolve, standard, strict, with};
use stratum_cdp::identity::{IdentityPolicy, RefusalReason};

#[test]
fn a_visitor_who_leaves_an_address_and_buys_is_one_person() {
    let found = strict([
        event("e1", 0, &["anonymous_id:a1"]),
        with(
            event("e2", 5, &["email:jane@shop.test1", "anonymous_id:a1"]),
            "event_name",
            "NewsletterSubscribed",
        ),
        with(event("e3", 9, &["external_id:U7", "email:jane@shop.test1"]), "event_name", "Purchase"),
    ]);
    assert_eq!(people(&found), [["external_id:U7", "email:jane@shop.test1", "anonymous_id:a1"]]);
    assert_eq!(reasons(&found), [""; 0]);
}

#[test]
fn two_logins_on_one_browser_stay_two() {
    let found = strict([
        with(event("e1", 0, &["external_id:U1", "anonymous_id:b1"]), "event_name", "Login"),
        with(event("e2", 9, &["external_id:U2", "anonymous_id:b1"]), "event_name", "Login"),
    ]);
    assert_eq!(people(&found), [vec!["external_id:U1", "anonymous_id:b1"], vec!["external_id:U2"]]);
    assert_eq!(reasons(&found), ["source_conflict"]);
}

#[test]
fn a_family_phone_does_not_join_two_address_owners() {
    let family = [
        event("e1", 0, &["email:ann@shop.test1", "phone:+96550012345"]),
        event("e2", 9, &["email:bob@shop.test1", "phone:+96550012345"]),
    ];
    let apart = strict(family.clone());
    assert_eq!(
        people(&apart),
        [vec!["email:ann@shop.test1", "phone:+96550012345"], vec!["email:bob@shop.test1"]]
    );
    assert_eq!(reasons(&apart), ["stronger_conflict"]);
    assert_eq!(people(&standard(family)).len(), 1);
}

#[test]
fn a_profile_with_only_a_phone_joins_the_address_seen_with_it() {
    let found = strict([
        event("e1", 0, &["phone:+96550012345"]),
        event("e2", 9, &["email:ann@shop.test1", "phone:+96550012345"]),
    ]);
    assert_eq!(people(&found).len(), 1);
}

#[test]
fn two_addresses_of_one_event_join() {
    let found = strict([
        event("e1", 0, &["email:ann@shop.test1"]),
        event("e2", 5, &["email:ann@work.test1"]),
        event("e3", 9, &["email:ann@shop.test1", "email:ann@work.test1"]),
    ]);
    assert_eq!(people(&found).len(), 1);
}

#[test]
fn a_person_has_one_customer_number_in_each_system() {
    let found = strict([
        event("e1", 0, &["external_id:17", "email:jane@shop.test1"]),
        with(event("e2", 1, &["external_id:17", "email:jane@shop.test1"]), "source_system", "crm"),
        with(event("e3", 2, &["external_id:18", "email:jane@shop.test1"]), "source_system", "crm"),
    ]);
    assert_eq!(
        people(&found),
        [vec!["external_id:17", "external_id@crm:17", "email:jane@shop.test1"], vec!["external_id@crm:18"]]
    );
    assert_eq!(reasons(&found), ["source_conflict"]);
}

fn kiosk(visitors: u32, gap: u32) -> Vec<serde_json::Value> {
    (0..visitors)
        .map(|n| event(&format!("e{n}"), n * gap, &[&format!("email:p{n}@shop.test1"), "device_id:kiosk"]))
        .collect()
}

#[test]
fn a_device_that_more_than_five_people_used_never_links_again() {
    let mut events = kiosk(6, 60);
    events.push(event("later", 20_000, &["device_id:kiosk", "anonymous_id:a1"]));
    let found = strict(events);
    // Five were refused for the owner's address; the sixth, too, and from then on the device is marked.
    assert_eq!(reasons(&found), [["stronger_conflict"; 5].as_slice(), &["shared"]].concat());
    assert_eq!(people(&found).len(), 6);
    assert!(!people(&found).iter().flatten().any(|label| label == "anonymous_id:a1"));
}

#[test]
fn a_device_that_five_people_used_may_link() {
    let mut events = kiosk(5, 60);
    events.push(event("later", 20_000, &["device_id:kiosk", "anonymous_id:a1"]));
    let found = strict(events);
    assert_eq!(reasons(&found), ["stronger_conflict"; 4]);
    assert!(people(&found).iter().any(|ids| ids.contains(&"anonymous_id:a1".to_owned()) && ids.len() == 3));
}

#[test]
fn people_who_came_more_than_thirty_days_apart_do_not_share() {
    let visit = |n: u32, day: &str| {
        let seen = event(&format!("e{n}"), 0, &[&format!("email:p{n}@shop.test1"), "device_id:kiosk"]);
        with(seen, "event_time", format!("{day}T12:00:00Z"))
    };
    let later = with(
        event("later", 0, &["device_id:kiosk", "anonymous_id:a1"]),
        "event_time",
        "2026-04-02T13:00:00Z",
    );
    let apart = (0..6).map(|n| visit(n, if n < 3 { "2026-03-01" } else { "2026-04-02" }));
    assert!(!reasons(&strict(apart.chain([later.clone()]))).contains(&"shared"));
    let together = (0..6).map(|n| visit(n, if n < 3 { "2026-03-04" } else { "2026-04-02" }));
    assert!(reasons(&strict(together.chain([later]))).contains(&"shared"));
}

#[test]
fn evidence_below_the_threshold_is_recorded_and_joins_nothing() {
    let policy = IdentityPolicy { evidence_threshold: 0.95, ..IdentityPolicy::default() };
    let events = [
        event("e1", 0, &["email:jane@shop.test1", "anonymous_id:a1"]),
        with(event("e2", 9, &["email:jane@shop.test1", "anonymous_id:a2"]), "event_name", "Login"),
    ];
    let found = resolve(&policy, events);
    assert_eq!(people(&found), [["email:jane@shop.test1", "anonymous_id:a2"]]);
    let report = found.report();
    assert_eq!(report.conflicts.len(), 1);
    assert_eq!(report.conflicts[0].reason, RefusalReason::WeakEvidence);
    assert_eq!(report.conflicts[0].events, ["e1"]);
}

#[test]
fn what_manuals_use_as_examples_is_nobody() {
    let found = strict([event("e1", 0, &["email:jane@example.com", "anonymous_id:a1"])]);
    assert_eq!(people(&found), [["anonymous_id:a1"]]);
}

#[test]
fn nothing_that_names_a_person_shows_in_a_debug_text() {
    let found = strict([
        event("e1", 0, &["email:ann@shop.test1", "phone:+96550012345", "external_id:ann-17"]),
        event("e2", 9, &["email:bob@shop.test1", "phone:+96550012345"]),
        event("e3", 9, &["email:not-an-address"]),
    ]);
    let report = found.report();
    let shown = format!("{report:?}");
    for value in ["ann", "bob", "96550012345", "not-an-address"] {
        assert!(!shown.contains(value), "{value} shows in {shown}");
    }
}

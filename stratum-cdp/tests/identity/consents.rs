//! What a resolved history says of consent is what `consent.evaluate` says of the same decisions.

use proptest::prelude::*;
use serde_json::{Value, json};
use stratum_cdp::consent::{self, ConsentDecision, ConsentRequest, ConsentType};
use stratum_cdp::identity::{ConsentChoice, IdentityPolicy};
use stratum_core::Timestamp;

use super::history::{event, resolve, standard, with};

type Decision = (ConsentType, bool, u32);

fn decisions() -> impl Strategy<Value = Vec<Decision>> {
    let kind = prop::sample::select(ConsentType::ALL);
    prop::collection::vec((kind, any::<bool>(), 0_u32..6), 0..6)
}

/// An event of this profile for each decision.
fn told(id: &str, names: &[&str], decisions: &[Decision]) -> Vec<Value> {
    let tell = |(number, &(kind, granted, minute)): (usize, &Decision)| {
        let choice = if granted { "granted" } else { "denied" };
        with(event(&format!("{id}{number}"), minute, names), "consent", json!({kind.as_str(): choice}))
    };
    decisions.iter().enumerate().map(tell).collect()
}

fn evaluated(decisions: &[Decision]) -> Vec<ConsentDecision> {
    let start: Timestamp = "2026-03-01T00:00:00Z".parse().unwrap();
    let decision = |&(kind, granted, minute): &Decision| {
        ConsentDecision::new(kind, granted, start.plus_minutes(i64::from(minute)))
    };
    decisions.iter().map(decision).collect()
}

proptest! {
    #[test]
    fn a_resolved_merge_and_an_evaluated_one_agree(one in decisions(), other in decisions().prop_filter("some", |d| !d.is_empty())) {
        let mut events = vec![event("one", 0, &["email:jane@shop.test1"]), event("other", 1, &["anonymous_id:a1"])];
        events.extend(told("one", &["email:jane@shop.test1"], &one));
        events.extend(told("other", &["anonymous_id:a1"], &other));
        events.push(event("both", 30, &["email:jane@shop.test1", "anonymous_id:a1"]));
        let profiles = resolve(&IdentityPolicy::default(), events).profiles();
        prop_assert_eq!(profiles.len(), 1);

        let request: ConsentRequest = serde_json::from_value(json!({
            "decisions": evaluated(&one), "merged": evaluated(&other),
        }))
        .unwrap();
        for effective in consent::evaluate(&request).unwrap().current {
            let resolved = profiles[0].consent.get(effective.purpose.as_str());
            let expected = effective.decided_by.map(|_| {
                if effective.granted { ConsentChoice::Granted } else { ConsentChoice::Denied }
            });
            prop_assert_eq!(resolved.copied(), expected, "{:?}", effective.purpose);
        }
    }
}

#[test]
fn a_grant_for_everything_on_one_side_of_a_merge_does_not_outvote_a_refusal_on_the_other() {
    let said = |id, minute, name, purpose: &str, choice| {
        with(event(id, minute, &[name]), "consent", json!({purpose: choice}))
    };
    let found = standard([
        said("e1", 0, "email:jane@shop.test1", "ads", "denied"),
        said("e2", 1, "anonymous_id:a1", "newsletter", "granted"),
        said("e3", 2, "anonymous_id:a1", "all", "granted"),
        event("e4", 3, &["email:jane@shop.test1", "anonymous_id:a1"]),
    ]);
    let consent = json!(found.profiles()[0].consent);
    // Of a purpose that only the sender knows what counts is the later of it and of everything, too.
    assert_eq!(
        consent,
        json!({"ads": "denied", "analytics": "granted", "email": "granted", "sms": "granted", "newsletter": "granted"})
    );
}

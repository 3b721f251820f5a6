//! The resolver on a store gives what the resolver in memory gives, of events and of what operators do.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use proptest::prelude::*;
use serde_json::{Value, json};
use stratum_cdp::identifier::Identifier;
use stratum_cdp::identity::store::{
    ActError, IdentityResolver, IdentityStore, MemoryIdentityStore, MergeNumber, MergeQuery, Touched,
};
use stratum_cdp::identity::{
    Act, ConsentChoice, IdentifierKey, Identities, IdentityChange, IdentityEvent, IdentityEventKind,
    IdentityPolicy, LinkType, Observation, StormLimit, clean,
};
use stratum_core::id::{ProfileId, TenantId};

use super::history::event;
use super::properties::{NAMES, histories, policies};

/// A resolver on a store beside one in memory.
struct Both {
    stored: IdentityResolver<MemoryIdentityStore>,
    memory: Identities,
    tenant: TenantId,
    made: u8,
}

impl Both {
    fn new(policy: &IdentityPolicy) -> Self {
        let policy = Arc::new(policy.compile().unwrap());
        Self {
            stored: IdentityResolver::new(MemoryIdentityStore::new(), Arc::clone(&policy)),
            memory: Identities::new(policy),
            tenant: "0198c9a0-0000-7000-8000-000000000001".parse().unwrap(),
            made: 0,
        }
    }

    /// Takes an event or act into both; gives what the store made of it: merges made, and why something was refused.
    fn take(&mut self, value: &Value) -> Result<(), TestCaseError> {
        let event: IdentityEvent = serde_json::from_value(value.clone()).unwrap();
        event.check().unwrap();
        let before = self.memory.report();
        let outcome = self.memory.take(&event);
        let after = self.memory.report();
        let expected: Vec<&str> =
            after.refused[before.refused.len()..].iter().map(|refused| refused.reason.as_str()).collect();
        let dropped = after.dropped.len() > before.dropped.len();
        let cleaned: Vec<Identifier> =
            event.identifiers.iter().map(|sent| clean(sent, self.stored.policy()).unwrap()).collect();
        let keys: Vec<IdentifierKey> =
            cleaned.iter().map(|id| IdentifierKey::new(id.kind(), None, id.value())).collect();
        let act = Act {
            id: &event.event_id,
            at: event.event_time,
            actor: Some("olga"),
            note: event.note.as_deref(),
        };
        match event.kind {
            IdentityEventKind::Merge => {
                let merged = pollster::block_on(self.stored.merge_by_hand(self.tenant, &keys, &act));
                prop_assert_eq!(dropped, matches!(merged, Err(ActError::UnknownIdentifier { .. })));
                prop_assert_eq!(merged.map_or(0, |merged| merged.merges.len()), outcome.merged);
            }
            IdentityEventKind::Unmerge => {
                let number = event.merge.as_deref().unwrap().strip_prefix('m').unwrap().parse().unwrap();
                let undone = pollster::block_on(self.stored.undo(self.tenant, MergeNumber(number), &act));
                let refused = match undone {
                    Ok(_) => vec![],
                    Err(ActError::NoSuchMerge) => vec!["no_such_merge"],
                    Err(ActError::UndoTooLate) => vec!["undo_too_late"],
                    Err(other) => return Err(TestCaseError::fail(other.to_string())),
                };
                prop_assert_eq!(refused, expected);
            }
            _ => {
                let consent: Vec<(&str, ConsentChoice)> =
                    event.consent.iter().map(|(purpose, &choice)| (purpose.as_str(), choice)).collect();
                let observation = Observation {
                    evidence: LinkType::of_event(event.event_name.as_deref()),
                    session_id: event.session_id.as_deref(),
                    consent: &consent,
                    ..Observation::new(&event.event_id, event.event_time, &cleaned)
                };
                self.made += 1;
                let id = ProfileId::v7(event.event_time, [self.made; 10]);
                let seen =
                    pollster::block_on(self.stored.observe(self.tenant, &observation, id)).unwrap().unwrap();
                prop_assert_eq!(seen.changes.created, outcome.created);
                prop_assert_eq!(seen.merges.len(), outcome.merged);
                let refused: Vec<&str> =
                    seen.changes.refused.iter().map(|refused| refused.reason.as_str()).collect();
                prop_assert_eq!(refused, expected);
            }
        }
        self.agree()
    }

    /// The profiles, their consent and first times, and the history of merges are the same.
    fn agree(&self) -> Result<(), TestCaseError> {
        let mut expected = BTreeMap::new();
        for profile in self.memory.profiles() {
            let labels: BTreeSet<String> =
                profile.identifiers.iter().map(|label| label.as_str().to_owned()).collect();
            expected.insert(labels, (profile.first_seen, profile.consent));
        }
        let store = self.stored.store();
        let mut found = BTreeMap::new();
        for (id, keys) in store.profiles(self.tenant) {
            let touched = Touched { identifiers: &keys, visit: None };
            let around = pollster::block_on(store.load(self.tenant, touched)).unwrap();
            prop_assert_eq!(around.profiles.len(), 1);
            let profile = &around.profiles[0];
            prop_assert_eq!(profile.id, id);
            prop_assert_eq!(pollster::block_on(self.stored.canonical(self.tenant, id)).unwrap(), Some(id));
            let labels: BTreeSet<String> = keys.iter().map(|key| key.label().as_str().to_owned()).collect();
            let consent: BTreeMap<String, ConsentChoice> =
                profile.consent.iter().map(|decided| (decided.purpose.clone(), decided.choice)).collect();
            found.insert(labels, (profile.first_seen, consent));
        }
        prop_assert_eq!(found, expected);
        let query = MergeQuery { profile: None, before: None, limit: usize::MAX };
        let mut history: Vec<Value> = pollster::block_on(self.stored.history(self.tenant, query))
            .unwrap()
            .into_iter()
            .map(|merge| {
                json!({
                    "seq": format!("m{}", merge.number.0), "event": merge.made.id, "into": merge.into.label(),
                    "from": merge.from.label(), "via": merge.via.label(), "reason": merge.reason,
                    "evidence": merge.evidence, "at": merge.made.at, "identifiers_moved": merge.identifiers_moved,
                    "events_moved": merge.events_moved, "note": merge.made.note, "undone": merge.undone.is_some(),
                })
            })
            .collect();
        history.reverse();
        let merges = self.memory.changes().into_iter().filter_map(|change| match change {
            IdentityChange::Merge {
                seq,
                event,
                into,
                from,
                via,
                reason,
                evidence,
                at,
                identifiers_moved,
                events_moved,
                note,
                undone,
                ..
            } => Some(json!({
                "seq": seq, "event": event, "into": into, "from": from, "via": via, "reason": reason,
                "evidence": evidence, "at": at, "identifiers_moved": identifiers_moved,
                "events_moved": events_moved, "note": note, "undone": undone,
            })),
            IdentityChange::Unmerge { .. } => None,
        });
        prop_assert_eq!(history, merges.collect::<Vec<_>>());
        Ok(())
    }
}

/// What else an event says, or the act that stands in its place.
fn acts() -> impl Strategy<Value = Vec<Value>> {
    let further = prop_oneof![
        4 => Just(json!({})),
        2 => prop::sample::select(vec!["s1", "s2"]).prop_map(|visit| json!({"session_id": visit})),
        2 => (prop::sample::select(vec!["ads", "all", "newsletter"]), prop::bool::ANY).prop_map(
            |(purpose, granted)| json!({"consent": {purpose: if granted { "granted" } else { "denied" }}}),
        ),
        2 => prop::sample::subsequence(NAMES.as_slice(), 2..4).prop_map(|names| {
            let named = event("", 0, &names);
            json!({"kind": "merge", "identifiers": named["identifiers"], "note": "one family"})
        }),
        3 => (1..8).prop_map(|merge| json!({"kind": "unmerge", "identifiers": [], "merge": format!("m{merge}")})),
    ];
    (histories(), prop::collection::vec(further, 16)).prop_map(|(mut events, further)| {
        for (event, further) in events.iter_mut().zip(further) {
            let fields = event.as_object_mut().unwrap();
            if further["kind"].is_string() {
                fields.retain(|field, _| field == "event_id" || field == "event_time");
            }
            fields.extend(further.as_object().unwrap().clone());
        }
        events
    })
}

fn policies_of_acts() -> impl Strategy<Value = IdentityPolicy> {
    let by_visit = IdentityPolicy { evidence_threshold: 0.7, ..IdentityPolicy::default() };
    let calm =
        IdentityPolicy { storm: Some(StormLimit { max_merges: 2, window_hours: 24 }), ..by_visit.clone() };
    prop_oneof![policies(), Just(by_visit), Just(calm)]
}

proptest! {
    #[test]
    fn a_store_and_the_memory_agree_on_every_event_and_every_act(events in acts(), policy in policies_of_acts()) {
        let mut both = Both::new(&policy);
        for event in events {
            both.take(&event)?;
        }
    }
}

#[test]
fn an_undone_merge_can_be_made_again_by_hand_and_undone_again_and_its_profile_answers_for_whom_it_did() {
    let mut both = Both::new(&IdentityPolicy::default());
    let act = |id: &str, fields: Value| {
        let mut act = json!({"event_id": id, "event_time": "2026-03-02T00:00:00Z"});
        act.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
        act
    };
    let named = |names: &[&str]| event("", 0, names)["identifiers"].clone();
    let story = [
        event("e1", 0, &["external_id:U1"]),
        event("e2", 1, &["external_id:U2"]),
        event("e3", 2, &["external_id:U3"]),
        act("a1", json!({"kind": "merge", "identifiers": named(&["external_id:U2", "external_id:U3"])})),
        act("a2", json!({"kind": "merge", "identifiers": named(&["external_id:U1", "external_id:U2"])})),
    ];
    for event in &story {
        both.take(event).unwrap();
    }
    let answering = |both: &Both, number: u8, minute: i64| {
        let at = "2026-03-01T00:00:00Z".parse::<stratum_core::Timestamp>().unwrap().plus_minutes(minute);
        let id = ProfileId::v7(at, [number; 10]);
        pollster::block_on(both.stored.canonical(both.tenant, id)).unwrap().unwrap()
    };
    let (first, second) =
        (answering(&both, 1, 0), ProfileId::v7("2026-03-01T00:01:00Z".parse().unwrap(), [2; 10]));
    assert_eq!([answering(&both, 2, 1), answering(&both, 3, 2)], [first; 2]);
    // The second profile had absorbed the third, and answers for it again.
    both.take(&act("a3", json!({"kind": "unmerge", "merge": "m2"}))).unwrap();
    assert_eq!([answering(&both, 2, 1), answering(&both, 3, 2)], [second; 2]);
    both.take(&act(
        "a4",
        json!({"kind": "merge", "identifiers": named(&["external_id:U1", "external_id:U3"])}),
    ))
    .unwrap();
    assert_eq!([answering(&both, 2, 1), answering(&both, 3, 2)], [first; 2]);
    both.take(&act("a5", json!({"kind": "unmerge", "merge": "m1"}))).unwrap();
    assert_eq!(answering(&both, 2, 1), first);
    assert_ne!(answering(&both, 3, 2), first);
    both.take(&act("a6", json!({"kind": "unmerge", "merge": "m3"}))).unwrap();
    assert_eq!(answering(&both, 2, 1), second);
}

/// A fuzzer found that the profile that answers could become an alias of the one that it gave back, and hide with all it held.
#[test]
fn a_profile_that_was_an_alias_once_and_answers_by_now_does_not_follow_the_one_that_it_gives_back() {
    let mut both = Both::new(&IdentityPolicy::default());
    let act = |id: &str, fields: Value| {
        let mut act = json!({"event_id": id, "event_time": "2026-03-02T00:00:00Z"});
        act.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
        act
    };
    let named = |names: &[&str]| event("", 0, names)["identifiers"].clone();
    let join = |id: &str, names: &[&str]| act(id, json!({"kind": "merge", "identifiers": named(names)}));
    let part = |id: &str, merge: &str| act(id, json!({"kind": "unmerge", "merge": merge}));
    for event in [
        event("e1", 0, &["anonymous_id:a1"]),
        event("e2", 1, &["external_id:U3"]),
        event("e3", 2, &["external_id:U5"]),
        join("a1", &["external_id:U5", "anonymous_id:a1"]),
        join("a2", &["external_id:U3", "external_id:U5"]),
        part("a3", "m1"),
        event("e4", 3, &["external_id:U9", "anonymous_id:a1"]),
        join("a4", &["external_id:U9", "external_id:U3"]),
        part("a5", "m2"),
    ] {
        both.take(&event).unwrap();
    }
    let profiles = both.memory.profiles();
    let shown = profiles.iter().map(|profile| (profile.identifiers.len(), profile.events.len()));
    assert_eq!(shown.collect::<Vec<_>>(), [(1, 1), (3, 3)]);
}

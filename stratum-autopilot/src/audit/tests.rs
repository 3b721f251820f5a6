use proptest::prelude::*;
use serde::Deserialize;
use serde_json::{Value, json};
use stratum_core::id::{ActionId, TenantId, UserId};
use stratum_core::vocabulary::{ActionType, EntityType, GateDecision, Platform};
use stratum_core::{Score, Timestamp};

use super::*;
use crate::enforcement::EnforcementMode;

fn tenant() -> TenantId {
    "0198c9a0-0000-7000-8000-000000000001".parse().unwrap()
}

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

/// The entries of `tests/oracle/audit_chain.py`, made by the means of this library.
fn entries_of_the_oracle() -> Vec<NewAuditEntry> {
    let user: UserId = "0198c9a0-0000-7000-8000-0000000000aa".parse().unwrap();
    let action: ActionId = "0198c9a0-0000-7000-8000-00000000000a".parse().unwrap();
    let budget = Intervention {
        action_id: Some(action),
        action_type: Some(ActionType::BudgetIncrease),
        platform: Some(Platform::Meta),
        entity_type: Some(EntityType::Campaign),
        entity_id: Some("238512".to_owned()),
        ..Intervention::default()
    };
    vec![
        NewAuditEntry::new(
            at("2026-03-01T11:59:58Z"),
            Actor::user(user),
            AuditAction::Login,
            "session",
        )
        .request_id("req-1")
        .address_hash("9f86d081884c7d65"),
        NewAuditEntry::new(
            at("2026-03-01T12:00:00.0079Z"),
            Actor::user(user),
            InterventionAction::Queued,
            "action",
        )
        .resource_id(action)
        .changes(Changes {
            before: Value::Null,
            after: json!({"status": "QUEUED", "after_cents": 12_000.0}),
        })
        .reason("Überfällig: \"Frühjahr\" 😀\tגבולות")
        .request_id("req-2")
        .intervention(Intervention {
            gate_decision: Some(GateDecision::Hold),
            health_score: Some(Score::new(69.9999).unwrap()),
            ..budget.clone()
        }),
        NewAuditEntry::new(
            at("2026-03-01T14:00:01.25+02:00"),
            Actor::system(),
            InterventionAction::Blocked,
            "action",
        )
        .resource_id(action)
        .intervention(Intervention {
            enforcement_mode: Some(EnforcementMode::HardBlock),
            violations: vec![
                json!({"type": "BUDGET_EXCEEDED", "kind": "DAILY_INCREASE", "limit": 20.0, "actual": 20.000_000_01}),
                json!({"type": "ROAS_BELOW_THRESHOLD", "kind": null, "limit": 2.0, "actual": 1.97}),
            ],
            gate_decision: Some(GateDecision::Pass),
            health_score: Some(Score::new(88.5).unwrap()),
            details: json!({"attempt": 1, "budget_total": 9_007_199_254_740_993_i64, "😀": 1, "\u{fb33}": 1e-7}),
            ..budget
        }),
        NewAuditEntry::new(
            at("2026-03-01T12:00:02Z"),
            Actor::operator(None),
            InterventionAction::SettingsChanged,
            "enforcement_settings",
        )
        .changes(Changes::between(
            &json!({"roas_threshold": 2.0, "max_changes_per_day": 10}),
            &json!({"roas_threshold": 2.5, "max_changes_per_day": 10}),
            &[],
        ))
        .reason("asked for by the tenant"),
    ]
}

fn chain(entries: Vec<NewAuditEntry>) -> (Vec<StoredRecord>, ChainHead) {
    let mut head = ChainHead::genesis(tenant());
    let mut records = Vec::new();
    for entry in entries {
        let (record, next) = head.append(entry).unwrap();
        records.push(record.to_stored().unwrap());
        head = next;
    }
    (records, head)
}

fn good() -> (Vec<StoredRecord>, ChainHead) {
    chain(entries_of_the_oracle())
}

fn vectors<T: for<'de> Deserialize<'de>>(text: &str) -> T {
    serde_json::from_str(text).unwrap()
}

#[test]
fn the_hashes_are_those_that_hashlib_gives() {
    #[derive(Deserialize)]
    struct File {
        records: Vec<StoredRecord>,
    }
    let expected: File = vectors(include_str!("../../../tests/vectors/audit/chain.json"));
    let (records, _) = good();
    assert_eq!(records, expected.records);
}

#[test]
fn every_way_to_tamper_that_the_oracle_tries_is_found_where_it_says() {
    #[derive(Deserialize)]
    struct File {
        cases: Vec<Case>,
    }
    #[derive(Deserialize)]
    struct Case {
        name: String,
        request: Request,
        response: Verification,
    }
    #[derive(Deserialize)]
    struct Request {
        from: ChainHead,
        known_head: Option<ChainHead>,
        records: Vec<StoredRecord>,
    }
    let file: File = vectors(include_str!("../../../tests/vectors/audit/verify.json"));
    assert_eq!(file.cases.len(), 25);
    for Case { name, request, response } in file.cases {
        assert_eq!(Verification::of(request.from, request.known_head, &request.records), response, "{name}");
    }
}

#[test]
fn every_single_byte_of_a_chain_counts() {
    let (records, _) = good();
    let text = serde_json::to_string(&records).unwrap();
    for place in 0..text.len() {
        let mut bytes = text.clone().into_bytes();
        bytes[place] ^= 1;
        // Bytes that are no chain any more are found by whoever reads them.
        if let Ok(changed) = serde_json::from_slice::<Vec<StoredRecord>>(&bytes) {
            let found = verify(ChainHead::genesis(tenant()), &changed);
            assert!(found.is_err(), "byte {place} of {}", String::from_utf8_lossy(&bytes));
        }
    }
}

#[test]
fn a_record_reads_back_as_the_entry_that_was_written() {
    let (record, _) = ChainHead::genesis(tenant()).append(entries_of_the_oracle().remove(2)).unwrap();
    let stored = record.to_stored().unwrap();
    assert_eq!(stored.read().unwrap(), record.entry);
    let text = serde_json::to_string(&record).unwrap();
    assert_eq!(serde_json::from_str::<StoredRecord>(&text).unwrap(), stored);
    assert_eq!(serde_json::from_str::<AuditRecord>(&text).unwrap(), record);
}

#[test]
fn an_old_entry_without_an_intervention_still_reads() {
    let (records, _) = good();
    let mut stored = records[0].clone();
    stored.entry.as_object_mut().unwrap().remove("intervention");
    assert_eq!(stored.read().unwrap().intervention, None);
}

#[test]
fn an_entry_is_about_something() {
    let entry = NewAuditEntry::new(at("2026-03-01T12:00:00Z"), Actor::system(), AuditAction::Create, "");
    let problem = ChainHead::genesis(tenant()).append(entry).unwrap_err();
    assert_eq!((problem.path.as_str(), problem.code.as_ref()), ("/resource_type", "missing_field"));
}

#[test]
fn a_chain_that_cannot_be_numbered_further_refuses() {
    let full = ChainHead { seq: stratum_core::canonical::MAX_SAFE_INTEGER, ..ChainHead::genesis(tenant()) };
    let entry = NewAuditEntry::new(at("2026-03-01T12:00:00Z"), Actor::system(), AuditAction::Create, "x");
    assert_eq!(full.append(entry).unwrap_err().code, "chain_full");
}

#[test]
fn a_failed_verification_stays_at_the_last_good_record() {
    let (mut records, _) = good();
    records[2].entry["reason"] = "x".into();
    let mut verifier = Verifier::new(ChainHead::genesis(tenant()));
    verifier.check(&records[0]).unwrap();
    verifier.check(&records[1]).unwrap();
    let broken = verifier.check(&records[2]).unwrap_err();
    assert_eq!(broken.to_string(), "the audit chain is broken at 3 (HASH)");
    assert_eq!((verifier.head().seq, verifier.checked()), (2, 2));
    assert_eq!(verifier.head().hash, records[1].hash);
}

#[test]
fn a_kept_head_of_another_tenant_is_not_this_chain() {
    let (records, head) = good();
    let other = "0198c9a0-0000-7000-8000-000000000002".parse().unwrap();
    let known = ChainHead { tenant_id: other, ..head };
    let found = Verification::of(ChainHead::genesis(tenant()), Some(known), &records);
    assert_eq!(found.cause, Some(BrokenLinkCause::Link));
}

#[test]
fn an_upper_case_digit_of_a_stored_hash_is_a_changed_byte() {
    let (records, _) = good();
    let text = serde_json::to_string(&records[0]).unwrap();
    let hash = records[0].hash.to_string();
    let changed = text.replace(&hash, &hash.to_uppercase());
    assert_ne!(text, changed);
    assert!(serde_json::from_str::<StoredRecord>(&changed).is_err());
}

#[test]
fn every_intervention_is_an_audit_action_of_the_same_name() {
    for &intervention in InterventionAction::ALL {
        let action = AuditAction::from(intervention);
        assert_eq!(action.as_str(), intervention.as_str());
        assert_eq!(action.intervention(), Some(intervention));
    }
    assert_eq!(AuditAction::ALL.len(), 37);
    assert_eq!(AuditAction::BreakGlass.intervention(), None);
}

#[test]
fn changes_name_only_the_fields_that_differ() {
    let before = json!({"a": 1, "b": 2, "gone": true});
    let after = json!({"a": 1, "b": 3, "new": null});
    let changes = Changes::between(&before, &after, &[]).unwrap();
    assert_eq!(changes.before, json!({"b": 2, "gone": true}));
    assert_eq!(changes.after, json!({"b": 3, "new": null}));
    assert_eq!(Changes::between(&before, &before, &[]), None);
}

#[test]
fn of_personal_data_only_the_name_of_the_field_is_kept() {
    let person = json!({"email": "a@example.com", "stage": "lead"});
    let made = Changes::between(&Value::Null, &person, &["email"]).unwrap();
    assert_eq!((made.before, made.after), (Value::Null, json!({"email": null, "stage": "lead"})));
    let cleared = Changes::between(&person, &json!({"stage": "lead"}), &["email"]).unwrap();
    assert_eq!((cleared.before, cleared.after), (json!({"email": null}), json!({"email": null})));
}

/// Any JSON as a caller may put it into an entry, with floats and integers of every size.
fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        (-1_000_i32..1_000).prop_map(|n| Value::from(f64::from(n) / 8.0)),
        any::<String>().prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 24, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::btree_map(any::<String>(), inner, 0..4)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

fn any_entry() -> impl Strategy<Value = NewAuditEntry> {
    (any_json(), any_json(), any::<String>(), 0..AuditAction::ALL.len(), 0_i64..4_000_000_000_000).prop_map(
        |(after, details, reason, action, millis)| {
            NewAuditEntry::new(
                Timestamp::from_millis(millis).unwrap(),
                Actor::system(),
                AuditAction::ALL[action],
                "settings",
            )
            .changes(Changes { before: Value::Null, after })
            .reason(reason)
            .intervention(Intervention { details, ..Intervention::default() })
        },
    )
}

fn any_chain() -> impl Strategy<Value = (Vec<StoredRecord>, ChainHead)> {
    prop::collection::vec(any_entry(), 1..6).prop_map(chain)
}

proptest! {
    #[test]
    fn whatever_was_written_verifies_after_a_trip_through_json((records, head) in any_chain()) {
        let text = serde_json::to_string(&records).unwrap();
        let read: Vec<StoredRecord> = serde_json::from_str(&text).unwrap();
        prop_assert_eq!(verify(ChainHead::genesis(tenant()), &read), Ok(head));
    }

    #[test]
    fn changing_one_byte_is_found((records, head) in any_chain(), place in any::<prop::sample::Index>(), byte in any::<u8>()) {
        let text = serde_json::to_string(&records).unwrap();
        let mut bytes = text.clone().into_bytes();
        let place = place.index(bytes.len());
        prop_assume!(bytes[place] != byte);
        bytes[place] = byte;
        // Bytes that are no chain any more are found by whoever reads them.
        if let Ok(changed) = serde_json::from_slice::<Vec<StoredRecord>>(&bytes) {
            let same_value = changed == records;
            let found = Verification::of(ChainHead::genesis(tenant()), Some(head), &changed);
            prop_assert_eq!(found.ok, same_value, "{}", String::from_utf8_lossy(&bytes));
        }
    }

    #[test]
    fn swapping_dropping_doubling_and_truncating_are_found(
        (records, head) in any_chain(),
        a in any::<prop::sample::Index>(),
        b in any::<prop::sample::Index>(),
    ) {
        let genesis = ChainHead::genesis(tenant());
        let (a, b) = (a.index(records.len()), b.index(records.len()));
        let place = |index: usize| Some((index as u64).saturating_add(1));
        let mut swapped = records.clone();
        swapped.swap(a, b);
        let swap = Verification::of(genesis, Some(head), &swapped);
        prop_assert_eq!(swap.first_bad_seq, place(a.min(b)).filter(|_| a != b));

        let mut dropped = records.clone();
        dropped.remove(a);
        let drop = Verification::of(genesis, Some(head), &dropped);
        prop_assert_eq!((drop.first_bad_seq, drop.cause), (place(a), Some(BrokenLinkCause::Gap)));

        let mut doubled = records.clone();
        doubled.insert(a, records[a].clone());
        let double = Verification::of(genesis, Some(head), &doubled);
        prop_assert_eq!((double.first_bad_seq, double.cause), (place(a).map(|next| next.saturating_add(1)), Some(BrokenLinkCause::Gap)));

        let truncated = Verification::of(genesis, Some(head), &records[..a]);
        prop_assert_eq!((truncated.first_bad_seq, truncated.cause), (place(a), Some(BrokenLinkCause::Gap)));
    }

    #[test]
    fn a_record_from_another_chain_is_found((records, head) in any_chain(), entry in any_entry(), place in any::<prop::sample::Index>()) {
        let place = place.index(records.len());
        let before = ChainHead { seq: place as u64, ..ChainHead::genesis(tenant()) };
        let (forged, _) = before.append(entry).unwrap();
        let mut inserted = records.clone();
        inserted.insert(place, forged.to_stored().unwrap());
        prop_assert!(!Verification::of(ChainHead::genesis(tenant()), Some(head), &inserted).ok);
    }

    #[test]
    fn numbers_of_an_entry_are_integers_or_decimal_text(value in any_json()) {
        fn exact(value: &Value) -> bool {
            match value {
                Value::Number(number) => number.as_i64().is_some_and(|n| n.unsigned_abs() < 1 << 53),
                Value::Array(items) => items.iter().all(exact),
                Value::Object(members) => members.values().all(exact),
                _ => true,
            }
        }
        prop_assert!(exact(&exact_numbers(value)));
    }
}

//! What holds of every difference, and of the permit.
#![allow(clippy::arithmetic_side_effects, reason = "a test fails by panicking")]

use std::collections::BTreeSet;

use proptest::collection::vec;
use proptest::prelude::*;
use stratum_core::Timestamp;
use stratum_core::gate::GateFacts;
use stratum_core::id::TenantId;
use stratum_core::policy::TrustPolicy;
use stratum_core::vocabulary::{GateSubject, Platform};

use super::*;

fn now() -> Timestamp {
    "2026-03-01T12:00:00Z".parse().unwrap()
}

fn tenant(number: u8) -> TenantId {
    format!("0198c9a0-0000-7000-8000-0000000000{number:02}").parse().unwrap()
}

fn audience(number: u8, platform: Platform) -> AudienceRef {
    AudienceRef { tenant_id: tenant(number), platform, audience_id: "a".to_owned() }
}

#[test]
fn the_contract_of_the_port_holds_in_memory() {
    let audiences = MemoryAudiences::default();
    let members = |audience: &AudienceRef| audiences.members(audience);
    let tenants = [tenant(1), tenant(2)];
    pollster::block_on(contract::audience_destination(&audiences, members, [1, 2, 3], tenants, now()))
        .unwrap();
}

#[test]
fn a_permit_is_for_the_tenant_and_platform_of_the_pass_and_while_it_holds() {
    let pass = contract::gate_pass(tenant(1), Platform::Meta, now()).unwrap();
    let issue = |audience, at| SyncPermit::issue(audience, SyncBasis::Gate(&pass), at);
    let permit = issue(audience(1, Platform::Meta), now()).unwrap();
    assert_eq!((permit.expires_at(), permit.is_manual()), (pass.valid_until(), false));
    for other in [audience(2, Platform::Meta), audience(1, Platform::Google)] {
        assert_eq!(issue(other, now()).unwrap_err(), SyncPermitRefusal::EvidenceMismatch);
    }
    let late = issue(audience(1, Platform::Meta), pass.valid_until());
    assert_eq!(late.unwrap_err(), SyncPermitRefusal::Expired);
    assert_eq!(permit.redeem(pass.valid_until()).unwrap_err(), SyncPermitRefusal::Expired);
}

#[test]
fn a_person_decides_under_a_hold_and_under_nothing_else() {
    let policy = TrustPolicy::default().compile().unwrap();
    let user = "0198c9a0-0000-7000-8000-0000000000a1".parse().unwrap();
    let mut facts = contract::healthy_facts(tenant(1), Platform::Meta, now()).unwrap();
    facts.frozen = true;
    let decide =
        |facts: &GateFacts| ManualSync::decide(&policy, facts.clone(), audience(1, Platform::Meta), user);
    assert_eq!(decide(&facts).unwrap_err(), SyncPermitRefusal::NotNeeded, "a kill switch stops no sync");

    facts.now = now().plus_minutes(120);
    let given = decide(&facts).unwrap();
    assert_eq!(given.user_id(), user);
    let permit = SyncPermit::issue(audience(1, Platform::Meta), SyncBasis::Manual(given), facts.now).unwrap();
    assert!(permit.is_manual());
    let another = AudienceRef { audience_id: "b".to_owned(), ..audience(1, Platform::Meta) };
    for other in [audience(2, Platform::Meta), audience(1, Platform::Google), another] {
        let given = SyncBasis::Manual(decide(&facts).unwrap());
        let issued = SyncPermit::issue(other, given, facts.now);
        assert_eq!(issued.unwrap_err(), SyncPermitRefusal::EvidenceMismatch);
    }
    for other in [audience(2, Platform::Meta), audience(1, Platform::Google)] {
        let decided = ManualSync::decide(&policy, facts.clone(), other, user);
        assert_eq!(decided.unwrap_err(), SyncPermitRefusal::EvidenceMismatch);
    }

    facts.now = now().plus_hours(30);
    assert_eq!(decide(&facts).unwrap_err(), SyncPermitRefusal::Blocked);
}

#[test]
fn evidence_for_a_change_of_budget_adds_nobody() {
    let policy = TrustPolicy::default().compile().unwrap();
    let mut facts = contract::healthy_facts(tenant(1), Platform::Meta, now()).unwrap();
    facts.action_type = GateSubject::BudgetIncrease;
    let evaluation = stratum_core::gate::evaluate(&policy, &facts);
    let issued =
        SyncPermit::issue(audience(1, Platform::Meta), SyncBasis::Gate(evaluation.pass().unwrap()), now());
    assert_eq!(issued.unwrap_err(), SyncPermitRefusal::EvidenceMismatch);
}

#[test]
fn who_must_leave_leaves_while_the_rest_is_held() {
    let had: Vec<u32> = (0..100).collect();
    let facts = AudienceFacts { must_leave: &[7, 200, 3], ..AudienceFacts::new(&[], Some(&had)) };
    let found = difference(&facts);
    assert_eq!((found.held, found.removes), (Some(SyncHold::SuspiciousEmpty), vec![3, 7]));
    let confirmed = difference(&AudienceFacts { empty_confirmed: true, ..facts });
    assert_eq!((confirmed.held, confirmed.removes), (None, had.clone()));
    let few = difference(&AudienceFacts::new(&[], Some(&had[1..])));
    assert_eq!((few.held, few.removes.len()), (None, 99), "below a hundred it is believed");
    // Members are there, but none may be sent: that is consent, not a broken segment.
    let silent = difference(&AudienceFacts { members: 100, ..AudienceFacts::new(&[], Some(&had)) });
    assert_eq!((silent.held, silent.removes.len()), (None, 100));
}

#[test]
fn what_was_acknowledged_is_not_sent_again() {
    let all = batches(25, 3, 10);
    let shape: Vec<_> = all.iter().map(|batch| (batch.operation, batch.from, batch.to)).collect();
    use SyncOperation::{Add, Remove};
    assert_eq!(shape, [(Remove, 0, 3), (Add, 0, 10), (Add, 10, 20), (Add, 20, 25)]);
    let mut progress = SyncProgress::default();
    assert_eq!(progress.status(&all), SyncStatus::Pending);
    progress.acknowledge(0);
    progress.acknowledge(2);
    assert_eq!(progress.status(&all), SyncStatus::Processing);
    let stored = serde_json::to_string(&progress).unwrap();
    let mut after_a_crash: SyncProgress = serde_json::from_str(&stored).unwrap();
    assert!(after_a_crash.open(&all).map(|batch| batch.number).eq([1, 3]));
    after_a_crash.refuse(1);
    after_a_crash.refuse(2);
    after_a_crash.acknowledge(3);
    assert_eq!(after_a_crash.status(&all), SyncStatus::Partial);
    assert_eq!(SyncProgress::default().status(&[]), SyncStatus::Completed);
}

#[test]
fn runs_that_fail_come_closer_and_never_further_than_the_interval() {
    let daily = SyncInterval::default();
    let hours: Vec<f64> = [0, 1, 2, 3, 5, 6, 40, 64, 1000]
        .iter()
        .map(|&k| daily.next_run(now(), k).hours_since(now()))
        .collect();
    assert_eq!(hours, [24.0, 1.0, 2.0, 4.0, 16.0, 24.0, 24.0, 24.0, 24.0]);
    assert!(SyncInterval::hours(0).is_err() && SyncInterval::hours(169).is_err());
    let hourly = SyncInterval::hours(1).unwrap();
    let late = now().plus_minutes(50);
    assert_eq!(hourly.hold_retry(now(), late), now().plus_hours(1), "the next slot comes first");
    assert_eq!(hourly.hold_retry(now(), now()), now().plus_minutes(15));
}

proptest! {
    #[test]
    fn a_difference_leads_from_what_the_platform_has_to_who_is_eligible(
        eligible in vec(0..60_u32, 0..80), known in vec(0..60_u32, 0..80), leave in vec(0..60_u32, 0..10), sorted in any::<bool>(),
    ) {
        let ready = |list: Vec<u32>| if sorted { BTreeSet::from_iter(list).into_iter().collect() } else { list };
        let (eligible, known, leave) = (ready(eligible), ready(known), ready(leave));
        let facts = AudienceFacts {
            must_leave: &leave, empty_confirmed: true, ..AudienceFacts::new(&eligible, Some(&known))
        };
        let found = difference(&facts);
        let set = |list: &[u32]| list.iter().copied().collect::<BTreeSet<_>>();
        let (wanted, had) = (&set(&eligible) - &set(&leave), set(&known));
        prop_assert!(found.adds.iter().eq((&wanted - &had).iter()));
        prop_assert!(found.removes.iter().eq((&had - &wanted).iter()));
        prop_assert_eq!(found.eligible, u64::try_from(wanted.len()).unwrap());
        prop_assert_eq!(found.unchanged, u64::try_from(wanted.intersection(&had).count()).unwrap());
        prop_assert_eq!(set(&acknowledge(&known, &found.adds, &found.removes)), wanted.clone());

        let replaced = difference(&AudienceFacts { replace: true, ..facts });
        if wanted.is_empty() {
            prop_assert_eq!(replaced, difference(&facts), "nobody replaces nobody: who is there is removed");
        } else {
            prop_assert_eq!(replaced.mode, SyncMode::Replace);
            prop_assert!(replaced.adds.iter().eq(wanted.iter()));
            prop_assert!(replaced.removes.iter().eq((&had & &set(&leave)).iter()));
        }
        let elsewhere = difference(&AudienceFacts { replace: true, can_replace: false, ..facts });
        prop_assert_eq!(elsewhere, difference(&facts), "what cannot be replaced is added to and removed from");

        for can_replace in [true, false] {
            let unknown = difference(&AudienceFacts { acknowledged: None, can_replace, ..facts });
            let whole = can_replace && !wanted.is_empty();
            prop_assert_eq!(unknown.mode, if whole { SyncMode::Replace } else { SyncMode::Update });
            prop_assert!(unknown.adds.iter().eq(wanted.iter()));
            prop_assert!(unknown.removes.iter().eq(set(&leave).iter()), "who withdrew leaves, known or not");
        }
    }
}

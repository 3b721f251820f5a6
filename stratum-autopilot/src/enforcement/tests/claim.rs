use stratum_core::time::HOUR_MS;

use super::*;
use crate::action::{Action, LEASE_MS, StatusReason};
use crate::approval::WaitingFor;

fn ruling(
    settings: &EnforcementSettings,
    action: &Action,
    facts: &EnforcementFacts,
    confirmation: Option<&Confirmation>,
) -> ClaimVerdict {
    at_claim(&settings.compile().unwrap(), action, facts, confirmation).verdict
}

fn waits(verdict: &ClaimVerdict) -> Option<(WaitingFor, Option<stratum_core::Timestamp>)> {
    match verdict {
        ClaimVerdict::Wait { waiting_for, until } => Some((*waiting_for, *until)),
        ClaimVerdict::Apply(_) | ClaimVerdict::Fail(_) => None,
    }
}

#[test]
fn what_is_within_the_limits_is_cleared_for_that_action_and_as_long_as_a_claim() {
    let action = budget_action(10_000, 12_000);
    let ClaimVerdict::Apply(clearance) = ruling(&settings(), &action, &good_facts(), None) else {
        panic!("cleared")
    };
    assert!(clearance.covers(&action));
    assert!(!clearance.covers(&budget_action(10_000, 11_000)));
    assert_eq!(clearance.valid_until(), now().plus_millis(LEASE_MS));
    assert_eq!(clearance.settings_digest(), settings().compile().unwrap().digest());
}

#[test]
fn a_hard_block_fails_the_action_whatever_was_confirmed() {
    let action = budget_action(10_000, 12_001);
    let soft = check_of(&settings(), &action, &good_facts());
    let confirmation = confirmed_and_attached(&action, &soft);
    let hard = with_mode(EnforcementMode::HardBlock);
    for given in [None, Some(&confirmation)] {
        let verdict = ruling(&hard, &action, &good_facts(), given);
        assert!(matches!(verdict, ClaimVerdict::Fail(StatusReason::EnforcementBlocked)));
    }
}

#[test]
fn a_soft_block_waits_for_a_confirmation_and_runs_with_one() {
    let action = budget_action(10_000, 12_001);
    let verdict = ruling(&settings(), &action, &good_facts(), None);
    assert_eq!(waits(&verdict), Some((WaitingFor::Confirmation, None)));
    let confirmation = confirmed_and_attached(&action, &check_of(&settings(), &action, &good_facts()));
    let verdict = ruling(&settings(), &action, &good_facts(), Some(&confirmation));
    assert!(matches!(verdict, ClaimVerdict::Apply(_)));
    // Something else is violated since: it waits again.
    let worse = EnforcementFacts { exposure: Exposure::default(), ..good_facts() };
    let verdict = ruling(&settings(), &action, &worse, Some(&confirmation));
    assert_eq!(waits(&verdict), Some((WaitingFor::Confirmation, None)));
}

#[test]
fn an_advisory_violation_runs_and_is_reported() {
    let action = budget_action(10_000, 12_001);
    let compiled = with_mode(EnforcementMode::Advisory).compile().unwrap();
    let ruling = at_claim(&compiled, &action, &good_facts(), None);
    assert!(matches!(ruling.verdict, ClaimVerdict::Apply(_)));
    assert_eq!(names(&ruling.check), ["DAILY_INCREASE"]);
}

#[test]
fn the_change_limits_alone_are_waited_out() {
    let action = budget_action(10_000, 12_000);
    let midnight = good_facts().next_local_midnight;
    let today = EnforcementFacts { changes_today: 10, ..good_facts() };
    let verdict = ruling(&settings(), &action, &today, None);
    assert_eq!(waits(&verdict), Some((WaitingFor::ChangesPerDay, Some(midnight))));

    let recent = EnforcementFacts { last_change_at: Some(now().plus_hours(-1)), ..good_facts() };
    let verdict = ruling(&settings(), &action, &recent, None);
    assert_eq!(waits(&verdict), Some((WaitingFor::MinInterval, Some(now().plus_hours(3)))));

    // Both: the one that allows it last.
    let both = EnforcementFacts { changes_today: 10, ..recent };
    let verdict = ruling(&settings(), &action, &both, None);
    assert_eq!(waits(&verdict), Some((WaitingFor::ChangesPerDay, Some(midnight))));
    let night = midnight.plus_millis(-HOUR_MS);
    let late = EnforcementFacts { now: night, last_change_at: Some(night), ..both };
    let verdict = ruling(&settings(), &action, &late, None);
    assert_eq!(waits(&verdict), Some((WaitingFor::MinInterval, Some(night.plus_hours(4)))));
}

#[test]
fn a_confirmed_change_limit_is_not_waited_for() {
    let action = budget_action(10_000, 12_000);
    let busy = EnforcementFacts { changes_today: 10, ..good_facts() };
    let confirmation = confirmed_and_attached(&action, &check_of(&settings(), &action, &busy));
    assert!(matches!(ruling(&settings(), &action, &busy, Some(&confirmation)), ClaimVerdict::Apply(_)));
}

#[test]
fn where_a_person_is_needed_anyway_the_action_does_not_wait_for_the_clock() {
    let action = budget_action(10_000, 12_001);
    let busy = EnforcementFacts { changes_today: 10, ..good_facts() };
    assert_eq!(waits(&ruling(&settings(), &action, &busy, None)), Some((WaitingFor::Confirmation, None)));
}

#[test]
fn an_unused_confirmation_clears_nothing() {
    let action = budget_action(10_000, 12_001);
    let check = check_of(&settings(), &action, &good_facts());
    let token = ConfirmationToken::from_random([9; 32]);
    let mut confirmation = Confirmation::issue(&token, &action, &check, now()).unwrap();
    confirmation.confirm(&token, &action, &attempt(&check, now())).unwrap();
    let verdict = ruling(&settings(), &action, &good_facts(), Some(&confirmation));
    assert_eq!(waits(&verdict), Some((WaitingFor::Confirmation, None)));
}

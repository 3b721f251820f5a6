//! The conditions of approval, one by one and all together.

use proptest::prelude::*;
use stratum_core::emq::EmqBand;
use stratum_core::vocabulary::{ActionType, GateDecision};

use super::*;
use crate::enforcement::EnforcementCheck;
use crate::enforcement::testing::{self, confirmed_and_attached};

fn allowed() -> EnforcementCheck {
    testing::check_of(&testing::settings(), &testing::budget_action(10_000, 12_000), &testing::good_facts())
}

fn soft_blocked() -> EnforcementCheck {
    testing::check_of(&testing::settings(), &testing::budget_action(10_000, 12_001), &testing::good_facts())
}

fn guarded() -> ApprovalSettings {
    ApprovalSettings { mode: AutopilotMode::GuardedAuto, ..ApprovalSettings::default() }
}

fn facts(check: &EnforcementCheck) -> AutomaticFacts<'_> {
    AutomaticFacts {
        action_type: ActionType::BudgetDecrease,
        mode_ceiling: AutopilotMode::GuardedAuto,
        frozen: false,
        enforcement_enabled: true,
        check,
        gate: GateDecision::Pass,
        event_emq_band: EmqBand::Excellent,
    }
}

#[test]
fn the_system_approves_when_every_condition_holds() {
    let answer = automatic(&guarded(), &facts(&allowed()));
    assert!(answer.approved && answer.reasons.is_empty());
}

#[test]
fn each_condition_alone_leaves_the_action_to_people() {
    let (allowed, blocked) = (allowed(), soft_blocked());
    let good = facts(&allowed);
    for (changed, reason) in [
        (
            AutomaticFacts { mode_ceiling: AutopilotMode::ApprovalRequired, ..good },
            "MODE_LEAVES_IT_TO_PEOPLE",
        ),
        (AutomaticFacts { frozen: true, ..good }, "KILL_SWITCH_ACTIVE"),
        (AutomaticFacts { enforcement_enabled: false, ..good }, "ENFORCEMENT_DISABLED"),
        (AutomaticFacts { check: &blocked, ..good }, "LIMIT_VIOLATED"),
        (AutomaticFacts { gate: GateDecision::Hold, ..good }, "GATE_NOT_PASSED"),
        (AutomaticFacts { action_type: ActionType::PauseCampaign, ..good }, "TYPE_NOT_LISTED"),
        (AutomaticFacts { event_emq_band: EmqBand::Poor, ..good }, "EMQ_BAND_TOO_LOW"),
    ] {
        let answer = automatic(&guarded(), &changed);
        assert!(!answer.approved);
        assert_eq!(answer.reasons.iter().map(|reason| reason.as_str()).collect::<Vec<_>>(), [reason]);
    }
}

#[test]
fn all_reasons_are_given_at_once() {
    let blocked = soft_blocked();
    let answer = automatic(
        &ApprovalSettings::default(),
        &AutomaticFacts {
            action_type: ActionType::BudgetIncrease,
            mode_ceiling: AutopilotMode::SuggestOnly,
            frozen: true,
            enforcement_enabled: false,
            gate: GateDecision::Block,
            event_emq_band: EmqBand::Poor,
            ..facts(&blocked)
        },
    );
    assert_eq!(answer.reasons, AutomaticRefusal::ALL);
}

#[test]
fn an_advisory_violation_does_not_stop_the_system() {
    let settings = testing::with_mode(crate::enforcement::EnforcementMode::Advisory);
    let check = testing::check_of(&settings, &testing::budget_action(10_000, 12_001), &testing::good_facts());
    assert!(!check.violations.is_empty());
    assert!(automatic(&guarded(), &facts(&check)).approved);
}

#[test]
fn the_band_narrows_the_list_and_never_widens_it() {
    let check = allowed();
    let every_type =
        ApprovalSettings { auto_approve_types: ActionType::ALL.iter().copied().collect(), ..guarded() };
    let approved = |settings: &ApprovalSettings, band| -> Vec<ActionType> {
        ActionType::ALL
            .iter()
            .copied()
            .filter(|&action_type| {
                let facts = AutomaticFacts { action_type, event_emq_band: band, ..facts(&check) };
                automatic(settings, &facts).approved
            })
            .collect()
    };
    assert_eq!(approved(&every_type, EmqBand::Excellent), ActionType::ALL);
    assert_eq!(approved(&every_type, EmqBand::Good).len(), 5); // three pauses, two decreases
    assert_eq!(approved(&every_type, EmqBand::Fair), [ActionType::BudgetDecrease, ActionType::BidDecrease]);
    assert_eq!(approved(&every_type, EmqBand::Poor), []);
    assert_eq!(approved(&guarded(), EmqBand::Excellent).len(), 4);
}

#[test]
fn modes_compare_by_reach_and_are_numbered_as_documents_number_them() {
    assert!(AutopilotMode::SuggestOnly < AutopilotMode::ApprovalRequired);
    assert!(AutopilotMode::ApprovalRequired < AutopilotMode::GuardedAuto);
    assert_eq!(AutopilotMode::ALL.iter().map(|mode| mode.level()).collect::<Vec<_>>(), [0, 2, 1]);
}

#[test]
fn a_queued_action_waits_one_hour_to_three_days() {
    for (hours, valid) in [(0, false), (1, true), (72, true), (73, false)] {
        let settings = ApprovalSettings { action_ttl_hours: hours, ..ApprovalSettings::default() };
        assert_eq!(settings.validate().is_ok(), valid, "{hours}");
    }
}

#[test]
fn with_four_eyes_nobody_approves_what_they_queued_by_hand() {
    let (check, me) = (allowed(), testing::user(1));
    let mine = testing::action_queued_by(Some(me));
    let asked = |four_eyes, action: &_, user| {
        let settings = ApprovalSettings { four_eyes, ..ApprovalSettings::default() };
        by_person(&settings, action, user, false, &check, None)
    };
    assert_eq!(asked(true, &mine, me), Err(PersonRefusal::SelfApproval));
    assert_eq!(asked(true, &mine, testing::user(2)), Ok(()));
    assert_eq!(asked(false, &mine, me), Ok(()));
    assert_eq!(asked(true, &testing::action_queued_by(None), me), Ok(())); // a rule queued it
}

#[test]
fn a_person_cannot_approve_while_frozen_or_against_a_hard_limit() {
    let settings = ApprovalSettings::default();
    let action = testing::budget_action(10_000, 12_001);
    let user = testing::user(1);
    assert_eq!(
        by_person(&settings, &action, user, true, &allowed(), None),
        Err(PersonRefusal::KillSwitchActive)
    );
    let hard = testing::check_of(
        &testing::with_mode(crate::enforcement::EnforcementMode::HardBlock),
        &action,
        &testing::good_facts(),
    );
    assert_eq!(
        by_person(&settings, &action, user, false, &hard, None),
        Err(PersonRefusal::EnforcementBlocked)
    );
}

#[test]
fn a_soft_block_needs_an_attached_confirmation_of_that_very_action() {
    let settings = ApprovalSettings::default();
    let action = testing::budget_action(10_000, 12_001);
    let user = testing::user(1);
    let check = soft_blocked();
    assert_eq!(
        by_person(&settings, &action, user, false, &check, None),
        Err(PersonRefusal::ConfirmationRequired)
    );
    let confirmation = confirmed_and_attached(&action, &check);
    assert_eq!(by_person(&settings, &action, user, false, &check, Some(&confirmation)), Ok(()));
    let other = testing::budget_action(10_000, 12_002);
    assert_eq!(
        by_person(&settings, &other, user, false, &check, Some(&confirmation)),
        Err(PersonRefusal::ConfirmationRequired)
    );
}

proptest! {
    #[test]
    fn nothing_is_approved_automatically_without_a_pass_an_allowed_check_and_the_mode_for_it(
        mode in prop::sample::select(AutopilotMode::ALL),
        ceiling in prop::sample::select(AutopilotMode::ALL),
        (frozen, enabled, violated) in any::<(bool, bool, bool)>(),
        gate in prop::sample::select(GateDecision::ALL),
        band in prop::sample::select(EmqBand::ALL),
        action_type in prop::sample::select(ActionType::ALL),
        listed in prop::collection::btree_set(prop::sample::select(ActionType::ALL), 0..10),
    ) {
        let check = if violated { soft_blocked() } else { allowed() };
        let settings = ApprovalSettings { mode, auto_approve_types: listed.clone(), ..ApprovalSettings::default() };
        let facts = AutomaticFacts {
            action_type, mode_ceiling: ceiling, frozen, enforcement_enabled: enabled, check: &check, gate,
            event_emq_band: band,
        };
        let answer = automatic(&settings, &facts);
        prop_assert_eq!(answer.approved, answer.reasons.is_empty());
        if answer.approved {
            prop_assert!(mode == AutopilotMode::GuardedAuto && ceiling == AutopilotMode::GuardedAuto);
            prop_assert!(!frozen && enabled && !violated && gate == GateDecision::Pass);
            prop_assert!(listed.contains(&action_type) && band != EmqBand::Poor);
        }
    }
}

use stratum_core::Currency;
use stratum_core::vocabulary::ActionType;

use super::*;
use crate::action::{BudgetKind, Change};

#[test]
fn exactly_twenty_percent_is_allowed_and_one_cent_more_is_not() {
    assert_eq!(found(&settings(), &raise(10_000, 12_000), &good_facts()), Vec::<&str>::new());
    let refused = check(&settings().compile().unwrap(), &raise(10_000, 12_001), &good_facts());
    assert_eq!(names(&refused), ["DAILY_INCREASE"]);
    let violation = &refused.violations[0];
    assert_eq!((violation.limit, violation.actual), (Some(20.0), Some(20.01)));
    assert_eq!(violation.allowed_max_cents, Some(12_000));
    assert!(!refused.allowed && refused.requires_confirmation);
}

#[test]
fn steps_within_a_day_do_not_compound() {
    // The day opened at 100.00; 100 → 120 was applied, 120 → 130 is 30 % of the opening budget.
    let later = EnforcementFacts {
        first_budget_today_cents: Some(10_000),
        budget: Some(EntityBudget::daily(12_000)),
        ..good_facts()
    };
    let refused = check(&settings().compile().unwrap(), &raise(12_000, 13_000), &later);
    assert_eq!(names(&refused), ["DAILY_INCREASE"]);
    assert_eq!(refused.violations[0].actual, Some(30.0));
    assert_eq!(refused.violations[0].allowed_max_cents, Some(12_000));
    // Lowered first and raised again, the opening budget is still what counts.
    let lowered = EnforcementFacts {
        first_budget_today_cents: Some(10_000),
        budget: Some(EntityBudget::daily(5_000)),
        ..good_facts()
    };
    assert_eq!(found(&settings(), &raise(5_000, 12_000), &lowered), Vec::<&str>::new());
}

#[test]
fn an_opening_budget_that_is_unknown_or_zero_violates() {
    for (first, stored) in [(None, None), (None, Some(0)), (Some(0), Some(10_000)), (None, Some(-5))] {
        let facts = EnforcementFacts {
            first_budget_today_cents: first,
            budget: stored.map(EntityBudget::daily),
            ..good_facts()
        };
        assert_eq!(
            found(&settings(), &raise(10_000, 10_001), &facts),
            ["BUDGET_UNKNOWN"],
            "{first:?} {stored:?}"
        );
    }
}

#[test]
fn a_stored_budget_of_another_kind_says_nothing_about_this_one() {
    let lifetime = EntityBudget { kind: BudgetKind::Lifetime, ..EntityBudget::daily(10_000) };
    let facts = EnforcementFacts { budget: Some(lifetime), ..good_facts() };
    assert_eq!(found(&settings(), &raise(10_000, 11_000), &facts), ["BUDGET_UNKNOWN"]);
}

#[test]
fn the_cap_itself_is_allowed_for_any_budget_change() {
    let facts = EnforcementFacts { budget: Some(EntityBudget::daily(950_000)), ..good_facts() };
    assert_eq!(found(&settings(), &raise(950_000, 1_000_000), &facts), Vec::<&str>::new());
    let refused = check(&settings().compile().unwrap(), &raise(950_000, 1_000_001), &facts);
    assert_eq!(names(&refused), ["MAX_BUDGET"]);
    assert_eq!(refused.violations[0].limit, Some(1_000_000.0));
    assert_eq!(refused.violations[0].actual, Some(1_000_001.0));
    assert_eq!(refused.violations[0].allowed_max_cents, Some(1_000_000));
    // Cut a budget that is above the cap, and it is to come below it.
    let cut = subject(ActionType::BudgetDecrease, daily(2_000_000, 1_500_000));
    assert_eq!(found(&settings(), &cut, &facts), ["MAX_BUDGET"]);
    let enough = subject(ActionType::BudgetDecrease, daily(2_000_000, 1_000_000));
    assert_eq!(found(&settings(), &enough, &facts), Vec::<&str>::new());
}

#[test]
fn both_limits_of_a_budget_can_be_violated_at_once() {
    assert_eq!(
        found(&settings(), &raise(10_000, 1_000_001), &good_facts()),
        ["MAX_BUDGET", "DAILY_INCREASE"]
    );
}

#[test]
fn a_decrease_is_never_compared_with_the_daily_increase() {
    let unknown = EnforcementFacts { budget: None, ..good_facts() };
    let cut = subject(ActionType::BudgetDecrease, daily(10_000, 1));
    assert_eq!(found(&settings(), &cut, &unknown), Vec::<&str>::new());
}

#[test]
fn an_increase_under_the_name_of_a_decrease_is_checked_as_the_increase_that_it_is() {
    let disguised = subject(ActionType::BudgetDecrease, daily(10_000, 20_000));
    assert_eq!(found(&settings(), &disguised, &good_facts()), ["DAILY_INCREASE"]);
}

#[test]
fn amounts_of_different_currencies_are_not_compared() {
    let euros = Change::Budget {
        kind: BudgetKind::Daily,
        before_cents: 10_000,
        after_cents: 10_001,
        currency: "EUR".parse().unwrap(),
    };
    let refused = check(
        &EnforcementSettings { daily_spend_limit_cents: Some(9_000_000), ..settings() }.compile().unwrap(),
        &subject(ActionType::BudgetIncrease, euros),
        &good_facts(),
    );
    assert_eq!(names(&refused), ["BUDGET_UNKNOWN", "SPEND_UNKNOWN"]);
}

#[test]
fn a_budget_action_that_names_no_budget_is_refused() {
    let bid = Change::Bid { before_cents: 100, after_cents: 110, currency: Currency::USD };
    assert_eq!(
        found(&settings(), &subject(ActionType::BudgetIncrease, bid), &good_facts()),
        ["BUDGET_UNKNOWN"]
    );
}

#[test]
fn an_own_rule_adds_to_the_cap_with_its_own_mode_and_platform() {
    let mut settings = settings();
    settings.rules = vec![
        EnforcementRule {
            enforcement_mode: Some(EnforcementMode::HardBlock),
            ..EnforcementRule::new("house-cap", ViolationType::BudgetExceeded, 11_500.0)
        },
        EnforcementRule {
            platform: Some(stratum_core::vocabulary::Platform::Tiktok),
            ..EnforcementRule::new("tiktok-cap", ViolationType::BudgetExceeded, 1.0)
        },
        EnforcementRule {
            enabled: false,
            ..EnforcementRule::new("switched-off", ViolationType::BudgetExceeded, 1.0)
        },
    ];
    assert_eq!(found(&settings, &raise(10_000, 11_500), &good_facts()), Vec::<&str>::new());
    let refused = check(&settings.compile().unwrap(), &raise(10_000, 11_501), &good_facts());
    assert_eq!(names(&refused), ["MAX_BUDGET"]);
    assert_eq!(refused.violations[0].rule_id.as_deref(), Some("house-cap"));
    assert_eq!(refused.violations[0].allowed_max_cents, Some(11_500));
    assert_eq!(refused.mode, EnforcementMode::HardBlock);
    assert!(!refused.allowed && !refused.requires_confirmation);
    // Where the platform is unknown, the rules of every platform apply.
    let somewhere = CheckSubject { platform: None, ..raise(10_000, 10_001) };
    assert_eq!(found(&settings, &somewhere, &good_facts()), ["MAX_BUDGET"]);
}

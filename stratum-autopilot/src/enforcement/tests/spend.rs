use stratum_core::Currency;
use stratum_core::vocabulary::ActionType;

use super::*;
use crate::action::{BudgetKind, Change};

fn limited(daily_spend_limit_cents: i64) -> EnforcementSettings {
    EnforcementSettings { daily_spend_limit_cents: Some(daily_spend_limit_cents), ..settings() }
}

#[test]
fn without_a_limit_nothing_has_to_be_known() {
    let unknown =
        EnforcementFacts { spend_today_cents: None, other_daily_budgets_cents: None, ..good_facts() };
    assert_eq!(found(&settings(), &raise(10_000, 12_000), &unknown), Vec::<&str>::new());
}

#[test]
fn the_active_budgets_after_the_change_may_reach_the_limit_and_not_pass_it() {
    // 500.00 elsewhere and 120.00 here.
    assert_eq!(found(&limited(62_000), &raise(10_000, 12_000), &good_facts()), Vec::<&str>::new());
    let refused = check(&limited(61_999).compile().unwrap(), &raise(10_000, 12_000), &good_facts());
    assert_eq!(names(&refused), ["DAILY_SPEND_LIMIT"]);
    let violation = &refused.violations[0];
    assert_eq!((violation.limit, violation.actual), (Some(61_999.0), Some(62_000.0)));
    assert_eq!(violation.allowed_max_cents, Some(11_999));
    assert_eq!(violation.message, "620.00 USD would be spent in the day, 619.99 USD is the limit");
}

#[test]
fn what_was_spent_today_and_the_increase_may_reach_the_limit_and_not_pass_it() {
    let facts = EnforcementFacts {
        spend_today_cents: Some(80_000),
        other_daily_budgets_cents: Some(0),
        ..good_facts()
    };
    assert_eq!(found(&limited(82_000), &raise(10_000, 12_000), &facts), Vec::<&str>::new());
    let refused = check(&limited(81_999).compile().unwrap(), &raise(10_000, 12_000), &facts);
    assert_eq!(names(&refused), ["DAILY_SPEND_LIMIT"]);
    assert_eq!(refused.violations[0].allowed_max_cents, Some(11_999));
}

#[test]
fn unknown_spend_or_budgets_violate() {
    for facts in [
        EnforcementFacts { spend_today_cents: None, ..good_facts() },
        EnforcementFacts { other_daily_budgets_cents: None, ..good_facts() },
    ] {
        assert_eq!(found(&limited(9_000_000), &raise(10_000, 12_000), &facts), ["SPEND_UNKNOWN"]);
    }
}

#[test]
fn a_lifetime_budget_counts_what_is_left_of_it_over_the_days_left() {
    let lifetime = |before_cents, after_cents| {
        let change =
            Change::Budget { kind: BudgetKind::Lifetime, before_cents, after_cents, currency: Currency::USD };
        subject(ActionType::BudgetIncrease, change)
    };
    let facts = EnforcementFacts {
        budget: Some(EntityBudget {
            kind: BudgetKind::Lifetime,
            budget_cents: 100_000,
            spent_cents: Some(40_000),
            days_left: Some(7),
            active: true,
        }),
        spend_today_cents: Some(0),
        other_daily_budgets_cents: Some(0),
        ..good_facts()
    };
    // (1100.00 − 400.00) / 7 = 100.00 a day exactly.
    assert_eq!(found(&limited(10_000), &lifetime(100_000, 110_000), &facts), Vec::<&str>::new());
    let refused = check(&limited(10_000).compile().unwrap(), &lifetime(100_000, 110_001), &facts);
    assert_eq!(names(&refused), ["DAILY_SPEND_LIMIT"]);
    assert_eq!(refused.violations[0].actual, Some(10_001.0)); // 100.0014…, rounded up
    assert_eq!(refused.violations[0].allowed_max_cents, Some(110_000));
    // Without an end or without its spend a lifetime budget cannot be counted.
    for budget in [
        EntityBudget { days_left: None, ..facts.budget.unwrap() },
        EntityBudget { days_left: Some(0), ..facts.budget.unwrap() },
        EntityBudget { spent_cents: None, ..facts.budget.unwrap() },
    ] {
        let facts = EnforcementFacts { budget: Some(budget), ..facts.clone() };
        assert_eq!(found(&limited(9_000_000), &lifetime(100_000, 110_000), &facts), ["SPEND_UNKNOWN"]);
    }
    // Overspent: nothing is left, not less than nothing.
    assert_eq!(daily_share_cents(BudgetKind::Lifetime, 100, Some(200), Some(3)), Some(0));
}

#[test]
fn enabling_counts_the_whole_budget_of_what_is_enabled() {
    let paused = EntityBudget { active: false, ..EntityBudget::daily(10_000) };
    let facts = EnforcementFacts { budget: Some(paused), ..good_facts() };
    let enable = subject(ActionType::EnableCampaign, change_of(ActionType::EnableCampaign));
    assert_eq!(found(&limited(60_000), &enable, &facts), Vec::<&str>::new());
    let refused = check(&limited(59_999).compile().unwrap(), &enable, &facts);
    assert_eq!(names(&refused), ["DAILY_SPEND_LIMIT"]);
    assert_eq!(refused.violations[0].allowed_max_cents, None); // no amount is being set
    let unknown = EnforcementFacts { budget: None, ..good_facts() };
    assert_eq!(found(&limited(9_000_000), &enable, &unknown), ["SPEND_UNKNOWN"]);
}

#[test]
fn a_creative_has_no_budget_to_add() {
    let enable = subject(ActionType::EnableCreative, change_of(ActionType::EnableCreative));
    let facts = EnforcementFacts { budget: None, ..good_facts() };
    assert_eq!(found(&limited(50_000), &enable, &facts), Vec::<&str>::new());
    assert_eq!(found(&limited(49_999), &enable, &facts), ["DAILY_SPEND_LIMIT"]);
}

#[test]
fn a_higher_bid_adds_nothing_but_is_refused_where_too_much_is_spent_already() {
    let bid = subject(ActionType::BidIncrease, change_of(ActionType::BidIncrease));
    assert_eq!(found(&limited(60_000), &bid, &good_facts()), Vec::<&str>::new());
    assert_eq!(found(&limited(59_999), &bid, &good_facts()), ["DAILY_SPEND_LIMIT"]);
    let paused = EntityBudget { active: false, ..EntityBudget::daily(10_000) };
    let facts = EnforcementFacts { budget: Some(paused), ..good_facts() };
    assert_eq!(found(&limited(50_000), &bid, &facts), Vec::<&str>::new());
}

#[test]
fn the_budget_of_a_paused_entity_is_not_among_the_active_ones() {
    let paused = EntityBudget { active: false, ..EntityBudget::daily(10_000) };
    let facts = EnforcementFacts { budget: Some(paused), ..good_facts() };
    assert_eq!(found(&limited(50_000), &raise(10_000, 12_000), &facts), Vec::<&str>::new());
    // The others alone are above the limit: no amount of this one would change that.
    let refused = check(&limited(49_999).compile().unwrap(), &raise(10_000, 12_000), &facts);
    assert_eq!(names(&refused), ["DAILY_SPEND_LIMIT"]);
    assert_eq!(refused.violations[0].allowed_max_cents, None);
}

#[test]
fn protective_changes_are_never_held_by_the_spend_limit() {
    let cut = subject(ActionType::BudgetDecrease, daily(10_000, 9_000));
    let unknown = EnforcementFacts { spend_today_cents: None, ..good_facts() };
    assert_eq!(found(&limited(1), &cut, &unknown), Vec::<&str>::new());
}

#[test]
fn an_own_rule_limits_the_day_even_where_the_tenant_set_no_limit() {
    let mut settings = settings();
    settings.rules = vec![EnforcementRule::new("day", ViolationType::DailySpendLimit, 61_999.0)];
    let refused = check(&settings.compile().unwrap(), &raise(10_000, 12_000), &good_facts());
    assert_eq!(names(&refused), ["DAILY_SPEND_LIMIT"]);
    assert_eq!(refused.violations[0].rule_id.as_deref(), Some("day"));
}

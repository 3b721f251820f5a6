//! "What would change it" is true: the amount or the instant that a violation names makes it vanish, and one cent more or
//! one millisecond less does not.

use proptest::prelude::*;
use stratum_core::Currency;
use stratum_core::money::MAX_MINOR;
use stratum_core::vocabulary::{ActionType, Platform};

use super::*;
use crate::action::{BudgetKind, Change};

prop_compose! {
    fn any_settings()(
        pct in 1_u32..=10_000,
        cap in 1_i64..3_000_000,
        spend_limit in prop::option::of(0_i64..3_000_000),
        own_cap in prop::option::of(1_i64..3_000_000),
        own_limit in prop::option::of(0_i64..3_000_000),
        (changes, hours) in (1_u32..20, 0_u32..=168),
        mode in prop::sample::select(EnforcementMode::ALL),
    ) -> EnforcementSettings {
        let rule = |id: &str, rule_type, cents: i64| {
            EnforcementRule::new(id, rule_type, stratum_core::math::amount(cents))
        };
        EnforcementSettings {
            default_mode: mode,
            max_daily_budget_increase_pct: f64::from(pct) / 100.0,
            max_campaign_budget_cents: cap,
            daily_spend_limit_cents: spend_limit,
            max_changes_per_day: changes,
            min_hours_between_changes: hours,
            rules: own_cap
                .map(|cents| rule("own-cap", ViolationType::BudgetExceeded, cents))
                .into_iter()
                .chain(own_limit.map(|cents| rule("own-limit", ViolationType::DailySpendLimit, cents)))
                .collect(),
            ..settings()
        }
    }
}

prop_compose! {
    fn any_facts()(
        first in prop::option::of(-1_i64..2_000_000),
        kind in prop::sample::select(BudgetKind::ALL),
        budget_cents in 0_i64..2_000_000,
        spent_cents in prop::option::of(0_i64..2_000_000),
        days_left in prop::option::of(0_u32..40),
        (active, known) in any::<(bool, bool)>(),
        (spend, revenue) in (prop::option::of(0_i64..200_000), prop::option::of(0_i64..600_000)),
        spend_today_cents in prop::option::of(0_i64..2_000_000),
        other_daily_budgets_cents in prop::option::of(0_i64..2_000_000),
        (impressions, reach) in (prop::option::of(0_u64..100_000), prop::option::of(0_u64..40_000)),
        changes_today in 0_u32..25,
        last_change_ms in prop::option::of(-3_600_000_i64..800_000_000),
    ) -> EnforcementFacts {
        EnforcementFacts {
            first_budget_today_cents: first,
            budget: known.then_some(EntityBudget { kind, budget_cents, spent_cents, days_left, active }),
            campaign: CampaignFigures { spend_cents: spend, revenue_cents: revenue, roas: None },
            spend_today_cents,
            other_daily_budgets_cents,
            exposure: Exposure { impressions, reach, frequency: None },
            changes_today,
            last_change_at: last_change_ms.map(|ms| now().plus_millis(-ms)),
            ..good_facts()
        }
    }
}

prop_compose! {
    fn any_subject()(
        action_type in prop::sample::select(ActionType::ALL),
        platform in prop::option::of(prop::sample::select(Platform::ALL)),
        kind in prop::sample::select(BudgetKind::ALL),
        (one, other) in (1_i64..2_000_000, 2_000_000_i64..3_000_000),
        (near, close) in (1_i64..200_000, any::<bool>()),
    ) -> CheckSubject {
        let (low, high) = (one, if close { one + near } else { other });
        let (before_cents, after_cents) = if action_type.is_raising() { (low, high) } else { (high, low) };
        let change = match change_of(action_type) {
            Change::Budget { .. } => {
                Change::Budget { kind, before_cents, after_cents, currency: Currency::USD }
            }
            other => other,
        };
        CheckSubject { platform, ..subject(action_type, change) }
    }
}

fn with_after(subject: &CheckSubject, after_cents: i64) -> CheckSubject {
    match subject.change {
        Change::Budget { kind, before_cents, currency, .. } => CheckSubject {
            change: Change::Budget { kind, before_cents, after_cents, currency },
            ..subject.clone()
        },
        Change::Bid { .. } | Change::Status { .. } => panic!("only a budget has a largest amount"),
    }
}

fn is_violated(check: &EnforcementCheck, like: &Violation) -> bool {
    check.violations.iter().any(|violation| violation.key() == like.key())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn the_largest_amount_is_allowed_and_one_cent_more_is_not(
        settings in any_settings(), subject in any_subject(), facts in any_facts(),
    ) {
        let compiled = settings.compile().unwrap();
        for violation in check(&compiled, &subject, &facts).violations {
            let Some(most) = violation.allowed_max_cents else { continue };
            prop_assert!(most > 0 && most < MAX_MINOR);
            let at_most = check(&compiled, &with_after(&subject, most), &facts);
            prop_assert!(!is_violated(&at_most, &violation), "{most} is not allowed: {violation:?}");
            // What the type names keeps being asked: a raise stays a raise even where the amount would be lower.
            let one_more = check(&compiled, &with_after(&subject, most + 1), &facts);
            prop_assert!(is_violated(&one_more, &violation), "{} is allowed: {violation:?}", most + 1);
        }
    }

    #[test]
    fn waiting_until_the_named_instant_is_enough_and_less_is_not(
        settings in any_settings(), subject in any_subject(), facts in any_facts(),
    ) {
        let compiled = settings.compile().unwrap();
        for violation in check(&compiled, &subject, &facts).violations {
            let Some(from) = violation.allowed_from else { continue };
            let daily = violation.kind == Some(ViolationKind::ChangesPerDay);
            // With the tenant's day its count begins anew.
            let then = EnforcementFacts {
                now: from, changes_today: if daily { 0 } else { facts.changes_today }, ..facts.clone()
            };
            prop_assert!(!is_violated(&check(&compiled, &subject, &then), &violation));
            let just_before = EnforcementFacts { now: from.plus_millis(-1), ..facts.clone() };
            prop_assert!(is_violated(&check(&compiled, &subject, &just_before), &violation));
        }
    }

    #[test]
    fn the_answer_follows_from_the_violations_and_they_are_in_order(
        settings in any_settings(), subject in any_subject(), facts in any_facts(),
    ) {
        let answer = check(&settings.compile().unwrap(), &subject, &facts);
        let strictest = answer.violations.iter().map(|violation| violation.mode).max();
        prop_assert_eq!(answer.mode, strictest.unwrap_or(EnforcementMode::Advisory));
        prop_assert_eq!(answer.allowed, answer.mode == EnforcementMode::Advisory);
        prop_assert_eq!(answer.requires_confirmation, answer.mode == EnforcementMode::SoftBlock);
        let order: Vec<_> =
            answer.violations.iter().map(|v| (v.violation_type, v.kind, v.rule_id.clone())).collect();
        prop_assert!(order.windows(2).all(|pair| pair[0] < pair[1]), "{order:?}");
        prop_assert!(answer.violations.iter().all(|violation| violation.limit.is_some()));
    }

    #[test]
    fn knowing_less_never_allows_more(
        settings in any_settings(), subject in any_subject(), facts in any_facts(),
    ) {
        let compiled = settings.compile().unwrap();
        let before = check(&compiled, &subject, &facts).mode;
        for facts in [
            EnforcementFacts { spend_today_cents: None, ..facts.clone() },
            EnforcementFacts { other_daily_budgets_cents: None, ..facts.clone() },
            EnforcementFacts { campaign: CampaignFigures::default(), ..facts.clone() },
        ] {
            prop_assert!(check(&compiled, &subject, &facts).mode >= before);
        }
    }

    #[test]
    fn pauses_violate_nothing(settings in any_settings(), facts in any_facts()) {
        for action_type in ActionType::ALL.iter().copied().filter(|action| action.is_pause()) {
            let pause = subject(action_type, change_of(action_type));
            prop_assert_eq!(check(&settings.compile().unwrap(), &pause, &facts).violations, []);
        }
    }
}

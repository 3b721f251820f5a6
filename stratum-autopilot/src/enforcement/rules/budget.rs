//! `BUDGET_EXCEEDED`: the cap on a budget, and how far it may rise in a day.

use stratum_core::math::{amount, round9};
use stratum_core::vocabulary::ActionType;

use super::shown;
use crate::action::BudgetKind;
use crate::enforcement::check::Checking;
use crate::enforcement::exact::{increase_exceeds, largest_after};
use crate::enforcement::{Violation, ViolationKind, ViolationType};

const TYPE: ViolationType = ViolationType::BudgetExceeded;

pub(in crate::enforcement) fn budget(checking: &mut Checking<'_>) {
    let action_type = checking.subject.action_type;
    let Some((kind, before, after, currency)) = checking.subject.budget() else {
        // A budget action without a budget cannot be compared with anything.
        if matches!(action_type, ActionType::BudgetIncrease | ActionType::BudgetDecrease) {
            unknown(checking, "the change names no budget");
        }
        return;
    };
    if currency != checking.facts.currency {
        let message = format!(
            "the budget is in {currency}, the limits are in {}: they cannot be compared",
            checking.facts.currency
        );
        unknown(checking, &message);
        return;
    }
    for limit in checking.limits(TYPE) {
        if after > limit.cents {
            let message = format!(
                "a budget of {} is above the cap of {}",
                shown(after, currency),
                shown(limit.cents, currency)
            );
            checking.found(Violation {
                allowed_max_cents: Some(limit.cents),
                ..limit.violated(TYPE, Some(ViolationKind::MaxBudget), Some(amount(after)), message)
            });
        }
    }
    if action_type == ActionType::BudgetIncrease || after > before {
        daily_increase(checking, kind, after);
    }
}

/// The increase is measured from the day's opening budget, so steps within a day do not compound.
fn daily_increase(checking: &mut Checking<'_>, kind: BudgetKind, after: i64) {
    let Some(opening) = checking.facts.opening_budget_cents(kind) else {
        unknown(checking, "the budget at the start of the day is unknown or 0");
        return;
    };
    let enforcement = checking.enforcement;
    if !increase_exceeds(after, opening, enforcement.increase_pct) {
        return;
    }
    let pct = round9((amount(after) - amount(opening)) * 100.0 / amount(opening));
    let settings = enforcement.settings();
    checking.found(Violation {
        violation_type: TYPE,
        kind: Some(ViolationKind::DailyIncrease),
        message: format!(
            "the budget would be {pct} % above the day's opening budget, {} % is allowed",
            settings.max_daily_budget_increase_pct
        ),
        limit: Some(settings.max_daily_budget_increase_pct),
        actual: Some(pct),
        mode: settings.default_mode,
        rule_id: None,
        allowed_max_cents: Some(largest_after(opening, enforcement.increase_pct)),
        allowed_from: None,
    });
}

fn unknown(checking: &mut Checking<'_>, message: &str) {
    let settings = checking.enforcement.settings();
    checking.found(Violation {
        violation_type: TYPE,
        kind: Some(ViolationKind::BudgetUnknown),
        message: message.to_owned(),
        limit: Some(settings.max_daily_budget_increase_pct),
        actual: None,
        mode: settings.default_mode,
        rule_id: None,
        allowed_max_cents: None,
        allowed_from: None,
    });
}

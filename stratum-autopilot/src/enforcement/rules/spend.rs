//! `DAILY_SPEND_LIMIT`: what the tenant would spend in a day after the change.

use stratum_core::math::amount;
use stratum_core::vocabulary::EntityType;

use super::shown;
use crate::action::{BudgetKind, Change};
use crate::enforcement::check::Checking;
use crate::enforcement::exact::clamp_minor;
use crate::enforcement::{EnforcementFacts, Violation, ViolationKind, ViolationType, daily_share_cents};

const TYPE: ViolationType = ViolationType::DailySpendLimit;

/// What a change does to the day's spend, in minor units.
struct Effect {
    /// The active daily budgets of the tenant after it.
    budgets_after: i128,
    /// What has been spent today, and what the change adds.
    spend_after: i128,
    /// How the largest amount follows from a limit; `None` where the change sets no amount.
    amount: Option<Amount>,
}

/// The terms that do not depend on the amount after the change.
struct Amount {
    others: i128,
    /// Whether the entity's own budget counts among the active ones.
    active: bool,
    /// Spent today without the entity's share before the change.
    spend_before: i128,
    kind: BudgetKind,
    spent_cents: Option<i64>,
    days_left: Option<u32>,
}

pub(in crate::enforcement) fn daily_spend(checking: &mut Checking<'_>) {
    // Without a limit nothing has to be known.
    if checking.limits(TYPE).next().is_none() {
        return;
    }
    let effect = effect(checking);
    for limit in checking.limits(TYPE) {
        let Some(effect) = &effect else {
            let message = "what is or would be spent today is unknown".to_owned();
            checking.found(limit.violated(TYPE, Some(ViolationKind::SpendUnknown), None, message));
            continue;
        };
        let most = effect.budgets_after.max(effect.spend_after);
        if most > i128::from(limit.cents) {
            let most = clamp_minor(most);
            let currency = checking.facts.currency;
            let message = format!(
                "{} would be spent in the day, {} is the limit",
                shown(most, currency),
                shown(limit.cents, currency)
            );
            checking.found(Violation {
                allowed_max_cents: effect.amount.as_ref().and_then(|amount| amount.largest(limit.cents)),
                ..limit.violated(TYPE, None, Some(amount(most)), message)
            });
        }
    }
}

/// `None` where something that counts is unknown.
fn effect(checking: &Checking<'_>) -> Option<Effect> {
    let facts = checking.facts;
    let others = i128::from(facts.other_daily_budgets_cents?);
    let spent = i128::from(facts.spend_today_cents?);
    match checking.subject.change {
        Change::Budget { kind, before_cents, after_cents, currency } => {
            if currency != facts.currency {
                return None;
            }
            let stored = facts.budget;
            let spent_cents = stored.and_then(|budget| budget.spent_cents);
            let days_left = stored.and_then(|budget| budget.days_left);
            let share = |cents| daily_share_cents(kind, cents, spent_cents, days_left).map(i128::from);
            let (before, after) = (share(before_cents)?, share(after_cents)?);
            // Only what is known to be paused is left out of the active budgets.
            let active = stored.is_none_or(|budget| budget.active);
            let spend_before = spent.saturating_sub(before);
            Some(Effect {
                budgets_after: if active { others.saturating_add(after) } else { others },
                spend_after: spend_before.saturating_add(after),
                amount: Some(Amount { others, active, spend_before, kind, spent_cents, days_left }),
            })
        }
        Change::Bid { .. } => {
            let own = if checking.subject.entity_type == EntityType::Creative {
                0
            } else {
                own_share(facts, false)?
            };
            Some(Effect { budgets_after: others.saturating_add(own), spend_after: spent, amount: None })
        }
        Change::Status { .. } => {
            // A creative has no budget: what its ad set may spend does not change.
            let own = if checking.subject.entity_type == EntityType::Creative {
                0
            } else {
                own_share(facts, true)?
            };
            Some(Effect {
                budgets_after: others.saturating_add(own),
                spend_after: spent.saturating_add(own),
                amount: None,
            })
        }
    }
}

/// What the entity's stored budget counts per day, once enabled or as it is now.
fn own_share(facts: &EnforcementFacts, enabled: bool) -> Option<i128> {
    let budget = facts.budget?;
    if !budget.active && !enabled {
        return Some(0);
    }
    daily_share_cents(budget.kind, budget.budget_cents, budget.spent_cents, budget.days_left).map(i128::from)
}

impl Amount {
    /// The largest amount after the change that stays within the limit; `None` if not even one minor unit does.
    fn largest(&self, limit_cents: i64) -> Option<i64> {
        let limit = i128::from(limit_cents);
        let beside_others = limit.saturating_sub(self.others);
        let mut share = limit.saturating_sub(self.spend_before);
        if self.active {
            share = share.min(beside_others);
        } else if beside_others < 0 {
            // The other budgets alone are above the limit: no amount of this one changes that.
            return None;
        }
        let largest = match self.kind {
            BudgetKind::Daily => share,
            // A share is rounded up, so the amount left may be the whole share on each of the days.
            BudgetKind::Lifetime if share >= 0 => share
                .saturating_mul(i128::from(self.days_left?))
                .saturating_add(i128::from(self.spent_cents?)),
            BudgetKind::Lifetime => return None,
        };
        (largest > 0).then(|| clamp_minor(largest))
    }
}

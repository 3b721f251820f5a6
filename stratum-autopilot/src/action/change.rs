//! From which value to which: absolute, typed, and in the direction that the action's name says.

use serde::{Deserialize, Serialize};
use stratum_core::enumeration;
use stratum_core::math::amount;
use stratum_core::money::{Currency, MAX_MINOR, round_minor};
use stratum_core::problem::{Problem, ProblemCollector, Problems};
use stratum_core::vocabulary::{ActionType, EntityType};

enumeration! {
    /// What a budget covers.
    pub enum BudgetKind "budget kind" {
        /// One day.
        Daily = "DAILY",
        /// The whole flight.
        Lifetime = "LIFETIME",
    }
}

enumeration! {
    /// Whether something delivers.
    pub enum EntityStatus "entity status" {
        /// It delivers.
        Active = "ACTIVE" | "ENABLED",
        /// It does not.
        Paused = "PAUSED",
    }
}

/// A change from one absolute value to another. Amounts are minor units, above 0 and at most 2⁵³ − 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "SCREAMING_SNAKE_CASE", tag = "field", deny_unknown_fields)]
pub enum Change {
    /// A budget.
    Budget {
        /// Daily or lifetime.
        kind: BudgetKind,
        /// Minor units before.
        before_cents: i64,
        /// Minor units after.
        after_cents: i64,
        /// Of both.
        currency: Currency,
    },
    /// A bid.
    Bid {
        /// Minor units before.
        before_cents: i64,
        /// Minor units after.
        after_cents: i64,
        /// Of both.
        currency: Currency,
    },
    /// A status.
    Status {
        /// The status before.
        before: EntityStatus,
        /// The status after.
        after: EntityStatus,
    },
}

impl Change {
    /// Minor units before and after, for budgets and bids.
    #[must_use]
    pub const fn cents(&self) -> Option<(i64, i64)> {
        match *self {
            Self::Budget { before_cents, after_cents, .. } | Self::Bid { before_cents, after_cents, .. } => {
                Some((before_cents, after_cents))
            }
            Self::Status { .. } => None,
        }
    }

    /// The change that takes this one back.
    #[must_use]
    pub const fn reversed(self) -> Self {
        match self {
            Self::Budget { kind, before_cents, after_cents, currency } => {
                Self::Budget { kind, before_cents: after_cents, after_cents: before_cents, currency }
            }
            Self::Bid { before_cents, after_cents, currency } => {
                Self::Bid { before_cents: after_cents, after_cents: before_cents, currency }
            }
            Self::Status { before, after } => Self::Status { before: after, after: before },
        }
    }

    /// Checks the change against the action that carries it.
    ///
    /// # Errors
    /// `wrong_kind`, `unknown_before_value`, `no_change`, `wrong_direction`, `out_of_range`, `amount_too_large`,
    /// `wrong_entity`.
    pub fn check(&self, action: ActionType, entity: EntityType) -> Result<(), Problems> {
        let mut found = ProblemCollector::new();
        if let Some(problem) = check_entity(action, entity) {
            found.push(problem);
        }
        match (kind_of(action), self) {
            (Kind::Budget, Self::Budget { before_cents, after_cents, .. })
            | (Kind::Bid, Self::Bid { before_cents, after_cents, .. }) => {
                check_amounts(action, *before_cents, *after_cents, &mut found);
            }
            (Kind::Status, Self::Status { before, after }) => {
                let wanted = if action.is_pause() { EntityStatus::Paused } else { EntityStatus::Active };
                if before == after {
                    found.push(Problem::new(
                        "/proposed_value",
                        "no_change",
                        format!("the status is {before} already"),
                    ));
                } else if *after != wanted {
                    found.push(Problem::new(
                        "/proposed_value",
                        "wrong_direction",
                        format!("{action} leads to {wanted}, not to {after}"),
                    ));
                }
            }
            _ => found.push(
                Problem::new(
                    "/proposed_value",
                    "wrong_kind",
                    format!("{action} does not change what is proposed"),
                )
                .help("give amounts for budgets and bids, a status for pauses and enables"),
            ),
        }
        found.into_result(())
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Budget,
    Bid,
    Status,
}

const fn kind_of(action: ActionType) -> Kind {
    match action {
        ActionType::BudgetIncrease | ActionType::BudgetDecrease => Kind::Budget,
        ActionType::BidIncrease | ActionType::BidDecrease => Kind::Bid,
        ActionType::PauseCampaign
        | ActionType::PauseAdset
        | ActionType::PauseCreative
        | ActionType::EnableCampaign
        | ActionType::EnableAdset
        | ActionType::EnableCreative => Kind::Status,
    }
}

/// Which entities an action type can change; budgets belong to campaigns and ad sets.
fn check_entity(action: ActionType, entity: EntityType) -> Option<Problem> {
    let allowed: &[EntityType] = match action {
        ActionType::PauseCampaign | ActionType::EnableCampaign => &[EntityType::Campaign],
        ActionType::PauseAdset | ActionType::EnableAdset => &[EntityType::Adset],
        ActionType::PauseCreative | ActionType::EnableCreative => &[EntityType::Creative],
        ActionType::BudgetIncrease
        | ActionType::BudgetDecrease
        | ActionType::BidIncrease
        | ActionType::BidDecrease => &[EntityType::Campaign, EntityType::Adset],
    };
    if allowed.contains(&entity) {
        return None;
    }
    let names: Vec<&str> = allowed.iter().map(|entity| entity.as_str()).collect();
    Some(
        Problem::new("/entity_type", "wrong_entity", format!("{action} does not change a {entity}"))
            .help(format!("write {}", names.join(" or "))),
    )
}

fn check_amounts(action: ActionType, before: i64, after: i64, found: &mut ProblemCollector) {
    if before <= 0 {
        found.push(
            Problem::new(
                "/current_value/before_cents",
                "unknown_before_value",
                "the amount before is unknown or not above 0",
            )
            .help("give the amount that the platform shows now"),
        );
    }
    if after <= 0 {
        found.push(Problem::new(
            "/proposed_value/after_cents",
            "out_of_range",
            "the amount after is above 0; to stop delivery, pause",
        ));
    }
    if before > MAX_MINOR || after > MAX_MINOR {
        found.push(Problem::new(
            "/proposed_value/after_cents",
            "amount_too_large",
            format!("an amount is at most {MAX_MINOR} minor units"),
        ));
    }
    if before == after {
        found.push(Problem::new(
            "/proposed_value/after_cents",
            "no_change",
            format!("the amount is {before} already"),
        ));
    } else if (after > before) != action.is_raising() {
        found.push(
            Problem::new(
                "/proposed_value/after_cents",
                "wrong_direction",
                format!("{action} does not lead from {before} to {after}"),
            )
            .help("use the increase for a larger amount, the decrease for a smaller one"),
        );
    }
}

/// What a request proposes for a budget or bid: an amount, or a percentage of the amount before.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default)]
pub struct ProposedChange {
    /// Minor units after the change.
    pub after_cents: Option<i64>,
    /// Percent of the amount before, −100 to 1000, without 0.
    pub change_pct: Option<f64>,
    /// What a budget covers; daily where nothing is said.
    pub budget_kind: Option<BudgetKind>,
}

/// Resolves a proposal to absolute values: only these are stored, checked, shown and sent.
///
/// A percentage p gives before · (1 + p / 100), rounded half away from zero.
///
/// # Errors
/// `missing_field`, `not_allowed_here`, `not_a_number`, and what [`Change::check`] finds, all at once.
pub fn resolve(
    action: ActionType,
    entity: EntityType,
    proposed: &ProposedChange,
    before_cents: Option<i64>,
    before_status: Option<EntityStatus>,
    currency: Currency,
) -> Result<Change, Problems> {
    let mut found = ProblemCollector::new();
    let change = match kind_of(action) {
        Kind::Status => {
            for (name, given) in [
                ("after_cents", proposed.after_cents.is_some()),
                ("change_pct", proposed.change_pct.is_some()),
            ] {
                if given {
                    found.push(Problem::new(
                        format!("/proposed_value/{name}"),
                        "not_allowed_here",
                        format!("{action} changes a status, not an amount"),
                    ));
                }
            }
            let after = if action.is_pause() { EntityStatus::Paused } else { EntityStatus::Active };
            let Some(before) = before_status else {
                found.push(
                    Problem::new(
                        "/current_value/status",
                        "unknown_before_value",
                        "the status before is unknown",
                    )
                    .help("give the status that the platform shows now"),
                );
                return found.into_result(Change::Status { before: after, after });
            };
            Change::Status { before, after }
        }
        kind => {
            // An unknown amount before is 0, which `check` reports with the rest.
            let before_cents = before_cents.unwrap_or(0);
            let after_cents = resolve_amount(proposed, before_cents, &mut found);
            if !found.is_empty() {
                return found.into_result(Change::Bid { before_cents, after_cents, currency });
            }
            match (kind, proposed.budget_kind) {
                (Kind::Bid, _) => Change::Bid { before_cents, after_cents, currency },
                (_, budget_kind) => Change::Budget {
                    kind: budget_kind.unwrap_or(BudgetKind::Daily),
                    before_cents,
                    after_cents,
                    currency,
                },
            }
        }
    };
    if let Err(problems) = change.check(action, entity) {
        found.extend_under("", problems);
    }
    found.into_result(change)
}

fn resolve_amount(proposed: &ProposedChange, before_cents: i64, found: &mut ProblemCollector) -> i64 {
    match (proposed.after_cents, proposed.change_pct) {
        (Some(after_cents), None) => return after_cents,
        (None, Some(pct)) if pct.is_finite() => {
            if before_cents <= 0 {
                found.push(
                    Problem::new(
                        "/current_value/before_cents",
                        "unknown_before_value",
                        "a percentage needs the amount before",
                    )
                    .help("give the amount that the platform shows now"),
                );
            } else if let Some(after_cents) = round_minor(amount(before_cents) * (100.0 + pct) / 100.0) {
                return after_cents;
            } else {
                found.push(Problem::new(
                    "/proposed_value/change_pct",
                    "amount_too_large",
                    format!("an amount is at most {MAX_MINOR} minor units"),
                ));
            }
        }
        (None, Some(_)) => found.push(Problem::new(
            "/proposed_value/change_pct",
            "not_a_number",
            "a percentage is a finite number",
        )),
        (None, None) => found.push(
            Problem::new("/proposed_value", "missing_field", "the amount after is missing")
                .help("give after_cents or change_pct"),
        ),
        (Some(_), Some(_)) => found.push(
            Problem::new(
                "/proposed_value",
                "not_allowed_here",
                "after_cents and change_pct contradict each other",
            )
            .help("give exactly one of them"),
        ),
    }
    0
}

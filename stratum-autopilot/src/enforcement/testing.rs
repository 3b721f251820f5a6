//! What the tests of enforcement, approval and permits start from: an action that everything allows.

use stratum_core::id::{ActionId, TenantId, UserId};
use stratum_core::vocabulary::{ActionType, EntityType, GateDecision, Platform};
use stratum_core::{Currency, Timestamp};

use super::*;
use crate::action::{Action, BudgetKind, Change, EntityStatus, NewAction, Origin};

pub(crate) fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

/// The instant of every test unless it says otherwise.
pub(crate) fn now() -> Timestamp {
    at("2026-03-01T12:00:00Z")
}

pub(crate) fn tenant() -> TenantId {
    "0198c9a0-0000-7000-8000-000000000001".parse().unwrap()
}

pub(crate) fn user(number: u8) -> UserId {
    format!("0198c9a0-0000-7000-8000-0000000000{number:02x}").parse().unwrap()
}

pub(crate) fn settings() -> EnforcementSettings {
    EnforcementSettings::default()
}

pub(crate) fn with_mode(default_mode: EnforcementMode) -> EnforcementSettings {
    EnforcementSettings { default_mode, ..settings() }
}

pub(crate) const fn daily(before_cents: i64, after_cents: i64) -> Change {
    Change::Budget { kind: BudgetKind::Daily, before_cents, after_cents, currency: Currency::USD }
}

/// A valid change of a type: 100.00 by a tenth, or a status.
pub(crate) fn change_of(action_type: ActionType) -> Change {
    match action_type {
        ActionType::BudgetIncrease => daily(10_000, 11_000),
        ActionType::BudgetDecrease => daily(10_000, 9_000),
        ActionType::BidIncrease => {
            Change::Bid { before_cents: 100, after_cents: 110, currency: Currency::USD }
        }
        ActionType::BidDecrease => {
            Change::Bid { before_cents: 100, after_cents: 90, currency: Currency::USD }
        }
        ActionType::PauseCampaign | ActionType::PauseAdset | ActionType::PauseCreative => {
            Change::Status { before: EntityStatus::Active, after: EntityStatus::Paused }
        }
        ActionType::EnableCampaign | ActionType::EnableAdset | ActionType::EnableCreative => {
            Change::Status { before: EntityStatus::Paused, after: EntityStatus::Active }
        }
    }
}

pub(crate) const fn entity_of(action_type: ActionType) -> EntityType {
    match action_type {
        ActionType::PauseAdset | ActionType::EnableAdset => EntityType::Adset,
        ActionType::PauseCreative | ActionType::EnableCreative => EntityType::Creative,
        _ => EntityType::Campaign,
    }
}

pub(crate) fn new_action(action_type: ActionType, change: Change) -> NewAction {
    NewAction {
        id: ActionId::v7(now(), [7; 10]),
        tenant_id: tenant(),
        action_type,
        platform: Platform::Meta,
        entity_type: entity_of(action_type),
        entity_id: "238512".to_owned(),
        entity_name: None,
        change,
        origin: Origin::Rule,
        created_by: None,
        reason: None,
        pair_id: None,
        reverts: None,
        ttl_hours: 24,
    }
}

/// A queued change of a daily budget.
pub(crate) fn budget_action(before_cents: i64, after_cents: i64) -> Action {
    let action_type =
        if after_cents > before_cents { ActionType::BudgetIncrease } else { ActionType::BudgetDecrease };
    Action::queue(new_action(action_type, daily(before_cents, after_cents)), now()).unwrap()
}

/// A queued action of a person, or of a rule.
pub(crate) fn action_queued_by(person: Option<UserId>) -> Action {
    let new = NewAction {
        origin: if person.is_some() { Origin::Manual } else { Origin::Rule },
        created_by: person,
        ..new_action(ActionType::BudgetIncrease, daily(10_000, 12_000))
    };
    Action::queue(new, now()).unwrap()
}

pub(crate) fn subject(action_type: ActionType, change: Change) -> CheckSubject {
    CheckSubject {
        action_type,
        platform: Some(Platform::Meta),
        entity_type: entity_of(action_type),
        entity_id: "238512".to_owned(),
        change,
    }
}

pub(crate) fn raise(before_cents: i64, after_cents: i64) -> CheckSubject {
    subject(ActionType::BudgetIncrease, daily(before_cents, after_cents))
}

/// Facts under which a campaign of 100.00 a day may be raised by 20 %: it returns 3 for 1, people saw it 2.5 times.
pub(crate) fn good_facts() -> EnforcementFacts {
    EnforcementFacts {
        budget: Some(EntityBudget::daily(10_000)),
        campaign: CampaignFigures { spend_cents: Some(70_000), revenue_cents: Some(210_000), roas: None },
        spend_today_cents: Some(4_000),
        other_daily_budgets_cents: Some(50_000),
        exposure: Exposure { impressions: Some(25_000), reach: Some(10_000), frequency: None },
        ..EnforcementFacts::new(now(), at("2026-03-02T00:00:00Z"), Currency::USD)
    }
}

pub(crate) fn check_of(
    settings: &EnforcementSettings,
    action: &Action,
    facts: &EnforcementFacts,
) -> EnforcementCheck {
    check(&settings.compile().unwrap(), &CheckSubject::from(action), facts)
}

pub(crate) fn attempt<'a>(check: &'a EnforcementCheck, now: Timestamp) -> ConfirmationAttempt<'a> {
    ConfirmationAttempt {
        check,
        gate: GateDecision::Pass,
        frozen: false,
        user_id: user(1),
        reason: "launch day, agreed with the client",
        now,
    }
}

/// A confirmation that went all the way: token, confirmed, used by an approval.
pub(crate) fn confirmed_and_attached(action: &Action, check: &EnforcementCheck) -> Confirmation {
    let token = ConfirmationToken::from_random([9; 32]);
    let mut confirmation = Confirmation::issue(&token, action, check, now()).unwrap();
    confirmation.confirm(&token, action, &attempt(check, now())).unwrap();
    confirmation.attach(action, check, now()).unwrap();
    confirmation
}

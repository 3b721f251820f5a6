use super::*;
use crate::action::{BudgetKind, Change, EntityStatus};
use crate::platform::{
    CallOutcome, ChangeRequest, EntityRef, EntityValue, PlatformError, PlatformErrorCode as Code,
};
use stratum_core::Timestamp;
use stratum_core::id::ActionId;
use stratum_core::money::Currency;
use stratum_core::vocabulary::{EntityType, Platform};

fn at(minutes: i64) -> Timestamp {
    let noon: Timestamp = "2026-03-01T12:00:00Z".parse().unwrap();
    noon.plus_minutes(minutes)
}

fn campaign() -> EntityRef {
    EntityRef {
        tenant_id: "0198c9a0-0000-7000-8000-000000000001".parse().unwrap(),
        platform: Platform::Meta,
        entity_type: EntityType::Campaign,
        entity_id: "238512".to_owned(),
    }
}

fn sandbox() -> Sandbox {
    let mut sandbox = Sandbox::new();
    let value = EntityValue::new(EntityStatus::Active, Currency::USD).daily_budget(10_000).bid(150);
    sandbox.put(SandboxEntity::new(campaign(), value));
    sandbox
}

fn budget(key: u8, before_cents: i64, after_cents: i64, minute: i64) -> ChangeRequest {
    let change =
        Change::Budget { kind: BudgetKind::Daily, before_cents, after_cents, currency: Currency::USD };
    ChangeRequest {
        idempotency_key: ActionId::v7(at(0), [key; 10]),
        entity: campaign(),
        change,
        not_after: at(minute).plus_minutes(2),
    }
}

fn refusal<T: std::fmt::Debug>(reply: Reply<T>) -> PlatformError {
    reply.result.unwrap_err()
}

#[test]
fn the_same_key_gives_the_same_answer_and_one_ledger_entry() {
    let mut sandbox = sandbox();
    let first = sandbox.apply(&budget(1, 10_000, 12_000, 0), at(0)).result.unwrap();
    // Even after the deadline, and although the value is no longer the one before.
    let again = sandbox.apply(&budget(1, 10_000, 12_000, 0), at(9)).result.unwrap();
    assert_eq!(first, again);
    assert_eq!(sandbox.ledger().len(), 1);
    assert_eq!(sandbox.read(&campaign()).result.unwrap().daily_budget_cents, Some(12_000));
}

#[test]
fn a_key_that_comes_back_with_another_change_is_refused() {
    let mut sandbox = sandbox();
    sandbox.apply(&budget(1, 10_000, 12_000, 0), at(0)).result.unwrap();
    assert_eq!(refusal(sandbox.apply(&budget(1, 12_000, 14_000, 0), at(0))).code, Code::Refused);
    assert_eq!(sandbox.ledger().len(), 1);
}

#[test]
fn a_change_that_starts_from_another_value_is_refused_with_the_value_shown() {
    let mut sandbox = sandbox();
    let error = refusal(sandbox.apply(&budget(1, 9_000, 12_000, 0), at(0)));
    assert_eq!(error.code, Code::StateChanged);
    assert_eq!(error.actual.unwrap().daily_budget_cents, Some(10_000));
    assert!(sandbox.ledger().is_empty());
}

#[test]
fn an_amount_in_another_currency_or_of_another_kind_does_not_match() {
    let euro: Currency = "EUR".parse().unwrap();
    for change in [
        Change::Budget { kind: BudgetKind::Daily, before_cents: 10_000, after_cents: 12_000, currency: euro },
        Change::Budget {
            kind: BudgetKind::Lifetime,
            before_cents: 10_000,
            after_cents: 12_000,
            currency: Currency::USD,
        },
    ] {
        let request = ChangeRequest { change, ..budget(1, 1, 2, 0) };
        assert_eq!(refusal(sandbox().apply(&request, at(0))).code, Code::StateChanged);
    }
}

#[test]
fn a_call_after_its_deadline_changes_nothing() {
    let mut sandbox = sandbox();
    assert_eq!(refusal(sandbox.apply(&budget(1, 10_000, 12_000, 0), at(2))).code, Code::DeadlinePassed);
    assert!(sandbox.apply(&budget(1, 10_000, 12_000, 0), at(1)).result.is_ok());
}

#[test]
fn limits_are_inclusive_and_refusals_name_them() {
    let limits =
        SandboxLimits { min_budget_cents: 5_000, max_budget_cents: 12_000, ..SandboxLimits::default() };
    let mut sandbox = sandbox().with_limits(limits);
    let error = refusal(sandbox.apply(&budget(1, 10_000, 12_001, 0), at(0)));
    assert_eq!(error.code, Code::Refused);
    assert!(error.message.contains("5000 to 12000"), "{error}");
    assert!(sandbox.apply(&budget(2, 10_000, 12_000, 0), at(0)).result.is_ok());
    assert!(sandbox.apply(&budget(3, 12_000, 5_000, 0), at(0)).result.is_ok());
    assert!(sandbox.apply(&budget(4, 5_000, 4_999, 0), at(0)).result.is_err());
}

#[test]
fn changes_per_hour_are_limited_per_entity_and_the_answer_says_when_to_come_back() {
    let limits = SandboxLimits { max_changes_per_hour: 2, ..SandboxLimits::default() };
    let mut sandbox = sandbox().with_limits(limits);
    sandbox.apply(&budget(1, 10_000, 11_000, 0), at(0)).result.unwrap();
    sandbox.apply(&budget(2, 11_000, 12_000, 20), at(20)).result.unwrap();
    let error = refusal(sandbox.apply(&budget(3, 12_000, 13_000, 30), at(30)));
    assert_eq!((error.code, error.retry_after_ms), (Code::RateLimited, Some(30 * 60_000)));
    assert!(sandbox.apply(&budget(3, 12_000, 13_000, 60), at(60)).result.is_ok());
}

#[test]
fn an_unknown_entity_is_not_found() {
    let mut sandbox = sandbox();
    let elsewhere = EntityRef { platform: Platform::Google, ..campaign() };
    assert_eq!(refusal(sandbox.read(&elsewhere)).code, Code::NotFound);
    let request = ChangeRequest { entity: elsewhere, ..budget(1, 10_000, 12_000, 0) };
    assert_eq!(refusal(sandbox.apply(&request, at(0))).code, Code::NotFound);
}

#[test]
fn a_lost_answer_hides_a_change_that_was_made() {
    let mut sandbox = sandbox();
    sandbox.inject(Fault::next(SandboxCall::Apply, FaultEffect::AnswerLost).delay(250));
    let reply = sandbox.apply(&budget(1, 10_000, 12_000, 0), at(0));
    assert_eq!(reply.delay.as_millis(), 250);
    assert_eq!(refusal(reply).code, Code::Unknown);
    let key = budget(1, 1, 2, 0).idempotency_key;
    assert!(
        matches!(sandbox.outcome_of(key).result.unwrap(), CallOutcome::Applied(receipt) if receipt.idempotency_key == key)
    );
}

#[test]
fn an_error_before_the_call_leaves_no_trace() {
    let mut sandbox = sandbox();
    let effect = FaultEffect::ErrorBefore { error: Code::Unknown, retry_after_ms: None };
    sandbox.inject(Fault::next(SandboxCall::Apply, effect).times(2));
    for _ in 0..2 {
        assert_eq!(refusal(sandbox.apply(&budget(1, 10_000, 12_000, 0), at(0))).code, Code::Unknown);
    }
    let key = budget(1, 1, 2, 0).idempotency_key;
    assert_eq!(sandbox.outcome_of(key).result.unwrap(), CallOutcome::NotSeen);
    assert!(sandbox.faults().is_empty());
    assert!(sandbox.apply(&budget(1, 10_000, 12_000, 0), at(0)).result.is_ok());
}

#[test]
fn faults_wait_for_their_own_kind_of_call() {
    let mut sandbox = sandbox();
    sandbox.inject(Fault::next(SandboxCall::Read, FaultEffect::Slow).delay(1_000));
    assert!(sandbox.apply(&budget(1, 10_000, 12_000, 0), at(0)).delay.is_zero());
    assert_eq!(sandbox.read(&campaign()).delay.as_millis(), 1_000);
}

#[test]
fn a_sandbox_survives_as_json_and_as_its_ledger() {
    let mut original = sandbox();
    original.apply(&budget(1, 10_000, 11_000, 0), at(0)).result.unwrap();
    original.apply(&budget(2, 11_000, 12_000, 5), at(5)).result.unwrap();
    original.inject(Fault::next(SandboxCall::Read, FaultEffect::Slow));

    let text = serde_json::to_string(&original).unwrap();
    assert_eq!(serde_json::from_str::<Sandbox>(&text).unwrap(), original);

    original.clear_faults();
    let mut restarted = sandbox();
    for entry in original.ledger().iter().chain(original.ledger()) {
        restarted.replay(entry.clone());
    }
    assert_eq!(restarted, original);
}

#[test]
fn the_sandbox_keeps_the_contract_of_platforms() {
    let platform = SandboxPlatform::new(sandbox());
    pollster::block_on(crate::platform::contract::ad_platform(&platform, &campaign(), at(0))).unwrap();
    assert_eq!(platform.lock().ledger().len(), 1);
}

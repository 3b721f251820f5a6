//! One rule, one example.

use stratum_autopilot::action::{ActionState, StatusReason};
use stratum_autopilot::approval::{PersonRefusal, WaitingFor};
use stratum_autopilot::audit::{Actor, AuditAction};
use stratum_autopilot::engine::{EngineError, Stepped};
use stratum_autopilot::kill_switch::Scope;
use stratum_autopilot::platform::PlatformErrorCode;
use stratum_autopilot::platform::sandbox::{Fault, FaultEffect, SandboxCall};
use stratum_autopilot::store::Moment;
use stratum_core::gate::OverrideRefusal;
use stratum_core::id::ActionId;
use stratum_core::vocabulary::{ActionType, Platform, Role};

use crate::world::{StoreFault, World, lower, noon, pause, person, tenant};

fn healthy() -> World {
    let world = World::new();
    world.health(Platform::Meta, 90.0, noon());
    world.health(Platform::Google, 90.0, noon());
    world
}

fn approved(world: &World) -> ActionId {
    let id = world.propose(pause(1, 0), noon()).unwrap();
    world.approve(id, noon()).unwrap();
    id
}

#[test]
fn an_approved_action_is_executed_once_and_leaves_its_whole_trail() {
    let world = healthy();
    let id = approved(&world);
    assert_eq!(world.step(id, noon()), Ok(Stepped::Applied));
    assert_eq!(world.step(id, noon()), Ok(Stepped::Nothing));
    assert_eq!(world.executions(id), 1);
    use AuditAction::{Applied, Approved, GateEvaluated, Intent, Queued};
    assert_eq!(world.trail(id), [Queued, GateEvaluated, Approved, GateEvaluated, Intent, Applied]);
}

#[test]
fn an_action_whose_signals_are_not_trustworthy_waits_until_they_are() {
    let world = World::new();
    world.health(Platform::Meta, 69.9999, noon());
    let id = approved(&world);
    let waits = Stepped::Waits { waiting_for: Some(WaitingFor::Gate), until: None };
    assert_eq!(world.step(id, noon()), Ok(waits));
    assert_eq!((world.executions(id), world.action(id).state()), (0, ActionState::Approved));
    let later = noon().plus_minutes(5);
    world.health(Platform::Meta, 70.0, later);
    assert_eq!(world.step(id, later), Ok(Stepped::Applied));
}

#[test]
fn while_frozen_nothing_is_approved_or_claimed_and_queueing_goes_on() {
    let world = healthy();
    let engine = world.engine();
    let moment = Moment::utc(noon());
    let id = approved(&world);
    let admin = Actor::user(person());
    let freeze = engine.freeze(tenant(), Scope::Tenant, Role::Manager, admin, "", moment);
    assert_eq!(pollster::block_on(freeze), Ok(true));
    let waits = Stepped::Waits { waiting_for: Some(WaitingFor::KillSwitch), until: None };
    assert_eq!(world.step(id, noon()), Ok(waits));
    let other = world.propose(pause(2, 1), noon()).unwrap();
    let refused = world.approve(other, noon()).unwrap_err();
    assert_eq!(refused, EngineError::Approval(PersonRefusal::KillSwitchActive));
    let release = engine.unfreeze(tenant(), Scope::Tenant, Role::Admin, admin, "budgets corrected", moment);
    assert_eq!(pollster::block_on(release), Ok(true));
    assert_eq!(world.step(id, noon()), Ok(Stepped::Applied));
}

#[test]
fn without_its_intent_entry_nothing_is_executed() {
    let world = healthy();
    let id = approved(&world);
    // The reads of a step are two of the store and one of the signals; the fourth call is the commit of the claim.
    let reads = [StoreFault::None; 3];
    world.fail_next(reads.into_iter().chain([StoreFault::Before]));
    assert!(matches!(world.step(id, noon()), Err(EngineError::Store(_))));
    assert_eq!((world.executions(id), world.action(id).state()), (0, ActionState::Approved));
    assert!(!world.trail(id).contains(&AuditAction::Intent));
}

#[test]
fn a_lost_answer_is_found_again_by_the_key() {
    let world = healthy();
    let id = approved(&world);
    world.platform.lock().inject(Fault::next(SandboxCall::Apply, FaultEffect::AnswerLost));
    assert_eq!(world.step(id, noon()), Ok(Stepped::Open));
    assert_eq!(world.step(id, noon().plus_minutes(1)), Ok(Stepped::Nothing)); // the lease still runs
    assert_eq!(world.step(id, noon().plus_minutes(2)), Ok(Stepped::Applied));
    assert_eq!(world.executions(id), 1);
}

#[test]
fn a_call_that_never_arrived_is_made_again() {
    let world = healthy();
    let id = approved(&world);
    let effect = FaultEffect::ErrorBefore { error: PlatformErrorCode::Unknown, retry_after_ms: None };
    world.platform.lock().inject(Fault::next(SandboxCall::Apply, effect));
    assert_eq!(world.step(id, noon()), Ok(Stepped::Open));
    let lapsed = noon().plus_minutes(2);
    assert_eq!(world.step(id, lapsed), Ok(Stepped::Released { retry_after_ms: 0 }));
    assert_eq!(world.step(id, lapsed), Ok(Stepped::Applied));
    assert_eq!((world.executions(id), world.action(id).attempts()), (1, 2));
}

#[test]
fn a_rate_limit_puts_the_action_back_and_says_when_to_come_again() {
    let world = healthy();
    let id = approved(&world);
    let effect =
        FaultEffect::ErrorBefore { error: PlatformErrorCode::RateLimited, retry_after_ms: Some(30_000) };
    world.platform.lock().inject(Fault::next(SandboxCall::Apply, effect));
    assert_eq!(world.step(id, noon()), Ok(Stepped::Released { retry_after_ms: 30_000 }));
    assert_eq!(world.step(id, noon()), Ok(Stepped::Applied));
}

#[test]
fn a_platform_that_shows_another_value_fails_the_action() {
    let world = healthy();
    let id = world.propose(lower(1, 0, 9_000, 8_000), noon()).unwrap();
    world.approve(id, noon()).unwrap();
    assert_eq!(world.step(id, noon()), Ok(Stepped::Ended(Some(StatusReason::StateChanged))));
}

#[test]
fn an_outcome_that_nobody_can_tell_is_failed_and_never_sent_again() {
    let world = healthy();
    let id = approved(&world);
    let unreachable =
        FaultEffect::ErrorBefore { error: PlatformErrorCode::Unavailable, retry_after_ms: None };
    world.platform.lock().inject(Fault::next(SandboxCall::Apply, FaultEffect::AnswerLost));
    world.platform.lock().inject(Fault::next(SandboxCall::OutcomeOf, unreachable).times(2));
    assert_eq!(world.step(id, noon()), Ok(Stepped::Open));
    assert_eq!(world.step(id, noon().plus_minutes(2)), Ok(Stepped::Open)); // asked again later
    let given_up = noon().plus_hours(4);
    assert_eq!(world.step(id, given_up), Ok(Stepped::Ended(Some(StatusReason::OutcomeUnknown))));
    assert_eq!(world.step(id, given_up), Ok(Stepped::Nothing));
}

#[test]
fn a_rollback_is_a_new_action_that_needs_its_own_approval() {
    let world = healthy();
    let id = approved(&world);
    let moment = Moment::utc(noon());
    let new_id = ActionId::v7(noon(), [9; 10]);
    let engine = world.engine();
    let early = engine.rollback(tenant(), id, new_id, person(), moment);
    assert_eq!(pollster::block_on(early).unwrap_err(), EngineError::NotApplied);
    world.step(id, noon()).unwrap();
    let rollback = engine.rollback(tenant(), id, new_id, person(), moment);
    let (action, _) = pollster::block_on(rollback).unwrap();
    assert_eq!((action.action_type(), action.reverts()), (ActionType::EnableCampaign, Some(id)));
    assert_eq!(world.step(new_id, noon()), Ok(Stepped::Nothing)); // queued, not approved
}

#[test]
fn an_override_executes_under_a_hold_and_never_while_frozen() {
    let world = World::new();
    world.health(Platform::Meta, 55.0, noon());
    let id = world.propose(pause(1, 0), noon()).unwrap();
    let moment = Moment::utc(noon());
    let engine = world.engine();
    let short = engine.approve(tenant(), id, person(), Some("now"), None, moment);
    assert_eq!(
        pollster::block_on(short).unwrap_err(),
        EngineError::Override(OverrideRefusal::ReasonTooShort)
    );
    let given = engine.approve(tenant(), id, person(), Some("the shop is closed today"), None, moment);
    pollster::block_on(given).unwrap();
    assert_eq!(world.step(id, noon()), Ok(Stepped::Applied));
    assert!(world.trail(id).contains(&AuditAction::OverrideLogged));
}

/// Two changes on two platforms that belong together.
fn pair(world: &World) -> (ActionId, ActionId) {
    let pair_id = Some(ActionId::v7(noon(), [50; 10]));
    let mut from = lower(1, 0, 10_000, 9_000);
    from.pair_id = pair_id;
    let mut to = pause(2, 1);
    (to.pair_id, to.platform) = (pair_id, Platform::Google);
    let from = world.propose(from, noon()).unwrap();
    let to = world.propose(to, noon()).unwrap();
    (from, to)
}

#[test]
fn a_pair_is_released_together_or_not_at_all() {
    let world = healthy();
    world.health(Platform::Google, 60.0, noon().plus_minutes(1));
    let (from, to) = pair(&world);
    let at = noon().plus_minutes(1);
    world.approve(from, at).unwrap();
    assert_eq!(world.step(from, at), Ok(Stepped::Waits { waiting_for: None, until: None }));
    world.approve(to, at).unwrap();
    // Meta alone would pass; Google holds both.
    let waits = Stepped::Waits { waiting_for: Some(WaitingFor::Gate), until: None };
    assert_eq!(world.step(from, at), Ok(waits));
    let later = noon().plus_minutes(2);
    world.health(Platform::Google, 90.0, later);
    assert_eq!(world.step(to, later), Ok(Stepped::Applied));
    for half in [from, to] {
        assert_eq!((world.executions(half), world.action(half).state()), (1, ActionState::Applied));
        assert!(world.trail(half).contains(&AuditAction::Intent));
    }
}

#[test]
fn the_second_half_of_a_pair_is_not_sent_after_the_first_was_refused() {
    let world = healthy();
    let (from, to) = pair(&world);
    world.approve(from, noon()).unwrap();
    world.approve(to, noon()).unwrap();
    let refused = FaultEffect::ErrorBefore { error: PlatformErrorCode::Refused, retry_after_ms: None };
    world.platform.lock().inject(Fault::next(SandboxCall::Apply, refused));
    world.run(noon());
    for half in [from, to] {
        assert_eq!(world.action(half).status_reason(), Some(StatusReason::PlatformRefused));
        assert_eq!(world.executions(half), 0);
    }
}

#[test]
fn a_future_of_the_engine_can_be_sent_to_another_thread() {
    fn is_send(_: &impl Send) {}
    let world = healthy();
    let engine = world.engine();
    let moment = Moment::utc(noon());
    is_send(&engine.run_once(tenant(), moment));
    is_send(&engine.approve(tenant(), ActionId::v7(noon(), [1; 10]), person(), None, None, moment));
    is_send(&engine.propose(pause(1, 0), Actor::system(), moment));
}

//! Any order of calls, with failures at any call of the store and of the platform.

use std::collections::BTreeMap;

use proptest::prelude::*;
use stratum_autopilot::action::{ActionState, Change, EntityStatus, StatusReason};
use stratum_autopilot::audit::{Actor, AuditAction, AuditEntry};
use stratum_autopilot::kill_switch::Scope;
use stratum_autopilot::platform::PlatformErrorCode;
use stratum_autopilot::platform::sandbox::{Fault, FaultEffect, SandboxCall};
use stratum_autopilot::store::Moment;
use stratum_core::Timestamp;
use stratum_core::id::ActionId;
use stratum_core::vocabulary::{GateDecision, Platform, Role};

use crate::world::{MAX_CHANGES_PER_DAY, StoreFault, World, lower, noon, pause, person, tenant};

#[derive(Debug, Clone)]
enum Call {
    ProposePause(u8),
    ProposeLower(u8),
    Approve(usize),
    Revoke(usize),
    Dismiss(usize),
    Rollback(usize),
    Freeze,
    Unfreeze,
    Run,
    Wait(i64),
    Health(f64),
    StoreFails(Vec<StoreFault>),
    PlatformFails(Fault),
}

fn call() -> impl Strategy<Value = Call> {
    let store_fault =
        prop_oneof![3 => Just(StoreFault::None), 1 => Just(StoreFault::Before), 1 => Just(StoreFault::After)];
    let error = prop::sample::select(PlatformErrorCode::ALL);
    let effect = prop_oneof![
        Just(FaultEffect::AnswerLost),
        error.prop_map(|error| FaultEffect::ErrorBefore { error, retry_after_ms: None }),
    ];
    let on = prop::sample::select(SandboxCall::ALL);
    prop_oneof![
        4 => (0..3_u8).prop_map(Call::ProposePause),
        4 => (0..3_u8).prop_map(Call::ProposeLower),
        10 => (0..12_usize).prop_map(Call::Approve),
        1 => (0..12_usize).prop_map(Call::Revoke),
        1 => (0..12_usize).prop_map(Call::Dismiss),
        2 => (0..12_usize).prop_map(Call::Rollback),
        1 => Just(Call::Freeze),
        4 => Just(Call::Unfreeze),
        10 => Just(Call::Run),
        3 => prop::sample::select(vec![1_i64, 2, 2, 30, 61, 300, 720]).prop_map(Call::Wait),
        6 => prop::sample::select(vec![95.0, 90.0, 80.0, 70.0, 69.9999, 30.0]).prop_map(Call::Health),
        2 => prop::collection::vec(store_fault, 1..8).prop_map(Call::StoreFails),
        2 => (on, effect).prop_map(|(on, effect)| Call::PlatformFails(Fault::next(on, effect))),
    ]
}

/// What the calls are made in, and what is known to hold at this moment.
struct Run {
    world: World,
    now: Timestamp,
    proposed: Vec<ActionId>,
    health: Option<(f64, Timestamp)>,
    next_id: u8,
}

impl Run {
    fn make(&mut self, call: Call) {
        let moment = Moment::utc(self.now);
        let actor = Actor::user(person());
        let pick = |proposed: &[ActionId], index: usize| {
            (!proposed.is_empty()).then(|| proposed[index % proposed.len()])
        };
        let engine = self.world.engine();
        // Refusals and failures are part of the game: what they leave behind is what is looked at.
        match call {
            Call::ProposePause(campaign) => {
                self.next_id += 1;
                self.proposed.extend(self.world.propose(pause(self.next_id, campaign), self.now).ok());
            }
            Call::ProposeLower(campaign) => {
                self.next_id += 1;
                let new = lower(self.next_id, campaign, 10_000, 9_000);
                self.proposed.extend(self.world.propose(new, self.now).ok());
            }
            Call::Approve(index) => {
                if let Some(id) = pick(&self.proposed, index) {
                    let _ = self.world.approve(id, self.now);
                }
            }
            Call::Revoke(index) => {
                if let Some(id) = pick(&self.proposed, index) {
                    let _ = pollster::block_on(engine.revoke(tenant(), id, actor, moment));
                }
            }
            Call::Dismiss(index) => {
                if let Some(id) = pick(&self.proposed, index) {
                    let _ = pollster::block_on(engine.dismiss(tenant(), id, actor, moment));
                }
            }
            Call::Rollback(index) => {
                if let Some(id) = pick(&self.proposed, index) {
                    self.next_id += 1;
                    let new_id = ActionId::v7(noon(), [self.next_id; 10]);
                    let made = pollster::block_on(engine.rollback(tenant(), id, new_id, person(), moment));
                    self.proposed.extend(made.ok().map(|(action, _)| action.id()));
                }
            }
            Call::Freeze => {
                let freeze = engine.freeze(tenant(), Scope::Tenant, Role::Manager, actor, "", moment);
                let _ = pollster::block_on(freeze);
            }
            Call::Unfreeze => {
                let release = engine.unfreeze(tenant(), Scope::Tenant, Role::Admin, actor, "checked", moment);
                let _ = pollster::block_on(release);
            }
            Call::Run => self.run_and_look(),
            Call::Wait(minutes) => self.now = self.now.plus_minutes(minutes),
            Call::Health(score) => {
                self.world.health(Platform::Meta, score, self.now);
                self.health = Some((score, self.now));
            }
            Call::StoreFails(faults) => self.world.fail_next(faults),
            Call::PlatformFails(fault) => self.world.platform.lock().inject(fault),
        }
    }

    /// Whatever runs now runs because everything allows it now.
    fn run_and_look(&self) {
        let before = self.world.platform.lock().ledger().len();
        let frozen = self.frozen();
        self.world.run(self.now);
        if self.world.platform.lock().ledger().len() > before {
            assert!(!frozen, "executed while frozen");
            let (score, measured_at) = self.health.expect("executed without any signal");
            assert!(score >= 70.0, "executed at a health of {score}");
            assert!(self.now.millis_since(measured_at) <= 3_600_000, "executed on stale health");
        }
    }

    fn frozen(&self) -> bool {
        let turned: Vec<AuditEntry> = self
            .world
            .audit()
            .into_iter()
            .filter(|entry| entry.action == AuditAction::KillSwitchChanged)
            .collect();
        turned.last().is_some_and(|entry| {
            entry.changes.as_ref().is_some_and(|changes| changes.after["tenant"] == true)
        })
    }

    /// The trouble is over: everything must come to an end.
    fn wind_up(&mut self) {
        self.world.heal();
        for _ in 0..8 {
            self.now = self.now.plus_hours(4);
            self.world.run(self.now);
        }
    }

    fn check(&self) {
        let audit = self.world.audit();
        for action in self.world.store.actions(tenant()) {
            let executions = self.world.executions(action.id());
            assert!(executions <= 1, "{} was executed {executions} times", action.id());
            match (action.state(), action.status_reason()) {
                (ActionState::Applied, _) => assert_eq!(executions, 1, "applied without an execution"),
                (ActionState::Failed, Some(StatusReason::OutcomeUnknown)) => {}
                (ActionState::Failed | ActionState::Dismissed, _) => {
                    assert_eq!(executions, 0, "recorded as not done: {action:?}");
                }
                (state, _) => panic!("{state} after everything had time to end"),
            }
            if executions == 1 {
                check_trail(action.id(), &audit);
            }
        }
        // Pauses count, and are never refused by the count.
        let mut changes_of_day: BTreeMap<_, u32> = BTreeMap::new();
        for entry in self.world.platform.lock().ledger() {
            let earlier = changes_of_day.entry(entry.accepted_at.utc_date()).or_default();
            let is_pause = matches!(entry.change, Change::Status { after: EntityStatus::Paused, .. });
            assert!(is_pause || *earlier < MAX_CHANGES_PER_DAY, "change {earlier} of a day: {entry:?}");
            *earlier += 1;
        }
    }
}

/// An approval that was not taken back, then a pass of the gate, then an intent, before the result.
fn check_trail(id: ActionId, audit: &[AuditEntry]) {
    let id = id.to_string();
    let about: Vec<&AuditEntry> =
        audit.iter().filter(|entry| entry.resource_id.as_ref() == Some(&id)).collect();
    let last = |what: AuditAction| about.iter().rposition(|entry| entry.action == what);
    let intent = last(AuditAction::Intent).expect("an intent entry");
    let approved = last(AuditAction::Approved).expect("an approval");
    assert!(approved < intent, "approved after the intent");
    assert!(last(AuditAction::Revoked).is_none_or(|revoked| revoked < approved), "executed although revoked");
    let passed = about.iter().rposition(|entry| {
        entry.action == AuditAction::GateEvaluated
            && entry
                .intervention
                .as_ref()
                .is_some_and(|about| about.gate_decision == Some(GateDecision::Pass))
    });
    assert!(passed.is_some_and(|passed| approved < passed && passed < intent), "no pass before the intent");
    assert!(last(AuditAction::Applied).is_none_or(|applied| intent < applied));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, max_shrink_iters: 2_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_order_of_calls_and_failures_executes_what_was_not_allowed_or_loses_an_action(
        calls in prop::collection::vec(call(), 1..100),
    ) {
        let mut run = Run { world: World::new(), now: noon(), proposed: Vec::new(), health: None, next_id: 0 };
        run.make(Call::Health(90.0));
        for call in calls {
            run.make(call);
        }
        run.wind_up();
        run.check();
    }
}

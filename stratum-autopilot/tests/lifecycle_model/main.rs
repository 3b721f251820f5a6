//! Every interleaving of two executors, a kill switch, a person, a clock and a network that loses, delays and repeats, on
//! one action. The model steps the real `Action`, the real claim and reconcile decisions and the real sandbox; only the
//! order of events is its own.
#![cfg(test)]
#![allow(clippy::arithmetic_side_effects, reason = "a test fails by panicking")]

mod model;

use model::{Flaw, Lifecycle, Step};
use stateright::{Checker, DiscoveryClassification, HasDiscoveries, Model, Property};
use stratum_autopilot::action::{ActionState, StatusReason};

/// Explores a world with a flaw until this property is seen to break, and gives the steps that break it.
fn steps_that_break(property: &'static str, flaw: Flaw) -> Vec<Step> {
    let until = HasDiscoveries::AllOf([property].into());
    let checker = Lifecycle::with(flaw).checker().finish_when(until).spawn_bfs().join();
    checker.assert_any_discovery(property).into_actions()
}

#[test]
fn no_interleaving_executes_twice_or_loses_an_action() {
    let checker = Lifecycle::with(Flaw::None).checker().threads(2).spawn_bfs().join();
    println!("{} states, {} of them distinct", checker.state_count(), checker.unique_state_count());
    // The form of a counterexample that can be read: its steps.
    for (property, path) in checker.discoveries() {
        if matches!(checker.discovery_classification(property), DiscoveryClassification::Counterexample) {
            panic!("{property}: {:?}", path.into_actions());
        }
    }
    checker.assert_properties();
    assert!(
        checker.unique_state_count() > 100_000,
        "the model has shrunk to {}",
        checker.unique_state_count()
    );
}

// The checker must be able to find what it looks for: each flaw has a counterexample.

#[test]
fn sending_again_under_a_new_key_without_asking_executes_twice() {
    let steps = steps_that_break("executed at most once", Flaw::ResendsUnderANewKey);
    assert!(steps.iter().any(|step| matches!(step, Step::Reconcile(_))), "{steps:?}");
}

#[test]
fn a_platform_without_deadlines_executes_what_was_recorded_as_failed() {
    steps_that_break("the record agrees with the platform", Flaw::NoDeadline);
}

#[test]
fn a_claim_that_is_not_stored_atomically_starts_while_frozen() {
    let steps = steps_that_break("nothing is claimed while frozen", Flaw::BlindWrites);
    assert!(steps.contains(&Step::Freeze), "{steps:?}");
}

impl Model for Lifecycle {
    type State = model::State;
    type Action = Step;

    fn init_states(&self) -> Vec<Self::State> {
        vec![self.start()]
    }

    fn actions(&self, state: &Self::State, steps: &mut Vec<Step>) {
        state.steps(steps);
    }

    fn next_state(&self, last: &Self::State, step: Step) -> Option<Self::State> {
        let mut next = last.clone();
        self.take(&mut next, step);
        (next != *last).then_some(next)
    }

    fn properties(&self) -> Vec<Property<Self>> {
        vec![
            Property::always("executed at most once", |_, state: &Self::State| {
                state.platform.ledger().len() <= 1
            }),
            Property::always("nothing is executed without an intent entry", |_, state: &Self::State| {
                state.platform.ledger().is_empty() || state.intents > 0
            }),
            Property::always("nothing is claimed while frozen", |_, state: &Self::State| {
                !state.claimed_while_frozen
            }),
            Property::always("what is executed is being applied", |_, state: &Self::State| {
                !state.executed_unclaimed
            }),
            Property::always("the record agrees with the platform", |_, state: &Self::State| {
                let executed = !state.platform.ledger().is_empty();
                match (state.action.state(), state.action.status_reason()) {
                    (ActionState::Applied, _) => executed,
                    (ActionState::Failed, Some(StatusReason::OutcomeUnknown)) => true,
                    (ActionState::Failed | ActionState::Dismissed | ActionState::Queued, _) => !executed,
                    _ => true,
                }
            }),
            Property::always("an action that has not ended can go on", |_, state: &Self::State| {
                let mut steps = Vec::new();
                state.steps(&mut steps);
                state.action.state().is_final() || !steps.is_empty()
            }),
            Property::eventually("it ends", |_, state: &Self::State| state.action.state().is_final()),
            Property::sometimes("it is applied at the first attempt", |_, state: &Self::State| {
                state.action.state() == ActionState::Applied && state.action.attempts() == 1
            }),
            Property::sometimes("it is applied at the second attempt", |_, state: &Self::State| {
                state.action.state() == ActionState::Applied && state.action.attempts() == 2
            }),
            Property::sometimes("it is applied although an executor died", |_, state: &Self::State| {
                state.action.state() == ActionState::Applied && state.crashed
            }),
            Property::sometimes("a call arrives late and changes nothing", |_, state: &Self::State| {
                state.refused_late
            }),
            Property::sometimes("the outcome stays unknown", |_, state: &Self::State| {
                state.action.status_reason() == Some(StatusReason::OutcomeUnknown)
            }),
        ]
    }
}

//! Two actions that belong together: neither is claimed alone.

use stratum_autopilot::action::{Action, ActionState, Approval, Approver, Outcome, RefusalCode};
use stratum_autopilot::enforcement::{CompiledEnforcement, EnforcementFacts, EnforcementSettings};
use stratum_autopilot::engine::{
    ClaimFacts, ClaimRefusal, ClaimStep, PairStep, claim, claim_pair, claim_second_half,
};
use stratum_autopilot::permit::PermitRefusal;
use stratum_core::Currency;
use stratum_core::gate::GateFacts;
use stratum_core::id::ActionId;
use stratum_core::policy::{CompiledTrustPolicy, TrustPolicy};
use stratum_core::vocabulary::Platform;

use crate::world::{lower, noon, pause, person, snapshot, tenant};

/// Two approved halves: META gives, GOOGLE is paused.
fn halves() -> [Action; 2] {
    let pair_id = Some(ActionId::v7(noon(), [50; 10]));
    let mut from = lower(1, 0, 10_000, 9_000);
    from.pair_id = pair_id;
    let mut to = pause(2, 1);
    (to.pair_id, to.platform) = (pair_id, Platform::Google);
    [from, to].map(|new| {
        let mut action = Action::queue(new, noon()).unwrap();
        let approval = Approval { by: Approver::User(person()), at: noon(), override_reason: None };
        action.approve(approval, noon()).unwrap();
        action
    })
}

/// What is known when both platforms are well; the gate facts of an action name `platforms`.
struct Known {
    trust: CompiledTrustPolicy,
    enforcement: CompiledEnforcement,
    limits: EnforcementFacts,
}

impl Known {
    fn new() -> Self {
        Self {
            trust: TrustPolicy::default().compile().unwrap(),
            enforcement: EnforcementSettings::default().compile().unwrap(),
            limits: EnforcementFacts::new(noon(), noon().plus_hours(12), Currency::USD),
        }
    }

    fn gate(action: &Action, platforms: &[Platform]) -> GateFacts {
        let subject = action.action_type().into();
        let mut gate = GateFacts::new(tenant(), subject, platforms.to_vec(), noon());
        gate.entity_type = Some(action.entity_type());
        gate.entity_id = Some(action.entity_id().to_owned());
        gate.snapshots = platforms.iter().map(|&platform| snapshot(platform, 90.0, noon())).collect();
        gate
    }

    fn facts<'a>(&'a self, gate: &'a GateFacts) -> ClaimFacts<'a> {
        ClaimFacts {
            trust: &self.trust,
            enforcement: &self.enforcement,
            gate,
            limits: &self.limits,
            confirmation: None,
        }
    }
}

const BOTH: [Platform; 2] = [Platform::Meta, Platform::Google];

#[test]
fn half_of_a_pair_is_never_claimed_alone() {
    let known = Known::new();
    for half in halves() {
        for platforms in [&[half.platform()][..], &BOTH] {
            let gate = Known::gate(&half, platforms);
            let refused = claim(&half, &known.facts(&gate)).unwrap_err();
            assert_eq!(refused, ClaimRefusal::HalfOfPair);
        }
    }
}

#[test]
fn both_halves_are_claimed_together_where_both_platforms_are_asked_about() {
    let known = Known::new();
    let [from, to] = halves();
    let gates = [Known::gate(&from, &BOTH), Known::gate(&to, &BOTH)];
    let decision = claim_pair([&from, &to], [&known.facts(&gates[0]), &known.facts(&gates[1])]).unwrap();
    let PairStep::Execute(both) = decision.step else { panic!("{:?}", decision.step) };
    assert!(both.iter().all(|(half, _)| half.state() == ActionState::Applying));

    // Facts that leave the other platform out prove nothing about it.
    let alone = Known::gate(&to, &[Platform::Google]);
    let refused = claim_pair([&from, &to], [&known.facts(&gates[0]), &known.facts(&alone)]).unwrap_err();
    assert_eq!(refused, ClaimRefusal::NotPermitted(PermitRefusal::EvidenceMismatch));
    let other_pair = claim_pair([&from, &from], [&known.facts(&gates[0]), &known.facts(&gates[0])]);
    assert!(matches!(
        other_pair.unwrap_err(),
        ClaimRefusal::State(refusal) if refusal.code == RefusalCode::InvalidTransition
    ));
}

#[test]
fn the_second_half_is_claimed_alone_only_after_the_first_was_applied() {
    let known = Known::new();
    let [mut from, to] = halves();
    let gate = Known::gate(&to, &BOTH);
    let early = claim_second_half(&to, &from, &known.facts(&gate)).unwrap_err();
    assert_eq!(early, ClaimRefusal::HalfOfPair);

    let lease = from.claim(noon()).unwrap();
    from.settle(lease.attempt, Outcome::Applied, noon()).unwrap();
    let decision = claim_second_half(&to, &from, &known.facts(&gate)).unwrap();
    assert!(matches!(decision.step, ClaimStep::Execute { .. }), "{:?}", decision.step);
    let alone = Known::gate(&to, &[Platform::Google]);
    let refused = claim_second_half(&to, &from, &known.facts(&alone)).unwrap_err();
    assert_eq!(refused, ClaimRefusal::NotPermitted(PermitRefusal::EvidenceMismatch));
    // Another action of the same pair's platform is not its other half.
    let stranger = Action::queue(pause(9, 2), noon()).unwrap();
    assert_eq!(
        claim_second_half(&stranger, &from, &known.facts(&gate)).unwrap_err(),
        ClaimRefusal::HalfOfPair
    );
}

//! Every rule, and both sides of every limit.

use proptest::prelude::*;
use stratum_core::Timestamp;
use stratum_core::time::DAY_MS;

use super::*;

fn now() -> Timestamp {
    "2026-06-30T12:00:00Z".parse().unwrap()
}

fn ago(days: i64, ms: i64) -> Timestamp {
    now().plus_millis(days.saturating_mul(-DAY_MS).saturating_sub(ms))
}

/// A customer who was last seen so many days and milliseconds ago.
fn customer(days: i64, ms: i64) -> LifecycleFacts {
    let mut facts = LifecycleFacts::new(ago(days, ms));
    facts.identified = true;
    facts.purchases = 1;
    facts
}

fn stage(facts: &LifecycleFacts) -> (LifecycleStage, LifecycleReason) {
    let found = LifecyclePolicy::default().compile().unwrap().evaluate(facts, now());
    (found.stage, found.reason)
}

#[test]
fn a_limit_itself_still_belongs_to_the_better_stage() {
    use LifecycleReason as Reason;
    use LifecycleStage as Stage;
    let active = LifecycleFacts { recent_days_after_purchase: 2, ..customer(30, 0) };
    assert_eq!(stage(&active), (Stage::Active, Reason::Returning));
    let after = LifecycleFacts { last_seen_at: ago(30, 1), ..active };
    assert_eq!(stage(&after), (Stage::Customer, Reason::Purchased));
    assert_eq!(stage(&customer(90, 0)), (Stage::Customer, Reason::Purchased));
    assert_eq!(stage(&customer(90, 1)), (Stage::AtRisk, Reason::NotSeen));
    assert_eq!(stage(&customer(180, 0)), (Stage::AtRisk, Reason::NotSeen));
    assert_eq!(stage(&customer(180, 1)), (Stage::Churned, Reason::NotSeen));
}

#[test]
fn the_first_rule_that_holds_decides() {
    use LifecycleReason as Reason;
    use LifecycleStage as Stage;
    let known = LifecycleFacts { purchases: 0, ..customer(170, 0) };
    assert_eq!(stage(&known), (Stage::Known, Reason::Identified));
    assert_eq!(stage(&LifecycleFacts { lead_signal: true, ..known }), (Stage::Lead, Reason::LeadSignal));
    // Somebody who never bought is not at risk, but can be gone.
    let gone = LifecycleFacts { lead_signal: true, last_seen_at: ago(181, 0), ..known };
    assert_eq!(stage(&gone), (Stage::Churned, Reason::NotSeen));
    let nobody = LifecycleFacts { identified: false, ..customer(400, 0) };
    assert_eq!(stage(&nobody), (Stage::Anonymous, Reason::NotIdentified));
    // One day of activity after the purchase is not yet active.
    assert_eq!(stage(&LifecycleFacts { recent_days_after_purchase: 1, ..customer(0, 0) }).0, Stage::Customer);
}

#[test]
fn half_the_activity_is_no_risk_and_less_than_half_is_if_there_was_enough() {
    use LifecycleStage as Stage;
    for (recent_events, events_before, expected) in [
        (5, 10, Stage::Active),
        (4, 10, Stage::AtRisk),
        (2, 5, Stage::AtRisk),
        (3, 5, Stage::Active),
        (0, 4, Stage::Active),
    ] {
        let facts =
            LifecycleFacts { recent_events, events_before, recent_days_after_purchase: 3, ..customer(1, 0) };
        assert_eq!(stage(&facts).0, expected, "{recent_events} events after {events_before}");
    }
}

#[test]
fn activity_is_counted_from_the_instants_of_events() {
    let policy = LifecyclePolicy::default().compile().unwrap();
    let mut facts = customer(0, 0);
    let bought = ago(10, 0);
    let events = [
        ago(-1, 0),
        ago(0, 0),
        ago(1, 0),
        ago(1, 5),
        bought,
        ago(29, 86_399_999),
        ago(30, 0),
        ago(59, 0),
        ago(60, 0),
    ];
    facts.count_activity(&events, Some(bought), &policy, now());
    assert_eq!((facts.recent_events, facts.events_before), (5, 2));
    // Today and yesterday; the day of the purchase itself does not count.
    assert_eq!(facts.recent_days_after_purchase, 2);
}

#[test]
fn every_wrong_limit_is_named() {
    let wrong = |active, at_risk, churned| {
        let problems = LifecyclePolicy { active, at_risk, churned }.compile().unwrap_err();
        problems.iter().map(|p| format!("{} {}", p.path, p.code)).collect::<Vec<_>>()
    };
    assert_eq!(wrong(0, 90, 3651), ["/active out_of_range", "/churned out_of_range"]);
    assert_eq!(wrong(90, 90, 60), ["/at_risk not_increasing", "/churned not_increasing"]);
}

proptest! {
    #[test]
    fn as_nothing_happens_nobody_comes_back(
        purchases in 0_u64..3, lead_signal: bool, identified: bool, days in 0_u32..4, waits in prop::collection::vec(0_i64..90, 1..6),
    ) {
        // How far gone a stage is, as time passes without an event.
        let gone = |stage| match stage {
            LifecycleStage::Churned => 3,
            LifecycleStage::AtRisk => 2,
            LifecycleStage::Customer => 1,
            _ => 0,
        };
        let policy = LifecyclePolicy::default().compile().unwrap();
        let facts = LifecycleFacts { identified, purchases, lead_signal, recent_days_after_purchase: days, ..customer(0, 0) };
        let mut at = now();
        let mut before = policy.evaluate(&facts, at).stage;
        for wait in waits {
            at = at.plus_millis(wait.saturating_mul(DAY_MS));
            let after = policy.evaluate(&facts, at).stage;
            prop_assert!(gone(after) >= gone(before), "{} after {}", after, before);
            before = after;
        }
    }
}

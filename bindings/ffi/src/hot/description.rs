//! The hot operations as data, for the generator.

use stratum_autopilot::decision::LimitFacts;
use stratum_core::gate::GateFacts;
use stratum_core::health::HealthSnapshot;

use super::shape::{Kind, Shape};
use super::shapes::{EnforcementBrief, EventAnswer, EventFacts, GateBrief, HealthFacts};
use super::slot::Slot;

/// A hot operation: its facts go in as slots, and its answer comes out as slots.
#[derive(Debug, Clone)]
pub struct HotOperation {
    /// Its name in the table.
    pub name: &'static str,
    /// What it is asked.
    pub facts: Shape,
    /// What it answers.
    pub answer: Shape,
}

/// Every hot operation.
#[must_use]
pub fn operations() -> Vec<HotOperation> {
    vec![
        of::<HealthFacts, HealthSnapshot>("health.evaluate"),
        of::<GateFacts, GateBrief>("gate.evaluate"),
        of::<LimitFacts, EnforcementBrief>("enforcement.check"),
        of::<EventFacts, EventAnswer>("emq.event"),
    ]
    .into_iter()
    .flatten()
    .collect()
}

fn of<Q: Slot, A: Slot>(name: &'static str) -> Option<HotOperation> {
    match (Q::kind(), A::kind()) {
        (Kind::Object(facts), Kind::Object(answer)) => Some(HotOperation { name, facts, answer }),
        _ => None,
    }
}

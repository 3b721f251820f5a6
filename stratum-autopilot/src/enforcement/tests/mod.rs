//! Every row and boundary of the rules, and what must hold whatever the input.
#![allow(clippy::arithmetic_side_effects, reason = "tests may panic: that is how they fail")]

mod budget;
mod changes;
mod claim;
mod confirmation;
mod days;
mod frequency;
mod performance;
mod remedies;
mod settings;
mod spend;

use super::testing::*;
use super::*;

/// The kinds (or, without one, the types) of what a check finds, as text.
fn found(
    settings: &EnforcementSettings,
    subject: &CheckSubject,
    facts: &EnforcementFacts,
) -> Vec<&'static str> {
    names(&check(&settings.compile().unwrap(), subject, facts))
}

fn names(check: &EnforcementCheck) -> Vec<&'static str> {
    check
        .violations
        .iter()
        .map(|violation| violation.kind.map_or(violation.violation_type.as_str(), ViolationKind::as_str))
        .collect()
}

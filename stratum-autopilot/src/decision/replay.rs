//! Deciding again: same facts, same policy, same bytes.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use stratum_core::canonical;
use stratum_core::problem::{Problem, ProblemCollector, Problems, pointer_step};
use stratum_core::vocabulary::GateDecision;

use super::DecisionRecord;
use super::record::outcome_of;

/// What deciding again gave.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Replay {
    /// Whether the canonical JSON of both outcomes is the same, byte for byte.
    pub identical: bool,
    /// What was decided then.
    pub recorded: GateDecision,
    /// What is decided now.
    pub now: GateDecision,
    /// Where the outcomes first differ: a JSON pointer into the outcome; null if they do not.
    pub first_difference: Option<String>,
}

/// Decides a recorded decision again and compares.
///
/// # Errors
/// `digest_mismatch` at each part that was changed since it was recorded; `invalid_record` if a part cannot be read; and
/// what is wrong with the policy, below `/policy`. A record that cannot be trusted is not compared.
pub fn replay(record: &DecisionRecord) -> Result<Replay, Problems> {
    record.check_digests()?;
    let mut found = ProblemCollector::new();
    let facts = found.take("", record.read_facts());
    let policy = found.take("", record.read_policy());
    let recorded = record
        .decision()
        .ok_or_else(|| Problem::new("/outcome/decision", "invalid_record", "the outcome names no decision"));
    let recorded = found.take("", recorded);
    let (Some(facts), Some(policy), Some(recorded)) = (facts, policy, recorded) else {
        return Err(found
            .into_problems()
            .unwrap_or_else(|| Problem::new("", "invalid_record", "the record cannot be read").into()));
    };
    let decision = policy.compile().map_err(|problems| problems.under("/policy"))?.decide(&facts)?;
    let outcome = outcome_of(&decision)?;
    let identical = canonical::write(&record.outcome)? == canonical::write(&outcome)?;
    Ok(Replay {
        identical,
        recorded,
        now: decision.decision,
        first_difference: if identical { None } else { first_difference(&record.outcome, &outcome) },
    })
}

/// The JSON pointer of the first place at which two values have different canonical JSON; `None` if they have the same.
fn first_difference(recorded: &Value, now: &Value) -> Option<String> {
    match (recorded, now) {
        (Value::Object(recorded), Value::Object(now)) => {
            let keys: BTreeSet<&String> = recorded.keys().chain(now.keys()).collect();
            keys.into_iter().find_map(|key| {
                let step = || pointer_step(key);
                match (recorded.get(key), now.get(key)) {
                    (Some(then), Some(now)) => first_difference(then, now).map(|rest| step() + &rest),
                    _ => Some(step()),
                }
            })
        }
        (Value::Array(recorded), Value::Array(now)) => {
            let longest = recorded.len().max(now.len());
            (0..longest).find_map(|index| match (recorded.get(index), now.get(index)) {
                (Some(then), Some(now)) => first_difference(then, now).map(|rest| format!("/{index}{rest}")),
                _ => Some(format!("/{index}")),
            })
        }
        _ if canonical::write(recorded) == canonical::write(now) => None,
        _ => Some(String::new()),
    }
}

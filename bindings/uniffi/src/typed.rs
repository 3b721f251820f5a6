//! The hot operations with records. Each runs the operation of the table, so that it means what it means everywhere.

use serde::Serialize;
use serde::de::DeserializeOwned;
use stratum_ffi::request;
use stratum_ffi::stratum_core::problem::Problems;

use crate::errors::StratumError;
use crate::records::{
    EnforcementCheck, EnforcementSettings, Event, EventEmqResponse, GateFacts, GateResponse, HealthFacts,
    HealthSnapshot, LimitFacts, TrustPolicy,
};
use crate::values::{Timestamp, to_json};

/// A request with a policy; without one the defaults decide.
#[derive(Serialize)]
struct Judged<F, P> {
    facts: F,
    #[serde(skip_serializing_if = "Option::is_none")]
    policy: Option<P>,
}

#[derive(Serialize)]
struct Received {
    event: Event,
    received_at: Timestamp,
}

/// Evaluates the signal health of one platform: the score, what it is made of, and what is wrong.
///
/// # Errors
/// Every problem of the policy (under `/policy`) and of the facts (under `/facts`).
#[uniffi::export(default(policy = None))]
pub fn evaluate_health(
    facts: HealthFacts,
    policy: Option<TrustPolicy>,
) -> Result<HealthSnapshot, StratumError> {
    run("health.evaluate", &Judged { facts, policy })
}

/// Asks the trust gate whether a change may run now: PASS, HOLD or BLOCK, with every reason and what would change it.
///
/// # Errors
/// Every problem of the policy, under `/policy`. Facts that make no sense are a BLOCK, not an error.
#[uniffi::export(default(policy = None))]
pub fn evaluate_gate(facts: GateFacts, policy: Option<TrustPolicy>) -> Result<GateResponse, StratumError> {
    run("gate.evaluate", &Judged { facts, policy })
}

/// Scores how well one event can be matched to a person (event match quality).
///
/// # Errors
/// Every problem of the event, under `/event`.
#[uniffi::export]
pub fn score_event(event: Event, received_at: Timestamp) -> Result<EventEmqResponse, StratumError> {
    run("emq.event", &Received { event, received_at })
}

/// Checks a change against every limit of the tenant: all violations, and what would be allowed.
///
/// # Errors
/// Every problem of the limits, under `/policy`. Facts that make no sense are violations, not errors.
#[uniffi::export(default(policy = None))]
pub fn check_enforcement(
    facts: LimitFacts,
    policy: Option<EnforcementSettings>,
) -> Result<EnforcementCheck, StratumError> {
    run("enforcement.check", &Judged { facts, policy })
}

fn run<Q: Serialize, R: DeserializeOwned>(operation: &str, asked: &Q) -> Result<R, StratumError> {
    stratum_ffi::guard::keep_guarded_panics_quiet();
    // The conversions are guarded, too: whatever breaks in here is a bug of ours and no crash of the app.
    let answered = stratum_ffi::guard(operation, || {
        let request = to_json(asked)?;
        read(&stratum_ffi::call_value(operation, &request)?)
    });
    Ok(answered?)
}

/// A record from the answer of an operation.
pub(crate) fn read<R: DeserializeOwned>(answer: &serde_json::Value) -> Result<R, Problems> {
    request::part(answer, "")
}

/// The same in the other form: a record of what the libraries say, or what they need of a record.
pub(crate) fn convert<T: Serialize, R: DeserializeOwned>(value: &T) -> Result<R, Problems> {
    read(&to_json(value)?)
}

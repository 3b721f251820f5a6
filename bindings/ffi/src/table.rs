//! The operations: one line each.

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use stratum_autopilot::audit::Verification;
use stratum_autopilot::backtest::{BacktestComparison, BacktestRequest, BacktestRun, ComparisonRequest};
use stratum_autopilot::decision::{DecisionRequest, Replay};
use stratum_autopilot::enforcement::EnforcementCheck;
use stratum_autopilot::whatif::{Roi, RoiRequest, Simulation, SimulationRequest};
use stratum_cdp::cohort::{CohortReport, CohortRequest};
use stratum_cdp::emq::{EventEmqRequest, EventEmqResponse};
use stratum_cdp::funnel::{FunnelEvaluation, FunnelRequest};
use stratum_core::emq::platform::{PlatformEmq, PlatformEmqRequest};
use stratum_core::health::HealthSnapshot;
use stratum_core::problem::{Problem, Problems};

use crate::batch::Batch;
use crate::guard::guard;
use crate::operations::{
    self, AuditRequest, DecisionResponse, EnforcementRequest, GateRequest, GateResponse, HealthRequest,
    ReplayRequest,
};
use crate::request;

/// One operation.
#[derive(Debug)]
pub struct Op {
    /// Its name in every language: `gate.evaluate`.
    pub name: &'static str,
    /// What it does, for people.
    pub doc: &'static str,
    /// Over columns, where that makes sense.
    pub batch: Option<&'static Batch>,
    json: fn(&str) -> Result<String, Problems>,
    value: fn(&Value) -> Result<Value, Problems>,
    #[cfg(feature = "schema")]
    pub(crate) request_schema: fn(&mut schemars::SchemaGenerator) -> schemars::Schema,
    #[cfg(feature = "schema")]
    pub(crate) response_schema: fn(&mut schemars::SchemaGenerator) -> schemars::Schema,
}

impl Op {
    /// Runs the operation on JSON text.
    ///
    /// # Errors
    /// Every problem of the request at once: `invalid_json`, those of [`crate::request`], and those of the operation.
    /// `internal` if the operation itself broke.
    pub fn call_json(&self, body: &str) -> Result<String, Problems> {
        guard(self.name, || (self.json)(body))
    }

    /// Runs the operation on a JSON value.
    ///
    /// # Errors
    /// As [`Op::call_json`].
    pub fn call_value(&self, request: &Value) -> Result<Value, Problems> {
        guard(self.name, || (self.value)(request))
    }
}

macro_rules! operations {
    ($($(#[doc = $doc:literal])+ $typed:ident = $name:literal : $request:ty => $response:ty = $run:path $(, batch $batch:expr)?;)+) => {
        /// Every operation, in a fixed order.
        pub static OPERATIONS: &[Op] = &[$(Op {
            name: $name,
            doc: concat!($($doc, "\n"),+),
            batch: operations!(@batch $($batch)?),
            json: |body| json::<$request, $response>($name, body, $run),
            value: |request| value::<$request, $response>($name, request, $run),
            #[cfg(feature = "schema")]
            request_schema: |generator| generator.subschema_for::<$request>(),
            #[cfg(feature = "schema")]
            response_schema: |generator| generator.subschema_for::<$response>(),
        }),+];

        /// The operations for Rust: typed, guarded, without JSON.
        pub mod typed {
            use super::*;
            $(
                $(#[doc = $doc])+
                ///
                /// # Errors
                /// Every problem of the request at once; `internal` if the operation itself broke.
                pub fn $typed(request: &$request) -> Result<$response, Problems> {
                    guard($name, || $run(request))
                }
            )+
        }
    };
    (@batch) => { None };
    (@batch $batch:expr) => { Some(&$batch) };
}

operations! {
    /// Evaluates the signal health of one platform: the score, what it is made of, and what is wrong.
    health_evaluate = "health.evaluate": HealthRequest => HealthSnapshot = operations::health::evaluate, batch operations::health::BATCH;
    /// Scores how well one event can be matched to a person (event match quality).
    emq_event = "emq.event": EventEmqRequest => EventEmqResponse = operations::emq::event, batch operations::emq::EVENT_BATCH;
    /// Scores what an ad platform makes of the events, from five measured drivers, and lists what would help most.
    emq_platform = "emq.platform": PlatformEmqRequest => PlatformEmq = operations::emq::platform;
    /// Asks the trust gate whether a change may run now: PASS, HOLD or BLOCK, with every reason and what would change it.
    gate_evaluate = "gate.evaluate": GateRequest => GateResponse = operations::gate::evaluate, batch operations::gate::BATCH;
    /// Checks a change against every limit of the tenant: all violations, and what would be allowed.
    enforcement_check = "enforcement.check": EnforcementRequest => EnforcementCheck = operations::enforcement::check;
    /// Decides about a change, gate and limits together, and makes the record from which it can be decided again.
    decision_evaluate = "decision.evaluate": DecisionRequest => DecisionResponse = operations::decision::evaluate;
    /// Finds the first broken link of an audit chain.
    audit_verify = "audit.verify": AuditRequest => Verification = operations::audit::verify;
    /// Decides a recorded decision again and says whether it comes out the same, byte for byte.
    decision_replay = "decision.replay": ReplayRequest => Replay = operations::decision::replay;
    /// Tries a policy on the health of past days and on recorded decisions: what it would have passed, held and blocked, and why.
    backtest_run = "backtest.run": BacktestRequest => BacktestRun = operations::backtest::run;
    /// Tries two policies on the same past and tells every verdict that differs.
    backtest_compare = "backtest.compare": ComparisonRequest => BacktestComparison = operations::backtest::compare;
    /// Simulates a change of spend: revenue, return, conversions and profit, with their interval and the best of several scenarios.
    whatif_simulate = "whatif.simulate": SimulationRequest => Simulation = operations::whatif::simulate;
    /// Estimates what matching more events to people is worth in a month, against what it costs.
    whatif_roi = "whatif.roi": RoiRequest => Roi = operations::whatif::roi;

    // the customer: events and identifiers

    // the customer: identity

    // the customer: profiles and traits

    // the customer: recency, frequency, value

    // the customer: segments

    // the customer: funnels and cohorts
    /// Runs a funnel on events: how many people came how far, how long it took them, and who stopped where.
    funnel_evaluate = "funnel.evaluate": FunnelRequest => FunnelEvaluation = operations::funnel::evaluate;
    /// Makes retention cohorts: of those who came in one period, how many came again in each period since.
    cohort_retention = "cohort.retention": CohortRequest => CohortReport = operations::funnel::retention;

    // the customer: consent and privacy
}

/// The operation of this name.
///
/// # Errors
/// `unknown_operation`, with the names that exist.
pub fn find(name: &str) -> Result<&'static Op, Problems> {
    OPERATIONS.iter().find(|op| op.name == name).ok_or_else(|| {
        let names: Vec<&str> = OPERATIONS.iter().map(|op| op.name).collect();
        let shown: String = name.chars().take(60).collect();
        Problem::new("", "unknown_operation", format!("there is no operation {shown:?}"))
            .help(format!("the operations are: {}", names.join(", ")))
            .into()
    })
}

/// Runs an operation on JSON text: the only door of a binding.
///
/// # Errors
/// `unknown_operation`, and those of [`Op::call_json`].
pub fn call_json(name: &str, body: &str) -> Result<String, Problems> {
    find(name)?.call_json(body)
}

/// Runs an operation on a JSON value.
///
/// # Errors
/// `unknown_operation`, and those of [`Op::call_json`].
pub fn call_value(name: &str, request: &Value) -> Result<Value, Problems> {
    find(name)?.call_value(request)
}

fn json<Q: DeserializeOwned, R: Serialize>(
    name: &str,
    body: &str,
    run: fn(&Q) -> Result<R, Problems>,
) -> Result<String, Problems> {
    let response = run(&request::from_text(name, body)?)?;
    serde_json::to_string(&response).map_err(|error| not_serializable(&error))
}

#[cfg(not(target_arch = "wasm32"))]
fn value<Q: DeserializeOwned, R: Serialize>(
    name: &str,
    request: &Value,
    run: fn(&Q) -> Result<R, Problems>,
) -> Result<Value, Problems> {
    let response = run(&request::from_value(name, request)?)?;
    serde_json::to_value(&response).map_err(|error| not_serializable(&error))
}

/// By way of the text: in a browser each reading of a type is downloaded, and nobody there has values.
#[cfg(target_arch = "wasm32")]
fn value<Q: DeserializeOwned, R: Serialize>(
    name: &str,
    request: &Value,
    run: fn(&Q) -> Result<R, Problems>,
) -> Result<Value, Problems> {
    let answer = json(name, &request.to_string(), run)?;
    serde_json::from_str(&answer).map_err(|error| not_serializable(&error))
}

fn not_serializable(error: &serde_json::Error) -> Problems {
    Problem::new("", "not_serializable", error.to_string()).into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn no_two_operations_share_a_name() {
        let names: BTreeSet<&str> = OPERATIONS.iter().map(|op| op.name).collect();
        assert_eq!(names.len(), OPERATIONS.len());
    }

    #[test]
    fn an_unknown_operation_is_answered_with_the_names_that_exist() {
        let problems = call_json("gate.guess", "{}").unwrap_err();
        let problem = problems.iter().next().unwrap();
        assert_eq!(problem.code, "unknown_operation");
        assert!(problem.help.as_ref().unwrap().contains("gate.evaluate"));
    }
}

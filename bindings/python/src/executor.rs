//! From an approved action to the platform's receipt, step by step, so that the caller can store each.

use std::sync::{Arc, Mutex, PoisonError};

use pyo3::prelude::*;
use stratum_ffi::stratum_autopilot::action::{self, StatusReason};
use stratum_ffi::stratum_autopilot::decision::{CompiledDecisionPolicy, DecisionPolicy};
use stratum_ffi::stratum_autopilot::enforcement::{EnforcementCheck, EnforcementFacts};
use stratum_ffi::stratum_autopilot::engine::{
    ClaimFacts, ClaimRefusal, ClaimStep, after_call, after_lapse, claim,
};
use stratum_ffi::stratum_autopilot::permit::Permit;
use stratum_ffi::stratum_autopilot::platform::{AdPlatform, Applied, EntityRef, PlatformError};
use stratum_ffi::stratum_core::Timestamp;
use stratum_ffi::stratum_core::gate::{self, GateFacts};
use stratum_ffi::stratum_core::policy::CompiledTrustPolicy;
use stratum_ffi::stratum_core::problem::{Problem, Problems};
use stratum_ffi::{guard, request};

use crate::action::{Action, refused};
use crate::convert::{datetime, instant, serialized, to_json};
use crate::errors::Refused;
use crate::gate::GateEvaluation;
use crate::platform::PythonPlatform;

/// Executes approved actions on a platform under one policy. It stores nothing: `stratum.Autopilot` does.
#[pyclass(module = "stratum", frozen)]
#[derive(Debug)]
pub(crate) struct Executor {
    policy: CompiledDecisionPolicy,
    trust: Arc<CompiledTrustPolicy>,
    platform: PythonPlatform,
}

/// What was decided at the claim. With `step` 'EXECUTE' it holds the permit for one call.
#[pyclass(module = "stratum", frozen)]
#[derive(Debug)]
pub(crate) struct Claim {
    step: &'static str,
    action: action::Action,
    waiting_for: Option<&'static str>,
    until: Option<Timestamp>,
    evaluation: gate::GateEvaluation,
    asked: (Arc<CompiledTrustPolicy>, GateFacts),
    check: EnforcementCheck,
    permit: Mutex<Option<Permit>>,
}

/// What came of a call: the action as it is to be stored now, and the receipt or the error.
#[pyclass(module = "stratum", frozen)]
#[derive(Debug)]
pub(crate) struct CallResult {
    action: action::Action,
    answer: Result<Applied, PlatformError>,
}

#[pymethods]
impl Executor {
    #[new]
    #[pyo3(signature = (platform, policy=None))]
    fn new(platform: Py<PyAny>, policy: Option<&Bound<'_, PyAny>>) -> PyResult<Self> {
        let policy: DecisionPolicy = match policy {
            None => DecisionPolicy::default(),
            Some(given) => request::part(&to_json(given)?, "").map_err(Refused::from)?,
        };
        let policy = policy.compile().map_err(Refused::from)?;
        Ok(Self { trust: Arc::new(policy.trust().clone()), policy, platform: PythonPlatform::new(platform) })
    }

    /// Decides whether an approved action is executed now: gate and limits once more. Changes nothing; store the action that
    /// it gives before you call `apply`.
    fn claim(
        &self,
        action: &Bound<'_, Action>,
        gate: &Bound<'_, PyAny>,
        limits: &Bound<'_, PyAny>,
    ) -> PyResult<Claim> {
        let gate: GateFacts = request::part(&to_json(gate)?, "/gate").map_err(Refused::from)?;
        let limits: EnforcementFacts = request::part(&to_json(limits)?, "/limits").map_err(Refused::from)?;
        let action = &action.get().0;
        let decision = guard("autopilot.claim", || {
            let facts = ClaimFacts {
                trust: self.policy.trust(),
                enforcement: self.policy.enforcement(),
                gate: &gate,
                limits: &limits,
                confirmation: None,
            };
            claim(action, &facts).map_err(|refusal| not_claimed(&refusal))
        })
        .map_err(Refused::from)?;
        let (step, after, waiting_for, until, permit) = match decision.step {
            ClaimStep::Execute { action, permit } => ("EXECUTE", *action, None, None, Some(*permit)),
            ClaimStep::Wait { waiting_for, until } => {
                ("WAIT", action.clone(), Some(waiting_for.as_str()), until, None)
            }
            ClaimStep::Fail(failed) => ("FAIL", *failed, None, None, None),
        };
        Ok(Claim {
            step,
            action: after,
            waiting_for,
            until,
            evaluation: decision.gate,
            asked: (Arc::clone(&self.trust), gate),
            check: decision.check,
            permit: Mutex::new(permit),
        })
    }

    /// Uses the permit of a claim: calls the platform once. Other threads of Python run while it works.
    #[pyo3(signature = (claim, *, now))]
    fn apply(
        &self,
        py: Python<'_>,
        claim: &Bound<'_, Claim>,
        now: &Bound<'_, PyAny>,
    ) -> PyResult<CallResult> {
        let now = instant(now)?;
        let claim = claim.get();
        // The lock is given back before Python is called.
        let permit = claim.permit.lock().unwrap_or_else(PoisonError::into_inner).take();
        let Some(permit) = permit else {
            let problem = Problem::new("", "no_permit", "this claim has no permit, or it was used already")
                .help("claim the action again: gate and limits are then asked again");
            return Err(Refused::from(problem).into());
        };
        let call = || Ok(pollster::block_on(self.platform.apply(permit, now)));
        let answer = py.detach(|| guard("autopilot.apply", call)).map_err(Refused::from)?;
        let mut action = claim.action.clone();
        after_call(&answer).record(&mut action, claim.action.attempts(), now).map_err(refused)?;
        Ok(CallResult { action, answer })
    }

    /// Asks the platform what became of a call that was never reported, and gives the action as it is to be stored.
    #[pyo3(signature = (action, *, now))]
    fn look_up(
        &self,
        py: Python<'_>,
        action: &Bound<'_, Action>,
        now: &Bound<'_, PyAny>,
    ) -> PyResult<Action> {
        let now = instant(now)?;
        let mut action = action.get().0.clone();
        if !action.lease_lapsed(now) {
            let problem = Problem::new("", "lease_holds", "the executor of this action may still report")
                .help("ask when its lease has lapsed");
            return Err(Refused::from(problem).into());
        }
        let (entity, key, attempt) = (EntityRef::from(&action), action.id(), action.attempts());
        let ask = || Ok(pollster::block_on(self.platform.outcome_of(&entity, key, now)));
        let answer = py.detach(|| guard("autopilot.look_up", ask)).map_err(Refused::from)?;
        after_lapse(&action, &answer, now).record(&mut action, attempt, now).map_err(refused)?;
        Ok(Action(action))
    }
}

fn not_claimed(refusal: &ClaimRefusal) -> Problems {
    let code = match refusal {
        ClaimRefusal::State(refusal) => refusal.code.as_str().to_ascii_lowercase(),
        ClaimRefusal::NotPermitted(refusal) => refusal.as_str().to_ascii_lowercase(),
        ClaimRefusal::HalfOfPair => "half_of_pair".to_owned(),
    };
    Problem::new("", code, refusal.to_string()).into()
}

impl Claim {
    /// What gate and limits said.
    pub(crate) const fn said(&self) -> (&gate::GateEvaluation, &EnforcementCheck) {
        (&self.evaluation, &self.check)
    }
}

#[pymethods]
impl Claim {
    /// 'EXECUTE' (store the action, then apply), 'WAIT' (it stays approved) or 'FAIL' (a hard limit; store the action).
    #[getter]
    const fn step(&self) -> &'static str {
        self.step
    }

    /// The action as it is to be stored now.
    #[getter]
    fn action(&self) -> Action {
        Action(self.action.clone())
    }

    /// What it waits for.
    #[getter]
    const fn waiting_for(&self) -> Option<&'static str> {
        self.waiting_for
    }

    /// From when the change limits allow it, where they are all it waits for.
    #[getter]
    fn until<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyAny>>> {
        self.until.map(|at| datetime(py, at)).transpose()
    }

    /// What the gate said.
    #[getter]
    fn gate(&self) -> GateEvaluation {
        GateEvaluation::new(self.evaluation.clone(), &self.asked)
    }

    /// What the limits said, as a dict of the shape `EnforcementCheck`.
    #[getter]
    fn enforcement<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        serialized(py, &self.check)
    }

    fn __repr__(&self) -> String {
        let waits = self.waiting_for.map_or_else(String::new, |reason| format!(", waiting_for='{reason}'"));
        format!("Claim(step='{}', gate='{}'{waits})", self.step, self.evaluation.decision())
    }
}

#[pymethods]
impl CallResult {
    /// The action as it is to be stored now.
    #[getter]
    fn action(&self) -> Action {
        Action(self.action.clone())
    }

    /// The platform's receipt as a dict of the shape `Applied`; None without one.
    #[getter]
    fn receipt<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyAny>>> {
        self.answer.as_ref().ok().map(|applied| serialized(py, applied)).transpose()
    }

    /// Why there is no receipt, as a dict of the shape `PlatformError`.
    #[getter]
    fn error<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyAny>>> {
        self.answer.as_ref().err().map(|error| serialized(py, error)).transpose()
    }

    fn __repr__(&self) -> String {
        let reason = self.action.status_reason().map(StatusReason::as_str);
        match &self.answer {
            Ok(_) => format!("CallResult(state='{}')", self.action.state()),
            Err(error) => format!(
                "CallResult(state='{}', status_reason={reason:?}, error='{}')",
                self.action.state(),
                error.code
            ),
        }
    }
}

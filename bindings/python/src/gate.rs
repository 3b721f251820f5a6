//! The trust gate.

use std::str::FromStr;
use std::sync::Arc;

use pyo3::prelude::*;
use pyo3::types::PyDict;
use stratum_ffi::stratum_core::gate::{self, GateFacts, OpenIncident};
use stratum_ffi::stratum_core::policy::{CompiledTrustPolicy, TrustPolicy};
use stratum_ffi::stratum_core::problem::{Problem, ProblemCollector, Problems};
use stratum_ffi::stratum_core::vocabulary::{GateDecision, GateSubject, Platform};
use stratum_ffi::{guard, request};

use crate::convert::{datetime, instant, serialized, to_json, to_python};
use crate::errors::Refused;
use crate::health::HealthSnapshot;
use crate::records::{Reason, Remedy};

/// The trust gate under one tenant's policy: validated once, then asked as often as you like, from any thread.
#[pyclass(module = "stratum", frozen)]
#[derive(Debug)]
pub(crate) struct Gate(Arc<CompiledTrustPolicy>);

/// The policy that Python gave: None for the defaults, a `TrustPolicy` or a dict.
pub(crate) fn compiled(policy: Option<&Bound<'_, PyAny>>) -> PyResult<CompiledTrustPolicy> {
    let policy: TrustPolicy = match policy {
        None => TrustPolicy::default(),
        Some(given) => request::part(&to_json(given)?, "").map_err(Refused::from)?,
    };
    Ok(policy.compile().map_err(Refused::from)?)
}

#[pymethods]
impl Gate {
    #[new]
    #[pyo3(signature = (policy=None))]
    fn new(policy: Option<&Bound<'_, PyAny>>) -> PyResult<Self> {
        compiled(policy).map(Arc::new).map(Self)
    }

    /// Asks whether a change may run now.
    ///
    /// `snapshot` is the newest health snapshot of the platform; a change that touches several platforms gives them all as
    /// `snapshots`. Without one the answer is BLOCK. `platform` and `tenant_id` are taken from the snapshots where left out.
    #[pyo3(signature = (*, action_type, now, snapshot=None, snapshots=Vec::new(), platform=None, platforms=None,
                        tenant_id=None, entity_type=None, entity_id=None, frozen=false, incidents=None))]
    #[expect(clippy::too_many_arguments, reason = "these are keyword arguments")]
    fn evaluate(
        &self,
        action_type: &str,
        now: &Bound<'_, PyAny>,
        snapshot: Option<&Bound<'_, HealthSnapshot>>,
        snapshots: Vec<Bound<'_, HealthSnapshot>>,
        platform: Option<&str>,
        platforms: Option<Vec<String>>,
        tenant_id: Option<&Bound<'_, PyAny>>,
        entity_type: Option<&str>,
        entity_id: Option<String>,
        frozen: bool,
        incidents: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<GateEvaluation> {
        let now = instant(now)?;
        let snapshots: Vec<_> =
            snapshot.into_iter().chain(&snapshots).map(|snapshot| snapshot.get().0.clone()).collect();
        let mut found = ProblemCollector::new();
        let action_type = parsed::<GateSubject>(&mut found, "/action_type", action_type);
        let mut concerned: Vec<Platform> = platform
            .into_iter()
            .chain(platforms.iter().flatten().map(String::as_str))
            .filter_map(|text| parsed(&mut found, "/platform", text))
            .collect();
        if concerned.is_empty() {
            concerned = snapshots.iter().map(|snapshot| snapshot.platform).collect();
        }
        let tenant_id = match tenant_id {
            Some(id) => parsed(&mut found, "/tenant_id", &id.str()?.to_string()),
            None => snapshots.first().map(|snapshot| snapshot.tenant_id),
        };
        let entity_type = entity_type.and_then(|text| parsed(&mut found, "/entity_type", text));
        if tenant_id.is_none() && found.is_empty() {
            found.push(
                Problem::new("/tenant_id", "missing_field", "nothing says whose change this is")
                    .help("give tenant_id, or a snapshot"),
            );
        }
        let (Some(action_type), Some(tenant_id), true) = (action_type, tenant_id, found.is_empty()) else {
            return Err(refused(found));
        };
        let mut facts = GateFacts::new(tenant_id, action_type, concerned, now);
        facts.snapshots = snapshots;
        facts.entity_type = entity_type;
        facts.entity_id = entity_id;
        facts.frozen = frozen;
        if let Some(incidents) = incidents {
            facts.incidents = open_incidents(incidents)?;
        }
        let evaluation =
            guard("gate.evaluate", || Ok(gate::evaluate(&self.0, &facts))).map_err(Refused::from)?;
        // What would change a refusal takes longer to say than the refusal itself, so it is worked out when asked for.
        let asked = (evaluation.decision() != GateDecision::Pass).then(|| (Arc::clone(&self.0), facts));
        Ok(GateEvaluation { evaluation, asked })
    }

    /// The policy as a dict, defaults included.
    #[getter]
    fn policy<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        serialized(py, self.0.policy())
    }

    /// SHA-256 of the policy: what a recorded decision names it by.
    #[getter]
    fn policy_digest(&self) -> String {
        self.0.digest().to_string()
    }

    /// The score from which a change of this type passes: at least 70.
    fn threshold(&self, action_type: &str) -> PyResult<f64> {
        Ok(self.0.threshold(action_type.parse().map_err(Refused::from)?))
    }

    fn __reduce__<'py>(slf: &Bound<'py, Self>) -> PyResult<(Bound<'py, PyAny>, (Bound<'py, PyAny>,))> {
        Ok((slf.get_type().into_any(), (slf.get().policy(slf.py())?,)))
    }

    fn __repr__(&self) -> String {
        let policy = self.0.policy();
        format!(
            "Gate(preset='{}', profile='{}', healthy_threshold={}, policy_digest='{}')",
            policy.preset,
            policy.profile,
            policy.healthy_threshold,
            self.0.digest().to_string().chars().take(12).collect::<String>()
        )
    }
}

fn parsed<T: FromStr<Err = Problem>>(found: &mut ProblemCollector, path: &str, text: &str) -> Option<T> {
    found.take(path, text.parse::<T>())
}

fn refused(found: ProblemCollector) -> PyErr {
    let problems =
        found.into_problems().unwrap_or_else(|| Problems::from(Problem::new("", "invalid_value", "refused")));
    Refused::from(problems).into()
}

fn open_incidents(incidents: &Bound<'_, PyAny>) -> PyResult<Vec<OpenIncident>> {
    Ok(request::part(&to_json(incidents)?, "/incidents").map_err(Refused::from)?)
}

/// What the gate said. Made by `Gate.evaluate` alone.
#[pyclass(module = "stratum", frozen)]
#[derive(Debug)]
pub(crate) struct GateEvaluation {
    evaluation: gate::GateEvaluation,
    asked: Option<(Arc<CompiledTrustPolicy>, GateFacts)>,
}

impl GateEvaluation {
    pub(crate) fn new(
        evaluation: gate::GateEvaluation,
        asked: &(Arc<CompiledTrustPolicy>, GateFacts),
    ) -> Self {
        // What would change a refusal takes longer to say than the refusal itself, so it is worked out when asked for.
        let asked = (evaluation.decision() != GateDecision::Pass).then(|| asked.clone());
        Self { evaluation, asked }
    }
}

#[pymethods]
impl GateEvaluation {
    /// 'PASS', 'HOLD' or 'BLOCK'.
    #[getter]
    const fn decision(&self) -> &'static str {
        self.evaluation.decision().as_str()
    }

    /// Whether the decision is 'PASS'.
    #[getter]
    fn passed(&self) -> bool {
        self.evaluation.decision() == GateDecision::Pass
    }

    /// The lowest score among the platforms concerned; None where one has no snapshot.
    #[getter]
    fn score(&self) -> Option<f64> {
        self.evaluation.score().map(f64::from)
    }

    /// The score from which this change passes, 70 to 100.
    #[getter]
    const fn threshold(&self) -> f64 {
        self.evaluation.threshold()
    }

    /// Every reason, block before hold; never empty.
    #[getter]
    fn reasons(&self) -> Vec<Reason> {
        self.evaluation.reasons().iter().copied().map(Reason).collect()
    }

    /// What would change a refusal; empty for a pass.
    #[getter]
    fn remedies(&self) -> Vec<Remedy> {
        let Some((policy, facts)) = &self.asked else { return Vec::new() };
        gate::remedies(policy, facts, &self.evaluation).into_iter().map(Remedy).collect()
    }

    /// Until when a pass holds; None for a refusal.
    #[getter]
    fn valid_until<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyAny>>> {
        self.evaluation.valid_until().map(|at| datetime(py, at)).transpose()
    }

    /// The instant of the decision.
    #[getter]
    fn evaluated_at<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        datetime(py, self.evaluation.evaluated_at())
    }

    /// SHA-256 of the policy that decided.
    #[getter]
    fn policy_digest(&self) -> String {
        self.evaluation.policy_digest().to_string()
    }

    /// The same as a dict, with the remedies: what `call("gate.evaluate", …)` answers.
    fn to_dict<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let dict = serialized(py, &self.evaluation)?;
        let remedies = self.remedies().iter().map(|remedy| serde_json::json!(remedy.0)).collect();
        dict.cast::<PyDict>()?.set_item("remedies", to_python(py, &remedies)?)?;
        Ok(dict)
    }

    fn __repr__(&self) -> String {
        let codes: Vec<String> =
            self.evaluation.reasons().iter().map(|reason| format!("'{}'", reason.code)).collect();
        format!(
            "GateEvaluation(decision='{}', score={}, threshold={}, reasons=[{}])",
            self.evaluation.decision(),
            self.evaluation.score().map_or_else(|| "None".to_owned(), |score| score.to_string()),
            self.evaluation.threshold(),
            codes.join(", ")
        )
    }
}

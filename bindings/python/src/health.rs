//! Signal health.

use pyo3::prelude::*;
use pyo3::types::PyType;
use stratum_ffi::operations::HealthRequest;
use stratum_ffi::stratum_core::health;
use stratum_ffi::{request, typed};

use crate::convert::{datetime, serialized, to_json};
use crate::errors::Refused;
use crate::records::{ComponentReading, HealthIssue};

/// The health of one platform of one tenant at one instant. Made by `stratum.health.evaluate`.
#[pyclass(module = "stratum", frozen, eq)]
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct HealthSnapshot(pub(crate) health::HealthSnapshot);

#[pymethods]
impl HealthSnapshot {
    /// Whose health.
    #[getter]
    fn tenant_id(&self) -> String {
        self.0.tenant_id.to_string()
    }

    /// Of which platform.
    #[getter]
    const fn platform(&self) -> &'static str {
        self.0.platform.as_str()
    }

    /// Which weights were in force.
    #[getter]
    const fn preset(&self) -> &'static str {
        self.0.preset.as_str()
    }

    /// 0 to 100.
    #[getter]
    const fn score(&self) -> f64 {
        self.0.score.get()
    }

    /// 'HEALTHY', 'DEGRADED' or 'UNHEALTHY', by the tenant's thresholds.
    #[getter]
    const fn status(&self) -> &'static str {
        self.0.status.as_str()
    }

    /// The sum of the weights that were measured, 0 to 100.
    #[getter]
    const fn coverage_pct(&self) -> f64 {
        self.0.coverage_pct
    }

    /// The components in force.
    #[getter]
    fn components(&self) -> Vec<ComponentReading> {
        self.0.components.iter().copied().map(ComponentReading).collect()
    }

    /// What is wrong with the signals.
    #[getter]
    fn issues(&self) -> Vec<HealthIssue> {
        self.0.issues.iter().cloned().map(HealthIssue).collect()
    }

    /// When the evaluation was made.
    #[getter]
    fn computed_at<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        datetime(py, self.0.computed_at)
    }

    /// The instant of the newest platform data; None if unknown.
    #[getter]
    fn data_as_of<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyAny>>> {
        self.0.data_as_of.map(|at| datetime(py, at)).transpose()
    }

    /// The same as a dict, as it is stored and sent.
    fn to_dict<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        serialized(py, &self.0)
    }

    /// A snapshot that was stored or sent as a dict.
    #[classmethod]
    fn from_dict(_class: &Bound<'_, PyType>, stored: &Bound<'_, PyAny>) -> PyResult<Self> {
        Ok(Self(request::part(&to_json(stored)?, "").map_err(Refused::from)?))
    }

    fn __reduce__<'py>(slf: &Bound<'py, Self>) -> PyResult<(Bound<'py, PyAny>, (Bound<'py, PyAny>,))> {
        let rebuild = slf.get_type().getattr("from_dict")?;
        Ok((rebuild, (slf.get().to_dict(slf.py())?,)))
    }

    fn __repr__(&self) -> String {
        let health = &self.0;
        format!(
            "HealthSnapshot(platform='{}', score={}, status='{}', coverage_pct={}, issues={})",
            health.platform,
            health.score,
            health.status,
            health.coverage_pct,
            health.issues.len()
        )
    }
}

/// Evaluates signal health from a request with `policy` and `facts`.
#[pyfunction]
#[pyo3(signature = (request, /))]
pub(crate) fn evaluate_health(request: &Bound<'_, PyAny>) -> PyResult<HealthSnapshot> {
    let request: HealthRequest =
        request::from_value("health.evaluate", &to_json(request)?).map_err(Refused::from)?;
    Ok(HealthSnapshot(typed::health_evaluate(&request).map_err(Refused::from)?))
}

//! What journeys were credited day by day, as an object that merges and travels.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyType};
use serde_json::json;
use stratum_ffi::operations::frames::credit_totals::{BATCH, CreditState};
use stratum_ffi::stratum_cdp::attribution::CreditStateFault;
use stratum_ffi::stratum_core::problem::Problem;

use crate::errors::Refused;
use crate::frame::{self, Columns};

/// What channels were credited by rules, day by day. Parts that are credited apart merge to the same credits, to the last bit,
/// whatever the parts and their order; a new day is merged to those before it.
#[pyclass(module = "stratum.attribution", frozen)]
#[derive(Debug)]
pub(crate) struct CreditTotals(Mutex<CreditState>);

impl CreditTotals {
    /// Python is never called while the credits are locked.
    fn with<T>(&self, look: impl FnOnce(&mut CreditState) -> T) -> T {
        look(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn copy(&self) -> CreditState {
        self.with(|credits| credits.clone())
    }
}

#[pymethods]
impl CreditTotals {
    #[new]
    #[pyo3(signature = (models=None, *, half_life_days=7.0))]
    fn new(models: Option<Vec<String>>, half_life_days: f64) -> PyResult<Self> {
        let settings = json!({ "half_life_days": half_life_days });
        let rules = match models {
            Some(models) => json!({ "models": models, "settings": settings }),
            None => json!({ "settings": settings }),
        };
        Ok(Self(Mutex::new(CreditState::new(&rules).map_err(Refused::from)?)))
    }

    /// Adds what the journeys of a frame of touches give: that of `rules`, and `booked_at` for what counts on another day than
    /// it converted. Each journey lies in one frame with all its touches.
    #[pyo3(signature = (frame, /, *, columns=None))]
    fn add(
        &self,
        py: Python<'_>,
        frame: &Bound<'_, PyAny>,
        columns: Option<BTreeMap<String, Option<String>>>,
    ) -> PyResult<()> {
        let mut part = self.with(|credits| credits.empty());
        let part = frame::read(py, "attribution.rules", &BATCH, frame, columns, move |pieces, progress| {
            part.add(pieces, progress)?;
            Ok(part)
        })?;
        Ok(self.with(|credits| credits.merge(part)).map_err(Refused::from)?)
    }

    /// Adds what another part was credited; refused if that was by other models or settings.
    fn merge(&self, other: &Bound<'_, Self>) -> PyResult<()> {
        let other = other.get().copy();
        Ok(self.with(|credits| credits.merge(other)).map_err(Refused::from)?)
    }

    /// A row for each day, model, channel and campaign.
    fn finish(&self, py: Python<'_>) -> PyResult<Columns> {
        let credits = self.copy();
        Ok(py.detach(|| Columns::of_answer(credits.finish())).map_err(Refused::from)?)
    }

    /// The state as bytes; equal credits by equal rules give equal bytes.
    fn to_bytes<'py>(&self, py: Python<'py>) -> Bound<'py, PyBytes> {
        let bytes = py.detach(|| self.with(|credits| credits.to_bytes()));
        PyBytes::new(py, &bytes)
    }

    /// The state that `to_bytes` wrote.
    #[staticmethod]
    fn from_bytes(py: Python<'_>, state: &[u8]) -> PyResult<Self> {
        let read = py.detach(|| CreditState::from_bytes(state));
        let credits = read.map_err(|fault| {
            let code = match fault {
                CreditStateFault::Foreign => "foreign_state",
                CreditStateFault::Damaged => "damaged_state",
            };
            Refused::from(Problem::new("", code, fault.to_string()))
        })?;
        Ok(Self(Mutex::new(credits)))
    }

    /// How many credits there are: days by models, channels and campaigns.
    fn __len__(&self) -> usize {
        self.with(|credits| credits.len())
    }

    fn __eq__(&self, other: &Bound<'_, Self>) -> bool {
        let other = other.get().copy();
        self.with(|credits| *credits == other)
    }

    /// Pickled as its bytes, so that it travels between processes.
    fn __reduce__<'py>(slf: &Bound<'py, Self>) -> PyResult<(Bound<'py, PyAny>, (Bound<'py, PyBytes>,))> {
        let py = slf.py();
        let class: Bound<'py, PyType> = slf.get_type();
        Ok((class.getattr("from_bytes")?, (slf.get().to_bytes(py),)))
    }

    fn __repr__(&self) -> String {
        format!("CreditTotals({} credits)", self.with(|credits| credits.len()))
    }
}

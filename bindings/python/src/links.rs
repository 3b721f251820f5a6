//! The links between identifiers, as an object that merges and travels.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyType};
use serde_json::{Value, json};
use stratum_ffi::operations::frames::links::LinkState;
use stratum_ffi::operations::stitch;
use stratum_ffi::stratum_cdp::identity::bulk::StateFault;
use stratum_ffi::stratum_core::problem::Problem;

use crate::convert::to_json;
use crate::errors::Refused;
use crate::frame::{self, Columns};

/// Which identifiers are one person's, as far as events say. Parts that are linked apart merge to the same clusters, whatever
/// the parts and their order. The policy of the first one holds for all: `identity`, as `resolve` takes it, or `policy`.
#[pyclass(module = "stratum.cdp", frozen)]
#[derive(Debug)]
pub(crate) struct Links(Mutex<LinkState>);

impl Links {
    /// Python is never called while the links are locked.
    fn with<T>(&self, look: impl FnOnce(&mut LinkState) -> T) -> T {
        look(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

#[pymethods]
impl Links {
    #[new]
    #[pyo3(signature = (*, identity=None, policy=None))]
    fn new(identity: Option<&Bound<'_, PyAny>>, policy: Option<&Bound<'_, PyAny>>) -> PyResult<Self> {
        let policy = match (identity, policy) {
            (None, None) => Value::Null,
            (None, Some(policy)) => to_json(policy)?,
            (Some(identity), None) => json!({ "identity": to_json(identity)? }),
            (Some(_), Some(_)) => return Err(PyTypeError::new_err("give identity or policy, not both")),
        };
        Ok(Self(Mutex::new(LinkState::new(&policy).map_err(Refused::from)?)))
    }

    /// Links the identifiers of each row of a frame of events: that of `resolve`.
    #[pyo3(signature = (frame, /, *, columns=None))]
    fn add(
        &self,
        py: Python<'_>,
        frame: &Bound<'_, PyAny>,
        columns: Option<BTreeMap<String, Option<String>>>,
    ) -> PyResult<()> {
        let mut part = self.with(|links| links.empty());
        let part =
            frame::read(py, "identity.stitch", &stitch::BATCH, frame, columns, move |pieces, progress| {
                part.add(pieces, progress)?;
                Ok(part)
            })?;
        merge(self, &part)
    }

    /// Adds what another state has linked; refused if that was by another policy.
    fn merge(&self, other: &Bound<'_, Self>) -> PyResult<()> {
        let other = other.get().with(|links| links.clone());
        merge(self, &other)
    }

    /// The state as bytes, its policy with it.
    fn to_bytes<'py>(&self, py: Python<'py>) -> Bound<'py, PyBytes> {
        let bytes = py.detach(|| self.with(|links| links.to_bytes()));
        PyBytes::new(py, &bytes)
    }

    /// The state that `to_bytes` wrote.
    #[staticmethod]
    fn from_bytes(py: Python<'_>, state: &[u8]) -> PyResult<Self> {
        let read = py.detach(|| LinkState::from_bytes(state));
        let links = read.map_err(|fault: StateFault| {
            let code = match fault {
                StateFault::Foreign => "foreign_state",
                StateFault::Damaged => "damaged_state",
            };
            Refused::from(Problem::new("", code, fault.to_string()))
        })?;
        Ok(Self(Mutex::new(links)))
    }

    /// The cluster of each identifier; the table `held` has those that may hold several persons and were parted. `policy` may say
    /// otherwise what a cluster may hold. Under `identity` these need their events, so they are refused unless `parted` says
    /// that they are to be parted.
    #[pyo3(signature = (*, policy=None, parted=false))]
    fn clusters(&self, py: Python<'_>, policy: Option<&Bound<'_, PyAny>>, parted: bool) -> PyResult<Columns> {
        let policy = policy.map_or(Ok(Value::Null), to_json)?;
        let links = self.with(|links| links.clone());
        let found = py.detach(|| Columns::of_answer(links.clusters(&policy, parted)?));
        Ok(found.map_err(Refused::from)?)
    }

    /// How many identifiers there are.
    fn __len__(&self) -> usize {
        self.with(|links| links.identifiers() as usize)
    }

    /// Pickled as its bytes, so that it travels between processes.
    fn __reduce__<'py>(slf: &Bound<'py, Self>) -> PyResult<(Bound<'py, PyAny>, (Bound<'py, PyBytes>,))> {
        let py = slf.py();
        let class: Bound<'py, PyType> = slf.get_type();
        Ok((class.getattr("from_bytes")?, (slf.get().to_bytes(py),)))
    }

    fn __repr__(&self) -> String {
        format!("Links({} identifiers)", self.with(|links| links.identifiers()))
    }
}

fn merge(links: &Links, other: &LinkState) -> PyResult<()> {
    Ok(links.with(|links| links.merge(other)).map_err(Refused::from)?)
}

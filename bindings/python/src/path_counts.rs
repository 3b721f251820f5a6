//! The state that attribution models learn from, as an object that merges and travels.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyType};
use stratum_ffi::operations::frames::paths;
use stratum_ffi::stratum_cdp::attribution::{
    Bootstrap, CountFault, PathCounts as Counts, PathOutcome, PathStateFault, markov_with_intervals,
    shapley_with_intervals,
};
use stratum_ffi::stratum_core::problem::Problem;

use crate::convert::{serialized, to_json};
use crate::errors::Refused;
use crate::frame;

/// How often each path of channels was taken, and what came of it. Parts that are counted apart merge to the same counts, to
/// the last bit of what any model says of them, whatever the parts and their order.
#[pyclass(module = "stratum.attribution", frozen)]
#[derive(Debug, Default)]
pub(crate) struct PathCounts(Mutex<Counts>);

impl PathCounts {
    /// Python is never called while the counts are locked.
    fn with<T>(&self, look: impl FnOnce(&mut Counts) -> T) -> T {
        look(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn copy(&self) -> Counts {
        self.with(|counts| counts.clone())
    }
}

/// Of the two columns that say what journeys led to, the one that is named is read.
fn one_of_two(mut columns: BTreeMap<String, Option<String>>) -> BTreeMap<String, Option<String>> {
    let named =
        |columns: &BTreeMap<String, Option<String>>, name| columns.get(name).is_some_and(Option::is_some);
    for (read, other) in [("converted_at", "conversions"), ("conversions", "converted_at")] {
        if named(&columns, read) && !columns.contains_key(other) {
            columns.insert(other.to_owned(), None);
        }
    }
    columns
}

fn refused(fault: CountFault) -> Refused {
    Problem::from(fault).into()
}

#[pymethods]
impl PathCounts {
    #[new]
    fn new() -> Self {
        Self::default()
    }

    /// Counts the journeys of a frame of touches: that of `rules` and `markov`. Each journey lies in one frame with all its touches.
    #[pyo3(signature = (frame, /, *, columns=None))]
    fn add(
        &self,
        py: Python<'_>,
        frame: &Bound<'_, PyAny>,
        columns: Option<BTreeMap<String, Option<String>>>,
    ) -> PyResult<()> {
        let columns = columns.map(one_of_two);
        let counted =
            frame::read(py, "attribution.markov", &paths::MARKOV, frame, columns, paths::count_paths)?;
        Ok(self.with(|counts| counts.merge(&counted)).map_err(refused)?)
    }

    /// Counts journeys along these channels.
    #[pyo3(signature = (path, /, *, conversions=0, nulls=0, value_cents=0))]
    fn add_path(&self, path: Vec<String>, conversions: u64, nulls: u64, value_cents: i64) -> PyResult<()> {
        let outcome = PathOutcome { conversions, nulls, value_cents };
        let names = path.iter().map(String::as_str);
        Ok(self.with(|counts| counts.add(names, outcome)).map_err(refused)?)
    }

    /// Adds what another state has counted.
    fn merge(&self, other: &Bound<'_, Self>) -> PyResult<()> {
        let other = other.get().copy();
        Ok(self.with(|counts| counts.merge(&other)).map_err(refused)?)
    }

    /// Takes away what another state has counted; refused if it counted what this one has not.
    fn subtract(&self, other: &Bound<'_, Self>) -> PyResult<()> {
        let other = other.get().copy();
        Ok(self.with(|counts| counts.subtract(&other)).map_err(refused)?)
    }

    /// The state as bytes; states that have counted the same give the same bytes.
    fn to_bytes<'py>(&self, py: Python<'py>) -> Bound<'py, PyBytes> {
        let bytes = py.detach(|| self.with(|counts| counts.to_bytes()));
        PyBytes::new(py, &bytes)
    }

    /// The state that `to_bytes` wrote.
    #[staticmethod]
    fn from_bytes(py: Python<'_>, state: &[u8]) -> PyResult<Self> {
        let read = py.detach(|| Counts::from_bytes(state));
        let counts = read.map_err(|fault| {
            let code = match fault {
                PathStateFault::Foreign => "foreign_state",
                PathStateFault::Damaged => "damaged_state",
            };
            Refused::from(Problem::new("", code, fault.to_string()))
        })?;
        Ok(Self(Mutex::new(counts)))
    }

    /// What each channel has earned, by removal effects: what `call("attribution.markov", …)` answers.
    #[pyo3(signature = (*, order=1, intervals=None))]
    fn markov<'py>(
        &self,
        py: Python<'py>,
        order: u8,
        intervals: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let intervals = bootstrap(intervals)?;
        let counts = self.copy();
        let found = py.detach(|| markov_with_intervals(&counts, order, intervals.as_ref()));
        serialized(py, &found.map_err(Refused::from)?)
    }

    /// What each channel adds: what `call("attribution.shapley", …)` answers.
    #[pyo3(signature = (*, intervals=None))]
    fn shapley<'py>(
        &self,
        py: Python<'py>,
        intervals: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let intervals = bootstrap(intervals)?;
        let counts = self.copy();
        let found = py.detach(|| shapley_with_intervals(&counts, intervals.as_ref()));
        serialized(py, &found.map_err(Refused::from)?)
    }

    /// How many different paths there are.
    fn __len__(&self) -> usize {
        self.with(|counts| counts.len())
    }

    fn __eq__(&self, other: &Bound<'_, Self>) -> bool {
        let other = other.get().copy();
        self.with(|counts| *counts == other)
    }

    /// Pickled as its bytes, so that it travels between processes.
    fn __reduce__<'py>(slf: &Bound<'py, Self>) -> (Bound<'py, PyType>, (), Bound<'py, PyBytes>) {
        (slf.get_type(), (), slf.get().to_bytes(slf.py()))
    }

    fn __setstate__(&self, py: Python<'_>, state: &[u8]) -> PyResult<()> {
        let read = Self::from_bytes(py, state)?.copy();
        self.with(|counts| *counts = read);
        Ok(())
    }

    fn __repr__(&self) -> String {
        self.with(|counts| {
            let total = counts.total();
            format!("PathCounts({} paths, {} journeys)", counts.len(), total.journeys())
        })
    }
}

/// The Shapley value of each player of a game, exact for up to 20: row `set` of the column `worth` is what the players of the
/// bits of `set` are worth together.
#[pyfunction]
#[pyo3(signature = (frame, /, *, columns=None))]
pub(crate) fn shapley_of_table(
    py: Python<'_>,
    frame: &Bound<'_, PyAny>,
    columns: Option<BTreeMap<String, Option<String>>>,
) -> PyResult<Vec<f64>> {
    frame::read(py, "attribution.shapley", &paths::GAME, frame, columns, |pieces, _| {
        paths::shapley_of_game(pieces)
    })
}

fn bootstrap(given: Option<&Bound<'_, PyAny>>) -> PyResult<Option<Bootstrap>> {
    let Some(given) = given else { return Ok(None) };
    let read = serde_json::from_value(to_json(given)?);
    let settings =
        read.map_err(|error| Refused::from(Problem::new("/intervals", "invalid_value", error.to_string())))?;
    Ok(Some(settings))
}

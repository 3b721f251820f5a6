//! Problems become the exception `stratum.StratumError`, which carries the list.

use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{PyTuple, PyType};
use stratum_ffi::stratum_core::problem::{Problem, Problems};

/// Problems on their way to Python.
pub(crate) struct Refused(Problems);

impl From<Problems> for Refused {
    fn from(problems: Problems) -> Self {
        Self(problems)
    }
}

impl From<Problem> for Refused {
    fn from(problem: Problem) -> Self {
        Self(problem.into())
    }
}

impl From<Refused> for PyErr {
    fn from(refused: Refused) -> Self {
        Python::attach(|py| exception(py, refused.0).unwrap_or_else(|error| error))
    }
}

/// The exception for these problems; an error only where the package itself is broken.
fn exception(py: Python<'_>, problems: Problems) -> PyResult<PyErr> {
    static ERROR: PyOnceLock<Py<PyType>> = PyOnceLock::new();
    static PROBLEM: PyOnceLock<Py<PyType>> = PyOnceLock::new();
    let problem = PROBLEM.import(py, "stratum._errors", "Problem")?;
    let list = problems
        .into_vec()
        .into_iter()
        .map(|found| problem.call1((found.path, found.code.as_ref(), found.message, found.help)))
        .collect::<PyResult<Vec<_>>>()?;
    let error = ERROR.import(py, "stratum._errors", "StratumError")?;
    Ok(PyErr::from_value(error.call1((PyTuple::new(py, list)?,))?))
}

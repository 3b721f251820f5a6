//! An ad platform that the user wrote in Python.

use std::future::{Future, ready};

use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::PyString;
use serde::de::DeserializeOwned;
use stratum_ffi::request;
use stratum_ffi::stratum_autopilot::permit::Permit;
use stratum_ffi::stratum_autopilot::platform::{
    AdPlatform, Applied, CallOutcome, ChangeRequest, EntityRef, EntityValue, PlatformError, PlatformErrorCode,
};
use stratum_ffi::stratum_core::Timestamp;
use stratum_ffi::stratum_core::id::ActionId;

use crate::convert::{datetime, serialized, to_json};

/// A Python object with `apply`, and where it has them `read` and `outcome_of`.
///
/// Its methods are called while this thread holds the interpreter, and nothing else is held: the engine waits for no lock
/// during a call, so a platform may call back into this package.
#[derive(Debug)]
pub(crate) struct PythonPlatform(Py<PyAny>);

impl PythonPlatform {
    pub(crate) const fn new(platform: Py<PyAny>) -> Self {
        Self(platform)
    }

    fn apply_now(&self, change: &ChangeRequest, now: Timestamp) -> Result<Applied, PlatformError> {
        Python::attach(|py| {
            let answer = self.call(py, "apply", &[model(py, "ChangeRequest", change)?])?;
            if answer.is_none() || answer.is_instance_of::<PyString>() {
                let reference = answer.extract()?;
                return Ok(Applied { idempotency_key: change.idempotency_key, applied_at: now, reference });
            }
            read_back(&answer)
        })
        .map_err(|error| refusal(&error))
    }

    fn read_now(&self, entity: &EntityRef) -> Result<EntityValue, PlatformError> {
        Python::attach(|py| read_back(&self.call(py, "read", &[model(py, "EntityRef", entity)?])?))
            .map_err(|error| refusal(&error))
    }

    fn outcome_now(
        &self,
        entity: &EntityRef,
        key: ActionId,
        now: Timestamp,
    ) -> Result<CallOutcome, PlatformError> {
        Python::attach(|py| {
            // A platform that cannot look a call up cannot promise anything about it.
            if !self.0.bind(py).hasattr(intern!(py, "outcome_of"))? {
                return Ok(CallOutcome::Unknown);
            }
            let key = PyString::new(py, &key.to_string()).into_any();
            let answer =
                self.call(py, "outcome_of", &[model(py, "EntityRef", entity)?, key, datetime(py, now)?])?;
            read_back(&answer)
        })
        .map_err(|error| refusal(&error))
    }

    /// Calls a method; one that is `async def` is run to its end.
    fn call<'py>(
        &self,
        py: Python<'py>,
        method: &str,
        arguments: &[Bound<'py, PyAny>],
    ) -> PyResult<Bound<'py, PyAny>> {
        let arguments = pyo3::types::PyTuple::new(py, arguments)?;
        let answer = self.0.bind(py).call_method1(method, arguments)?;
        if answer.hasattr(intern!(py, "__await__"))? {
            return py.import("asyncio")?.call_method1("run", (answer,));
        }
        Ok(answer)
    }
}

impl AdPlatform for PythonPlatform {
    fn apply(
        &self,
        permit: Permit,
        now: Timestamp,
    ) -> impl Future<Output = Result<Applied, PlatformError>> + Send {
        ready(self.apply_now(&ChangeRequest::from(&permit), now))
    }

    fn read(
        &self,
        entity: &EntityRef,
        _now: Timestamp,
    ) -> impl Future<Output = Result<EntityValue, PlatformError>> + Send {
        ready(self.read_now(entity))
    }

    fn outcome_of(
        &self,
        entity: &EntityRef,
        idempotency_key: ActionId,
        now: Timestamp,
    ) -> impl Future<Output = Result<CallOutcome, PlatformError>> + Send {
        ready(self.outcome_now(entity, idempotency_key, now))
    }
}

/// An object of a class of `stratum.models`.
fn model<'py, T: serde::Serialize>(py: Python<'py>, class: &str, value: &T) -> PyResult<Bound<'py, PyAny>> {
    py.import("stratum.models")?.getattr(class)?.call_method1("from_dict", (serialized(py, value)?,))
}

fn read_back<T: DeserializeOwned>(answer: &Bound<'_, PyAny>) -> PyResult<T> {
    Ok(request::part(&to_json(answer)?, "").map_err(crate::errors::Refused::from)?)
}

/// What an exception says about the call. Only a `stratum.PlatformError` can say that nothing was done; after any other
/// exception nobody knows.
fn refusal(error: &PyErr) -> PlatformError {
    Python::attach(|py| {
        let value = error.value(py);
        let message = value.str().map_or_else(|_| error.to_string(), |text| text.to_string());
        let code = value
            .getattr_opt(intern!(py, "platform_error_code"))
            .ok()
            .flatten()
            .and_then(|code| code.extract::<String>().ok()?.parse::<PlatformErrorCode>().ok());
        let refusal = match code {
            Some(code) => PlatformError::new(code, message),
            None => PlatformError::new(
                PlatformErrorCode::Unknown,
                format!(
                    "{}: {message}",
                    error.get_type(py).name().map_or_else(|_| String::new(), |n| n.to_string())
                ),
            ),
        };
        let wait = value.getattr_opt(intern!(py, "retry_after_ms")).ok().flatten();
        match wait.and_then(|wait| wait.extract::<u64>().ok()) {
            Some(ms) => refusal.retry_after(ms),
            None => refusal,
        }
    })
}

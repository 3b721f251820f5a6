//! The small parts of an answer: plain data with names.

use pyo3::prelude::*;
use pyo3::types::PyType;
use stratum_ffi::request;
use stratum_ffi::stratum_core::gate;
use stratum_ffi::stratum_core::health;

use crate::convert::to_json;
use crate::errors::Refused;

/// A frozen class over a part of an answer, with getters, `repr`, equality and `to_dict`.
macro_rules! record {
    ($(#[$doc:meta])* $name:ident($inner:ty) { $($(#[$field_doc:meta])* $field:ident: $type:ty = $get:expr;)+ }) => {
        $(#[$doc])*
        #[pyclass(module = "stratum", frozen, eq)]
        #[derive(Debug, Clone, PartialEq)]
        pub(crate) struct $name(pub(crate) $inner);

        #[pymethods]
        impl $name {
            $(
                $(#[$field_doc])*
                #[getter]
                fn $field(&self) -> $type {
                    let get: fn(&$inner) -> $type = $get;
                    get(&self.0)
                }
            )+

            fn __repr__(&self, py: Python<'_>) -> PyResult<String> {
                let fields: Vec<(&str, Bound<'_, PyAny>)> = vec![
                    $((stringify!($field), pyo3::IntoPyObjectExt::into_bound_py_any(self.$field(), py)?)),+
                ];
                crate::records::repr(stringify!($name), &fields)
            }

            /// One that was stored or sent as a dict.
            #[classmethod]
            fn from_dict(_class: &Bound<'_, PyType>, stored: &Bound<'_, PyAny>) -> PyResult<Self> {
                Ok(Self(request::part(&to_json(stored)?, "").map_err(Refused::from)?))
            }

            /// The same as a dict.
            fn to_dict<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
                crate::convert::serialized(py, &self.0)
            }
        }
    };
}

/// `Name(field=value, …)`, without the fields that are None.
pub(crate) fn repr(name: &str, fields: &[(&str, Bound<'_, PyAny>)]) -> PyResult<String> {
    let mut parts = Vec::new();
    for (field, value) in fields.iter().filter(|(_, value)| !value.is_none()) {
        parts.push(format!("{field}={}", value.repr()?));
    }
    Ok(format!("{name}({})", parts.join(", ")))
}

record! {
    /// Why the gate said what it said, with the numbers compared.
    Reason(gate::Reason) {
        /// The condition that was met, such as 'HEALTH_STALE'.
        code: &'static str = |reason| reason.code.as_str();
        /// What the condition leads to: 'PASS', 'HOLD' or 'BLOCK'.
        decision: &'static str = |reason| reason.code.decision().as_str();
        /// 'PERMITTED', 'FORBIDDEN', 'NOT_PERMITTED' or 'NOT_EVALUATED'.
        kind: &'static str = |reason| reason.code.kind().as_str();
        /// On which platform; None where it is about the tenant or the request.
        platform: Option<&'static str> = |reason| reason.platform.map(|platform| platform.as_str());
        /// Which component, where it is about one.
        component: Option<&'static str> = |reason| reason.component.map(|component| component.as_str());
        /// What was found: a score, or an age in minutes (snapshots) or hours (data).
        actual: Option<f64> = |reason| reason.actual;
        /// What it was compared with, in the same unit.
        limit: Option<f64> = |reason| reason.limit;
        /// The policy field or constant of the engine that set the limit.
        bound: Option<&'static str> = |reason| reason.code.bound();
        /// The reason as a sentence.
        message: String = gate::Reason::message;
    }
}

record! {
    /// One thing that would change a refusal.
    Remedy(gate::Remedy) {
        /// What to do, such as 'RAISE_COMPONENT'.
        code: &'static str = |remedy| remedy.code.as_str();
        /// On which platform.
        platform: Option<&'static str> = |remedy| remedy.platform.map(|platform| platform.as_str());
        /// To which component.
        component: Option<&'static str> = |remedy| remedy.component.map(|component| component.as_str());
        /// The score now; None if it is missing.
        current: Option<f64> = |remedy| remedy.from;
        /// The score that would be enough.
        needed: Option<f64> = |remedy| remedy.to;
        /// The remedy as a sentence.
        message: String = |remedy| remedy.message.clone();
    }
}

record! {
    /// One component of signal health.
    ComponentReading(health::ComponentReading) {
        /// Which component, such as 'EMQ'.
        name: &'static str = |reading| reading.name.as_str();
        /// 0 to 100; None if it was not measured.
        score: Option<f64> = |reading| reading.score.map(f64::from);
        /// 0 to 100.
        weight: f64 = |reading| reading.weight;
        /// weight * score / 100; 0 when missing.
        contribution: f64 = |reading| reading.contribution;
        /// Whether the gate holds without it.
        required: bool = |reading| reading.required;
    }
}

record! {
    /// One thing that is wrong with the signals.
    HealthIssue(health::HealthIssue) {
        /// What is wrong, such as 'COMPONENT_MISSING'.
        code: &'static str = |issue| issue.code.as_str();
        /// Which component, where it is about one.
        component: Option<&'static str> = |issue| issue.component.map(|component| component.as_str());
        /// The measured value.
        actual: Option<f64> = |issue| issue.actual;
        /// The value that it is compared with.
        limit: Option<f64> = |issue| issue.limit;
    }
}

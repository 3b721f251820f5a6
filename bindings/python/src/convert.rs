//! Python values to JSON values and back.

use pyo3::IntoPyObjectExt;
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{PyBool, PyDict, PyFloat, PyInt, PyList, PyString, PyTuple, PyType};
use serde_json::{Map, Number, Value};
use stratum_ffi::stratum_core::Timestamp;
use stratum_ffi::stratum_core::problem::{Problem, pointer_step};

use crate::errors::Refused;

/// Deeper than any request; beyond it a value refers to itself.
const MAX_DEPTH: usize = 64;

/// A JSON value from a Python one: None, bool, int, float, str, list, tuple, set, dict, datetime, date, UUID, numpy scalars,
/// and whatever has a `to_dict`. The keys of a dict that hold None are kept: None is `null`.
pub(crate) fn to_json(object: &Bound<'_, PyAny>) -> PyResult<Value> {
    json_at(object, &Place::Whole, 0)
}

/// Where a value stands; its path is written only when something is wrong.
enum Place<'a> {
    Whole,
    Key(&'a Place<'a>, &'a str),
    Index(&'a Place<'a>, usize),
}

impl Place<'_> {
    fn pointer(&self) -> String {
        match self {
            Self::Whole => String::new(),
            Self::Key(parent, key) => parent.pointer() + &pointer_step(key),
            Self::Index(parent, index) => format!("{}/{index}", parent.pointer()),
        }
    }

    fn problem(&self, code: &'static str, message: impl Into<String>, help: &str) -> PyErr {
        Refused::from(Problem::new(self.pointer(), code, message).help(help)).into()
    }
}

fn json_at(object: &Bound<'_, PyAny>, place: &Place<'_>, depth: usize) -> PyResult<Value> {
    if depth > MAX_DEPTH {
        return Err(place.problem("too_deep", "this is nested too deeply", "a value must not hold itself"));
    }
    // Exact types first: they are nearly all values, and the check is one comparison.
    if let Ok(text) = object.cast_exact::<PyString>() {
        return Ok(Value::String(text.to_str()?.to_owned()));
    }
    if let Ok(number) = object.cast_exact::<PyFloat>() {
        return number_json(number.extract()?, place);
    }
    if object.is_none() {
        return Ok(Value::Null);
    }
    if let Ok(truth) = object.cast_exact::<PyBool>() {
        return Ok(Value::Bool(truth.is_true()));
    }
    if let Ok(whole) = object.cast_exact::<PyInt>() {
        return integer_json(whole.as_any(), place);
    }
    if let Ok(dict) = object.cast::<PyDict>() {
        return dict_json(dict, place, depth);
    }
    if object.is_instance_of::<PyList>() || object.is_instance_of::<PyTuple>() {
        return items_json(object, place, depth);
    }
    other_json(object, place, depth)
}

fn number_json(number: f64, place: &Place<'_>) -> PyResult<Value> {
    Number::from_f64(number).map(Value::Number).ok_or_else(|| {
        place.problem(
            "not_a_number",
            "a request holds finite numbers only",
            "write None for what was not measured",
        )
    })
}

fn integer_json(object: &Bound<'_, PyAny>, place: &Place<'_>) -> PyResult<Value> {
    if let Ok(number) = object.extract::<i64>() {
        return Ok(Value::from(number));
    }
    match object.extract::<u64>() {
        Ok(number) => Ok(Value::from(number)),
        Err(_) => Err(place.problem("out_of_range", "this integer is too large", "write at most 2**64 - 1")),
    }
}

fn dict_json(dict: &Bound<'_, PyDict>, place: &Place<'_>, depth: usize) -> PyResult<Value> {
    let mut members = Map::new();
    for (key, member) in dict {
        let Ok(key) = key.extract::<String>() else {
            return Err(place.problem("wrong_type", format!("the key {key} is no text"), "use text as keys"));
        };
        let value = json_at(&member, &Place::Key(place, &key), depth.saturating_add(1))?;
        members.insert(key, value);
    }
    Ok(Value::Object(members))
}

fn items_json(object: &Bound<'_, PyAny>, place: &Place<'_>, depth: usize) -> PyResult<Value> {
    let mut items = Vec::new();
    for (index, item) in object.try_iter()?.enumerate() {
        items.push(json_at(&item?, &Place::Index(place, index), depth.saturating_add(1))?);
    }
    Ok(Value::Array(items))
}

fn other_json(object: &Bound<'_, PyAny>, place: &Place<'_>, depth: usize) -> PyResult<Value> {
    let py = object.py();
    let deeper = depth.saturating_add(1);
    if let Some(to_dict) = object.getattr_opt(intern!(py, "to_dict"))? {
        return json_at(&to_dict.call0()?, place, deeper);
    }
    if let Ok(text) = object.extract::<String>() {
        return Ok(Value::String(text));
    }
    if is_instance(object, "datetime", "datetime")? {
        return Ok(Value::String(instant(object)?.to_string()));
    }
    if is_instance(object, "datetime", "date")? || is_instance(object, "uuid", "UUID")? {
        return Ok(Value::String(object.str()?.to_string()));
    }
    if object.is_instance_of::<pyo3::types::PySet>() || object.is_instance_of::<pyo3::types::PyFrozenSet>() {
        return items_json(object, place, depth);
    }
    // A numpy scalar gives its plain Python value.
    if let Some(item) = object.getattr_opt(intern!(py, "item"))? {
        return json_at(&item.call0()?, place, deeper);
    }
    let kind = object.get_type().fully_qualified_name()?;
    Err(place.problem(
        "wrong_type",
        format!("a value of the type {kind} has no form in JSON"),
        "use None, bool, int, float, str, list, dict, datetime or UUID",
    ))
}

fn is_instance(object: &Bound<'_, PyAny>, module: &'static str, name: &'static str) -> PyResult<bool> {
    object.is_instance(&object.py().import(module)?.getattr(name)?)
}

/// An instant from a text (RFC 3339) or a `datetime` that knows its offset. Digits finer than a millisecond are cut off.
pub(crate) fn instant(object: &Bound<'_, PyAny>) -> PyResult<Timestamp> {
    let py = object.py();
    if let Ok(text) = object.cast::<PyString>() {
        return Ok(text.to_str()?.parse().map_err(Refused::from)?);
    }
    // The difference to the epoch is exact, and no datetime that lacks an offset has one.
    let Ok(since) = object.sub(epoch(py)?) else { return Err(no_instant(object)?) };
    let part = |name: &Bound<'_, PyString>| since.getattr(name)?.extract::<i64>();
    let days = part(intern!(py, "days"))?;
    let seconds = part(intern!(py, "seconds"))?;
    let microseconds = part(intern!(py, "microseconds"))?;
    let millis = days
        .saturating_mul(86_400_000)
        .saturating_add(seconds.saturating_mul(1_000))
        .saturating_add(microseconds.div_euclid(1_000));
    Ok(Timestamp::from_millis(millis).map_err(Refused::from)?)
}

/// Why an object names no instant.
fn no_instant(object: &Bound<'_, PyAny>) -> PyResult<PyErr> {
    let problem = if is_instance(object, "datetime", "datetime")? {
        Problem::new("", "invalid_timestamp", "this datetime has no time zone, so it names no instant")
            .help("write datetime.now(timezone.utc), or add tzinfo")
    } else {
        let kind = object.get_type().fully_qualified_name()?;
        Problem::new("", "wrong_type", format!("an instant is a datetime or a text, not {kind}"))
            .help("write datetime.now(timezone.utc), or \"2026-03-01T12:00:00Z\"")
    };
    Ok(Refused::from(problem).into())
}

/// 1970-01-01T00:00:00Z.
fn epoch(py: Python<'_>) -> PyResult<&Bound<'_, PyAny>> {
    static EPOCH: PyOnceLock<Py<PyAny>> = PyOnceLock::new();
    let epoch = EPOCH.get_or_try_init(py, || {
        PyResult::Ok(datetime(py, Timestamp::from_millis(0).map_err(Refused::from)?)?.unbind())
    })?;
    Ok(epoch.bind(py))
}

/// A `datetime` in UTC.
pub(crate) fn datetime(py: Python<'_>, at: Timestamp) -> PyResult<Bound<'_, PyAny>> {
    static DATETIME: PyOnceLock<Py<PyType>> = PyOnceLock::new();
    static UTC: PyOnceLock<Py<PyAny>> = PyOnceLock::new();
    let utc = UTC.get_or_try_init(py, || {
        PyResult::Ok(py.import("datetime")?.getattr("timezone")?.getattr("utc")?.unbind())
    })?;
    let seconds = stratum_ffi::stratum_core::math::amount(at.millis()) / 1_000.0;
    DATETIME.import(py, "datetime", "datetime")?.call_method1(intern!(py, "fromtimestamp"), (seconds, utc))
}

/// A Python value from a JSON one.
pub(crate) fn to_python<'py>(py: Python<'py>, value: &Value) -> PyResult<Bound<'py, PyAny>> {
    match value {
        Value::Null => Ok(py.None().into_bound(py)),
        Value::Bool(truth) => truth.into_bound_py_any(py),
        Value::Number(number) => match (number.as_i64(), number.as_u64()) {
            (Some(whole), _) => whole.into_bound_py_any(py),
            (None, Some(whole)) => whole.into_bound_py_any(py),
            (None, None) => number.as_f64().into_bound_py_any(py),
        },
        Value::String(text) => text.as_str().into_bound_py_any(py),
        Value::Array(items) => {
            let items = items.iter().map(|item| to_python(py, item)).collect::<PyResult<Vec<_>>>()?;
            Ok(PyList::new(py, items)?.into_any())
        }
        Value::Object(members) => {
            let dict = PyDict::new(py);
            for (key, member) in members {
                // The same few keys come again and again.
                dict.set_item(PyString::intern(py, key), to_python(py, member)?)?;
            }
            Ok(dict.into_any())
        }
    }
}

/// The dict of anything that serializes.
pub(crate) fn serialized<'py, T: serde::Serialize>(
    py: Python<'py>,
    value: &T,
) -> PyResult<Bound<'py, PyAny>> {
    let value = serde_json::to_value(value)
        .map_err(|error| Refused::from(Problem::new("", "not_serializable", error.to_string())))?;
    to_python(py, &value)
}

//! Actions: changes with a state.

use pyo3::prelude::*;
use pyo3::types::PyType;
use serde::Deserialize;
use stratum_ffi::request;
use stratum_ffi::stratum_autopilot::action::{self, Approval, Approver, Change, NewAction, Origin, Refusal};
use stratum_ffi::stratum_core::id::{ActionId, TenantId, UserId};
use stratum_ffi::stratum_core::problem::Problem;
use stratum_ffi::stratum_core::vocabulary::{ActionType, EntityType, Platform};

use crate::convert::{datetime, instant, serialized, to_json};
use crate::errors::Refused;

/// An action with its state. Frozen: each step gives the action as it is afterwards.
#[pyclass(module = "stratum", frozen, eq)]
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Action(pub(crate) action::Action);

/// What Python gives to queue an action.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Proposed {
    id: ActionId,
    tenant_id: TenantId,
    action_type: ActionType,
    platform: Platform,
    entity_type: EntityType,
    entity_id: String,
    #[serde(default)]
    entity_name: Option<String>,
    change: Change,
    #[serde(default = "manual")]
    origin: Origin,
    #[serde(default)]
    created_by: Option<UserId>,
    #[serde(default)]
    reason: Option<String>,
    #[serde(default)]
    pair_id: Option<ActionId>,
    #[serde(default)]
    reverts: Option<ActionId>,
    #[serde(default = "a_day")]
    ttl_hours: u32,
}

const fn manual() -> Origin {
    Origin::Manual
}

const fn a_day() -> u32 {
    24
}

/// Queues an action: every problem of it, or the action as it waits for approval.
#[pyfunction]
#[pyo3(signature = (proposed, now, /))]
pub(crate) fn queue_action(proposed: &Bound<'_, PyAny>, now: &Bound<'_, PyAny>) -> PyResult<Action> {
    let new: Proposed = request::part(&to_json(proposed)?, "").map_err(Refused::from)?;
    let new = NewAction {
        id: new.id,
        tenant_id: new.tenant_id,
        action_type: new.action_type,
        platform: new.platform,
        entity_type: new.entity_type,
        entity_id: new.entity_id,
        entity_name: new.entity_name,
        change: new.change,
        origin: new.origin,
        created_by: new.created_by,
        reason: new.reason,
        pair_id: new.pair_id,
        reverts: new.reverts,
        ttl_hours: new.ttl_hours,
    };
    Ok(Action(action::Action::queue(new, instant(now)?).map_err(Refused::from)?))
}

/// An action id (UUID version 7) of an instant and ten random bytes.
#[pyfunction]
#[pyo3(signature = (now, random, /))]
pub(crate) fn action_id(now: &Bound<'_, PyAny>, random: [u8; 10]) -> PyResult<String> {
    Ok(ActionId::v7(instant(now)?, random).to_string())
}

/// A transition that the lifecycle refuses.
pub(crate) fn refused(refusal: Refusal) -> Refused {
    Problem::new("", refusal.code.as_str().to_ascii_lowercase(), refusal.to_string()).into()
}

impl Action {
    fn after(
        &self,
        step: impl FnOnce(&mut action::Action) -> Result<action::Transition, Refusal>,
    ) -> PyResult<Self> {
        let mut next = self.0.clone();
        step(&mut next).map_err(refused)?;
        Ok(Self(next))
    }
}

#[pymethods]
impl Action {
    /// The id, which is also the idempotency key of the platform call.
    #[getter]
    fn id(&self) -> String {
        self.0.id().to_string()
    }

    /// Whose action.
    #[getter]
    fn tenant_id(&self) -> String {
        self.0.tenant_id().to_string()
    }

    /// What it does.
    #[getter]
    const fn action_type(&self) -> &'static str {
        self.0.action_type().as_str()
    }

    /// Where.
    #[getter]
    const fn platform(&self) -> &'static str {
        self.0.platform().as_str()
    }

    /// To what kind of thing.
    #[getter]
    const fn entity_type(&self) -> &'static str {
        self.0.entity_type().as_str()
    }

    /// The platform's id of it.
    #[getter]
    fn entity_id(&self) -> &str {
        self.0.entity_id()
    }

    /// The status as its tenant sees it.
    #[getter]
    const fn status(&self) -> &'static str {
        self.0.status().as_str()
    }

    /// The state inside the engine: an action that is being applied is shown as approved.
    #[getter]
    const fn state(&self) -> &'static str {
        self.0.state().as_str()
    }

    /// Why it failed or was dismissed.
    #[getter]
    fn status_reason(&self) -> Option<&'static str> {
        self.0.status_reason().map(|reason| reason.as_str())
    }

    /// When the present state expires; None for a final one and for one that is being applied.
    #[getter]
    fn expires_at<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyAny>>> {
        self.0.expires_at().map(|at| datetime(py, at)).transpose()
    }

    /// Approves it for a person. An `override_reason` executes it by hand although the gate holds.
    #[pyo3(signature = (*, by, now, override_reason=None))]
    fn approve(
        &self,
        by: &Bound<'_, PyAny>,
        now: &Bound<'_, PyAny>,
        override_reason: Option<String>,
    ) -> PyResult<Self> {
        let user =
            by.str()?.to_string().parse::<UserId>().map_err(|problem| Refused::from(problem.under("/by")))?;
        let at = instant(now)?;
        self.after(|next| next.approve(Approval { by: Approver::User(user), at, override_reason }, at))
    }

    /// Dismisses it before it was approved.
    #[pyo3(signature = (*, now))]
    fn dismiss(&self, now: &Bound<'_, PyAny>) -> PyResult<Self> {
        let at = instant(now)?;
        self.after(|next| next.dismiss(at))
    }

    /// The action as expired, if its time is over; else itself.
    #[pyo3(signature = (*, now))]
    fn expire(&self, now: &Bound<'_, PyAny>) -> PyResult<Self> {
        let mut next = self.0.clone();
        next.expire(instant(now)?);
        Ok(Self(next))
    }

    /// Whether the call of its executor was never reported and its lease has run out.
    #[pyo3(signature = (*, now))]
    fn lease_lapsed(&self, now: &Bound<'_, PyAny>) -> PyResult<bool> {
        Ok(self.0.lease_lapsed(instant(now)?))
    }

    /// The same as a dict, as it is stored.
    fn to_dict<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        serialized(py, &self.0)
    }

    /// An action that was stored as a dict.
    #[classmethod]
    fn from_dict(_class: &Bound<'_, PyType>, stored: &Bound<'_, PyAny>) -> PyResult<Self> {
        Ok(Self(request::part(&to_json(stored)?, "").map_err(Refused::from)?))
    }

    fn __repr__(&self) -> String {
        let action = &self.0;
        format!(
            "Action(id='{}', action_type='{}', platform='{}', entity_id={:?}, state='{}')",
            action.id(),
            action.action_type(),
            action.platform(),
            action.entity_id(),
            action.state()
        )
    }
}

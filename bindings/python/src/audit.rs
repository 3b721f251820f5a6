//! Audit chains in memory, one for each tenant.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use pyo3::prelude::*;
use stratum_ffi::stratum_autopilot::audit::{
    Actor, AuditAction, ChainHead, Intervention, NewAuditEntry, StoredRecord,
};
use stratum_ffi::stratum_core::id::{TenantId, UserId};
use stratum_ffi::stratum_core::problem::Problem;

use crate::action::Action;
use crate::convert::{instant, serialized};
use crate::errors::Refused;
use crate::executor::Claim;

/// The audit chains of the tenants, kept in memory. `stratum.audit.verify` checks what `records` gives.
#[pyclass(module = "stratum", frozen)]
#[derive(Debug, Default)]
pub(crate) struct AuditChains(Mutex<BTreeMap<TenantId, Chain>>);

#[derive(Debug)]
struct Chain {
    head: ChainHead,
    records: Vec<StoredRecord>,
}

impl AuditChains {
    /// Python is never called while the chains are locked.
    fn with<T>(&self, look: impl FnOnce(&mut BTreeMap<TenantId, Chain>) -> T) -> T {
        look(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

fn tenant(text: &str) -> PyResult<TenantId> {
    Ok(text.parse().map_err(|problem: Problem| Refused::from(problem.under("/tenant_id")))?)
}

#[pymethods]
impl AuditChains {
    #[new]
    fn new() -> Self {
        Self::default()
    }

    /// Appends what happened to an action: by a person, or by the engine itself. A claim adds what gate and limits said.
    #[pyo3(signature = (what, action, *, now, by=None, claim=None, reason=None))]
    fn note(
        &self,
        what: &str,
        action: &Bound<'_, Action>,
        now: &Bound<'_, PyAny>,
        by: Option<&Bound<'_, PyAny>>,
        claim: Option<&Bound<'_, Claim>>,
        reason: Option<String>,
    ) -> PyResult<()> {
        let what: AuditAction = what.parse().map_err(Refused::from)?;
        let actor = match by {
            None => Actor::system(),
            Some(id) => Actor::user(id.str()?.to_string().parse::<UserId>().map_err(Refused::from)?),
        };
        let action = &action.get().0;
        let mut about = Intervention::about(action);
        if let Some(claim) = claim {
            let (gate, check) = claim.get().said();
            about = about.gate(gate).enforcement(check);
        }
        let mut entry = NewAuditEntry::new(instant(now)?, actor, what, "action")
            .resource_id(action.id())
            .intervention(about);
        if let Some(reason) = reason {
            entry = entry.reason(reason);
        }
        let tenant = action.tenant_id();
        let noted = self.with(|chains| {
            let chain = chains
                .entry(tenant)
                .or_insert_with(|| Chain { head: ChainHead::genesis(tenant), records: Vec::new() });
            let (record, head) = chain.head.append(entry)?;
            chain.records.push(record.to_stored()?);
            chain.head = head;
            Ok(())
        });
        Ok(noted.map_err(|problem: Problem| Refused::from(problem))?)
    }

    /// The records of a tenant as dicts, oldest first.
    fn records<'py>(&self, py: Python<'py>, tenant_id: &str) -> PyResult<Bound<'py, PyAny>> {
        let tenant = tenant(tenant_id)?;
        let records = self.with(|chains| chains.get(&tenant).map(|chain| chain.records.clone()));
        serialized(py, &records.unwrap_or_default())
    }

    /// Where a tenant's chain ends, as a dict: keep it elsewhere, and a truncation shows.
    fn head<'py>(&self, py: Python<'py>, tenant_id: &str) -> PyResult<Bound<'py, PyAny>> {
        let tenant = tenant(tenant_id)?;
        let head = self.with(|chains| chains.get(&tenant).map(|chain| chain.head));
        serialized(py, &head.unwrap_or_else(|| ChainHead::genesis(tenant)))
    }
}

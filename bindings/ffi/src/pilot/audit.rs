//! The audit chains of the tenants, in memory.

use std::collections::BTreeMap;

use stratum_autopilot::action::Action;
use stratum_autopilot::audit::{Actor, AuditAction, ChainHead, Intervention, NewAuditEntry, StoredRecord};
use stratum_autopilot::enforcement::EnforcementCheck;
use stratum_core::Timestamp;
use stratum_core::gate::GateEvaluation;
use stratum_core::id::{TenantId, UserId};
use stratum_core::problem::Problem;

/// A chain for each tenant.
#[derive(Debug, Default)]
pub(super) struct Chains(BTreeMap<TenantId, Chain>);

#[derive(Debug)]
struct Chain {
    head: ChainHead,
    records: Vec<StoredRecord>,
}

/// What happened to an action.
pub(super) struct Note<'a> {
    what: AuditAction,
    action: &'a Action,
    now: Timestamp,
    by: Option<UserId>,
    reason: Option<String>,
    said: Option<(&'a GateEvaluation, &'a EnforcementCheck)>,
}

impl<'a> Note<'a> {
    /// Something that the engine did itself.
    pub(super) const fn new(what: AuditAction, action: &'a Action, now: Timestamp) -> Self {
        Self { what, action, now, by: None, reason: None, said: None }
    }

    pub(super) const fn by(mut self, person: Option<UserId>) -> Self {
        self.by = person;
        self
    }

    pub(super) fn reason(mut self, reason: Option<String>) -> Self {
        self.reason = reason;
        self
    }

    pub(super) const fn said(mut self, gate: &'a GateEvaluation, check: &'a EnforcementCheck) -> Self {
        self.said = Some((gate, check));
        self
    }
}

impl Chains {
    /// Appends to the chain of the action's tenant.
    pub(super) fn note(&mut self, note: &Note<'_>) -> Result<(), Problem> {
        let mut about = Intervention::about(note.action);
        if let Some((gate, check)) = note.said {
            about = about.gate(gate).enforcement(check);
        }
        let actor = note.by.map_or_else(Actor::system, Actor::user);
        let mut entry = NewAuditEntry::new(note.now, actor, note.what, "action")
            .resource_id(note.action.id())
            .intervention(about);
        if let Some(reason) = &note.reason {
            entry = entry.reason(reason.clone());
        }
        let tenant = note.action.tenant_id();
        let chain = self
            .0
            .entry(tenant)
            .or_insert_with(|| Chain { head: ChainHead::genesis(tenant), records: Vec::new() });
        let (record, head) = chain.head.append(entry)?;
        chain.records.push(record.to_stored()?);
        chain.head = head;
        Ok(())
    }

    /// The records of a tenant, oldest first.
    pub(super) fn records(&self, tenant: TenantId) -> &[StoredRecord] {
        self.0.get(&tenant).map_or(&[], |chain| &chain.records)
    }

    /// Where a tenant's chain ends.
    pub(super) fn head(&self, tenant: TenantId) -> ChainHead {
        self.0.get(&tenant).map_or_else(|| ChainHead::genesis(tenant), |chain| chain.head)
    }
}

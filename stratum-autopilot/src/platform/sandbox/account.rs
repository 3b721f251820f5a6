//! The sandbox itself.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use stratum_core::Timestamp;
use stratum_core::id::ActionId;
use stratum_core::time::HOUR_MS;

use super::super::{
    Applied, CallOutcome, ChangeRequest, EntityRef, EntityValue, PlatformError, PlatformErrorCode,
};
use super::fault::{Fault, FaultEffect, SandboxCall, take};
use crate::action::Change;

/// What the sandbox declines, as real platforms do. Amounts are minor units, whatever the currency.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default)]
pub struct SandboxLimits {
    /// The smallest budget.
    pub min_budget_cents: i64,
    /// The largest budget.
    pub max_budget_cents: i64,
    /// The smallest bid.
    pub min_bid_cents: i64,
    /// The largest bid.
    pub max_bid_cents: i64,
    /// Accepted changes of one entity in any 60 minutes.
    pub max_changes_per_hour: u32,
}

impl Default for SandboxLimits {
    /// Budgets of 1.00 to 10,000,000.00, bids of 0.01 to 100,000.00, 60 changes of an entity an hour.
    fn default() -> Self {
        Self {
            min_budget_cents: 100,
            max_budget_cents: 1_000_000_000,
            min_bid_cents: 1,
            max_bid_cents: 10_000_000,
            max_changes_per_hour: 60,
        }
    }
}

impl SandboxLimits {
    fn refuses(&self, change: &Change) -> Option<PlatformError> {
        let (what, cents, least, most) = match *change {
            Change::Status { .. } => return None,
            Change::Budget { after_cents, .. } => {
                ("budget", after_cents, self.min_budget_cents, self.max_budget_cents)
            }
            Change::Bid { after_cents, .. } => ("bid", after_cents, self.min_bid_cents, self.max_bid_cents),
        };
        if (least..=most).contains(&cents) {
            return None;
        }
        Some(PlatformError::new(
            PlatformErrorCode::Refused,
            format!("a {what} is {least} to {most} minor units, not {cents}"),
        ))
    }
}

/// An entity of the sandbox.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct SandboxEntity {
    /// Which one.
    pub entity: EntityRef,
    /// What it shows.
    pub value: EntityValue,
}

impl SandboxEntity {
    /// An entity that shows this value.
    #[must_use]
    pub const fn new(entity: EntityRef, value: EntityValue) -> Self {
        Self { entity, value }
    }
}

/// One change that the sandbox accepted. Entries are never altered.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct LedgerEntry {
    /// 1, 2, 3 … without gap.
    pub seq: u64,
    /// The key of the call.
    pub idempotency_key: ActionId,
    /// What was changed.
    pub entity: EntityRef,
    /// From which value to which.
    pub change: Change,
    /// When.
    pub accepted_at: Timestamp,
}

impl LedgerEntry {
    fn receipt(&self) -> Applied {
        Applied {
            idempotency_key: self.idempotency_key,
            applied_at: self.accepted_at,
            reference: Some(format!("sandbox-{}", self.seq)),
        }
    }
}

/// The answer to a call, and how long whoever serves the sandbox lets the caller wait for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reply<T> {
    /// The answer.
    pub result: Result<T, PlatformError>,
    /// How long it takes.
    pub delay: Duration,
}

/// A sandbox ad platform. See the [room](super).
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Sandbox {
    /// In the order of their references, so that one is found by bisection.
    entities: Vec<SandboxEntity>,
    limits: SandboxLimits,
    ledger: Vec<LedgerEntry>,
    faults: Vec<Fault>,
}

impl Sandbox {
    /// A sandbox without entities, with the default limits and no faults.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// With other limits.
    #[must_use]
    pub const fn with_limits(mut self, limits: SandboxLimits) -> Self {
        self.limits = limits;
        self
    }

    /// Adds an entity, or sets what it shows (as its owner would in the platform's own interface).
    pub fn put(&mut self, entity: SandboxEntity) {
        match self.position(&entity.entity) {
            Ok(position) => {
                if let Some(slot) = self.entities.get_mut(position) {
                    *slot = entity;
                }
            }
            Err(position) => self.entities.insert(position, entity),
        }
    }

    /// Appends to the fault script.
    pub fn inject(&mut self, fault: Fault) {
        if fault.times > 0 {
            self.faults.push(fault);
        }
    }

    /// Forgets the faults that were not used up.
    pub fn clear_faults(&mut self) {
        self.faults.clear();
    }

    /// The faults still to come, in their order.
    #[must_use]
    pub fn faults(&self) -> &[Fault] {
        &self.faults
    }

    /// The limits in force.
    #[must_use]
    pub const fn limits(&self) -> &SandboxLimits {
        &self.limits
    }

    /// Every entity, in the order of their references.
    #[must_use]
    pub fn entities(&self) -> &[SandboxEntity] {
        &self.entities
    }

    /// Everything the sandbox accepted, oldest first.
    #[must_use]
    pub fn ledger(&self) -> &[LedgerEntry] {
        &self.ledger
    }

    /// Takes up an entry of an earlier life's ledger: makes its change without limits and faults. An entry that the ledger
    /// has already changes nothing.
    pub fn replay(&mut self, entry: LedgerEntry) {
        if self.find(entry.idempotency_key).is_some() {
            return;
        }
        if let Ok(position) = self.position(&entry.entity)
            && let Some(slot) = self.entities.get_mut(position)
            && let Some(value) = slot.value.after(&entry.change)
        {
            slot.value = value;
        }
        self.ledger.push(entry);
    }

    /// Makes a change.
    ///
    /// The answers, in the order of the checks: the first receipt for a key that was accepted before (`REFUSED` if the
    /// change is another one), `DEADLINE_PASSED`, `NOT_FOUND`, `REFUSED` beyond the limits, `STATE_CHANGED` with what is
    /// shown, `RATE_LIMITED` with the time from which it is allowed.
    pub fn apply(&mut self, request: &ChangeRequest, now: Timestamp) -> Reply<Applied> {
        self.serve(SandboxCall::Apply, |sandbox| sandbox.accept(request, now))
    }

    /// What an entity shows now; `NOT_FOUND` where there is none.
    pub fn read(&mut self, entity: &EntityRef) -> Reply<EntityValue> {
        self.serve(SandboxCall::Read, |sandbox| sandbox.value_of(entity))
    }

    /// What became of the call with this key: this platform always knows.
    pub fn outcome_of(&mut self, idempotency_key: ActionId) -> Reply<CallOutcome> {
        self.serve(SandboxCall::OutcomeOf, |sandbox| {
            Ok(sandbox
                .find(idempotency_key)
                .map_or(CallOutcome::NotSeen, |entry| CallOutcome::Applied(entry.receipt())))
        })
    }

    fn serve<T>(
        &mut self,
        call: SandboxCall,
        carry_out: impl FnOnce(&mut Self) -> Result<T, PlatformError>,
    ) -> Reply<T> {
        let Some(fault) = take(&mut self.faults, call) else {
            return Reply { result: carry_out(self), delay: Duration::ZERO };
        };
        let result = match fault.effect {
            FaultEffect::Slow => carry_out(self),
            FaultEffect::ErrorBefore { error, retry_after_ms } => {
                let error = PlatformError::new(error, "an injected fault");
                Err(PlatformError { retry_after_ms, ..error })
            }
            FaultEffect::AnswerLost => {
                // Whatever the answer was, nobody hears it.
                drop(carry_out(self));
                Err(PlatformError::new(PlatformErrorCode::Unknown, "an injected fault after the call"))
            }
        };
        Reply { result, delay: Duration::from_millis(fault.delay_ms) }
    }

    fn accept(&mut self, request: &ChangeRequest, now: Timestamp) -> Result<Applied, PlatformError> {
        if let Some(entry) = self.find(request.idempotency_key) {
            return if entry.entity == request.entity && entry.change == request.change {
                Ok(entry.receipt())
            } else {
                Err(PlatformError::new(
                    PlatformErrorCode::Refused,
                    "this idempotency key was used for another change",
                ))
            };
        }
        if now >= request.not_after {
            return Err(PlatformError::new(
                PlatformErrorCode::DeadlinePassed,
                format!("the call was good until {}", request.not_after),
            ));
        }
        let shown = self.value_of(&request.entity)?;
        if let Some(refusal) = self.limits.refuses(&request.change) {
            return Err(refusal);
        }
        let Some(next) = shown.after(&request.change).filter(|_| shown.shows_before(&request.change)) else {
            return Err(PlatformError::new(
                PlatformErrorCode::StateChanged,
                "the value is not the one that the change starts from",
            )
            .showing(shown));
        };
        if let Some(wait_ms) = self.wait_ms(&request.entity, now) {
            return Err(PlatformError::new(
                PlatformErrorCode::RateLimited,
                format!("{} changes of this entity in an hour", self.limits.max_changes_per_hour),
            )
            .retry_after(wait_ms));
        }
        let entry = LedgerEntry {
            seq: self.ledger.last().map_or(1, |last| last.seq.saturating_add(1)),
            idempotency_key: request.idempotency_key,
            entity: request.entity.clone(),
            change: request.change,
            accepted_at: now,
        };
        let receipt = entry.receipt();
        self.put(SandboxEntity::new(entry.entity.clone(), next));
        self.ledger.push(entry);
        Ok(receipt)
    }

    /// How long until the entity may change again, if it may not now.
    fn wait_ms(&self, entity: &EntityRef, now: Timestamp) -> Option<u64> {
        let window_start = now.plus_millis(HOUR_MS.saturating_neg());
        let allowed = usize::try_from(self.limits.max_changes_per_hour).unwrap_or(usize::MAX);
        let recent: Vec<Timestamp> = self
            .ledger
            .iter()
            .filter(|entry| entry.entity == *entity && entry.accepted_at > window_start)
            .map(|entry| entry.accepted_at)
            .collect();
        if recent.len() < allowed {
            return None;
        }
        // One more is allowed once so many have left the window that fewer than `allowed` remain.
        let must_leave = recent.get(recent.len().saturating_sub(allowed));
        let free_at = must_leave.map_or(now.plus_millis(HOUR_MS), |at| at.plus_millis(HOUR_MS));
        u64::try_from(free_at.millis_since(now)).ok()
    }

    fn value_of(&self, entity: &EntityRef) -> Result<EntityValue, PlatformError> {
        self.position(entity)
            .ok()
            .and_then(|position| self.entities.get(position))
            .map(|found| found.value)
            .ok_or_else(|| {
                PlatformError::new(
                    PlatformErrorCode::NotFound,
                    format!("there is no {} {:?}", entity.entity_type, entity.entity_id),
                )
            })
    }

    fn position(&self, entity: &EntityRef) -> Result<usize, usize> {
        self.entities.binary_search_by(|candidate| candidate.entity.cmp(entity))
    }

    fn find(&self, key: ActionId) -> Option<&LedgerEntry> {
        // Newest first: a key that comes again comes soon.
        self.ledger.iter().rev().find(|entry| entry.idempotency_key == key)
    }
}

//! A sandbox whose every accepted change is on disk before anybody hears of it.

use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};

use stratum_autopilot::platform::sandbox::{Fault, LedgerEntry, Reply, Sandbox, SandboxEntity};
use stratum_autopilot::platform::{
    Applied, CallOutcome, ChangeRequest, EntityRef, EntityValue, PlatformError, PlatformErrorCode,
};
use stratum_core::id::ActionId;

use super::journal::{Journal, Record};
use crate::clock::Clock;

/// A [`Sandbox`] with its journal. Its methods block for the time of a write to disk.
#[derive(Debug)]
pub struct SandboxService {
    inner: Mutex<Inner>,
    clock: Clock,
}

#[derive(Debug)]
struct Inner {
    sandbox: Sandbox,
    journal: Journal,
    /// The journal could not be written: what is in memory is no longer what is on disk, and nothing is answered from it.
    broken: bool,
}

impl SandboxService {
    /// Rebuilds the sandbox from its ledger; a new one where there is none.
    ///
    /// # Errors
    /// When the file cannot be used, another sandbox has it, or a line of it is damaged.
    pub fn open(ledger: &Path, clock: Clock) -> anyhow::Result<Self> {
        let (journal, sandbox) = Journal::open(ledger)?;
        Ok(Self { inner: Mutex::new(Inner { sandbox, journal, broken: false }), clock })
    }

    /// Makes a change; see [`Sandbox::apply`].
    pub fn apply(&self, request: &ChangeRequest) -> Reply<Applied> {
        self.call(|sandbox| sandbox.apply(request, self.clock.now()))
    }

    /// What an entity shows now.
    pub fn read(&self, entity: &EntityRef) -> Reply<EntityValue> {
        self.call(|sandbox| sandbox.read(entity))
    }

    /// What became of the call with this key.
    pub fn outcome_of(&self, key: ActionId) -> Reply<CallOutcome> {
        self.call(|sandbox| sandbox.outcome_of(key))
    }

    /// Adds an entity or sets what it shows.
    ///
    /// # Errors
    /// `UNAVAILABLE` when the ledger cannot be written.
    pub fn put(&self, entity: SandboxEntity) -> Result<(), PlatformError> {
        let mut inner = self.usable()?;
        inner.write(&[Record::Entity(entity.clone())])?;
        inner.sandbox.put(entity);
        Ok(())
    }

    /// Every entity.
    #[must_use]
    pub fn entities(&self) -> Vec<SandboxEntity> {
        self.lock().sandbox.entities().to_vec()
    }

    /// Everything that was accepted and `keep` lets through, oldest first.
    pub fn ledger(&self, keep: impl Fn(&LedgerEntry) -> bool) -> Vec<LedgerEntry> {
        self.lock().sandbox.ledger().iter().filter(|entry| keep(entry)).cloned().collect()
    }

    /// How many changes were accepted.
    #[must_use]
    pub fn accepted(&self) -> usize {
        self.lock().sandbox.ledger().len()
    }

    /// Appends to the fault script and gives the whole of it.
    #[must_use]
    pub fn inject(&self, faults: impl IntoIterator<Item = Fault>) -> Vec<Fault> {
        let mut inner = self.lock();
        for fault in faults {
            inner.sandbox.inject(fault);
        }
        inner.sandbox.faults().to_vec()
    }

    /// The faults still to come.
    #[must_use]
    pub fn faults(&self) -> Vec<Fault> {
        self.lock().sandbox.faults().to_vec()
    }

    /// Forgets the faults still to come.
    pub fn clear_faults(&self) {
        self.lock().sandbox.clear_faults();
    }

    /// Carries a call out and writes what it added to the ledger, all under one lock: nobody sees a change that a crash
    /// could take back.
    fn call<T>(&self, carry_out: impl FnOnce(&mut Sandbox) -> Reply<T>) -> Reply<T> {
        let mut inner = match self.usable() {
            Ok(inner) => inner,
            Err(error) => return Reply { result: Err(error), delay: std::time::Duration::ZERO },
        };
        let before = inner.sandbox.ledger().len();
        let reply = carry_out(&mut inner.sandbox);
        let added: Vec<Record> =
            inner.sandbox.ledger().iter().skip(before).cloned().map(Record::Accepted).collect();
        match inner.write(&added) {
            Ok(()) => reply,
            // The line may have reached the disk, or not.
            Err(error) => {
                let error = PlatformError::new(PlatformErrorCode::Unknown, error.message);
                Reply { result: Err(error), delay: reply.delay }
            }
        }
    }

    fn usable(&self) -> Result<MutexGuard<'_, Inner>, PlatformError> {
        let inner = self.lock();
        if inner.broken { Err(cannot_write()) } else { Ok(inner) }
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Inner {
    fn write(&mut self, records: &[Record]) -> Result<(), PlatformError> {
        self.journal.append(records).map_err(|error| {
            tracing::error!(event_type = "sandbox_ledger", "the ledger cannot be written: {error}");
            self.broken = true;
            cannot_write()
        })
    }
}

fn cannot_write() -> PlatformError {
    PlatformError::new(
        PlatformErrorCode::Unavailable,
        "the sandbox's ledger cannot be written; make room on its disk and start it again",
    )
}

//! A sandbox ad platform: entities, limits, a ledger of what it accepted, and faults on demand.
//!
//! [`Sandbox`] is a value: it reads no clock and never sleeps. A call gives its result and the delay that the fault script
//! asks for; whoever serves it (the `sandbox` command does, over HTTP) honours the delay. It is serialisable as a whole, and
//! [`Sandbox::replay`] takes the entries of a ledger, so that the ledger alone can be its journal on disk.
//!
//! [`SandboxPlatform`] puts one behind the port, for embedding and for tests.

mod account;
mod fault;
mod port;

pub use account::{LedgerEntry, Reply, Sandbox, SandboxEntity, SandboxLimits};
pub use fault::{Fault, FaultEffect, SandboxCall};
pub use port::SandboxPlatform;

#[cfg(test)]
mod tests;

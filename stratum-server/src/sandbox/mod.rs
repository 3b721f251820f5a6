//! The sandbox ad platform over HTTP, with its ledger on disk: what `stratum sandbox` serves, and `serve --demo` inside.
//!
//! It is the library's [`Sandbox`](stratum_autopilot::platform::sandbox::Sandbox) behind a socket. What the library only
//! describes happens here: the delays of the fault script are slept through, and an accepted change is on disk before it is
//! answered, so that its ledger is a witness of its own when the server that called it is killed.
//!
//! | request | answer |
//! |---|---|
//! | `POST /v1/changes` with `Idempotency-Key` | the receipt, the first one when the key comes again |
//! | `GET /v1/changes/{key}` | what became of the call with this key |
//! | `GET /v1/entities`, `GET /v1/entities/{tenant}/{platform}/{type}/{id}` | what is shown now |
//! | `PUT` of the same | sets what is shown, as its owner would in the platform's own interface |
//! | `GET /ledger` | everything that was accepted, oldest first; `?tenant_id=`, `?entity_id=`, `?idempotency_key=` |
//! | `POST /faults`, `GET /faults`, `DELETE /faults` | the script of errors and delays |
//! | `GET /health` | that it is there, and how long its ledger is |
//!
//! It asks for no credentials and listens on loopback only.

mod journal;
mod routes;
mod serve;
mod service;

pub use routes::{ChangeBody, router};
pub use serve::{SandboxArgs, SandboxServer};
pub use service::SandboxService;

#[cfg(test)]
mod tests;

//! The clients of ad platforms, each behind the library's port [`AdPlatform`](stratum_autopilot::platform::AdPlatform).
//!
//! [`SandboxClient`] speaks to a [`sandbox`](crate::sandbox) over HTTP, in this process, on this machine or elsewhere.

mod sandbox_client;

pub use sandbox_client::{SandboxClient, Timeouts};

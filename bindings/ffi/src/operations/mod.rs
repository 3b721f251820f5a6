//! The request types, and how each operation calls the libraries.
//!
//! Where a tenant's policy decides, a request has one form: the `policy` (the defaults where it is left out) and the
//! `facts`. Nothing is decided here. A room about the customer stands behind the feature of that name.

#[cfg(feature = "customer")]
pub mod attribution;
#[cfg(feature = "customer")]
pub mod audience_sync;
pub mod audit;
pub mod backtest;
#[cfg(feature = "customer")]
pub mod consent;
#[cfg(feature = "customer")]
pub mod conversion;
#[cfg(feature = "customer")]
pub mod crm;
#[cfg(feature = "customer")]
pub mod customer;
#[cfg(feature = "customer")]
pub mod data_driven;
pub mod decision;
#[cfg(feature = "customer")]
pub mod delivery;
pub mod emq;
pub mod enforcement;
#[cfg(feature = "customer")]
pub mod frames;
#[cfg(feature = "customer")]
pub mod funnel;
pub mod gate;
pub mod health;
#[cfg(feature = "customer")]
pub mod identifier;
#[cfg(feature = "customer")]
pub mod identity;
#[cfg(feature = "customer")]
pub mod journey;
#[cfg(feature = "customer")]
pub mod offline;
#[cfg(feature = "customer")]
pub mod profile;
#[cfg(feature = "customer")]
pub mod segment;
#[cfg(feature = "customer")]
pub mod stitch;
#[cfg(feature = "customer")]
pub mod suppression;
#[cfg(feature = "customer")]
pub mod traits;
pub mod whatif;

pub use audit::AuditRequest;
pub use decision::{DecisionResponse, ReplayRequest};
pub use enforcement::EnforcementRequest;
pub use gate::{GateRequest, GateResponse};
pub use health::HealthRequest;

use std::borrow::Cow;
use std::sync::LazyLock;

use stratum_core::policy::{CompiledTrustPolicy, TrustPolicy};
use stratum_core::problem::Problems;

/// The compiled policy of a request. Most requests leave the policy out, and the defaults need to be compiled only once.
fn compiled(policy: &TrustPolicy) -> Result<Cow<'static, CompiledTrustPolicy>, Problems> {
    static DEFAULT: LazyLock<(TrustPolicy, Result<CompiledTrustPolicy, Problems>)> = LazyLock::new(|| {
        let policy = TrustPolicy::default();
        let compiled = policy.compile();
        (policy, compiled)
    });
    match &*DEFAULT {
        (default, Ok(compiled)) if default == policy => Ok(Cow::Borrowed(compiled)),
        _ => policy.compile().map(Cow::Owned),
    }
}

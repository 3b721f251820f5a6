//! In whose name a piece of work runs: the tenant whose rows it may see, and the actor that the audit log names.

use stratum_core::id::TenantId;
use uuid::Uuid;

pub use stratum_autopilot::audit::{Actor, ActorType};

/// The tenant, the actor and the request that a transaction belongs to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scope {
    /// Whose rows can be seen and written.
    pub tenant: TenantId,
    /// Who acts, for the audit log.
    pub actor: Actor,
    /// The request that asked for the work; a job makes one up for each run.
    pub request_id: Uuid,
    /// A keyed hash of the caller's address, for the audit log; the address itself is kept nowhere.
    pub address_hash: Option<String>,
    /// Why an operator looks into the tenant.
    pub access_reason: Option<String>,
}

impl Scope {
    /// The server's own work for `tenant`.
    #[must_use]
    pub fn system(tenant: TenantId) -> Self {
        Self {
            tenant,
            actor: Actor::system(),
            request_id: Uuid::now_v7(),
            address_hash: None,
            access_reason: None,
        }
    }
}

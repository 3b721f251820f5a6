//! `audit.verify`.

use serde::{Deserialize, Serialize};
use stratum_autopilot::audit::{ChainHead, StoredRecord, Verification};
use stratum_core::problem::Problems;

/// What `audit.verify` is asked.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct AuditRequest {
    /// The head after which the records follow; for a whole chain `seq` 0 and a hash of zeros.
    pub from: ChainHead,
    /// A head that was kept elsewhere, through which the chain must go.
    #[serde(default)]
    pub known_head: Option<ChainHead>,
    /// The records as they are stored, in order.
    pub records: Vec<StoredRecord>,
}

/// Finds the first broken link.
///
/// # Errors
/// None: a broken chain is an answer.
pub fn verify(request: &AuditRequest) -> Result<Verification, Problems> {
    Ok(Verification::of(request.from, request.known_head, &request.records))
}

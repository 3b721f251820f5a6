//! What the gate decides on.

use serde::{Deserialize, Serialize};

use crate::health::HealthSnapshot;
use crate::id::TenantId;
use crate::time::Timestamp;
use crate::vocabulary::{EntityType, GateSubject, IncidentKind, IncidentSeverity, Platform};

/// Everything that the gate looks at. It reads nothing else.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct GateFacts {
    /// Whose change it is.
    pub tenant_id: TenantId,
    /// What the change does.
    pub action_type: GateSubject,
    /// The platforms it touches, one to four; every one must pass.
    pub platforms: Vec<Platform>,
    /// What it changes; absent for an audience sync.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub entity_type: Option<EntityType>,
    /// The platform's id of what it changes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub entity_id: Option<String>,
    /// The newest health snapshot of each of these platforms.
    #[serde(default)]
    pub snapshots: Vec<HealthSnapshot>,
    /// Whether a kill switch is engaged: the tenant's own, or an operators' freeze.
    #[serde(default)]
    pub frozen: bool,
    /// The incidents that are open.
    #[serde(default)]
    pub incidents: Vec<OpenIncident>,
    /// The instant of the decision.
    pub now: Timestamp,
}

impl GateFacts {
    /// Facts without snapshots and incidents: what is known before anything was measured.
    #[must_use]
    pub const fn new(
        tenant_id: TenantId,
        action_type: GateSubject,
        platforms: Vec<Platform>,
        now: Timestamp,
    ) -> Self {
        Self {
            tenant_id,
            action_type,
            platforms,
            entity_type: None,
            entity_id: None,
            snapshots: Vec::new(),
            frozen: false,
            incidents: Vec::new(),
            now,
        }
    }
}

/// An incident that is open (or acknowledged, but not closed).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct OpenIncident {
    /// On which platform.
    pub platform: Platform,
    /// What it is about.
    pub kind: IncidentKind,
    /// How bad it is; a critical one holds the gate.
    pub severity: IncidentSeverity,
}

//! What goes over the wire about the autopilot.

use std::collections::BTreeSet;

use serde::Serialize;
use stratum_autopilot::approval::AutopilotMode;
use stratum_autopilot::enforcement::EnforcementMode;
use stratum_core::Timestamp;
use stratum_core::emq::EmqBand;
use stratum_core::vocabulary::{ActionType, GateDecision, HealthStatus, Platform};
use utoipa::ToSchema;
use uuid::Uuid;

use super::Autopilot;

/// How the autopilot stands.
#[derive(Debug, Serialize, ToSchema)]
pub struct Status {
    /// Whether anything may execute: no switch stops everything.
    pub enabled: bool,
    /// The mode in force.
    #[schema(value_type = String, example = "APPROVAL_REQUIRED")]
    pub mode: AutopilotMode,
    /// The farthest mode that the tier allows.
    #[schema(value_type = String, example = "GUARDED_AUTO")]
    pub mode_ceiling: AutopilotMode,
    /// The switches.
    pub kill_switch: KillSwitch,
    /// What the gate says of each connected platform.
    pub gate: Vec<PlatformGate>,
    /// The limits in short.
    pub enforcement: EnforcementInShort,
    /// How many actions stand where.
    pub counts: Counts,
    /// How many changes the tenant may still make today.
    pub changes_remaining_today: i64,
    /// Whether nobody approves what they queued by hand.
    pub four_eyes: bool,
    /// The types that the system may approve.
    #[schema(value_type = Vec<String>)]
    pub auto_approve_types: BTreeSet<ActionType>,
    /// How long a queued action waits.
    pub action_ttl_hours: u32,
    /// The band of the event EMQ of the last 24 hours, which narrows automatic approval.
    #[schema(value_type = String, example = "GOOD")]
    pub event_emq_band: EmqBand,
    /// The newest change that was made.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub last_applied_at: Option<Timestamp>,
}

/// The switches that stop everything.
#[derive(Debug, Serialize, ToSchema)]
pub struct KillSwitch {
    /// Whether the tenant's own is engaged.
    pub active: bool,
    /// Whether an operator's stops something of this tenant.
    pub operator_frozen: bool,
    /// Why the tenant's was turned last.
    pub reason: Option<String>,
    /// Who turned it.
    pub changed_by: Option<Uuid>,
    /// When.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub changed_at: Option<Timestamp>,
}

impl From<&Autopilot> for KillSwitch {
    fn from(autopilot: &Autopilot) -> Self {
        Self {
            active: autopilot.switches.tenant,
            operator_frozen: autopilot.switches.all_tenants || !autopilot.switches.platforms.is_empty(),
            reason: autopilot.switch_reason.clone(),
            changed_by: autopilot.switched_by,
            changed_at: autopilot.switched_at,
        }
    }
}

/// What the gate says of one platform, to a change without a threshold of its own.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
pub struct PlatformGate {
    /// Which platform.
    #[schema(value_type = String, example = "META")]
    pub platform: Platform,
    /// PASS, HOLD or BLOCK.
    #[schema(value_type = String, example = "PASS")]
    pub decision: GateDecision,
    /// 0 to 100; null without a snapshot.
    pub score: Option<f64>,
    /// By the tenant's thresholds; UNHEALTHY without a snapshot.
    #[schema(value_type = String, example = "HEALTHY")]
    pub status: HealthStatus,
}

/// The limits in short.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
pub struct EnforcementInShort {
    /// Whether anything may be approved automatically.
    pub enforcement_enabled: bool,
    /// How strict the built-in limits are.
    #[schema(value_type = String, example = "SOFT_BLOCK")]
    pub default_mode: EnforcementMode,
}

/// How many actions stand where.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
pub struct Counts {
    /// Waiting for approval.
    pub queued: i64,
    /// Approved and not executed yet.
    pub approved: i64,
    /// Applied in the tenant's day.
    pub applied_today: i64,
    /// Failed in the tenant's day.
    pub failed_today: i64,
    /// Dismissed in the tenant's day.
    pub dismissed_today: i64,
}

/// How far automation may go.
#[derive(Debug, Serialize, ToSchema)]
pub struct Mode {
    /// The mode.
    #[schema(value_type = String, example = "GUARDED_AUTO")]
    pub mode: AutopilotMode,
    /// Whether nobody approves what they queued by hand.
    pub four_eyes: bool,
    /// The types that the system may approve.
    #[schema(value_type = Vec<String>)]
    pub auto_approve_types: BTreeSet<ActionType>,
    /// How long a queued action waits.
    pub action_ttl_hours: u32,
    /// Who chose it.
    pub changed_by: Uuid,
    /// When.
    #[schema(value_type = String, format = DateTime)]
    pub changed_at: Timestamp,
}

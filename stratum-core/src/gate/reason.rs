//! Why the gate said what it said: codes and numbers, never only a text.

use serde::ser::SerializeStruct;
use serde::{Deserialize, Serialize, Serializer};

use crate::enumeration;
use crate::vocabulary::{GateDecision, HealthComponent, Platform};

enumeration! {
    /// A reason code, in the order of the rule table; each stands for one condition and one result.
    pub enum GateReason "gate reason" {
        /// Every condition for a pass is met.
        Ok = "OK",
        /// A snapshot of another tenant or platform, two for one platform, one that contradicts itself, or no platform.
        InvalidInput = "INVALID_INPUT",
        /// A kill switch is engaged.
        Frozen = "FROZEN",
        /// No snapshot, or one in which nothing was measured.
        NoData = "NO_DATA",
        /// Invalid credentials, or every request of the last hour failed.
        ApiDown = "API_DOWN",
        /// The snapshot is older than 24 hours, or from the future.
        HealthExpired = "HEALTH_EXPIRED",
        /// The snapshot is older than 60 minutes.
        HealthStale = "HEALTH_STALE",
        /// The platform data are older than 48 hours, or of unknown age.
        DataStale = "DATA_STALE",
        /// A critical incident is open on the platform.
        IncidentOpen = "INCIDENT_OPEN",
        /// A required component has no score.
        ComponentMissing = "COMPONENT_MISSING",
        /// Health is below the block limit.
        HealthUnhealthy = "HEALTH_UNHEALTHY",
        /// Health is below the threshold of this change.
        HealthBelowThreshold = "HEALTH_BELOW_THRESHOLD",
    }
}

enumeration! {
    /// Three ways to be refused that are never mixed up, and the one to be allowed.
    pub enum ReasonKind "reason kind" {
        /// Everything asked for is there.
        Permitted = "PERMITTED",
        /// A rule said no.
        Forbidden = "FORBIDDEN",
        /// Nothing said yes.
        NotPermitted = "NOT_PERMITTED",
        /// An input is missing, stale or broken.
        NotEvaluated = "NOT_EVALUATED",
    }
}

impl GateReason {
    /// What the condition leads to.
    #[must_use]
    pub const fn decision(self) -> GateDecision {
        match self {
            Self::Ok => GateDecision::Pass,
            Self::InvalidInput
            | Self::Frozen
            | Self::NoData
            | Self::ApiDown
            | Self::HealthExpired
            | Self::HealthUnhealthy => GateDecision::Block,
            Self::HealthStale
            | Self::DataStale
            | Self::IncidentOpen
            | Self::ComponentMissing
            | Self::HealthBelowThreshold => GateDecision::Hold,
        }
    }

    /// Whether a rule said no, nothing said yes, or the question could not be asked.
    #[must_use]
    pub const fn kind(self) -> ReasonKind {
        match self {
            Self::Ok => ReasonKind::Permitted,
            Self::Frozen | Self::ApiDown | Self::IncidentOpen | Self::HealthUnhealthy => {
                ReasonKind::Forbidden
            }
            Self::HealthBelowThreshold => ReasonKind::NotPermitted,
            Self::InvalidInput
            | Self::NoData
            | Self::HealthExpired
            | Self::HealthStale
            | Self::DataStale
            | Self::ComponentMissing => ReasonKind::NotEvaluated,
        }
    }

    /// The policy field or engine constant that set the bound, where there is one.
    #[must_use]
    pub const fn bound(self) -> Option<&'static str> {
        match self {
            Self::HealthExpired => Some("snapshot_block_after_minutes"),
            Self::HealthStale => Some("snapshot_hold_after_minutes"),
            Self::DataStale => Some("data_hold_after_hours"),
            Self::ComponentMissing => Some("required_components"),
            Self::HealthUnhealthy => Some("degraded_threshold"),
            Self::HealthBelowThreshold => Some("threshold"),
            Self::Ok
            | Self::InvalidInput
            | Self::Frozen
            | Self::NoData
            | Self::ApiDown
            | Self::IncidentOpen => None,
        }
    }
}

/// One reason with the numbers compared.
///
/// On the wire it also carries its `decision`, `kind`, `bound` and a sentence; they follow from the code and the numbers,
/// so they are not read back, and no decision depends on them.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
pub struct Reason {
    /// The condition that was met.
    pub code: GateReason,
    /// On which platform; `None` where it is about the tenant or the request.
    #[serde(default)]
    pub platform: Option<Platform>,
    /// Which component, where it is about one.
    #[serde(default)]
    pub component: Option<HealthComponent>,
    /// What was found: a score (0–100), an age in minutes (snapshots) or hours (data).
    #[serde(default)]
    pub actual: Option<f64>,
    /// What it was compared with, in the same unit.
    #[serde(default)]
    pub limit: Option<f64>,
}

impl Reason {
    pub(super) const fn new(code: GateReason, platform: Option<Platform>) -> Self {
        Self { code, platform, component: None, actual: None, limit: None }
    }

    pub(super) const fn compared(mut self, actual: Option<f64>, limit: f64) -> Self {
        self.actual = actual;
        self.limit = Some(limit);
        self
    }

    /// The reason as a sentence.
    #[must_use]
    pub fn message(&self) -> String {
        let platform = self.platform.map_or_else(String::new, |platform| format!("{platform}: "));
        let actual = self.actual.map_or_else(|| "unknown".to_owned(), |value| value.to_string());
        let limit = self.limit.unwrap_or_default();
        match self.code {
            GateReason::Ok => "health, data and incidents allow the change".to_owned(),
            GateReason::InvalidInput => {
                format!("{platform}the health snapshots do not fit the question, so nothing can be said")
            }
            GateReason::Frozen => "the kill switch is engaged".to_owned(),
            GateReason::NoData => format!("{platform}nothing was measured"),
            GateReason::ApiDown => {
                format!("{platform}the platform's API is down or its credentials are invalid")
            }
            GateReason::HealthExpired => {
                format!("{platform}the health snapshot is {actual} minutes old, the most is {limit}")
            }
            GateReason::HealthStale => {
                format!(
                    "{platform}the health snapshot is {actual} minutes old, beyond {limit} a change waits"
                )
            }
            GateReason::DataStale => match self.actual {
                Some(age) => format!(
                    "{platform}the newest platform data are {age} hours old, beyond {limit} a change waits"
                ),
                None => format!("{platform}the age of the newest platform data is unknown"),
            },
            GateReason::IncidentOpen => format!("{platform}a critical incident is open"),
            GateReason::ComponentMissing => format!(
                "{platform}the required component {} has no score",
                self.component.map_or("EMQ", HealthComponent::as_str)
            ),
            GateReason::HealthUnhealthy => {
                format!("{platform}health {actual} is below {limit}: a person must look")
            }
            GateReason::HealthBelowThreshold => {
                format!("{platform}health {actual} is below {limit}, the threshold of this change")
            }
        }
    }
}

impl Serialize for Reason {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut fields = serializer.serialize_struct("Reason", 9)?;
        fields.serialize_field("code", &self.code)?;
        fields.serialize_field("decision", &self.code.decision())?;
        fields.serialize_field("kind", &self.code.kind())?;
        fields.serialize_field("platform", &self.platform)?;
        fields.serialize_field("component", &self.component)?;
        fields.serialize_field("actual", &self.actual)?;
        fields.serialize_field("limit", &self.limit)?;
        fields.serialize_field("bound", &self.code.bound())?;
        fields.serialize_field("message", &self.message())?;
        fields.end()
    }
}

#[cfg(feature = "schema")]
impl schemars::JsonSchema for Reason {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Reason".into()
    }

    fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({
            "description": "Why the gate said what it said, with the numbers compared.",
            "type": "object",
            "properties": {
                "code": generator.subschema_for::<GateReason>(),
                "decision": generator.subschema_for::<GateDecision>(),
                "kind": generator.subschema_for::<ReasonKind>(),
                "platform": generator.subschema_for::<Option<Platform>>(),
                "component": generator.subschema_for::<Option<HealthComponent>>(),
                "actual": {
                    "type": ["number", "null"],
                    "description": "What was found: a score, an age in minutes (snapshots) or hours (data).",
                },
                "limit": {
                    "type": ["number", "null"],
                    "description": "What it was compared with, in the same unit.",
                },
                "bound": {
                    "type": ["string", "null"],
                    "description": "The policy field or engine constant that set the limit.",
                },
                "message": { "type": "string" },
            },
            "required": [
                "code", "decision", "kind", "platform", "component", "actual", "limit", "bound", "message",
            ],
        })
    }
}

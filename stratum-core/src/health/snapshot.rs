//! What an evaluation of signal health leaves behind, and what the gate decides on.

use serde::{Deserialize, Serialize};

use crate::enumeration;
use crate::id::{SnapshotId, TenantId};
use crate::score::Score;
use crate::time::Timestamp;
use crate::vocabulary::{HealthComponent, HealthPreset, HealthStatus, Platform};

/// The health of one platform of one tenant at one instant.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct HealthSnapshot {
    /// Under which it is stored; absent for one that is not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub snapshot_id: Option<SnapshotId>,
    /// Whose health.
    pub tenant_id: TenantId,
    /// Of which platform.
    pub platform: Platform,
    /// Which weights were in force.
    pub preset: HealthPreset,
    /// 0 to 100.
    pub score: Score,
    /// By the tenant's thresholds.
    pub status: HealthStatus,
    /// The sum of the weights that were measured, 0 to 100.
    pub coverage_pct: f64,
    /// The components in force, in the order of the vocabulary.
    pub components: Vec<ComponentReading>,
    /// What is wrong with the signals.
    #[serde(default)]
    pub issues: Vec<HealthIssue>,
    /// What the platform's API did in the last hour.
    #[serde(default)]
    pub api: ApiFacts,
    /// When the evaluation was made.
    pub computed_at: Timestamp,
    /// The instant of the newest platform data, or `None` if unknown.
    #[serde(default)]
    pub data_as_of: Option<Timestamp>,
}

impl HealthSnapshot {
    /// The score of a component; `None` if it is missing or not in force.
    #[must_use]
    pub fn component(&self, component: HealthComponent) -> Option<Score> {
        self.components.iter().find(|reading| reading.name == component).and_then(|reading| reading.score)
    }
}

/// One component of a snapshot.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ComponentReading {
    /// Which component.
    pub name: HealthComponent,
    /// 0 to 100, or missing.
    pub score: Option<Score>,
    /// 0 to 100.
    pub weight: f64,
    /// weight · score / 100; 0 when missing.
    pub contribution: f64,
    /// Whether the gate holds without it.
    #[serde(default)]
    pub required: bool,
}

/// What the platform's API did in the last 60 minutes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ApiFacts {
    /// Requests sent.
    #[serde(default)]
    pub requests: u64,
    /// Of these, answered by 5xx, 429, a time-out or an authentication error.
    #[serde(default)]
    pub failures: u64,
    /// Whether the credentials are valid; `None` if nobody looked.
    #[serde(default)]
    pub credentials_valid: Option<bool>,
}

impl ApiFacts {
    /// Invalid credentials, or requests of which every one failed.
    #[must_use]
    pub const fn is_down(&self) -> bool {
        matches!(self.credentials_valid, Some(false)) || (self.requests > 0 && self.failures >= self.requests)
    }
}

enumeration! {
    /// What can be wrong with the signals of a platform.
    pub enum HealthIssueCode "health issue" {
        /// Nothing was measured.
        NoData = "NO_DATA",
        /// A component in force was not measured.
        ComponentMissing = "COMPONENT_MISSING",
        /// A component scores below 70.
        ComponentLow = "COMPONENT_LOW",
        /// The credentials are invalid or expired.
        CredentialsInvalid = "CREDENTIALS_INVALID",
        /// The newest platform data are older than 48 hours, or of unknown age.
        DataStale = "DATA_STALE",
    }
}

/// One thing that is wrong with the signals, with the numbers that say so.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct HealthIssue {
    /// What is wrong.
    pub code: HealthIssueCode,
    /// Which component, where it is about one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub component: Option<HealthComponent>,
    /// The measured value.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub actual: Option<f64>,
    /// The value it is compared with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<f64>,
}

impl HealthIssue {
    /// The issue as a sentence.
    #[must_use]
    pub fn message(&self) -> String {
        let component = self.component.map_or("health", HealthComponent::as_str);
        match (self.code, self.actual, self.limit) {
            (HealthIssueCode::NoData, ..) => "nothing was measured".to_owned(),
            (HealthIssueCode::ComponentMissing, ..) => format!("{component} was not measured"),
            (HealthIssueCode::ComponentLow, Some(actual), Some(limit)) => {
                format!("{component} scores {actual}, below {limit}")
            }
            (HealthIssueCode::ComponentLow, ..) => format!("{component} scores low"),
            (HealthIssueCode::CredentialsInvalid, ..) => "the credentials are invalid or expired".to_owned(),
            (HealthIssueCode::DataStale, Some(actual), Some(limit)) => {
                format!("the newest platform data are {actual} hours old, more than {limit}")
            }
            (HealthIssueCode::DataStale, ..) => "the age of the newest platform data is unknown".to_owned(),
        }
    }
}

//! What goes over the wire. Scores are shown floored to one decimal; decisions use the exact ones.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::{Map, Value, json};
use stratum_core::health::{
    ComponentReading, HealthIssue, HealthPoint, HealthSnapshot, PlatformIssue, TenantHealth,
};
use stratum_core::policy::{CompiledTrustPolicy, EXECUTION_FLOOR};
use stratum_core::vocabulary::{GateSubject, HealthComponent, HealthPreset, HealthStatus, Platform};
use stratum_core::{Score, Timestamp};
use utoipa::ToSchema;
use uuid::Uuid;

/// The thresholds in force.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
pub struct Thresholds {
    /// From which score the status is HEALTHY.
    pub healthy: f64,
    /// From which score the status is DEGRADED.
    pub degraded: f64,
    /// Below this nothing executes automatically, whatever the tenant says.
    pub execution_floor: f64,
}

/// One component.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
pub struct Component {
    /// Which.
    #[schema(value_type = String, example = "EMQ")]
    pub name: HealthComponent,
    /// 0 to 100; null if missing.
    pub score: Option<f64>,
    /// 0 to 100.
    pub weight: f64,
    /// weight · score / 100.
    pub contribution: f64,
}

/// One platform.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct PlatformHealth {
    /// Which.
    #[schema(value_type = String, example = "META")]
    pub platform: Platform,
    /// 0 to 100; 0 without data.
    pub score: f64,
    /// By the tenant's thresholds.
    #[schema(value_type = String, example = "HEALTHY")]
    pub status: HealthStatus,
    /// The weights measured, 0 to 100.
    pub coverage_pct: f64,
    /// The instant of the newest platform data.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub data_as_of: Option<Timestamp>,
    /// The snapshot; null where none was taken yet.
    pub snapshot_id: Option<Uuid>,
}

/// Something that is wrong with the signals.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Issue {
    /// NO_DATA, COMPONENT_MISSING, COMPONENT_LOW, CREDENTIALS_INVALID or DATA_STALE.
    pub code: String,
    /// As a sentence.
    pub message: String,
    /// The platform, the component and the numbers.
    #[schema(value_type = Object)]
    pub values: Map<String, Value>,
}

/// Health now.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct SignalHealth {
    /// 0 to 100, weighted by spend over the connected platforms.
    pub score: f64,
    /// The lowest platform's.
    pub min_score: f64,
    /// The worst platform's.
    #[schema(value_type = String, example = "HEALTHY")]
    pub status: HealthStatus,
    /// Whether the gate could pass on the worst platform; never below 70.
    pub autopilot_allowed: bool,
    /// FIVE, FOUR or CUSTOM.
    #[schema(value_type = String, example = "FIVE")]
    pub preset: HealthPreset,
    /// The thresholds in force.
    pub thresholds: Thresholds,
    /// The weights measured, 0 to 100.
    pub coverage_pct: f64,
    /// Of the worst platform, or of the one asked for.
    pub components: Vec<Component>,
    /// Every connected platform.
    pub platforms: Vec<PlatformHealth>,
    /// What is wrong.
    pub issues: Vec<Issue>,
    /// When the newest evaluation was made.
    #[schema(value_type = String, format = DateTime)]
    pub computed_at: Timestamp,
    /// The oldest of the platforms' newest data.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub data_as_of: Option<Timestamp>,
}

/// One point of the series.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct HistoryPoint {
    /// Of the snapshot that stands for the hour or day: its newest.
    #[schema(value_type = String, format = DateTime)]
    pub timestamp: Timestamp,
    /// 0 to 100.
    pub score: f64,
    /// By the thresholds of its time.
    #[schema(value_type = String, example = "HEALTHY")]
    pub status: HealthStatus,
    /// The components; null where missing.
    #[schema(value_type = Object)]
    pub components: BTreeMap<HealthComponent, Option<f64>>,
}

fn shown(score: Option<Score>) -> Option<f64> {
    score.map(Score::shown)
}

impl From<&ComponentReading> for Component {
    fn from(reading: &ComponentReading) -> Self {
        Self {
            name: reading.name,
            score: shown(reading.score),
            weight: reading.weight,
            contribution: reading.contribution,
        }
    }
}

impl Issue {
    fn new(platform: Option<Platform>, issue: &HealthIssue) -> Self {
        let mut values = Map::new();
        let mut put = |name: &str, value: Option<Value>| {
            if let Some(value) = value {
                values.insert(name.to_owned(), value);
            }
        };
        put("platform", platform.map(|platform| json!(platform)));
        put("component", issue.component.map(|component| json!(component)));
        put("actual", issue.actual.map(|actual| json!(actual)));
        put("limit", issue.limit.map(|limit| json!(limit)));
        let place = platform.map_or_else(String::new, |platform| format!("{platform}: "));
        Self { code: issue.code.to_string(), message: format!("{place}{}", issue.message()), values }
    }
}

impl From<&PlatformIssue> for Issue {
    fn from(found: &PlatformIssue) -> Self {
        Self::new(found.platform, &found.issue)
    }
}

impl From<&HealthPoint> for HistoryPoint {
    fn from(point: &HealthPoint) -> Self {
        Self {
            timestamp: point.timestamp,
            score: point.score.shown(),
            status: point.status,
            components: point.components.iter().map(|(&name, &score)| (name, shown(score))).collect(),
        }
    }
}

/// What the view of health is made of.
#[derive(Debug)]
pub struct View<'a> {
    /// The tenant's policy.
    pub policy: &'a CompiledTrustPolicy,
    /// The connected platforms, or the one asked for.
    pub platforms: &'a [Platform],
    /// The newest snapshot of each that has one.
    pub snapshots: &'a [HealthSnapshot],
    /// All of them together.
    pub tenant: &'a TenantHealth,
    /// The present instant.
    pub now: Timestamp,
}

impl View<'_> {
    /// The view as it goes over the wire.
    #[must_use]
    pub fn to_wire(&self) -> SignalHealth {
        let of = |platform| self.snapshots.iter().find(|snapshot| snapshot.platform == platform);
        let worst = self.tenant.worst.and_then(of);
        let policy = self.policy.policy();
        // The strictest question that is still common: an action of no special threshold.
        let passes = |snapshot: &HealthSnapshot| {
            snapshot.score.get() >= self.policy.threshold(GateSubject::PauseCampaign)
                && self.policy.required_components().all(|component| snapshot.component(component).is_some())
        };
        SignalHealth {
            score: self.tenant.score.shown(),
            min_score: self.tenant.min_score.shown(),
            status: self.tenant.status,
            autopilot_allowed: !self.platforms.is_empty()
                && self.platforms.iter().all(|platform| of(*platform).is_some_and(passes)),
            preset: policy.preset,
            thresholds: Thresholds {
                healthy: policy.healthy_threshold,
                degraded: policy.degraded_threshold,
                execution_floor: EXECUTION_FLOOR,
            },
            coverage_pct: self.tenant.coverage_pct,
            components: worst
                .map(|snapshot| snapshot.components.iter().map(Component::from).collect())
                .unwrap_or_default(),
            platforms: self.platforms.iter().map(|&platform| self.platform(platform, of(platform))).collect(),
            issues: self.tenant.issues.iter().map(Issue::from).collect(),
            computed_at: self.snapshots.iter().map(|snapshot| snapshot.computed_at).max().unwrap_or(self.now),
            data_as_of: self.snapshots.iter().map(|snapshot| snapshot.data_as_of).min().flatten(),
        }
    }

    fn platform(&self, platform: Platform, snapshot: Option<&HealthSnapshot>) -> PlatformHealth {
        PlatformHealth {
            platform,
            score: snapshot.map_or(0.0, |snapshot| snapshot.score.shown()),
            status: snapshot.map_or(HealthStatus::Unhealthy, |snapshot| snapshot.status),
            coverage_pct: snapshot.map_or(0.0, |snapshot| snapshot.coverage_pct),
            data_as_of: snapshot.and_then(|snapshot| snapshot.data_as_of),
            snapshot_id: snapshot.and_then(|snapshot| snapshot.snapshot_id).map(Uuid::from),
        }
    }
}

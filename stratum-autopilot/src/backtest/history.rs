//! A policy tried on the health of past days: what the gate would have said, step by step.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use stratum_core::gate::{self, GateFacts, GateReason, OpenIncident};
use stratum_core::health::{self, ApiFacts, HealthFacts};
use stratum_core::id::TenantId;
use stratum_core::policy::CompiledTrustPolicy;
use stratum_core::problem::{Problem, ProblemCollector, Problems};
use stratum_core::vocabulary::{
    GateDecision, GateSubject, HealthComponent, IncidentKind, IncidentSeverity, Platform,
};
use stratum_core::{Score, Timestamp};

/// The most hours that platform data may be behind: ten years.
const MAX_DATA_AGE_HOURS: f64 = 87_600.0;

/// The health of one platform over time.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct PlatformHistory {
    /// Which platform; once in a request.
    pub platform: Platform,
    /// Its health, a point for each day or hour: what the health history of the server answers can be given as it is.
    pub points: Vec<PastHealth>,
}

/// How a platform's signals were at one time. Components are scored anew by each policy; what the point does not tell
/// counts as in order, since a health series holds nothing else. Fields that are not named here are left alone.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct PastHealth {
    /// When; the change is asked for at this instant.
    pub timestamp: Timestamp,
    /// The components, each 0 to 100 or missing. One that the policy does not weigh counts nothing.
    pub components: BTreeMap<HealthComponent, Option<f64>>,
    /// How old the newest platform data were, in hours, 0 to 87600; absent: as new as the point.
    #[serde(default)]
    pub data_age_hours: Option<f64>,
    /// Whether the platform's API was down or its credentials invalid.
    #[serde(default)]
    pub api_down: bool,
    /// Whether a critical incident was open.
    #[serde(default)]
    pub critical_incident: bool,
    /// Whether the kill switch was engaged.
    #[serde(default)]
    pub frozen: bool,
}

impl PastHealth {
    /// A point at which nothing was wrong but, perhaps, the components.
    #[must_use]
    pub const fn new(timestamp: Timestamp, components: BTreeMap<HealthComponent, Option<f64>>) -> Self {
        Self {
            timestamp,
            components,
            data_age_hours: None,
            api_down: false,
            critical_incident: false,
            frozen: false,
        }
    }

    fn health_facts(&self, platform: Platform) -> Result<HealthFacts, Problems> {
        let mut found = ProblemCollector::new();
        let age = self.data_age_hours.unwrap_or_default();
        if !(0.0..=MAX_DATA_AGE_HOURS).contains(&age) {
            let message = format!("the age of data is from 0 to {MAX_DATA_AGE_HOURS} hours, not {age}");
            found.push(Problem::new("/data_age_hours", "out_of_range", message));
        }
        #[expect(clippy::cast_possible_truncation, reason = "a cast from float saturates, and so may an age")]
        let age_ms = (age * 3_600_000.0).ceil() as i64;
        let mut facts = HealthFacts::new(HISTORY_TENANT, platform, self.timestamp)
            .with_data_as_of(self.timestamp.plus_millis(age_ms.saturating_neg()));
        facts.components.clone_from(&self.components);
        found.take("", facts.component_scores());
        found.into_result(facts)
    }
}

/// A series names no tenant, and the gate only asks whether everything is of the same one.
const HISTORY_TENANT: TenantId = TenantId::from_uuid(uuid::Uuid::nil());

/// What the gate would have said to one change at one time.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct BacktestVerdict {
    /// When.
    pub timestamp: Timestamp,
    /// On which platform.
    pub platform: Platform,
    /// To what kind of change.
    pub action_type: GateSubject,
    /// `PASS` would have executed.
    pub decision: GateDecision,
    /// Health by the policy tried, 0 to 100.
    pub score: Score,
    /// The score from which this change passes by the policy tried, 70 to 100.
    pub threshold: f64,
    /// Why, each code once: block before hold, then in the order of the rule table.
    pub reasons: Vec<GateReason>,
}

/// A history that was found valid.
#[derive(Debug)]
pub(super) struct CheckedHistory<'a> {
    points: Vec<(&'a PastHealth, HealthFacts)>,
    subjects: &'a [GateSubject],
}

impl<'a> CheckedHistory<'a> {
    /// # Errors
    /// Every problem at once, below `/history` and `/action_types`.
    pub(super) fn new(history: &'a [PlatformHistory], subjects: &'a [GateSubject]) -> Result<Self, Problems> {
        let mut found = ProblemCollector::new();
        let mut points = Vec::new();
        for (index, of_platform) in history.iter().enumerate() {
            let platform = of_platform.platform;
            if history.iter().take(index).any(|earlier| earlier.platform == platform) {
                found.push(duplicate(format!("/history/{index}/platform"), platform.as_str()));
            }
            for (position, point) in of_platform.points.iter().enumerate() {
                let facts = point.health_facts(platform);
                let facts = found.take(&format!("/history/{index}/points/{position}"), facts);
                points.extend(facts.map(|facts| (point, facts)));
            }
        }
        for (index, subject) in subjects.iter().enumerate() {
            if subjects.iter().take(index).any(|earlier| earlier == subject) {
                found.push(duplicate(format!("/action_types/{index}"), subject.as_str()));
            }
        }
        found.into_result(Self { points, subjects })
    }

    /// What the gate says by this policy: point by point as they were given, each for every kind of change.
    ///
    /// # Errors
    /// None that [`CheckedHistory::new`] has not found before.
    pub(super) fn verdicts(&self, policy: &CompiledTrustPolicy) -> Result<Vec<BacktestVerdict>, Problems> {
        let mut verdicts = Vec::with_capacity(self.points.len().saturating_mul(self.subjects.len()));
        for (point, health_facts) in &self.points {
            let mut snapshot = health::evaluate(policy, health_facts)?;
            if point.api_down {
                snapshot.api = ApiFacts { credentials_valid: Some(false), ..snapshot.api };
            }
            let (platform, now, score) = (snapshot.platform, snapshot.computed_at, snapshot.score);
            let mut facts = GateFacts::new(HISTORY_TENANT, GateSubject::AudienceSync, vec![platform], now);
            facts.snapshots.push(snapshot);
            facts.frozen = point.frozen;
            if point.critical_incident {
                let (kind, severity) = (IncidentKind::Platform, IncidentSeverity::Critical);
                facts.incidents.push(OpenIncident { platform, kind, severity });
            }
            for &action_type in self.subjects {
                facts.action_type = action_type;
                let said = gate::evaluate(policy, &facts);
                let mut reasons: Vec<GateReason> = said.reasons().iter().map(|reason| reason.code).collect();
                reasons.dedup();
                verdicts.push(BacktestVerdict {
                    timestamp: now,
                    platform,
                    action_type,
                    decision: said.decision(),
                    score,
                    threshold: said.threshold(),
                    reasons,
                });
            }
        }
        Ok(verdicts)
    }
}

fn duplicate(path: String, value: &str) -> Problem {
    Problem::new(path, "duplicate_value", format!("{value} stands here a second time")).help("name each once")
}

//! One evaluation: from the facts of a platform to the snapshot that the gate decides on.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::components::{self, measure};
use super::{
    ComponentReading, ComponentScores, HealthIssue, HealthIssueCode, HealthSnapshot, Measurements, score,
};
use crate::id::{SnapshotId, TenantId};
use crate::math::{finite, round9};
use crate::policy::CompiledTrustPolicy;
use crate::problem::{Problem, ProblemCollector, Problems};
use crate::score::Score;
use crate::time::{HOUR_MS, Timestamp};
use crate::vocabulary::{HealthComponent, Platform};

/// A component below this is reported as low.
pub const LOW_COMPONENT: f64 = 70.0;

/// Platform data older than this are stale, whatever the preset.
pub const MAX_DATA_AGE_HOURS: i64 = 48;

/// What is known of one platform of one tenant at one instant.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct HealthFacts {
    /// Whose platform.
    pub tenant_id: TenantId,
    /// Which platform.
    pub platform: Platform,
    /// The instant of the evaluation.
    pub now: Timestamp,
    /// Under which the snapshot will be stored.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub snapshot_id: Option<SnapshotId>,
    /// The instant of the newest platform data; absent: that of the measurements.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub data_as_of: Option<Timestamp>,
    /// What was measured.
    #[serde(default)]
    pub measurements: Measurements,
    /// Components that are scored already, 0 to 100; `null` and NaN count as missing. A component is either given here or
    /// measured. One that the policy does not weigh counts nothing.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub components: BTreeMap<HealthComponent, Option<f64>>,
}

impl HealthFacts {
    /// A platform of which nothing is known at `now`.
    #[must_use]
    pub fn new(tenant_id: TenantId, platform: Platform, now: Timestamp) -> Self {
        Self {
            tenant_id,
            platform,
            now,
            snapshot_id: None,
            data_as_of: None,
            measurements: Measurements::default(),
            components: BTreeMap::new(),
        }
    }

    /// The same facts with a component that is scored already.
    #[must_use]
    pub fn with_component(mut self, component: HealthComponent, score: f64) -> Self {
        self.components.insert(component, Some(score));
        self
    }

    /// The same facts with what was measured.
    #[must_use]
    pub fn with_measurements(mut self, measurements: Measurements) -> Self {
        self.measurements = measurements;
        self
    }

    /// The same facts with the instant of the newest platform data.
    #[must_use]
    pub const fn with_data_as_of(mut self, data_as_of: Timestamp) -> Self {
        self.data_as_of = Some(data_as_of);
        self
    }

    /// The scores of all components, measured and given.
    ///
    /// # Errors
    /// Every problem at once: those of [`Measurements::check`], `out_of_range` for a given score outside 0 to 100, and
    /// `component_given_twice`.
    pub fn component_scores(&self) -> Result<ComponentScores, Problems> {
        let mut found = ProblemCollector::new();
        found.take("/measurements", self.measurements.check());
        let mut scores = measure(&self.measurements, self.now);
        for (&component, given) in &self.components {
            let Some(value) = given.and_then(finite) else { continue };
            // Written only where something is wrong: five texts would cost more than the evaluation.
            let path = || format!("/components/{component}");
            if self.measurements.feeds(component) {
                found.push(
                    Problem::new(
                        path(),
                        "component_given_twice",
                        format!("{component} is both given and measured"),
                    )
                    .help("leave out either the score or the measurement"),
                );
            }
            match Score::new(value) {
                Ok(score) => scores.set(component, Some(score.get())),
                Err(problem) => found.push(problem.under(&path())),
            }
        }
        found.into_result(scores)
    }

    /// The instant of the newest platform data, if it can be true: not more than 5 minutes ahead of `now`.
    #[must_use]
    pub fn newest_data(&self) -> Option<Timestamp> {
        self.data_as_of
            .or(self.measurements.platform_data_at)
            .filter(|&instant| components::believable(instant, self.now))
    }
}

/// Evaluates signal health: scores every component in force, weighs them with [`score`], and names what is wrong.
///
/// ```
/// use stratum_core::health::{EmqReading, HealthFacts, Measurements, evaluate};
/// use stratum_core::policy::TrustPolicy;
/// use stratum_core::vocabulary::{HealthComponent, HealthPreset, Platform};
///
/// let now = "2026-03-01T12:00:00Z".parse().unwrap();
/// let tenant = "0198c9a0-0000-7000-8000-000000000001".parse().unwrap();
/// let mut measured = Measurements::default();
/// measured.emq = vec![EmqReading::rating(9.5, now)];
/// measured.platform_data_at = Some(now.plus_hours(-20));
/// let facts = HealthFacts::new(tenant, Platform::Meta, now)
///     .with_measurements(measured)
///     .with_component(HealthComponent::Variance, 52.0)
///     .with_component(HealthComponent::Anomaly, 94.0);
///
/// let policy = TrustPolicy::with_preset(HealthPreset::Four).compile().unwrap();
/// let health = evaluate(&policy, &facts).unwrap();
/// assert_eq!(health.score.get(), 87.5); // 38 + 25 + 10.4 + 14.1
/// assert_eq!(health.issues.len(), 1);   // variance is low
/// ```
///
/// # Errors
/// Those of [`HealthFacts::component_scores`].
pub fn evaluate(policy: &CompiledTrustPolicy, facts: &HealthFacts) -> Result<HealthSnapshot, Problems> {
    let scores = facts.component_scores()?;
    let health = score(policy, &scores);
    let data_as_of = facts.newest_data();
    Ok(HealthSnapshot {
        snapshot_id: facts.snapshot_id,
        tenant_id: facts.tenant_id,
        platform: facts.platform,
        preset: policy.policy().preset,
        score: health.score,
        status: health.status,
        coverage_pct: health.coverage_pct,
        components: readings(policy, &scores),
        issues: issues(policy, facts, &scores, health.coverage_pct, data_as_of),
        api: components::api_facts(&facts.measurements),
        computed_at: facts.now,
        data_as_of,
    })
}

fn readings(policy: &CompiledTrustPolicy, scores: &ComponentScores) -> Vec<ComponentReading> {
    // At once: a list that is collected grows as it goes.
    let mut readings = Vec::with_capacity(HealthComponent::ALL.len());
    readings.extend(policy.components().map(|(name, weight)| {
        let score = scores.get(name);
        ComponentReading {
            name,
            score,
            weight,
            contribution: round9(score.map_or(0.0, |score| weight * score.get() / 100.0)),
            required: policy.is_required(name),
        }
    }));
    readings
}

/// What is wrong: the whole first, then the components in the order of the vocabulary, then the platform.
fn issues(
    policy: &CompiledTrustPolicy,
    facts: &HealthFacts,
    scores: &ComponentScores,
    coverage_pct: f64,
    data_as_of: Option<Timestamp>,
) -> Vec<HealthIssue> {
    let mut issues = Vec::new();
    let mut note = |code, component, actual, limit| {
        issues.push(HealthIssue { code, component, actual, limit });
    };
    if coverage_pct <= 0.0 {
        note(HealthIssueCode::NoData, None, Some(coverage_pct), None);
    }
    for (component, _) in policy.components() {
        match scores.get(component) {
            None => note(HealthIssueCode::ComponentMissing, Some(component), None, None),
            Some(score) if score.get() < LOW_COMPONENT => {
                note(HealthIssueCode::ComponentLow, Some(component), Some(score.get()), Some(LOW_COMPONENT));
            }
            Some(_) => {}
        }
    }
    let api = facts.measurements.api.as_ref();
    if api.is_some_and(|api| api.credentials_valid == Some(false)) {
        note(HealthIssueCode::CredentialsInvalid, Some(HealthComponent::ApiHealth), None, None);
    }
    let limit_ms = MAX_DATA_AGE_HOURS.saturating_mul(HOUR_MS);
    if data_as_of.is_none_or(|newest| facts.now.millis_since(newest) > limit_ms) {
        let age_hours = data_as_of.map(|newest| round9(facts.now.hours_since(newest)));
        note(HealthIssueCode::DataStale, None, age_hours, Some(crate::math::amount(MAX_DATA_AGE_HOURS)));
    }
    issues
}

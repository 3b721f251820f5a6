//! The health of a tenant: its connected platforms together. To look at, not to decide on: the gate reads platforms.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::{HealthIssue, HealthIssueCode, HealthSnapshot};
use crate::math::{amount, finite, round9, sum};
use crate::problem::{Problem, ProblemCollector, Problems};
use crate::score::Score;
use crate::vocabulary::{HealthStatus, Platform};

/// A platform that the tenant has connected.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ConnectedPlatform<'a> {
    /// Which platform.
    pub platform: Platform,
    /// Its newest snapshot; `None` if there is none.
    pub snapshot: Option<&'a HealthSnapshot>,
    /// Its spend of the last 7 complete days, in minor units of the tenant's currency; `None` if unknown.
    pub spend_cents: Option<i64>,
}

/// The health of a tenant.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct TenantHealth {
    /// The mean of the platforms' scores, weighted by spend, 0 to 100.
    pub score: Score,
    /// The lowest of the platforms' scores, 0 to 100.
    pub min_score: Score,
    /// The worst of the platforms' statuses.
    pub status: HealthStatus,
    /// The mean of the platforms' coverages, weighted like the score, 0 to 100.
    pub coverage_pct: f64,
    /// The platform with the lowest score, the first in the vocabulary's order; `None` if none is connected.
    pub worst: Option<Platform>,
    /// What is wrong on each platform.
    pub issues: Vec<PlatformIssue>,
}

/// Something that is wrong with the signals of one platform, or of the tenant as a whole.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct PlatformIssue {
    /// Which platform; `None` for the tenant as a whole.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub platform: Option<Platform>,
    /// What is wrong.
    #[serde(flatten)]
    pub issue: HealthIssue,
}

/// Puts the connected platforms together.
///
/// Scores are weighted by spend when the spend of every platform is known and there is any, else they count alike. A
/// platform without a snapshot counts 0. Without any platform the tenant scores 0 and is unhealthy.
///
/// # Errors
/// Every problem at once: `duplicate_platform`, `wrong_platform` or `wrong_tenant` for a snapshot of another, `below_minimum`
/// for a negative spend.
pub fn tenant_health(platforms: &[ConnectedPlatform<'_>]) -> Result<TenantHealth, Problems> {
    check(platforms)?;
    let mut ordered = platforms.to_vec();
    ordered.sort_by_key(|connected| connected.platform);
    let weights = weights(&ordered);
    let scores: Vec<Score> = ordered.iter().map(score_of).collect();
    let weighted = |values: &mut dyn Iterator<Item = f64>| {
        let terms: Vec<f64> = values.zip(&weights).map(|(value, weight)| value * weight).collect();
        sum(&terms) / sum(&weights)
    };
    let worst = ordered.iter().zip(&scores).min_by_key(|(_, score)| **score);
    Ok(TenantHealth {
        score: Score::clamped(weighted(&mut scores.iter().map(|score| score.get()))).unwrap_or(Score::MIN),
        min_score: worst.map_or(Score::MIN, |(_, score)| *score),
        status: ordered.iter().map(status_of).max().unwrap_or(HealthStatus::Unhealthy),
        coverage_pct: finite(round9(weighted(&mut ordered.iter().map(coverage_of)))).unwrap_or(0.0),
        worst: worst.map(|(connected, _)| connected.platform),
        issues: issues(&ordered),
    })
}

/// What each platform counts: its spend, or alike.
fn weights(platforms: &[ConnectedPlatform<'_>]) -> Vec<f64> {
    let spends: Option<Vec<f64>> =
        platforms.iter().map(|connected| connected.spend_cents.map(amount)).collect();
    spends
        .filter(|spends| spends.iter().any(|&spend| spend > 0.0))
        .unwrap_or_else(|| vec![1.0; platforms.len()])
}

fn score_of(connected: &ConnectedPlatform<'_>) -> Score {
    connected.snapshot.map_or(Score::MIN, |snapshot| snapshot.score)
}

fn status_of(connected: &ConnectedPlatform<'_>) -> HealthStatus {
    connected.snapshot.map_or(HealthStatus::Unhealthy, |snapshot| snapshot.status)
}

fn coverage_of(connected: &ConnectedPlatform<'_>) -> f64 {
    connected.snapshot.map_or(0.0, |snapshot| snapshot.coverage_pct)
}

fn issues(platforms: &[ConnectedPlatform<'_>]) -> Vec<PlatformIssue> {
    let no_data =
        || HealthIssue { code: HealthIssueCode::NoData, component: None, actual: Some(0.0), limit: None };
    if platforms.is_empty() {
        return vec![PlatformIssue { platform: None, issue: no_data() }];
    }
    let of = |connected: &ConnectedPlatform<'_>| match connected.snapshot {
        Some(snapshot) => snapshot.issues.clone(),
        None => vec![no_data()],
    };
    platforms
        .iter()
        .flat_map(|connected| {
            of(connected).into_iter().map(|issue| PlatformIssue { platform: Some(connected.platform), issue })
        })
        .collect()
}

fn check(platforms: &[ConnectedPlatform<'_>]) -> Result<(), Problems> {
    let mut found = ProblemCollector::new();
    let mut seen = BTreeSet::new();
    let tenant = platforms.iter().find_map(|connected| connected.snapshot).map(|snapshot| snapshot.tenant_id);
    for (position, connected) in platforms.iter().enumerate() {
        let path = format!("/platforms/{position}");
        let mut note = |field: &str, code: &'static str, message: String| {
            found.push(Problem::new(format!("{path}/{field}"), code, message));
        };
        if !seen.insert(connected.platform) {
            note("platform", "duplicate_platform", format!("{} is listed already", connected.platform));
        }
        if let Some(spend) = connected.spend_cents.filter(|&spend| spend < 0) {
            note("spend_cents", "below_minimum", format!("spend is at least 0, not {spend}"));
        }
        if let Some(snapshot) = connected.snapshot {
            if snapshot.platform != connected.platform {
                let (is, should) = (snapshot.platform, connected.platform);
                note(
                    "snapshot/platform",
                    "wrong_platform",
                    format!("this snapshot is of {is}, not of {should}"),
                );
            }
            if tenant.is_some_and(|tenant| tenant != snapshot.tenant_id) {
                note(
                    "snapshot/tenant_id",
                    "wrong_tenant",
                    "the snapshots are of different tenants".to_owned(),
                );
            }
        }
    }
    found.into_result(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::health::tests::{facts, policy};
    use crate::health::{HealthFacts, evaluate};
    use crate::vocabulary::{HealthComponent, HealthPreset};

    fn snapshot(platform: Platform, score: f64) -> HealthSnapshot {
        let all = HealthComponent::ALL.iter().fold(facts(), |facts, &name| facts.with_component(name, score));
        evaluate(&policy(HealthPreset::Five), &HealthFacts { platform, ..all }).unwrap()
    }

    fn connected(snapshot: &HealthSnapshot, spend_cents: Option<i64>) -> ConnectedPlatform<'_> {
        ConnectedPlatform { platform: snapshot.platform, snapshot: Some(snapshot), spend_cents }
    }

    #[test]
    fn scores_are_weighted_by_spend_and_shown_with_the_minimum_and_the_worst_status() {
        let (meta, google) = (snapshot(Platform::Meta, 90.0), snapshot(Platform::Google, 50.0));
        let health = tenant_health(&[connected(&google, Some(100)), connected(&meta, Some(300))]).unwrap();
        // (300 · 90 + 100 · 50) / 400
        assert_eq!((health.score.get(), health.min_score.get()), (80.0, 50.0));
        assert_eq!(health.status, HealthStatus::Degraded);
        assert_eq!((health.coverage_pct, health.worst), (100.0, Some(Platform::Google)));
        assert!(health.issues.iter().all(|found| found.platform == Some(Platform::Google)));
        assert_eq!(health.issues.len(), 5);
    }

    #[test]
    fn without_known_spend_platforms_count_alike() {
        let (meta, google) = (snapshot(Platform::Meta, 90.0), snapshot(Platform::Google, 50.0));
        for (of_meta, of_google) in [(None, None), (Some(0), Some(0)), (Some(900), None)] {
            let health = tenant_health(&[connected(&meta, of_meta), connected(&google, of_google)]).unwrap();
            assert_eq!(health.score.get(), 70.0);
        }
    }

    #[test]
    fn a_connected_platform_without_data_counts_0() {
        let meta = snapshot(Platform::Meta, 90.0);
        let silent = ConnectedPlatform { platform: Platform::Tiktok, snapshot: None, spend_cents: None };
        let health = tenant_health(&[connected(&meta, None), silent]).unwrap();
        assert_eq!((health.score.get(), health.min_score.get(), health.coverage_pct), (45.0, 0.0, 50.0));
        assert_eq!((health.status, health.worst), (HealthStatus::Unhealthy, Some(Platform::Tiktok)));
        assert_eq!(health.issues.len(), 1);
        assert_eq!(health.issues[0].issue.code, HealthIssueCode::NoData);
    }

    #[test]
    fn a_tenant_without_platforms_scores_0_and_has_no_data() {
        let health = tenant_health(&[]).unwrap();
        assert_eq!((health.score.get(), health.min_score.get(), health.coverage_pct), (0.0, 0.0, 0.0));
        assert_eq!((health.status, health.worst), (HealthStatus::Unhealthy, None));
        assert_eq!(health.issues[0].issue.code, HealthIssueCode::NoData);
        assert_eq!(health.issues[0].platform, None);
    }

    #[test]
    fn platforms_that_do_not_belong_together_are_refused() {
        let (meta, mut google) = (snapshot(Platform::Meta, 90.0), snapshot(Platform::Google, 50.0));
        google.tenant_id = "0198c9a0-0000-7000-8000-000000000002".parse().unwrap();
        let wrong = ConnectedPlatform { platform: Platform::Meta, ..connected(&google, Some(-1)) };
        let problems = tenant_health(&[connected(&meta, None), wrong]).unwrap_err();
        let found: Vec<(&str, &str)> =
            problems.iter().map(|it| (it.path.as_str(), it.code.as_ref())).collect();
        assert_eq!(
            found,
            [
                ("/platforms/1/platform", "duplicate_platform"),
                ("/platforms/1/spend_cents", "below_minimum"),
                ("/platforms/1/snapshot/platform", "wrong_platform"),
                ("/platforms/1/snapshot/tenant_id", "wrong_tenant"),
            ]
        );
    }
}

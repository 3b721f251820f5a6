//! A validated identity policy, laid out for use.

use stratum_core::Problem;
use stratum_core::problem::{ProblemCollector, Problems};
use stratum_core::time::{DAY_MS, HOUR_MS};

use super::policy::{IdentityCheck, IdentityPolicy};
use super::vocabulary::LinkType;
use crate::identifier::{CleaningPolicy, IdentifierType};

/// The number of identifier types.
pub(super) const TYPES: usize = IdentifierType::ALL.len();

/// An [`IdentityPolicy`] that was found valid.
#[derive(Debug, Clone, PartialEq)]
pub struct CompiledIdentityPolicy {
    policy: IdentityPolicy,
    cleaning: CleaningPolicy,
    pub(super) limits: [u32; TYPES],
    pub(super) max_cluster_ids: u32,
    pub(super) storm_merges: usize,
    pub(super) storm_window_ms: i64,
    pub(super) both_known: bool,
    pub(super) source_conflict: bool,
    pub(super) stronger_conflict: bool,
    pub(super) shared: bool,
    pub(super) shared_profiles: usize,
    pub(super) shared_window_ms: i64,
    pub(super) least_confidence: f64,
    pub(super) undo_ms: i64,
}

impl CompiledIdentityPolicy {
    /// The policy as it was written.
    #[must_use]
    pub const fn policy(&self) -> &IdentityPolicy {
        &self.policy
    }

    /// What counts as an identifier under it.
    #[must_use]
    pub const fn cleaning(&self) -> &CleaningPolicy {
        &self.cleaning
    }

    /// The most identifiers of this type in a profile; `u32::MAX` where there is no limit.
    #[must_use]
    pub fn limit(&self, kind: IdentifierType) -> u32 {
        self.limits.get(kind.index()).copied().unwrap_or(u32::MAX)
    }

    /// Whether evidence of this kind joins. That two events are of one visit does so only where the policy's threshold
    /// admits it, be the check of weak evidence in force or not: no event named both.
    #[must_use]
    pub fn joins(&self, evidence: LinkType) -> bool {
        let same_event = evidence != LinkType::SameSession;
        let least = if same_event { self.least_confidence } else { self.policy.evidence_threshold };
        evidence.confidence() >= least
    }
}

pub(super) fn compile(policy: &IdentityPolicy) -> Result<CompiledIdentityPolicy, Problems> {
    let mut found = ProblemCollector::new();
    check_limits(policy, &mut found);
    check_values(policy, &mut found);
    let mut limits = [u32::MAX; TYPES];
    for &kind in IdentifierType::ALL {
        if let (Some(slot), Some(limit)) = (limits.get_mut(kind.index()), policy.limit(kind)) {
            *slot = limit;
        }
    }
    let preset = if policy.block_examples { CleaningPolicy::strict() } else { CleaningPolicy::standard() };
    let mut cleaning = preset.with_default_region(policy.default_region);
    for (&kind, values) in &policy.blocked {
        cleaning = values.iter().fold(cleaning, |cleaning, value| cleaning.block(kind, value));
    }
    let checks = |check| policy.checks.contains(&check);
    found.into_result(CompiledIdentityPolicy {
        cleaning,
        limits,
        max_cluster_ids: policy.max_cluster_ids.unwrap_or(u32::MAX),
        storm_merges: policy
            .storm
            .map_or(usize::MAX, |storm| usize::try_from(storm.max_merges).unwrap_or(usize::MAX)),
        storm_window_ms: policy
            .storm
            .map_or(0, |storm| i64::from(storm.window_hours).saturating_mul(HOUR_MS)),
        both_known: checks(IdentityCheck::BothKnown) && !policy.allow_known_merge,
        source_conflict: checks(IdentityCheck::SourceConflict) && !policy.allow_known_merge,
        stronger_conflict: checks(IdentityCheck::StrongerConflict),
        shared: checks(IdentityCheck::Shared),
        shared_profiles: usize::try_from(policy.shared.max_profiles).unwrap_or(usize::MAX),
        shared_window_ms: i64::from(policy.shared.window_days).saturating_mul(DAY_MS),
        least_confidence: if checks(IdentityCheck::WeakEvidence) { policy.evidence_threshold } else { 0.0 },
        undo_ms: policy.undo_days.map_or(i64::MAX, |days| i64::from(days).saturating_mul(DAY_MS)),
        policy: policy.clone(),
    })
}

fn check_limits(policy: &IdentityPolicy, found: &mut ProblemCollector) {
    if IdentifierType::ALL.iter().all(|&kind| policy.limit(kind) == Some(0)) {
        found.push(
            Problem::new("/limits", "nothing_allowed", "every identifier type is forbidden")
                .help("leave at least one type with a limit above 0, or null"),
        );
    }
    let mut at_least_one = |path: &str, value: Option<u32>, what: &str| {
        if value == Some(0) {
            found.push(
                Problem::new(path, "below_minimum", format!("{what} is at least 1, not 0"))
                    .help("write 1 or more, or null for no limit"),
            );
        }
    };
    at_least_one("/max_cluster_ids", policy.max_cluster_ids, "the most identifiers of a profile");
    at_least_one("/storm/max_merges", policy.storm.map(|storm| storm.max_merges), "the number of merges");
    at_least_one("/storm/window_hours", policy.storm.map(|storm| storm.window_hours), "a window");
    let shared = policy.checks.contains(&IdentityCheck::Shared).then_some(policy.shared);
    at_least_one("/shared/max_profiles", shared.map(|shared| shared.max_profiles), "the number of profiles");
    at_least_one("/shared/window_days", shared.map(|shared| shared.window_days), "a window");
}

fn check_values(policy: &IdentityPolicy, found: &mut ProblemCollector) {
    // Not a number is out of range, too.
    if !(0.0..=1.0).contains(&policy.evidence_threshold) {
        found.push(
            Problem::new("/evidence_threshold", "out_of_range", "a confidence is a number from 0 to 1")
                .help("0.9 joins what one event names, 0.95 only logins and purchases"),
        );
    }
    for (kind, values) in &policy.blocked {
        for (position, value) in values.iter().enumerate() {
            let path = format!("/blocked/{kind}/{position}");
            if value.trim().is_empty() {
                found.push(Problem::new(path, "too_short", "an empty value is blocked already"));
            } else if value.len() > 512 {
                found.push(Problem::new(path, "too_long", "a blocked value is at most 512 bytes long"));
            }
        }
    }
}

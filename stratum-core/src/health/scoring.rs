//! From component scores to the health score: the hot path, free of allocation.

use crate::math::round9;
use crate::policy::CompiledTrustPolicy;
use crate::score::Score;
use crate::vocabulary::{HealthComponent, HealthStatus};

/// The scores of the components, each 0 to 100 or missing.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ComponentScores([Option<Score>; HealthComponent::ALL.len()]);

impl Default for ComponentScores {
    /// Nothing measured.
    fn default() -> Self {
        Self([None; HealthComponent::ALL.len()])
    }
}

impl ComponentScores {
    /// The score of a component, or `None` where nothing was measured.
    #[must_use]
    pub fn get(&self, component: HealthComponent) -> Option<Score> {
        self.0.get(component.index()).copied().flatten()
    }

    /// Sets a component. Values outside 0 to 100 are moved to the nearest bound; NaN and infinities count as missing.
    pub fn set(&mut self, component: HealthComponent, value: Option<f64>) {
        if let Some(slot) = self.0.get_mut(component.index()) {
            *slot = value.and_then(Score::clamped);
        }
    }
}

/// A health score with what it stands for.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct HealthScore {
    /// 0 to 100.
    pub score: Score,
    /// By the tenant's thresholds.
    pub status: HealthStatus,
    /// The sum of the weights that were measured, 0 to 100.
    pub coverage_pct: f64,
}

/// Weighs component scores: Σ weight · score / 100, a missing one counting 0.
///
/// The sum runs in the order of the vocabulary and divides last, so that all components at 70 give exactly 70.
#[must_use]
pub fn score(policy: &CompiledTrustPolicy, components: &ComponentScores) -> HealthScore {
    let mut sum = 0.0;
    let mut coverage = 0.0;
    for (component, weight) in policy.components() {
        if let Some(value) = components.get(component) {
            sum += weight * value.get();
            coverage += weight;
        }
    }
    let score = Score::clamped(sum / 100.0).unwrap_or(Score::MIN);
    HealthScore { score, status: policy.status(score.get()), coverage_pct: round9(coverage).min(100.0) }
}

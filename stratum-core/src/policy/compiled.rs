//! A validated policy, laid out for evaluation.

use super::{
    BLOCK_FLOOR, CAUTIOUS_THRESHOLD, CDP_BLEND_WEIGHT, EXECUTION_FLOOR, REQUIRED_FROM_WEIGHT, TrustPolicy,
};
use crate::canonical::{self, Digest};
use crate::problem::Problem;
use crate::vocabulary::{GateProfile, GateSubject, HealthComponent, HealthStatus};

const COMPONENTS: usize = HealthComponent::ALL.len();
const SUBJECTS: usize = GateSubject::ALL.len();

/// A [`TrustPolicy`] that was found valid. Immutable; share it behind an `Arc` or a reference.
#[derive(Debug, Clone, PartialEq)]
pub struct CompiledTrustPolicy {
    policy: TrustPolicy,
    digest: Digest,
    weights: [Option<f64>; COMPONENTS],
    required: [bool; COMPONENTS],
    thresholds: [f64; SUBJECTS],
    block_below: f64,
}

impl CompiledTrustPolicy {
    /// Lays out a policy whose validity [`TrustPolicy::compile`] has checked.
    pub(super) fn new(policy: TrustPolicy, in_force: &[(HealthComponent, f64)]) -> Result<Self, Problem> {
        let mut weights = [None; COMPONENTS];
        let mut required = [false; COMPONENTS];
        for (&component, (weight, required)) in
            HealthComponent::ALL.iter().zip(weights.iter_mut().zip(required.iter_mut()))
        {
            let own = in_force.iter().find(|(named, _)| *named == component).map(|(_, weight)| *weight);
            // The blend takes a tenth from every weight; which components are required depends on the weight before.
            *weight = match (own, policy.cdp_blend) {
                (Some(weight), true) => Some(weight * (100.0 - CDP_BLEND_WEIGHT) / 100.0),
                (None, true) if component == HealthComponent::CdpEmq => Some(CDP_BLEND_WEIGHT),
                (own, _) => own,
            };
            *required = component == HealthComponent::Emq
                || own.is_some_and(|weight| weight >= REQUIRED_FROM_WEIGHT)
                || policy.required_components.contains(&component);
            // A component that only the tenant requires counts nothing in the score, but must be measured.
            if *required && weight.is_none() {
                *weight = Some(0.0);
            }
        }
        let mut thresholds = [EXECUTION_FLOOR; SUBJECTS];
        for (&subject, threshold) in GateSubject::ALL.iter().zip(thresholds.iter_mut()) {
            *threshold = threshold.max(policy.healthy_threshold);
            if let Some(action) = subject.action_type() {
                if policy.profile == GateProfile::Cautious && action.is_raising() {
                    *threshold = threshold.max(CAUTIOUS_THRESHOLD);
                }
                if let Some(own) = policy.overrides.get(&action) {
                    *threshold = threshold.max(*own);
                }
            }
        }
        Ok(Self {
            digest: canonical::digest(&policy)?,
            weights,
            required,
            thresholds,
            block_below: policy.degraded_threshold.max(BLOCK_FLOOR),
            policy,
        })
    }

    /// The policy as it was written.
    #[must_use]
    pub const fn policy(&self) -> &TrustPolicy {
        &self.policy
    }

    /// SHA-256 of the policy's canonical JSON: what a recorded decision names it by.
    #[must_use]
    pub const fn digest(&self) -> Digest {
        self.digest
    }

    /// The weight of a component, 0 to 100; `None` if it is not in force.
    #[must_use]
    pub fn weight(&self, component: HealthComponent) -> Option<f64> {
        self.weights.get(component.index()).copied().flatten()
    }

    /// The components in force with their weights, in the order of the vocabulary.
    pub fn components(&self) -> impl Iterator<Item = (HealthComponent, f64)> + '_ {
        HealthComponent::ALL
            .iter()
            .zip(&self.weights)
            .filter_map(|(&component, weight)| weight.map(|weight| (component, weight)))
    }

    /// Whether the gate holds while this component has no score.
    #[must_use]
    pub fn is_required(&self, component: HealthComponent) -> bool {
        self.required.get(component.index()).copied().unwrap_or(true)
    }

    /// The components that are required, in the order of the vocabulary.
    pub fn required_components(&self) -> impl Iterator<Item = HealthComponent> + '_ {
        HealthComponent::ALL.iter().copied().filter(|&component| self.is_required(component))
    }

    /// The score from which this subject passes: at least 70.
    #[must_use]
    pub fn threshold(&self, subject: GateSubject) -> f64 {
        self.thresholds.get(subject.index()).copied().unwrap_or(100.0).max(EXECUTION_FLOOR)
    }

    /// The score below which the gate blocks: at least 40.
    #[must_use]
    pub const fn block_below(&self) -> f64 {
        self.block_below
    }

    /// The status that a score stands for under the tenant's thresholds.
    #[must_use]
    pub fn status(&self, score: f64) -> HealthStatus {
        if score >= self.policy.healthy_threshold {
            HealthStatus::Healthy
        } else if score >= self.policy.degraded_threshold {
            HealthStatus::Degraded
        } else {
            HealthStatus::Unhealthy
        }
    }
}

//! The tenant's trust policy: which components count how much, and from which score a change may run.
//!
//! Limits are configuration, the invariants are not: whatever a policy says, nothing passes below
//! [`EXECUTION_FLOOR`], and nothing passes while a required component is missing. A tenant can be stricter, never laxer.
//!
//! ```
//! use stratum_core::policy::TrustPolicy;
//! use stratum_core::vocabulary::{ActionType, GateSubject, HealthComponent};
//!
//! let mut policy = TrustPolicy::default();
//! policy.healthy_threshold = 60.0;                                  // what the status calls healthy …
//! policy.overrides.insert(ActionType::BudgetIncrease, 85.0);
//! let compiled = policy.compile().unwrap();
//! assert_eq!(compiled.threshold(GateSubject::PauseCampaign), 70.0); // … never lowers the floor
//! assert_eq!(compiled.threshold(GateSubject::BudgetIncrease), 85.0);
//! assert!(compiled.is_required(HealthComponent::ApiHealth));        // weight 25 or more
//!
//! policy.overrides.insert(ActionType::BudgetIncrease, 60.0);
//! assert_eq!(policy.compile().unwrap_err().iter().next().unwrap().code, "threshold_too_low");
//! ```

mod compiled;

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

pub use compiled::CompiledTrustPolicy;

use crate::problem::{Problem, ProblemCollector, Problems};
use crate::vocabulary::{ActionType, GateProfile, HealthComponent, HealthPreset};

/// No change executes automatically below this health. A constant of the engine, not a setting.
pub const EXECUTION_FLOOR: f64 = 70.0;

/// Below this health the gate blocks whatever the tenant's degraded threshold is.
pub const BLOCK_FLOOR: f64 = 40.0;

/// What the profile [`GateProfile::Cautious`] asks of the types that raise spend or exposure.
pub const CAUTIOUS_THRESHOLD: f64 = 80.0;

/// A component of this weight or more is required.
pub const REQUIRED_FROM_WEIGHT: f64 = 25.0;

/// The least weight of EMQ in a tenant's own weights.
pub const MIN_EMQ_WEIGHT: f64 = 20.0;

/// The weight of the tenant's own event EMQ when it is blended in; the others then count nine tenths.
pub const CDP_BLEND_WEIGHT: f64 = 10.0;

/// A tenant's trust policy. [`TrustPolicy::compile`] validates it and gives what evaluates.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default)]
pub struct TrustPolicy {
    /// Which components and weights are in force.
    pub preset: HealthPreset,
    /// The tenant's own weights, with preset `CUSTOM` only: each at least 0, EMQ at least 20, 100 in all.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub weights: Option<BTreeMap<HealthComponent, f64>>,
    /// From which score the status is `HEALTHY`; above `degraded_threshold`, at most 100. Raises the gate's threshold
    /// when above 70, never lowers it.
    pub healthy_threshold: f64,
    /// From which score the status is `DEGRADED`; above 0. Raises the gate's block limit when above 40.
    pub degraded_threshold: f64,
    /// A shipped set of thresholds.
    pub profile: GateProfile,
    /// The tenant's own threshold of an action type, 70 to 100.
    pub overrides: BTreeMap<ActionType, f64>,
    /// Whether the mean event EMQ of the tenant's own last 24 hours counts as a tenth of the score.
    pub cdp_blend: bool,
    /// Components that the tenant requires beside EMQ and those of weight 25 or more.
    pub required_components: BTreeSet<HealthComponent>,
}

impl Default for TrustPolicy {
    fn default() -> Self {
        Self {
            preset: HealthPreset::Five,
            weights: None,
            healthy_threshold: 70.0,
            degraded_threshold: 40.0,
            profile: GateProfile::Standard,
            overrides: BTreeMap::new(),
            cdp_blend: false,
            required_components: BTreeSet::new(),
        }
    }
}

impl TrustPolicy {
    /// The default policy with another shipped preset.
    #[must_use]
    pub fn with_preset(preset: HealthPreset) -> Self {
        Self { preset, ..Self::default() }
    }

    /// Validates the policy and gives what evaluates: cheap to share, free of allocation on the hot path.
    ///
    /// # Errors
    /// Every problem at once: `weights_sum`, `below_minimum`, `missing_field`, `not_allowed_here`, `threshold_order`,
    /// `threshold_too_low`, `out_of_range`, `not_a_number`.
    pub fn compile(&self) -> Result<CompiledTrustPolicy, Problems> {
        let mut found = ProblemCollector::new();
        let weights = self.weights_in_force(&mut found);
        self.check_thresholds(&mut found);
        found.into_result(())?;
        CompiledTrustPolicy::new(self.clone(), &weights).map_err(Problems::from)
    }

    fn weights_in_force(&self, found: &mut ProblemCollector) -> Vec<(HealthComponent, f64)> {
        let preset: &[(HealthComponent, f64)] = match self.preset {
            HealthPreset::Five => &FIVE,
            HealthPreset::Four => &FOUR,
            HealthPreset::Custom => return self.custom_weights(found),
        };
        if self.weights.is_some() {
            found.push(
                Problem::new(
                    "/weights",
                    "not_allowed_here",
                    format!("the preset {} has its own weights", self.preset),
                )
                .help("leave weights out, or set preset to CUSTOM"),
            );
        }
        preset.to_vec()
    }

    fn custom_weights(&self, found: &mut ProblemCollector) -> Vec<(HealthComponent, f64)> {
        let Some(weights) = &self.weights else {
            found.push(
                Problem::new("/weights", "missing_field", "the preset CUSTOM needs weights")
                    .help("write {\"EMQ\": 40, …} with a sum of 100"),
            );
            return Vec::new();
        };
        for (component, &weight) in weights {
            let path = format!("/weights/{component}");
            if !weight.is_finite() {
                found.push(Problem::new(path, "not_a_number", "a weight is a finite number"));
            } else if weight < 0.0 {
                found.push(Problem::new(
                    path,
                    "below_minimum",
                    format!("a weight is at least 0, not {weight}"),
                ));
            } else if *component == HealthComponent::CdpEmq {
                found.push(
                    Problem::new(path, "not_allowed_here", "CDP_EMQ has no weight of its own")
                        .help("set cdp_blend to true: it then counts a tenth"),
                );
            }
        }
        let emq = weights.get(&HealthComponent::Emq).copied().unwrap_or(0.0);
        if emq < MIN_EMQ_WEIGHT {
            found.push(
                Problem::new(
                    "/weights/EMQ",
                    "below_minimum",
                    format!("the weight of EMQ is at least 20, not {emq}"),
                )
                .help("write 20 or more"),
            );
        }
        let sum = crate::math::sum(&weights.values().copied().collect::<Vec<_>>());
        if (sum - 100.0).abs() > 1e-9 {
            found.push(
                Problem::new("/weights", "weights_sum", format!("the weights add up to {sum}, not to 100"))
                    .help("nothing is renormalised: write weights with a sum of 100"),
            );
        }
        weights.iter().map(|(&component, &weight)| (component, weight)).collect()
    }

    fn check_thresholds(&self, found: &mut ProblemCollector) {
        for (name, value) in
            [("healthy_threshold", self.healthy_threshold), ("degraded_threshold", self.degraded_threshold)]
        {
            if !value.is_finite() {
                found.push(Problem::new(
                    format!("/{name}"),
                    "not_a_number",
                    "a threshold is a finite number",
                ));
            }
        }
        if self.healthy_threshold > 100.0 {
            found.push(Problem::new(
                "/healthy_threshold",
                "out_of_range",
                format!("a threshold is at most 100, not {}", self.healthy_threshold),
            ));
        }
        if self.degraded_threshold <= 0.0 {
            found.push(Problem::new(
                "/degraded_threshold",
                "out_of_range",
                format!("the degraded threshold is above 0, not {}", self.degraded_threshold),
            ));
        }
        if self.degraded_threshold >= self.healthy_threshold {
            found.push(
                Problem::new(
                    "/degraded_threshold",
                    "threshold_order",
                    format!(
                        "the degraded threshold {} is not below the healthy threshold {}",
                        self.degraded_threshold, self.healthy_threshold
                    ),
                )
                .help("write 0 < degraded_threshold < healthy_threshold <= 100"),
            );
        }
        for (action, &threshold) in &self.overrides {
            let path = format!("/overrides/{action}");
            if !threshold.is_finite() {
                found.push(Problem::new(path, "not_a_number", "a threshold is a finite number"));
            } else if threshold < EXECUTION_FLOOR {
                found.push(
                    Problem::new(
                        path,
                        "threshold_too_low",
                        format!("nothing executes automatically below {EXECUTION_FLOOR}, {threshold} would allow it"),
                    )
                    .help("write a threshold from 70 to 100"),
                );
            } else if threshold > 100.0 {
                found.push(Problem::new(
                    path,
                    "out_of_range",
                    format!("a threshold is at most 100, not {threshold}"),
                ));
            }
        }
    }
}

/// The weights of the preset `FIVE`.
pub const FIVE: [(HealthComponent, f64); 5] = [
    (HealthComponent::Emq, 35.0),
    (HealthComponent::ApiHealth, 25.0),
    (HealthComponent::EventLoss, 20.0),
    (HealthComponent::PlatformStability, 10.0),
    (HealthComponent::DataQuality, 10.0),
];

/// The weights of the preset `FOUR`.
pub const FOUR: [(HealthComponent, f64); 4] = [
    (HealthComponent::Emq, 40.0),
    (HealthComponent::Freshness, 25.0),
    (HealthComponent::Variance, 20.0),
    (HealthComponent::Anomaly, 15.0),
];

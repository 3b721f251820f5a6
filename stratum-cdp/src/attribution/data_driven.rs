//! Data-driven attribution: a model trained on all journeys, and what it says of one.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use stratum_core::problem::{Problem, ProblemCollector, Problems};
use stratum_core::time::DAY_MS;
use stratum_core::{Timestamp, enumeration};

use super::channel_path::{self, ChannelPath};
use super::{PathCounts, markov, shapley};

/// Fewer journeys than this teach nothing.
pub const LEAST_JOURNEYS: u64 = 100;
/// Fewer conversions than this teach nothing, either.
pub const LEAST_CONVERSIONS: u64 = 20;
/// A model is stale after so many days.
pub const STALE_AFTER_DAYS: i64 = 30;

enumeration! {
    /// By what weights are learned.
    pub enum DataDrivenAlgorithm "algorithm" {
        /// Removal effects of a Markov chain.
        Markov = "markov",
        /// Shapley values of the conversions.
        Shapley = "shapley",
    }
}

enumeration! {
    /// Where a trained model stands.
    pub enum ModelStatus "model status" {
        /// It is being trained.
        Training = "training",
        /// It is the one that is used.
        Active = "active",
        /// It is kept, and may be used again.
        Archived = "archived",
        /// Its training came to nothing.
        Failed = "failed",
    }
}

impl ModelStatus {
    /// Whether a model may go from this status to that one.
    #[must_use]
    pub const fn may_become(self, next: Self) -> bool {
        matches!(
            (self, next),
            (Self::Training, Self::Active | Self::Archived | Self::Failed)
                | (Self::Active, Self::Archived)
                | (Self::Archived, Self::Active)
        )
    }
}

/// All journeys of a time, to be learned from; 90 days are usual.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct DataDrivenRequest {
    /// By what.
    #[serde(default = "usual")]
    pub algorithm: DataDrivenAlgorithm,
    /// On how many channels of a journey's past its next step depends, 1 to 4; Shapley values know no order.
    #[serde(default = "first")]
    #[cfg_attr(feature = "schema", schemars(range(min = 1, max = 4)))]
    pub order: u8,
    /// When.
    pub trained_at: Timestamp,
    /// The paths of the journeys, those that led to no conversion included.
    pub paths: Vec<ChannelPath>,
}

const fn usual() -> DataDrivenAlgorithm {
    DataDrivenAlgorithm::Markov
}

const fn first() -> u8 {
    1
}

/// What was learned.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct DataDrivenModel {
    /// By what.
    pub algorithm: DataDrivenAlgorithm,
    /// The order of the chain; none of Shapley values.
    #[serde(default)]
    pub order: Option<u8>,
    /// Where the model stands: active when it was trained, failed where there was too little to learn from.
    pub status: ModelStatus,
    /// `insufficient_data`, where that is why it failed.
    #[serde(default)]
    pub failure: Option<String>,
    /// When it was trained.
    pub trained_at: Timestamp,
    /// On how many journeys.
    pub journeys: u64,
    /// With how many conversions.
    pub conversions: u64,
    /// The weight of each channel; together 1, or all 0.
    pub weights: BTreeMap<String, f64>,
    /// The removal effect of each channel; empty of Shapley values.
    #[serde(default)]
    pub removal_effects: BTreeMap<String, f64>,
}

impl DataDrivenModel {
    /// Whether it was trained more than 30 days before.
    #[must_use]
    pub fn is_stale(&self, now: Timestamp) -> bool {
        now.millis_since(self.trained_at) > STALE_AFTER_DAYS.saturating_mul(DAY_MS)
    }
}

impl DataDrivenRequest {
    /// Trains a model.
    ///
    /// # Errors
    /// Every problem at once: `out_of_range` for the order, and those of the paths. Too few journeys are no error: the model is
    /// there, with the status `failed`.
    pub fn train(&self) -> Result<DataDrivenModel, Problems> {
        let mut found = ProblemCollector::new();
        found.take("", markov::check_order(self.order));
        let counts = found.take("/paths", channel_path::count(&self.paths)).unwrap_or_default();
        found.into_result(())?;
        Ok(train(&counts, self.algorithm, self.order, self.trained_at)?)
    }
}

/// Trains a model on the paths that were counted.
///
/// # Errors
/// Those of [`super::markov()`].
pub fn train(
    counts: &PathCounts,
    algorithm: DataDrivenAlgorithm,
    order: u8,
    trained_at: Timestamp,
) -> Result<DataDrivenModel, Problem> {
    let (all, unknown) = (counts.total(), counts.without_touches());
    let journeys = all.journeys().saturating_sub(unknown.journeys());
    let conversions = all.conversions.saturating_sub(unknown.conversions);
    let enough = journeys >= LEAST_JOURNEYS && conversions >= LEAST_CONVERSIONS;
    let mut model = DataDrivenModel {
        algorithm,
        order: (algorithm == DataDrivenAlgorithm::Markov).then_some(order),
        status: if enough { ModelStatus::Active } else { ModelStatus::Failed },
        failure: (!enough).then(|| "insufficient_data".to_owned()),
        trained_at,
        journeys,
        conversions,
        weights: BTreeMap::new(),
        removal_effects: BTreeMap::new(),
    };
    match algorithm {
        _ if !enough => {}
        DataDrivenAlgorithm::Markov => {
            for channel in markov(counts, order)?.channels {
                model.removal_effects.insert(channel.channel.clone(), channel.removal_effect);
                model.weights.insert(channel.channel, channel.weight);
            }
        }
        DataDrivenAlgorithm::Shapley => {
            let channels = shapley(counts).channels;
            model.weights = channels.into_iter().map(|channel| (channel.channel, channel.weight)).collect();
        }
    }
    Ok(model)
}

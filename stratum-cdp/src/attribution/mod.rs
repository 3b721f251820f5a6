//! Attribution: what each channel has earned of the conversions that it led to.
//!
//! A rule gives each touch of a journey a share; the shares of a conversion sum to it exactly, in minor units by largest
//! remainder, so that what the channels were credited adds up to the revenue to the cent.
//!
//! ```
//! use stratum_cdp::attribution::{RuleModel, RuleSettings};
//!
//! let days_before = |days: i64| -days * 86_400_000;
//! let touches = [days_before(10), days_before(3), days_before(1)];
//! let rules = RuleSettings::default().compile().unwrap();
//! let weights: Vec<f64> = rules.shares(RuleModel::TimeDecay, &touches, None).weights().collect();
//! assert!((weights[0] - 0.183890).abs() < 1e-6 && (weights[2] - 0.448329).abs() < 1e-6);
//! // 100.00 in thirds: the cent that is left goes to the later touch.
//! assert_eq!(rules.shares(RuleModel::Linear, &touches, None).credits(100_00), [33_33, 33_33, 33_34]);
//! assert_eq!(rules.shares(RuleModel::Linear, &touches, None).credits(-100_00), [-33_33, -33_33, -33_34]);
//! ```
//!
//! What a channel is worth is learned from all journeys, those that came to nothing included: [`PathCounts`] counts their
//! paths, part by part and on as many machines as there are, [`markov()`] asks what
//! would be lost without a channel, [`shapley()`] what it adds. [`train()`] makes a model of either, to be applied to one
//! conversion ([`DataDrivenCreditRequest`]).
//!
//! ```
//! use stratum_cdp::attribution::{PathCounts, PathOutcome, markov};
//!
//! let mut counts = PathCounts::new();
//! counts.add(["meta", "google"], PathOutcome { conversions: 3, nulls: 40, value_cents: 100_00 }).unwrap();
//! counts.add(["google"], PathOutcome { conversions: 1, nulls: 60, value_cents: 20_00 }).unwrap();
//! let learned = markov(&counts, 1).unwrap();
//! let credited: i64 = learned.channels.iter().map(|channel| channel.value_cents).sum();
//! assert_eq!(credited, 120_00);
//! ```

mod apply;
mod bootstrap;
mod channel_path;
mod columns;
mod compare;
mod credit_state;
mod credit_totals;
mod credits;
mod data_driven;
mod markov;
mod model;
mod path_analysis;
mod path_counts;
mod path_state;
mod random;
mod request;
mod shapley;
mod shares;
mod twofold;
mod variance;

pub use apply::{ChannelTouch, CreditedBy, DataDrivenCredit, DataDrivenCreditRequest, TouchCredit};
pub use bootstrap::Bootstrap;
pub use channel_path::ChannelPath;
pub use columns::{CheckedJourneys, ColumnCredits, ExactCredit, JourneyColumns, NO_CHANNEL, NOT_CONVERTED};
pub use compare::{AttributionComparison, AttributionComparisonRequest, ComparedChannel, ComparedCredit};
pub use credit_state::CreditStateFault;
pub use credit_totals::{CreditLevel, CreditTotals, DailyCredit, JourneyCredits};
pub use data_driven::{
    DataDrivenAlgorithm, DataDrivenModel, DataDrivenRequest, LEAST_CONVERSIONS, LEAST_JOURNEYS, ModelStatus,
    STALE_AFTER_DAYS, train,
};
pub use markov::{
    MOST_MARKOV_CHANNELS, MarkovAttribution, MarkovChannel, MarkovRequest, TransitionCounts, markov,
    markov_with_intervals,
};
pub use model::{RuleModel, RuleSettings, Rules};
pub use path_analysis::{
    ChannelPart, LagDay, PathAnalysis, PathAnalysisRequest, PathLength, TimeLag, TopPath,
};
pub use path_counts::{CountFault, PathCounts, PathOutcome};
pub use path_state::PathStateFault;
pub use request::{
    AttributionReport, AttributionRequest, ChannelCredit, ChannelSpend, ModelCredits, TouchCredits,
};
pub use shapley::{
    MOST_PLAYERS, SampledValue, ShapleyAttribution, ShapleyChannel, ShapleyGame, ShapleyRequest,
    ShapleySampling, ShapleyTable, sample_shapley, shapley, shapley_of_table, shapley_with_intervals,
};
pub use shares::{CONVERSION_PARTS, Shares};
pub use variance::{
    EntityVariance, Variance, VarianceDay, VarianceEntity, VarianceFigures, VarianceReport, VarianceRequest,
    VarianceStatus,
};

#[cfg(test)]
mod rule_tests;

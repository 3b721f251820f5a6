//! A trained model applied to one conversion.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use stratum_core::money::MAX_MINOR;
use stratum_core::problem::{Problem, ProblemCollector, Problems, pointer_step};
use stratum_core::{Timestamp, enumeration};

use super::credits::credits_by_weight;
use super::twofold::Twofold;
use super::{DataDrivenModel, ModelStatus, RuleModel, RuleSettings};

/// One touch before a conversion.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ChannelTouch {
    /// Of which channel.
    pub channel: String,
    /// When.
    pub touched_at: Timestamp,
}

/// A conversion to be shared among the touches before it, by a trained model.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct DataDrivenCreditRequest {
    /// The model; time decay is used where it is not active.
    pub model: DataDrivenModel,
    /// The touches in order of time.
    pub touches: Vec<ChannelTouch>,
    /// What the conversion was worth, in minor units; below 0 for a refund.
    #[serde(default)]
    pub value_cents: i64,
    /// The half-life, where time decay is used.
    #[serde(default)]
    pub settings: RuleSettings,
    /// When this is asked.
    pub now: Timestamp,
}

enumeration! {
    /// What shared a conversion.
    pub enum CreditedBy "credit" {
        /// The trained model.
        DataDriven = "data_driven",
        /// Equal parts: the model knows no weight of any of the channels.
        Linear = "linear",
        /// Time decay: there was too little data, or the model is not active.
        TimeDecay = "time_decay",
    }
}

/// A conversion, shared.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct DataDrivenCredit {
    /// What shared it.
    pub credited_by: CreditedBy,
    /// Why not the model: `insufficient_data`, `not_active` or `no_weight`.
    pub reason: Option<String>,
    /// Whether the model was trained more than 30 days before.
    pub stale: bool,
    /// What each touch gets, in the order of the request.
    pub touches: Vec<TouchCredit>,
}

/// What one touch gets.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct TouchCredit {
    /// Its share of the conversion, 0 to 1.
    pub weight: f64,
    /// Its share of the value, in minor units; together they are all of it.
    pub value_cents: i64,
}

impl DataDrivenCreditRequest {
    /// Shares the conversion: the weights of the channels on the path, made to sum to 1, each in equal parts among the touches
    /// of the channel.
    ///
    /// # Errors
    /// Every problem at once: `empty_path` without a touch, `out_of_order` for one that is earlier than the one before,
    /// `out_of_range` for a weight outside 0 to 1 or a half-life, `amount_too_large`.
    pub fn credit(&self) -> Result<DataDrivenCredit, Problems> {
        let mut found = ProblemCollector::new();
        let rules = found.take("/settings", self.settings.compile());
        self.check(&mut found);
        let Some(rules) = rules else { return Err(found.into_problems().unwrap_or_else(no_touch)) };
        found.into_result(())?;
        let stale = self.model.is_stale(self.now);
        let weights = self.weights();
        let (credited_by, reason) = match (self.model.status, &weights) {
            (ModelStatus::Active, Some(_)) => (CreditedBy::DataDriven, None),
            (ModelStatus::Active, None) => (CreditedBy::Linear, Some("no_weight")),
            (ModelStatus::Failed, _) => {
                (CreditedBy::TimeDecay, Some(self.model.failure.as_deref().unwrap_or("not_active")))
            }
            _ => (CreditedBy::TimeDecay, Some("not_active")),
        };
        let (weights, cents) = match credited_by {
            CreditedBy::TimeDecay => {
                let at: Vec<i64> = self.touches.iter().map(|touch| touch.touched_at.millis()).collect();
                let shares = rules.shares(RuleModel::TimeDecay, &at, None);
                (shares.weights().collect::<Vec<f64>>(), shares.credits(self.value_cents))
            }
            CreditedBy::DataDriven | CreditedBy::Linear => {
                let equal =
                    || vec![Twofold::ONE / Twofold::from(self.touches.len() as u64); self.touches.len()];
                let weights = weights.unwrap_or_else(equal);
                let cents = credits_by_weight(&weights, self.value_cents);
                (weights.into_iter().map(Twofold::value).collect(), cents)
            }
        };
        let touches = weights.into_iter().zip(cents);
        Ok(DataDrivenCredit {
            credited_by,
            reason: reason.map(str::to_owned),
            stale,
            touches: touches.map(|(weight, value_cents)| TouchCredit { weight, value_cents }).collect(),
        })
    }

    /// The weight of each touch; none where the model gives none to any channel of the path.
    fn weights(&self) -> Option<Vec<Twofold>> {
        let mut touches: BTreeMap<&str, u64> = BTreeMap::new();
        for touch in &self.touches {
            let count = touches.entry(&touch.channel).or_default();
            *count = count.saturating_add(1);
        }
        let weight =
            |channel: &str| Twofold::from(self.model.weights.get(channel).copied().unwrap_or_default());
        let sum: Twofold = touches.keys().map(|channel| weight(channel)).sum();
        let part = |channel: &str| {
            let count = touches.get(channel).copied().unwrap_or(1);
            weight(channel) / (sum * Twofold::from(count))
        };
        sum.is_positive().then(|| self.touches.iter().map(|touch| part(&touch.channel)).collect())
    }

    fn check(&self, found: &mut ProblemCollector) {
        if self.touches.is_empty() {
            found.push(no_touch_problem());
        }
        for (place, pair) in self.touches.windows(2).enumerate() {
            if let [earlier, later] = pair
                && later.touched_at < earlier.touched_at
            {
                let place = place.saturating_add(1);
                let text = "a touch is earlier than the one before it";
                found.push(
                    Problem::new(format!("/touches/{place}/touched_at"), "out_of_order", text)
                        .help("sort the touches by time"),
                );
            }
        }
        for (channel, weight) in &self.model.weights {
            if !(0.0..=1.0).contains(weight) {
                let text = format!("a weight is 0 to 1, {weight} is not");
                found.push(Problem::new(
                    format!("/model/weights{}", pointer_step(channel)),
                    "out_of_range",
                    text,
                ));
            }
        }
        if !(-MAX_MINOR..=MAX_MINOR).contains(&self.value_cents) {
            let text = format!("an amount is at most {MAX_MINOR} minor units");
            found.push(Problem::new("/value_cents", "amount_too_large", text));
        }
    }
}

fn no_touch_problem() -> Problem {
    Problem::new("/touches", "empty_path", "there is no touch to credit")
        .help("count a conversion without a touch as unattributed")
}

fn no_touch() -> Problems {
    no_touch_problem().into()
}

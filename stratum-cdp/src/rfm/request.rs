//! The score of customers, as every language asks for it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use stratum_core::Currency;
use stratum_core::money::MAX_MINOR;
use stratum_core::problem::{Problem, ProblemCollector, Problems};

use super::{Rfm, RfmColumns, RfmFacts, RfmMode, RfmPolicy, RfmSegment, Ties};

/// The figures of customers, to be scored together.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct RfmRequest {
    /// The limits; the defaults where left out.
    #[serde(default)]
    pub policy: RfmPolicy,
    /// The currency of the amounts, whose major unit the limits are in.
    #[serde(default = "usd")]
    pub currency: Currency,
    /// Which rank equal values have, where customers are scored by rank.
    #[serde(default)]
    pub ties: Ties,
    /// The customers.
    pub customers: Vec<RfmFacts>,
}

const fn usd() -> Currency {
    Currency::USD
}

/// What a customer's purchases say.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct ScoredCustomer {
    /// How lately, 1 to 5.
    pub recency_score: u8,
    /// How often.
    pub frequency_score: u8,
    /// For how much.
    pub monetary_score: u8,
    /// `RFM` and the three digits.
    pub rfm_cell: String,
    /// The mean of the three, to two decimals.
    pub rfm_score: f64,
    /// The name of the cell.
    pub segment: RfmSegment,
}

impl From<Rfm> for ScoredCustomer {
    fn from(rfm: Rfm) -> Self {
        Self {
            recency_score: rfm.recency(),
            frequency_score: rfm.frequency(),
            monetary_score: rfm.monetary(),
            rfm_cell: rfm.cell(),
            rfm_score: rfm.mean(),
            segment: rfm.segment(),
        }
    }
}

/// The scores of customers, in the order of the request.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct RfmResponse {
    /// How they were scored.
    pub mode: RfmMode,
    /// The customers; nothing for one without a purchase.
    pub customers: Vec<Option<ScoredCustomer>>,
    /// How many customers each cell has, by its three digits.
    pub cells: BTreeMap<String, u64>,
    /// How many customers each name has.
    pub segments: BTreeMap<String, u64>,
}

impl RfmRequest {
    /// Scores the customers.
    ///
    /// # Errors
    /// Every problem at once: those of the policy, under `/policy`, figures that no customer has (`out_of_range`), and
    /// `insufficient_data` at `/customers` for quintiles of fewer than 50.
    pub fn score(&self) -> Result<RfmResponse, Problems> {
        let mut found = ProblemCollector::new();
        let policy = found.take("/policy", self.policy.compile(self.currency));
        for (place, facts) in self.customers.iter().enumerate() {
            check(facts, &format!("/customers/{place}"), &mut found);
        }
        let Some(policy) = policy else { return Err(found.into_problems().unwrap_or_else(nothing)) };
        let rows: Vec<(f64, f64, f64)> = self.customers.iter().map(Into::into).collect();
        let recency: Vec<f64> = rows.iter().map(|row| row.0).collect();
        let frequency: Vec<f64> = rows.iter().map(|row| row.1).collect();
        let monetary: Vec<f64> = rows.iter().map(|row| row.2).collect();
        let scores = RfmColumns::new(&recency, &frequency, &monetary)?.score(&policy, self.ties);
        let scores = found.take("/customers", scores).unwrap_or_default();
        let mut segments = BTreeMap::new();
        let customers: Vec<Option<ScoredCustomer>> = scores
            .iter()
            .map(|rfm| {
                let scored = ScoredCustomer::from(rfm?);
                let count: &mut u64 = segments.entry(scored.segment.to_string()).or_default();
                *count = count.saturating_add(1);
                Some(scored)
            })
            .collect();
        let cells = scores.cells().into_iter().map(|(cell, count)| (cell.to_string(), count)).collect();
        found.into_result(RfmResponse { mode: self.policy.mode, customers, cells, segments })
    }
}

fn nothing() -> Problems {
    Problem::new("/policy", "invalid", "the policy cannot be used").into()
}

fn check(facts: &RfmFacts, path: &str, found: &mut ProblemCollector) {
    if !facts.recency_days.is_finite() || facts.recency_days < 0.0 {
        let text = "the days since the last purchase are a number of at least 0";
        found.push(Problem::new(format!("{path}/recency_days"), "out_of_range", text));
    }
    if facts.frequency > MAX_MINOR.unsigned_abs() {
        let text = format!("a customer has at most {MAX_MINOR} purchases");
        found.push(Problem::new(format!("{path}/frequency"), "out_of_range", text));
    }
    if !(-MAX_MINOR..=MAX_MINOR).contains(&facts.monetary_cents) {
        let text = format!("an amount is at most {MAX_MINOR} minor units");
        found.push(Problem::new(format!("{path}/monetary_cents"), "amount_too_large", text));
    }
}

//! Fits of purchases and predictions from them, as every language asks for them.
//!
//! Predictions are rounded to nine decimals and the log-likelihood to six: what lies beyond is the noise of summation. The
//! parameters keep every digit, so that a prediction from them is the same wherever it is made.

use serde::{Deserialize, Serialize};
use stratum_core::math::round9;
use stratum_core::problem::{Problem, ProblemCollector, Problems};

use super::interval::{check_confidence, check_covariance};
use super::{BgNbd, Estimate, Interval, PurchaseForecast, PurchaseHistory, fit_bgnbd};

pub(super) const fn default_confidence() -> f64 {
    0.95
}

pub(super) fn round6(value: f64) -> f64 {
    (value * 1e6).round() / 1e6
}

/// Notes columns whose lengths differ from the first one's.
pub(super) fn check_lengths(rows: usize, columns: &[(&str, usize)], found: &mut ProblemCollector) {
    for (name, length) in columns {
        if *length != rows {
            let text = format!("{name} has {length} rows, x has {rows}");
            found.push(Problem::new(format!("/{name}"), "length_mismatch", text));
        }
    }
}

/// The histories of customers as columns, to fit BG/NBD to.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct BgNbdFitRequest {
    /// Purchases after the first, a number for each customer.
    pub x: Vec<u32>,
    /// The age at the last purchase; 0 without a repeat purchase.
    pub t_x: Vec<f64>,
    /// The age now.
    #[serde(rename = "T")]
    pub ages: Vec<f64>,
    /// How sure the intervals are, 0.5 to 0.999999.
    #[serde(default = "default_confidence")]
    pub confidence: f64,
}

/// The intervals of the parameters of BG/NBD.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct BgNbdIntervals {
    /// Of r.
    pub r: Interval,
    /// Of alpha.
    pub alpha: Interval,
    /// Of a.
    pub a: Interval,
    /// Of b.
    pub b: Interval,
}

/// A fitted BG/NBD model.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct BgNbdFitResponse {
    /// The parameters.
    pub params: BgNbd,
    /// The logarithm of the likelihood of all purchases under them.
    pub log_likelihood: f64,
    /// How many customers there were.
    pub customers: u64,
    /// Whether the search ended at a maximum. If not, the data do not determine all four parameters.
    pub converged: bool,
    /// The intervals, from the observed information on the logarithms of the parameters.
    pub intervals: Option<BgNbdIntervals>,
    /// The covariance of the logarithms of r, alpha, a and b: hand it to a prediction to have intervals there too.
    pub covariance: Option<[[f64; 4]; 4]>,
}

impl BgNbdFitRequest {
    /// Fits the model.
    ///
    /// # Errors
    /// Every problem at once: `length_mismatch`, `out_of_range`, `insufficient_data`.
    pub fn fit(&self) -> Result<BgNbdFitResponse, Problems> {
        let mut found = ProblemCollector::new();
        check_confidence(self.confidence, &mut found);
        check_lengths(self.x.len(), &[("t_x", self.t_x.len()), ("T", self.ages.len())], &mut found);
        found.into_result(())?;
        let columns = self.x.iter().zip(&self.t_x).zip(&self.ages);
        let customers: Vec<PurchaseHistory> =
            columns.map(|((&x, &t_x), &age)| PurchaseHistory { x, t_x, age }).collect();
        let fitted = fit_bgnbd(&customers)?;
        Ok(BgNbdFitResponse {
            params: fitted.model,
            log_likelihood: round6(fitted.log_likelihood),
            customers: customers.len() as u64,
            converged: fitted.converged,
            intervals: fitted.intervals(self.confidence).map(|[r, alpha, a, b]| BgNbdIntervals {
                r,
                alpha,
                a,
                b,
            }),
            covariance: fitted.covariance,
        })
    }
}

/// Customers, and the times for which their purchases are to be expected.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct BgNbdPredictRequest {
    /// The parameters of the model.
    pub params: BgNbd,
    /// The covariance of their logarithms as a fit gives it; without it there are no intervals.
    #[serde(default)]
    pub covariance: Option<[[f64; 4]; 4]>,
    /// How sure the intervals are, 0.5 to 0.999999.
    #[serde(default = "default_confidence")]
    pub confidence: f64,
    /// The customers.
    #[serde(default)]
    pub customers: Vec<PurchaseHistory>,
    /// How far ahead, each at least 0, in the unit of time of the histories.
    pub t: Vec<f64>,
}

/// What is to be expected of a customer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct BgNbdPrediction {
    /// The chance that the customer still comes.
    pub p_alive: f64,
    /// The purchases to expect within each of the times asked for.
    pub expected: Vec<f64>,
    /// The interval of the chance, where a covariance was given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub p_alive_interval: Option<Interval>,
    /// The intervals of the expected purchases.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expected_intervals: Option<Vec<Interval>>,
}

/// What is to be expected of customers.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct BgNbdPredictResponse {
    /// The customers, in the order of the request.
    pub customers: Vec<BgNbdPrediction>,
    /// What is to be expected of a new customer within each of the times, after the first purchase.
    pub new_customer: Vec<f64>,
}

impl BgNbdPredictRequest {
    /// Predicts.
    ///
    /// # Errors
    /// Every problem at once, `out_of_range`.
    pub fn predict(&self) -> Result<BgNbdPredictResponse, Problems> {
        let mut found = ProblemCollector::new();
        self.params.check("/params", &mut found);
        check_confidence(self.confidence, &mut found);
        check_covariance("/covariance", self.covariance.as_ref(), &mut found);
        for (place, customer) in self.customers.iter().enumerate() {
            customer.check(|field| format!("/customers/{place}/{field}"), &mut found);
        }
        for (place, t) in self.t.iter().enumerate() {
            if !(t.is_finite() && *t >= 0.0) {
                let text = "a time ahead is a finite number of at least 0";
                found.push(Problem::new(format!("/t/{place}"), "out_of_range", text));
            }
        }
        found.into_result(())?;
        let forecast = PurchaseForecast::new(self.params, self.covariance, self.confidence);
        Ok(BgNbdPredictResponse {
            customers: self.customers.iter().map(|customer| self.prediction(customer, &forecast)).collect(),
            new_customer: self.t.iter().map(|&t| round9(self.params.expected_of_new(t))).collect(),
        })
    }

    fn prediction(&self, customer: &PurchaseHistory, forecast: &PurchaseForecast) -> BgNbdPrediction {
        let p_alive = forecast.p_alive(customer);
        let expected: Vec<Estimate> =
            self.t.iter().map(|&t| forecast.expected_purchases(customer, t)).collect();
        BgNbdPrediction {
            p_alive: p_alive.value,
            expected: expected.iter().map(|estimate| estimate.value).collect(),
            p_alive_interval: p_alive.interval,
            expected_intervals: self
                .covariance
                .map(|_| expected.iter().filter_map(|estimate| estimate.interval).collect()),
        }
    }
}

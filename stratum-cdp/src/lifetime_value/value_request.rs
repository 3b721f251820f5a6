//! Fits of spend and lifetime values, as every language asks for them; rounded as the predictions of purchases are.

use serde::{Deserialize, Serialize};
use stratum_core::math::round9;
use stratum_core::problem::{Problem, ProblemCollector, Problems};

use super::interval::{check_confidence, check_covariance};
use super::request::{check_lengths, default_confidence, round6};
use super::{
    BgNbd, Estimate, GammaGamma, Horizon, Interval, PurchaseForecast, PurchaseHistory, SpendHistory,
    ValueForecast, fit_gamma_gamma,
};

/// The spend of customers as columns, to fit Gamma-Gamma to.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct GammaGammaFitRequest {
    /// Repeat purchases, a number for each customer; customers with none say nothing.
    pub x: Vec<u32>,
    /// The mean amount of these purchases.
    pub m: Vec<f64>,
    /// How sure the intervals are, 0.5 to 0.999999.
    #[serde(default = "default_confidence")]
    pub confidence: f64,
}

/// The intervals of the parameters of Gamma-Gamma.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct GammaGammaIntervals {
    /// Of p.
    pub p: Interval,
    /// Of q.
    pub q: Interval,
    /// Of v.
    pub v: Interval,
}

/// A fitted Gamma-Gamma model.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct GammaGammaFitResponse {
    /// The parameters.
    pub params: GammaGamma,
    /// The logarithm of the likelihood of all amounts under them.
    pub log_likelihood: f64,
    /// How many customers with a repeat purchase there were.
    pub customers: u64,
    /// Whether the search ended at a maximum. If not, the data do not determine all three parameters.
    pub converged: bool,
    /// The intervals, from the observed information on the logarithms of the parameters.
    pub intervals: Option<GammaGammaIntervals>,
    /// The covariance of the logarithms of p, q and v: hand it to a prediction to have intervals there too.
    pub covariance: Option<[[f64; 3]; 3]>,
    /// The mean amount over all customers; nothing where q is 1 or less.
    pub population_mean: Option<f64>,
}

impl GammaGammaFitRequest {
    /// Fits the model.
    ///
    /// # Errors
    /// Every problem at once: `length_mismatch`, `out_of_range`, `insufficient_data`.
    pub fn fit(&self) -> Result<GammaGammaFitResponse, Problems> {
        let mut found = ProblemCollector::new();
        check_confidence(self.confidence, &mut found);
        check_lengths(self.x.len(), &[("m", self.m.len())], &mut found);
        found.into_result(())?;
        let customers: Vec<SpendHistory> =
            self.x.iter().zip(&self.m).map(|(&x, &m)| SpendHistory { x, m }).collect();
        let fitted = fit_gamma_gamma(&customers)?;
        Ok(GammaGammaFitResponse {
            params: fitted.model,
            log_likelihood: round6(fitted.log_likelihood),
            customers: customers.iter().filter(|customer| customer.x > 0).count() as u64,
            converged: fitted.converged,
            intervals: fitted.intervals(self.confidence).map(|[p, q, v]| GammaGammaIntervals { p, q, v }),
            covariance: fitted.covariance,
            population_mean: fitted.model.population_mean(),
        })
    }
}

/// A customer's purchases and what they came to.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ClvCustomer {
    /// Purchases after the first.
    pub x: u32,
    /// The age at the last purchase; 0 without a repeat purchase.
    pub t_x: f64,
    /// The age now.
    #[serde(rename = "T")]
    pub age: f64,
    /// The mean amount of the repeat purchases, in any one unit of money; 0 without one.
    #[serde(default)]
    pub m: f64,
}

/// Customers whose lifetime value is asked for, and the two models.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ClvPredictRequest {
    /// How often customers come.
    pub bgnbd: BgNbd,
    /// What they spend.
    pub gamma_gamma: GammaGamma,
    /// The covariance of the logarithms of the parameters of BG/NBD, as a fit gives it; without it values have no intervals.
    #[serde(default)]
    pub bgnbd_covariance: Option<[[f64; 4]; 4]>,
    /// That of Gamma-Gamma; without it nothing has an interval.
    #[serde(default)]
    pub gamma_gamma_covariance: Option<[[f64; 3]; 3]>,
    /// How sure the intervals are, 0.5 to 0.999999.
    #[serde(default = "default_confidence")]
    pub confidence: f64,
    /// The customers.
    pub customers: Vec<ClvCustomer>,
    /// Months, 1 to 120.
    pub months: u32,
    /// By how much a month makes money worth less, 0 to 1.
    #[serde(default)]
    pub monthly_discount: f64,
    /// How many units of time of the histories a month has: 4.345 for weeks, 30.4375 for days.
    pub periods_per_month: f64,
}

/// What a customer will be worth.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct ClvPrediction {
    /// The value, in the unit of the amounts; nothing where the mean amount is not known.
    pub clv: Option<f64>,
    /// The mean amount to expect.
    pub expected_average: Option<f64>,
    /// The interval of the value, where both covariances were given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub clv_interval: Option<Interval>,
    /// The interval of the mean amount, where that of Gamma-Gamma was given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expected_average_interval: Option<Interval>,
}

/// What customers will be worth.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct ClvPredictResponse {
    /// The customers, in the order of the request.
    pub customers: Vec<ClvPrediction>,
    /// The mean amount over all customers; nothing where q is 1 or less.
    pub population_mean: Option<f64>,
}

impl ClvPredictRequest {
    /// Predicts.
    ///
    /// # Errors
    /// Every problem at once, `out_of_range`.
    pub fn predict(&self) -> Result<ClvPredictResponse, Problems> {
        let horizon = Horizon {
            months: self.months,
            monthly_discount: self.monthly_discount,
            periods_per_month: self.periods_per_month,
        };
        let mut found = ProblemCollector::new();
        self.bgnbd.check("/bgnbd", &mut found);
        self.gamma_gamma.check("/gamma_gamma", &mut found);
        check_confidence(self.confidence, &mut found);
        check_covariance("/bgnbd_covariance", self.bgnbd_covariance.as_ref(), &mut found);
        check_covariance("/gamma_gamma_covariance", self.gamma_gamma_covariance.as_ref(), &mut found);
        horizon.check("", &mut found);
        for (place, customer) in self.customers.iter().enumerate() {
            customer.check(|field| format!("/customers/{place}/{field}"), &mut found);
        }
        found.into_result(())?;
        let purchases = PurchaseForecast::new(self.bgnbd, self.bgnbd_covariance, self.confidence);
        let forecast = ValueForecast::new(purchases, self.gamma_gamma, self.gamma_gamma_covariance, horizon);
        let prediction = |customer: &ClvCustomer| {
            let clv = forecast.value(&customer.history(), customer.m);
            let average = forecast.expected_average(&customer.spent());
            let interval = |estimate: Option<Estimate>| estimate.and_then(|estimate| estimate.interval);
            ClvPrediction {
                clv: clv.map(|estimate| estimate.value),
                expected_average: average.map(|estimate| estimate.value),
                clv_interval: interval(clv),
                expected_average_interval: interval(average),
            }
        };
        Ok(ClvPredictResponse {
            customers: self.customers.iter().map(prediction).collect(),
            population_mean: self.gamma_gamma.population_mean().map(round9),
        })
    }
}

impl ClvCustomer {
    pub(super) const fn history(&self) -> PurchaseHistory {
        PurchaseHistory { x: self.x, t_x: self.t_x, age: self.age }
    }

    pub(super) const fn spent(&self) -> SpendHistory {
        SpendHistory { x: self.x, m: self.m }
    }

    /// Notes figures that no customer has; `pointer` says where a field stands.
    pub fn check(&self, pointer: impl Fn(&str) -> String, found: &mut ProblemCollector) {
        self.history().check(&pointer, found);
        if !(self.m.is_finite() && self.m >= 0.0) {
            let text = "a mean amount is a finite number of at least 0";
            found.push(Problem::new(pointer("m"), "out_of_range", text));
        }
    }
}

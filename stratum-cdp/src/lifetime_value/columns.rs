//! Many customers under one pair of models: models that were fitted before, or that are fitted to these customers.

use serde::{Deserialize, Serialize};
use stratum_core::problem::{Problem, ProblemCollector, Problems};

use super::interval::{check_confidence, check_covariance};
use super::{
    BgNbd, ClvCustomer, Estimate, FittedBgNbd, FittedGammaGamma, GammaGamma, Horizon, PurchaseForecast,
    PurchaseHistory, SpendHistory, ValueForecast, fit_bgnbd_while, fit_gamma_gamma_while,
};

/// How the lifetime value of many customers is found.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ClvPolicy {
    /// How often customers come; left out: fitted to the customers.
    #[serde(default)]
    pub bgnbd: Option<BgNbd>,
    /// The covariance of the logarithms of its parameters, as a fit gives it; for a model that is given.
    #[serde(default)]
    pub bgnbd_covariance: Option<[[f64; 4]; 4]>,
    /// What they spend; left out: fitted to the customers.
    #[serde(default)]
    pub gamma_gamma: Option<GammaGamma>,
    /// The covariance of the logarithms of its parameters; for a model that is given.
    #[serde(default)]
    pub gamma_gamma_covariance: Option<[[f64; 3]; 3]>,
    /// How sure the intervals are, 0.5 to 0.999999; null: none are reckoned, which takes a tenth of the time.
    #[serde(default = "confident")]
    pub confidence: Option<f64>,
    /// Months, 1 to 120.
    pub months: u32,
    /// By how much a month makes money worth less, 0 to 1.
    #[serde(default)]
    pub monthly_discount: f64,
    /// How many units of time of the histories a month has: 4.345 for weeks, 30.4375 for days.
    pub periods_per_month: f64,
}

#[expect(clippy::unnecessary_wraps, reason = "the default of a field that may be null")]
const fn confident() -> Option<f64> {
    Some(super::request::default_confidence())
}

/// The models of many customers.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub struct ClvModels {
    /// How often they come.
    pub bgnbd: BgNbd,
    /// The fit that found it; none where it was given.
    pub bgnbd_fit: Option<FittedBgNbd>,
    /// What they spend; none where amounts are not known.
    pub gamma_gamma: Option<GammaGamma>,
    /// The fit that found it.
    pub gamma_gamma_fit: Option<FittedGammaGamma>,
}

impl ClvPolicy {
    /// How sure intervals are, between 0 and 1; where none are asked for, how sure they would be by default.
    #[must_use]
    pub fn interval_confidence(&self) -> f64 {
        self.confidence.unwrap_or_else(super::request::default_confidence)
    }

    const fn horizon(&self) -> Horizon {
        Horizon {
            months: self.months,
            monthly_discount: self.monthly_discount,
            periods_per_month: self.periods_per_month,
        }
    }

    /// Checks what is to be known before the customers are.
    ///
    /// # Errors
    /// Every problem at once: `out_of_range`, and `not_allowed_here` for a covariance without its model.
    pub fn check(&self) -> Result<(), Problems> {
        let mut found = ProblemCollector::new();
        if let Some(model) = &self.bgnbd {
            model.check("/bgnbd", &mut found);
        }
        if let Some(model) = &self.gamma_gamma {
            model.check("/gamma_gamma", &mut found);
        }
        check_confidence(self.interval_confidence(), &mut found);
        check_covariance("/bgnbd_covariance", self.bgnbd_covariance.as_ref(), &mut found);
        check_covariance("/gamma_gamma_covariance", self.gamma_gamma_covariance.as_ref(), &mut found);
        let alone = [
            ("bgnbd", self.bgnbd.is_none() && self.bgnbd_covariance.is_some()),
            ("gamma_gamma", self.gamma_gamma.is_none() && self.gamma_gamma_covariance.is_some()),
        ];
        for (model, _) in alone.into_iter().filter(|(_, alone)| *alone) {
            let text = format!("this is the covariance of {model}, which is not given");
            found.push(
                Problem::new(format!("/{model}_covariance"), "not_allowed_here", text)
                    .help("give the model too, or leave both out to have it fitted"),
            );
        }
        self.horizon().check("", &mut found);
        found.into_result(())
    }

    /// The models: those that are given, and fits to the customers for those that are not. `with_amounts` says whether the mean
    /// amounts are known; `go_on` is asked now and then, and where it says no the models are to be thrown away.
    ///
    /// # Errors
    /// `insufficient_data` where nobody bought again, or, for what they spend, fewer than two did. `out_of_range` for customers
    /// that there are none of, at the field and the customer, `/t_x/7`.
    pub fn models(
        &self,
        customers: &[ClvCustomer],
        with_amounts: bool,
        go_on: &dyn Fn() -> bool,
    ) -> Result<ClvModels, Problems> {
        let mut found = ProblemCollector::new();
        let mut bgnbd_fit = None;
        if self.bgnbd.is_none() {
            let histories: Vec<PurchaseHistory> = customers.iter().map(ClvCustomer::history).collect();
            bgnbd_fit = found.take("", fit_bgnbd_while(&histories, go_on));
        }
        let mut gamma_gamma_fit = None;
        if self.gamma_gamma.is_none() && with_amounts {
            let spent: Vec<SpendHistory> = customers.iter().map(ClvCustomer::spent).collect();
            gamma_gamma_fit = found.take("", fit_gamma_gamma_while(&spent, go_on));
        }
        let bgnbd = self.bgnbd.or(bgnbd_fit.map(|fit| fit.model));
        let Some(bgnbd) = found.into_result(bgnbd)? else {
            return Err(Problem::new("", "insufficient_data", "there is no model of purchases").into());
        };
        let gamma_gamma = self.gamma_gamma.or(gamma_gamma_fit.map(|fit| fit.model)).filter(|_| with_amounts);
        Ok(ClvModels { bgnbd, bgnbd_fit, gamma_gamma, gamma_gamma_fit })
    }

    /// What these models say of customers.
    #[must_use]
    pub fn forecast(&self, models: &ClvModels) -> ClvForecast {
        let sure = self.confidence.is_some();
        let bgnbd_covariance = models.bgnbd_fit.map_or(self.bgnbd_covariance, |fit| fit.covariance);
        let spend_covariance =
            models.gamma_gamma_fit.map_or(self.gamma_gamma_covariance, |fit| fit.covariance);
        let confidence = self.interval_confidence();
        let purchases = PurchaseForecast::new(models.bgnbd, bgnbd_covariance.filter(|_| sure), confidence);
        let horizon = self.horizon();
        let values = models
            .gamma_gamma
            .map(|spend| ValueForecast::new(purchases, spend, spend_covariance.filter(|_| sure), horizon));
        ClvForecast { purchases, values, periods: horizon.periods() }
    }
}

/// What models say of customers within a horizon.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ClvForecast {
    purchases: PurchaseForecast,
    values: Option<ValueForecast>,
    periods: f64,
}

/// What is to be expected of a customer.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub struct ClvRow {
    /// The chance that the customer still comes.
    pub p_alive: Estimate,
    /// The purchases to expect within the horizon.
    pub expected_purchases: Estimate,
    /// The mean amount to expect; none where it is not known.
    pub expected_average: Option<Estimate>,
    /// The value within the horizon, discounted; none where the mean amount is not known.
    pub clv: Option<Estimate>,
}

impl ClvForecast {
    /// What is to be expected of a customer.
    #[must_use]
    pub fn of(&self, customer: &ClvCustomer) -> ClvRow {
        let history = customer.history();
        ClvRow {
            p_alive: self.purchases.p_alive(&history),
            expected_purchases: self.purchases.expected_purchases(&history, self.periods),
            expected_average: self.values.and_then(|values| values.expected_average(&customer.spent())),
            clv: self.values.and_then(|values| values.value(&history, customer.m)),
        }
    }
}

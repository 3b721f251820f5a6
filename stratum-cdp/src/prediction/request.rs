//! Predictions of customers, as every language asks for them.

use serde::{Deserialize, Serialize};
use stratum_core::Currency;
use stratum_core::math::{amount, round9};
use stratum_core::money::MAX_MINOR;
use stratum_core::problem::{Problem, ProblemCollector, Problems};

use super::heuristic::YEAR;
use super::{Base, ChurnBand, CustomerModel, GapSource, LtvClass, Prediction, PredictionFacts};
use crate::lifetime_value::{BgNbd, GammaGamma, PurchaseHistory, SpendHistory};

/// Customers, what is known of all of them, and the model to ask.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct PredictionRequest {
    /// The model; the heuristic where left out.
    #[serde(default = "heuristic")]
    pub model: CustomerModel,
    /// The currency of the amounts.
    #[serde(default = "usd")]
    pub currency: Currency,
    /// What is known of all customers.
    #[serde(default)]
    pub base: PredictionBase,
    /// The fitted models, for `BG_NBD`.
    #[serde(default)]
    pub fitted: Option<BuyTillYouDie>,
    /// The customers.
    pub customers: Vec<PredictionFacts>,
}

const fn heuristic() -> CustomerModel {
    CustomerModel::Heuristic
}

const fn usd() -> Currency {
    Currency::USD
}

/// What is known of all customers of a tenant.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default)]
pub struct PredictionBase {
    /// The median of the days between purchases.
    pub median_gap_days: Option<f64>,
    /// How many customers bought again; fewer than 30 have no common rhythm.
    pub repeat_customers: u64,
    /// The mean amount of a purchase, in minor units.
    pub average_order_cents: Option<i64>,
    /// How many customers ever bought.
    pub buyers: u64,
    /// Over how many days purchases were recorded.
    pub observed_days: u32,
}

/// BG/NBD and Gamma-Gamma, fitted in days and minor units.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct BuyTillYouDie {
    /// How often customers come, in days.
    pub bgnbd: BgNbd,
    /// What they spend, in minor units.
    pub gamma_gamma: GammaGamma,
}

/// What is to be expected of a customer.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct CustomerPrediction {
    /// The chance that the customer has left, 0 to 1.
    pub churn_probability: f64,
    /// The word for it.
    pub churn_band: ChurnBand,
    /// What the next 365 days will bring, in minor units.
    pub ltv_365_cents: i64,
    /// The word for it.
    pub ltv_class: LtvClass,
    /// The days between purchases that the heuristic reckoned with.
    pub gap_days: Option<f64>,
    /// Whose rhythm that is.
    pub gap_source: Option<GapSource>,
}

impl From<Prediction> for CustomerPrediction {
    fn from(prediction: Prediction) -> Self {
        Self {
            churn_probability: prediction.churn_probability,
            churn_band: prediction.churn_band,
            ltv_365_cents: prediction.ltv_365_cents,
            ltv_class: prediction.ltv_class,
            gap_days: prediction.gap.map(|(days, _)| round9(days)),
            gap_source: prediction.gap.map(|(_, source)| source),
        }
    }
}

/// What is to be expected of customers, and by which model.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct PredictionResponse {
    /// The model that made the predictions.
    pub model: CustomerModel,
    /// The customers, in the order of the request; nothing for one without a purchase.
    pub customers: Vec<Option<CustomerPrediction>>,
}

const LEAST_BUYERS: u64 = 1_000;
const LEAST_DAYS: u32 = 365;

/// Whether a tenant with so many buyers over so many days may choose BG/NBD.
#[must_use]
pub const fn may_choose_bgnbd(buyers: u64, observed_days: u32) -> bool {
    buyers >= LEAST_BUYERS && observed_days >= LEAST_DAYS
}

impl PredictionRequest {
    /// Predicts.
    ///
    /// # Errors
    /// Every problem at once: `out_of_range`, `amount_too_large`; for BG/NBD `insufficient_data` where the tenant may not
    /// choose it, and `missing_field` for what it needs.
    pub fn predict(&self) -> Result<PredictionResponse, Problems> {
        let mut found = ProblemCollector::new();
        let predictor = found.take("", self.predictor());
        for (place, facts) in self.customers.iter().enumerate() {
            facts.check(self.model, |field| format!("/customers/{place}/{field}"), &mut found);
        }
        let Some(predictor) = found.into_result(predictor)? else {
            return Err(Problem::new("/model", "invalid", "the model cannot be used").into());
        };
        let customers = self.customers.iter().map(|facts| predictor.predict(facts)).collect();
        Ok(PredictionResponse { model: self.model, customers })
    }

    /// What predicts customers; the customers of the request are not looked at.
    ///
    /// # Errors
    /// Every problem of the model and of what is known of all customers.
    pub fn predictor(&self) -> Result<Predictor, Problems> {
        let mut found = ProblemCollector::new();
        self.check_base(&mut found);
        let fitted = self.fitted.filter(|_| self.model == CustomerModel::BgNbd);
        found.into_result(Predictor { base: self.base(), fitted })
    }

    fn base(&self) -> Base {
        let mut base = Base::new(self.currency);
        if let Some(days) = self.base.median_gap_days {
            base = base.with_gap(days, self.base.repeat_customers);
        }
        if let Some(cents) = self.base.average_order_cents {
            base = base.with_average_order(cents);
        }
        base
    }

    fn check_base(&self, found: &mut ProblemCollector) {
        days(&|| "/base/median_gap_days".to_owned(), self.base.median_gap_days, found);
        cents(&|| "/base/average_order_cents".to_owned(), self.base.average_order_cents, found);
        if self.model != CustomerModel::BgNbd {
            return;
        }
        if !may_choose_bgnbd(self.base.buyers, self.base.observed_days) {
            let text = format!(
                "{} buyers over {} days are too few for BG_NBD, which needs {LEAST_BUYERS} over {LEAST_DAYS}",
                self.base.buyers, self.base.observed_days
            );
            found.push(
                Problem::new("/model", "insufficient_data", text)
                    .help("write HEURISTIC until there are more"),
            );
        }
        match &self.fitted {
            Some(fitted) => {
                fitted.bgnbd.check("/fitted/bgnbd", found);
                fitted.gamma_gamma.check("/fitted/gamma_gamma", found);
            }
            None => found.push(
                Problem::new("/fitted", "missing_field", "BG_NBD predicts from fitted models")
                    .help("fit them with bgnbd.fit and gamma_gamma.fit"),
            ),
        }
    }
}

/// A model that was checked, and what is known of all customers.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Predictor {
    base: Base,
    /// Without them the heuristic predicts.
    fitted: Option<BuyTillYouDie>,
}

impl Predictor {
    /// What is to be expected of a customer whose facts were checked; nothing of one without a purchase.
    #[must_use]
    pub fn predict(&self, facts: &PredictionFacts) -> Option<CustomerPrediction> {
        let predicted = match self.fitted.as_ref() {
            Some(fitted) => fitted.predict(facts, &self.base),
            None => self.base.predict(facts),
        };
        predicted.map(Into::into)
    }
}

fn days(path: &dyn Fn() -> String, days: Option<f64>, found: &mut ProblemCollector) {
    if days.is_some_and(|days| !(days.is_finite() && days >= 0.0)) {
        found.push(Problem::new(path(), "out_of_range", "days are a finite number of at least 0"));
    }
}

fn cents(path: &dyn Fn() -> String, cents: Option<i64>, found: &mut ProblemCollector) {
    if cents.is_some_and(|cents| !(-MAX_MINOR..=MAX_MINOR).contains(&cents)) {
        found.push(Problem::new(
            path(),
            "amount_too_large",
            format!("an amount is at most {MAX_MINOR} minor units"),
        ));
    }
}

impl PredictionFacts {
    /// Notes facts that no customer has, and what the model needs beside; `pointer` says where a field stands.
    pub fn check(
        &self,
        model: CustomerModel,
        pointer: impl Fn(&str) -> String,
        found: &mut ProblemCollector,
    ) {
        let by_bgnbd = model == CustomerModel::BgNbd;
        days(&|| pointer("days_since_last_purchase"), Some(self.days_since_last_purchase), found);
        days(&|| pointer("median_gap_days"), self.median_gap_days, found);
        cents(&|| pointer("revenue_cents"), Some(self.revenue_cents), found);
        cents(&|| pointer("repeat_revenue_cents"), self.repeat_revenue_cents, found);
        if self.purchases > u64::from(u32::MAX) {
            let text = format!("a customer has at most {} purchases", u32::MAX);
            found.push(Problem::new(pointer("purchases"), "out_of_range", text));
        }
        let field = || pointer("days_since_first_purchase");
        match self.days_since_first_purchase {
            Some(first) if !(first.is_finite() && first >= self.days_since_last_purchase) => {
                let text = "the first purchase is not later than the last";
                found.push(Problem::new(field(), "out_of_range", text));
            }
            None if by_bgnbd && self.purchases > 0 => {
                found.push(Problem::new(field(), "missing_field", "BG_NBD reckons from the first purchase"));
            }
            _ => {}
        }
        if by_bgnbd && self.purchases > 1 && self.repeat_revenue_cents.is_none() {
            let text = "Gamma-Gamma reckons with the purchases after the first";
            found.push(Problem::new(pointer("repeat_revenue_cents"), "missing_field", text));
        }
    }
}

impl BuyTillYouDie {
    /// The chance not to be alive, and 365 days of purchases to expect at the amount to expect.
    fn predict(&self, facts: &PredictionFacts, base: &Base) -> Option<Prediction> {
        let x = u32::try_from(facts.purchases.checked_sub(1)?).unwrap_or(u32::MAX);
        let age = facts.days_since_first_purchase?;
        let t_x = if x == 0 { 0.0 } else { age - facts.days_since_last_purchase };
        let history = PurchaseHistory { x, t_x, age };
        let m = if x == 0 { 0.0 } else { amount(facts.repeat_revenue_cents?) / f64::from(x) };
        let average = self.gamma_gamma.expected_average(&SpendHistory { x, m })?;
        let bought = self.bgnbd.expected_purchases(&history, YEAR);
        Some(base.prediction(1.0 - self.bgnbd.p_alive(&history), bought * average, None))
    }
}

//! BG/NBD and Gamma-Gamma against the published parameters, lifetimes and mpmath.

use anyhow::Result;
use serde::Deserialize;
use serde_json::Value;
use stratum_cdp::lifetime_value::{
    BgNbd, GammaGamma, Horizon, PurchaseHistory, SpendHistory, fit_bgnbd, fit_gamma_gamma,
};

use super::statistics::Tolerance;
use super::{Tally, list};

#[derive(Deserialize)]
struct Case<Input> {
    name: String,
    input: Input,
    expect: Expected,
    tolerance: Tolerance,
}

/// What any of the cases expects; what is for reading is left out.
#[derive(Deserialize)]
struct Expected {
    params: Option<Value>,
    log_likelihood: Option<f64>,
    customers: Option<Vec<ExpectedCustomer>>,
    expected: Option<Vec<f64>>,
    population_mean: Option<f64>,
    clv: Option<Vec<f64>>,
}

#[derive(Deserialize)]
struct ExpectedCustomer {
    p_alive: f64,
    expected: Vec<f64>,
}

#[derive(Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
enum Purchases {
    Fit(Histories),
    LogLikelihood {
        params: BgNbd,
        #[serde(flatten)]
        histories: Histories,
    },
    Predict {
        params: BgNbd,
        customers: Vec<PurchaseHistory>,
        t: Vec<f64>,
    },
    ExpectedNew {
        params: BgNbd,
        t: Vec<f64>,
    },
}

#[derive(Deserialize)]
struct Histories {
    x: Vec<u32>,
    t_x: Vec<f64>,
    #[serde(rename = "T")]
    ages: Vec<f64>,
}

impl Histories {
    fn customers(&self) -> Vec<PurchaseHistory> {
        let columns = self.x.iter().zip(&self.t_x).zip(&self.ages);
        columns.map(|((&x, &t_x), &age)| PurchaseHistory { x, t_x, age }).collect()
    }
}

/// A number that was computed, under the name by which a tolerance may know it.
type Found = Vec<(String, f64)>;

fn numbers(name: &str, values: impl IntoIterator<Item = f64>) -> Found {
    values.into_iter().map(|value| (name.to_owned(), value)).collect()
}

fn params(value: Value) -> Found {
    let by_name = value.as_object().cloned().unwrap_or_default();
    by_name.into_iter().map(|(name, value)| (name, value.as_f64().unwrap_or(f64::NAN))).collect()
}

impl Expected {
    fn numbers(self) -> Found {
        let mut all = self.params.map(params).unwrap_or_default();
        all.extend(numbers("log_likelihood", self.log_likelihood));
        for customer in self.customers.unwrap_or_default() {
            all.extend(numbers("p_alive", [customer.p_alive]));
            all.extend(numbers("expected", customer.expected));
        }
        all.extend(numbers("expected", self.expected.unwrap_or_default()));
        all.extend(numbers("population_mean", self.population_mean));
        all.extend(numbers("clv", self.clv.unwrap_or_default()));
        all
    }
}

fn wrong(found: Result<Found>, expected: Expected, tolerance: &Tolerance) -> Option<String> {
    let expected = expected.numbers();
    match found {
        Err(refused) => Some(refused.to_string()),
        Ok(found) if found.len() != expected.len() => {
            Some(format!("{} numbers came out, expected {}", found.len(), expected.len()))
        }
        Ok(found) => found.iter().zip(&expected).find_map(|((name, found), (expected_name, expected))| {
            let mixed_up =
                (name != expected_name).then(|| format!("{name} stands where {expected_name} should"));
            mixed_up.or_else(|| tolerance.wrong(name, *found, *expected))
        }),
    }
}

impl Purchases {
    fn run(&self) -> Result<Found> {
        Ok(match self {
            Self::Fit(histories) => {
                let fitted = fit_bgnbd(&histories.customers())?;
                let mut found = params(serde_json::to_value(fitted.model)?);
                found.extend(numbers("log_likelihood", [fitted.log_likelihood]));
                found
            }
            Self::LogLikelihood { params, histories } => {
                numbers("log_likelihood", [params.log_likelihood(&histories.customers())])
            }
            Self::Predict { params, customers, t } => {
                let mut found = Vec::new();
                for customer in customers {
                    found.extend(numbers("p_alive", [params.p_alive(customer)]));
                    found.extend(numbers(
                        "expected",
                        t.iter().map(|&t| params.expected_purchases(customer, t)),
                    ));
                }
                found
            }
            Self::ExpectedNew { params, t } => {
                numbers("expected", t.iter().map(|&t| params.expected_of_new(t)))
            }
        })
    }
}

pub(super) fn bgnbd(content: &Value, tally: &mut Tally) -> Result<()> {
    for case in list::<Case<Purchases>>(content, "cases")? {
        tally.count(&case.name, wrong(case.input.run(), case.expect, &case.tolerance));
    }
    Ok(())
}

#[derive(Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
enum Spend {
    Fit {
        x: Vec<u32>,
        m: Vec<f64>,
    },
    LogLikelihood {
        params: GammaGamma,
        x: Vec<u32>,
        m: Vec<f64>,
    },
    ExpectedAverage {
        params: GammaGamma,
        customers: Vec<SpendHistory>,
    },
    Clv {
        bgnbd: BgNbd,
        gamma_gamma: GammaGamma,
        customers: Vec<Customer>,
        #[serde(flatten)]
        horizon: Horizon,
    },
}

#[derive(Deserialize)]
struct Customer {
    x: u32,
    t_x: f64,
    #[serde(rename = "T")]
    age: f64,
    m: f64,
}

fn spending(x: &[u32], m: &[f64]) -> Vec<SpendHistory> {
    x.iter().zip(m).map(|(&x, &m)| SpendHistory { x, m }).collect()
}

impl Spend {
    fn run(&self) -> Result<Found> {
        Ok(match self {
            Self::Fit { x, m } => {
                let fitted = fit_gamma_gamma(&spending(x, m))?;
                let mut found = params(serde_json::to_value(fitted.model)?);
                found.extend(numbers("log_likelihood", [fitted.log_likelihood]));
                found
            }
            Self::LogLikelihood { params, x, m } => {
                numbers("log_likelihood", [params.log_likelihood(&spending(x, m))])
            }
            Self::ExpectedAverage { params, customers } => {
                let mut found =
                    numbers("expected", customers.iter().filter_map(|c| params.expected_average(c)));
                found.extend(numbers("population_mean", params.population_mean()));
                found
            }
            Self::Clv { bgnbd, gamma_gamma, customers, horizon } => {
                let value = |&Customer { x, t_x, age, m }: &Customer| {
                    horizon.value(bgnbd, gamma_gamma, &PurchaseHistory { x, t_x, age }, m)
                };
                numbers("clv", customers.iter().filter_map(value))
            }
        })
    }
}

pub(super) fn gamma_gamma(content: &Value, tally: &mut Tally) -> Result<()> {
    for case in list::<Case<Spend>>(content, "cases")? {
        tally.count(&case.name, wrong(case.input.run(), case.expect, &case.tolerance));
    }
    Ok(())
}

//! The Gamma-Gamma model of spend: each customer spends around a mean of their own, and these means vary.

use serde::{Deserialize, Serialize};
use stratum_core::math::{CompensatedSum, exp, ln, ln_gamma};
use stratum_core::problem::{Problem, ProblemCollector, Problems};
use stratum_core::statistics::{Evaluation, LogLikelihood, Maximum, digamma, maximise, trigamma};

use super::SpendHistory;
use super::called_off::While;
use super::interval::{self, Interval};

/// The parameters of the model.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct GammaGamma {
    /// Shape of the amounts of one customer.
    pub p: f64,
    /// Shape of the distribution of the customers' scales.
    pub q: f64,
    /// Its rate, in the unit of money of the histories.
    pub v: f64,
}

impl GammaGamma {
    /// A model with these parameters.
    ///
    /// # Errors
    /// `out_of_range` for every one that is not finite and above 0.
    pub fn new(p: f64, q: f64, v: f64) -> Result<Self, Problems> {
        let model = Self { p, q, v };
        let mut found = ProblemCollector::new();
        model.check("", &mut found);
        found.into_result(model)
    }

    pub(crate) fn check(&self, path: &str, found: &mut ProblemCollector) {
        for (name, value) in [("p", self.p), ("q", self.q), ("v", self.v)] {
            if !(value.is_finite() && value > 0.0) {
                let text = format!("{name} is a finite number above 0");
                found.push(Problem::new(format!("{path}/{name}"), "out_of_range", text));
            }
        }
    }

    /// The mean amount over all customers; none for q of 1 or less, where the mean is infinite.
    #[must_use]
    pub fn population_mean(&self) -> Option<f64> {
        (self.q > 1.0).then(|| self.v * self.p / (self.q - 1.0))
    }

    /// The mean amount to expect from a customer: their own, drawn towards that of all the more the less they bought. None for
    /// one who is not known by a repeat purchase where the mean of all is infinite.
    #[must_use]
    pub fn expected_average(&self, customer: &SpendHistory) -> Option<f64> {
        let own = self.p * f64::from(customer.x);
        let known = own + self.q - 1.0;
        // The published form, (1 − w) v p/(q − 1) + w m with w = p x/(p x + q − 1), over one line.
        (known > 0.0).then(|| (self.v * self.p + own * customer.m) / known)
    }

    pub(super) const fn as_array(&self) -> [f64; 3] {
        [self.p, self.q, self.v]
    }

    pub(super) const fn from_array([p, q, v]: [f64; 3]) -> Self {
        Self { p, q, v }
    }

    /// The logarithm of the likelihood of these amounts. Customers without a repeat purchase say nothing.
    #[must_use]
    pub fn log_likelihood(&self, customers: &[SpendHistory]) -> f64 {
        Spending::new(customers).at(&[ln(self.p), ln(self.q), ln(self.v)]).value
    }
}

/// A model, and how well the data say it.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub struct FittedGammaGamma {
    /// The parameters.
    pub model: GammaGamma,
    /// The logarithm of the likelihood of all amounts under them.
    pub log_likelihood: f64,
    /// Whether the search ended at a maximum.
    pub converged: bool,
    /// How often the likelihood was evaluated.
    pub evaluations: u32,
    /// The covariance of the logarithms of p, q and v; none where the likelihood is flat in some direction.
    pub covariance: Option<[[f64; 3]; 3]>,
}

impl FittedGammaGamma {
    /// The intervals of p, q and v.
    #[must_use]
    pub fn intervals(&self, confidence: f64) -> Option<[Interval; 3]> {
        let [[p, ..], [_, q, _], [.., v]] = self.covariance?;
        let reach = interval::reach(confidence);
        Some([
            interval::of_parameter(self.model.p, p, reach),
            interval::of_parameter(self.model.q, q, reach),
            interval::of_parameter(self.model.v, v, reach),
        ])
    }
}

/// Fits the model to customers with a repeat purchase, in whatever order they stand; the others say nothing of spend.
/// A problem stands at the field and the customer, `/m/7`.
///
/// # Errors
/// `out_of_range` for an amount that is not finite and above 0, `insufficient_data` with fewer than two customers.
pub fn fit_gamma_gamma(customers: &[SpendHistory]) -> Result<FittedGammaGamma, Problems> {
    fit_gamma_gamma_while(customers, &|| true)
}

/// The same as long as `go_on` says so, which is asked before each look at all customers. What is found where it says no is
/// to be thrown away.
///
/// # Errors
/// As [`fit_gamma_gamma`].
pub fn fit_gamma_gamma_while(
    customers: &[SpendHistory],
    go_on: &dyn Fn() -> bool,
) -> Result<FittedGammaGamma, Problems> {
    let mut found = ProblemCollector::new();
    for (place, customer) in customers.iter().enumerate() {
        if customer.x > 0 && !(customer.m.is_finite() && customer.m > 0.0) {
            let text = "the mean amount of a customer who bought again is above 0";
            found.push(Problem::new(format!("/m/{place}"), "out_of_range", text));
        }
    }
    found.into_result(())?;
    let spending = Spending::new(customers);
    if spending.customers < 2.0 {
        return Err(Problem::new("", "insufficient_data", "fewer than two customers bought again")
            .help("a model of spend needs customers who returned")
            .into());
    }
    // A mean like theirs, with middling spread.
    let start = [ln(2.0), ln(3.0), ln(spending.mean())];
    let Maximum { parameters: [p, q, v], value, covariance, evaluations, converged } =
        maximise(&While { likelihood: &spending, go_on }, start);
    Ok(FittedGammaGamma {
        model: GammaGamma { p: exp(p), q: exp(q), v: exp(v) },
        log_likelihood: value,
        converged,
        evaluations,
        covariance,
    })
}

/// Customers with the same number of repeat purchases.
struct Group {
    x: f64,
    customers: f64,
    ln_m: f64,
    amounts: Vec<f64>,
}

struct Spending {
    groups: Vec<Group>,
    customers: f64,
}

impl Spending {
    /// In an order that does not depend on the order of the customers.
    fn new(customers: &[SpendHistory]) -> Self {
        let mut sorted: Vec<SpendHistory> =
            customers.iter().filter(|customer| customer.x > 0).copied().collect();
        sorted.sort_unstable_by(|a, b| a.x.cmp(&b.x).then(a.m.total_cmp(&b.m)));
        let mut groups: Vec<Group> = Vec::new();
        let mut count = 0.0;
        for SpendHistory { x, m } in sorted {
            let x = f64::from(x);
            count += 1.0;
            if groups.last().is_none_or(|group| group.x != x) {
                groups.push(Group { x, customers: 0.0, ln_m: 0.0, amounts: Vec::new() });
            }
            if let Some(group) = groups.last_mut() {
                group.customers += 1.0;
                group.ln_m += ln(m);
                group.amounts.push(m);
            }
        }
        Self { groups, customers: count }
    }

    fn mean(&self) -> f64 {
        let total: f64 = self.groups.iter().flat_map(|group| &group.amounts).sum();
        total / self.customers
    }
}

/// Logarithms further out than this are of parameters that the data do not determine.
const FARTHEST: f64 = 30.0;

impl LogLikelihood<3> for Spending {
    fn at(&self, logarithms: &[f64; 3]) -> Evaluation<3> {
        if logarithms.iter().any(|logarithm| logarithm.is_nan() || logarithm.abs() > FARTHEST) {
            return Evaluation { value: f64::NEG_INFINITY, gradient: [0.0; 3], hessian: [[0.0; 3]; 3] };
        }
        let [p, q, v] = logarithms.map(exp);
        let mut value = CompensatedSum::default();
        let (mut g_p, mut g_q, mut g_v) = (0.0, 0.0, 0.0);
        let (mut pp, mut pq, mut pv, mut qq, mut qv, mut vv) = (0.0, 0.0, 0.0, 0.0, 0.0, 0.0);
        for Group { x, customers, ln_m, amounts } in &self.groups {
            let (x, n) = (*x, *customers);
            let own = p * x;
            let (mut ln_u, mut u_1, mut u_2) = (0.0, 0.0, 0.0);
            for m in amounts {
                let u = x * m + v;
                ln_u += ln(u);
                u_1 += 1.0 / u;
                u_2 += 1.0 / (u * u);
            }
            value.add(n * (ln_gamma(own + q) - ln_gamma(own) - ln_gamma(q) + q * ln(v) + own * ln(x)));
            value.add((own - 1.0) * ln_m - (own + q) * ln_u);
            let (psi, psi_2) = (digamma(own + q), trigamma(own + q));
            g_p += x * (n * (psi - digamma(own) + ln(x)) + ln_m - ln_u);
            g_q += n * (psi - digamma(q) + ln(v)) - ln_u;
            g_v += n * q / v - (own + q) * u_1;
            pp += n * x * x * (psi_2 - trigamma(own));
            pq += n * x * psi_2;
            pv -= x * u_1;
            qq += n * (psi_2 - trigamma(q));
            qv += n / v - u_1;
            vv += (own + q) * u_2 - n * q / (v * v);
        }
        // From the parameters to their logarithms.
        let (g_p, g_q, g_v) = (g_p * p, g_q * q, g_v * v);
        let (pq, pv, qv) = (pq * p * q, pv * p * v, qv * q * v);
        Evaluation {
            value: value.value(),
            gradient: [g_p, g_q, g_v],
            hessian: [[pp * p * p + g_p, pq, pv], [pq, qq * q * q + g_q, qv], [pv, qv, vv * v * v + g_v]],
        }
    }
}

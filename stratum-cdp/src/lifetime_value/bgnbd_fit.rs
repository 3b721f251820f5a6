//! The BG/NBD parameters under which the purchases of many customers are most likely.
//!
//! The likelihood is that of Fader, Hardie and Lee (2005, equation 6), taken apart so that what depends on x alone is
//! computed once for each x, and equal histories once with a weight. First and second derivatives are exact, so a few Newton
//! steps suffice; the first of them on an even sample.

use std::cmp::Ordering;

use stratum_core::math::{CompensatedSum, exp, ln, ln_gamma};
use stratum_core::problem::{Problem, ProblemCollector, Problems};
use stratum_core::statistics::{Evaluation, LogLikelihood, Maximum, digamma, maximise, trigamma};

use super::called_off::While;
use super::interval::{self, Interval};
use super::{BgNbd, PurchaseHistory};

/// A model, and how well the data say it.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub struct FittedBgNbd {
    /// The parameters.
    pub model: BgNbd,
    /// The logarithm of the likelihood of all purchases under them.
    pub log_likelihood: f64,
    /// Whether the search ended at a maximum. If not, the data do not determine all four parameters.
    pub converged: bool,
    /// How often the likelihood of all customers was evaluated.
    pub evaluations: u32,
    /// The covariance of the logarithms of r, alpha, a and b; none where the likelihood is flat in some direction.
    pub covariance: Option<[[f64; 4]; 4]>,
}

impl FittedBgNbd {
    /// The intervals of r, alpha, a and b.
    #[must_use]
    pub fn intervals(&self, confidence: f64) -> Option<[Interval; 4]> {
        let covariance = self.covariance?;
        let reach = interval::reach(confidence);
        let values = self.model.as_array();
        let mut intervals = values.map(|value| Interval { low: value, high: value });
        for (place, (interval, value)) in intervals.iter_mut().zip(values).enumerate() {
            let variance = covariance.get(place).and_then(|row| row.get(place)).copied().unwrap_or(f64::NAN);
            *interval = interval::of_parameter(value, variance, reach);
        }
        Some(intervals)
    }
}

/// Fits the model to customers, in whatever order they stand. A problem stands at the field and the customer, `/t_x/7`.
///
/// # Errors
/// `insufficient_data` if nobody bought again, or nobody has an age; `out_of_range` for histories that no customer has.
pub fn fit_bgnbd(customers: &[PurchaseHistory]) -> Result<FittedBgNbd, Problems> {
    fit_bgnbd_while(customers, &|| true)
}

/// The same as long as `go_on` says so, which is asked before each look at all customers. What is found where it says no is
/// to be thrown away.
///
/// # Errors
/// As [`fit_bgnbd`].
pub fn fit_bgnbd_while(
    customers: &[PurchaseHistory],
    go_on: &dyn Fn() -> bool,
) -> Result<FittedBgNbd, Problems> {
    let mut found = ProblemCollector::new();
    for (place, customer) in customers.iter().enumerate() {
        customer.check(|field| format!("/{field}/{place}"), &mut found);
    }
    found.into_result(())?;
    let repeats: f64 = customers.iter().map(|customer| f64::from(customer.x)).sum();
    let ages: f64 = customers.iter().map(|customer| customer.age).sum();
    if repeats <= 0.0 || ages <= 0.0 {
        return Err(Problem::new("", "insufficient_data", "nobody here bought a second time")
            .help("a model of returning needs customers who returned")
            .into());
    }
    let all = Histories::new(customers);
    // The rate of purchases as if all customers were alike and stayed.
    let mut start = [0.0, ln(ages / repeats), 0.0, ln(3.0)];
    if let Some(sample) = all.sample() {
        let rough = maximise(&sample, start);
        if rough.converged {
            start = rough.parameters;
        }
    }
    let Maximum { parameters, value, covariance, evaluations, converged } =
        maximise(&While { likelihood: &all, go_on }, start);
    Ok(FittedBgNbd {
        model: BgNbd::from_array(parameters.map(exp)),
        log_likelihood: value,
        converged,
        evaluations,
        covariance,
    })
}

impl BgNbd {
    /// The logarithm of the likelihood of these purchases.
    #[must_use]
    pub fn log_likelihood(&self, customers: &[PurchaseHistory]) -> f64 {
        Histories::new(customers).at(&self.as_array().map(ln)).value
    }
}

/// Customers with the same number of repeat purchases.
struct Group {
    x: f64,
    customers: f64,
    rows: Vec<Row>,
}

/// Customers with the same history.
#[derive(Clone, Copy)]
struct Row {
    t_x: f64,
    age: f64,
    weight: f64,
}

struct Histories {
    groups: Vec<Group>,
}

impl Histories {
    /// Equal histories together, in an order that does not depend on the order of the customers: sums come out the same to
    /// the last bit.
    fn new(customers: &[PurchaseHistory]) -> Self {
        let mut sorted: Vec<(u32, f64, f64)> =
            customers.iter().map(|customer| (customer.x, customer.age, customer.t_x)).collect();
        sorted.sort_unstable_by(order);
        let mut groups: Vec<Group> = Vec::new();
        for (x, age, t_x) in sorted {
            let x = f64::from(x);
            if groups.last().is_none_or(|group| group.x != x) {
                groups.push(Group { x, customers: 0.0, rows: Vec::new() });
            }
            let Some(group) = groups.last_mut() else { continue };
            group.customers += 1.0;
            match group.rows.last_mut() {
                Some(row) if row.age == age && row.t_x == t_x => row.weight += 1.0,
                _ => group.rows.push(Row { t_x, age, weight: 1.0 }),
            }
        }
        Self { groups }
    }

    /// An even sample of many histories: enough to begin near the maximum.
    fn sample(&self) -> Option<Self> {
        const SAMPLE: usize = 3_000;
        let rows: usize = self.groups.iter().map(|group| group.rows.len()).sum();
        let stride = rows.checked_div(SAMPLE)?;
        if stride < 4 {
            return None;
        }
        let mut position = 0_usize;
        let mut groups = Vec::new();
        for group in &self.groups {
            let mut rows = Vec::new();
            for row in &group.rows {
                if position.is_multiple_of(stride) {
                    rows.push(*row);
                }
                position = position.wrapping_add(1);
            }
            if !rows.is_empty() {
                let customers = rows.iter().map(|row| row.weight).sum();
                groups.push(Group { x: group.x, customers, rows });
            }
        }
        Some(Self { groups })
    }
}

fn order(a: &(u32, f64, f64), b: &(u32, f64, f64)) -> Ordering {
    a.0.cmp(&b.0).then(a.1.total_cmp(&b.1)).then(a.2.total_cmp(&b.2))
}

/// Logarithms further out than this from one are of parameters that the data do not determine.
const FARTHEST: f64 = 30.0;

impl LogLikelihood<4> for Histories {
    fn at(&self, logarithms: &[f64; 4]) -> Evaluation<4> {
        let nowhere = Evaluation { value: f64::NEG_INFINITY, gradient: [0.0; 4], hessian: [[0.0; 4]; 4] };
        if logarithms.iter().any(|logarithm| logarithm.is_nan() || logarithm.abs() > FARTHEST) {
            return nowhere;
        }
        let model = logarithms.map(exp);
        let mut value = CompensatedSum::default();
        let mut gradient = [0.0; 4];
        let mut hessian = [[0.0; 4]; 4];
        for group in &self.groups {
            group.add(model, &mut value, &mut gradient, &mut hessian);
        }
        // From the parameters to their logarithms.
        let chained = |place: usize, i: f64| gradient.get(place).copied().unwrap_or(0.0) * i;
        let mut by_logarithm = [0.0; 4];
        for (place, (slope, parameter)) in by_logarithm.iter_mut().zip(model).enumerate() {
            *slope = chained(place, parameter);
        }
        for (i, (row, of_row)) in hessian.iter_mut().zip(model).enumerate() {
            for (j, (entry, of_column)) in row.iter_mut().zip(model).enumerate() {
                *entry *= of_row * of_column;
                if i == j {
                    *entry += chained(i, of_row);
                }
            }
        }
        Evaluation { value: value.value(), gradient: by_logarithm, hessian }
    }
}

/// Sums over the customers of one group. p is the chance to have left, q = p (1 − p), d and e the slopes of the log-odds of
/// having left by r and, but for the factor r + x, by alpha.
#[derive(Default)]
struct Sums {
    ln_age: f64,
    ln_left: f64,
    age_1: f64,
    age_2: f64,
    p: f64,
    p_d: f64,
    p_e: f64,
    p_f: f64,
    q: f64,
    q_d: f64,
    q_e: f64,
    q_dd: f64,
    q_de: f64,
    q_ee: f64,
}

/// A sum of logarithms as the logarithm of a product, taken before it overflows.
struct LogProduct {
    sum: f64,
    product: f64,
}

impl LogProduct {
    const fn new() -> Self {
        Self { sum: 0.0, product: 1.0 }
    }

    /// Multiplies by `factor` (1e-100 to 1e100) to the power of `weight`.
    fn add(&mut self, factor: f64, weight: f64) {
        if weight == 1.0 {
            self.product *= factor;
            if !(1e-150..=1e150).contains(&self.product) {
                self.sum += ln(self.product);
                self.product = 1.0;
            }
        } else {
            self.sum += weight * ln(factor);
        }
    }

    fn value(self) -> f64 {
        self.sum + ln(self.product)
    }
}

impl Group {
    fn sums(&self, [r, alpha, a, b]: [f64; 4]) -> Sums {
        let s = r + self.x;
        let odds = a / (b + self.x - 1.0);
        let mut sums = Sums::default();
        let mut ages = LogProduct::new();
        let mut lefts = LogProduct::new();
        for &Row { t_x, age, weight } in &self.rows {
            let (u, v) = (alpha + age, alpha + t_x);
            let over_u = 1.0 / u;
            ages.add(u, weight);
            sums.age_1 += weight * over_u;
            sums.age_2 += weight * over_u * over_u;
            if self.x == 0.0 {
                continue;
            }
            let over_v = 1.0 / v;
            let d = ln(u * over_v);
            let e = over_u - over_v;
            let f = over_v * over_v - over_u * over_u;
            // Odds of 1e100 to have left are certainty in every digit.
            let left = (odds * exp(s * d)).min(1e100);
            let stays = 1.0 / (1.0 + left);
            lefts.add(1.0 + left, weight);
            let p = weight * left * stays;
            let q = p * stays;
            sums.p += p;
            sums.p_d += p * d;
            sums.p_e += p * e;
            sums.p_f += p * f;
            sums.q += q;
            sums.q_d += q * d;
            sums.q_e += q * e;
            sums.q_dd += q * d * d;
            sums.q_de += q * d * e;
            sums.q_ee += q * e * e;
        }
        sums.ln_age = ages.value();
        sums.ln_left = lefts.value();
        sums
    }

    fn add(
        &self,
        model: [f64; 4],
        value: &mut CompensatedSum,
        gradient: &mut [f64; 4],
        hessian: &mut [[f64; 4]; 4],
    ) {
        let [r, alpha, a, b] = model;
        let (x, n) = (self.x, self.customers);
        let s = r + x;
        let k = b + x - 1.0;
        let sums = self.sums(model);
        value.add(n * (ln_gamma(s) - ln_gamma(r) + r * ln(alpha)));
        value.add(n * (ln_gamma(a + b) - ln_gamma(a + b + x) + ln_gamma(b + x) - ln_gamma(b)));
        value.add(-s * sums.ln_age);
        value.add(sums.ln_left);
        let [g_r, g_alpha, g_a, g_b] = gradient;
        let [h_r, h_alpha, h_a, h_b] = hessian;
        let (both, both_2) = (digamma(a + b) - digamma(a + b + x), trigamma(a + b) - trigamma(a + b + x));
        *g_r += n * (digamma(s) - digamma(r) + ln(alpha)) - sums.ln_age + sums.p_d;
        *g_alpha += n * r / alpha + s * (sums.p_e - sums.age_1);
        *g_a += n * both + sums.p / a;
        let rr = n * (trigamma(s) - trigamma(r)) + sums.q_dd;
        let r_alpha = n / alpha - sums.age_1 + sums.p_e + s * sums.q_de;
        let alpha_alpha = s * (sums.age_2 + sums.p_f + s * sums.q_ee) - n * r / (alpha * alpha);
        let (r_a, alpha_a) = (sums.q_d / a, s * sums.q_e / a);
        let aa = n * both_2 + (sums.q - sums.p) / (a * a);
        // Without a repeat purchase nothing is known of b.
        let (mut r_b, mut alpha_b, mut ab, mut bb) = (0.0, 0.0, 0.0, 0.0);
        if x > 0.0 {
            *g_b += n * (both + digamma(b + x) - digamma(b)) - sums.p / k;
            r_b = -sums.q_d / k;
            alpha_b = -s * sums.q_e / k;
            ab = n * both_2 - sums.q / (a * k);
            bb = n * (both_2 + trigamma(b + x) - trigamma(b)) + (sums.q + sums.p) / (k * k);
        }
        let rows = [
            (h_r, [rr, r_alpha, r_a, r_b]),
            (h_alpha, [r_alpha, alpha_alpha, alpha_a, alpha_b]),
            (h_a, [r_a, alpha_a, aa, ab]),
            (h_b, [r_b, alpha_b, ab, bb]),
        ];
        for (row, more) in rows {
            for (entry, more) in row.iter_mut().zip(more) {
                *entry += more;
            }
        }
    }
}

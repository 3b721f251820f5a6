//! `clv.predict` over columns of customers: the models are given, or fitted to these customers.

use std::cell::RefCell;

use serde_json::Value;
use stratum_cdp::lifetime_value::{ClvCustomer, ClvForecast, ClvModels, ClvPolicy, ClvRow, Estimate};
use stratum_core::problem::{Problem, Problems};

use super::faults::Faults;
use crate::batch::{
    Answer, Batch, ColumnKind, ColumnSpec, Columns, NO_INTEGER, Output, Progress, Run, Table, TextColumn,
};

/// Customers, a row each, in the words of the field: what single requests call `x`, `t_x`, `T` and `m`. The answer has a row for
/// each; amounts and values where `monetary_value` is there. The tables `parameters`, `fits` and the covariances say by which
/// models: given again as policy, they say the same of these customers and of others.
pub static BATCH: Batch = Batch {
    columns: &[
        ColumnSpec::required("frequency", ColumnKind::Integer, "Purchases after the first."),
        ColumnSpec::required(
            "recency",
            ColumnKind::Number,
            "The age at the last purchase: the time from the first to it; 0 without a repeat purchase.",
        ),
        ColumnSpec::required("T", ColumnKind::Number, "The age now: the time since the first purchase."),
        ColumnSpec::optional(
            "monetary_value",
            ColumnKind::Number,
            "The mean amount of the repeat purchases; without one it may be missing.",
        ),
    ],
    further: None,
    run: Run::Whole(run),
};

/// What a row calls a field, and what its column is called.
const NAMES: &[(&str, &str)] = &[("x", "frequency"), ("t_x", "recency"), ("T", "T"), ("m", "monetary_value")];

/// So many customers are looked at before the next look whether to go on.
const CUSTOMERS_AT_ONCE: usize = 1_024;

fn run(policy: &Value, pieces: &[Columns<'_>], progress: &Progress<'_>) -> Result<Answer, Problems> {
    let policy: ClvPolicy = crate::request::part(policy, "/policy")?;
    let mut faults = Faults::default();
    faults.take("/policy", policy.check());
    let with_amounts = pieces.iter().any(|piece| piece.get("monetary_value").is_some());
    let customers = customers(pieces, with_amounts, &mut faults);
    let customers = faults.into_result(customers)?;
    let models = models(&policy, &customers, with_amounts, progress)?;
    let forecast = policy.forecast(&models);
    let parts: Vec<&[ClvCustomer]> = customers.chunks(CUSTOMERS_AT_ONCE).collect();
    let found = progress.each(parts.len(), CUSTOMERS_AT_ONCE, |part| {
        Predicted::of(parts.get(part).copied().unwrap_or_default(), &forecast)
    })?;
    let mut all = Predicted::default();
    found.into_iter().for_each(|part| all.append(part));
    Ok(fitted(all.table(policy.confidence.is_some(), with_amounts).into(), &policy, &models))
}

fn customers(pieces: &[Columns<'_>], with_amounts: bool, faults: &mut Faults) -> Vec<ClvCustomer> {
    let mut customers = Vec::with_capacity(pieces.iter().map(Columns::rows).sum());
    for piece in pieces {
        let frequency = piece.integers("frequency").unwrap_or_default();
        let recency = piece.numbers("recency").unwrap_or_default();
        let ages = piece.numbers("T").unwrap_or_default();
        let amounts = piece.numbers("monetary_value");
        for (place, ((&x, &t_x), &age)) in frequency.iter().zip(recency).zip(ages).enumerate() {
            let row = customers.len();
            let missing = [("frequency", x == NO_INTEGER), ("recency", t_x.is_nan()), ("T", age.is_nan())];
            for (column, _) in missing.into_iter().filter(|(_, missing)| *missing) {
                faults.missing(column, row);
            }
            let x = if x == NO_INTEGER { Some(0) } else { u32::try_from(x).ok() };
            if x.is_none() {
                faults.check(row, NAMES, |found| {
                    let text = format!("purchases are 0 to {}", u32::MAX);
                    found.push(Problem::new("/x", "out_of_range", text));
                });
            }
            let mut m = amounts.and_then(|amounts| amounts.get(place)).copied().unwrap_or(f64::NAN);
            if m.is_nan() {
                if with_amounts && x.is_some_and(|x| x > 0) {
                    faults.missing("monetary_value", row);
                }
                m = 0.0;
            }
            let customer = ClvCustomer { x: x.unwrap_or_default(), t_x, age, m };
            if missing.iter().all(|(_, missing)| !missing) && x.is_some() {
                faults.check(row, NAMES, |found| customer.check(|field| format!("/{field}"), found));
            }
            customers.push(customer);
        }
    }
    customers
}

/// The models; somebody is asked before each look at all customers whether to go on.
fn models(
    policy: &ClvPolicy,
    customers: &[ClvCustomer],
    with_amounts: bool,
    progress: &Progress<'_>,
) -> Result<ClvModels, Problems> {
    let called_off: RefCell<Option<Problems>> = RefCell::new(None);
    let go_on = || {
        let mut called_off = called_off.borrow_mut();
        if called_off.is_none() {
            *called_off = progress.advance(0).err();
        }
        called_off.is_none()
    };
    let models = policy.models(customers, with_amounts, &go_on);
    match called_off.into_inner() {
        Some(problems) => Err(problems),
        None => models.map_err(|problems| by_column(&problems)),
    }
}

/// What a fit says of the row of a field, said of the row of its column.
fn by_column(problems: &Problems) -> Problems {
    let mut faults = Faults::default();
    for problem in problems {
        let mut steps = problem.path.split('/').skip(1);
        match (steps.next(), steps.next().and_then(|row| row.parse().ok())) {
            (Some(field), Some(row)) => faults.check(row, NAMES, |found| {
                let mut said = problem.clone();
                said.path = format!("/{field}");
                found.push(said);
            }),
            _ => {
                faults.take::<()>("", Err(problem.clone().into()));
            }
        }
    }
    faults.into_result(()).err().unwrap_or_else(|| problems.clone())
}

/// An estimate of each row, with its interval.
#[derive(Default)]
struct Estimates {
    values: Vec<f64>,
    low: Vec<f64>,
    high: Vec<f64>,
}

impl Estimates {
    fn push(&mut self, estimate: Option<Estimate>) {
        let interval = estimate.and_then(|estimate| estimate.interval);
        self.values.push(estimate.map_or(f64::NAN, |estimate| estimate.value));
        self.low.push(interval.map_or(f64::NAN, |interval| interval.low));
        self.high.push(interval.map_or(f64::NAN, |interval| interval.high));
    }

    fn append(&mut self, mut more: Self) {
        self.values.append(&mut more.values);
        self.low.append(&mut more.low);
        self.high.append(&mut more.high);
    }

    fn write(self, table: Table, name: &'static str, intervals: bool) -> Table {
        let table = table.with(name, Output::Numbers(self.values));
        if !intervals {
            return table;
        }
        table
            .with(format!("{name}_low"), Output::Numbers(self.low))
            .with(format!("{name}_high"), Output::Numbers(self.high))
    }
}

/// What is said of customers.
#[derive(Default)]
struct Predicted {
    p_alive: Estimates,
    expected_purchases: Estimates,
    expected_average: Estimates,
    clv: Estimates,
}

impl Predicted {
    fn of(customers: &[ClvCustomer], forecast: &ClvForecast) -> Self {
        let mut predicted = Self::default();
        for customer in customers {
            let ClvRow { p_alive, expected_purchases, expected_average, clv, .. } = forecast.of(customer);
            predicted.p_alive.push(Some(p_alive));
            predicted.expected_purchases.push(Some(expected_purchases));
            predicted.expected_average.push(expected_average);
            predicted.clv.push(clv);
        }
        predicted
    }

    fn append(&mut self, more: Self) {
        self.p_alive.append(more.p_alive);
        self.expected_purchases.append(more.expected_purchases);
        self.expected_average.append(more.expected_average);
        self.clv.append(more.clv);
    }

    fn table(self, intervals: bool, with_amounts: bool) -> Table {
        let table = self.p_alive.write(Table::default(), "p_alive", intervals);
        let table = self.expected_purchases.write(table, "expected_purchases", intervals);
        if !with_amounts {
            return table;
        }
        let table = self.expected_average.write(table, "expected_average", intervals);
        self.clv.write(table, "clv", intervals)
    }
}

/// The answer with the tables that say by which models.
fn fitted(answer: Answer, policy: &ClvPolicy, models: &ClvModels) -> Answer {
    let confidence = policy.interval_confidence();
    let (mut model, mut parameter) = (TextColumn::default(), TextColumn::default());
    let mut estimates = Estimates::default();
    let mut row = |of: &str, name: &str, value: f64, interval: Option<(f64, f64)>| {
        model.push(Some(of));
        parameter.push(Some(name));
        let (low, high) = interval.unwrap_or((f64::NAN, f64::NAN));
        estimates.values.push(value);
        estimates.low.push(low);
        estimates.high.push(high);
    };
    let of_purchases = models.bgnbd_fit.and_then(|fit| fit.intervals(confidence));
    let purchases = models.bgnbd;
    let values = [("r", purchases.r), ("alpha", purchases.alpha), ("a", purchases.a), ("b", purchases.b)];
    for (place, (name, value)) in values.into_iter().enumerate() {
        let interval = of_purchases.as_ref().and_then(|intervals| intervals.get(place));
        row("bgnbd", name, value, interval.map(|interval| (interval.low, interval.high)));
    }
    if let Some(spend) = models.gamma_gamma {
        let of_spend = models.gamma_gamma_fit.and_then(|fit| fit.intervals(confidence));
        for (place, (name, value)) in [("p", spend.p), ("q", spend.q), ("v", spend.v)].into_iter().enumerate()
        {
            let interval = of_spend.as_ref().and_then(|intervals| intervals.get(place));
            row("gamma_gamma", name, value, interval.map(|interval| (interval.low, interval.high)));
        }
    }
    let named =
        Table::default().with("model", Output::Texts(model)).with("parameter", Output::Texts(parameter));
    let mut answer =
        answer.and("parameters", estimates.write(named, "value", true)).and("fits", fits(models));
    if let Some(covariance) = models.bgnbd_fit.and_then(|fit| fit.covariance) {
        answer = answer.and("bgnbd_covariance", matrix(["r", "alpha", "a", "b"], &covariance));
    }
    if let Some(covariance) = models.gamma_gamma_fit.and_then(|fit| fit.covariance) {
        answer = answer.and("gamma_gamma_covariance", matrix(["p", "q", "v"], &covariance));
    }
    answer
}

/// The fits that were made: how likely the data are under them, and whether they are at a maximum.
fn fits(models: &ClvModels) -> Table {
    let made = [
        ("bgnbd", models.bgnbd_fit.map(|fit| (fit.log_likelihood, fit.converged))),
        ("gamma_gamma", models.gamma_gamma_fit.map(|fit| (fit.log_likelihood, fit.converged))),
    ];
    let made: Vec<(&str, (f64, bool))> =
        made.into_iter().filter_map(|(name, fit)| Some((name, fit?))).collect();
    Table::default()
        .with("model", Output::Texts(made.iter().map(|(name, _)| Some(*name)).collect()))
        .with("log_likelihood", Output::Numbers(made.iter().map(|(_, (value, _))| *value).collect()))
        .with(
            "converged",
            Output::Flags(made.iter().map(|(_, (_, converged))| u8::from(*converged)).collect()),
        )
}

fn matrix<const N: usize>(names: [&'static str; N], rows: &[[f64; N]; N]) -> Table {
    names.into_iter().enumerate().fold(Table::default(), |table, (place, name)| {
        let column = rows.iter().map(|row| row.get(place).copied().unwrap_or(f64::NAN)).collect();
        table.with(name, Output::Numbers(column))
    })
}

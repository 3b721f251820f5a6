//! `prediction.evaluate` over columns of customers.

use serde::Deserialize;
use serde_json::Value;
use stratum_cdp::prediction::{
    BuyTillYouDie, ChurnBand, CustomerModel, CustomerPrediction, GapSource, LtvClass, PredictionBase,
    PredictionFacts, PredictionRequest, Predictor,
};
use stratum_core::Currency;
use stratum_core::problem::{Problem, Problems};

use super::faults::Faults;
use crate::batch::{
    Answer, Batch, ColumnKind, ColumnSpec, Columns, NO_CODE, NO_INTEGER, Output, Progress, ROWS_AT_ONCE, Run,
    Table, vocabulary,
};

/// Customers, a row each. Who has no purchase is not predicted: the row is null in every column, and needs no other figures.
pub static BATCH: Batch = Batch {
    columns: &[
        ColumnSpec::required("purchases", ColumnKind::Integer, "How many purchases there were."),
        ColumnSpec::required(
            "days_since_last_purchase",
            ColumnKind::Number,
            "Days since the last one, with fractions.",
        ),
        ColumnSpec::required(
            "revenue_cents",
            ColumnKind::Integer,
            "What they brought, refunds subtracted, in minor units.",
        ),
        ColumnSpec::optional(
            "median_gap_days",
            ColumnKind::Number,
            "The median of the days between them; used from three purchases on.",
        ),
        ColumnSpec::optional(
            "days_since_first_purchase",
            ColumnKind::Number,
            "Days since the first one; BG/NBD needs it.",
        ),
        ColumnSpec::optional(
            "repeat_revenue_cents",
            ColumnKind::Integer,
            "What the purchases after the first brought; Gamma-Gamma needs it.",
        ),
    ],
    further: None,
    run: Run::Whole(run),
};

/// What the request says beside the customers.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Options {
    model: CustomerModel,
    currency: Currency,
    base: PredictionBase,
    fitted: Option<BuyTillYouDie>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            model: CustomerModel::Heuristic,
            currency: Currency::USD,
            base: PredictionBase::default(),
            fitted: None,
        }
    }
}

/// What a row calls a field, and what its column is called.
const NAMES: &[(&str, &str)] = &[
    ("purchases", "purchases"),
    ("days_since_last_purchase", "days_since_last_purchase"),
    ("revenue_cents", "revenue_cents"),
    ("median_gap_days", "median_gap_days"),
    ("days_since_first_purchase", "days_since_first_purchase"),
    ("repeat_revenue_cents", "repeat_revenue_cents"),
];

fn run(policy: &Value, pieces: &[Columns<'_>], progress: &Progress<'_>) -> Result<Answer, Problems> {
    let Options { model, currency, base, fitted } = crate::batch::policy_of(policy)?;
    let request = PredictionRequest { model, currency, base, fitted, customers: Vec::new() };
    let mut faults = Faults::default();
    let predictor = faults.take("/policy", request.predictor());
    let mut answer = Predicted::default();
    let mut row = 0_usize;
    for piece in pieces {
        let customers = Customers::of(piece);
        for place in 0..piece.rows() {
            let facts = customers.facts(place, row, &mut faults);
            if let Some(facts) = &facts {
                faults.check(row, NAMES, |found| facts.check(model, |field| format!("/{field}"), found));
            }
            // Once something is wrong there is no answer, and the rest is looked at for what else is.
            if let Some(predictor) = predictor.as_ref().filter(|_| faults.is_empty()) {
                answer.push(predictor, facts.as_ref());
            }
            row = row.saturating_add(1);
            if row.is_multiple_of(ROWS_AT_ONCE) {
                progress.advance(ROWS_AT_ONCE)?;
            }
        }
    }
    progress.advance(row % ROWS_AT_ONCE)?;
    faults.into_result(answer.table().into())
}

/// The columns of a piece.
struct Customers<'a> {
    purchases: &'a [i64],
    days_since_last: &'a [f64],
    revenue: &'a [i64],
    median_gap: Option<&'a [f64]>,
    days_since_first: Option<&'a [f64]>,
    repeat_revenue: Option<&'a [i64]>,
}

impl<'a> Customers<'a> {
    fn of(piece: &Columns<'a>) -> Self {
        Self {
            purchases: piece.integers("purchases").unwrap_or_default(),
            days_since_last: piece.numbers("days_since_last_purchase").unwrap_or_default(),
            revenue: piece.integers("revenue_cents").unwrap_or_default(),
            median_gap: piece.numbers("median_gap_days"),
            days_since_first: piece.numbers("days_since_first_purchase"),
            repeat_revenue: piece.integers("repeat_revenue_cents"),
        }
    }

    /// What is known of the customer at a place; nothing without a purchase.
    fn facts(&self, place: usize, row: usize, faults: &mut Faults) -> Option<PredictionFacts> {
        let number = |values: Option<&[f64]>| {
            values.and_then(|values| values.get(place)).copied().filter(|value| !value.is_nan())
        };
        let whole = |values: Option<&[i64]>| {
            values.and_then(|values| values.get(place)).copied().filter(|&value| value != NO_INTEGER)
        };
        let purchases = match whole(Some(self.purchases)) {
            Some(0) => return None,
            Some(purchases) => u64::try_from(purchases).ok(),
            None => {
                faults.missing("purchases", row);
                return None;
            }
        };
        let Some(purchases) = purchases else {
            faults.check(row, NAMES, |found| {
                found.push(Problem::new("/purchases", "out_of_range", "purchases are at least 0"));
            });
            return None;
        };
        let since = number(Some(self.days_since_last));
        let revenue = whole(Some(self.revenue));
        if since.is_none() {
            faults.missing("days_since_last_purchase", row);
        }
        if revenue.is_none() {
            faults.missing("revenue_cents", row);
        }
        Some(PredictionFacts {
            median_gap_days: number(self.median_gap),
            days_since_first_purchase: number(self.days_since_first),
            repeat_revenue_cents: whole(self.repeat_revenue),
            ..PredictionFacts::new(purchases, since?, revenue?)
        })
    }
}

/// The columns of the answer.
#[derive(Default)]
struct Predicted {
    churn_probability: Vec<f64>,
    churn_band: Vec<u8>,
    ltv_365_cents: Vec<i64>,
    ltv_class: Vec<u8>,
    gap_days: Vec<f64>,
    gap_source: Vec<u8>,
}

impl Predicted {
    fn push(&mut self, predictor: &Predictor, facts: Option<&PredictionFacts>) {
        let predicted = facts.and_then(|facts| predictor.predict(facts));
        let code = |index: usize| u8::try_from(index).unwrap_or(NO_CODE);
        self.churn_probability.push(predicted.map_or(f64::NAN, |said| said.churn_probability));
        self.churn_band.push(predicted.map_or(NO_CODE, |said| code(said.churn_band.index())));
        self.ltv_365_cents.push(predicted.map_or(NO_INTEGER, |said| said.ltv_365_cents));
        self.ltv_class.push(predicted.map_or(NO_CODE, |said| code(said.ltv_class.index())));
        self.gap_days.push(predicted.and_then(|said| said.gap_days).unwrap_or(f64::NAN));
        let source = predicted.and_then(|said: CustomerPrediction| said.gap_source);
        self.gap_source.push(source.map_or(NO_CODE, |source| code(source.index())));
    }

    fn table(self) -> Table {
        Table::default()
            .with("churn_probability", Output::Numbers(self.churn_probability))
            .with("churn_band", Output::Codes(self.churn_band, vocabulary!(ChurnBand)))
            .with("ltv_365_cents", Output::Integers(self.ltv_365_cents))
            .with("ltv_class", Output::Codes(self.ltv_class, vocabulary!(LtvClass)))
            .with("gap_days", Output::Numbers(self.gap_days))
            .with("gap_source", Output::Codes(self.gap_source, vocabulary!(GapSource)))
    }
}

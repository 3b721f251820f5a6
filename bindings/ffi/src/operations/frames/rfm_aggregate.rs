//! `rfm.aggregate` over columns of purchases.

use serde::Deserialize;
use serde_json::Value;
use stratum_cdp::rfm::{Purchase, RfmSketch};
use stratum_core::Timestamp;
use stratum_core::problem::Problems;

use super::faults::Faults;
use super::person::whole;
use crate::batch::{
    Answer, Batch, ColumnKind, ColumnSpec, Columns, NO_INTEGER, Output, People, Progress, ROWS_AT_ONCE, Run,
    Table,
};

/// Purchases in any order, a row each. The answer has a row for each customer who bought in the window, in the order in which
/// they come: `customer_id` and the figures that `rfm.score` reads.
pub static BATCH: Batch = Batch {
    columns: &[
        ColumnSpec::required("customer_id", ColumnKind::Id, "Whose purchase it is: the canonical profile."),
        ColumnSpec::required("at", ColumnKind::Instant, "When it was."),
        ColumnSpec::required("amount_cents", ColumnKind::Integer, "For how much, in minor units."),
        ColumnSpec::optional(
            "refunded_cents",
            ColumnKind::Integer,
            "How much of it was paid back; missing is nothing.",
        ),
    ],
    further: None,
    run: Run::Whole(run),
};

/// What the request says beside the purchases.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Options {
    now: Timestamp,
    #[serde(default = "year")]
    window_days: u32,
}

const fn year() -> u32 {
    365
}

const NAMES: &[(&str, &str)] =
    &[("at", "at"), ("amount_cents", "amount_cents"), ("refunded_cents", "refunded_cents")];

fn run(policy: &Value, pieces: &[Columns<'_>], progress: &Progress<'_>) -> Result<Answer, Problems> {
    let options: Options = crate::request::part(policy, "/policy")?;
    let mut faults = Faults::default();
    let mut sketch = faults.take("/policy", RfmSketch::new(options.now, options.window_days));
    let mut customers = People::of_rows(pieces.iter().map(Columns::rows).sum());
    let mut numbers = Vec::new();
    let mut row = 0_usize;
    for piece in pieces {
        numbers.clear();
        if let Some(ids) = piece.get("customer_id") {
            faults.take("", customers.read("customer_id", ids, &mut numbers));
        }
        let times = piece.integers("at").unwrap_or_default();
        let amounts = piece.integers("amount_cents").unwrap_or_default();
        let refunded = piece.integers("refunded_cents");
        for (place, (&at, &amount_cents)) in times.iter().zip(amounts).enumerate() {
            let refunded_cents = refunded.and_then(|refunded| refunded.get(place)).copied();
            let refunded_cents = refunded_cents.filter(|&cents| cents != NO_INTEGER).unwrap_or_default();
            let purchase = purchase(row, (at, amount_cents, refunded_cents), &mut faults);
            if let (Some(sketch), Some(purchase), Some(&number)) = (&mut sketch, purchase, numbers.get(place))
            {
                sketch.add(number, &purchase);
            }
            row = row.saturating_add(1);
            if row.is_multiple_of(ROWS_AT_ONCE) {
                progress.advance(ROWS_AT_ONCE)?;
            }
        }
    }
    progress.advance(row % ROWS_AT_ONCE)?;
    let sketch = faults.into_result(sketch)?;
    let bought: Vec<_> =
        (0..customers.len()).filter_map(|number| Some((number, sketch.as_ref()?.facts(number)?))).collect();
    let kept: Vec<u32> = bought.iter().map(|(number, _)| *number).collect();
    Ok(Table::default()
        .with("customer_id", customers.some_ids(&kept))
        .with("recency_days", Output::Numbers(bought.iter().map(|(_, facts)| facts.recency_days).collect()))
        .with("frequency", Output::Integers(bought.iter().map(|(_, facts)| whole(facts.frequency)).collect()))
        .with(
            "monetary_cents",
            Output::Integers(bought.iter().map(|(_, facts)| facts.monetary_cents).collect()),
        )
        .into())
}

/// The purchase of a row, if it is one.
fn purchase(
    row: usize,
    (at, amount_cents, refunded_cents): (i64, i64, i64),
    faults: &mut Faults,
) -> Option<Purchase> {
    for (column, _) in
        [("at", at), ("amount_cents", amount_cents)].iter().filter(|(_, value)| *value == NO_INTEGER)
    {
        faults.missing(column, row);
    }
    if at == NO_INTEGER || amount_cents == NO_INTEGER {
        return None;
    }
    let mut purchase = None;
    faults.check(row, NAMES, |found| {
        let at = found.take("/at", Timestamp::from_millis(at));
        purchase = at.map(|at| Purchase { at, amount_cents, refunded_cents });
        if let Some(purchase) = &purchase {
            purchase.check(|field| format!("/{field}"), found);
        }
    });
    purchase
}

//! `rfm.score` over a column for each figure.

use std::borrow::Cow;
use std::sync::LazyLock;

use serde::Deserialize;
use serde_json::Value;
use stratum_cdp::rfm::{RfmColumns, RfmPolicy, RfmScores, RfmSegment, Ties};
use stratum_core::Currency;
use stratum_core::problem::Problems;

use crate::batch::{
    Answer, Batch, ColumnKind, ColumnSpec, Columns, NO_CODE, NO_INTEGER, Output, Progress, Run, Table,
    Vocabulary, policy_of, vocabulary,
};

/// Customers, a row each. Who has no purchase in the window has no score: its row is null in every column.
pub static BATCH: Batch = Batch {
    columns: &[
        ColumnSpec::required("recency_days", ColumnKind::Number, "Days since the last purchase."),
        ColumnSpec::required("frequency", ColumnKind::Number, "How many purchases."),
        ColumnSpec::required("monetary_cents", ColumnKind::Number, "What they came to, in minor units."),
    ],
    further: None,
    run: Run::Whole(run),
};

static CELL_NAMES: LazyLock<Vec<String>> = LazyLock::new(|| RfmScores::cell_names().collect());

/// The cells, so that a million rows need no million texts.
const CELLS: Vocabulary = Vocabulary {
    names: || CELL_NAMES.iter().map(String::as_str).collect(),
    code: |text| {
        let cell = CELL_NAMES.iter().position(|name| name.eq_ignore_ascii_case(text))?;
        u8::try_from(cell).ok()
    },
};

/// What the request says beside the customers.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Options {
    policy: RfmPolicy,
    currency: Currency,
    ties: Ties,
}

impl Default for Options {
    fn default() -> Self {
        Self { policy: RfmPolicy::default(), currency: Currency::USD, ties: Ties::default() }
    }
}

fn run(policy: &Value, pieces: &[Columns<'_>], progress: &Progress<'_>) -> Result<Answer, Problems> {
    let options: Options = policy_of(policy)?;
    let compiled =
        options.policy.compile(options.currency).map_err(|problems| problems.under("/policy/policy"))?;
    let [recency, frequency, monetary] =
        ["recency_days", "frequency", "monetary_cents"].map(|name| joined(name, pieces));
    progress.advance(0)?;
    let columns = RfmColumns::new(&recency, &frequency, &monetary)?;
    progress.advance(0)?;
    let scores = columns.score(&compiled, options.ties)?;
    progress.advance(recency.len())?;
    let digits = |scores: &[u8]| {
        let score = |&score: &u8| if score == 0 { NO_INTEGER } else { i64::from(score) };
        Output::Integers(scores.iter().map(score).collect())
    };
    debug_assert_eq!(NO_CODE, u8::MAX, "what the room calls no segment and no cell");
    let segments = scores.segment_codes();
    progress.advance(0)?;
    Ok(Table::default()
        .with("recency_score", digits(&scores.recency))
        .with("frequency_score", digits(&scores.frequency))
        .with("monetary_score", digits(&scores.monetary))
        .with("rfm_cell", Output::Codes(scores.cell_codes(), CELLS))
        .with("rfm_score", Output::Numbers(scores.means()))
        .with("segment", Output::Codes(segments, vocabulary!(RfmSegment)))
        .into())
}

/// The numbers of all pieces; where there is one piece they stay where they stand.
fn joined<'a>(name: &str, pieces: &[Columns<'a>]) -> Cow<'a, [f64]> {
    let mut columns = pieces.iter().filter_map(|piece| piece.numbers(name));
    match pieces {
        [_] => Cow::Borrowed(columns.next().unwrap_or_default()),
        _ => Cow::Owned(columns.collect::<Vec<_>>().concat()),
    }
}

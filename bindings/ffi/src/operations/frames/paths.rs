//! Journeys from columns of touches: `attribution.markov` and `attribution.shapley` over columns, and the state that both are
//! learned from.

use std::borrow::Cow;

use serde::Deserialize;
use serde_json::Value;
use stratum_cdp::attribution::{
    Bootstrap, MOST_MARKOV_CHANNELS, MarkovAttribution, MarkovChannel, PathCounts, ShapleyAttribution,
    ShapleyChannel, TransitionCounts, markov_with_intervals, shapley_of_table, shapley_with_intervals,
};
use stratum_cdp::journey::TouchKind;
use stratum_core::math::count;
use stratum_core::problem::{Problem, Problems};

use super::touches::Touches;
use crate::batch::{
    Answer, Batch, ColumnKind, ColumnSpec, Columns, NO_INTEGER, Output, Progress, Run, Table, TextColumn,
    vocabulary,
};

/// A touch a row, with what its journey led to: `converted_at`, as `attribution.rules` reads it, or `conversions`. The answer has
/// a row for each channel, and one without a channel for what no touch led to; the table `summary` says what they share.
pub static MARKOV: Batch = Batch { columns: COLUMNS, further: None, run: Run::Whole(markov) };

/// The same touches, by what each channel adds.
pub static SHAPLEY: Batch = Batch { columns: COLUMNS, further: None, run: Run::Whole(shapley) };

/// A game: what each set of players is worth.
pub static GAME: Batch = Batch {
    columns: &[ColumnSpec::required(
        "worth",
        ColumnKind::Number,
        "What each set of players is worth: bit i of the row is player i.",
    )],
    further: None,
    run: Run::Whole(game),
};

fn game(_: &Value, pieces: &[Columns<'_>], _: &Progress<'_>) -> Result<Answer, Problems> {
    Ok(Table::default().with("shapley_value", Output::Numbers(shapley_of_game(pieces)?)).into())
}

/// The value of each player of a game in columns ([`GAME`]).
///
/// # Errors
/// Those of the game, under `/worth`.
pub fn shapley_of_game(pieces: &[Columns<'_>]) -> Result<Vec<f64>, Problems> {
    let worth: Cow<'_, [f64]> = match pieces {
        [piece] => Cow::Borrowed(piece.numbers("worth").unwrap_or_default()),
        _ => pieces.iter().filter_map(|piece| piece.numbers("worth")).collect::<Vec<_>>().concat().into(),
    };
    shapley_of_table(&worth).map_err(|problems| problems.under("/worth"))
}

const COLUMNS: &[ColumnSpec] = &[
    ColumnSpec::required("journey_id", ColumnKind::Id, "Of which journey the touch is."),
    ColumnSpec::required("channel", ColumnKind::Text, "Of which channel; null in a row that is no touch."),
    ColumnSpec::optional(
        "touched_at",
        ColumnKind::Instant,
        "When. Beside conversions it may be left out: then the touches of a journey are in the order of their rows.",
    ),
    ColumnSpec::optional(
        "converted_at",
        ColumnKind::Instant,
        "When the journey converted, the same in each of its rows; null if it did not. Touches after it do not count.",
    ),
    ColumnSpec::optional(
        "conversions",
        ColumnKind::Integer,
        "Instead of converted_at: how many conversions the journey led to, in each of its rows, or in one and missing in the others.",
    ),
    ColumnSpec::optional(
        "value_cents",
        ColumnKind::Integer,
        "What they were worth, in minor units: in each row of the journey; beside conversions, one of its rows is enough. Below 0 without a conversion, and beside converted_at, for a refund.",
    ),
    ColumnSpec::optional(
        "kind",
        ColumnKind::Code(vocabulary!(TouchKind)),
        "Click or view; a click where it is null. Of two touches at one instant the click comes first.",
    ),
];

/// What the policy may say.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Options {
    order: Option<u8>,
    intervals: Option<Bootstrap>,
}

fn markov(policy: &Value, pieces: &[Columns<'_>], progress: &Progress<'_>) -> Result<Answer, Problems> {
    let options: Options = crate::batch::policy_of(policy)?;
    let touches = Touches::of(pieces, progress)?;
    let order = options.order.unwrap_or(1);
    if touches.channels.len() > MOST_MARKOV_CHANNELS {
        let text =
            format!("a chain has at most {MOST_MARKOV_CHANNELS} channels, not {}", touches.channels.len());
        return Err(Problem::new("/channel", "too_many_channels", text)
            .help("merge campaigns into channels")
            .into());
    }
    // Steps of order 1 need no paths.
    let small = touches.channels.len() <= TransitionCounts::MOST_CHANNELS;
    let found = if order == 1 && options.intervals.is_none() && small {
        let mut counts = TransitionCounts::new(touches.channels.clone()).map_err(Problem::from)?;
        touches.each_journey(progress, |path, outcome| {
            counts.add(path, outcome);
            Ok(())
        })?;
        counts.markov()?
    } else {
        let counts = touches.count(progress)?;
        markov_with_intervals(&counts, order, options.intervals.as_ref())
            .map_err(|problems| problems.under("/policy"))?
    };
    Ok(markov_answer(&found))
}

fn shapley(policy: &Value, pieces: &[Columns<'_>], progress: &Progress<'_>) -> Result<Answer, Problems> {
    let options: Options = crate::batch::policy_of(policy)?;
    if options.order.is_some() {
        return Err(Problem::new("/policy/order", "not_allowed_here", "Shapley values know no order")
            .help("leave it out")
            .into());
    }
    let counts = Touches::of(pieces, progress)?.count(progress)?;
    let found = shapley_with_intervals(&counts, options.intervals.as_ref())
        .map_err(|problems| problems.under("/policy"))?;
    Ok(shapley_answer(&found))
}

/// The paths of columns of touches ([`MARKOV`]), counted: the state that merges.
///
/// # Errors
/// Every problem of the columns.
pub fn count_paths(pieces: &[Columns<'_>], progress: &Progress<'_>) -> Result<PathCounts, Problems> {
    Touches::of(pieces, progress)?.count(progress)
}

/// What each channel has earned, as a table.
#[must_use]
pub fn markov_answer(found: &MarkovAttribution) -> Answer {
    let rows = Rows::of(
        &found.channels,
        |row| row.channel.as_str(),
        (found.unattributed_conversions, found.unattributed_value_cents),
    );
    let mut table = rows.table();
    table = table
        .with("removal_effect", rows.numbers(f64::NAN, |row: &MarkovChannel| row.removal_effect))
        .with("weight", rows.numbers(f64::NAN, |row| row.weight))
        .with("conversions", rows.numbers(count(found.unattributed_conversions), |row| row.conversions))
        .with("value_cents", rows.integers(found.unattributed_value_cents, |row| row.value_cents));
    if found.channels.iter().any(|row| row.weight_interval.is_some()) {
        table = table
            .with(
                "weight_low",
                rows.numbers(f64::NAN, |row| row.weight_interval.map_or(f64::NAN, |at| at.low)),
            )
            .with(
                "weight_high",
                rows.numbers(f64::NAN, |row| row.weight_interval.map_or(f64::NAN, |at| at.high)),
            );
    }
    let whole = |count: u64| Output::Integers(vec![i64::try_from(count).unwrap_or(i64::MAX)]);
    let summary = Table::default()
        .with("conversion_probability", Output::Numbers(vec![found.conversion_probability]))
        .with("order", whole(u64::from(found.order)))
        .with("states", whole(found.states))
        .with("transitions", whole(found.transitions));
    Answer::from(table).and("summary", summary)
}

/// What each channel adds, as a table.
#[must_use]
pub fn shapley_answer(found: &ShapleyAttribution) -> Answer {
    let rows = Rows::of(
        &found.channels,
        |row| row.channel.as_str(),
        (found.unattributed_conversions, found.unattributed_value_cents),
    );
    let mut table = rows.table();
    table = table
        .with("weight", rows.numbers(f64::NAN, |row: &ShapleyChannel| row.weight))
        .with("conversions", rows.numbers(count(found.unattributed_conversions), |row| row.shapley_value))
        .with(
            "value_cents",
            rows.integers(found.unattributed_value_cents, |row| row.value_cents.unwrap_or(NO_INTEGER)),
        );
    if found.channels.iter().any(|row| row.weight_interval.is_some()) {
        table = table
            .with(
                "weight_low",
                rows.numbers(f64::NAN, |row| row.weight_interval.map_or(f64::NAN, |at| at.low)),
            )
            .with(
                "weight_high",
                rows.numbers(f64::NAN, |row| row.weight_interval.map_or(f64::NAN, |at| at.high)),
            );
    }
    let summary = Table::default().with("conversions", Output::Numbers(vec![found.total]));
    Answer::from(table).and("summary", summary)
}

/// A row for each channel, and behind them one without a channel, if no touch led to some of the conversions or their value.
struct Rows<'a, C> {
    channels: &'a [C],
    name: fn(&C) -> &str,
    unattributed: bool,
}

impl<'a, C> Rows<'a, C> {
    fn of(channels: &'a [C], name: fn(&C) -> &str, unattributed: (u64, i64)) -> Self {
        Self { channels, name, unattributed: unattributed != (0, 0) }
    }

    fn table(&self) -> Table {
        let names = self.channels.iter().map(|row| Some((self.name)(row)));
        let names: TextColumn = names.chain(self.unattributed.then_some(None)).collect();
        Table::default().with("channel", Output::Texts(names))
    }

    /// A number of each channel, and what stands in the row without one.
    fn numbers(&self, unattributed: f64, of: impl Fn(&C) -> f64) -> Output {
        Output::Numbers(
            self.channels.iter().map(of).chain(self.unattributed.then_some(unattributed)).collect(),
        )
    }

    fn integers(&self, unattributed: i64, of: impl Fn(&C) -> i64) -> Output {
        Output::Integers(
            self.channels.iter().map(of).chain(self.unattributed.then_some(unattributed)).collect(),
        )
    }
}

//! Journeys from columns of touches: `attribution.markov` and `attribution.shapley` over columns, and the state that both are
//! learned from.

use std::borrow::Cow;
use std::cell::RefCell;
use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;
use stratum_cdp::attribution::{
    Bootstrap, MOST_MARKOV_CHANNELS, MarkovAttribution, PathCounts, PathOutcome, ShapleyAttribution,
    TransitionCounts, markov_with_intervals, shapley_of_table, shapley_with_intervals,
};
use stratum_core::money::MAX_MINOR;
use stratum_core::problem::{Problem, Problems, pointer_step};

use crate::batch::{
    Answer, Batch, ColumnKind, ColumnSpec, Columns, NO_INTEGER, Output, People, Progress, ROWS_AT_ONCE, Run,
    Table, TextColumn, missing, missing_at,
};

/// A touch a row. The answer has a row for each channel; the table `summary` says what they share.
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
    ColumnSpec::required("channel", ColumnKind::Text, "Of which channel."),
    ColumnSpec::optional(
        "touched_at",
        ColumnKind::Instant,
        "When; without it the touches of a journey are in the order of their rows.",
    ),
    ColumnSpec::required(
        "conversions",
        ColumnKind::Integer,
        "How many conversions the journey led to: the same in each of its rows, or in one of them and missing in the others.",
    ),
    ColumnSpec::optional(
        "value_cents",
        ColumnKind::Integer,
        "What they were worth, in minor units: in each row of the journey, or in one of them.",
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
    let rows = || found.channels.iter();
    let names: TextColumn = rows().map(|row| Some(row.channel.as_str())).collect();
    let mut table = Table::default()
        .with("channel", Output::Texts(names))
        .with("removal_effect", Output::Numbers(rows().map(|row| row.removal_effect).collect()))
        .with("weight", Output::Numbers(rows().map(|row| row.weight).collect()))
        .with("conversions", Output::Numbers(rows().map(|row| row.conversions).collect()))
        .with("value_cents", Output::Integers(rows().map(|row| row.value_cents).collect()));
    if rows().any(|row| row.weight_interval.is_some()) {
        let end = |row: &stratum_cdp::attribution::MarkovChannel, high: bool| {
            row.weight_interval.map_or(f64::NAN, |interval| if high { interval.high } else { interval.low })
        };
        table = table
            .with("weight_low", Output::Numbers(rows().map(|row| end(row, false)).collect()))
            .with("weight_high", Output::Numbers(rows().map(|row| end(row, true)).collect()));
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
    let rows = || found.channels.iter();
    let names: TextColumn = rows().map(|row| Some(row.channel.as_str())).collect();
    let mut table = Table::default()
        .with("channel", Output::Texts(names))
        .with("weight", Output::Numbers(rows().map(|row| row.weight).collect()))
        .with("conversions", Output::Numbers(rows().map(|row| row.shapley_value).collect()))
        .with(
            "value_cents",
            Output::Integers(rows().map(|row| row.value_cents.unwrap_or(NO_INTEGER)).collect()),
        );
    if rows().any(|row| row.weight_interval.is_some()) {
        let end = |row: &stratum_cdp::attribution::ShapleyChannel, high: bool| {
            row.weight_interval.map_or(f64::NAN, |interval| if high { interval.high } else { interval.low })
        };
        table = table
            .with("weight_low", Output::Numbers(rows().map(|row| end(row, false)).collect()))
            .with("weight_high", Output::Numbers(rows().map(|row| end(row, true)).collect()));
    }
    let summary = Table::default().with("conversions", Output::Numbers(vec![found.total]));
    Answer::from(table).and("summary", summary)
}

/// The touches of all pieces, with a number for each journey and each channel.
struct Touches<'a> {
    channels: Vec<String>,
    channel: Vec<u16>,
    journey: Vec<u32>,
    journeys: usize,
    at: Option<Cow<'a, [i64]>>,
    conversions: Cow<'a, [i64]>,
    value: Option<Cow<'a, [i64]>>,
}

impl<'a> Touches<'a> {
    fn of(pieces: &[Columns<'a>], progress: &Progress<'_>) -> Result<Self, Problems> {
        let rows: usize = pieces.iter().map(Columns::rows).sum();
        let mut people = People::of_rows(rows);
        let (mut journey, mut channel) = (Vec::with_capacity(rows), Vec::with_capacity(rows));
        let mut codes: Vec<u32> = Vec::new();
        let names = RefCell::new((BTreeMap::<String, u32>::new(), Vec::<String>::new()));
        for piece in pieces {
            if let Some(ids) = piece.get("journey_id") {
                people.read("journey_id", ids, &mut journey)?;
            }
            codes.clear();
            if let Some(texts) = piece.texts("channel") {
                texts.coded(&mut codes, |name| name.map_or(MISSING, |name| number(&names, name)));
            }
            if let Some(row) = codes.iter().position(|&code| code == MISSING) {
                let row = channel.len().saturating_add(row);
                return Err(missing_at("channel", row).into());
            }
            channel.extend(codes.iter().map(|&code| u16::try_from(code).unwrap_or(u16::MAX)));
        }
        let (_, channels) = names.into_inner();
        if channels.len() > usize::from(u16::MAX) {
            let text = format!("there are {} channels", channels.len());
            return Err(Problem::new("/channel", "too_many_channels", text).help("group them first").into());
        }
        let at = joined("touched_at", pieces);
        if let Some(at) = &at {
            missing("touched_at", at, 0)?;
        }
        progress.advance(0)?;
        Ok(Self {
            channels,
            channel,
            journey,
            journeys: usize::try_from(people.len()).unwrap_or(usize::MAX),
            at,
            conversions: joined("conversions", pieces).unwrap_or_default(),
            value: joined("value_cents", pieces),
        })
    }

    fn count(&self, progress: &Progress<'_>) -> Result<PathCounts, Problems> {
        let mut counts = PathCounts::new();
        for channel in &self.channels {
            counts.number(channel).map_err(|fault| Problem::from(fault).under("/channel"))?;
        }
        self.each_journey(progress, |path, outcome| {
            counts.add_numbered(path, outcome).map_err(|fault| Problem::from(fault).into())
        })?;
        Ok(counts)
    }

    /// Hands over each journey: its channels in order of time, and what came of it.
    fn each_journey(
        &self,
        progress: &Progress<'_>,
        mut take: impl FnMut(&[u16], PathOutcome) -> Result<(), Problems>,
    ) -> Result<(), Problems> {
        // Journeys are numbered as they come, so where the numbers never fall, the rows of each stand together.
        let together = self.journey.is_sorted();
        let rows = if together { Vec::new() } else { by_journey(&self.journey, self.journeys) };
        let row_at = |place: usize| {
            if together { place } else { rows.get(place).map_or(usize::MAX, |&row| row as usize) }
        };
        let all = self.journey.len();
        let (mut path, mut order) = (Vec::new(), Vec::new());
        let (mut from, mut told) = (0_usize, 0_usize);
        while from < all {
            let journey = self.journey.get(row_at(from));
            let mut to = from.saturating_add(1);
            while to < all && self.journey.get(row_at(to)) == journey {
                to = to.saturating_add(1);
            }
            path.clear();
            if self.is_in_order(from..to, row_at) {
                path.extend((from..to).filter_map(|place| self.channel.get(row_at(place)).copied()));
            } else {
                order.clear();
                order.extend((from..to).map(row_at));
                order.sort_by_key(|&row: &usize| self.at.as_ref().and_then(|at| at.get(row)).copied());
                path.extend(order.iter().filter_map(|&row| self.channel.get(row).copied()));
            }
            take(&path, self.outcome(from..to, row_at)?)?;
            if to.saturating_sub(told) >= ROWS_AT_ONCE {
                progress.advance(to.saturating_sub(told))?;
                told = to;
            }
            from = to;
        }
        progress.advance(all.saturating_sub(told))
    }

    fn is_in_order(&self, places: std::ops::Range<usize>, row_at: impl Fn(usize) -> usize) -> bool {
        let Some(at) = &self.at else { return true };
        places.map(|place| at.get(row_at(place))).is_sorted()
    }

    /// What came of a journey, which its rows say once or alike.
    fn outcome(
        &self,
        places: std::ops::Range<usize>,
        row_at: impl Fn(usize) -> usize + Copy,
    ) -> Result<PathOutcome, Problems> {
        let conversions = said("conversions", &self.conversions, places.clone(), row_at)?;
        let value = match &self.value {
            Some(value) => said("value_cents", value, places.clone(), row_at)?,
            None => None,
        };
        let conversions = u64::try_from(conversions.unwrap_or_default()).map_err(|_| {
            let row = row_at(places.start);
            Problem::new(
                format!("/conversions/{row}"),
                "out_of_range",
                "a journey has fewer than no conversions",
            )
            .help("take journeys away from a state to correct it")
        })?;
        let value_cents = value.unwrap_or_default();
        if !(-MAX_MINOR..=MAX_MINOR).contains(&value_cents) {
            let row = row_at(places.start);
            let text = format!("an amount is at most {MAX_MINOR} minor units, {value_cents} is not");
            return Err(Problem::new(format!("/value_cents/{row}"), "amount_too_large", text).into());
        }
        // A value without a conversion says nothing.
        let value_cents = if conversions > 0 { value_cents } else { 0 };
        Ok(PathOutcome { conversions, nulls: u64::from(conversions == 0), value_cents })
    }
}

/// What the rows of a journey say of it, where they say it.
fn said(
    name: &str,
    values: &[i64],
    places: std::ops::Range<usize>,
    row_at: impl Fn(usize) -> usize,
) -> Result<Option<i64>, Problems> {
    let mut said = None;
    for place in places {
        let row = row_at(place);
        match values.get(row).copied().filter(|&value| value != NO_INTEGER) {
            Some(value) if said.is_some_and(|said| said != value) => {
                let text = format!("{name} in row {row} is not what another row of the same journey says");
                return Err(Problem::new(format!("{}/{row}", pointer_step(name)), "contradictory", text)
                    .help("write it in each row of the journey, or in one")
                    .into());
            }
            Some(value) => said = Some(value),
            None => {}
        }
    }
    Ok(said)
}

/// A text that is missing, or empty.
const MISSING: u32 = u32::MAX;

fn number(names: &RefCell<(BTreeMap<String, u32>, Vec<String>)>, name: &str) -> u32 {
    if name.is_empty() {
        return MISSING;
    }
    let (numbers, list) = &mut *names.borrow_mut();
    if let Some(&number) = numbers.get(name) {
        return number;
    }
    let next = u32::try_from(list.len()).unwrap_or(MISSING);
    numbers.insert(name.to_owned(), next);
    list.push(name.to_owned());
    next
}

/// The rows of each journey together, in their order (counting sort).
fn by_journey(journey: &[u32], journeys: usize) -> Vec<u32> {
    let mut ends = vec![0_usize; journeys.saturating_add(1)];
    for &journey in journey {
        if let Some(end) = ends.get_mut((journey as usize).saturating_add(1)) {
            *end = end.saturating_add(1);
        }
    }
    let mut so_far = 0_usize;
    for end in &mut ends {
        so_far = so_far.saturating_add(*end);
        *end = so_far;
    }
    let mut rows = vec![0_u32; journey.len()];
    for (row, &journey) in (0_u32..).zip(journey) {
        let Some(next) = ends.get_mut(journey as usize) else { continue };
        if let Some(slot) = rows.get_mut(*next) {
            *slot = row;
        }
        *next = next.saturating_add(1);
    }
    rows
}

/// The whole numbers of all pieces; where there is one piece they stay where they stand.
fn joined<'a>(name: &str, pieces: &[Columns<'a>]) -> Option<Cow<'a, [i64]>> {
    let mut columns = pieces.iter().map(|piece| piece.integers(name));
    match pieces {
        [_] => columns.next().flatten().map(Cow::Borrowed),
        _ => columns.collect::<Option<Vec<_>>>().map(|columns| Cow::Owned(columns.concat())),
    }
}

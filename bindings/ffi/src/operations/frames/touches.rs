//! Columns of touches, a row each, with what their journeys led to: the paths of journeys.

use std::borrow::Cow;
use std::cell::RefCell;
use std::collections::BTreeMap;

use stratum_cdp::attribution::{PathCounts, PathOutcome};
use stratum_core::money::MAX_MINOR;
use stratum_core::problem::{Problem, Problems, pointer_step};

use super::attribution::{dealt_out, empty_channel, times_of_touches, two_conversions, views};
use crate::batch::{Columns, NO_INTEGER, People, Progress, ROWS_AT_ONCE};

/// The touches of all pieces, with a number for each journey and each channel.
pub(super) struct Touches<'a> {
    pub(super) channels: Vec<String>,
    /// [`NO_TOUCH`] for a row that is none.
    channel: Vec<u16>,
    journey: Vec<u32>,
    journeys: u32,
    at: Option<Cow<'a, [i64]>>,
    view: Option<Vec<u8>>,
    led_to: LedTo<'a>,
    value: Option<Cow<'a, [i64]>>,
}

/// What journeys led to, by the column that says it.
enum LedTo<'a> {
    /// How many conversions: in each row of a journey or in one.
    Conversions(Cow<'a, [i64]>),
    /// When it converted: in each row of a journey.
    ConvertedAt(Cow<'a, [i64]>),
}

/// The channel of a row without a touch.
const NO_TOUCH: u16 = u16::MAX;

impl<'a> LedTo<'a> {
    /// # Errors
    /// `missing_column` without either column, `not_allowed_here` with both.
    fn of(pieces: &[Columns<'a>]) -> Result<Self, Problems> {
        match (joined("conversions", pieces), joined("converted_at", pieces)) {
            (Some(conversions), None) => Ok(Self::Conversions(conversions)),
            (None, Some(converted_at)) if pieces.iter().all(|piece| piece.get("touched_at").is_some()) => {
                Ok(Self::ConvertedAt(converted_at))
            }
            (None, Some(_)) => {
                let text = "the column touched_at is missing, which touches beside converted_at need";
                Err(Problem::new("/touched_at", "missing_column", text)
                    .help("touches after the conversion do not count, so say when each happened")
                    .into())
            }
            (None, None) => {
                let text = "nothing says what the journeys led to";
                Err(Problem::new("/converted_at", "missing_column", text)
                    .help("give converted_at, null for journeys that led to nothing, or conversions, 0 for them")
                    .into())
            }
            (Some(_), Some(_)) => {
                let text = "converted_at and conversions both say what the journeys led to";
                Err(Problem::new("/conversions", "not_allowed_here", text)
                    .help("name the one that is to be read, or leave the other out of the frame")
                    .into())
            }
        }
    }
}

impl<'a> Touches<'a> {
    /// # Errors
    /// Every problem of the columns.
    pub(super) fn of(pieces: &[Columns<'a>], progress: &Progress<'_>) -> Result<Self, Problems> {
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
            if let Some(row) = codes.iter().position(|&code| code == EMPTY) {
                return Err(empty_channel(channel.len().saturating_add(row)).into());
            }
            channel.extend(codes.iter().map(|&code| u16::try_from(code).unwrap_or(NO_TOUCH)));
        }
        let (_, channels) = names.into_inner();
        if channels.len() > usize::from(NO_TOUCH) {
            let text = format!("there are {} channels", channels.len());
            return Err(Problem::new("/channel", "too_many_channels", text).help("group them first").into());
        }
        let at = joined("touched_at", pieces);
        if let Some(at) = &at {
            times_of_touches(at, &channel, NO_TOUCH)?;
        }
        let led_to = LedTo::of(pieces)?;
        progress.advance(0)?;
        Ok(Self {
            channels,
            channel,
            journey,
            journeys: people.len(),
            at,
            view: views(pieces),
            led_to,
            value: joined("value_cents", pieces),
        })
    }

    /// How often each path was taken.
    ///
    /// # Errors
    /// Every problem of the journeys.
    pub(super) fn count(&self, progress: &Progress<'_>) -> Result<PathCounts, Problems> {
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
    ///
    /// # Errors
    /// Every problem of the journeys, and those of `take`.
    pub(super) fn each_journey(
        &self,
        progress: &Progress<'_>,
        mut take: impl FnMut(&[u16], PathOutcome) -> Result<(), Problems>,
    ) -> Result<(), Problems> {
        // Journeys are numbered as they come, so where the numbers never fall, the rows of each stand together.
        let together = self.journey.is_sorted();
        let rows = if together { Vec::new() } else { dealt_out(&self.journey, self.journeys) };
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
            let (outcome, until) = self.outcome(from..to, row_at)?;
            path.clear();
            path.extend((from..to).filter_map(|place| self.channel.get(row_at(place)).copied()));
            if !self.all_count_in_order(from..to, row_at, &path, until) {
                let time = |row: usize| self.at.as_ref().and_then(|at| at.get(row)).copied();
                let view = |row: usize| self.view.as_ref().and_then(|view| view.get(row)).copied();
                let counts = |&row: &usize| {
                    self.channel.get(row).is_some_and(|&channel| channel != NO_TOUCH)
                        && until.is_none_or(|until| time(row).is_some_and(|at| at <= until))
                };
                order.clear();
                order.extend((from..to).map(row_at).filter(counts));
                if self.at.is_some() {
                    order.sort_by_key(|&row: &usize| (time(row), view(row)));
                }
                path.clear();
                path.extend(order.iter().filter_map(|&row| self.channel.get(row).copied()));
            }
            take(&path, outcome)?;
            if to.saturating_sub(told) >= ROWS_AT_ONCE {
                progress.advance(to.saturating_sub(told))?;
                told = to;
            }
            from = to;
        }
        progress.advance(all.saturating_sub(told))
    }

    /// Whether the rows of a journey, whose channels are `path`, are touches that count, and stand in order.
    fn all_count_in_order(
        &self,
        places: std::ops::Range<usize>,
        row_at: impl Fn(usize) -> usize,
        path: &[u16],
        until: Option<i64>,
    ) -> bool {
        if path.contains(&NO_TOUCH) {
            return false;
        }
        let Some(at) = &self.at else { return true };
        let last = places.end.saturating_sub(1);
        let in_time = until.is_none_or(|until| at.get(row_at(last)).is_some_and(|&last| last <= until));
        self.view.is_none() && in_time && places.map(|place| at.get(row_at(place))).is_sorted()
    }

    /// What came of a journey, and up to when its touches count.
    fn outcome(
        &self,
        places: std::ops::Range<usize>,
        row_at: impl Fn(usize) -> usize + Copy,
    ) -> Result<(PathOutcome, Option<i64>), Problems> {
        let first = row_at(places.start);
        let (conversions, until, value) = match &self.led_to {
            LedTo::Conversions(conversions) => {
                let said_value =
                    self.value.as_ref().map(|value| said("value_cents", value, places.clone(), row_at));
                let conversions = said("conversions", conversions, places, row_at)?.unwrap_or_default();
                (conversions, None, said_value.transpose()?.flatten().unwrap_or_default())
            }
            LedTo::ConvertedAt(at) => {
                let value = |row: usize| {
                    let value = self.value.as_ref().and_then(|value| value.get(row)).copied();
                    value.filter(|&value| value != NO_INTEGER).unwrap_or_default()
                };
                let of_row = |row: usize| (at.get(row).copied().unwrap_or(NO_INTEGER), value(row));
                let (until, value) = of_row(first);
                if !places.map(row_at).all(|row| of_row(row) == (until, value)) {
                    return Err(two_conversions().into());
                }
                let until = Some(until).filter(|&until| until != NO_INTEGER);
                // Whose value is below 0 takes an earlier one back: no conversion, and no journey that came to nothing.
                let conversions = i64::from(until.is_some() && value >= 0);
                (conversions, until, if until.is_some() { value } else { 0 })
            }
        };
        let conversions = u64::try_from(conversions).map_err(|_| {
            Problem::new(
                format!("/conversions/{first}"),
                "out_of_range",
                "a journey has fewer than no conversions",
            )
            .help("take journeys away from a state to correct it")
        })?;
        if !(-MAX_MINOR..=MAX_MINOR).contains(&value) {
            let text = format!("an amount is at most {MAX_MINOR} minor units, {value} is not");
            return Err(Problem::new(format!("/value_cents/{first}"), "amount_too_large", text).into());
        }
        let outcome = match conversions {
            // A value without a conversion is one that is paid back, or says nothing.
            0 if value < 0 => PathOutcome { conversions, nulls: 0, value_cents: value },
            0 => PathOutcome::null(),
            _ => PathOutcome { conversions, nulls: 0, value_cents: value },
        };
        Ok((outcome, until))
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

/// A text that is missing.
const MISSING: u32 = u32::MAX;
/// A text of no letters.
const EMPTY: u32 = u32::MAX - 1;

fn number(names: &RefCell<(BTreeMap<String, u32>, Vec<String>)>, name: &str) -> u32 {
    if name.is_empty() {
        return EMPTY;
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

/// The whole numbers of all pieces; where there is one piece they stay where they stand.
fn joined<'a>(name: &str, pieces: &[Columns<'a>]) -> Option<Cow<'a, [i64]>> {
    let mut columns = pieces.iter().map(|piece| piece.integers(name));
    match pieces {
        [_] => columns.next().flatten().map(Cow::Borrowed),
        _ => columns.collect::<Option<Vec<_>>>().map(|columns| Cow::Owned(columns.concat())),
    }
}

//! What the events of each profile come to, gathered in one pass over the columns.

use std::collections::BTreeMap;

use super::super::bitmap::Bitmap;
use super::super::condition::{EventWindow, Scalar, Test};
use super::super::evaluate::SegmentAt;
use super::super::field::{EventFactKind, Field};
use super::super::number::{Number, amount_of, amount_of_real, amount_of_whole};
use super::ask::{integer_range, rows, select, sum_range};
use super::{Column, EventColumns, NULL_INTEGER};
use crate::segment::columns::ask;

/// Events looked at together, so that a selection of them stays in the fastest cache.
const BLOCK: usize = 1_024;

/// A fact of every profile.
pub(super) enum Gathered {
    Count(Vec<u32>),
    Exists(Vec<u8>),
    First(Vec<i64>),
    Last(Vec<i64>),
    Sum(Vec<i128>),
    /// The last event that has the property, and when it was.
    Property {
        path: String,
        event: Vec<u32>,
        time: Vec<i64>,
    },
}

const NO_EVENT: u32 = u32::MAX;

impl Gathered {
    fn new(fact: &EventFactKind, profiles: usize) -> Self {
        match fact {
            EventFactKind::Count => Self::Count(vec![0; profiles]),
            EventFactKind::Exists => Self::Exists(vec![0; profiles]),
            EventFactKind::First => Self::First(vec![NULL_INTEGER; profiles]),
            EventFactKind::Last => Self::Last(vec![NULL_INTEGER; profiles]),
            EventFactKind::Sum(_) => Self::Sum(vec![0; profiles]),
            EventFactKind::Property(path) => Self::Property {
                path: path.join("."),
                event: vec![NO_EVENT; profiles],
                time: vec![NULL_INTEGER; profiles],
            },
        }
    }

    /// Adds the chosen events of a block that begins at `start`.
    fn add(
        &mut self,
        events: &EventColumns<'_>,
        property: Option<&Column<'_>>,
        start: usize,
        chosen: &[u16],
    ) {
        let chosen = chosen.iter().map(|&offset| start.saturating_add(usize::from(offset)));
        let profile = |event: usize| events.profile.get(event).and_then(|&row| usize::try_from(row).ok());
        match self {
            Self::Count(counts) => {
                for event in chosen {
                    if let Some(count) = profile(event).and_then(|row| counts.get_mut(row)) {
                        *count = count.saturating_add(1);
                    }
                }
            }
            Self::Exists(flags) => {
                for event in chosen {
                    if let Some(flag) = profile(event).and_then(|row| flags.get_mut(row)) {
                        *flag = 1;
                    }
                }
            }
            Self::First(times) => {
                for event in chosen {
                    let time = events.time_ms.get(event).copied().unwrap_or(NULL_INTEGER);
                    if let Some(first) = profile(event).and_then(|row| times.get_mut(row))
                        && (*first == NULL_INTEGER || time < *first)
                    {
                        *first = time;
                    }
                }
            }
            Self::Last(times) => {
                for event in chosen {
                    let time = events.time_ms.get(event).copied().unwrap_or(NULL_INTEGER);
                    if let Some(last) = profile(event).and_then(|row| times.get_mut(row)) {
                        *last = time.max(*last);
                    }
                }
            }
            Self::Sum(sums) => {
                for event in chosen {
                    let Some(amount) = property.and_then(|column| amount(column, event)) else { continue };
                    if let Some(sum) = profile(event).and_then(|row| sums.get_mut(row)) {
                        *sum = sum.saturating_add(amount);
                    }
                }
            }
            Self::Property { event: last, time: times, .. } => {
                for event in chosen {
                    if property.is_none_or(|column| column.value(event).is_null()) {
                        continue;
                    }
                    let Some(row) = profile(event) else { continue };
                    let time = events.time_ms.get(event).copied().unwrap_or(NULL_INTEGER);
                    if let (Some(last), Some(newest)) = (last.get_mut(row), times.get_mut(row))
                        && (*last == NO_EVENT || time >= *newest)
                    {
                        *last = u32::try_from(event).unwrap_or(NO_EVENT);
                        *newest = time;
                    }
                }
            }
        }
    }

    /// The open profiles whose fact meets the test.
    pub(super) fn ask(&self, test: &Test, events: &EventColumns<'_>, open: &Bitmap) -> Bitmap {
        match self {
            Self::Count(counts) => {
                if let Test::Numbers { low, high } = test
                    && let Some((low, high)) = integer_range(*low, *high)
                {
                    return select(counts, open, |&count| {
                        (low <= i64::from(count)) & (i64::from(count) <= high)
                    });
                }
                select(counts, open, |&count| test.holds(Scalar::Number(Number::Integer(i128::from(count)))))
            }
            Self::Exists(flags) => ask::column(&Column::Flags(flags), test, false, open),
            Self::First(times) | Self::Last(times) => ask::column(&Column::Times(times), test, false, open),
            Self::Sum(sums) => {
                if let Test::Numbers { low, high } = test
                    && let Some((low, high)) = sum_range(*low, *high)
                {
                    return select(sums, open, |&sum| (low <= sum) & (sum <= high));
                }
                select(sums, open, |&sum| test.holds(Scalar::Number(Number::Sum(sum))))
            }
            Self::Property { path, event, .. } => {
                let column = events.properties.get(path);
                rows(open, |row| {
                    let event = event.get(row).filter(|&&event| event != NO_EVENT);
                    let value = event.and_then(|&event| Some(column?.value(usize::try_from(event).ok()?)));
                    test.holds(value.unwrap_or(Scalar::Null))
                })
            }
        }
    }
}

fn amount(column: &Column<'_>, event: usize) -> Option<i128> {
    match column {
        Column::Numbers(values) => {
            values.get(event).filter(|value| value.is_finite()).and_then(|&value| amount_of_real(value))
        }
        Column::Integers(values) => values
            .get(event)
            .filter(|&&value| value != NULL_INTEGER)
            .and_then(|&value| amount_of_whole(i128::from(value))),
        Column::Json(values) => values.get(event).and_then(amount_of),
        Column::Text { .. } => match column.value(event) {
            Scalar::Text(text) => super::super::number::amount_of_text(text),
            _ => None,
        },
        Column::Times(_) | Column::Flags(_) => None,
    }
}

/// The facts that a segment needs, by what they choose of the events.
pub(super) struct Facts<'e> {
    events: &'e EventColumns<'e>,
    choices: Vec<Choice<'e>>,
}

/// Events of one name in one window, and the facts that are gathered from them.
struct Choice<'e> {
    name: u32,
    window: EventWindow,
    facts: Vec<(usize, Gathered, Option<&'e Column<'e>>)>,
}

impl<'e> Facts<'e> {
    pub(super) fn of(segment: &SegmentAt<'_>, events: &'e EventColumns<'e>, profiles: usize) -> Self {
        let mut choices: Vec<Choice<'e>> = Vec::new();
        for (number, asked) in segment.asked.iter().enumerate() {
            let Field::Event(field) = &asked.condition.field else { continue };
            // A name that no event has chooses none.
            let name = events.names.iter().position(|name| *name == field.name);
            let name = name.and_then(|name| u32::try_from(name).ok()).unwrap_or(u32::MAX);
            let property = match &field.fact {
                EventFactKind::Sum(path) | EventFactKind::Property(path) => {
                    events.properties.get(&path.join("."))
                }
                _ => None,
            };
            let fact = (number, Gathered::new(&field.fact, profiles), property);
            match choices.iter_mut().find(|choice| choice.name == name && choice.window == asked.window) {
                Some(choice) => choice.facts.push(fact),
                None => choices.push(Choice { name, window: asked.window, facts: vec![fact] }),
            }
        }
        Self { events, choices }
    }

    /// One pass over the events. Facts by the number of their condition.
    pub(super) fn gather(self) -> BTreeMap<usize, Gathered> {
        let Self { events, mut choices } = self;
        let mut chosen = [0_u16; BLOCK];
        let blocks = events.name.chunks(BLOCK).zip(events.time_ms.chunks(BLOCK));
        for ((names, times), start) in blocks.zip((0..).step_by(BLOCK)) {
            for choice in choices.iter_mut().filter(|choice| choice.name != u32::MAX) {
                let count = choose(names, times, choice.name, choice.window, &mut chosen);
                let chosen = chosen.get(..count).unwrap_or_default();
                for (_, gathered, property) in &mut choice.facts {
                    gathered.add(events, *property, start, chosen);
                }
            }
        }
        choices
            .into_iter()
            .flat_map(|choice| choice.facts)
            .map(|(number, gathered, _)| (number, gathered))
            .collect()
    }
}

/// Writes the offsets of the events of a name in a window. Without a branch: names follow each other at random.
fn choose(names: &[u32], times: &[i64], name: u32, window: EventWindow, chosen: &mut [u16; BLOCK]) -> usize {
    let mut count = 0_usize;
    for ((&one, &time), offset) in names.iter().zip(times).zip(0_u16..) {
        if let Some(place) = chosen.get_mut(count) {
            *place = offset;
        }
        count = count.saturating_add(usize::from((one == name) & window.holds(time)));
    }
    count
}

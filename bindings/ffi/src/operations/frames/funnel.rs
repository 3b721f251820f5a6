//! `funnel.evaluate` over a column for each field of the events.

use std::collections::BTreeMap;

use serde_json::{Map, Value};
use stratum_cdp::funnel::{
    self, CompiledFunnel, DealtEvents, Funnel, FunnelCounts, FunnelGroup, FunnelReport, Tag,
};
use stratum_core::problem::Problems;

use super::events::{self, Block};
use super::properties::{self, Properties};
use crate::batch::{
    Answer, Batch, Column, ColumnKind, ColumnSpec, Columns, NO_INTEGER, Output, People, Progress, Run, Table,
    TextColumn,
};

/// A funnel over events in any order, a row each; the policy is the funnel. Events of one instant count in the order of their
/// rows. The answer has a row for each step; the table `summary` says how many entered and converted, the table `groups` the
/// same for each value of the property that breaks the funnel down.
pub static BATCH: Batch = Batch {
    columns: &[
        ColumnSpec::required("profile_id", ColumnKind::Id, "Whose event it is."),
        ColumnSpec::required("event_name", ColumnKind::Text, "What happened."),
        ColumnSpec::required("event_time", ColumnKind::Instant, "When it happened."),
    ],
    further: Some(further),
    run: Run::Whole(run),
};

/// The properties that the conditions of the steps ask for, and the one that breaks the funnel down.
fn further(policy: &Value) -> Result<Vec<ColumnSpec>, Problems> {
    let funnel: Funnel = crate::request::part(policy, "/policy")?;
    let conditions = funnel.steps.iter().flat_map(|step| &step.conditions);
    let read = conditions.map(|condition| condition.field.as_str()).chain(funnel.break_down.as_deref());
    Ok(properties::specs(read))
}

/// Rows that one thread reads at a time.
const CHUNK: usize = 1 << 19;

fn run(policy: &Value, pieces: &[Columns<'_>], progress: &Progress<'_>) -> Result<Answer, Problems> {
    let funnel: Funnel = crate::request::part(policy, "/policy")?;
    let compiled = funnel.compile().map_err(|problems| problems.under("/policy"))?;
    // By name alone first: only of the events that are left the properties are looked at.
    let mut by_name = funnel.clone();
    by_name.steps.iter_mut().for_each(|step| step.conditions.clear());
    let by_name = by_name.compile().map_err(|problems| problems.under("/policy"))?;
    let work = Work { specs: &further(policy)?, funnel: &compiled, by_name: &by_name };
    let counts = match &funnel.break_down {
        None => work.counted(&work.dealt(pieces, progress)?, progress, |_| None)?,
        Some(path) => {
            let mut groups = Groups::default();
            let dealt = work.numbered(pieces, progress, |properties| groups.number(path, properties))?;
            work.counted(&dealt, progress, |group| Some(groups.value(group)))?
        }
    };
    Ok(answer(&counts.finish(&compiled)))
}

struct Work<'w> {
    specs: &'w [ColumnSpec],
    funnel: &'w CompiledFunnel<'w>,
    /// The funnel without conditions.
    by_name: &'w CompiledFunnel<'w>,
}

impl Work<'_> {
    fn code(&self, name: &str) -> u32 {
        self.by_name.steps_of(name, &Map::new())
    }

    fn dealt(&self, pieces: &[Columns<'_>], progress: &Progress<'_>) -> Result<DealtEvents, Problems> {
        let are_whole = |piece: &Columns<'_>| matches!(piece.get("profile_id"), Some(Column::Integers(_)));
        if !pieces.iter().all(are_whole) {
            return self.numbered(pieces, progress, |_| ());
        }
        let mut chunks = Vec::new();
        let mut before = 0_usize;
        for piece in pieces {
            for start in (0..piece.rows()).step_by(CHUNK) {
                let end = start.saturating_add(CHUNK).min(piece.rows());
                chunks.push((before.saturating_add(start), piece.slice(&(start..end))));
            }
            before = before.saturating_add(piece.rows());
        }
        let parts = progress.each(chunks.len(), CHUNK.min(before), |number| {
            let Some((first, chunk)) = chunks.get(number) else { return Ok(None) };
            let mut dealt = None;
            let chunk = std::slice::from_ref(chunk);
            let code = |name: &str| self.code(name);
            events::each_whole(chunk, *first, 0, code, &Progress::silent(), |block| {
                let dealt = dealt.get_or_insert_with(|| DealtEvents::new(self.funnel, block.expected));
                self.add(dealt, block, block.ids().map(i64::cast_unsigned), |_| ())
            })?;
            Ok(dealt)
        })?;
        let mut all = DealtEvents::new(self.funnel, 0);
        for part in parts {
            part.map_err(|problems: Problems| problems)?.into_iter().for_each(|part| all.append(part));
        }
        Ok(all)
    }

    /// The events of people whose ids are any, with what `tag` makes of the properties of each.
    fn numbered<T: Tag>(
        &self,
        pieces: &[Columns<'_>],
        progress: &Progress<'_>,
        mut tag: impl FnMut(&Map<String, Value>) -> T,
    ) -> Result<DealtEvents<T>, Problems> {
        let mut people = People::of_rows(pieces.iter().map(Columns::rows).sum());
        let mut dealt = None;
        events::each_block(
            pieces,
            &mut people,
            0,
            |name| self.code(name),
            progress,
            |block| {
                let dealt = dealt.get_or_insert_with(|| DealtEvents::new(self.funnel, block.expected));
                self.add(dealt, block, block.person().map(u64::from), &mut tag)
            },
        )?;
        Ok(dealt.unwrap_or_else(|| DealtEvents::new(self.funnel, 0)))
    }

    fn add<T: Tag>(
        &self,
        dealt: &mut DealtEvents<T>,
        block: &Block<'_, '_>,
        people: impl Iterator<Item = u64>,
        mut tag: impl FnMut(&Map<String, Value>) -> T,
    ) -> Result<(), Problems> {
        let rows = people.zip(block.times()).zip(block.codes());
        if self.specs.is_empty() {
            for ((person, at_ms), steps) in rows {
                dealt.add(person, at_ms, steps, T::default())?;
            }
            return Ok(());
        }
        let properties = Properties::of(self.specs, block.columns);
        let names = block.columns.texts("event_name");
        for (((person, at_ms), _), &row) in rows.zip(block.rows) {
            let Ok(row) = usize::try_from(row) else { continue };
            let name = names.and_then(|names| names.get(row)).unwrap_or_default();
            let properties = properties.at(row);
            let steps = self.funnel.steps_of(name, &properties);
            dealt.add(person, at_ms, steps, tag(&properties))?;
        }
        Ok(())
    }

    fn counted<'g, T: Tag + Sync>(
        &self,
        dealt: &DealtEvents<T>,
        progress: &Progress<'_>,
        group: impl Fn(u32) -> Option<Option<&'g str>> + Sync,
    ) -> Result<FunnelCounts, Problems> {
        let parts = progress.each(dealt.parts(), 0, |part| dealt.count_part(part, self.funnel, &group))?;
        let mut counts = FunnelCounts::new();
        parts.into_iter().for_each(|part| counts.merge(part));
        Ok(counts)
    }
}

/// The values that break a funnel down, by number; 0 is none.
#[derive(Default)]
struct Groups {
    numbers: BTreeMap<String, u32>,
    values: Vec<String>,
}

impl Groups {
    fn number(&mut self, path: &str, properties: &Map<String, Value>) -> u32 {
        let Some(value) = funnel::group_value(path, properties) else { return 0 };
        if let Some(&number) = self.numbers.get(&value) {
            return number;
        }
        self.values.push(value.clone());
        let number = u32::try_from(self.values.len()).unwrap_or(0);
        self.numbers.insert(value, number);
        number
    }

    fn value(&self, number: u32) -> Option<&str> {
        let place = usize::try_from(number).ok()?.checked_sub(1)?;
        self.values.get(place).map(String::as_str)
    }
}

fn answer(report: &FunnelReport) -> Answer {
    let whole = |count: u64| i64::try_from(count).unwrap_or(i64::MAX);
    let number = |value: Option<f64>| value.unwrap_or(f64::NAN);
    let steps = || report.steps.iter();
    let names: TextColumn = steps().map(|step| step.name.as_deref()).collect();
    let event_names: TextColumn = steps().map(|step| step.event_name.as_deref()).collect();
    let table = Table::default()
        .with(
            "step",
            Output::Integers(steps().map(|step| i64::try_from(step.step).unwrap_or(NO_INTEGER)).collect()),
        )
        .with("name", Output::Texts(names))
        .with("event_name", Output::Texts(event_names))
        .with("count", Output::Integers(steps().map(|step| whole(step.count)).collect()))
        .with("conversion_rate", Output::Numbers(steps().map(|step| number(step.conversion_rate)).collect()))
        .with("drop_off_rate", Output::Numbers(steps().map(|step| number(step.drop_off_rate)).collect()))
        .with("drop_off_count", Output::Integers(steps().map(|step| whole(step.drop_off_count)).collect()))
        .with(
            "median_seconds_from_previous",
            Output::Numbers(steps().map(|step| number(step.median_seconds_from_previous)).collect()),
        );
    let summary = Table::default()
        .with("entered", Output::Integers(vec![whole(report.entered)]))
        .with("converted", Output::Integers(vec![whole(report.converted)]))
        .with("conversion_rate", Output::Numbers(vec![number(report.conversion_rate)]))
        .with("median_seconds_to_convert", Output::Numbers(vec![number(report.median_seconds_to_convert)]));
    let answer = Answer::from(table).and("summary", summary);
    if report.groups.is_empty() { answer } else { answer.and("groups", groups(report)) }
}

/// A row for each value that breaks the funnel down, with a column for the people of each step.
fn groups(report: &FunnelReport) -> Table {
    let whole = |count: u64| i64::try_from(count).unwrap_or(i64::MAX);
    let groups = || report.groups.iter();
    let values: TextColumn = groups().map(|group| group.value.as_deref()).collect();
    let rates = groups().map(|group| group.conversion_rate.unwrap_or(f64::NAN));
    let table = Table::default()
        .with("value", Output::Texts(values))
        .with("entered", Output::Integers(groups().map(|group| whole(group.entered)).collect()))
        .with("converted", Output::Integers(groups().map(|group| whole(group.converted)).collect()))
        .with("conversion_rate", Output::Numbers(rates.collect()));
    report.steps.iter().enumerate().fold(table, |table, (place, step)| {
        let count = |group: &FunnelGroup| group.counts.get(place).map_or(0, |&count| whole(count));
        table.with(format!("step_{}", step.step), Output::Integers(groups().map(count).collect()))
    })
}

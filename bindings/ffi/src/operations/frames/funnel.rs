//! `funnel.evaluate` over a column for each field of the events.

use serde_json::{Map, Value};
use stratum_cdp::funnel::{Funnel, FunnelColumns, FunnelReport};
use stratum_core::problem::{Problem, Problems};

use super::events;
use super::properties::{self, Properties};
use crate::batch::{
    Answer, Batch, ColumnKind, ColumnSpec, Columns, NO_INTEGER, Output, People, Progress, Run, Table,
    TextColumn,
};

/// A funnel over events in any order, a row each; the policy is the funnel. Events of one instant count in the order of their
/// rows. The answer has a row for each step; the table `summary` says how many entered and converted.
pub static BATCH: Batch = Batch {
    columns: &[
        ColumnSpec::required("profile_id", ColumnKind::Id, "Whose event it is."),
        ColumnSpec::required("event_name", ColumnKind::Text, "What happened."),
        ColumnSpec::required("event_time", ColumnKind::Instant, "When it happened."),
    ],
    further: Some(further),
    run: Run::Whole(run),
};

/// The properties that the conditions of the steps ask for.
fn further(policy: &Value) -> Result<Vec<ColumnSpec>, Problems> {
    let funnel: Funnel = crate::request::part(policy, "/policy")?;
    let conditions = funnel.steps.iter().flat_map(|step| &step.conditions);
    Ok(properties::specs(conditions.map(|condition| condition.field.as_str())))
}

fn run(policy: &Value, pieces: &[Columns<'_>], progress: &Progress<'_>) -> Result<Answer, Problems> {
    let funnel: Funnel = crate::request::part(policy, "/policy")?;
    let compiled = funnel.compile().map_err(|problems| problems.under("/policy"))?;
    refuse_break_down(&funnel)?;
    // By name alone first: only of the events that are left the properties are looked at.
    let mut by_name = funnel.clone();
    by_name.steps.iter_mut().for_each(|step| step.conditions.clear());
    let plain = by_name.compile().map_err(|problems| problems.under("/policy"))?;
    let specs = further(policy)?;
    let mut people = People::of_rows(pieces.iter().map(Columns::rows).sum());
    let (mut person, mut at_ms, mut steps) = (Vec::new(), Vec::new(), Vec::new());
    let nothing = Map::new();
    let code = |name: &str| plain.steps_of(name, &nothing);
    let whoever = (&mut people, events::Counted::WhoIsAskedFor);
    events::each_block(pieces, whoever, 0, code, progress, |block| {
        let first = steps.len();
        if first == 0 {
            person.reserve(block.expected);
            at_ms.reserve(block.expected);
            steps.reserve(block.expected);
        }
        person.extend(block.person());
        at_ms.extend(block.times());
        steps.extend(block.codes());
        if specs.is_empty() {
            return;
        }
        let properties = Properties::of(&specs, block.columns);
        let names = block.columns.texts("event_name");
        for (&row, steps) in block.rows.iter().zip(steps.iter_mut().skip(first)) {
            let Ok(row) = usize::try_from(row) else { continue };
            let name = names.and_then(|names| names.get(row)).unwrap_or_default();
            *steps = compiled.steps_of(name, &properties.at(row));
        }
    })?;
    let columns = FunnelColumns { people: people.len(), person: &person, at_ms: &at_ms, steps: &steps };
    let counts = columns.evaluate(&compiled, |_| progress.advance(0).is_ok())?;
    Ok(answer(&counts.finish(&compiled)))
}

/// What columns cannot say is refused, and not left out.
fn refuse_break_down(funnel: &Funnel) -> Result<(), Problems> {
    if funnel.break_down.is_none() {
        return Ok(());
    }
    Err(Problem::new("/policy/break_down", "not_allowed_here", "columns are not broken down")
        .help("run the funnel on the rows of each value, or call funnel.evaluate with events")
        .into())
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
    Answer::from(table).and("summary", summary)
}

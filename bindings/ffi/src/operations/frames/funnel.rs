//! `funnel.evaluate` over a column for each field of the events.

use serde_json::{Map, Value};
use stratum_cdp::funnel::{CompiledFunnel, Funnel, FunnelColumns, FunnelReport};
use stratum_core::problem::{Problem, Problems};

use super::properties::{self, Properties};
use crate::batch::{
    Answer, Batch, ColumnKind, ColumnSpec, Columns, NO_INTEGER, Output, People, Progress, Run, Table,
    TextColumn, Texts, missing,
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
    let rows = pieces.iter().map(Columns::rows).sum();
    let mut people = People::default();
    let mut person = Vec::with_capacity(rows);
    let mut at_ms = Vec::new();
    let mut steps: Vec<u32> = Vec::with_capacity(rows);
    for piece in pieces {
        let times = piece.integers("event_time").unwrap_or_default();
        missing("event_time", times, steps.len())?;
        if let Some(ids) = piece.get("profile_id") {
            people.read("profile_id", ids, &mut person)?;
        }
        if let Some(names) = piece.texts("event_name") {
            let first = steps.len();
            steps_of(&plain, &names, &mut steps);
            if !specs.is_empty() {
                let properties = Properties::of(&specs, piece);
                for (row, steps) in steps.iter_mut().skip(first).enumerate().filter(|(_, steps)| **steps != 0)
                {
                    let name = names.get(row).unwrap_or_default();
                    *steps = compiled.steps_of(name, &properties.at(row));
                }
            }
        }
        if pieces.len() > 1 {
            at_ms.extend_from_slice(times);
        }
        progress.advance(piece.rows())?;
    }
    let one = pieces.first().filter(|_| pieces.len() == 1).and_then(|piece| piece.integers("event_time"));
    let columns =
        FunnelColumns { people: people.len(), person: &person, at_ms: one.unwrap_or(&at_ms), steps: &steps };
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

/// Which steps each event can meet; most events have the name of the event before, or none that counts.
fn steps_of(funnel: &CompiledFunnel<'_>, names: &Texts<'_>, steps: &mut Vec<u32>) {
    let nothing = Map::new();
    let bits = |name: Option<&str>| name.map_or(0, |name| funnel.steps_of(name, &nothing));
    if let Some((positions, values)) = names.as_dictionary() {
        let known: Vec<u32> = values.iter().map(|name| bits(*name)).collect();
        let at = |&position: &u32| usize::try_from(position).ok().and_then(|at| known.get(at)).copied();
        steps.extend(positions.iter().map(|position| at(position).unwrap_or(0)));
    } else {
        steps.extend(names.iter().map(bits));
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
    Answer::from(table).and("summary", summary)
}

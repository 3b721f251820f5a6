//! `traits.compute` over columns of events.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use serde::Deserialize;
use serde_json::Value;
use stratum_cdp::traits::{OutputType, ProfileFields, TraitDefinition, TraitSet, TraitTally};
use stratum_core::Timestamp;
use stratum_core::problem::Problems;

use super::properties::{self, Properties};
use crate::batch::{
    Answer, Batch, ColumnKind, ColumnSpec, Columns, NO_CODE, NO_INTEGER, Output, People, Progress,
    ROWS_AT_ONCE, Run, Table, TextColumn, missing,
};

/// Events in any order, a row each, with a column for each property that the traits read. The answer has a row for each
/// profile, in the order in which they come: `profile_id` and a column for each trait. An event whose `event_id` the profile had
/// in an earlier row counts once. Of two events of one instant the later
/// is the one with the larger `event_id`; without that column, the one that stands later. Fields of the profile, which a
/// formula may name, are missing.
pub static BATCH: Batch = Batch {
    columns: &[
        ColumnSpec::required("profile_id", ColumnKind::Id, "Whose event it is."),
        ColumnSpec::required("event_name", ColumnKind::Text, "What happened."),
        ColumnSpec::required("event_time", ColumnKind::Instant, "When it happened."),
        ColumnSpec::optional("event_id", ColumnKind::Text, "The id of the event."),
    ],
    further: Some(further),
    run: Run::Whole(run),
};

/// The events of each profile so far.
#[expect(clippy::disallowed_types, reason = "only the place in the table is random")]
type Known<'a> = std::collections::HashSet<(u32, &'a str), std::hash::RandomState>;

/// So many profiles are finished between two looks whether to go on.
const PROFILES_AT_ONCE: usize = 4_096;

/// What the request says beside the profiles.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Options {
    traits: Vec<TraitDefinition>,
    now: Timestamp,
}

fn further(policy: &Value) -> Result<Vec<ColumnSpec>, Problems> {
    let options: Options = crate::request::part(policy, "/policy")?;
    TraitSet::compile(&options.traits).map_err(|problems| problems.under("/policy/traits"))?;
    let sources = || options.traits.iter().map(|one| &one.source_config);
    let read = sources().filter_map(|source| source.property.as_deref());
    let filtered = sources().flat_map(|source| source.filters.iter().map(|filter| filter.field.as_str()));
    Ok(properties::specs(read.chain(filtered)))
}

fn run(policy: &Value, pieces: &[Columns<'_>], progress: &Progress<'_>) -> Result<Answer, Problems> {
    let options: Options = crate::request::part(policy, "/policy")?;
    let set = TraitSet::compile(&options.traits).map_err(|problems| problems.under("/policy/traits"))?;
    let specs = further(policy)?;
    let sources = || options.traits.iter().filter(|one| one.source_config.formula.is_none());
    let every_name = sources().any(|one| one.source_config.event_name.is_none());
    let names: BTreeSet<&str> = sources().filter_map(|one| one.source_config.event_name.as_deref()).collect();
    let mut people = People::default();
    let mut person = Vec::new();
    let at_now = set.at(options.now);
    let mut tallies: Vec<TraitTally> = Vec::new();
    let mut row_id = String::new();
    let mut known = Known::default();
    let mut before = 0_usize;
    for piece in pieces {
        let times = piece.integers("event_time").unwrap_or_default();
        missing("event_time", times, before)?;
        if let Some(ids) = piece.get("profile_id") {
            people.read("profile_id", ids, &mut person)?;
            progress.advance(0)?;
        }
        tallies.resize_with(usize::try_from(people.len()).unwrap_or(usize::MAX), TraitTally::default);
        let (Some(happened), ids) = (piece.texts("event_name"), piece.texts("event_id")) else { continue };
        let properties = Properties::of(&specs, piece);
        for (row, (&at, number)) in times.iter().zip(person.iter().skip(before)).enumerate() {
            if row.is_multiple_of(ROWS_AT_ONCE) && row > 0 {
                progress.advance(ROWS_AT_ONCE)?;
            }
            let id = ids.and_then(|ids| ids.get(row));
            // An event that is there twice counts once, and as what it was first.
            if id.is_some_and(|id| !known.insert((*number, id))) {
                continue;
            }
            let name = happened.get(row).unwrap_or_default();
            if !every_name && !names.contains(name) {
                continue;
            }
            let at = Timestamp::from_millis(at)
                .map_err(|problem| problem.under(&format!("/event_time/{}", before.saturating_add(row))))?;
            row_id.clear();
            match id {
                Some(id) => row_id.push_str(id),
                // Written so that the texts have the order of the rows.
                None => {
                    // Writing to a text cannot go wrong.
                    let _ = write!(row_id, "{:020}", before.saturating_add(row));
                }
            }
            if let Some(tally) = usize::try_from(*number).ok().and_then(|number| tallies.get_mut(number)) {
                at_now.add(tally, &row_id, name, at, &properties.at(row));
            }
        }
        before = before.saturating_add(piece.rows());
        progress.advance(piece.rows() % ROWS_AT_ONCE)?;
    }
    let mut columns: Vec<Output> = options.traits.iter().map(|one| empty(one.output_type)).collect();
    let nothing = ProfileFields::default();
    for (number, tally) in tallies.iter().enumerate() {
        if number.is_multiple_of(PROFILES_AT_ONCE) {
            progress.advance(0)?;
        }
        let (values, _) = at_now.finish(tally, &nothing);
        for (one, column) in options.traits.iter().zip(&mut columns) {
            push(column, values.get(&one.name).unwrap_or(&Value::Null));
        }
    }
    let table = Table::default().with("profile_id", people.ids());
    let named = options.traits.iter().map(|one| one.name.clone()).zip(columns);
    Ok(named.fold(table, |table, (name, column)| table.with(name, column)).into())
}

fn empty(kind: OutputType) -> Output {
    match kind {
        OutputType::Number => Output::Numbers(Vec::new()),
        OutputType::String => Output::Texts(TextColumn::default()),
        OutputType::Boolean => Output::Flags(Vec::new()),
        OutputType::Date => Output::Instants(Vec::new()),
    }
}

fn push(column: &mut Output, value: &Value) {
    match column {
        Output::Numbers(values) => values.push(value.as_f64().unwrap_or(f64::NAN)),
        Output::Texts(texts) => texts.push(value.as_str()),
        Output::Flags(flags) => flags.push(value.as_bool().map_or(NO_CODE, u8::from)),
        Output::Instants(values) => {
            let at = value.as_str().and_then(|text| text.parse::<Timestamp>().ok());
            values.push(at.map_or(NO_INTEGER, Timestamp::millis));
        }
        Output::Integers(_) | Output::Codes(..) | Output::Sets(..) => {}
    }
}

//! `segment.evaluate` over columns: of profiles, or of events.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;
use stratum_cdp::segment::{EventColumns, EventFactKind, Field, NULL_CODE, ProfileColumns, Segment};
use stratum_core::Timestamp;
use stratum_core::problem::{Problem, ProblemCollector, Problems};

use super::events;
use super::fields;
use super::values::Joined;
use crate::batch::{
    Answer, Batch, ColumnKind, ColumnSpec, Columns, Output, People, Progress, ROWS_AT_ONCE, Run, Table,
};

/// Who is a member. A segment about profiles reads a column for each field that its conditions name, and answers with a row
/// for each row. A segment about events reads events (`profile_id`, `event_name`, `event_time`, a column for each property
/// that it asks for), and answers with a row for each profile, in the order in which they come.
pub static BATCH: Batch = Batch { columns: &[], further: Some(further), run: Run::Whole(run) };

/// What the request says beside the profiles.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Options {
    rules: Value,
    now: Timestamp,
}

impl Options {
    fn of(policy: &Value) -> Result<(Self, Segment), Problems> {
        let options: Self = crate::request::part(policy, "/policy")?;
        let segment =
            Segment::from_json(&options.rules).map_err(|problems| problems.under("/policy/rules"))?;
        Ok((options, segment))
    }
}

/// The properties of events that are asked for, if anything is asked about events.
fn of_events(segment: &Segment) -> Option<Vec<String>> {
    let mut about_events = false;
    let mut properties = Vec::new();
    for name in segment.fields() {
        if let Ok(Field::Event(event)) = Field::parse(name) {
            about_events = true;
            if let EventFactKind::Sum(path) | EventFactKind::Property(path) = event.fact {
                properties.push(path.join("."));
            }
        }
    }
    properties.sort_unstable();
    properties.dedup();
    about_events.then_some(properties)
}

fn further(policy: &Value) -> Result<Vec<ColumnSpec>, Problems> {
    let (_, segment) = Options::of(policy)?;
    let asked = |name: String| ColumnSpec {
        name: name.into(),
        doc: "What a condition of the segment asks for.".into(),
        kind: ColumnKind::Any,
        required: true,
    };
    let Some(properties) = of_events(&segment) else {
        let names = segment.fields().into_iter();
        return Ok(names.map(fields::spec).collect());
    };
    if let Some(other) =
        segment.fields().into_iter().find(|name| !matches!(Field::parse(name), Ok(Field::Event(_))))
    {
        let text = format!("a frame holds events or profiles, and {other} is about profiles");
        return Err(Problem::new("/policy/rules", "not_allowed_here", text)
            .help("evaluate the two parts by themselves and join their members, or call segment.evaluate")
            .into());
    }
    let mut specs = vec![
        ColumnSpec::required("profile_id", ColumnKind::Id, "Whose event it is."),
        ColumnSpec::required("event_name", ColumnKind::Text, "What happened."),
        ColumnSpec::required("event_time", ColumnKind::Instant, "When it happened."),
    ];
    specs.extend(properties.into_iter().map(asked));
    Ok(specs)
}

fn run(policy: &Value, pieces: &[Columns<'_>], progress: &Progress<'_>) -> Result<Answer, Problems> {
    let (options, segment) = Options::of(policy)?;
    match of_events(&segment) {
        Some(properties) => by_events(&options, &segment, &properties, pieces, progress),
        None => by_profiles(&options, &segment, pieces, progress),
    }
}

fn by_profiles(
    options: &Options,
    segment: &Segment,
    pieces: &[Columns<'_>],
    progress: &Progress<'_>,
) -> Result<Answer, Problems> {
    let at = segment.at(options.now);
    let mut member = Vec::with_capacity(pieces.iter().map(Columns::rows).sum());
    for piece in pieces {
        let mut done = 0_usize;
        let before = member.len();
        while done < piece.rows() {
            let end = done.saturating_add(ROWS_AT_ONCE).min(piece.rows());
            let part = piece.slice(&(done..end));
            let rows = part.rows();
            let names = segment.fields();
            let mut read = BTreeMap::new();
            let mut found = ProblemCollector::new();
            for name in &names {
                let Some(column) = part.get(name) else { continue };
                let column = fields::read(name, column, before.saturating_add(done));
                read.extend(found.take("", column).map(|column| ((*name).to_owned(), column)));
            }
            found.into_result(())?;
            let columns = read.iter().map(|(name, joined)| (name.clone(), joined.values())).collect();
            let members = at.select(&ProfileColumns { rows, columns, events: None })?;
            let before = member.len();
            member.resize(before.saturating_add(rows), 0_u8);
            for row in members.rows() {
                if let Some(flag) = member.get_mut(before.saturating_add(row)) {
                    *flag = 1;
                }
            }
            progress.advance(rows)?;
            done = end;
        }
    }
    Ok(Table::default().with("member", Output::Flags(member)).into())
}

fn by_events(
    options: &Options,
    segment: &Segment,
    properties: &[String],
    pieces: &[Columns<'_>],
    progress: &Progress<'_>,
) -> Result<Answer, Problems> {
    let names: Vec<String> = segment.events().into_iter().map(str::to_owned).collect();
    let code = |text: &str| {
        let position = names.iter().position(|name| name == text);
        position.and_then(|position| u32::try_from(position).ok()).unwrap_or(NULL_CODE)
    };
    let mut people = People::of_rows(pieces.iter().map(Columns::rows).sum());
    let (mut profile, mut name, mut time_ms) = (Vec::new(), Vec::new(), Vec::new());
    let first = |path: &str| pieces.iter().find_map(|piece| piece.get(path));
    let mut read: BTreeMap<String, Joined<'_>> =
        properties.iter().map(|path| (path.clone(), Joined::like(first(path)))).collect();
    // Of an event that no condition names nothing matters but whose it is.
    events::each_block(pieces, &mut people, NULL_CODE, code, progress, |block| {
        if profile.is_empty() {
            profile.reserve(block.expected);
            name.reserve(block.expected);
            time_ms.reserve(block.expected);
        }
        profile.extend(block.person());
        name.extend(block.codes());
        time_ms.extend(block.times());
        for (path, joined) in &mut read {
            if let Some(column) = block.columns.get(path) {
                joined.add(column, block.rows, block.expected);
            }
        }
        Ok(())
    })?;
    let events = EventColumns {
        profile: &profile,
        name: &name,
        names: &names,
        time_ms: &time_ms,
        properties: read.iter().map(|(path, joined)| (path.clone(), joined.values())).collect(),
    };
    let rows = usize::try_from(people.len()).unwrap_or(usize::MAX);
    let profiles = ProfileColumns { rows, columns: BTreeMap::new(), events: Some(events) };
    let members = segment.at(options.now).select(&profiles)?;
    progress.advance(0)?;
    let mut member = vec![0_u8; rows];
    for row in members.rows() {
        if let Some(flag) = member.get_mut(row) {
            *flag = 1;
        }
    }
    Ok(Table::default().with("profile_id", people.ids()).with("member", Output::Flags(member)).into())
}

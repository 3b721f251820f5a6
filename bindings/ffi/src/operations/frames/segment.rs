//! `segment.evaluate` over columns: of profiles, or of events.

use std::collections::{BTreeMap, HashMap};

use serde::Deserialize;
use serde_json::Value;
use stratum_cdp::segment::{
    Column as Values, EventColumns, EventFactKind, Field, NULL_CODE, ProfileColumns, Segment,
};
use stratum_core::Timestamp;
use stratum_core::problem::{Problem, Problems};

use crate::batch::{
    Answer, Batch, Column, ColumnKind, ColumnSpec, Columns, Output, People, Progress, ROWS_AT_ONCE, Run,
    Table, Texts, missing,
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
        return Ok(segment.fields().into_iter().map(|name| asked(name.to_owned())).collect());
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
        while done < piece.rows() {
            let end = done.saturating_add(ROWS_AT_ONCE).min(piece.rows());
            let part = piece.slice(&(done..end));
            let rows = part.rows();
            let names = segment.fields();
            let mut read = BTreeMap::new();
            for name in &names {
                read.insert((*name).to_owned(), Joined::of(name, std::slice::from_ref(&part)));
            }
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
    let mut people = People::default();
    let (mut profile, mut name, mut time_ms) = (Vec::new(), Vec::new(), Vec::new());
    for piece in pieces {
        let times = piece.integers("event_time").unwrap_or_default();
        missing("event_time", times, time_ms.len())?;
        time_ms.extend_from_slice(times);
        if let Some(ids) = piece.get("profile_id") {
            people.read("profile_id", ids, &mut profile)?;
        }
        if let Some(texts) = piece.texts("event_name") {
            codes_of(&names, &texts, &mut name);
        }
        progress.advance(piece.rows())?;
    }
    let read: BTreeMap<String, Joined<'_>> =
        properties.iter().map(|path| (path.clone(), Joined::of(path, pieces))).collect();
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

/// The positions of texts among the names that the segment asks for; others are none of them.
fn codes_of(names: &[String], texts: &Texts<'_>, codes: &mut Vec<u32>) {
    let code = |text: Option<&str>| {
        let position = text.and_then(|text| names.iter().position(|name| name == text));
        position.and_then(|position| u32::try_from(position).ok()).unwrap_or(NULL_CODE)
    };
    if let Some((positions, values)) = texts.as_dictionary() {
        let known: Vec<u32> = values.iter().map(|value| code(*value)).collect();
        let at = |&position: &u32| usize::try_from(position).ok().and_then(|at| known.get(at)).copied();
        codes.extend(positions.iter().map(|position| at(position).unwrap_or(NULL_CODE)));
    } else {
        codes.extend(texts.iter().map(code));
    }
}

/// The values of a column of all pieces.
enum Joined<'a> {
    Numbers(Vec<f64>),
    Integers(Vec<i64>),
    Times(Vec<i64>),
    Flags(Vec<u8>),
    Text {
        codes: Vec<u32>,
        dictionary: Vec<String>,
    },
    /// One piece, where it stands.
    Here(Values<'a>),
}

impl<'a> Joined<'a> {
    fn of(name: &str, pieces: &[Columns<'a>]) -> Self {
        let columns: Vec<Column<'a>> = pieces.iter().filter_map(|piece| piece.get(name)).collect();
        match columns.as_slice() {
            [Column::Numbers(values)] => return Self::Here(Values::Numbers(values)),
            [Column::Integers(values)] => return Self::Here(Values::Integers(values)),
            [Column::Instants(values)] => return Self::Here(Values::Times(values)),
            [Column::Codes(values)] => return Self::Here(Values::Flags(values)),
            _ => {}
        }
        match columns.first() {
            Some(Column::Texts(_)) => text_of(&columns),
            Some(Column::Integers(_)) => Self::Integers(each(&columns, |column| match column {
                Column::Integers(values) => values,
                _ => &[],
            })),
            Some(Column::Instants(_)) => Self::Times(each(&columns, |column| match column {
                Column::Instants(values) => values,
                _ => &[],
            })),
            Some(Column::Codes(_)) => Self::Flags(each(&columns, |column| match column {
                Column::Codes(values) => values,
                _ => &[],
            })),
            Some(Column::Numbers(_)) | None => Self::Numbers(each(&columns, |column| match column {
                Column::Numbers(values) => values,
                _ => &[],
            })),
        }
    }

    fn values(&self) -> Values<'_> {
        match self {
            Self::Numbers(values) => Values::Numbers(values),
            Self::Integers(values) => Values::Integers(values),
            Self::Times(values) => Values::Times(values),
            Self::Flags(values) => Values::Flags(values),
            Self::Text { codes, dictionary } => Values::Text { codes, dictionary },
            Self::Here(values) => *values,
        }
    }
}

fn each<'a, V: Clone + 'a>(columns: &[Column<'a>], values: impl Fn(&Column<'a>) -> &'a [V]) -> Vec<V> {
    columns.iter().map(values).collect::<Vec<_>>().concat()
}

fn text_of<'a>(columns: &[Column<'a>]) -> Joined<'a> {
    #[expect(clippy::disallowed_types, reason = "only the place in the table is random")]
    let mut known: HashMap<&'a str, u32, std::hash::RandomState> = HashMap::default();
    let mut dictionary = Vec::new();
    let mut codes = Vec::new();
    for column in columns {
        let Column::Texts(texts) = column else { continue };
        for text in texts.iter() {
            let Some(text) = text else {
                codes.push(NULL_CODE);
                continue;
            };
            let next = u32::try_from(dictionary.len()).unwrap_or(NULL_CODE);
            let code = *known.entry(text).or_insert(next);
            if code == next {
                dictionary.push(text.to_owned());
            }
            codes.push(code);
        }
    }
    Joined::Text { codes, dictionary }
}

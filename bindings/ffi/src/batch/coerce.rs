//! Columns that were handed in in another form than the operation reads, brought into that form.

use stratum_core::Timestamp;
use stratum_core::problem::{Problem, ProblemCollector, Problems, pointer_step};

use super::{Column, ColumnKind, ColumnSpec, Columns, NO_CODE, NO_INTEGER, Texts, Vocabulary};

/// After so many values that cannot be read the rest are not looked at.
const SHOWN: usize = 10;

/// A column of its own, beside those that are borrowed.
#[derive(Debug)]
pub(super) enum Owned {
    Numbers(Vec<f64>),
    Integers(Vec<i64>),
    Codes(Vec<u8>),
}

impl Owned {
    fn as_column(&self) -> Column<'_> {
        match self {
            Self::Numbers(values) => Column::Numbers(values),
            Self::Integers(values) => Column::Integers(values),
            Self::Codes(codes) => Column::Codes(codes),
        }
    }
}

/// What of a piece is not in the form that its specification asks for. Texts of a vocabulary become codes; numbers and RFC 3339
/// texts become instants; whole numbers become numbers and the other way round. `before` rows stand in earlier pieces. A column in
/// which something cannot be read is noted, and stands as one without values: what else is wrong is to be told too.
pub(super) fn converted(
    specs: &[ColumnSpec],
    given: &Columns<'_>,
    before: usize,
    found: &mut ProblemCollector,
) -> Vec<(usize, Owned)> {
    let mut own = Vec::new();
    for (position, spec) in specs.iter().enumerate() {
        let column = match (given.0.get(&spec.name), spec.kind) {
            (Some(Column::Texts(texts)), ColumnKind::Code(vocabulary)) => {
                Some(Owned::Codes(codes(texts, vocabulary)))
            }
            (Some(Column::Texts(texts)), ColumnKind::Instant) => {
                let read = found.take("", instants(spec, texts, before));
                Some(Owned::Integers(read.unwrap_or_else(|| vec![NO_INTEGER; texts.len()])))
            }
            (Some(Column::Numbers(values)), ColumnKind::Integer | ColumnKind::Instant | ColumnKind::Id) => {
                let read = found.take("", whole(spec, values, before));
                Some(Owned::Integers(read.unwrap_or_else(|| vec![NO_INTEGER; values.len()])))
            }
            (Some(Column::Integers(values)), ColumnKind::Number) => {
                let number = |&value: &i64| {
                    if value == NO_INTEGER { f64::NAN } else { stratum_core::math::amount(value) }
                };
                Some(Owned::Numbers(values.iter().map(number).collect()))
            }
            _ => None,
        };
        own.extend(column.map(|column| (position, column)));
    }
    own
}

/// The piece with the converted columns in the place of those that were handed in.
pub(super) fn with<'a>(specs: &[ColumnSpec], given: &Columns<'a>, own: &'a [(usize, Owned)]) -> Columns<'a> {
    let mut columns = given.clone();
    for (position, column) in own {
        if let Some(spec) = specs.get(*position) {
            columns.insert(spec, column.as_column());
        }
    }
    columns
}

fn codes(texts: &Texts<'_>, vocabulary: Vocabulary) -> Vec<u8> {
    let names = (vocabulary.names)();
    let exact =
        |text: &str| names.iter().position(|name| *name == text).and_then(|code| u8::try_from(code).ok());
    let code = |text: &str| exact(text).or_else(|| (vocabulary.code)(text));
    texts.iter().map(|text| text.and_then(code).unwrap_or(NO_CODE)).collect()
}

fn instants(spec: &ColumnSpec, texts: &Texts<'_>, before: usize) -> Result<Vec<i64>, Problems> {
    let read = |text: &str| text.parse().ok().map(Timestamp::millis);
    each(spec, before, texts.iter(), "invalid_timestamp", "is no RFC 3339 instant", |text| match text {
        Some(text) => read(text),
        None => Some(NO_INTEGER),
    })
}

fn whole(spec: &ColumnSpec, values: &[f64], before: usize) -> Result<Vec<i64>, Problems> {
    // From here on a number no longer tells every whole number from the next.
    const EXACT: f64 = 9_007_199_254_740_992.0;
    each(spec, before, values.iter(), "not_whole", "is no whole number, or too large for one", |&value| {
        if value.is_nan() {
            return Some(NO_INTEGER);
        }
        #[expect(clippy::cast_possible_truncation, reason = "a whole number below 2^53")]
        (value.abs() <= EXACT && value.fract() == 0.0).then_some(value as i64)
    })
}

fn each<V>(
    spec: &ColumnSpec,
    before: usize,
    values: impl Iterator<Item = V>,
    code: &'static str,
    wrong: &str,
    read: impl Fn(V) -> Option<i64>,
) -> Result<Vec<i64>, Problems> {
    let mut found = ProblemCollector::new();
    let mut bad = 0_usize;
    let mut all = Vec::with_capacity(values.size_hint().0);
    for (row, value) in values.enumerate() {
        match read(value) {
            Some(value) => all.push(value),
            None => {
                let row = before.saturating_add(row);
                let path = format!("{}/{row}", pointer_step(&spec.name));
                found.push(
                    Problem::new(path, code, format!("{} {wrong} in row {row}", spec.name))
                        .help(spec.doc.clone()),
                );
                bad = bad.saturating_add(1);
                if bad == SHOWN {
                    break;
                }
            }
        }
    }
    found.into_result(all)
}

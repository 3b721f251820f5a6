//! Segments over columns: profiles and events as slices, members as a bitmap.
//!
//! Each condition is asked of a whole column, of the rows that are still open: in an `and` those that met everything
//! before, in an `or` those that met nothing; a group ends as soon as none is open, and columns of profiles are asked
//! before events are looked at. Events may stand in any order; those of one profile together are faster.

mod ask;
mod events;
mod kinds;

use std::collections::BTreeMap;

use serde_json::Value;
use stratum_core::problem::{Problem, ProblemCollector, Problems, pointer_step};

use super::bitmap::Bitmap;
use super::compile::Node;
use super::condition::Scalar;
use super::evaluate::SegmentAt;
use super::field::{EventFactKind, Field};
use super::number::Number;
use events::{Facts, Gathered};

/// The null of [`Column::Integers`] and [`Column::Times`].
pub const NULL_INTEGER: i64 = i64::MIN;
/// The null of [`Column::Text`].
pub const NULL_CODE: u32 = u32::MAX;

/// One column of values.
#[derive(Clone, Copy)]
#[non_exhaustive]
pub enum Column<'a> {
    /// Numbers; NaN and infinities are null.
    Numbers(&'a [f64]),
    /// Whole numbers; [`NULL_INTEGER`] is null.
    Integers(&'a [i64]),
    /// Instants in milliseconds since 1970; [`NULL_INTEGER`] is null.
    Times(&'a [i64]),
    /// 0 false, 1 true, all else null.
    Flags(&'a [u8]),
    /// Positions in a list of texts; what lies beyond the list is null ([`NULL_CODE`]).
    Text {
        /// One position for each row.
        codes: &'a [u32],
        /// The texts, each once.
        dictionary: &'a [String],
    },
    /// Values of any type.
    Json(&'a [Value]),
}

impl std::fmt::Debug for Column<'_> {
    /// The length alone: the values may name people.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Column({} rows)", self.rows())
    }
}

impl<'a> Column<'a> {
    /// How many rows it has.
    #[must_use]
    pub const fn rows(&self) -> usize {
        match self {
            Self::Numbers(values) => values.len(),
            Self::Integers(values) | Self::Times(values) => values.len(),
            Self::Flags(values) => values.len(),
            Self::Text { codes, .. } => codes.len(),
            Self::Json(values) => values.len(),
        }
    }

    pub(super) fn value(&self, row: usize) -> Scalar<'a> {
        match self {
            Self::Numbers(values) => match values.get(row) {
                Some(&value) if value.is_finite() => Scalar::Number(Number::Real(value)),
                _ => Scalar::Null,
            },
            Self::Integers(values) => match values.get(row) {
                Some(&value) if value != NULL_INTEGER => Scalar::Number(Number::Integer(i128::from(value))),
                _ => Scalar::Null,
            },
            Self::Times(values) => match values.get(row) {
                Some(&value) if value != NULL_INTEGER => Scalar::Time(value),
                _ => Scalar::Null,
            },
            Self::Flags(values) => match values.get(row) {
                Some(0) => Scalar::Boolean(false),
                Some(1) => Scalar::Boolean(true),
                _ => Scalar::Null,
            },
            Self::Text { codes, dictionary } => codes
                .get(row)
                .and_then(|&code| usize::try_from(code).ok())
                .and_then(|code| dictionary.get(code))
                .map_or(Scalar::Null, |text| Scalar::Text(text)),
            Self::Json(values) => Scalar::of(values.get(row)),
        }
    }
}

/// The events of all profiles.
#[derive(Debug, Clone, Default)]
pub struct EventColumns<'a> {
    /// The row of the profile that each event belongs to.
    pub profile: &'a [u32],
    /// Positions in `names`; what lies beyond has no name that could be asked for.
    pub name: &'a [u32],
    /// The names, each once.
    pub names: &'a [String],
    /// When each happened, in milliseconds since 1970. Of two events of one instant the one that stands later is later.
    pub time_ms: &'a [i64],
    /// Properties by path: `total`, `item.brand`.
    pub properties: BTreeMap<String, Column<'a>>,
}

/// The profiles, a column for each field as conditions name it, and their events.
///
/// A column of `identifier.`, `consent.` and `segment.` says false where it is null.
#[derive(Debug, Clone, Default)]
pub struct ProfileColumns<'a> {
    /// How many profiles.
    pub rows: usize,
    /// Columns by the name of the field: `profile.total_events`, `data.city`, `trait.ltv`.
    pub columns: BTreeMap<String, Column<'a>>,
    /// The events, for conditions about them.
    pub events: Option<EventColumns<'a>>,
}

impl SegmentAt<'_> {
    /// The members among profiles in columns.
    ///
    /// ```
    /// use std::collections::BTreeMap;
    /// use serde_json::json;
    /// use stratum_cdp::segment::{Column, ProfileColumns, Segment};
    ///
    /// let rules = json!({"logic": "and", "conditions": [
    ///     {"field": "trait.ltv", "operator": "greater_than", "value": 100},
    ///     {"field": "consent.ads", "operator": "equals", "value": true},
    /// ]});
    /// let profiles = ProfileColumns {
    ///     rows: 3,
    ///     columns: BTreeMap::from([
    ///         ("trait.ltv".to_owned(), Column::Numbers(&[50.0, 150.0, 200.0])),
    ///         ("consent.ads".to_owned(), Column::Flags(&[1, 1, 0])),
    ///     ]),
    ///     events: None,
    /// };
    /// let segment = Segment::from_json(&rules).unwrap();
    /// let members = segment.at("2026-03-01T12:00:00Z".parse().unwrap()).select(&profiles).unwrap();
    /// assert_eq!(members.rows().collect::<Vec<_>>(), [1]);
    /// ```
    ///
    /// # Errors
    /// `missing_column` for a field that is asked for and not there, `type_mismatch` for a column that does not hold what its
    /// field holds ([`Field::field_type`]), `wrong_length` for a column that is not as long as the
    /// others, `out_of_range` for an event of a profile that is not there.
    pub fn select(&self, profiles: &ProfileColumns<'_>) -> Result<Bitmap, Problems> {
        self.check(profiles)?;
        let mut selection = Selection { segment: self, profiles, gathered: BTreeMap::new() };
        Ok(selection.node(&self.segment.root, &Bitmap::full(profiles.rows)))
    }

    fn check(&self, profiles: &ProfileColumns<'_>) -> Result<(), Problems> {
        let mut found = ProblemCollector::new();
        for (name, column) in &profiles.columns {
            check_length(
                &format!("/columns{}", pointer_step(name)),
                column.rows(),
                profiles.rows,
                &mut found,
            );
        }
        if let Some(events) = &profiles.events {
            let rows = events.profile.len();
            check_length("/events/name", events.name.len(), rows, &mut found);
            check_length("/events/time_ms", events.time_ms.len(), rows, &mut found);
            for (name, column) in &events.properties {
                let place = format!("/events/properties{}", pointer_step(name));
                check_length(&place, column.rows(), rows, &mut found);
            }
            let largest = events.profile.iter().copied().max().unwrap_or(0);
            if rows > 0 && usize::try_from(largest).is_ok_and(|largest| largest >= profiles.rows) {
                let message = format!("an event is of profile {largest}, there are {}", profiles.rows);
                found.push(Problem::new("/events/profile", "out_of_range", message));
            }
        }
        let mut missing = |place: String, name: &str| {
            found.push(Problem::new(place, "missing_column", format!("the segment asks for {name}")));
        };
        let mut mismatched = Vec::new();
        for name in self.segment.fields() {
            let Some(asked) = self.asked.iter().find(|asked| asked.condition.name == name) else { continue };
            let Field::Event(event) = &asked.condition.field else {
                let place = format!("/columns{}", pointer_step(name));
                match profiles.columns.get(name) {
                    None => missing(place, name),
                    Some(column) => {
                        mismatched.extend(kinds::check(place, name, &asked.condition.field, column))
                    }
                }
                continue;
            };
            match (&profiles.events, &event.fact) {
                (None, _) => missing("/events".to_owned(), name),
                (Some(events), EventFactKind::Sum(path) | EventFactKind::Property(path)) => {
                    let path = path.join(".");
                    if !events.properties.contains_key(&path) {
                        missing(format!("/events/properties{}", pointer_step(&path)), name);
                    }
                }
                _ => {}
            }
        }
        mismatched.into_iter().for_each(|problem| found.push(problem));
        found.into_result(())
    }
}

fn check_length(place: &str, rows: usize, expected: usize, found: &mut ProblemCollector) {
    if rows != expected {
        let message = format!("the column has {rows} rows, the others have {expected}");
        found.push(Problem::new(place, "wrong_length", message));
    }
}

/// A selection under way: what was gathered from the events so far.
struct Selection<'s, 'p> {
    segment: &'s SegmentAt<'s>,
    profiles: &'p ProfileColumns<'p>,
    gathered: BTreeMap<usize, Gathered>,
}

impl Selection<'_, '_> {
    /// The open rows of which the node is true.
    fn node(&mut self, node: &Node, open: &Bitmap) -> Bitmap {
        match node {
            Node::Condition(number) => self.condition(*number, open),
            Node::All(children) => {
                let mut open = open.clone();
                for child in self.cheap_first(children) {
                    if open.is_empty() {
                        break;
                    }
                    open = self.node(child, &open);
                }
                open
            }
            Node::Any(children) => {
                let mut members = Bitmap::empty(open.row_count());
                let mut open = open.clone();
                for child in self.cheap_first(children) {
                    if open.is_empty() {
                        break;
                    }
                    let found = self.node(child, &open);
                    open.remove(&found);
                    members.add(&found);
                }
                members
            }
            Node::Not(child) => {
                let mut rest = open.clone();
                let found = self.node(child, open);
                rest.remove(&found);
                rest
            }
        }
    }

    /// Columns before events. The order changes no answer.
    fn cheap_first<'n>(&self, children: &'n [Node]) -> Vec<&'n Node> {
        let mut children: Vec<&Node> = children.iter().collect();
        children.sort_by_key(|child| self.looks_at_events(child));
        children
    }

    fn looks_at_events(&self, node: &Node) -> bool {
        match node {
            Node::Condition(number) => self
                .segment
                .asked
                .get(*number)
                .is_some_and(|asked| matches!(asked.condition.field, Field::Event(_))),
            Node::All(children) | Node::Any(children) => {
                children.iter().any(|child| self.looks_at_events(child))
            }
            Node::Not(child) => self.looks_at_events(child),
        }
    }

    fn condition(&mut self, number: usize, open: &Bitmap) -> Bitmap {
        let nobody = || Bitmap::empty(open.row_count());
        if open.is_empty() {
            return nobody();
        }
        let Some(asked) = self.segment.asked.get(number) else { return nobody() };
        match (&asked.condition.field, &self.profiles.events) {
            (Field::Event(_), Some(events)) => {
                if !self.gathered.contains_key(&number) {
                    let facts = Facts::of(self.segment, events, self.profiles.rows);
                    self.gathered = facts.gather();
                }
                match self.gathered.get(&number) {
                    Some(gathered) => gathered.ask(&asked.test, events, open),
                    None => nobody(),
                }
            }
            (field, _) => match self.profiles.columns.get(&asked.condition.name) {
                Some(column) => {
                    let absent_is_false =
                        matches!(field, Field::Identifier(_) | Field::Consent(_) | Field::Segment(_));
                    ask::column(column, &asked.test, absent_is_false, open)
                }
                None => nobody(),
            },
        }
    }
}

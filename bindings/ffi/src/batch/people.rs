//! Ids of a column as numbers: 0 for the first that comes, 1 for the next, and so on.

use std::collections::HashMap;

use stratum_core::problem::{Problem, ProblemCollector, Problems, pointer_step};

use super::{Column, NO_INTEGER, Output, Texts};

/// Ids may be chosen by visitors, so a key that they do not know keeps them from filling one corner of the table. No order
/// and no result depends on it.
#[expect(clippy::disallowed_types, reason = "only the place in the table is random")]
type Hasher = std::hash::RandomState;

/// The ids so far, in the order in which they came.
#[derive(Debug, Default)]
pub(crate) struct People<'a> {
    texts: HashMap<&'a str, u32, Hasher>,
    integers: Integers,
    /// The ids themselves; of texts or of whole numbers, never of both.
    text_names: Vec<&'a str>,
    integer_names: Vec<i64>,
    /// How many rows were read, and how many there are in all, where that is known.
    read: usize,
    rows: usize,
}

/// Whole numbers, most of which lie close together in most tables.
#[derive(Debug, Default)]
struct Integers {
    /// The id at the first place of the list.
    base: i64,
    /// The number of the id at its place, plus one; 0 is none.
    near: Vec<u32>,
    /// The ids that came when the list did not reach as far as them.
    far: HashMap<i64, u32, Hasher>,
}

/// Ids looked up together.
const AT_ONCE: usize = 2_048;
/// A list has room for so many places however few ids there are.
const LEAST_ROOM: i64 = 1 << 20;
/// And for so many for each row, so that it costs no more than a table of hashes would.
const ROOM_FOR_EACH_ROW: i64 = 4;

impl<'a> People<'a> {
    /// Nobody yet, of a table of so many rows.
    pub(crate) fn of_rows(rows: usize) -> Self {
        Self { rows, ..Self::default() }
    }

    /// How many there are.
    pub(crate) fn len(&self) -> u32 {
        u32::try_from(self.text_names.len().saturating_add(self.integer_names.len())).unwrap_or(u32::MAX)
    }

    /// The ids in the order of their numbers, of the kind that they came in.
    pub(crate) fn ids(&self) -> Output {
        if self.integer_names.is_empty() {
            return Output::Texts(self.text_names.iter().map(|name| Some(*name)).collect());
        }
        Output::Integers(self.integer_names.clone())
    }

    /// The ids of these numbers, in their order.
    pub(crate) fn some_ids(&self, numbers: &[u32]) -> Output {
        let places = numbers.iter().map(|&number| usize::try_from(number).unwrap_or(usize::MAX));
        if self.integer_names.is_empty() {
            return Output::Texts(places.map(|place| self.text_names.get(place).copied()).collect());
        }
        let id = |place: usize| self.integer_names.get(place).copied().unwrap_or(NO_INTEGER);
        Output::Integers(places.map(id).collect())
    }

    /// The number of the id in each row, behind those of `numbers`.
    ///
    /// # Errors
    /// `missing_value` for rows without an id, ten at most; `too_many_rows` from 2^32 - 1 ids on.
    pub(crate) fn read(
        &mut self,
        name: &str,
        column: Column<'a>,
        numbers: &mut Vec<u32>,
    ) -> Result<(), Problems> {
        let first = self.read;
        self.read = first.saturating_add(column.len());
        let mut without = Without::default();
        numbers.reserve(column.len());
        match column {
            Column::Texts(texts) => match texts.as_dictionary() {
                Some((positions, values)) => {
                    // A value that no row has is no person.
                    let mut known = vec![u32::MAX; values.len()];
                    for (row, &position) in positions.iter().enumerate() {
                        let at = usize::try_from(position).unwrap_or(usize::MAX);
                        let Some((number, Some(text))) = known.get_mut(at).zip(values.get(at).copied())
                        else {
                            numbers.push(without.an_id(row));
                            continue;
                        };
                        if *number == u32::MAX {
                            *number = self.text(text)?;
                        }
                        numbers.push(*number);
                    }
                }
                None => self.texts(&texts, numbers, &mut without)?,
            },
            Column::Integers(ids) => self.whole(ids, numbers, &mut without)?,
            Column::Numbers(_) | Column::Codes(_) | Column::Instants(_) => {}
        }
        without.refused(name, first)
    }

    fn texts(
        &mut self,
        texts: &Texts<'a>,
        numbers: &mut Vec<u32>,
        without: &mut Without,
    ) -> Result<(), Problems> {
        // The rows of one person often stand together.
        let mut last: Option<(&str, u32)> = None;
        for (row, text) in texts.iter().enumerate() {
            let Some(text) = text else {
                numbers.push(without.an_id(row));
                continue;
            };
            let number = match last {
                Some((same, number)) if same == text => number,
                _ => self.text(text)?,
            };
            last = Some((text, number));
            numbers.push(number);
        }
        Ok(())
    }

    fn whole(&mut self, ids: &[i64], numbers: &mut Vec<u32>, without: &mut Without) -> Result<(), Problems> {
        // The list is lengthened once at most: to where all these ids are in it, or as far as it may.
        let mut lengthened = false;
        let mut row = 0_usize;
        for some in ids.chunks(AT_ONCE) {
            // First what the list has, without a branch: so the processor waits for many places of it at a time.
            let start = numbers.len();
            numbers.extend(some.iter().map(|&id| self.integers.near(id)));
            for (number, &id) in numbers.iter_mut().skip(start).zip(some) {
                // Zero is nobody yet, or nobody but in a row just above.
                if *number == 0 {
                    if id == NO_INTEGER {
                        *number = without.an_id(row);
                        row = row.saturating_add(1);
                        continue;
                    }
                    if !lengthened && !self.integers.reaches(id) {
                        lengthened = true;
                        self.lengthen(ids.get(row..).unwrap_or_default());
                    }
                    *number = self.integer(id)?;
                } else {
                    *number = number.saturating_sub(1);
                }
                row = row.saturating_add(1);
            }
        }
        Ok(())
    }

    fn next(&self) -> Result<u32, Problem> {
        if self.len() < u32::MAX {
            return Ok(self.len());
        }
        Err(Problem::new("", "too_many_rows", "there are more ids than 4294967294"))
    }

    fn text(&mut self, text: &'a str) -> Result<u32, Problem> {
        let next = self.next()?;
        let number = *self.texts.entry(text).or_insert(next);
        if number == next {
            self.text_names.push(text);
        }
        Ok(number)
    }

    fn lengthen(&mut self, ids: &[i64]) {
        let rows = i64::try_from(self.rows.max(self.read)).unwrap_or(i64::MAX);
        let room = rows.saturating_mul(ROOM_FOR_EACH_ROW).saturating_add(LEAST_ROOM);
        self.integers.lengthen(ids, room, &self.integer_names);
    }

    fn integer(&mut self, id: i64) -> Result<u32, Problem> {
        let next = self.next()?;
        let number = self.integers.number(id, next);
        if number == next {
            self.integer_names.push(id);
        }
        Ok(number)
    }
}

impl Integers {
    fn place(&self, id: i64) -> Option<usize> {
        usize::try_from(id.checked_sub(self.base)?).ok()
    }

    /// What stands in the list for an id: its number plus one, or 0.
    fn near(&self, id: i64) -> u32 {
        self.place(id).and_then(|place| self.near.get(place)).copied().unwrap_or(0)
    }

    fn reaches(&self, id: i64) -> bool {
        self.place(id).is_some_and(|place| place < self.near.len())
    }

    /// Lengthens the list to where it holds these ids, if that takes no more places than `room`; the first list holds as
    /// many of them as it may.
    fn lengthen(&mut self, ids: &[i64], room: i64, names: &[i64]) {
        let known = || ids.iter().copied().filter(|&id| id != NO_INTEGER);
        let (Some(least), Some(most)) = (known().min(), known().max()) else { return };
        let places = i64::try_from(self.near.len()).unwrap_or(i64::MAX);
        let (low, high) = match places {
            0 => (least, most.min(least.saturating_add(room).saturating_sub(1))),
            _ => (least.min(self.base), most.max(self.base.saturating_add(places).saturating_sub(1))),
        };
        let span = high.checked_sub(low).and_then(|span| span.checked_add(1));
        let Some(span) = span.filter(|&span| span <= room) else { return };
        // Twice as long as before at least: numbers that rise from row to row lengthen it a few times only.
        let wanted = span.max(places.saturating_mul(2).min(room));
        let spare = wanted.saturating_sub(span);
        self.base = if low < self.base { low.saturating_sub(spare) } else { low };
        self.near = vec![0; usize::try_from(wanted).unwrap_or_default()];
        for (number, &name) in (1_u32..).zip(names) {
            if let Some(place) = self.place(name).and_then(|place| self.near.get_mut(place)) {
                *place = number;
            }
        }
    }

    fn number(&mut self, id: i64, next: u32) -> u32 {
        // Who came when the list was shorter has a place in it since it was lengthened.
        let Some(place) = self.place(id).and_then(|place| self.near.get_mut(place)) else {
            return *self.far.entry(id).or_insert(next);
        };
        if *place == 0 {
            *place = next.saturating_add(1);
        }
        place.saturating_sub(1)
    }
}

/// The rows without an id.
#[derive(Default)]
struct Without(Vec<usize>);

impl Without {
    /// Notes a row, and gives what stands there: nobody's number.
    fn an_id(&mut self, row: usize) -> u32 {
        if self.0.len() < SHOWN {
            self.0.push(row);
        }
        u32::MAX
    }

    /// `first` rows stand in earlier pieces.
    fn refused(self, name: &str, first: usize) -> Result<(), Problems> {
        let mut found = ProblemCollector::new();
        self.0.into_iter().for_each(|row| found.push(missing_at(name, first.saturating_add(row))));
        found.into_result(())
    }
}

/// The refusal of a row in which a column that every row needs has no value.
pub(crate) fn missing_at(name: &str, row: usize) -> Problem {
    Problem::new(
        format!("{}/{row}", pointer_step(name)),
        "missing_value",
        format!("{name} is missing in row {row}"),
    )
    .help("leave out rows without it, or fill it")
}

/// So many rows without a value are told.
const SHOWN: usize = 10;

/// Refuses a column of whole numbers or instants in which values are missing; `before` rows stand in earlier pieces.
pub(crate) fn missing(name: &str, values: &[i64], before: usize) -> Result<(), Problems> {
    // All are looked at without a branch: hardly ever is one missing.
    if !values.iter().fold(false, |any, &value| any | (value == NO_INTEGER)) {
        return Ok(());
    }
    let mut found = ProblemCollector::new();
    let rows = values.iter().enumerate().filter(|(_, value)| **value == NO_INTEGER);
    for (row, _) in rows.take(SHOWN) {
        found.push(missing_at(name, before.saturating_add(row)));
    }
    found.into_result(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn numbers(columns: &[Column<'_>]) -> (Vec<u32>, u32) {
        let mut people = People::default();
        let mut numbers = Vec::new();
        for column in columns {
            people.read("id", *column, &mut numbers).unwrap();
        }
        (numbers, people.len())
    }

    #[test]
    fn ids_are_numbered_in_the_order_in_which_they_come() {
        let far = i64::from(u32::MAX) * 9;
        let ids = [7, far, 7, -3, 100_000_000, far, 0, -3];
        let (found, count) = numbers(&[Column::Integers(&ids), Column::Integers(&[0, 7])]);
        assert_eq!(found, [0, 1, 0, 2, 3, 1, 4, 2, 4, 0]);
        assert_eq!(count, 5);
        let texts = [Some("b"), Some("a"), Some("never")];
        let plain = Texts::new(&[0, 1, 2, 3], b"aab", None).unwrap();
        let coded = Texts::dictionary(&[1, 0, 1], &texts);
        assert_eq!(numbers(&[Column::Texts(plain), Column::Texts(coded)]).0, [0, 0, 1, 0, 1, 0]);
    }

    #[test]
    fn an_id_that_was_far_at_first_stays_the_same_when_the_list_grows() {
        let mut ids = vec![90_000];
        ids.extend(0..20_000);
        ids.push(90_000);
        let (found, count) = numbers(&[Column::Integers(&ids)]);
        assert_eq!((found.last(), count), (Some(&0), 20_001));
        let (most, least) = (i64::MAX, i64::MIN + 1);
        assert_eq!(
            numbers(&[Column::Integers(&[most, least, most, 0, least, least + 1])]).0,
            [0, 1, 0, 2, 1, 3]
        );
    }

    #[test]
    fn ids_of_any_spread_in_any_pieces_are_numbered_as_a_table_of_hashes_would() {
        let mut state = 7_i64;
        for spread in [10, 70_000, 3_000_000, 1 << 40, i64::MAX] {
            let ids: Vec<i64> = (0..1_500)
                .map(|row| {
                    state =
                        state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                    (state >> 3) % spread + if row % 5 == 0 { row * 2_800 } else { -row }
                })
                .collect();
            let mut names: Vec<i64> = Vec::new();
            let expected: Vec<u32> = ids
                .iter()
                .map(|id| {
                    let place = names.iter().position(|name| name == id).unwrap_or_else(|| {
                        names.push(*id);
                        names.len() - 1
                    });
                    u32::try_from(place).unwrap()
                })
                .collect();
            let pieces: Vec<Column<'_>> = ids.chunks(211).map(Column::Integers).collect();
            assert_eq!(numbers(&pieces).0, expected, "{spread}");
        }
    }

    #[test]
    fn rows_without_an_id_are_named() {
        let mut people = People::default();
        let mut numbers = Vec::new();
        people.read("id", Column::Integers(&[1, 2]), &mut numbers).unwrap();
        let paths = |refused: Problems| refused.iter().map(|one| one.path.clone()).collect::<Vec<_>>();
        let ids = [NO_INTEGER, 1, NO_INTEGER];
        let refused = people.read("id", Column::Integers(&ids), &mut numbers).unwrap_err();
        assert_eq!(paths(refused), ["/id/2", "/id/4"]);
        let coded = Texts::dictionary(&[1, 0, 1, 9], &[Some("a"), None]);
        let plain: super::super::TextColumn = [None, Some("a"), None, None].into_iter().collect();
        for column in [coded, plain.as_texts()] {
            let refused = People::default().read("id", Column::Texts(column), &mut Vec::new()).unwrap_err();
            assert_eq!(paths(refused), ["/id/0", "/id/2", "/id/3"]);
        }
        let none = [NO_INTEGER; 50];
        let refused = People::default().read("id", Column::Integers(&none), &mut Vec::new()).unwrap_err();
        assert_eq!(refused.len(), SHOWN);
    }
}

//! Ids of a column as numbers: 0 for the first that comes, 1 for the next, and so on.

use std::collections::HashMap;

use stratum_core::problem::{Problem, Problems, pointer_step};

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
}

/// Whole numbers, most of which lie close together in most tables.
#[derive(Debug, Default)]
struct Integers {
    /// The number of the id at its place, plus one; 0 is none.
    near: Vec<u32>,
    far: HashMap<i64, u32, Hasher>,
}

/// Ids below this stand in a list.
const NEAR: i64 = 1 << 26;

impl<'a> People<'a> {
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

    /// The number of the id in each row, behind those of `numbers`.
    ///
    /// # Errors
    /// `missing_value` for a row without an id; `too_many_rows` from 2^32 - 1 ids on.
    pub(crate) fn read(
        &mut self,
        name: &str,
        column: Column<'a>,
        numbers: &mut Vec<u32>,
    ) -> Result<(), Problems> {
        let first = numbers.len();
        let without = |row: usize| missing_at(name, first.saturating_add(row));
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
                            return Err(without(row).into());
                        };
                        if *number == u32::MAX {
                            *number = self.text(text)?;
                        }
                        numbers.push(*number);
                    }
                }
                None => self.texts(&texts, numbers, without)?,
            },
            Column::Integers(ids) => {
                for (row, &id) in ids.iter().enumerate() {
                    if id == NO_INTEGER {
                        return Err(without(row).into());
                    }
                    let number = self.integer(id)?;
                    numbers.push(number);
                }
            }
            Column::Numbers(_) | Column::Codes(_) | Column::Instants(_) => {}
        }
        Ok(())
    }

    fn texts(
        &mut self,
        texts: &Texts<'a>,
        numbers: &mut Vec<u32>,
        without: impl Fn(usize) -> Problem,
    ) -> Result<(), Problems> {
        // The rows of one person often stand together.
        let mut last: Option<(&str, u32)> = None;
        for (row, text) in texts.iter().enumerate() {
            let text = text.ok_or_else(|| without(row))?;
            let number = match last {
                Some((same, number)) if same == text => number,
                _ => self.text(text)?,
            };
            last = Some((text, number));
            numbers.push(number);
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
    fn number(&mut self, id: i64, next: u32) -> u32 {
        // Only as much of a list as the rows so far make good use of.
        let room = i64::from(next).saturating_mul(8).saturating_add(1 << 16).min(NEAR);
        if let (0.., Ok(at)) = (id, usize::try_from(id))
            && (at < self.near.len() || id < room)
            && !self.far.contains_key(&id)
        {
            if at >= self.near.len() {
                self.near.resize(at.saturating_add(1).next_power_of_two(), 0);
            }
            if let Some(number) = self.near.get_mut(at) {
                if *number == 0 {
                    *number = next.saturating_add(1);
                }
                return number.saturating_sub(1);
            }
        }
        *self.far.entry(id).or_insert(next)
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

/// Refuses a column of whole numbers or instants in which a value is missing; `before` rows stand in earlier pieces.
pub(crate) fn missing(name: &str, values: &[i64], before: usize) -> Result<(), Problems> {
    match values.iter().position(|&value| value == NO_INTEGER) {
        Some(row) => Err(missing_at(name, before.saturating_add(row)).into()),
        None => Ok(()),
    }
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
        assert_eq!((found.last(), count), (Some(&0), 20_000));
    }

    #[test]
    fn a_row_without_an_id_is_named() {
        let mut people = People::default();
        let mut numbers = Vec::new();
        people.read("id", Column::Integers(&[1, 2]), &mut numbers).unwrap();
        let refused = people.read("id", Column::Integers(&[1, NO_INTEGER]), &mut numbers).unwrap_err();
        assert_eq!(refused.iter().next().unwrap().path, "/id/3");
    }
}

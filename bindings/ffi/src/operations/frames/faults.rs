//! What is wrong in rows: every problem at once, with its column and row, and of each column no more than a reader looks at.

use stratum_core::problem::{Problem, ProblemCollector, Problems, pointer_step};

use crate::batch::missing_at;

/// So many problems of a column are told.
const SHOWN: usize = 10;

/// The problems of rows so far.
#[derive(Debug, Default)]
pub(super) struct Faults {
    found: ProblemCollector,
    /// How many were told of each column.
    told: Vec<(&'static str, usize)>,
}

impl Faults {
    /// Whether another problem of the column is told.
    fn room(&mut self, column: &'static str) -> bool {
        let place = self.told.iter().position(|(known, _)| *known == column).unwrap_or_else(|| {
            self.told.push((column, 0));
            self.told.len().saturating_sub(1)
        });
        let Some((_, told)) = self.told.get_mut(place) else { return false };
        *told = told.saturating_add(1);
        *told <= SHOWN
    }

    /// Notes that a value is missing.
    pub(super) fn missing(&mut self, column: &'static str, row: usize) {
        if self.room(column) {
            self.found.push(missing_at(column, row));
        }
    }

    /// Notes what a check says of a row. Its problems stand at the column.
    pub(super) fn check(
        &mut self,
        row: usize,
        names: &[(&str, &'static str)],
        check: impl FnOnce(&mut ProblemCollector),
    ) {
        let mut found = ProblemCollector::new();
        check(&mut found);
        for problem in found.into_problems().iter().flat_map(Problems::iter) {
            let field = problem.path.trim_start_matches('/');
            let column = names.iter().find(|(ours, _)| *ours == field).map(|(_, column)| *column);
            let Some(column) = column else {
                self.found.push(problem.clone());
                continue;
            };
            if self.room(column) {
                let path = format!("{}/{row}", pointer_step(column));
                let said =
                    Problem::new(path, problem.code.clone(), format!("{} in row {row}", problem.message));
                self.found.push(match &problem.help {
                    Some(help) => said.help(help.clone()),
                    None => said,
                });
            }
        }
    }

    /// Whether nothing was wrong so far.
    pub(super) fn is_empty(&self) -> bool {
        self.found.is_empty()
    }

    /// Notes problems that are about no row.
    pub(super) fn take<T>(&mut self, parent: &str, part: Result<T, Problems>) -> Option<T> {
        self.found.take(parent, part)
    }

    /// `value` if nothing was wrong.
    pub(super) fn into_result<T>(self, value: T) -> Result<T, Problems> {
        self.found.into_result(value)
    }
}

//! How far long work is, and whether to go on.

use std::cell::Cell;
use std::ops::ControlFlow;

use stratum_core::problem::{Problem, Problems};

/// So many rows between two times that work tells how far it is.
pub const ROWS_AT_ONCE: usize = 65_536;

/// Hears of the rows that are done, and may call the work off.
pub struct Progress<'a> {
    done: Cell<usize>,
    tell: &'a dyn Fn(usize) -> ControlFlow<()>,
}

impl std::fmt::Debug for Progress<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Progress").field("done", &self.done).finish_non_exhaustive()
    }
}

impl<'a> Progress<'a> {
    /// Work that tells `tell` how many rows are done; it ends where that answers with `Break`.
    #[must_use]
    pub const fn new(tell: &'a dyn Fn(usize) -> ControlFlow<()>) -> Self {
        Self { done: Cell::new(0), tell }
    }

    /// Work of which nobody hears.
    #[must_use]
    pub const fn silent() -> Progress<'static> {
        Progress::new(&|_| ControlFlow::Continue(()))
    }

    /// Tells that so many more rows are done.
    ///
    /// # Errors
    /// `cancelled` if the work was called off.
    pub fn advance(&self, rows: usize) -> Result<(), Problems> {
        self.done.set(self.done.get().saturating_add(rows));
        match (self.tell)(self.done.get()) {
            ControlFlow::Continue(()) => Ok(()),
            ControlFlow::Break(()) => Err(Problem::new("", "cancelled", "the work was called off").into()),
        }
    }
}

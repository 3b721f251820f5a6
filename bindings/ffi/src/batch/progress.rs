//! How far long work is, and whether to go on.

use std::cell::Cell;
use std::ops::ControlFlow;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

use stratum_core::problem::{Problem, Problems};

/// So many rows between two times that work tells how far it is.
pub const ROWS_AT_ONCE: usize = 65_536;

/// Whoever lends threads: the libraries have none of their own.
pub trait Workers {
    /// Runs a task for each number below `tasks`, some of them at the same time on other threads. After each task that ran on
    /// this thread `between` is asked whether to go on; where it says no, tasks that were not begun are left out.
    fn run(&self, tasks: usize, task: &(dyn Fn(usize) + Sync), between: &mut dyn FnMut() -> bool);
}

/// Nobody lends any: one task after the other, here.
struct Alone;

impl Workers for Alone {
    fn run(&self, tasks: usize, task: &(dyn Fn(usize) + Sync), between: &mut dyn FnMut() -> bool) {
        for number in 0..tasks {
            task(number);
            if !between() {
                return;
            }
        }
    }
}

/// Hears of the rows that are done, may call the work off, and has the threads for it.
pub struct Progress<'a> {
    done: Cell<usize>,
    tell: &'a dyn Fn(usize) -> ControlFlow<()>,
    workers: &'a dyn Workers,
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
        Self { done: Cell::new(0), tell, workers: &Alone }
    }

    /// The same, with threads that somebody lends.
    #[must_use]
    pub const fn with_workers(self, workers: &'a dyn Workers) -> Self {
        Self { workers, ..self }
    }

    /// Runs tasks that need nothing of each other, of so many rows each, and gives their results in order.
    ///
    /// # Errors
    /// `cancelled` if the work was called off.
    pub fn each<T: Send>(
        &self,
        tasks: usize,
        rows: usize,
        task: impl Fn(usize) -> T + Sync,
    ) -> Result<Vec<T>, Problems> {
        let results: Vec<Mutex<Option<T>>> = (0..tasks).map(|_| Mutex::new(None)).collect();
        let ended = AtomicUsize::new(0);
        let run = |number: usize| {
            let result = task(number);
            if let Some(place) = results.get(number) {
                *place.lock().unwrap_or_else(PoisonError::into_inner) = Some(result);
            }
            ended.fetch_add(1, Ordering::Relaxed);
        };
        let mut told = 0_usize;
        let mut tell = || {
            let new = ended.load(Ordering::Relaxed).saturating_sub(told);
            told = told.saturating_add(new);
            self.advance(new.saturating_mul(rows))
        };
        let mut answer = Ok(());
        self.workers.run(tasks, &run, &mut || {
            answer = tell();
            answer.is_ok()
        });
        answer?;
        tell()?;
        let of = |place: Mutex<Option<T>>| place.into_inner().unwrap_or_else(PoisonError::into_inner);
        Ok(results.into_iter().filter_map(of).collect())
    }

    /// Work of which nobody hears.
    #[must_use]
    pub const fn silent() -> Progress<'static> {
        Progress::new(&|_| ControlFlow::Continue(()))
    }

    /// How many rows are done.
    pub(super) fn done(&self) -> usize {
        self.done.get()
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

//! The batch form of an operation over a data frame.

use std::collections::BTreeMap;
use std::num::NonZero;
use std::ops::ControlFlow;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use arrow_array::RecordBatch;
use arrow_schema::{ArrowError, Schema, SchemaRef};
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::PyCapsule;
use serde_json::Value;
use stratum_ffi::Batch;
use stratum_ffi::batch::{Answer, ColumnSpec, Columns as ColumnsIn, Progress, Table, Workers};
use stratum_ffi::stratum_core::problem::{Problem, ProblemCollector, Problems, pointer_step};

use crate::arrow_in::Wanted;
use crate::convert::to_json;
use crate::errors::Refused;
use crate::{arrow, arrow_out};

/// So long between two looks at the signals of the process, and two calls of a progress function.
const BETWEEN_LOOKS: Duration = Duration::from_millis(50);

/// Columns of an answer, for whichever data frame you use: `polars.DataFrame(columns)`, `pyarrow.table(columns)`,
/// `pandas.DataFrame.from_arrow(columns)`.
#[pyclass(module = "stratum", frozen)]
#[derive(Debug, Clone)]
pub(crate) struct Columns {
    schema: SchemaRef,
    batches: Vec<RecordBatch>,
    further: Vec<(&'static str, Self)>,
}

#[pymethods]
impl Columns {
    /// The names of the columns.
    #[getter]
    fn names(&self) -> Vec<String> {
        self.schema.fields().iter().map(|field| field.name().clone()).collect()
    }

    /// What else the operation answers, by name; most operations answer with one table.
    #[getter]
    fn tables(&self) -> BTreeMap<&'static str, Self> {
        self.further.iter().map(|(name, table)| (*name, table.clone())).collect()
    }

    /// How many rows there are.
    fn __len__(&self) -> usize {
        self.batches.iter().map(RecordBatch::num_rows).sum()
    }

    /// The Arrow PyCapsule interface; may be asked as often as you like.
    #[pyo3(signature = (requested_schema=None))]
    fn __arrow_c_stream__<'py>(
        &self,
        py: Python<'py>,
        requested_schema: Option<&Bound<'py, PyAny>>,
    ) -> PyResult<Bound<'py, PyCapsule>> {
        // A consumer's wish for other types is one that the interface lets us leave unmet.
        let _ = requested_schema;
        arrow::capsule(py, Arc::clone(&self.schema), self.batches.clone())
    }

    fn __repr__(&self) -> String {
        format!("Columns({} rows: {})", self.__len__(), self.names().join(", "))
    }
}

impl Columns {
    fn of(table: Table) -> Result<Self, Problems> {
        let batch = arrow_out::batch_of(table)?;
        Ok(Self { schema: batch.schema(), batches: vec![batch], further: Vec::new() })
    }

    /// An answer and its further tables.
    pub(crate) fn of_answer(answer: Answer) -> Result<Self, Problems> {
        let mut columns = Self::of(answer.table)?;
        for (name, table) in answer.further {
            columns.further.push((name, Self::of(table)?));
        }
        Ok(columns)
    }
}

/// Runs the batch form of an operation over the columns of a data frame that it knows by name; others are left alone.
#[pyfunction]
#[pyo3(signature = (name, frame, policy=None, /, *, columns=None, progress=None))]
pub(crate) fn call_frame(
    py: Python<'_>,
    name: &str,
    frame: &Bound<'_, PyAny>,
    policy: Option<&Bound<'_, PyAny>>,
    columns: Option<BTreeMap<String, Option<String>>>,
    progress: Option<Py<PyAny>>,
) -> PyResult<Columns> {
    let op = stratum_ffi::find(name).map_err(Refused::from)?;
    let Some(batch) = op.batch else {
        let problem = Problem::new("", "no_batch_form", format!("{name} has no form over columns"));
        return Err(Refused::from(problem).into());
    };
    let policy = policy.map_or(Ok(Value::Null), to_json)?;
    let specs = batch.specs(&policy).map_err(Refused::from)?;
    let names: Vec<(String, Option<String>)> = columns.unwrap_or_default().into_iter().collect();
    known(name, &specs, &names).map_err(Refused::from)?;
    let total = if progress.is_some() { rows_of(frame) } else { None };
    let rows = arrow::rows(frame)?;
    let work = Work { name, batch, policy: &policy, wanted: Wanted { specs: &specs, names: &names } };
    let watch = Watch { progress, total, broken: OnceLock::new() };
    // Other threads of Python run meanwhile.
    let answer = py
        .detach(|| if batch.is_row_by_row() { work.by_rows(rows, &watch) } else { work.whole(rows, &watch) });
    // What ended the work from outside says more than that it was ended.
    if let Some(error) = watch.broken.into_inner() {
        return Err(error);
    }
    match answer {
        Ok(answer) => Ok(answer),
        Err(Failure::Refused(problems)) => Err(Refused::from(problems).into()),
        Err(Failure::Stream(error)) => Err(arrow::broken(&error)),
    }
}

/// Hands the columns of a data frame to `read`, as an operation reads them: for what is no answer in columns. A signal of the
/// process calls it off.
pub(crate) fn read<T: Send>(
    py: Python<'_>,
    name: &str,
    batch: &'static Batch,
    frame: &Bound<'_, PyAny>,
    columns: Option<BTreeMap<String, Option<String>>>,
    read: impl FnOnce(&[ColumnsIn<'_>], &Progress<'_>) -> Result<T, Problems> + Send,
) -> PyResult<T> {
    let specs = batch.specs(&Value::Null).map_err(Refused::from)?;
    let names: Vec<(String, Option<String>)> = columns.unwrap_or_default().into_iter().collect();
    known(name, &specs, &names).map_err(Refused::from)?;
    let rows = arrow::rows(frame)?;
    let wanted = Wanted { specs: &specs, names: &names };
    let watch = Watch { progress: None, total: None, broken: OnceLock::new() };
    // Other threads of Python run meanwhile.
    let answer = py.detach(|| -> Result<T, Failure> {
        watch.over(|progress| {
            let pieces = collected(rows, progress)?;
            let pieces = pieces.iter().map(|piece| wanted.read(piece)).collect::<Result<Vec<_>, _>>()?;
            let given: Vec<_> = pieces.iter().map(|piece| piece.columns()).collect();
            Ok(batch.read(name, &Value::Null, &given, |pieces| read(pieces, progress))?)
        })
    });
    if let Some(error) = watch.broken.into_inner() {
        return Err(error);
    }
    match answer {
        Ok(answer) => Ok(answer),
        Err(Failure::Refused(problems)) => Err(Refused::from(problems).into()),
        Err(Failure::Stream(error)) => Err(arrow::broken(&error)),
    }
}

/// Names that the operation does not know are mistakes.
fn known(operation: &str, specs: &[ColumnSpec], names: &[(String, Option<String>)]) -> Result<(), Problems> {
    let mut found = ProblemCollector::new();
    for (ours, _) in names {
        if specs.iter().all(|spec| spec.name != *ours) {
            let all: Vec<&str> = specs.iter().map(|spec| spec.name.as_ref()).collect();
            found.push(
                Problem::new(
                    pointer_step(ours),
                    "unknown_column",
                    format!("{operation} reads no column {ours}"),
                )
                .help(format!("it reads: {}", all.join(", "))),
            );
        }
    }
    found.into_result(())
}

/// How many rows a frame has, where it knows that without reading them.
fn rows_of(frame: &Bound<'_, PyAny>) -> Option<usize> {
    let py = frame.py();
    for name in [intern!(py, "num_rows"), intern!(py, "height")] {
        if let Ok(rows) = frame.getattr(name).and_then(|rows| rows.extract()) {
            return Some(rows);
        }
    }
    frame.getattr(intern!(py, "index")).and_then(|index| index.len()).ok()
}

/// Why there is no answer.
enum Failure {
    Refused(Problems),
    Stream(ArrowError),
}

impl From<Problems> for Failure {
    fn from(problems: Problems) -> Self {
        Self::Refused(problems)
    }
}

/// Who is told how far the work is, and what called it off.
struct Watch {
    progress: Option<Py<PyAny>>,
    total: Option<usize>,
    broken: OnceLock<PyErr>,
}

impl Watch {
    /// Work that now and then looks whether it is still wanted.
    fn over<T>(&self, work: impl FnOnce(&Progress<'_>) -> Result<T, Failure>) -> Result<T, Failure> {
        let looked = std::cell::Cell::new(Instant::now());
        let tell = |done| {
            if looked.get().elapsed() < BETWEEN_LOOKS {
                return ControlFlow::Continue(());
            }
            looked.set(Instant::now());
            self.tell(done)
        };
        work(&Progress::new(&tell).with_workers(&Threads))
    }

    fn tell(&self, done: usize) -> ControlFlow<()> {
        let told = Python::attach(|py| {
            py.check_signals()?;
            self.progress.as_ref().map_or(Ok(()), |progress| progress.call1(py, (done, self.total)).map(drop))
        });
        match told {
            Ok(()) => ControlFlow::Continue(()),
            Err(error) => {
                // Only the first one counts; nothing is told after it.
                let _ = self.broken.set(error);
                ControlFlow::Break(())
            }
        }
    }
}

/// A thread for each processor, for work whose parts need nothing of each other.
struct Threads;

impl Workers for Threads {
    fn run(&self, tasks: usize, task: &(dyn Fn(usize) + Sync), between: &mut dyn FnMut() -> bool) {
        let next = AtomicUsize::new(0);
        let more = || Some(next.fetch_add(1, Ordering::Relaxed)).filter(|&number| number < tasks);
        let threads = std::thread::available_parallelism().map_or(1, NonZero::get).min(tasks);
        std::thread::scope(|scope| {
            for _ in 1..threads {
                scope.spawn(|| {
                    while let Some(number) = more() {
                        task(number);
                    }
                });
            }
            while let Some(number) = more() {
                task(number);
                if !between() {
                    next.store(tasks, Ordering::Relaxed);
                }
            }
        });
    }
}

/// All pieces of a frame; one without rows where there is none. Whoever makes them may take long, so each is a look whether to
/// go on.
fn collected(rows: arrow::Rows, progress: &Progress<'_>) -> Result<Vec<RecordBatch>, Failure> {
    let mut pieces = Vec::new();
    for piece in rows.reader {
        pieces.push(piece.map_err(Failure::Stream)?);
        progress.advance(0)?;
    }
    if pieces.is_empty() {
        pieces.push(RecordBatch::new_empty(rows.schema));
    }
    Ok(pieces)
}

struct Work<'a> {
    name: &'a str,
    batch: &'static Batch,
    policy: &'a Value,
    wanted: Wanted<'a>,
}

impl Work<'_> {
    /// One piece of the stream after the other, so that no more than one is held.
    fn by_rows(&self, rows: arrow::Rows, watch: &Watch) -> Result<Columns, Failure> {
        let mut answers = Vec::new();
        let mut done = 0_usize;
        watch.over(|progress| {
            for piece in rows.reader {
                let piece = piece.map_err(Failure::Stream)?;
                done = done.saturating_add(piece.num_rows());
                answers.push(self.piece(&piece, progress)?);
            }
            if answers.is_empty() {
                answers.push(self.piece(&RecordBatch::new_empty(rows.schema), progress)?);
            }
            Ok(())
        })?;
        self.end(watch, done)?;
        let schema = answers.first().map_or_else(|| Arc::new(Schema::empty()), RecordBatch::schema);
        Ok(Columns { schema, batches: answers, further: Vec::new() })
    }

    fn piece(&self, piece: &RecordBatch, progress: &Progress<'_>) -> Result<RecordBatch, Failure> {
        let read = self.wanted.read(piece)?;
        let answer = self.batch.run(self.name, self.policy, &[read.columns()], progress)?;
        Ok(arrow_out::batch_of(answer.table)?)
    }

    /// All pieces together, where they stand.
    fn whole(&self, rows: arrow::Rows, watch: &Watch) -> Result<Columns, Failure> {
        let mut all = 0_usize;
        let answer = watch.over(|progress| {
            let pieces = collected(rows, progress)?;
            all = pieces.iter().map(RecordBatch::num_rows).sum();
            let read = pieces.iter().map(|piece| self.wanted.read(piece)).collect::<Result<Vec<_>, _>>()?;
            let given: Vec<_> = read.iter().map(|piece| piece.columns()).collect();
            Ok(self.batch.run(self.name, self.policy, &given, progress)?)
        })?;
        self.end(watch, all)?;
        Ok(Columns::of_answer(answer)?)
    }

    /// The last thing that a progress function hears is that all is done.
    fn end(&self, watch: &Watch, rows: usize) -> Result<(), Failure> {
        if watch.progress.is_some() && watch.tell(rows).is_break() {
            return Err(Failure::Refused(
                Problem::new("", "cancelled", format!("{} was called off", self.name)).into(),
            ));
        }
        Ok(())
    }
}

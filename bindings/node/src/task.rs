//! Long work over columns, beside the main thread: with progress, and to be called off.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use napi::bindgen_prelude::{AsyncTask, Float64ArraySlice, Function, Object, Uint8ArraySlice};
use napi::threadsafe_function::{ThreadsafeFunction, ThreadsafeFunctionCallMode};
use napi::{Env, ScopedTask, Status};
use napi_derive::napi;
use stratum_ffi::guard;
use stratum_ffi::stratum_core::problem::Problems;

use crate::columns::{Answer, Given, Work, positions};
use crate::errors::{Result, refused};

/// So many rows between two looks at the token.
const ROWS_AT_ONCE: usize = 65_536;

type Progress = ThreadsafeFunction<f64, (), f64, Status, false, true>;

/// An operation over columns of its own: JavaScript may change its arrays while this works.
pub struct BatchTask {
    work: Arc<Work>,
    numbers: Vec<(usize, Vec<f64>)>,
    codes: Vec<(usize, Vec<u8>)>,
    cancel: Arc<AtomicBool>,
    progress: Option<Progress>,
}

impl fmt::Debug for BatchTask {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BatchTask").field("work", &self.work).finish_non_exhaustive()
    }
}

impl BatchTask {
    /// The columns from one row to another; a column that ends before is as short as it is, so that it is refused.
    fn rows(&self, from: usize, to: usize) -> Given<'_> {
        fn part<T>(values: &[T], from: usize, to: usize) -> &[T] {
            values.get(from..to).or_else(|| values.get(from..)).unwrap_or_default()
        }
        Given {
            numbers: self.numbers.iter().map(|(at, values)| (*at, part(values, from, to))).collect(),
            codes: self.codes.iter().map(|(at, values)| (*at, part(values, from, to))).collect(),
        }
    }

    /// `None` where it was called off.
    fn run(&self) -> std::result::Result<Option<Answer>, Problems> {
        let whole = self.rows(0, usize::MAX);
        let rows = whole.rows();
        let equal = whole.numbers.iter().all(|(_, values)| values.len() == rows)
            && whole.codes.iter().all(|(_, values)| values.len() == rows);
        if !equal {
            return self.work.run(&whole).map(Some);
        }
        let mut done = 0_usize;
        let mut answer: Option<Answer> = None;
        loop {
            if self.cancel.load(Ordering::Relaxed) {
                return Ok(None);
            }
            let end = done.saturating_add(ROWS_AT_ONCE).min(rows);
            let part = self.work.run(&self.rows(done, end))?;
            match &mut answer {
                Some(answer) => answer.append(part),
                none => *none = Some(part),
            }
            done = end;
            if done >= rows {
                return Ok(answer);
            }
            // The last one is told by JavaScript: from here it might come after the answer.
            if let Some(progress) = &self.progress {
                let part = share(done, rows);
                progress.call(part, ThreadsafeFunctionCallMode::NonBlocking);
            }
        }
    }
}

fn share(done: usize, of: usize) -> f64 {
    let count = |rows: usize| u32::try_from(rows).map_or(f64::from(u32::MAX), f64::from);
    count(done) / count(of)
}

impl<'task> ScopedTask<'task> for BatchTask {
    type Output = std::result::Result<Option<Answer>, Problems>;
    type JsValue = Object<'task>;

    /// A panic that left this would end the process.
    fn compute(&mut self) -> napi::Result<Self::Output> {
        Ok(guard("batch", || self.run().map(Ok)).unwrap_or_else(Err))
    }

    fn resolve(&mut self, env: &'task Env, output: Self::Output) -> napi::Result<Self::JsValue> {
        match output {
            Ok(Some(answer)) => answer.object(env),
            Ok(None) => Err(napi::Error::new(Status::Cancelled, "the work was called off")),
            Err(problems) => Err(refused(&problems)),
        }
    }
}

/// An operation over columns under one policy, which can be called off. An `AbortSignal` stays in JavaScript: handing it
/// over would replace what its owner set as `onabort`.
#[napi]
#[derive(Debug)]
pub struct Batch {
    work: Arc<Work>,
    cancel: Arc<AtomicBool>,
}

#[napi]
impl Batch {
    /// The batch form of an operation, with its policy as JSON text.
    #[napi(constructor, catch_unwind)]
    pub fn new(operation: String, policy: String) -> Result<Self> {
        let work = guard("batch", || Work::new(operation, &policy)).map_err(|problems| refused(&problems))?;
        Ok(Self { work: Arc::new(work), cancel: Arc::default() })
    }

    /// Runs over the columns: numbers and codes, with the positions of their columns.
    #[napi(catch_unwind)]
    pub fn run<'env>(
        &self,
        env: &'env Env,
        number_positions: Vec<u32>,
        numbers: Vec<Float64ArraySlice<'_>>,
        code_positions: Vec<u32>,
        codes: Vec<Uint8ArraySlice<'_>>,
    ) -> Result<Object<'env>> {
        let given = Given {
            numbers: positions(&number_positions).zip(numbers.iter().map(|values| &**values)).collect(),
            codes: positions(&code_positions).zip(codes.iter().map(|values| &**values)).collect(),
        };
        let answer = guard("batch", || self.work.run(&given));
        answer.map_err(|problems| refused(&problems))?.object(env)
    }

    /// Runs over a copy of the columns, beside the main thread. `progress` hears of the share that is done.
    #[napi(catch_unwind)]
    pub fn run_beside(
        &self,
        number_positions: Vec<u32>,
        numbers: Vec<Float64ArraySlice<'_>>,
        code_positions: Vec<u32>,
        codes: Vec<Uint8ArraySlice<'_>>,
        progress: Option<Function<'_, f64, ()>>,
    ) -> Result<AsyncTask<BatchTask>> {
        let progress = progress
            .map(|progress| {
                progress.build_threadsafe_function::<f64>().callee_handled::<false>().weak::<true>().build()
            })
            .transpose()?;
        Ok(AsyncTask::new(BatchTask {
            work: Arc::clone(&self.work),
            numbers: positions(&number_positions).zip(numbers.iter().map(|values| values.to_vec())).collect(),
            codes: positions(&code_positions).zip(codes.iter().map(|values| values.to_vec())).collect(),
            cancel: Arc::clone(&self.cancel),
            progress,
        }))
    }

    /// Calls the work off.
    #[napi(catch_unwind)]
    pub fn cancel(&self) {
        self.cancel.store(true, Ordering::Relaxed);
    }
}

//! Long work over columns, beside the main thread: with progress, and to be called off.

use std::fmt;
use std::ops::ControlFlow;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use napi::bindgen_prelude::{
    AsyncTask, BigInt64ArraySlice, Float64ArraySlice, Function, Int32ArraySlice, Object, Uint8ArraySlice,
};
use napi::threadsafe_function::{ThreadsafeFunction, ThreadsafeFunctionCallMode};
use napi::{Env, ScopedTask, Status};
use napi_derive::napi;
use stratum_ffi::guard;
use stratum_ffi::stratum_core::problem::Problems;

use crate::columns::{Answer, Given, TextParts, Work, positions};
use crate::errors::{Result, refused};

type Progress = ThreadsafeFunction<f64, (), f64, Status, false, true>;

/// The position of a column of texts, its offsets, its bytes, and a bit for each row that is there.
type OwnTexts = (usize, Vec<i32>, Vec<u8>, Vec<u8>);

/// Columns of this side's own.
#[derive(Debug, Default)]
struct Own {
    numbers: Vec<(usize, Vec<f64>)>,
    codes: Vec<(usize, Vec<u8>)>,
    integers: Vec<(usize, Vec<i64>)>,
    texts: Vec<OwnTexts>,
}

impl Own {
    fn given(&self) -> Given<'_> {
        Given {
            numbers: self.numbers.iter().map(|(at, values)| (*at, values.as_slice())).collect(),
            codes: self.codes.iter().map(|(at, values)| (*at, values.as_slice())).collect(),
            integers: self.integers.iter().map(|(at, values)| (*at, values.as_slice())).collect(),
            texts: (self.texts.iter())
                .map(|(at, offsets, bytes, valid)| (*at, TextParts { offsets, bytes, valid }))
                .collect(),
        }
    }
}

/// An operation over columns of its own: JavaScript may change its arrays while this works.
pub struct BatchTask {
    work: Arc<Work>,
    own: Own,
    cancel: Arc<AtomicBool>,
    progress: Option<Progress>,
}

impl fmt::Debug for BatchTask {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BatchTask").field("work", &self.work).finish_non_exhaustive()
    }
}

impl BatchTask {
    /// `None` where it was called off.
    fn run(&self) -> std::result::Result<Option<Answer>, Problems> {
        let called_off = || self.cancel.load(Ordering::Relaxed);
        if called_off() {
            return Ok(None);
        }
        let answer = self.work.run(&self.own.given(), &|done, rows| {
            if called_off() {
                return ControlFlow::Break(());
            }
            // The last one is told by JavaScript: from here it might come after the answer.
            if let Some(progress) = self.progress.as_ref().filter(|_| done < rows) {
                progress.call(share(done, rows), ThreadsafeFunctionCallMode::NonBlocking);
            }
            ControlFlow::Continue(())
        });
        if called_off() { Ok(None) } else { answer.map(Some) }
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

    /// The columns that it reads under its policy, as JSON.
    #[napi(catch_unwind)]
    pub fn columns(&self) -> String {
        self.work.columns()
    }

    /// Runs over the columns: numbers, codes, whole numbers and the parts of texts, each with the positions of their
    /// columns.
    #[napi(catch_unwind)]
    #[allow(
        clippy::too_many_arguments,
        reason = "reading the fields of an object costs more; the macro doubles an expect"
    )]
    pub fn run<'env>(
        &self,
        env: &'env Env,
        number_positions: Vec<u32>,
        numbers: Vec<Float64ArraySlice<'_>>,
        code_positions: Vec<u32>,
        codes: Vec<Uint8ArraySlice<'_>>,
        integer_positions: Vec<u32>,
        integers: Vec<BigInt64ArraySlice<'_>>,
        text_positions: Vec<u32>,
        text_offsets: Vec<Int32ArraySlice<'_>>,
        text_bytes: Vec<Uint8ArraySlice<'_>>,
        text_valid: Vec<Uint8ArraySlice<'_>>,
    ) -> Result<Object<'env>> {
        let texts = text_offsets.iter().zip(&text_bytes).zip(&text_valid);
        let given = Given {
            numbers: positions(&number_positions).zip(numbers.iter().map(|values| &**values)).collect(),
            codes: positions(&code_positions).zip(codes.iter().map(|values| &**values)).collect(),
            integers: positions(&integer_positions).zip(integers.iter().map(|values| &**values)).collect(),
            texts: positions(&text_positions)
                .zip(texts.map(|((offsets, bytes), valid)| TextParts { offsets, bytes, valid }))
                .collect(),
        };
        let answer = guard("batch", || self.work.run(&given, &|_, _| ControlFlow::Continue(())));
        answer.map_err(|problems| refused(&problems))?.object(env)
    }

    /// Runs over a copy of the columns, beside the main thread. `progress` hears of the share that is done.
    #[napi(catch_unwind)]
    #[allow(
        clippy::too_many_arguments,
        reason = "reading the fields of an object costs more; the macro doubles an expect"
    )]
    pub fn run_beside(
        &self,
        number_positions: Vec<u32>,
        numbers: Vec<Float64ArraySlice<'_>>,
        code_positions: Vec<u32>,
        codes: Vec<Uint8ArraySlice<'_>>,
        integer_positions: Vec<u32>,
        integers: Vec<BigInt64ArraySlice<'_>>,
        text_positions: Vec<u32>,
        text_offsets: Vec<Int32ArraySlice<'_>>,
        text_bytes: Vec<Uint8ArraySlice<'_>>,
        text_valid: Vec<Uint8ArraySlice<'_>>,
        progress: Option<Function<'_, f64, ()>>,
    ) -> Result<AsyncTask<BatchTask>> {
        let progress = progress
            .map(|progress| {
                progress.build_threadsafe_function::<f64>().callee_handled::<false>().weak::<true>().build()
            })
            .transpose()?;
        let texts = text_offsets.iter().zip(&text_bytes).zip(&text_valid);
        let own = Own {
            numbers: positions(&number_positions).zip(numbers.iter().map(|values| values.to_vec())).collect(),
            codes: positions(&code_positions).zip(codes.iter().map(|values| values.to_vec())).collect(),
            integers: positions(&integer_positions)
                .zip(integers.iter().map(|values| values.to_vec()))
                .collect(),
            texts: positions(&text_positions)
                .zip(texts)
                .map(|(at, ((offsets, bytes), valid))| (at, offsets.to_vec(), bytes.to_vec(), valid.to_vec()))
                .collect(),
        };
        Ok(AsyncTask::new(BatchTask {
            work: Arc::clone(&self.work),
            own,
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

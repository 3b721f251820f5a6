//! The one place where JavaScript lays down a request of a hot operation as numbers, and finds the answer.
//!
//! Handing over an array costs more than a decision. So here an array is handed over once, over memory that both sides
//! know, and what crosses for each decision is a call without arguments.

use std::cell::Cell;
use std::rc::Rc;

use napi::Env;
use napi::bindgen_prelude::{Float64ArraySlice, Function, Object};
use napi_derive::napi;

use crate::decisions::ask;
use crate::errors::Result;

/// The memory: the handle of what is asked, the slots of the request, the slots of the answer.
type Slots = Rc<[Cell<f64>]>;

/// The handle, the slots of the request, and those of the answer.
type Parts<'a> = (&'a Cell<f64>, &'a [Cell<f64>], &'a [Cell<f64>]);

/// Makes a desk for requests and answers of so many numbers: `slots` is the array, `run` decides on what lies there, and `whole`
/// gives the whole answer as JSON text.
///
/// Where the facts must go the long way, they answer `false` and `null`. Each call makes a desk of its own, so each worker has one.
#[napi(catch_unwind)]
pub fn desk(env: &Env, asked: u32, answer: u32) -> Result<Object<'_>> {
    let numbers = u64::from(asked).saturating_add(u64::from(answer)).saturating_add(1);
    let numbers = usize::try_from(numbers).map_err(|error| napi::Error::from_reason(error.to_string()))?;
    let slots: Slots = std::iter::repeat_n(Cell::new(f64::NAN), numbers).collect();
    let mut desk = Object::new(env)?;
    desk.set("slots", array_over(env, &slots)?)?;
    desk.set("run", runner(env, Rc::clone(&slots), asked)?)?;
    desk.set("whole", teller(env, slots, asked)?)?;
    Ok(desk)
}

fn runner(env: &Env, slots: Slots, asked: u32) -> Result<Function<'_, (), bool>> {
    // What napi makes of a closure catches a panic, and the decision runs under a guard of its own.
    env.create_function_from_closure("run", move |_| Ok(decided(&slots, asked).unwrap_or(false)))
}

fn decided(slots: &[Cell<f64>], asked: u32) -> Option<bool> {
    let (handle, asked, answer) = parts(slots, asked)?;
    ask(handle_of(handle.get())?, |compiled| compiled.run(asked, answer))
}

fn teller(env: &Env, slots: Slots, asked: u32) -> Result<Function<'_, (), Option<String>>> {
    env.create_function_from_closure("whole", move |_| Ok(told(&slots, asked)))
}

fn told(slots: &[Cell<f64>], asked: u32) -> Option<String> {
    let (handle, asked, _) = parts(slots, asked)?;
    ask(handle_of(handle.get())?, |compiled| compiled.whole(asked)).flatten()
}

/// The parts of a desk whose requests have so many numbers.
pub fn parts(slots: &[Cell<f64>], asked: u32) -> Option<Parts<'_>> {
    let (handle, slots) = slots.split_first()?;
    let (asked, answer) = slots.split_at_checked(usize::try_from(asked).ok()?)?;
    Some((handle, asked, answer))
}

/// The handle that was written as a number.
fn handle_of(number: f64) -> Option<usize> {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a cast from float saturates, and a number that is no handle is compared with what it became"
    )]
    let handle = number as u32;
    (f64::from(handle) == number).then(|| usize::try_from(handle).ok())?
}

/// An array of JavaScript over these slots.
fn array_over<'env>(env: &'env Env, slots: &Slots) -> Result<Float64ArraySlice<'env>> {
    let place = slots.as_ptr().cast::<f64>().cast_mut();
    // SAFETY: the array lives in memory that this clone of `slots` keeps until JavaScript has given the array up, which
    // napi says by calling the last argument. Both sides write it, which a `Cell` allows; never at the same time, for
    // JavaScript stands still while Rust runs, and no other thread has the array (a worker calls `desk` for its own).
    let array = unsafe {
        Float64ArraySlice::from_external(env, place, slots.len(), Rc::clone(slots), |_, slots| drop(slots))?
    };
    // An engine that knows no foreign memory (Electron) got a copy, in which nothing would ever be found.
    if std::ptr::eq(array.as_ptr(), place) {
        Ok(array)
    } else {
        Err(napi::Error::from_reason("this engine shares no memory"))
    }
}

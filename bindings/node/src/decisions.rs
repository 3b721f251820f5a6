//! The hot operations: numbers in, numbers out. `lib/hot.cjs` writes and reads them.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use napi::bindgen_prelude::Float64ArraySlice;
use napi_derive::napi;
use stratum_ffi::hot;

use crate::desk;
use crate::errors::{Result, refused};

thread_local! {
    /// What was validated in this thread. A worker is a thread, and sees its own alone.
    static VALIDATED: RefCell<Validated> = const { RefCell::new(Validated { at: Vec::new(), free: Vec::new() }) };
}

/// What was validated, each at its handle, and the handles that are free again.
struct Validated {
    at: Vec<Option<Rc<hot::Compiled>>>,
    free: Vec<usize>,
}

impl Validated {
    /// Keeps it and gives its handle.
    fn keep(&mut self, compiled: Rc<hot::Compiled>) -> usize {
        let handle = self.free.pop().unwrap_or_else(|| {
            self.at.push(None);
            self.at.len().saturating_sub(1)
        });
        if let Some(place) = self.at.get_mut(handle) {
            *place = Some(compiled);
        }
        handle
    }

    fn give_up(&mut self, handle: usize) {
        if self.at.get_mut(handle).and_then(Option::take).is_some() {
            self.free.push(handle);
        }
    }
}

/// Asks what has this handle; `None` for a handle of nothing.
pub fn ask<T>(handle: usize, question: impl FnOnce(&hot::Compiled) -> T) -> Option<T> {
    VALIDATED.with_borrow(|all| Some(question(all.at.get(handle)?.as_deref()?)))
}

/// An operation with its policy, validated once. The `run` of a desk finds it by its handle.
#[napi]
#[derive(Debug)]
pub struct Compiled {
    inside: Rc<hot::Compiled>,
    handle: usize,
}

#[napi]
impl Compiled {
    /// Validates a policy: JSON text, `null` for the defaults.
    #[napi(constructor, catch_unwind)]
    pub fn new(operation: String, policy: String) -> Result<Self> {
        let inside = Rc::new(hot::Compiled::new(&operation, &policy).map_err(|problems| refused(&problems))?);
        let handle = VALIDATED.with_borrow_mut(|all| all.keep(Rc::clone(&inside)));
        Ok(Self { inside, handle })
    }

    /// What the desk knows it by, as long as this object lives.
    #[napi(catch_unwind)]
    pub fn handle(&self) -> Result<u32> {
        u32::try_from(self.handle).map_err(|error| napi::Error::from_reason(error.to_string()))
    }

    /// What `run` of a desk does, over slots of JavaScript's own, the first of them aside: for an engine that knows no
    /// foreign memory (Electron). Handing them over costs more than the decision.
    #[napi(catch_unwind)]
    pub fn run_over(&self, mut slots: Float64ArraySlice<'_>, asked: u32) -> bool {
        // SAFETY: this is the one array of the call, and JavaScript stands still until this returns.
        let slots = Cell::from_mut(unsafe { slots.as_mut() }).as_slice_of_cells();
        desk::parts(slots, asked).is_some_and(|(_, asked, answer)| self.inside.run(asked, answer))
    }

    /// The whole answer to the facts in `asked`, as JSON text.
    #[napi(catch_unwind)]
    pub fn full(&self, asked: &[f64], texts: Vec<String>) -> Result<String> {
        self.inside.full(asked, &texts).map_err(|problems| refused(&problems))
    }

    /// The policy as JSON text, defaults included.
    #[napi(catch_unwind)]
    pub fn policy(&self) -> Result<String> {
        self.inside.policy().map_err(|problems| refused(&problems))
    }

    /// SHA-256 of the trust policy.
    #[napi(catch_unwind)]
    pub fn policy_digest(&self) -> Option<String> {
        self.inside.policy_digest()
    }

    /// The score from which a change of this type passes the gate.
    #[napi(catch_unwind)]
    pub fn threshold(&self, action_type: String) -> Result<Option<f64>> {
        self.inside.threshold(&action_type).map_err(|problems| refused(&problems))
    }
}

impl Drop for Compiled {
    fn drop(&mut self) {
        // When a thread ends, what was kept in it may have gone before the objects of its JavaScript.
        let _gone_before = VALIDATED.try_with(|all| all.borrow_mut().give_up(self.handle));
    }
}

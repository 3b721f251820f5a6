//! The hot operations: `js/hot.js` writes the facts as numbers right into this memory, and reads the answer from it.

use std::cell::{Cell, RefCell};

use stratum_ffi::hot;
use wasm_bindgen::prelude::*;

use crate::as_json;

thread_local! {
    static ASKED: RefCell<Vec<f64>> = const { RefCell::new(Vec::new()) };
    static ANSWER: RefCell<Vec<f64>> = const { RefCell::new(Vec::new()) };
}

/// A place for a request of so many numbers; it stays where it is.
#[wasm_bindgen(js_name = askedSlots)]
#[must_use]
pub fn asked_slots(numbers: usize) -> *mut f64 {
    ASKED.with_borrow_mut(|asked| {
        asked.resize(numbers, f64::NAN);
        asked.as_mut_ptr()
    })
}

/// A place for an answer of so many numbers; it stays where it is.
#[wasm_bindgen(js_name = answerSlots)]
#[must_use]
pub fn answer_slots(numbers: usize) -> *mut f64 {
    ANSWER.with_borrow_mut(|answer| {
        answer.resize(numbers, f64::NAN);
        answer.as_mut_ptr()
    })
}

fn cells(numbers: &mut [f64]) -> &[Cell<f64>] {
    Cell::from_mut(numbers).as_slice_of_cells()
}

/// An operation with its policy, validated once.
#[wasm_bindgen]
#[derive(Debug)]
pub struct Compiled(hot::Compiled);

#[wasm_bindgen]
impl Compiled {
    /// Validates a policy: JSON text, `null` for the defaults.
    ///
    /// # Errors
    /// Every problem of the policy.
    #[wasm_bindgen(constructor)]
    pub fn new(operation: &str, policy: &str) -> Result<Compiled, String> {
        hot::Compiled::new(operation, policy).map(Self).map_err(|problems| as_json(&problems))
    }

    /// Decides on the facts in the one place and writes the answer to the other; `false` where the facts must go the long
    /// way.
    #[must_use]
    pub fn run(&self) -> bool {
        ASKED
            .with_borrow_mut(|asked| ANSWER.with_borrow_mut(|answer| self.0.run(cells(asked), cells(answer))))
    }

    /// The whole answer to the facts in the one place, as JSON text; nothing where the facts must go the long way.
    #[must_use]
    pub fn whole(&self) -> Option<String> {
        ASKED.with_borrow_mut(|asked| self.0.whole(cells(asked)))
    }

    /// The whole answer to the facts in `asked`, as JSON text.
    ///
    /// # Errors
    /// `internal`, where the numbers are not those of a request that was answered before.
    pub fn full(&self, asked: &[f64], texts: Vec<String>) -> Result<String, String> {
        self.0.full(asked, &texts).map_err(|problems| as_json(&problems))
    }

    /// The policy as JSON text, defaults included.
    ///
    /// # Errors
    /// None in practice: a policy that was read can be written.
    pub fn policy(&self) -> Result<String, String> {
        self.0.policy().map_err(|problems| as_json(&problems))
    }

    /// SHA-256 of the trust policy.
    #[wasm_bindgen(js_name = policyDigest)]
    #[must_use]
    pub fn policy_digest(&self) -> Option<String> {
        self.0.policy_digest()
    }

    /// The score from which a change of this type passes the gate.
    ///
    /// # Errors
    /// `unknown_value` for a type that does not exist.
    pub fn threshold(&self, action_type: &str) -> Result<Option<f64>, String> {
        self.0.threshold(action_type).map_err(|problems| as_json(&problems))
    }
}
